"""Sentences → windows of tokens that a transformer can read, and back to one row per sentence.

A window holds consecutive sentences of one text, so that each is read with its neighbours. Nothing is dropped: a
sentence longer than a window is read in several pieces, whose vectors are averaged by their token counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Batch", "Piece", "Special", "Window", "batches", "make_batch", "make_windows"]

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Special:
    """Token ids that open and close a window and fill a batch."""

    cls: int
    sep: int
    pad: int


@dataclass(frozen=True, slots=True)
class Piece:
    """The tokens `start:end` of a window that belong to row `sentence`; `share` of that sentence's tokens."""

    sentence: int
    start: int
    end: int
    share: float


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids with their opening and closing ones, and the pieces of sentences inside."""

    ids: tuple[int, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one call of the encoder gets.

    `input_ids`, `attention_mask`: windows × tokens. `pool`: windows × pieces × tokens, a row averages one piece.
    `windows` are the positions of the batch's windows in the list that was batched.
    """

    input_ids: Integers
    attention_mask: Integers
    pool: Floats
    windows: tuple[int, ...]


def make_windows(sentences: Sequence[Sequence[int]], *, size: int, special: Special, first: int = 0) -> list[Window]:
    """Return windows of at most `size` tokens over the tokenised sentences of one text.

    :param sentences: token ids of each sentence, without special tokens; one without tokens gets no piece.
    :param first: the row number of the first sentence, for lists that hold several texts.
    """
    room = size - 2
    windows: list[Window] = []
    ids: list[int] = [special.cls]
    pieces: list[Piece] = []

    def close() -> None:
        if pieces:
            windows.append(Window((*ids, special.sep), tuple(pieces)))
        del ids[1:], pieces[:]

    for row, tokens in enumerate(sentences, first):
        if len(ids) - 1 + len(tokens) > room:
            close()
        for at in range(0, len(tokens), room):
            part = tokens[at : at + room]
            if len(ids) - 1 + len(part) > room:
                close()
            pieces.append(Piece(row, len(ids), len(ids) + len(part), len(part) / len(tokens)))
            ids.extend(part)
    close()
    return windows


def make_batch(windows: Sequence[Window], numbers: Sequence[int], *, special: Special) -> Batch:
    """Return the padded arrays for the windows with these numbers."""
    chosen = [windows[number] for number in numbers]
    width = max(len(window.ids) for window in chosen)
    height = max(len(window.pieces) for window in chosen)
    input_ids = np.full((len(chosen), width), special.pad, dtype=np.int64)
    attention = np.zeros((len(chosen), width), dtype=np.int64)
    pool = np.zeros((len(chosen), height, width), dtype=np.float32)
    for at, window in enumerate(chosen):
        input_ids[at, : len(window.ids)] = window.ids
        attention[at, : len(window.ids)] = 1
        for slot, piece in enumerate(window.pieces):
            pool[at, slot, piece.start : piece.end] = 1 / (piece.end - piece.start)
    return Batch(input_ids, attention, pool, tuple(numbers))


def batches(windows: Sequence[Window], *, tokens: int, special: Special) -> Iterator[Batch]:
    """Yield batches of windows of like length, each of at most `tokens` tokens with its padding."""
    order = sorted(range(len(windows)), key=lambda number: len(windows[number].ids), reverse=True)
    at = 0
    while at < len(order):
        count = max(1, tokens // len(windows[order[at]].ids))
        yield make_batch(windows, order[at : at + count], special=special)
        at += count


def gather(rows: Any, vectors: Any, windows: Sequence[Window], batch: Batch) -> None:
    """Add a batch's piece vectors (windows × pieces × width) to the rows of their sentences, by share."""
    for at, number in enumerate(batch.windows):
        for slot, piece in enumerate(windows[number].pieces):
            rows[piece.sentence] += piece.share * vectors[at, slot]
