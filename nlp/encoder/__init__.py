"""The transformer pass: sentences of many texts → one vector for each sentence, read in its context.

ONNX Runtime on the CPU by default; PyTorch for a GPU or for another encoder. Both read the same windows of many texts,
and give the same numbers within rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from .windows import Batch, Floats, Special, Window, batches, gather, make_windows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = [
    "Batch",
    "Encoder",
    "Floats",
    "Runner",
    "Special",
    "Window",
    "batches",
    "load_tokenizer",
    "make_windows",
    "onnx_runner",
    "tokenise",
]

Runner = Callable[[Batch], Floats]
"""A batch → vectors, windows × pieces × width."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A tokenizer, a way to run batches, and the window they were made for.

    :param width: length of a sentence vector.
    :param window: tokens in a window, special ones included.
    :param batch_tokens: padded tokens in one call. 1 makes every window a call of its own, which is right for INT8 on a
        CPU: activations are scaled by the largest of a call, so windows that share one would change each other's
        numbers; and nothing is padded, so it is no slower. PyTorch wants large batches.
    """

    name: str
    tokenizer: Tokenizer
    special: Special
    run: Runner
    width: int
    window: int = 256
    batch_tokens: int = 1

    def encode(self, texts: Sequence[Sequence[str]]) -> list[Floats]:
        """Return for each text an array, sentences × width; a sentence without tokens is a row of zeros."""
        flat = [sentence for text in texts for sentence in text]
        tokens = tokenise(self.tokenizer, flat)
        windows: list[Window] = []
        first = 0
        for text in texts:
            own = tokens[first : first + len(text)]
            windows += make_windows(own, size=self.window, special=self.special, first=first)
            first += len(text)
        rows = np.zeros((len(flat), self.width), dtype=np.float32)
        for batch in batches(windows, tokens=self.batch_tokens, special=self.special):
            gather(rows, self.run(batch), windows, batch)
        ends = np.cumsum([len(text) for text in texts])
        return [rows[end - len(text) : end] for text, end in zip(texts, ends, strict=True)]


def tokenise(tokenizer: Tokenizer, sentences: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each sentence, whole and without special tokens."""
    found = tokenizer.encode_batch_fast(list(sentences), add_special_tokens=False)
    return [encoding.ids for encoding in found]


def load_tokenizer(path: Path) -> Tokenizer:
    """Return the tokenizer in a ``tokenizer.json``, with truncation and padding off: texts are read whole."""
    from tokenizers import Tokenizer

    if not path.is_file():
        raise ModelError(f"{path} is missing; expected the encoder's fast tokenizer (tokenizer.json)")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def onnx_runner(path: Path, *, threads: int | None = None) -> Runner:
    """Return a runner of an ONNX graph (inputs input_ids, attention_mask, pool; output vectors) on the CPU.

    :param threads: cores to use; all when None.
    """
    import onnxruntime

    if not path.is_file():
        raise ModelError(f"{path} is missing; the model folder is incomplete: install it again or train a model")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(batch: Batch) -> Floats:
        feed = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask, "pool": batch.pool}
        vectors: Floats = session.run(["vectors"], feed)[0]
        return vectors

    return run
