"""Words around a figure that say what it is about: where they stand, found once for a whole text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Generic, TypeVar

from ahocorasick_rs import AhoCorasick, MatchKind

__all__ = ["TIMES", "Cue", "CueFinder", "Cues", "blank", "clause_at", "clause_starts", "lower"]

TIMES: Final = ("period", "date", "duration")
"""The kinds of figures that are no amounts."""

_Payload = TypeVar("_Payload")

_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_CLAUSE = re.compile(
    r"[。!?！？；;\n:：—()（）「」『』“”]|[，、]|,(?!\d)|(?<!\d),|\.(?=\s|$)|"
    r" (?:while|but|although|though|whereas|which|as|after|because|compared|versus)(?= )"
    r"|(?<![反從因然進時甚幾])而(?!且)|但|並|且|儘管|對比|相較"
)


def lower(view: str) -> str:
    """Return the text with ASCII capitals made small; every other character, and so the length, stays."""
    return view.translate(_LOWER)


def clause_starts(view: str) -> list[int]:
    """Return where the clauses of a text begin, in order; the first begins at 0.

    A cut comes after a mark and before a word: 「收入達 5 億元，優於預期」 has two clauses, 1,250 has none.
    """
    starts = [0]
    for match in _CLAUSE.finditer(view):
        text = match[0]
        starts.append(match.start() if text[0].isalpha() or text[0] == " " else match.end())
    return starts


def clause_at(starts: list[int], start: int, end: int, size: int) -> tuple[int, int]:
    """Return where the clause around a span begins and ends, given where the clauses of the text begin."""
    index = bisect_right(starts, start) - 1
    following = bisect_left(starts, end)
    return starts[index], starts[following] if following < len(starts) else size


def blank(view: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text, as long as it was, with spaces for the spans (which are in order and do not overlap)."""
    pieces, last = [], 0
    for start, end in spans:
        pieces += [view[last:start], " " * (end - start)]
        last = end
    return "".join([*pieces, view[last:]])


@dataclass(frozen=True, slots=True)
class Cue(Generic[_Payload]):
    """A word of a table in the text, and what the table says about it."""

    start: int
    end: int
    what: _Payload


class CueFinder(Generic[_Payload]):
    """Finds the words of a table, the longest one at each place; Latin words only whole."""

    def __init__(self, words: Mapping[str, _Payload]) -> None:
        self._words = words

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick([lower(word) for word in self._words], matchkind=MatchKind.LeftmostLongest)

    def find(self, lowered: str) -> Cues[_Payload]:
        """Return the cues in a text whose ASCII letters are small (see `lower`)."""
        payloads = list(self._words.values())
        return Cues(
            Cue(start, end, payloads[index])
            for index, start, end in self._automaton.find_matches_as_indexes(lowered)
            if _is_whole(lowered, start, end)
        )


def _is_whole(lowered: str, start: int, end: int) -> bool:
    first, last = lowered[start], lowered[end - 1]
    before, after = lowered[start - 1 : start], lowered[end : end + 1]
    if first.isascii() and first.isalnum() and before.isascii() and before.isalnum():
        return False
    return not (last.isascii() and last.isalnum() and after.isascii() and after.isalnum())


class Cues(Generic[_Payload]):
    """Cues in order, with look-ups that do not scan."""

    def __init__(self, cues: Iterable[Cue[_Payload]]) -> None:
        self._cues = list(cues)
        self._starts = [cue.start for cue in self._cues]
        self._ends = [cue.end for cue in self._cues]  # cues do not overlap, so the ends are in order too

    def __iter__(self) -> Iterator[Cue[_Payload]]:
        return iter(self._cues)

    def before(self, position: int, *, floor: int) -> Cue[_Payload] | None:
        """Return the last cue that ends at or before `position` and begins at or after `floor`."""
        index = bisect_right(self._ends, position) - 1
        if index < 0 or self._starts[index] < floor:
            return None
        return self._cues[index]

    def after(self, position: int, *, ceiling: int) -> Cue[_Payload] | None:
        """Return the first cue that begins at or after `position` and ends at or before `ceiling`."""
        index = bisect_left(self._starts, position)
        if index >= len(self._cues) or self._ends[index] > ceiling:
            return None
        return self._cues[index]
