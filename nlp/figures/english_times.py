"""English time expressions: Feb. 6, 2026, the third quarter, Q1 FY26, last Friday, year to date."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ..records import Figure
from .calendars import (
    MONTH_NAMES,
    MONTHS,
    ORDINALS,
    WEEKDAY_NAMES,
    WEEKDAYS,
    YEAR,
    Calendar,
    RuleBook,
    fiscal,
    full_year,
    iso_day,
    last_day,
    period,
)

__all__ = ["ENGLISH"]

ENGLISH = RuleBook()

_FISCAL = r"(?:fy ?'?(?P<fy>\d\d(?:\d\d)?)(?:/(?P<fy2>\d\d))?(?!\d))"
_AHEAD_BEFORE: Final = (
    "by",
    "until",
    "before",
    "ahead of",
    "till",
    "due",
    "due on",
    "coming",
    "will be",
    "scheduled for",
)
_AHEAD_AFTER: Final = (" will ", "'s will ", " is expected", " may ")


@ENGLISH.add(
    "0123456789",
    rf"(?<!\d)(?<!\d[./])(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?[ -](?P<month>"
    rf"(?i:{MONTH_NAMES}))\b\.?(?:[ -,]{{1,2}}(?P<year>(?:19|20)\d\d)(?!\d))?",
)
def _day_month(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if not match["month"][0].isupper():
        return None
    month = MONTHS[match["month"].lower()]
    year = int(match["year"]) if match["year"] else calendar.year_of(month)
    figure = period(match, "date", iso_day(year, month, int(match["day"])))
    return _without_stop(match, figure)


def _without_stop(match: re.Match[str], figure: Figure) -> Figure:
    """Leave the full stop out where it ends the sentence; a month's abbreviation keeps it before its day or year."""
    return replace(figure, end=figure.end - 1) if match[0].endswith(".") else figure


@ENGLISH.add(
    " ".join(MONTHS),
    rf"(?P<month>{MONTH_NAMES})\b\.?(?: (?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
    rf"(?![\d.,]\d|\d|%| ?(?:bn|billion|million|percent|per cent|points))(?:,? "
    rf"(?P<year>(?:19|20)\d\d)(?!\d))?|(?:,? (?:of )?|-)(?P<y>(?:19|20)\d\d)(?!\d)"
    rf"|[-' ]'?(?P<yy>[12]\d)(?!\d))?",
)
def _month_day(match: re.Match[str], calendar: Calendar) -> Figure | None:
    name = match["month"]
    dated = match["day"] or match["y"] or match["yy"]
    if not name[0].isupper() or (not dated and not _is_month(match)):
        return None
    month = MONTHS[name.lower()]
    if match["day"]:
        year = _year_text(match["year"]) or calendar.year_of(month)
        value = iso_day(year, month, int(match["day"]))
        return None if value is None and year else period(match, "date", value)
    figure_year = _year_text(match["y"] or match["yy"]) or calendar.year_of(month)
    figure = period(match, "period", f"{figure_year}-{month:02d}" if figure_year else None)
    return _without_stop(match, figure)


_MONTH_BEFORE: Final = (
    "in", "of", "since", "by", "last", "next", "this", "until", "from", "through", "early", "late", "mid", "for",
    "before", "after", "and", "to", "the", "during", "between", "a", "its", "around", "previous", "prior", "end",
    "with", "or", "pre", "post",
)  # fmt: skip


def _is_month(match: re.Match[str]) -> bool:
    """Return whether a bare month name is a month: May and March are also words, Mar and Jan also names."""
    name = match["month"].lower()
    if name not in (
        "may",
        "march",
        "mar",
        "jan",
        "jun",
        "dec",
        "sep",
        "oct",
        "nov",
        "apr",
        "feb",
        "jul",
        "aug",
        "june",
        "april",
    ):
        return True
    if len(name) == 3 and name != "may":
        return match[0].endswith(".") or match.string[match.start() - 1 : match.start()] in ("(", "-")
    window = match.string[max(0, match.start() - 12) : match.start()].rstrip(" -").lower()
    last = re.split(r"[^a-z]", window)[-1]
    if name in ("june", "april"):
        return True
    return last in _MONTH_BEFORE or match.string[match.end() : match.end() + 2] in ("'s", "\u2019s")


@ENGLISH.add(
    "fy fiscal",
    rf"(?:{_FISCAL}|fiscal(?: year)?[ -]'?(?P<year>\d\d(?:\d\d)?)(?:/(?P<year2>\d\d))?"
    rf"(?!\d))(?:[ -]?q(?P<q>[1-4])(?!\d)|[ -]?(?P<half>[12])h(?![a-z0-9])|[ -]?h"
    rf"(?P<half2>[12])(?!\d))?",
)
def _fiscal_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    half = match["half"] or match["half2"]
    return period(
        match, "period", fiscal(match["fy"] or match["year"], match["fy2"] or match["year2"], match["q"], half)
    )


