"""What an amount is in its text: actual, expected, prior, guidance, a level or a change."""

from __future__ import annotations

import re
from typing import Final

from ..records import Figure, Role
from .cues import Cue
from .measures import Measure, is_change
from .page import Page, Place, RoleCue

__all__ = ["find_role"]

_BRIDGE: Final = 14  # characters: 1.95 美元對比預期的 1.97 美元 is one statement, though a clause may end in it
_WORDS_BETWEEN: Final = {"expected": 4, "guidance": 5, "prior": 0, "actual": 2}
_FAR: Final = 60  # characters between a cue and its amount
_REACHED = re.compile(  # the amount that follows is the place reached, not the way gone
    r"(?:至|到|達|為|報|破|穿|於|在|(?<![a-z])(?:to|at|below|above|near|past|through))"
    r"(?:僅|只|約|近|逾|先前|不到|的|每股| |about|around|only|just|nearly|over|some|a |the |record){0,4}$"
)
_SET_AGAINST = re.compile(
    r"(?:[比較]|相較於?|低於|高於|優於|遠超|超過|(?<![a-z])(?:than|against|versus|vs|compared (?:with|to)))"
    r"(?:先前|在|前|約| |the|in|a|its|about){0,3}$"
)
_AGAINST_BEFORE = re.compile(r"(?<![a-z])(?:than|against|versus|vs|compared (?:with|to)) (?:about |around |a |the |just )?$")
_PEAK = re.compile(r" ?(?:的|同期的?|全年的?|底的?|高峰的?|['’]s )? ?(?:約|近|逾| )*")


def find_role(page: Page, figure: Figure, measure: Measure | None, previous: Figure | None, place: Place) -> Role | None:
    """Return the role of an amount: what a word beside it says, else what its measure and its movement make it."""
    if _is_earlier(page, figure, place):
        return "prior"
    cue = _cue_before(page, figure, measure, previous, place)
    if cue is not None:
        return cue
    after = page.roles_after.after(figure.end, ceiling=min(place.sentence_end, figure.end + 48))
    if after is not None and after.start - figure.end <= 2 and after.what.role is not None:
        return after.what.role
    if is_change(page.folded, figure) and not (measure and measure.metric.sort == "level" and _reached(page, figure)):
        return None if figure.direction == "flat" else "change"
    if figure.kind in ("money", "count", "quantity") and _moved_by(page, figure):
        return "change"
    if measure is None:
        return None
    if measure.metric.sort == "level" or (measure.metric.sort == "flow" and figure.kind in ("percent", "fraction")):
        return "level"  # 60% of revenue is a level too
    return None if _forecast_before(page, figure, place) else "actual"


def _cue_before(page: Page, figure: Figure, measure: Measure | None, previous: Figure | None, place: Place) -> Role | None:
    floor = place.floor
    if previous is not None and place.sentence <= previous.end and figure.start - previous.end <= _BRIDGE:
        floor = previous.end
    cue = page.roles_before.before(figure.start, floor=floor)
    if cue is None or cue.what.role is None or figure.start - cue.end > _FAR:
        return None
    role = _spoken_by(page, cue, place) if cue.what.speaker else cue.what.role
    if page.new_words(cue.end, figure.start) > _WORDS_BETWEEN[role]:
        return None
    elsewhere = measure is not None and measure.own and cue.end <= measure.start and measure.metric.of == "market"
    return None if elsewhere and role == "guidance" else role  # raised its forecast and sent its shares up 11%


def _spoken_by(page: Page, cue: Cue[RoleCue], place: Place) -> Role:
    """Return guidance where a company or an authority speaks of itself, expected where others do."""
    speaker = page.speakers.before(cue.start, floor=place.sentence)
    owner = next((e for e in reversed(page.owners.between(place.sentence, cue.start)) if e.label == "COMPANY"), None)
    if speaker is not None and speaker.what.role is not None and (owner is None or speaker.start >= owner.start):
        return speaker.what.role
    if owner is not None and cue.start - owner.end <= 12 and page.new_words(owner.end, cue.start) <= 1:
        return "guidance"
    return cue.what.role or "expected"


def _is_earlier(page: Page, figure: Figure, place: Place) -> bool:
    """Return whether a time beside the amount makes it the earlier one: 去年同期的 41.2%, $1.8 billion a year earlier."""
    if is_change(page.folded, figure):
        return False
    before = page.times_between(max(place.clause, place.floor), figure.start)
    if before and _PEAK.fullmatch(page.folded, before[-1].end, figure.start):
        relative = (before[-1].value or "").startswith("P-")
        return relative or _SET_AGAINST.search(page.lowered, max(0, before[-1].start - 20), before[-1].start) is not None
    behind = page.time_after(figure.end, ceiling=min(place.sentence_end, figure.end + 24))
    if behind is None:
        return False
    gap = page.folded[figure.end : behind.start]
    if (behind.value or "").startswith("P-"):
        return gap in ("", " ", " in the ", " in ", " for ")
    against = _AGAINST_BEFORE.search(page.lowered, max(0, figure.start - 30), figure.start)
    return against is not None and gap in (" in ", " for ", " at the end of ", " ")


def _forecast_before(page: Page, figure: Figure, place: Place) -> bool:
    """Return whether the sentence has begun to speak of a forecast, so that an amount in it may be one too."""
    cue = page.roles_before.before(figure.start, floor=place.sentence)
    return cue is not None and cue.what.role in ("expected", "guidance") and cue.start < place.clause


def _moved_by(page: Page, figure: Figure) -> bool:
    """Return whether the amount is the way gone (漲 5 元, rose $3), not the place reached (漲至 205 元, to $45)."""
    return figure.direction in ("up", "down") and not _reached(page, figure)


def _reached(page: Page, figure: Figure) -> bool:
    return _REACHED.search(page.lowered, max(0, figure.start - 24), figure.start) is not None
