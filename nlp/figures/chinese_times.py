"""Chinese time expressions: 去年第四季, 2026年2月6日, 114年, 下週三, 年初至今, 過去 12 個月."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from ..records import Figure
from .calendars import (
    DAY_HAN,
    MONTH_HAN,
    QUARTER_HAN,
    YEAR,
    YEAR_HAN_DIGITS,
    Calendar,
    RuleBook,
    fiscal,
    four_digits,
    full_year,
    iso_day,
    last_day,
    period,
    small_number,
)

__all__ = ["CHINESE"]

CHINESE = RuleBook()
_AHEAD_HAN = re.compile("[^,，。;；\n]{0,6}?(?:將|即將|料將|會公[布佈])")
_DEICTIC_YEARS: Final = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "明年": 1, "來年": 1, "前年": -2, "後年": 2}


@CHINESE.add(
    "0123456789",
    rf"(?<!\d)(?<!\d\.)({YEAR})(?:/(\d\d))?[ -]?(?:財政?年度?|會計年度|財務年度"
    rf"|年度)(?: ?第?({QUARTER_HAN}) ?財?季度?| ?(上|下)半年?)?",
)
@CHINESE.add(
    "0123456789",
    rf"(?<!\d)(?<!\d\.)(\d\d)(?:/(\d\d))? ?(?:財政?年度?|會計年度|財務年度|年度)"
    rf"(?: ?第?({QUARTER_HAN}) ?財?季度?| ?(上|下)半年?)?",
)
def _fiscal_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if match[2] is None and match[0].removeprefix(match[1]).strip().startswith("年度"):
        return None
    return period(
        match, "period", fiscal(match[1], match[2], match[3], match[4] and ("1" if match[4] == "上" else "2"))
    )


@CHINESE.add("0123456789", r"(?<!\d)(?<!\d\.)(?P<year>20\d\d) ?[Qq](?P<quarter>[1-4])(?![A-Za-z0-9])")
def _year_quarter(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "period", f"{match['year']}-Q{match['quarter']}")


# 114年 is the year of the Republic unless it is said to be an age: 成立 114 年.
_NO_AGE = r"(?<!成立 )(?<!成立)(?<!長達)(?<!長達 )(?<![近逾約超])(?<![近逾約超] )"
_YEAR_HAN = (
    rf"(?:(?P<year>{YEAR}|{YEAR_HAN_DIGITS})(?: ?年度?|(?= ?(?:第|首季|[上下]半年)))"
    rf"|(?P<roc1>{_NO_AGE}1[012]\d) ?年度?|民國 ?(?P<roc>\d{{2,3}}) ?年"
    rf"|(?P<short>\d\d) ?年(?= ?(?:第|首季|[Qq][1-4]|[上下]半年|(?:{MONTH_HAN}) ?月))"
    r"|(?P<deictic>(?:今年|去年|本年|上年|明年|來年|前年|後年)度?))"
)
_REST_HAN = (
    rf"(?: ?第? ?(?P<quarter>{QUARTER_HAN}) ?季度?(?!度)| ?[Qq](?P<q>[1-4])(?!\d)| ?(?P<half>[上下])半年度?"
    rf"| ?(?P<month>{MONTH_HAN}) ?月(?:份|(?P<edge>底|初|中旬?|上旬|下旬)| ?(?P<day>{DAY_HAN}) ?[日號]"
    rf"|(?= ?[至到~\-–] ?(?:{MONTH_HAN}) ?月))?"
    r"| ?(?P<end>年?底|年?末)|(?P<start>年?初)|(?P<middle>年?中(?!國|美|東|華|央))"
    r"|(?P<same>同期|同季|同月)|(?P<ytd>(?:年初)?(?:以來|至今|迄今|來)))"
)


@CHINESE.add("0123456789一二今去本上明來前後民", rf"(?<!\d)(?<!\d\.){_YEAR_HAN}{_REST_HAN}?")
def _year_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if match["year"]:
        year: int | None = four_digits(match["year"])
    elif match["short"]:
        year = full_year(match["short"])
    elif match["roc"] or match["roc1"]:
        year = 1911 + int(match["roc"] or match["roc1"])
    else:
        year = calendar.year(_DEICTIC_YEARS[match["deictic"].removesuffix("度")])
    if match["same"]:
        return period(match, "period", "P-1Y")
    if match["ytd"]:
        if match["deictic"] in ("今年", "本年"):
            return period(match, "period", None if year is None else f"{year}-YTD")
        cut = match.start("ytd")
        return replace(period(match, "period", None if year is None else str(year)), end=cut)
    return _with_year(match, year)


def _with_year(match: re.Match[str], year: int | None) -> Figure | None:
    """Return what a year and its quarter, half, month, day or end stand for."""
    quarter = match["quarter"] or match["q"]
    known = year is not None
    if quarter:
        return period(match, "period", f"{year}-Q{small_number(quarter)}" if known else None)
    if match["half"]:
        return period(match, "period", f"{year}-H{1 if match['half'] == '上' else 2}" if known else None)
    if match["month"]:
        month = small_number(match["month"])
        if match["day"]:
            value = iso_day(year, month, small_number(match["day"]))
            return None if value is None and known else period(match, "date", value)
        if match["edge"] == "底":
            return period(match, "date", last_day(year, month) if year is not None else None)
        return period(match, "period", f"{year}-{month:02d}" if known else None)
    if match["end"]:
        return period(match, "date", f"{year}-12-31" if known else None)
    if match["middle"]:
        return period(match, "period", f"mid-{year}" if known else None)
    if match["start"]:
        return period(match, "period", f"{year}-01" if known else None)
    return period(match, "period", str(year) if known else None)


@CHINESE.add(
    "0123456789一二三四第首次",
    rf"(?<!\d)(?<!\d\.)(?:(?<!連續)(?<!連)第 ?(?P<quarter>{QUARTER_HAN}) ?季度?|(?P<short>[首次])季度?"
    rf"|第?(?P<bare>[1-4])[Qq](?: ?(?P<y>\d\d(?:\d\d)?)(?!\d))?(?![A-Za-z0-9]))",
)
def _quarter_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    quarter = small_number(match["quarter"] or match["short"] or match["bare"])
    year = full_year(match["y"]) if match["y"] else calendar.year_of(3 * quarter - 2)
    return period(match, "period", f"{year}-Q{quarter}" if year else None)


@CHINESE.add("0123456789", r"(?<!\d)(?<!\d\.)(?P<half>[12])[Hh] ?(?P<year>\d\d(?:\d\d)?)(?![A-Za-z0-9])")
def _half_digits(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "period", f"{full_year(match['year'])}-H{match['half']}")


@CHINESE.add("上下", r"(?P<half>[上下])半年度?")
def _half_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    half = 1 if match["half"] == "上" else 2
    year = calendar.year_of(6 * half - 5)
    return period(match, "period", f"{year}-H{half}" if year else None)


@CHINESE.add("年", r"年初(?:至今|迄今|以來)|年底前?|年末|年中(?!國|美|東|華|央)")
def _year_edge(match: re.Match[str], calendar: Calendar) -> Figure | None:
    year = calendar.year()
    if match[0].startswith("年初"):
        return period(match, "period", year and f"{year}-YTD")  # type: ignore[arg-type]
    if match[0] == "年中":
        return period(match, "period", year and f"mid-{year}")  # type: ignore[arg-type]
    return replace(period(match, "date", year and f"{year}-12-31"), end=match.start() + 2)  # type: ignore[arg-type]


@CHINESE.add(
    "0123456789一二三四五六七八九十元",
    rf"(?<![\d一二三四五六七八九十第幾數])(?<!\d\.)(?P<month>{MONTH_HAN}) ?(?:月 ?)"
    rf"(?:份|(?P<edge>底|初|中旬?|上旬|下旬)|(?P<day>{DAY_HAN}) ?[日號])?(?!線|均"
    rf"|亮|球|餅|台)",
)
def _month_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    month = small_number(match["month"])
    year = calendar.year_of(month)
    text = match[0]
    if match["day"]:
        return period(match, "date", iso_day(year, month, small_number(match["day"])))
    figure = period(match, "period", f"{year}-{month:02d}" if year else None)
    if match["edge"] == "底":
        return replace(figure, kind="date", value=last_day(year, month) if year else None)
    return replace(figure, end=match.start() + len(text.rstrip()))


@CHINESE.add(
    "0123456789",
    r"(?<!\d)(?<!\d[./-])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])"
    r"(?![\d/%]|\.\d| ?[的成倍強])",
)
def _slash_day(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "date", iso_day(calendar.year_of(int(match["month"])), int(match["month"]), int(match["day"])))


@CHINESE.add(
    "0123456789",
    r"(?<!\d)(?<!\d\.)(?<!第)(?P<day>3[01]|[12]\d|[1-9]) ?[日號]"
    r"(?=[\)）,、。 （(公宣表收開在早晚盤前下上凌中發起指將舉召到至股報致除派]|$)",
)
def _day_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    before = match.string[max(0, match.start() - 4) : match.start()].rstrip()
    if before.endswith(
        ("近", "連", "過去", "連續", "前", "後", "逾", "超過", "約", "未來", "這", "為期", "歷時", "共", "每", "隔")
    ):
        return None
    if match.string[match.end() : match.end() + 1] in ("內", "來", "間", "線"):
        return None
    published = calendar.published
    if published is None:
        return period(match, "date", None)
    day = int(match["day"])
    value = iso_day(published.year, published.month, day)
    if value and (date.fromisoformat(value) - published).days > 15:
        month = (published.replace(day=1) - timedelta(1)).replace(day=1)
        value = iso_day(month.year, month.month, day)
    return period(match, "date", value)


_RELATIVE: Final = {"本": 0, "這": 0, "今": 0, "當": 0, "此": 0, "上": -1, "上上": -2, "前": -1, "下": 1, "下下": 2}


@CHINESE.add(
    "本這今上下",
    r"(?P<which>上上|下下|本|這|今|上|下)(?:一|1)?(?:個)?(?P<unit>季度?|(?:財政"
    r"|會計)?季度?|月份?|[週周]|星期|禮拜)(?P<weekday>[一二三四五六日天](?!個"
    r"|季|月|年|次|[百千萬]|檔|家))?(?!線|均|刊|年|期|轉|邊|遭|全|到|K|末效)",
)
def _deictic_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    which = _RELATIVE[match["which"]]
    unit = match["unit"][0]
    if unit in "週周星禮":
        if match["weekday"]:
            number = "一二三四五六日".find(match["weekday"].replace("天", "日"))
            return period(match, "date", calendar.weekday(number, which))
        return period(match, "period", calendar.week(which))
    match_end = match.start("weekday") if match["weekday"] else match.end()
    if unit == "月":
        return replace(period(match, "period", calendar.month(which)), end=match_end)
    if which == 0 and re.compile("的?(?:財報|業績|財務|季報)").match(match.string, match_end):
        which = -1  # 這一季的財報 is about the quarter that has closed
    return replace(period(match, "period", calendar.quarter(which)), end=match_end)


@CHINESE.add("最前", r"最新一季|最近一季|前一季|前季")
def _latest_quarter(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "period", "P-3M" if match[0][0] == "前" else calendar.quarter(-1))


@CHINESE.add("週周星禮", r"(?:[週周]|星期|禮拜)(?P<day>[一二三四五六日天](?!個|季|月|年|次|[百千萬]))")
def _weekday_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    if match.string[match.start() - 1 : match.start()] in ("每", "一", "兩", "三", "逢", "四", "二"):
        return None
    number = "一二三四五六日".find(match["day"].replace("天", "日"))
    ahead = _AHEAD_HAN.match(match.string, match.end()) is not None
    return period(match, "date", calendar.coming(number) if ahead else calendar.weekday(number))


@CHINESE.add(
    "今昨明前後",
    r"今日|今天|今早|今晨|今晚|昨日|昨天|昨晚|昨夜|昨收|明日|明天|前日(?!本)"
    r"|前天|後天(?!性)|後日",
)
def _day_word_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    offset = {"今": 0, "昨": -1, "明": 1, "前": -2, "後": 2}[match[0][0]]
    end = match.start() + 1 if match[0] == "昨收" else match.end()
    return replace(period(match, "date", calendar.day(offset)), end=end)


@CHINESE.add("過近最", r"(?:過去|最近|近) ?(?:12|十二) ?個月|(?:過去|最近|近) ?(?:4|四) ?(?:個季度|季)")
def _trailing_han(match: re.Match[str], calendar: Calendar) -> Figure | None:
    return period(match, "period", "TTM")