@ENGLISH.add(
    "q h",
    rf"(?P<kind>[qh])(?P<number>[1-4])(?![\dA-Za-z])(?:[ -]?(?:{_FISCAL}|of fiscal "
    rf"(?:year )?(?P<fiscal>\d{{2,4}})|(?:of )?(?P<year>(?:19|20)\d\d)|'(?P<yy>\d\d))"
    rf"(?!\d))?",
)
def _quarter_letter(match: re.Match[str], calendar: Calendar) -> Figure | None:
    kind, number = match["kind"].upper(), int(match["number"])
    if kind == "H" and number > 2:
        return None
    if match["fy"] or match["fiscal"]:
        return period(match, "period", f"FY{full_year(match['fy'] or match['fiscal'])}-{kind}{number}")
    first = 3 * number - 2 if kind == "Q" else 6 * number - 5
    year = _year_text(match["year"] or match["yy"]) or calendar.year_of(first)
    return period(match, "period", f"{year}-{kind}{number}" if year else None)


@ENGLISH.add(
    "first second third fourth fiscal",
    r"(?P<fiscal>fiscal )?(?P<number>first|second|third|fourth)[ -](?P<fiscal2>fiscal[ -])?"
    r"(?P<kind>quarter|half)(?!-)(?: of (?:the )?(?P<f>fiscal )?(?:year )?(?P<year>"
    r"(?:19|20)\d\d)| (?P<y>20\d\d)| of (?P<deictic>this|last|next) year)?(?![A-Za-z\d])"
    r"|(?P<n2>first|second|third|fourth)-(?P<k2>quarter|half)",
)
def _quarter_word(match: re.Match[str], calendar: Calendar) -> Figure | None:
    number = ORDINALS[(match["number"] or match["n2"]).lower()]
    kind = "Q" if (match["kind"] or match["k2"]).lower() == "quarter" else "H"
    if kind == "H" and number > 2:
        return None
    year = _year_text(match["year"] or match["y"])
    if match["deictic"]:
        year = calendar.year({"this": 0, "last": -1, "next": 1}[match["deictic"].lower()])
    if match["f"] and year:
        return period(match, "period", f"FY{year}-{kind}{number}")
    year = year or calendar.year_of(3 * number - 2 if kind == "Q" else 6 * number - 5)
    return period(match, "period", f"{year}-{kind}{number}" if year else None)


@ENGLISH.add(
    "last this next current coming previous prior latest",
    rf"(?P<which>last|this|next|current|coming|previous|prior|latest)[ -](?:(?P<fiscal>fiscal )?"
    rf"(?P<unit>year|quarter|month|week)|(?P<weekday>{WEEKDAY_NAMES})|(?P<month>{MONTH_NAMES}))"
    rf"(?:'s|\u2019s)?(?![A-Za-z])",
)
def _deictic(match: re.Match[str], calendar: Calendar) -> Figure | None:
    which = match["which"].lower()
    offset = {"last": -1, "latest": -1, "next": 1, "coming": 1}.get(which, 0)
    figure = period(match, "period", None)
    if match[0].endswith(("'s", "\u2019s")):
        figure = replace(figure, end=figure.end - 2)
    if match["weekday"]:
        number = WEEKDAYS[match["weekday"].lower()]
        if which == "last":
            return replace(
                figure,
                kind="date",
                value=calendar.weekday(number) if _earlier(calendar, number) else calendar.weekday(number, -1),
            )
        return replace(figure, kind="date", value=calendar.weekday(number, offset))
    if match["month"]:
        month = MONTHS[match["month"].lower()]
        if not match["month"][0].isupper() or calendar.published is None:
            return figure if match["month"][0].isupper() else None
        year = calendar.published.year - (which == "last" and month >= calendar.published.month)
        year += which in ("next", "coming") and month <= calendar.published.month
        return replace(figure, value=f"{year}-{month:02d}")
    unit = match["unit"].lower()
    if which in ("previous", "prior"):
        return replace(figure, value={"year": "P-1Y", "quarter": "P-3M", "month": "P-1M", "week": "P-1W"}[unit])
    if match["fiscal"] and unit == "year":
        year_value = calendar.year(offset)
        return replace(figure, value=year_value and f"FY{year_value}")  # type: ignore[arg-type]
    if unit == "year":
        year_value = calendar.year(offset)
        return replace(figure, value=str(year_value) if year_value else None)
    reader = {"quarter": calendar.quarter, "month": calendar.month, "week": calendar.week}[unit]
    return replace(figure, value=reader(offset))


def _earlier(calendar: Calendar, weekday: int) -> bool:
    """Return whether "last Tuesday" may lie in the week of publication (said from Friday on)."""
    return calendar.published is not None and calendar.published.weekday() - weekday >= 3


@ENGLISH.add(
    "a the year same this",
    r"(?:a |the )?year[ -](?:earlier|ago|before)(?: (?:quarter|period))?(?![A-Za-z])"
    r"|(?:the )?same (?:period|quarter|month|time) (?:last year|a year (?:ago"
    r"|earlier)|of last year|in the previous year)|(?:the )?year[ -]ago (?:quarter"
    r"|period)|(?:the )?corresponding period last year",
)
def _year_ago(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "period", "P-1Y")


