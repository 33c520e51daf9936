"""When an amount is of: the period that its clause names, or one of its sentence or paragraph that still holds."""

from __future__ import annotations

import re
from typing import Final

from ..records import Figure, Role
from .measures import Measure
from .page import Page, Place
from .roles import forecast_before

__all__ = ["carried_period", "find_period", "names_another"]

_SINCE = re.compile(r" ?(?:以來|以后|以後|起|來的|之前|以前|高點|新高|新低)")
_SINCE_BEFORE = re.compile(r"(?:(?<![a-z])(?:since|until|before|by)(?: the)? ?|自|直到|早於)$")
_SET_AGAINST = re.compile(
    r"(?:[比較從由自]|相較於?|低於|高於|優於|遠超|超過|"
    r"(?<![a-z])(?:than|from|above|below|against|versus|vs|compared (?:with|to)))(?:先前|在|前| |the|in|a|its){0,3}$"
)
_REPORTED = re.compile(
    r" ?(?:的|法說|財報|財測|業績|季報|年報|公布|"
    r"results?|reports?|reported|earnings (?:call|report|season)|quarterly report)"
)
_BEHIND = re.compile(r" ?(?:\(|(?:in|for|during|as of|by|at the end of|of)(?: the)? ?)?$", re.IGNORECASE)
_WORDS_BETWEEN: Final = 3  # between a period and the measure that it modifies
_BARE_WORDS_BETWEEN: Final = 1  # between a period and an amount without measure
_CLOSINGS: Final = ("-03-31", "-06-30", "-09-30", "-12-31")  # days on which books are closed
_AT: Final = 20  # characters
_ENDED = re.compile(r"(?:截至|截止|(?<![a-z])(?:ended|ending|to))(?: the)? ?$")


def find_period(page: Page, figure: Figure, measure: Measure | None, place: Place, role: Role | None) -> str | None:
    """Return the period that the sentence gives an amount.

    去年同期 and "a year earlier" are periods of the amount that they stand at, and of no other.
    """
    modifier = page.times_between(max(place.clause, place.floor), figure.start)
    if modifier and not _excluded(page, modifier[-1]) and _governs(page, modifier[-1], figure, measure):
        beside = page.new_words(modifier[-1].end, figure.start) == 0 and figure.start - modifier[-1].end <= 3
        if not _relative(modifier[-1]) and _suits(page, modifier[-1], measure):
            compared = _is_set_against(page, modifier[-1])
            if not compared or role == "prior":
                return modifier[-1].value
        elif beside and role == "prior":
            return modifier[-1].value
    behind = page.time_after(figure.end, ceiling=place.clause_end)
    fits = behind is not None and not _is_mark(page, behind) and _stands_at(page, behind, figure.end)
    if behind is not None and fits and (role == "prior" or (_suits(page, behind, measure) and not _relative(behind))):
        return behind.value
    if role == "prior" or (role not in ("expected", "guidance") and forecast_before(page, place)):
        return None
    return _of_sentence(page, figure, measure, place)


def carried_period(measure: Measure | None, role: Role | None, last: tuple[Figure, Measure] | None) -> str | None:
    """Return the period of the last amount of a statement in the paragraph, for one more of the same statement.

    :param last: the last such amount, with its measure, in the paragraph; no other time has been named since.
    """
    if last is None or measure is None or role != "actual" or measure.metric.sort != "flow":
        return None
    before, of = last[0], (last[1].metric.of, measure.metric.of)
    same = last[1].metric.sort == "flow" and before.role == "actual" and "macro" not in of
    return before.period if same else None


def names_another(time: Figure, figure: Figure) -> bool:
    """Return whether a time changes the subject after an amount of some period: another quarter, not 去年同期."""
    return time.kind in ("period", "date") and not _relative(time) and time.value != figure.period


def _of_sentence(page: Page, figure: Figure, measure: Measure | None, place: Place) -> str | None:
    """Return the last period of the sentence that was not only a measuring rod."""
    if measure is None or measure.metric.of == "market":
        return None
    for time in reversed(page.times_between(place.sentence, figure.start)):
        if time.kind == "date" and not (time.value or "").endswith(_CLOSINGS):
            continue
        if _excluded(page, time) or _relative(time) or _is_set_against(page, time) or not _suits(page, time, measure):
            continue
        crossed = page.folded[time.end : figure.start]
        return None if "。" in crossed else time.value
    return None


def _governs(page: Page, time: Figure, figure: Figure, measure: Measure | None) -> bool:
    """Return whether no more than an adjective stands between a time and what it modifies."""
    if " and " in page.folded[time.end : min(figure.start, time.end + 60)]:
        return False  # it listed in November 2022 and the price is about $15
    if measure is None:
        return page.new_words(time.end, figure.start) <= _BARE_WORDS_BETWEEN
    if time.end <= measure.start < figure.start:
        return page.new_words(time.end, measure.start) <= _WORDS_BETWEEN
    return page.new_words(time.end, figure.start) <= _WORDS_BETWEEN


def _relative(time: Figure) -> bool:
    return (time.value or "").startswith("P-")


def _excluded(page: Page, time: Figure) -> bool:
    """Return whether a time is only a mark, or that of the amount before it: US$40.9bn in 2025."""
    if _is_mark(page, time):
        return True
    amount = page.amount_before(time.start)
    return 0 <= amount < time.start and _stands_at(page, time, amount)


def _stands_at(page: Page, time: Figure, end: int) -> bool:
    """Return whether a time stands directly behind an amount that ends at `end`: $40.9bn in 2025, 5 億元(2025 年)."""
    return time.start - end <= _AT and _BEHIND.fullmatch(page.folded, end, time.start) is not None


def _is_mark(page: Page, time: Figure) -> bool:
    """Return whether a time is a mark on the way, not a stretch that amounts belong to: since 2020, 2020 年以來."""
    if _SINCE.match(page.folded, time.end):
        return True
    return _SINCE_BEFORE.search(page.lowered, max(0, time.start - 12), time.start) is not None


def _is_set_against(page: Page, time: Figure) -> bool:
    """Return whether a time names what an amount is compared with: 比 2023 年第一季高峰, than in 2024."""
    return _SET_AGAINST.search(page.lowered, max(0, time.start - 20), time.start) is not None


def _suits(page: Page, time: Figure, measure: Measure | None) -> bool:
    """Return whether an amount of this measure can be of such a time: sales are of a period, prices of a day too."""
    metric = measure.metric if measure else None
    if metric is not None and metric.of == "market":
        return _REPORTED.match(page.lowered, time.end) is None
    if metric is not None and metric.sort == "flow":
        return time.kind == "period" or _ENDED.search(page.lowered, max(0, time.start - 10), time.start) is not None
    return True
