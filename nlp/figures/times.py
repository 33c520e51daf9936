"""Calendar and fiscal time expressions → canonical periods, ISO days and durations.

What a year, month, quarter or weekday without its year means is decided by the day on which the text was published;
without that day such an expression is found all the same, and its value stays None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Final

from ..records import Figure, FigureKind
from .numerals import HAN_NUMERALS, ONE, plain, read_numeral

__all__ = ["Calendar", "read_time", "time_starts"]

_HAN_NUMBER: Final = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "十": 10, "元": 1, "首": 1, "兩": 2}
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|"
        "october oct|november nov|december dec".split("|"), 1)
    for name in names.split()
}  # fmt: skip
_WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        "monday mon|tuesday tue tues|wednesday wed|thursday thu thurs|friday fri|saturday sat|sunday sun".split("|")
    )
    for name in names.split()
}
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_AHEAD: Final = 100  # days: a month or quarter without year that begins within so many days is still to come

_Y = r"(?:19|20)\d\d(?!\d)"
_YH = r"[一二][〇零○九][〇零○一二三四五六七八九]{2}"
_MZ = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九元])"
_DZ = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|廿[一二三四五六七八九]?|[一二三四五六七八九])"
_QZ = r"(?:[1-4]|[一二三四首])"
_ME = "|".join(sorted((name for name in _MONTHS), key=len, reverse=True))
_WE = "|".join(sorted((name for name in _WEEKDAYS), key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day from which deictic times are counted."""

    published: date | None = None

    def year(self, offset: int = 0) -> int | None:
        return None if self.published is None else self.published.year + offset

    def quarter(self, offset: int = 0) -> str | None:
        """Return the calendar quarter `offset` quarters after that of the day."""
        if self.published is None:
            return None
        index = self.published.year * 4 + (self.published.month - 1) // 3 + offset
        return f"{index // 4}-Q{index % 4 + 1}"

    def month(self, offset: int = 0) -> str | None:
        if self.published is None:
            return None
        index = self.published.year * 12 + self.published.month - 1 + offset
        return f"{index // 12:04d}-{index % 12 + 1:02d}"

    def week(self, offset: int = 0) -> str | None:
        if self.published is None:
            return None
        year, week, _ = (self.published + timedelta(7 * offset)).isocalendar()
        return f"{year:04d}-W{week:02d}"

    def day(self, offset: int = 0) -> str | None:
        return None if self.published is None else (self.published + timedelta(offset)).isoformat()

    def weekday(self, number: int, week: int | None = None) -> str | None:
        """Return a weekday of a given week, or the last such day up to the day of publication."""
        if self.published is None:
            return None
        offset = number - self.published.weekday()
        if week is None:
            return self.day(offset if offset <= 0 else offset - 7)
        return self.day(offset + 7 * week)

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


# ------------------------------------------------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern tried where the text has one of `starts` (characters, or Latin words in lower case)."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Calendar], Figure | None]


_HAN_RULES: list[tuple[str, _Rule]] = []
_LATIN_RULES: list[tuple[frozenset[str], _Rule]] = []

_Reader = Callable[[re.Match[str], Calendar], Figure | None]


def _rule(starts: str, pattern: str) -> Callable[[_Reader], _Reader]:
    """Register a reader: for Latin words where `starts` has words between spaces, else for single characters."""

    def register(read: _Reader) -> _Reader:
        if starts.isascii() and starts[0].isalpha():
            rule = _Rule(re.compile(pattern, re.IGNORECASE), read)
            _LATIN_RULES.append((frozenset(starts.split()), rule))
        else:
            _HAN_RULES.append((starts, _Rule(re.compile(pattern), read)))
        return read

    return register


@cache
def _rules() -> dict[str, tuple[_Rule, ...]]:
    table: dict[str, list[_Rule]] = {}
    for characters, rule in _HAN_RULES:
        for character in characters:
            table.setdefault(character, []).append(rule)
    for words, rule in _LATIN_RULES:
        for word in words:
            table.setdefault(word, []).append(rule)
    return {key: tuple(rules) for key, rules in table.items()}


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
    for rule in _rules().get(word or view[position], ()):
        match = rule.pattern.match(view, position)
        if match is not None:
            figure = rule.read(match, calendar)
            if figure is not None:
                return figure
    return _duration(view, position)


def _time(match: re.Match[str], kind: FigureKind, value: str | None, unit: str | None = None) -> Figure:
    return Figure("", match.start(), match.end(), "", kind, value=value, unit=unit)


