"""The calendar seen from the day of publication, and the small readers that all time grammars share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ..records import Figure, FigureKind
from .numerals import read_numeral

__all__ = [
    "DAY_HAN", "DIGITS", "HAN_NUMBER", "MONTHS", "MONTH_HAN", "MONTH_NAMES", "ORDINALS", "QUARTER_HAN", "WEEKDAYS",
    "WEEKDAY_NAMES", "YEAR", "YEAR_HAN_DIGITS", "Calendar", "Rule", "RuleBook", "fiscal", "four_digits", "full_year",
    "iso_day", "last_day", "period", "small_number",
]  # fmt: skip

DIGITS: Final = "0123456789"
HAN_NUMBER: Final = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "十": 10,
    "元": 1,
    "首": 1,
    "次": 2,
    "兩": 2,
}
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
            ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("october", "oct"),
            ("november", "nov"), ("december", "dec"),
        ), 1)
    for name in names
}  # fmt: skip
WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "mon"), ("tuesday", "tue", "tues"), ("wednesday", "wed"), ("thursday", "thu", "thurs"),
            ("friday", "fri"), ("saturday", "sat"), ("sunday", "sun"),
        ))
    for name in names
}  # fmt: skip
ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_AHEAD: Final = 100  # days: a month or quarter without year that begins within so many days is still to come

YEAR = r"(?:19|20)\d\d(?!\d)"
YEAR_HAN_DIGITS = r"[一二][〇零○九][〇零○一二三四五六七八九]{2}"
MONTH_HAN = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九元])"
_ONES = "[一二三四五六七八九]"
DAY_HAN = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|(?:二十|十|廿){_ONES}?|{_ONES})"
QUARTER_HAN = r"(?:[1-4]|[一二三四首])"
MONTH_NAMES = "|".join(sorted((name for name in MONTHS), key=len, reverse=True))
WEEKDAY_NAMES = "|".join(sorted((name for name in WEEKDAYS), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day from which deictic times are counted."""

    published: date | None = None

    def year(self, offset: int = 0) -> int | None:
        """Return the year `offset` years after that of the day."""
        return None if self.published is None else self.published.year + offset

    def quarter(self, offset: int = 0) -> str | None:
        """Return the calendar quarter `offset` quarters after that of the day."""
        if self.published is None:
            return None
        index = self.published.year * 4 + (self.published.month - 1) // 3 + offset
        return f"{index // 4}-Q{index % 4 + 1}"

    def month(self, offset: int = 0) -> str | None:
        """Return the month `offset` months after that of the day."""
        if self.published is None:
            return None
        index = self.published.year * 12 + self.published.month - 1 + offset
        return f"{index // 12:04d}-{index % 12 + 1:02d}"

    def week(self, offset: int = 0) -> str | None:
        """Return the ISO week `offset` weeks after that of the day."""
        if self.published is None:
            return None
        year, week, _ = (self.published + timedelta(7 * offset)).isocalendar()
        return f"{year:04d}-W{week:02d}"

    def day(self, offset: int = 0) -> str | None:
        """Return the ISO day `offset` days after."""
        return None if self.published is None else (self.published + timedelta(offset)).isoformat()

    def weekday(self, number: int, week: int | None = None) -> str | None:
        """Return a weekday of a given week, or the last such day up to the day of publication."""
        if self.published is None:
            return None
        offset = number - self.published.weekday()
        if week is None:
            return self.day(offset if offset <= 0 else offset - 7)
        return self.day(offset + 7 * week)

    def coming(self, number: int) -> str | None:
        """Return the next such weekday, the day of publication included."""
        return None if self.published is None else self.day((number - self.published.weekday()) % 7)

    def year_of(self, month: int) -> int | None:
        """Return the year that a month (or the first month of a quarter) without a year most likely has."""
        if self.published is None:
            return None
        begins = date(self.published.year, month, 1)
        ahead = (begins - self.published).days
        if ahead > _AHEAD:
            return self.published.year - 1
        if ahead < -(365 - _AHEAD // 2) and month == 1:  # in December, January is the next one
            return self.published.year + 1
        return self.published.year


# ------------------------------------------------------------------------------------------------------- the rules

_Reader = Callable[[re.Match[str], Calendar], Figure | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, and what reads a match of it; None from the reader means that it is something else after all."""

    pattern: re.Pattern[str]
    read: _Reader


class RuleBook:
    """Rules in the order in which they are tried, by the character or Latin word with which they begin."""

    def __init__(self) -> None:
        self.rules: list[tuple[frozenset[str], Rule]] = []

    def add(self, starts: str, pattern: str) -> Callable[[_Reader], _Reader]:
        """Register a reader for matches of `pattern`.

        :param starts: Latin words in lower case with spaces between, or single other characters.
        """
        words = starts[0].isascii() and starts[0].isalpha()

        def register(read: _Reader) -> _Reader:
            rule = Rule(re.compile(pattern, re.IGNORECASE if words else 0), read)
            self.rules.append((frozenset(starts.split() if words else starts), rule))
            return read

        return register


# ----------------------------------------------------------------------------------------------------- the readers


def period(match: re.Match[str], kind: FigureKind, value: str | None) -> Figure:
    """Return the time that a match stands for, without id and text."""
    return Figure("", match.start(), match.end(), "", kind, value=value)


def small_number(text: str) -> int:
    """Return a small number in digits or Chinese numerals (十二, 廿三, 首)."""
    if text.isdigit() and text.isascii():
        return int(text)
    if len(text) == 1 and text in HAN_NUMBER:
        return HAN_NUMBER[text]
    numeral = read_numeral(text, 0)
    return int(numeral.value) if numeral and numeral.value is not None else 0


def four_digits(text: str) -> int:
    """Return a year of four digits, in digits or Chinese ones."""
    return int(text) if text.isascii() else int("".join(str(HAN_NUMBER[c]) for c in text))


def full_year(text: str) -> int:
    """Return a year written with two or four digits."""
    year = int(text)
    return year if year > 99 else 2000 + year


def iso_day(year: int | None, month: int, day: int) -> str | None:
    """Return the ISO day, or None where there is no such day or the year is not known."""
    if year is None:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def last_day(year: int, month: int) -> str:
    """Return the ISO day on which a month ends."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(1)).isoformat()


def fiscal(year: str, second: str | None, quarter: str | None, half: str | None) -> str:
    """Return the canonical fiscal period: FY2026, FY2026-Q1, FY2025/26."""
    name = f"FY{full_year(year)}" + (f"/{second}" if second else "")
    if quarter:
        return f"{name}-Q{small_number(quarter)}"
    return f"{name}-H{half}" if half else name
