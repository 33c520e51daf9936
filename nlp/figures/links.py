"""Links: what each figure is about, and the figure it is set against.

Rules over the clause and the sentence around a figure, such as a reader would give, one module for each field:
`measures` (metric), `owners`, `periods`, `roles`. Where the text leaves a doubt the field stays None.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from ..records import Entity, Figure, Language, Sentence
from ..text import detect_language
from .cues import TIMES
from .measures import Measure, find_measure
from .owners import find_owner
from .page import Page, Place, read_page
from .periods import carried_period, find_period, names_another
from .roles import find_role

__all__ = ["link_figures"]

_NAMES_WITH_NUMBERS: Final = ("INDICATOR", "TICKER", "INDEX", "PRODUCT")
_PRESENT: Final = ("actual", "level", "change")
_FROM = re.compile(r"(?:[由從自]|(?<![a-z])from)[^,，。;；]{0,16}$", re.IGNORECASE)
_TO = re.compile(r"[至到達為上]|(?<![a-z])to(?![a-z])", re.IGNORECASE)

_Linked: TypeAlias = tuple[Figure, Measure | None, Entity | None]  # an amount, what it measures, whose it is


def link_figures(
    text: str,
    figures: Sequence[Figure],
    *,
    entities: Sequence[Entity] = (),
    sentences: Sequence[Sentence] = (),
    language: Language | None = None,
) -> tuple[Figure, ...]:
    """Return the amounts with what they are about; times, and fields that the text does not decide, stay as they are.

    A figure that is part of a name (the 20 日 of 20日均線, the 500 of an index) is left out; the others keep their ids.

    :param language: detected when missing.

    >>> from nlp.figures import find_figures
    >>> text = "營收年增 24%,達 356 億美元。"
    >>> [(f.metric, f.role, f.basis) for f in link_figures(text, find_figures(text, language="zh-Hant-TW"))]
    [('revenue', 'change', 'yoy'), ('revenue', 'actual', None)]
    """
    figures = _outside_names(figures, entities)
    page = read_page(text, figures, entities, sentences, language or detect_language(text))
    linked: list[Figure] = []
    previous: _Linked | None = None  # the amount before, in the same sentence
    statement: tuple[Figure, Measure] | None = None  # the last amount of a statement with a period, in the same section
    for figure in figures:
        if figure.kind not in TIMES:
            place = page.place(figure, previous[0].end if previous else 0)
            if previous is not None and previous[0].start < place.sentence:
                previous = None
            if statement is not None and page.section(statement[0].start) != page.section(figure.start):
                statement = None
            measure = find_measure(page, figure, place, previous[:2] if previous else None)
            previous = _link(page, figure, measure, previous, statement, place)
            figure = previous[0]
            if measure is not None and figure.period and figure.role == "actual":
                statement = (figure, measure)
        elif statement is not None and names_another(figure, statement[0]):
            statement = None
        linked.append(figure)
    return tuple(_compare(linked, page))


def _outside_names(figures: Sequence[Figure], entities: Sequence[Entity]) -> list[Figure]:
    """Return the figures that are no part of the name of an indicator, a code, an index or a product."""
    names = [entity for entity in entities if entity.label in _NAMES_WITH_NUMBERS]
    starts = [entity.start for entity in names]

    def inside(figure: Figure) -> bool:
        index = bisect_right(starts, figure.start) - 1
        return index >= 0 and figure.end <= names[index].end

    return [figure for figure in figures if not inside(figure)]


def _link(
    page: Page,
    figure: Figure,
    measure: Measure | None,
    previous: _Linked | None,
    statement: tuple[Figure, Measure] | None,
    place: Place,
) -> _Linked:
    if measure is not None and _is_in_name(page, figure, measure):
        figure = replace(figure, direction=None)
    role = find_role(page, figure, measure, previous[0] if previous else None, place)
    period = find_period(page, figure, measure, place, role) or carried_period(measure, role, statement)
    before = previous if previous and _goes_with(page, figure, measure, previous, place) else None
    if period is None and before and measure and role in _PRESENT and before[0].role in _PRESENT:
        period = before[0].period  # revenue rose 5% in 2025, to $3 billion
    owner = find_owner(page, figure, measure, place, before[2] if before else None)
    linked = replace(
        figure,
        metric=measure.metric.name if measure else None,
        owner=owner.text if owner else None,
        owner_canonical=owner.canonical if owner else None,
        period=period,
        role=role,
        direction=None if role == "prior" else figure.direction,
        basis=None if role == "prior" else figure.basis,
    )
    return linked, measure, owner


def _goes_with(page: Page, figure: Figure, measure: Measure | None, previous: _Linked, place: Place) -> bool:
    """Return whether an amount is of what the one before is: 年增 24%,達 356 億元; 油價由 75 美元跌到 66 美元."""
    before, its_measure, _ = previous
    if measure is not None and its_measure is not None:
        return measure.start == its_measure.start
    if measure is not its_measure or (figure.kind, figure.currency) != (before.kind, before.currency):
        return False
    return before.start >= place.clause and before.role == "prior" and page.new_words(place.floor, figure.start) == 0


def _is_in_name(page: Page, figure: Figure, measure: Measure) -> bool:
    """Return whether the movement word is part of the measure's name: GDP 成長率 3%, raised $200 million.

    降息 25 個基點 is both: the name of the measure, and the way it went.
    """
    if measure.metric.name == "rate_change" or measure.end > figure.start:
        return False
    word = page.movements.before(figure.start, floor=measure.start)
    return word is not None and word.end <= measure.end


def _compare(figures: list[Figure], page: Page) -> list[Figure]:
    """Set expected and prior amounts against the one of the same measure and unit next to them in the sentence."""
    amounts = [index for index, figure in enumerate(figures) if figure.kind not in TIMES]
    for place, index in enumerate(amounts):
        figure = figures[index]
        if figure.role not in ("expected", "prior"):
            continue
        onward = figure.role == "prior" and _goes_on(page, figure)
        sure = figure.metric is not None or figure.period is not None or onward or figure.role == "expected"
        steps = ((1, -1, -2) if onward else (-1, -2, -3, 1)) if sure else ()
        beside = [(step, figures[amounts[place + step]]) for step in steps if 0 <= place + step < len(amounts)]
        others = [(step, other) for step, other in beside if _comparable(page, figure, other)]
        if others:  # rather one that is stated than one that is expected, and rather one on the same side
            side = others[0][0] > 0
            other = min((row for row in others if (row[0] > 0) == side), key=lambda row: row[1].role == "expected")
            figures[index] = replace(figure, compares_to=other[1].id)
        elif figure.metric is None and figure.role == "prior":  # 由 5 家公司: of nothing, and set against nothing
            figures[index] = replace(figure, role=None)
    return figures


def _comparable(page: Page, figure: Figure, other: Figure) -> bool:
    if (other.kind, other.currency, other.metric) != (figure.kind, figure.currency, figure.metric):
        return False
    if other.role in ("expected", "prior", "change") and not (figure.role == "prior" and other.role == "expected"):
        return False
    return page.sentence_at(figure.start) == page.sentence_at(other.start)


def _goes_on(page: Page, figure: Figure) -> bool:
    """Return whether the text goes on from a prior amount to the present one: 由 500 元調高至 550 元."""
    if not _FROM.search(page.folded, max(0, figure.start - 24), figure.start):
        return False
    return _TO.search(page.folded, figure.end, figure.end + 24) is not None
