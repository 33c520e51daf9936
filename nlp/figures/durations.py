"""Stretches of time: 13 個季度, 三年半, 12-month, two to three years."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Final

from ..records import Figure
from .numerals import HAN_NUMERALS, ONE, plain, read_numeral

__all__ = ["read_duration"]

_HAN_UNITS: Final = {
    **dict.fromkeys(("秒", "秒鐘"), "second"),
    "分鐘": "minute",
    **dict.fromkeys(("小時", "個小時", "個鐘"), "hour"),
    **dict.fromkeys(("日", "天", "交易日", "個交易日", "個工作日"), "day"),
    **dict.fromkeys(("週", "周", "星期", "個星期", "個禮拜"), "week"),
    **dict.fromkeys(("月", "個月", "個多月"), "month"),
    **dict.fromkeys(("季", "季度", "個季", "個季度"), "quarter"),
    **dict.fromkeys(("年", "年多", "年半", "個年頭"), "year"),
}
_HAN_UNIT = re.compile(
    " ?(" + "|".join(sorted(_HAN_UNITS, key=len, reverse=True)) + ")(半)?(?!圓|元|幣|經|本(?!文)|圜)"
)
_HAN_HALF = re.compile("半(年|個月|季|天|小時|個小時)(?!報|導|度)")
_LATIN_UNIT = re.compile(
    r"(?:[ \u00a0-](?:straight |consecutive |trading |business |full |calendar |fiscal )?)"
    r"(years?|quarters?|months?|weeks?|days?|hours?|minutes?|seconds?|decades?|sessions?)(?![A-Za-z])",
    re.IGNORECASE,
)
_SESSION: Final = {"session": "day"}
_NO_DURATION_AFTER: Final = ("期", "線", "均", "債", "前", "版", "型", "級")
_DURATION_RANGE = re.compile(r" ?(?:至|到|~|–|-) ?| to (?=\w)| or (?=\w)")


def read_duration(view: str, position: int) -> Figure | None:
    """Read 13 個季度, 三年半, 12 個月, three years, 12-month, 2 to 3 years."""
    if half := _HAN_HALF.match(view, position):
        return Figure("", half.start(), half.end(), "", "duration", value="0.5", unit=_HAN_UNITS[half[1].lstrip(" ")])
    if view[position] not in "0123456789數幾多" + HAN_NUMERALS and not view[position].isalpha():
        return None
    numeral = read_numeral(view, position)
    if numeral is None or view[position - 1 : position] == "第":
        return None
    if (numeral.value is not None and numeral.value >= 10000) or numeral.end == position:
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
        if before.endswith(
            ("這", "每", "上", "下", "同", "哪", "某", "單", "另", "頭", "前", "後", "最新", "最後", "任何")
        ) or unit in ("day", "quarter", "second"):
            return False
        if after in ("度", "邊", "方", "直", "致"):
            return False
    if (
        view[end - 1] in "日季周週年"
        and after in _NO_DURATION_AFTER
        and not (after == "前" or (after == "期" and view[end : end + 2] == "期間"))
    ):
        return False
    if view[end - 1] == "季" and script != "words" and before.endswith("第"):
        return False
    if unit == "day" and view[end - 1] == "日" and script == "han" and "個" not in view[start:end]:
        return after in ("內", "來", "間") or before.endswith(("連", "近", "過去", "連續"))
    return not (view[end - 1] == "年" and value is not None and value > 130)