@ENGLISH.add(
    "year ytd so this since",
    r"year[ -]to[ -]date|ytd(?![a-z])|so far this year|since the start of the year",
)
def _to_date(match: re.Match[str], calendar: Calendar) -> Figure | None:
    year = calendar.year()
    return period(match, "period", f"{year}-YTD" if year else None)


@ENGLISH.add(
    "ttm ltm trailing past last the",
    r"ttm(?![a-z])|ltm(?![a-z])|trailing[ -](?:12|twelve)[ -]months?|(?:the )?"
    r"(?:past|last|previous) (?:12|twelve) months|(?:past|last) four quarters",
)
def _trailing(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "period", "TTM")


@ENGLISH.add(
    "year end the mid early",
    r"(?:(?:the )?end of (?:(?P<y>(?:19|20)\d\d)(?!\d)|(?P<which>this|last|next"
    r"|the) (?P<unit>year|month|quarter))|year[ -]end(?: (?P<y2>20\d\d))?|end-"
    r"(?P<y3>20\d\d))(?![A-Za-z])",
)
def _year_end(match: re.Match[str], calendar: Calendar) -> Figure | None:
    offset = {"last": -1, "next": 1}.get((match["which"] or "").lower(), 0)
    unit = (match["unit"] or "year").lower()
    if unit == "month":
        month = calendar.month(offset)
        return period(match, "date", last_day(int(month[:4]), int(month[5:])) if month else None)
    if unit == "quarter":
        quarter = calendar.quarter(offset)
        return period(match, "date", last_day(int(quarter[:4]), 3 * int(quarter[-1])) if quarter else None)
    year = _year_text(match["y"] or match["y2"] or match["y3"]) or calendar.year(offset)
    return period(match, "date", f"{year}-12-31" if year else None)


@ENGLISH.add("mid", rf"mid-?({YEAR})")
def _mid_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "period", f"mid-{match[1]}")


@ENGLISH.add("today yesterday tomorrow tonight", r"(?:today|yesterday|tomorrow|tonight)(?![A-Za-z])")
def _day_word(match: re.Match[str], calendar: Calendar) -> Figure | None:
    offset = {"yesterday": -1, "tomorrow": 1}.get(match[0].lower(), 0)
    return period(match, "date", calendar.day(offset))


@ENGLISH.add(
    " ".join(WEEKDAYS),
    rf"(?P<day>{WEEKDAY_NAMES})\b(?:,? (?P<month>{MONTH_NAMES})\b\.? (?P<number>3[01]|[12]\d|[1-9])"
    rf"(?!\d)(?:,? (?P<year>(?:19|20)\d\d))?)?",
)
def _weekday(match: re.Match[str], calendar: Calendar) -> Figure | None:
    name = match["day"]
    if match.string[max(0, match.start() - 6) : match.start()].rstrip().lower().endswith(("every", "each", "black")):
        return None
    if not name[0].isupper() or (len(name) < 6 and not match["month"]):
        return None
    if match["month"]:
        month = MONTHS[match["month"].lower()]
        year = _year_text(match["year"]) or calendar.year_of(month)
        return period(match, "date", iso_day(year, month, int(match["number"])))
    number = WEEKDAYS[name.lower()]
    before = match.string[max(0, match.start() - 16) : match.start()].rstrip().lower()
    ahead = before.endswith(_AHEAD_BEFORE) or match.string.startswith(_AHEAD_AFTER, match.end())
    return period(match, "date", calendar.coming(number) if ahead else calendar.weekday(number))


@ENGLISH.add(
    "a the half",
    r"(?:a|the past|the last|the) decade(?![A-Za-z])|half a (?P<unit>year|century"
    r"|decade)(?![A-Za-z])",
)
def _decades(match: re.Match[str], calendar: Calendar) -> Figure | None:
    years = {"year": "0.5", "century": "50", "decade": "5"}[match["unit"].lower()] if match["unit"] else "10"
    start = match.start() + match[0].lower().find("decade") if match[0].lower().startswith("the") else match.start()
    return replace(replace(period(match, "duration", years), unit="year"), start=start)


def _year_text(text: str | None) -> int | None:
    return full_year(text) if text else None


@ENGLISH.add(
    "0123456789",
    rf"(?<!\d)(?<!\d\.)({YEAR})(?![\d,]\d|\.\d|%| ?(?:[萬億兆元人點個家檔張口倍美港]"
    rf"|points|percent|per cent|million|billion|trillion|bn|jobs|shares|people))"
    rf"(?![A-Za-z])",
)
def _bare_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    before = match.string[max(0, match.start() - 3) : match.start()]
    if before.rstrip()[-1:] in tuple("$€£¥-#+") and not re.search(r"[A-Za-z0-9]-$", before):
        return None
    year = int(match[1])
    return period(match, "period", match[1]) if 1950 <= year <= 2060 else None
