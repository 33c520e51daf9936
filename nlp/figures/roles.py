"""What an amount is in its text: actual, expected, prior, guidance, a level or a change."""

from __future__ import annotations

import re
from typing import Final

from ..records import Figure, Role
from .cues import Cue
from .measures import Measure, is_change, is_reached
from .page import Page, Place, RoleCue

__all__ = ["find_role", "forecast_before"]

_BRIDGE: Final = 14  # characters: 1.95 美元對比預期的 1.97 美元 is one statement, though a clause may end in it
_WORDS_BETWEEN: Final = {"expected": 4, "guidance": 5, "prior": 0, "actual": 2}
_PLAN = re.compile(r"計[劃畫]|預算|plan|budget")
_STATED_IN_POINTS: Final = ("credit_spread", "bond_yield")  # elsewhere percentage points are a difference
_DIRECT: Final = 2  # characters: a bracket, a colon
_FAR: Final = 60  # characters between a cue and its amount
_SET_AGAINST = re.compile(
    r"(?:[比較]|相較於?|低於|高於|優於|遠超|超過|(?<![a-z])(?:than|against|versus|vs|compared (?:with|to)))"
    r"(?:先前|在|前|約| |the|in|a|its|about){0,3}$"
)
_AGAINST_BEFORE = re.compile(
    r"(?<![a-z])(?:than|against|versus|vs|compared (?:with|to)) (?:about |around |a |the |just )?$"
)
_PEAK = re.compile(r" ?(?:的|同期的?|全年的?|底的?|高峰的?|['’]s )? ?(?:約|近|逾| )*")


def find_role(
    page: Page, figure: Figure, measure: Measure | None, previous: Figure | None, place: Place
) -> Role | None:
    """Return the role of an amount: what a word beside it says, else what its measure and its movement make it."""
    if _is_earlier(page, figure, place):
        return "prior"
    cue = _cue_before(page, figure, measure, previous, place)
    if cue is not None:
        return cue
    after = page.roles_after.after(figure.end, ceiling=min(place.sentence_end, figure.end + 48))
    if after is not None and after.start - figure.end <= 2 and after.what.role is not None:
        return after.what.role
    if is_change(page, figure):
        return None if figure.direction == "flat" else "change"
    if figure.kind in ("money", "count", "quantity") and _moved_by(page, figure, measure):
        return "change"
    if measure is None:
        return "level" if figure.direction in ("up", "down") and is_reached(page, figure) else None
    if figure.kind == "pp" and measure.metric.name not in _STATED_IN_POINTS:
        return "change"
    if _PLAN.search(page.lowered, measure.start, measure.end):
        return "guidance"
    if measure.metric.name == "price_target":
        return "expected"
    if measure.metric.sort == "level" or (measure.metric.sort == "flow" and figure.kind in ("percent", "fraction")):
        return "level"  # 60% of revenue is a level too
    unsure = forecast_before(page, place) or (previous is not None and _forecast_between(page, place, previous))
    return None if unsure else "actual"


def _cue_before(
    page: Page, figure: Figure, measure: Measure | None, previous: Figure | None, place: Place
) -> Role | None:
    floor = place.floor
    if previous is not None and place.sentence <= previous.end and figure.start - previous.end <= _BRIDGE:
        floor = previous.end
    cue = page.roles_before.before(figure.start, floor=floor)
    if cue is None and previous is not None and previous.role == "prior" and previous.start >= place.clause:
        cue = page.forecasts.before(previous.start, floor=place.clause)  # 財測由 600 億上調到 630 億
        if cue is not None and page.new_words(place.floor, figure.start) == 0:
            return _spoken_by(page, cue, place) if cue.what.speaker else cue.what.role
    if cue is None:  # EPS guidance ($21.75-23.00)
        cue = page.roles_before.before(figure.start, floor=max(place.sentence, figure.start - 30))
        if cue is None or figure.start - cue.end > _DIRECT:
            return None
    if cue.what.role is None or figure.start - cue.end > _FAR:
        return None
    role = _spoken_by(page, cue, place) if cue.what.speaker else cue.what.role
    if page.new_words(cue.end, figure.start) > _WORDS_BETWEEN[role] or (role == "prior" and figure.direction):
        return None
    elsewhere = measure is not None and measure.own and cue.end <= measure.start and measure.metric.of == "market"
    moved = figure.kind == "money" and page.movements.before(figure.start, floor=cue.end) is not None
    if role == "guidance" and (elsewhere or (moved and _moved_by(page, figure, measure))):
        return None  # raised its forecast and sent its shares up 11%; the forecast went up by $300 million
    return role


def _spoken_by(page: Page, cue: Cue[RoleCue], place: Place) -> Role:
    """Return guidance where a company or an authority speaks of itself, expected where others do."""
    speaker = page.speakers.before(cue.start, floor=place.clause)
    if speaker is None:
        speaker = page.speakers.after(place.sentence, ceiling=cue.start)
    owner = next((e for e in reversed(page.owners.between(place.sentence, cue.start)) if e.label == "COMPANY"), None)
    if speaker is not None and speaker.what.role is not None and (owner is None or speaker.start >= owner.start):
        return speaker.what.role
    if owner is not None and cue.start - owner.end <= 12 and page.new_words(owner.end, cue.start) <= 1:
        return "guidance"
    return cue.what.role or "expected"


def _is_earlier(page: Page, figure: Figure, place: Place) -> bool:
    """Return whether a time beside the amount makes it the earlier one: 去年同期的 41.2%, $2bn a year earlier."""
    if is_change(page, figure) and figure.direction:
        return False
    before = page.times_between(max(place.clause, place.floor), figure.start)
    if before and _PEAK.fullmatch(page.folded, before[-1].end, figure.start):
        relative = (before[-1].value or "").startswith("P-")
        return (
            relative or _SET_AGAINST.search(page.lowered, max(0, before[-1].start - 20), before[-1].start) is not None
        )
    behind = page.time_after(figure.end, ceiling=min(place.sentence_end, figure.end + 24))
    if behind is None:
        return False
    gap = page.folded[figure.end : behind.start]
    if (behind.value or "").startswith("P-"):
        return gap in ("", " ", " in the ", " in ", " for ")
    against = _AGAINST_BEFORE.search(page.lowered, max(0, figure.start - 30), figure.start)
    return against is not None and gap in (" in ", " for ", " at the end of ", " ")


def forecast_before(page: Page, place: Place) -> bool:
    """Return whether the sentence began with a forecast, so that an amount in it may be one too.

    A consensus that an amount before is set against leaves the next amount what it is.
    """
    cue = page.forecasts.after(place.sentence, ceiling=place.clause)
    if cue is None:
        return False
    consensus = cue.what.role == "expected" and not cue.what.speaker
    return not consensus or page.amount_before(cue.start) < place.sentence


def _forecast_between(page: Page, place: Place, previous: Figure) -> bool:
    """Return whether a forecast may hold on, the amount before being no result: my estimate from $22 to $16 billion."""
    return previous.role != "actual" and page.forecasts.before(place.floor, floor=place.clause) is not None


def _moved_by(page: Page, figure: Figure, measure: Measure | None) -> bool:
    """Return whether the amount is the way gone: 漲 5 元, rose $3; not 漲至 205 元 or 跌破季線 382 元."""
    if figure.direction not in ("up", "down") or is_reached(page, figure):
        return False
    if measure is None or measure.end > figure.start:
        return True
    return page.movements.before(figure.start, floor=measure.end) is not None or figure.start - measure.end > _DIRECT
