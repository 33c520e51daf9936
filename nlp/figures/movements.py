"""Movements: which way an amount went (up, down, flat), and what it is compared with (yoy, qoq, mom, dod)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from ..lexicon import read_table
from ..records import Basis, Direction, Figure
from .cues import TIMES, CueFinder, Cues, blank, clause_at, clause_starts, lower

__all__ = ["SELF_TOLD", "Movement", "add_movements", "find_movements"]

_MOVING: Final = ("money", "percent", "pp", "points", "count", "quantity", "multiple", "number", "fraction")
_NEAR: Final = 12  # characters between a Chinese word and its amount; Latin letters count a third
SELF_TOLD = re.compile(r"(?:翻|倍增|doubl|tripl|quadrupl)|(?:腰斬|減半|halv)", re.IGNORECASE)
_START = re.compile(  # the amount that follows is where the way began: from $8.1 billion, 由 500 元
    r"(?:[由從自]|(?<![a-z])from)"
    r"(?:去年|前年|上季|上月|先前|原先|原本|約|的|年初|年底|同期| |a |an |the |about|around|roughly|just){0,4}$"
)
_AIM = re.compile(r"[至到為回破上]| to(?: |$)")  # 500 元上調至: the word belongs to the amount that it leads to
_COMPARED = re.compile(  # 比去年同期高 1.4 個百分點, 少了六成
    r"(?:比|較)[^,，。]{1,24}(?:(?P<up>[高多])|(?P<down>[低少]))(?:了|出|約|近|逾|將近| ){0,3}$"
)
_COMPARED_AFTER = re.compile(
    r" ?(?:(?P<up>above|higher than|more than)|(?P<down>below|lower than|less than)) ", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Movement:
    """What a row of movements.tsv says."""

    direction: Direction | None
    basis: Basis | None


@cache
def _finder() -> CueFinder[Movement]:
    rows = read_table("movements.tsv")
    return CueFinder({row["form"]: Movement(row["direction"] or None, row["basis"] or None) for row in rows})  # type: ignore[arg-type]


def find_movements(folded: str, figures: Sequence[Figure]) -> Cues[Movement]:
    """Return the movement words of a text; none begins within a time: 2030 年 | 成長 is no 年成長."""
    times = [(figure.start, figure.end) for figure in figures if figure.kind in ("period", "date")]
    ends = {place: end for start, end in times for place in range(start + 1, end)}
    found = [cue for cue in _finder().find(lower(folded)) if cue.start not in ends or cue.end <= ends[cue.start]]
    taken = {place for cue in found for place in range(cue.start, cue.end)}
    behind = _finder().find(lower(blank(folded, times)))
    found += [cue for cue in behind if cue.start not in taken and cue.end - 1 not in taken]
    return Cues(sorted(found, key=lambda cue: cue.start))


def add_movements(folded: str, figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures with the direction and the basis that the words of their clause give them."""
    cues = find_movements(folded, figures)
    clauses = clause_starts(folded)
    moved = []
    previous_end = 0  # of the amount before: a word before it is about that one
    for place, figure in enumerate(figures):
        if figure.kind in _MOVING:
            floor, ceiling = clause_at(clauses, figure.start, figure.end, len(folded))
            following = next((f.start for f in figures[place + 1 : place + 3] if f.kind not in TIMES), len(folded))
            followed = following < ceiling  # NT$19.50 rose 35%: the word between is about the second
            moved.append(
                _with_movement(folded, figure, cues, max(floor, previous_end), min(ceiling, following), followed)
            )
            previous_end = figure.end
        else:
            moved.append(figure)
    return moved


def _with_movement(
    folded: str, figure: Figure, cues: Cues[Movement], floor: int, ceiling: int, followed: bool
) -> Figure:
    told = SELF_TOLD.match(folded, figure.start)
    if told is not None:  # 翻倍, halved: the amount is the movement
        return replace(figure, direction="up" if told[0][0] in "翻倍dDtTqQ" else "down")
    ahead = folded[max(floor, figure.start - 40) : figure.start]
    direction: Direction | None = None
    basis: Basis | None = None
    before = cues.before(figure.start, floor=floor)
    if before is not None and _is_near(folded, before.end, figure.start):
        direction, basis = before.what.direction, before.what.basis
        further = cues.before(before.start, floor=floor)
        if further is not None:
            basis = basis or further.what.basis
            direction = direction or further.what.direction
    if direction is None and figure.kind in ("percent", "pp", "fraction", "money"):
        compared = _COMPARED.search(ahead)
        direction = None if compared is None else "up" if compared["up"] else "down"
    after = cues.after(figure.end, ceiling=ceiling)
    if after is not None and _is_near(folded, figure.end, after.start, limit=8):
        basis = basis or after.what.basis
        if figure.kind in ("percent", "pp", "points", "money") and after.start - figure.end <= 3 and not followed:
            aimed = _AIM.search(folded[after.start : after.end + 3])
            direction = direction or (None if aimed else after.what.direction)
        if basis is None:
            further = cues.after(after.end, ceiling=ceiling)
            basis = further.what.basis if further is not None else None
    if direction is None and figure.kind in ("percent", "pp", "fraction"):
        compared = _COMPARED_AFTER.match(folded, figure.end)
        if compared:
            direction = "up" if compared["up"] else "down"
    if _START.search(lower(ahead)):
        direction = None
    if direction is None and basis is None:
        return figure
    return replace(figure, direction=direction, basis=basis)


def _is_near(folded: str, end: int, start: int, limit: int = _NEAR) -> bool:
    """Return whether a word and an amount stand close; letters are smaller units than Chinese characters."""
    gap = folded[end:start] if start - end <= 4 * _NEAR else ""
    return start - end <= (3 * limit if gap.isascii() and gap else limit)