def _number(text: str) -> int:
    """Return a small number in digits or Chinese numerals (十二, 廿三, 首)."""
    if text.isdigit() and text.isascii():
        return int(text)
    if len(text) == 1 and text in _HAN_NUMBER:
        return _HAN_NUMBER[text]
    numeral = read_numeral(text, 0)
    return int(numeral.value) if numeral and numeral.value is not None else 0


def _four(text: str) -> int:
    """Return a year of four digits, in digits or Chinese ones."""
    return int(text) if text.isascii() else int("".join(str(_HAN_NUMBER[c]) for c in text))


def _short_year(text: str) -> int:
    year = int(text)
    return year if year > 99 else 2000 + year


def _iso(year: int | None, month: int, day: int) -> str | None:
    if year is None:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _last_day(year: int, month: int) -> str:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(1)).isoformat()


# --------------------------------------------------------------------------------------------------------- Chinese

_DEICTIC_YEARS: Final = {"今年": 0, "本年": 0, "本年度": 0, "今年度": 0, "去年": -1, "上年": -1, "去年度": -1, "上年度": -1,
                         "明年": 1, "來年": 1, "明年度": 1, "前年": -2, "後年": 2, "年": 0}  # fmt: skip


@_rule("0123456789", r"(?<!\d)(?<!\d[.,])((?:19|20)\d\d)([-/.])(0?[1-9]|1[0-2])\2(3[01]|[12]\d|0?[1-9])(?![\d/]|\.\d|-\d)")
def _iso_day(match: re.Match[str], calendar: Calendar) -> Figure | None:
    value = _iso(int(match[1]), int(match[3]), int(match[4]))
    return _time(match, "date", value) if value else None


@_rule("0123456789", rf"(?<!\d)(?<!\d[.,])({_Y})(?:/(\d\d))?[ -]?(?:財政?年度?|會計年度|財務年度|年度)(?: ?第?({_QZ}) ?財?季度?| ?(上|下)半年?)?")
@_rule("0123456789", rf"(?<!\d)(?<!\d[.,])(\d\d)(?:/(\d\d))? ?(?:財政?年度?|會計年度|財務年度|年度)(?: ?第?({_QZ}) ?財?季度?| ?(上|下)半年?)?")
def _fiscal_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if match[2] is None and match[0].removeprefix(match[1]).strip().startswith("年度"):
        return None
    return _time(match, "period", _fiscal(match[1], match[2], match[3], match[4] and ("1" if match[4] == "上" else "2")))


def _fiscal(year: str, second: str | None, quarter: str | None, half: str | None) -> str:
    name = f"FY{_short_year(year)}" + (f"/{second}" if second else "")
    if quarter:
        return f"{name}-Q{_number(quarter)}"
    return f"{name}-H{half}" if half else name


_YEAR_HAN = (
    rf"(?:(?P<year>{_Y}|{_YH})(?: ?年度?|(?= ?(?:第|首季|[上下]半年)))|(?P<roc1>(?<!成立 )(?<!成立)(?<!長達)(?<!長達 )(?<![近逾約超])(?<![近逾約超] )1[012]\d) ?年度?|(?P<short>\d\d) ?年(?= ?(?:第|首季|[Qq][1-4]|[上下]半年|(?:{_MZ}) ?月))"
    rf"|民國 ?(?P<roc>\d{{2,3}}) ?年|(?P<deictic>(?:今年|去年|本年|上年|明年|來年|前年|後年)度?))"
)
_REST_HAN = (
    rf"(?: ?第? ?(?P<quarter>{_QZ}) ?季度?(?!度)| ?[Qq](?P<q>[1-4])(?!\d)| ?(?P<half>[上下])半年度?| ?(?P<month>{_MZ}) ?月"
    rf"(?:份|(?P<edge>底|初|中旬?|上旬|下旬)| ?(?P<day>{_DZ}) ?[日號]|(?= ?[至到~\-–] ?(?:{_MZ}) ?月))?"
    rf"| ?(?P<end>年?底|年?末)|(?P<start>年?初)|(?P<middle>年?中(?!國|美|東|華|央))|(?P<same>同期|同季|同月)|(?P<ytd>(?:年初)?(?:以來|至今|迄今|來)))"
)


@_rule("0123456789一二今去本上明來前後民", rf"(?<!\d)(?<!\d[.,]){_YEAR_HAN}{_REST_HAN}?")
def _year_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if match["year"]:
        year: int | None = _four(match["year"])
    elif match["short"]:
        year = _short_year(match["short"])
    elif match["roc"] or match["roc1"]:
        year = 1911 + int(match["roc"] or match["roc1"])
    else:
        year = calendar.year(_DEICTIC_YEARS[match["deictic"]])
    if match["same"]:
        return _time(match, "period", "P-1Y")
    if match["ytd"]:
        if match["deictic"] in ("今年", "本年"):
            return _time(match, "period", None if year is None else f"{year}-YTD")
        cut = match.start("ytd")
        return replace(_time(match, "period", None if year is None else str(year)), end=cut)
    return _with_year(match, year)


