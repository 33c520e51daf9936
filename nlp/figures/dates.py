"""Dates and years in digits, as both languages write them: 2026-02-06, 12/09/2025, 2024-25, 1990s."""

from __future__ import annotations

import re
from datetime import date

from ..records import Figure
from .calendars import (
    MONTH_HAN,
    YEAR,
    Calendar,
    RuleBook,
    iso_day,
    period,
    small_number,
)

__all__ = ["NUMERIC"]

NUMERIC = RuleBook()


@NUMERIC.add(
    "0123456789",
    r"(?<!\d)(?<!\d\.)((?:19|20)\d\d)([-/.])(0?[1-9]|1[0-2])\2(3[01]|[12]\d|0?[1-9])"
    r"(?![\d/]|\.\d|-\d)",
)
def _iso_day(match: re.Match[str], calendar: Calendar) -> Figure | None:
    value = iso_day(int(match[1]), int(match[3]), int(match[4]))
    return period(match, "date", value) if value else None


@NUMERIC.add(
    "0123456789",
    r"(?<!\d)(?<!\d\.)(1[012]\d)([-/.])(0?[1-9]|1[0-2])\2(3[01]|[12]\d|0?[1-9])"
    r"(?![\d/]|\.\d|-\d)",
)
def _roc_day(match: re.Match[str], calendar: Calendar) -> Figure | None:
    value = iso_day(1911 + int(match[1]), int(match[3]), int(match[4]))
    return period(match, "date", value) if value else None


@NUMERIC.add(
    "0123456789",
    r"(?<!\d)(?<!\d[./-])(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<year>(?:19"
    r"|20)\d\d)(?![\d/])",
)
def _slash_date(match: re.Match[str], calendar: Calendar) -> Figure | None:
    """Read 12/09/2025: day or month first, whichever is a date, or lies nearer to the day of publication."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    days = [day for day in (iso_day(year, first, second), iso_day(year, second, first)) if day]
    if not days:
        return None
    published = calendar.published
    if published is not None:
        days.sort(key=lambda day: abs((date.fromisoformat(day) - published).days))
    return period(match, "date", days[0])


@NUMERIC.add("0123456789", r"(?<!\d)(?<!\d\.)((?:19|20)\d\d)/(0?[1-9]|1[0-2])(?![\d/.])")
def _slash_month(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if len(match[2]) == 2 and (int(match[1]) + 1) % 100 == int(match[2]):
        return None  # 2011/12 is a fiscal year
    return period(match, "period", f"{match[1]}-{int(match[2]):02d}")


@NUMERIC.add("0123456789", r"(?<!\d)(?<!\d\.)(?P<year>20\d\d)[-/–](?P<next>\d\d)(?![\d/.-])(?: ?年度)?(?! ?[財會年])")
def _split_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    """Read 2025-26 and 2024/25: a fiscal year over two calendar years."""
    if (int(match["year"]) + 1) % 100 != int(match["next"]):
        return None
    return period(match, "period", f"FY{match['year']}/{match['next']}")


@NUMERIC.add("0123456789", rf"(?<!\d)(?<!\d\.)(?P<low>{YEAR}) ?(?:年 ?)?(?:至|到|~|–|-) ?(?P<high>{YEAR}) ?年?")
def _years_range(match: re.Match[str], calendar: Calendar) -> Figure | None:
    low, high = int(match["low"]), int(match["high"])
    return period(match, "period", f"{low}/{high}") if low < high < low + 60 else None


@NUMERIC.add(
    "0123456789一二三四五六七八九十",
    rf"(?<!\d)(?<!\d\.)(?:(?P<year>{YEAR}) ?年 ?)?(?P<low>{MONTH_HAN}) ?月?份? ?(?:至"
    rf"|到|~|–|-) ?(?P<high>{MONTH_HAN}) ?月(?!\d)",
)
def _months_range(match: re.Match[str], calendar: Calendar) -> Figure | None:
    low, high = small_number(match["low"]), small_number(match["high"])
    year = int(match["year"]) if match["year"] else calendar.year_of(low)
    if low >= high:
        return None
    return period(match, "period", f"{year}-{low:02d}/{year}-{high:02d}" if year else None)


@NUMERIC.add("0123456789", r"(?<!\d)(?<!\d\.)((?:19|20)\d)0s(?![A-Za-z])|(?<!\d)(?<!\d\.)((?:19|20)?\d)0 ?年代")
def _decade(match: re.Match[str], calendar: Calendar) -> Figure | None:
    text = match[1] or match[2]
    first = int(text) * 10 if len(text) == 3 else 1900 + int(text) * 10
    return period(match, "period", f"{first}/{first + 9}")
