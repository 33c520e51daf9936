"""Calendar and fiscal time expressions → canonical periods, ISO days and durations.

What a year, month, quarter or weekday without its year means is decided by the day on which the text was published;
without that day such an expression is found all the same, and its value stays None.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Final

from ..records import Figure
from .calendars import DIGITS, YEAR, YEAR_HAN_DIGITS, Calendar, Rule
from .chinese_times import CHINESE
from .dates import NUMERIC
from .durations import read_duration
from .english_times import ENGLISH

__all__ = ["Calendar", "anchor_years", "read_time", "time_starts"]


@cache
def _rules() -> dict[str, tuple[Rule, ...]]:
    """Return the rules by the character or Latin word that they begin with, in the order in which they are tried."""
    table: dict[str, list[Rule]] = {}
    for book in (NUMERIC, CHINESE, ENGLISH):
        for starts, rule in book.rules:
            for start in starts:
                table.setdefault(start, []).append(rule)
    return {start: tuple(rules) for start, rules in table.items()}


# What follows the digits where they begin a time: most numbers are none, and need not be tried against every rule.
_TIME_AHEAD = re.compile(
    r"\d{1,4}(?!\d)(?: ?[年月日號季財會至到~–\-/.QqHh上下第首]| ?(?:st|nd|rd|th)?[ -]?[A-Z]|s|(?<=\d{4}))",
)


def time_starts() -> tuple[str, frozenset[str]]:
    """Return the characters that may begin a time, and the Latin words (lower case) that may."""
    return (
        "".join(key for key in _rules() if len(key) == 1 and not key.isascii()),
        frozenset(key for key in _rules() if key.isascii() and key[0].isalpha()),
    )


def read_time(view: str, position: int, calendar: Calendar, word: str = "") -> Figure | None:
    """Return the period, date or duration that starts at `position` of the folded view, without id and text.

    :param word: the Latin word at `position` in lower case, where there is one.
    """
    digits = view[position] in DIGITS
    rules = () if digits and not _TIME_AHEAD.match(view, position) else _rules().get(word or view[position], ())
    for rule in rules:
        match = rule.pattern.match(view, position)
        if match is not None:
            figure = rule.read(match, calendar)
            if figure is not None:
                return figure
    return read_duration(view, position)


# --------------------------------------------------------------------------------------------------- years in common

_NAMED_YEAR = re.compile(
    rf"(?<!\d){YEAR}|{YEAR_HAN_DIGITS}|民國|[今去本上明來前後]年|(?:last|this|next) year|\d[QqHh]\d\d|[Qq]\d'?\d\d"
)
_PART_OF_YEAR = re.compile(r"\d{4}-(?:Q[1-4]|H[12]|\d\d(?:-\d\d)?)")
_NO_YEAR: Final = re.compile(r"[今昨明本這上下前最]|[週周]|星期|(?i:last|this|next|to|yes|mon|tue|wed|thu|fri|sat|sun)")
_SENTENCE_END = re.compile(r"[。!?！？;；\n]|\. ")


def anchor_years(view: str, figures: list[Figure]) -> list[Figure]:
    """Return the figures where a month or quarter without year has that of the one before it in the sentence.

    「2020 年 3 月…四月」 and "from October 2008 to March" speak of one stretch of time.
    """
    anchored: list[Figure] = []
    year: str | None = None
    last = 0
    month = 0
    for figure in figures:
        if figure.kind not in ("period", "date") or figure.value is None or not _PART_OF_YEAR.fullmatch(figure.value):
            anchored.append(figure)
            continue
        surface = view[figure.start : figure.end]
        if year is not None and _SENTENCE_END.search(view, last, figure.start):
            year = None
        if _NAMED_YEAR.search(surface):
            year, month = figure.value[:4], _month_of(figure.value)
        elif year is not None and not _NO_YEAR.match(surface) and _month_of(figure.value) >= month:
            figure = replace(figure, value=year + figure.value[4:])
        last = figure.end
        anchored.append(figure)
    return anchored


def _month_of(value: str) -> int:
    """Return the month with which a part of a year begins."""
    part = value[5:]
    if part[0] == "Q":
        return 3 * int(part[1]) - 2
    return 6 * int(part[1]) - 5 if part[0] == "H" else int(part[:2])