def _with_year(match: re.Match[str], year: int | None) -> Figure | None:
    """Return what a year and its quarter, half, month, day or end stand for."""
    quarter = match["quarter"] or match["q"]
    known = year is not None
    if quarter:
        return _time(match, "period", f"{year}-Q{_number(quarter)}" if known else None)
    if match["half"]:
        return _time(match, "period", f"{year}-H{1 if match['half'] == '上' else 2}" if known else None)
    if match["month"]:
        month = _number(match["month"])
        if match["day"]:
            value = _iso(year, month, _number(match["day"]))
            return None if value is None and known else _time(match, "date", value)
        if match["edge"] == "底":
            return _time(match, "date", _last_day(year, month) if year is not None else None)
        return _time(match, "period", f"{year}-{month:02d}" if known else None)
    if match["end"]:
        return _time(match, "date", f"{year}-12-31" if known else None)
    if match["middle"]:
        return _time(match, "period", f"mid-{year}" if known else None)
    if match["start"]:
        return _time(match, "period", f"{year}-01" if known else None)
    return _time(match, "period", str(year) if known else None)


@_rule("0123456789一二三四第首", rf"(?<!\d)(?<!\d[.,])(?:(?<!連續)(?<!連)第 ?(?P<quarter>{_QZ}) ?季度?|(?P<short>首) ?季度?|第?(?P<bare>[1-4])[Qq](?: ?(?P<y>\d\d(?:\d\d)?)(?!\d))?(?![A-Za-z0-9]))")
def _quarter_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    quarter = _number(match["quarter"] or match["short"] or match["bare"])
    year = _short_year(match["y"]) if match["y"] else calendar.year_of(3 * quarter - 2)
    return _time(match, "period", f"{year}-Q{quarter}" if year else None)


@_rule("0123456789", r"(?<!\d)(?<!\d[.,])(?P<half>[12])[Hh] ?(?P<year>\d\d(?:\d\d)?)(?![A-Za-z0-9])")
def _half_digits(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "period", f"{_short_year(match['year'])}-H{match['half']}")


@_rule("上下", r"(?P<half>[上下])半年度?")
def _half_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    half = 1 if match["half"] == "上" else 2
    year = calendar.year_of(6 * half - 5)
    return _time(match, "period", f"{year}-H{half}" if year else None)


@_rule("年", r"年初(?:至今|迄今|以來)|年底前?|年末|年中(?!國|美|東|華|央)")
def _year_edge(match: re.Match[str], calendar: Calendar) -> Figure | None:
    year = calendar.year()
    if match[0].startswith("年初"):
        return _time(match, "period", year and f"{year}-YTD")  # type: ignore[arg-type]
    if match[0] == "年中":
        return _time(match, "period", year and f"mid-{year}")  # type: ignore[arg-type]
    return replace(_time(match, "date", year and f"{year}-12-31"), end=match.start() + 2)  # type: ignore[arg-type]


@_rule("0123456789一二三四五六七八九十元", rf"(?<![\d一二三四五六七八九十第幾數])(?<!\d[.,])(?P<month>{_MZ}) ?(?:月 ?)(?:份|(?P<edge>底|初|中旬?|上旬|下旬)|(?P<day>{_DZ}) ?[日號])?(?!線|均|亮|球|餅|台)")
def _month_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    month = _number(match["month"])
    year = calendar.year_of(month)
    text = match[0]
    if match["day"]:
        return _time(match, "date", _iso(year, month, _number(match["day"])))
    figure = _time(match, "period", f"{year}-{month:02d}" if year else None)
    if match["edge"] == "底":
        return replace(figure, kind="date", value=_last_day(year, month) if year else None)
    return replace(figure, end=match.start() + len(text.rstrip()))


@_rule("0123456789", r"(?<!\d)(?<!\d[.,/-])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])(?![\d/%]|\.\d| ?[的成倍強])")
def _slash_day(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "date", _iso(calendar.year_of(int(match["month"])), int(match["month"]), int(match["day"])))


