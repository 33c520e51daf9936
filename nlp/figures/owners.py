"""Whose an amount is: the entity that the clause, the sentence or the article speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..records import Entity, Figure
from .measures import Measure
from .page import Page, Place

__all__ = ["find_owner"]

# What can own a metric, by the column `of` of metrics.tsv; "" is an amount without metric.
_OWNERS_OF: Final = {
    "company": frozenset({"COMPANY", "SECTOR", "FUND", "TICKER"}),
    "business": frozenset({"COMPANY", "PRODUCT", "SECTOR", "FUND", "TICKER"}),
    "market": frozenset({"COMPANY", "INDEX", "FUND", "CRYPTO", "COMMODITY", "SECTOR", "TICKER"}),
    "macro": frozenset({"LOCATION", "ORG", "CURRENCY", "SECTOR"}),
    "": frozenset({"COMPANY", "PRODUCT", "INDEX", "FUND", "CRYPTO", "COMMODITY", "TICKER", "CURRENCY"}),
}
_SET_BY_AUTHORITY: Final = ("policy_rate", "rate_change")
_CENTRAL_BANK: Final = frozenset({"ORG"})
_STRONG: Final = ("COMPANY", "PRODUCT", "INDEX", "FUND", "CRYPTO", "COMMODITY", "TICKER", "SECTOR")
_LIST = re.compile(r"\s*(?:[、,&/]|和|與|及|以及|或|and|or){1,2}\s*(?:the )?")
_OF_NAME = re.compile(r" (?:at|of|for|from) (?:the )?$")  # revenue at Apple rose 5%
_WORDS_BETWEEN: Final = 5
_BARE_WORDS_BETWEEN: Final = 2  # where no metric is named, the name itself must be the subject
_BELIEVES = re.compile(r"認為|相信|(?<![a-z])(?:believes?|thinks?|argues?)(?![a-z])")
_AGENT = re.compile(
    r"(?:分析師|的分析|證券|投顧|研究|將|把|調高|調升|上調|認為|指出|表示)|"
    r"['’]s? analysts?| analysts?| says?| raised| lifted| cut| sees"
)


def find_owner(
    page: Page, figure: Figure, measure: Measure | None, place: Place, carried: Entity | None = None
) -> Entity | None:
    """Return the entity that an amount belongs to, or None where it is not said or more than one can be meant.

    :param carried: the owner of the amount before, where this one is of the same measure and goes on with it.
    """
    labels = _labels(figure, measure)
    ahead = measure is not None and place.clause <= measure.start < figure.start
    anchor = measure.start if measure and ahead else figure.start
    floor = place.clause if measure else place.floor
    nearest = [entity for entity in page.owners.between(floor, anchor) if entity.label in labels]
    if nearest:
        subject = nearest[-1]
        words = _WORDS_BETWEEN if measure else _BARE_WORDS_BETWEEN
        if _in_list(page, subject) or page.new_words(subject.end, anchor) > words:
            return None
        return None if _only_speaks(page, subject, measure, anchor) else subject
    if measure is None or carried is not None:
        return carried
    if measure.own and measure.end <= figure.start:
        between = [e for e in page.owners.between(measure.end, figure.start) if e.label in labels]
        if between and _OF_NAME.search(page.lowered, max(0, between[0].start - 10), between[0].start):
            return between[0]
    if measure.metric.name == "price_target":
        return None
    if measure.metric.of == "macro":
        return _authority(page, place, anchor) if measure.metric.name in _SET_BY_AUTHORITY else None
    return _of_sentence(page, place, labels, anchor)


def _labels(figure: Figure, measure: Measure | None) -> frozenset[str]:
    if measure is None:
        return _OWNERS_OF[""] | _CENTRAL_BANK if figure.kind == "pp" else _OWNERS_OF[""]
    if measure.metric.name == "exchange_rate":
        return frozenset({"CURRENCY"})
    return _OWNERS_OF[measure.metric.of]


def _in_list(page: Page, subject: Entity) -> bool:
    """Return whether an entity is one of several: Trainium 和 Graviton 的營收 is not that of Graviton."""
    if _LIST.match(page.lowered, subject.end):
        return True
    before = page.owners.before(subject.start)
    if before is not None and subject.start - before.end <= 8:
        return _LIST.fullmatch(page.lowered, before.end, subject.start) is not None
    return False


def _only_speaks(page: Page, subject: Entity, measure: Measure | None, anchor: int) -> bool:
    """Return whether somebody speaks of somebody else: a broker of its target, a fund that believes or estimates."""
    if _BELIEVES.search(page.lowered, subject.end, anchor):
        return True
    if measure is None:
        cue = page.forecasts.before(anchor, floor=subject.end)
        return cue is not None and cue.what.speaker and subject.label != "ORG"
    return measure.metric.name == "price_target" and _AGENT.match(page.lowered, subject.end) is not None


def _authority(page: Page, place: Place, anchor: int) -> Entity | None:
    """Return the one central bank or office that the sentence names so far."""
    named = [e for e in page.owners.between(place.sentence, anchor) if e.label == "ORG"]
    return named[-1] if named and len({_name(e) for e in named}) == 1 else None


def _of_sentence(page: Page, place: Place, labels: frozenset[str], anchor: int) -> Entity | None:
    """Return the one entity that the sentence names so far, else the one of the sentence before, else the article's."""
    named = [e for e in page.owners.between(place.sentence, place.sentence_end) if e.label in _STRONG]
    fit = [e for e in named if e.label in labels and e.end <= anchor]
    if fit and _BELIEVES.search(page.lowered, fit[-1].end, anchor):
        return None
    if fit:
        return (
            fit[-1] if len({_name(e) for e in named if e.end <= anchor}) == 1 and not _in_list(page, fit[-1]) else None
        )
    if [e for e in named if page.topic is None or _name(e) != _name(page.topic)]:
        return None
    if page.speaks_of_others(place.sentence, place.sentence_end):
        return None
    return _of_sentence_before(page, place, labels) or _of_article(page, place, labels)


def _of_sentence_before(page: Page, place: Place, labels: frozenset[str]) -> Entity | None:
    """Return the company that the sentence before speaks of, where it is the only one and in the same section."""
    last = page.owners.before(place.sentence)
    if last is None or page.section(last.start) != page.section(place.sentence):
        return None
    start = page.sentence_before(place.sentence)
    named = [
        e for e in page.owners.between(start, place.sentence) if e.label in _STRONG and e.label in labels | {"COMPANY"}
    ]
    if not named or len({_name(e) for e in named}) > 1 or _in_list(page, named[-1]):
        return None
    return named[-1] if named[-1].label in labels.intersection(("COMPANY", "PRODUCT")) else None


def _of_article(page: Page, place: Place, labels: frozenset[str]) -> Entity | None:
    """Return the company that the article is about, unless it has spoken of another in the meantime."""
    if page.topic is None or "COMPANY" not in labels:
        return None
    before: Sequence[Entity] = page.owners.between(max(0, place.sentence - 400), place.sentence)
    others = [e for e in before if e.label in labels and page.section(e.start) == page.section(place.sentence)]
    return page.topic if all(_name(e) == _name(page.topic) for e in others) else None


def _name(entity: Entity) -> str:
    return entity.canonical or entity.text