@_rule("0123456789", r"(?<!\d)(?<!\d[.,])(?<!第)(?P<day>3[01]|[12]\d|[1-9]) ?[日號](?=[\)）,、,。 （(公宣表收開在早晚盤前下上凌中發起指將舉召起到至股報致除派]|$)")
def _day_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    before = match.string[max(0, match.start() - 4) : match.start()].rstrip()
    if before.endswith(("近", "連", "過去", "連續", "前", "後", "逾", "超過", "約", "未來", "這", "為期", "歷時", "共", "每", "隔")):
        return None
    if match.string[match.end() : match.end() + 1] in ("內", "來", "間", "線"):
        return None
    published = calendar.published
    if published is None:
        return _time(match, "date", None)
    day = int(match["day"])
    value = _iso(published.year, published.month, day)
    if value and (date.fromisoformat(value) - published).days > 15:
        month = (published.replace(day=1) - timedelta(1)).replace(day=1)
        value = _iso(month.year, month.month, day)
    return _time(match, "date", value)


_RELATIVE: Final = {"本": 0, "這": 0, "今": 0, "當": 0, "此": 0, "上": -1, "上上": -2, "前": -1, "下": 1, "下下": 2, "次": 1}


@_rule("本這今上下次", r"(?P<which>上上|下下|本|這|今|上|下|次)(?:一|1)?(?:個)?(?P<unit>季度?|(?:財政|會計)?季度?|月份?|[週周]|星期|禮拜)(?P<weekday>[一二三四五六日天](?!個|季|月|年|次|[百千萬]|檔|家))?(?!線|均|刊|年|期|轉|邊|遭|全|到|K|末效)")
def _deictic_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    which = _RELATIVE[match["which"]]
    unit = match["unit"][0]
    if unit in "週周星禮":
        if match["weekday"]:
            number = "一二三四五六日".find(match["weekday"].replace("天", "日"))
            return _time(match, "date", calendar.weekday(number, which))
        return _time(match, "period", calendar.week(which))
    match_end = match.start("weekday") if match["weekday"] else match.end()
    if unit == "月":
        return replace(_time(match, "period", calendar.month(which)), end=match_end)
    if which == 0 and re.compile("的?(?:財報|業績|財務|季報)").match(match.string, match_end):
        which = -1  # 這一季的財報 is about the quarter that has closed
    return replace(_time(match, "period", calendar.quarter(which)), end=match_end)


@_rule("最前", r"最新一季|最近一季|前一季|前季")
def _latest_quarter(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "period", "P-3M" if match[0][0] == "前" else calendar.quarter(-1))


@_rule("週周星禮", r"(?:[週周]|星期|禮拜)(?P<day>[一二三四五六日天](?!個|季|月|年|次|[百千萬]))")
def _weekday_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if match.string[match.start() - 1 : match.start()] in ("每", "一", "兩", "三", "逢", "四", "二"):
        return None
    return _time(match, "date", calendar.weekday("一二三四五六日".find(match["day"].replace("天", "日"))))


@_rule("今昨明前後", r"今日|今天|今早|今晨|今晚|昨日|昨天|昨晚|昨夜|昨收|明日|明天|前日(?!本)|前天|後天(?!性)|後日")
def _day_word_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    offset = {"今": 0, "昨": -1, "明": 1, "前": -2, "後": 2}[match[0][0]]
    end = match.start() + 1 if match[0] == "昨收" else match.end()
    return replace(_time(match, "date", calendar.day(offset)), end=end)


@_rule("過近最", r"(?:過去|最近|近) ?(?:12|十二) ?個月|(?:過去|最近|近) ?(?:4|四) ?(?:個季度|季)")
def _trailing_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "period", "TTM")


@_rule("0123456789", rf"(?<!\d)(?<!\d[.,])(?P<low>{_Y}) ?(?:年 ?)?(?:至|到|~|–|-) ?(?P<high>{_Y}) ?年?")
def _years_range(match: re.Match[str], calendar: Calendar) -> Figure | None:
    low, high = int(match["low"]), int(match["high"])
    return _time(match, "period", f"{low}/{high}") if low < high < low + 60 else None


@_rule("0123456789一二三四五六七八九十", rf"(?<!\d)(?<!\d[.,])(?:(?P<year>{_Y}) ?年 ?)?(?P<low>{_MZ}) ?月?份? ?(?:至|到|~|–|-) ?(?P<high>{_MZ}) ?月(?!\d)")
def _months_range(match: re.Match[str], calendar: Calendar) -> Figure | None:
    low, high = _number(match["low"]), _number(match["high"])
    year = int(match["year"]) if match["year"] else calendar.year_of(low)
    if low >= high:
        return None
    return _time(match, "period", f"{year}-{low:02d}/{year}-{high:02d}" if year else None)


_HAN_RULES.insert(0, _HAN_RULES.pop())
_HAN_RULES.insert(0, _HAN_RULES.pop())


@_rule("0123456789", r"(?<!\d)(?<!\d[.,])(?P<year>20\d\d)[-/–](?P<next>\d\d)(?![\d/.-])")
def _split_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    """Read 2025-26 and 2024/25: a fiscal year over two calendar years."""
    if (int(match["year"]) + 1) % 100 != int(match["next"]):
        return None
    return _time(match, "period", f"FY{match['year']}/{match['next']}")


@_rule("0123456789", r"(?<!\d)(?<!\d[.,])(?P<year>20\d\d) ?[Qq](?P<quarter>[1-4])(?![A-Za-z0-9])")
def _year_quarter(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "period", f"{match['year']}-Q{match['quarter']}")


_HAN_RULES.insert(0, _HAN_RULES.pop())


@_rule("0123456789", r"(?<!\d)(?<!\d[.,])((?:19|20)\d)0s(?![A-Za-z])|(?<!\d)(?<!\d[.,])((?:19|20)?\d)0 ?年代")
def _decade(match: re.Match[str], calendar: Calendar) -> Figure | None:
    text = match[1] or match[2]
    first = int(text) * 10 if len(text) == 3 else 1900 + int(text) * 10
    return _time(match, "period", f"{first}/{first + 9}")


_HAN_RULES.insert(0, _HAN_RULES.pop())


# --------------------------------------------------------------------------------------------------------- English

_OF = r"(?:,? (?:of )?(?:(?:the )?(?:fiscal|calendar) (?:year )?)?|[ -]|,? of )"
_FY = r"(?:fy ?'?(?P<fy>\d\d(?:\d\d)?)(?:/(?P<fy2>\d\d))?(?!\d))"


def _year_text(text: str | None) -> int | None:
    return _short_year(text) if text else None


@_rule("0123456789", rf"(?<!\d)(?<!\d[.,/])(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?[ -](?P<month>{_ME})\b\.?(?:[ -,]{{1,2}}(?P<year>(?:19|20)\d\d)(?!\d))?".replace(_ME, f"(?i:{_ME})"))
def _day_month(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if not match["month"][0].isupper():
        return None
    month = _MONTHS[match["month"].lower()]
    year = int(match["year"]) if match["year"] else calendar.year_of(month)
    figure = _time(match, "date", _iso(year, month, int(match["day"])))
    return _without_stop(match, figure)


def _without_stop(match: re.Match[str], figure: Figure) -> Figure:
    """Leave the full stop out where it ends the sentence; a month's abbreviation keeps it before its day or year."""
    return replace(figure, end=figure.end - 1) if match[0].endswith(".") else figure


@_rule(" ".join(_MONTHS), rf"(?P<month>{_ME})\b\.?(?: (?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\d.,]\d|\d|%| ?(?:bn|billion|million|percent|per cent|points))(?:,? (?P<year>(?:19|20)\d\d)(?!\d))?|(?:,? (?:of )?|-)(?P<y>(?:19|20)\d\d)(?!\d)|[-' ]'?(?P<yy>[12]\d)(?!\d))?")
def _month_day(match: re.Match[str], calendar: Calendar) -> Figure | None:
    name = match["month"]
    dated = match["day"] or match["y"] or match["yy"]
    if not name[0].isupper() or (not dated and not _is_month(match)):
        return None
    month = _MONTHS[name.lower()]
    if match["day"]:
        year = _year_text(match["year"]) or calendar.year_of(month)
        value = _iso(year, month, int(match["day"]))
        return None if value is None and year else _time(match, "date", value)
    figure_year = _year_text(match["y"] or match["yy"]) or calendar.year_of(month)
    figure = _time(match, "period", f"{figure_year}-{month:02d}" if figure_year else None)
    return _without_stop(match, figure)


_MONTH_BEFORE: Final = ("in", "of", "since", "by", "last", "next", "this", "until", "from", "through", "early", "late",
                        "mid", "for", "before", "after", "and", "to", "the", "during", "between", "a", "its", "around",
                        "previous", "prior", "end-", "early-", "late-", "mid-", "with", "or", "pre-", "post-")  # fmt: skip


def _is_month(match: re.Match[str]) -> bool:
    """Return whether a bare month name is a month: May and March are also words, Mar and Jan also names."""
    name = match["month"].lower()
    if name not in ("may", "march", "mar", "jan", "jun", "dec", "sep", "oct", "nov", "apr", "feb", "jul", "aug", "june", "april"):
        return True
    if len(name) == 3 and name != "may":
        return match[0].endswith(".") or match.string[match.start() - 1 : match.start()] in ("(", "-")
    window = match.string[max(0, match.start() - 12) : match.start()].rstrip(" -").lower()
    last = re.split(r"[^a-z]", window)[-1]
    if name in ("june", "april"):
        return True
    return last in _MONTH_BEFORE or match.string[match.end() : match.end() + 2] in ("'s", "\u2019s")


@_rule("fy fiscal", rf"(?:{_FY}|fiscal(?: year)?[ -]'?(?P<year>\d\d(?:\d\d)?)(?:/(?P<year2>\d\d))?(?!\d))(?:[ -]?q(?P<q>[1-4])(?!\d)|[ -]?(?P<half>[12])h(?![a-z0-9])|[ -]?h(?P<half2>[12])(?!\d))?")
def _fiscal_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    half = match["half"] or match["half2"]
    return _time(match, "period", _fiscal(match["fy"] or match["year"], match["fy2"] or match["year2"], match["q"], half))


@_rule("q h", rf"(?P<kind>[qh])(?P<number>[1-4])(?![\dA-Za-z])(?:[ -]?(?:{_FY}|of fiscal (?:year )?(?P<fiscal>\d{{2,4}})|(?:of )?(?P<year>(?:19|20)\d\d)|'(?P<yy>\d\d))(?!\d))?")
def _quarter_letter(match: re.Match[str], calendar: Calendar) -> Figure | None:
    kind, number = match["kind"].upper(), int(match["number"])
    if kind == "H" and number > 2:
        return None
    if match["fy"] or match["fiscal"]:
        return _time(match, "period", f"FY{_short_year(match['fy'] or match['fiscal'])}-{kind}{number}")
    first = 3 * number - 2 if kind == "Q" else 6 * number - 5
    year = _year_text(match["year"] or match["yy"]) or calendar.year_of(first)
    return _time(match, "period", f"{year}-{kind}{number}" if year else None)


@_rule("first second third fourth fiscal", r"(?P<fiscal>fiscal )?(?P<number>first|second|third|fourth)[ -](?P<fiscal2>fiscal[ -])?(?P<kind>quarter|half)(?!-)(?: of (?:the )?(?P<f>fiscal )?(?:year )?(?P<year>(?:19|20)\d\d)| (?P<y>20\d\d)| of (?P<deictic>this|last|next) year)?(?![A-Za-z\d])|(?P<n2>first|second|third|fourth)-(?P<k2>quarter|half)")
def _quarter_word(match: re.Match[str], calendar: Calendar) -> Figure | None:
    number = _ORDINALS[(match["number"] or match["n2"]).lower()]
    kind = "Q" if (match["kind"] or match["k2"]).lower() == "quarter" else "H"
    if kind == "H" and number > 2:
        return None
    year = _year_text(match["year"] or match["y"])
    if match["deictic"]:
        year = calendar.year({"this": 0, "last": -1, "next": 1}[match["deictic"].lower()])
    if match["f"] and year:
        return _time(match, "period", f"FY{year}-{kind}{number}")
    year = year or calendar.year_of(3 * number - 2 if kind == "Q" else 6 * number - 5)
    return _time(match, "period", f"{year}-{kind}{number}" if year else None)


@_rule("last this next current coming previous prior latest", rf"(?P<which>last|this|next|current|coming|previous|prior|latest)[ -](?:(?P<fiscal>fiscal )?(?P<unit>year|quarter|month|week)|(?P<weekday>{_WE})|(?P<month>{_ME}))(?:'s|\u2019s)?(?![A-Za-z])")
def _deictic(match: re.Match[str], calendar: Calendar) -> Figure | None:
    which = match["which"].lower()
    offset = {"last": -1, "latest": -1, "next": 1, "coming": 1}.get(which, 0)
    figure = _time(match, "period", None)
    if match[0].endswith(("'s", "\u2019s")):
        figure = replace(figure, end=figure.end - 2)
    if match["weekday"]:
        number = _WEEKDAYS[match["weekday"].lower()]
        if which == "last":
            return replace(figure, kind="date", value=calendar.weekday(number) if _earlier(calendar, number) else calendar.weekday(number, -1))
        return replace(figure, kind="date", value=calendar.weekday(number, offset))
    if match["month"]:
        month = _MONTHS[match["month"].lower()]
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


@_rule("a the year same this", r"(?:a |the )?year[ -](?:earlier|ago|before)(?: (?:quarter|period))?(?![A-Za-z])|(?:the )?same (?:period|quarter|month|time) (?:last year|a year (?:ago|earlier)|of last year|in the previous year)|(?:the )?year[ -]ago (?:quarter|period)|(?:the )?corresponding period last year")
def _year_ago(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "period", "P-1Y")


@_rule("year ytd so this since", r"year[ -]to[ -]date|ytd(?![a-z])|so far this year|since the start of the year")
def _to_date(match: re.Match[str], calendar: Calendar) -> Figure | None:
    year = calendar.year()
    return _time(match, "period", f"{year}-YTD" if year else None)


@_rule("ttm ltm trailing past last the", r"ttm(?![a-z])|ltm(?![a-z])|trailing[ -](?:12|twelve)[ -]months?|(?:the )?(?:past|last|previous) (?:12|twelve) months|(?:past|last) four quarters")
def _trailing(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "period", "TTM")


@_rule("year end the mid early", r"(?:(?:the )?end of (?:(?P<y>(?:19|20)\d\d)(?!\d)|(?P<which>this|last|next|the) (?P<unit>year|month|quarter))|year[ -]end(?: (?P<y2>20\d\d))?|end-(?P<y3>20\d\d))(?![A-Za-z])")
def _year_end(match: re.Match[str], calendar: Calendar) -> Figure | None:
    offset = {"last": -1, "next": 1}.get((match["which"] or "").lower(), 0)
    unit = (match["unit"] or "year").lower()
    if unit == "month":
        month = calendar.month(offset)
        return _time(match, "date", _last_day(int(month[:4]), int(month[5:])) if month else None)
    if unit == "quarter":
        quarter = calendar.quarter(offset)
        return _time(match, "date", _last_day(int(quarter[:4]), 3 * int(quarter[-1])) if quarter else None)
    year = _year_text(match["y"] or match["y2"] or match["y3"]) or calendar.year(offset)
    return _time(match, "date", f"{year}-12-31" if year else None)


@_rule("mid", rf"mid-?({_Y})")
def _mid_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return _time(match, "period", f"mid-{match[1]}")


@_rule("today yesterday tomorrow tonight", r"(?:today|yesterday|tomorrow|tonight)(?![A-Za-z])")
def _day_word(match: re.Match[str], calendar: Calendar) -> Figure | None:
    offset = {"yesterday": -1, "tomorrow": 1}.get(match[0].lower(), 0)
    return _time(match, "date", calendar.day(offset))


@_rule(" ".join(_WEEKDAYS), rf"(?P<day>{_WE})\b(?:,? (?P<month>{_ME})\b\.? (?P<number>3[01]|[12]\d|[1-9])(?!\d)(?:,? (?P<year>(?:19|20)\d\d))?)?")
def _weekday(match: re.Match[str], calendar: Calendar) -> Figure | None:
    name = match["day"]
    if not name[0].isupper() or (len(name) < 6 and not match["month"]):
        return None
    if match["month"]:
        month = _MONTHS[match["month"].lower()]
        year = _year_text(match["year"]) or calendar.year_of(month)
        return _time(match, "date", _iso(year, month, int(match["number"])))
    return _time(match, "date", calendar.weekday(_WEEKDAYS[name.lower()]))


@_rule("a the half", r"(?:a|the past|the last|the) decade(?![A-Za-z])|half a (?P<unit>year|century|decade)(?![A-Za-z])")
def _decades(match: re.Match[str], calendar: Calendar) -> Figure | None:
    years = {"year": "0.5", "century": "50", "decade": "5"}[match["unit"].lower()] if match["unit"] else "10"
    start = match.start() + match[0].lower().find("decade") if match[0].lower().startswith("the") else match.start()
    return replace(_time(match, "duration", years, "year"), start=start)


@_rule("0123456789", rf"(?<!\d)(?<!\d[.,])({_Y})(?![\d,]\d|\.\d|%| ?(?:[萬億兆元人點個家檔張口倍美港]|points|percent|per cent|million|billion|trillion|bn|jobs|shares|people))(?![A-Za-z])")
def _bare_year(match: re.Match[str], calendar: Calendar) -> Figure | None:
    before = match.string[max(0, match.start() - 3) : match.start()]
    if before.rstrip()[-1:] in tuple("$€£¥-#+") and not re.search(r"[A-Za-z0-9]-$", before):
        return None
    year = int(match[1])
    return _time(match, "period", match[1]) if 1950 <= year <= 2060 else None


# -------------------------------------------------------------------------------------------------------- duration

_HAN_UNITS: Final = {
    "個月": "month", "個季度": "quarter", "季度": "quarter", "個季": "quarter", "季": "quarter", "年": "year", "個年頭": "year", "年半": "year",
    "個交易日": "day", "交易日": "day", "個工作日": "day", "日": "day", "天": "day", "週": "week", "周": "week", "個星期": "week",
    "星期": "week", "個禮拜": "week", "個多月": "month", "小時": "hour", "個小時": "hour", "個鐘": "hour", "分鐘": "minute", "秒鐘": "second",
    "秒": "second", "月": "month", "年多": "year",
}  # fmt: skip
_HAN_UNIT = re.compile(" ?(" + "|".join(sorted(_HAN_UNITS, key=len, reverse=True)) + ")(半)?")
_HAN_HALF = re.compile("半(年|個月|季|天|小時|個小時)(?!報|導)")
_LATIN_UNIT = re.compile(
    r"(?:[ \u00a0-](?:straight |consecutive |trading |business |full |calendar |fiscal )?)"
    r"(years?|quarters?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|sessions?)(?![A-Za-z])",
    re.IGNORECASE,
)
_SESSION: Final = {"session": "day"}
_NO_DURATION_AFTER: Final = ("期", "線", "均", "債", "前", "版", "型", "級")
_DURATION_RANGE = re.compile(r" ?(?:至|到|~|–|-) ?| to (?=\w)| or (?=\w)")


def _duration(view: str, position: int) -> Figure | None:
    """Read 13 個季度, 三年半, 12 個月, three years, 12-month, 2 to 3 years."""
    if half := _HAN_HALF.match(view, position):
        return Figure("", half.start(), half.end(), "", "duration", value="0.5", unit=_HAN_UNITS[half[1].lstrip(" ")])
    if view[position] not in "0123456789數幾多" + HAN_NUMERALS and not view[position].isalpha():
        return None
    numeral = read_numeral(view, position)
    if numeral is None or view[position - 1 : position] == "第":
        return None
    if numeral.value is not None and numeral.value >= 10000 or numeral.end == position:
        return None
    high = None
    end = numeral.end
    found = _unit_after(view, end)
    if found is None and numeral.value is not None:
        separator = _DURATION_RANGE.match(view, end)
        second = read_numeral(view, separator.end()) if separator else None
        if second is None or second.value is None or second.value <= numeral.value:
            return None
        found, high = _unit_after(view, second.end), second.value
    if found is None:
        return None
    unit, unit_end, added, factor = found
    if not _is_duration(view, position, numeral.value, unit, unit_end, numeral.script):
        return None
    figure = Figure("", position, unit_end, "", "duration", unit=unit, approx=numeral.approx)
    if numeral.bounds:
        return replace(figure, low=plain(numeral.bounds[0]), high=plain(numeral.bounds[1]))
    if numeral.value is None:
        return replace(figure, magnitude=plain(numeral.magnitude or ONE), approx="several")
    if high is not None:
        return replace(figure, low=plain(numeral.value * factor), high=plain(high * factor))
    return replace(figure, value=plain((numeral.value + added) * factor))


def _unit_after(view: str, end: int) -> tuple[str, int, Decimal, Decimal] | None:
    """Return the unit, where it ends, the half in 三年半, and the factor (ten for decades)."""
    if han := _HAN_UNIT.match(view, end):
        unit = _HAN_UNITS[han[1]]
        half = Decimal("0.5") if han[2] or han[1] == "年半" else Decimal(0)
        return unit, han.end(), half, ONE
    if latin := _LATIN_UNIT.match(view, end):
        unit = latin[1].lower().removesuffix("s")
        if unit == "decade":
            return "year", latin.end(), Decimal(0), Decimal(10)
        return _SESSION.get(unit, unit), latin.end(), Decimal(0), ONE
    return None


def _is_duration(view: str, start: int, value: Decimal | None, unit: str, end: int, script: str) -> bool:
    after = view[end : end + 1]
    before = view[max(0, start - 3) : start].rstrip()
    if view[end - 1] == "月" and "個" not in view[start:end]:
        return False  # 3 月 is March
    if script == "han" and value == 1:
        if before.endswith(("這", "每", "上", "下", "同", "哪", "某", "單", "另", "頭", "前", "後", "最新", "最後", "任何")) or unit in ("day", "quarter", "second"):
            return False
        if after in ("度", "邊", "方", "直", "致"):
            return False
    if view[end - 1] in "日季周週年" and after in _NO_DURATION_AFTER and not (after == "前" or after == "期" and view[end : end + 2] == "期間"):
        return False
    if view[end - 1] == "季" and script != "words" and before.endswith("第"):
        return False
    if unit == "day" and view[end - 1] == "日" and script == "han" and "個" not in view[start:end]:
        return after in ("內", "來", "間") or before.endswith(("連", "近", "過去", "連續"))
    if view[end - 1] == "年" and value is not None and value > 130:
        return False
    return True
