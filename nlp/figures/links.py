"""Links: what each figure is about, and the figure it is set against.

Rules over the clause and the sentence around a figure, such as a reader would give, one module for each field:
`measures` (metric), `owners`, `periods`, `roles`. Where the text leaves a doubt the field stays None.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

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
_FROM = re.compile(r"(?:[由從自]|(?<![a-z])from)[^,，。;；]{0,16}$", re.IGNORECASE)
_TO = re.compile(r"[至到達為上]|(?<![a-z])to(?![a-z])", re.IGNORECASE)


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
    previous: tuple[Figure, Measure | None] | None = None  # the amount before, in the same sentence
    statement: tuple[Figure, Measure] | None = None  # the last amount of a statement with a period, in the same section
    for figure in figures:
        if figure.kind not in TIMES:
            place = page.place(figure, previous[0].end if previous else 0)
            if previous is not None and previous[0].start < place.sentence:
                previous = None
            if statement is not None and page.section(statement[0].start) != page.section(figure.start):
                statement = None
            measure = find_measure(page, figure, place, previous)
            figure = _link(page, figure, measure, previous, statement, place)
            previous = (figure, measure)
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
    previous: tuple[Figure, Measure | None] | None,
    statement: tuple[Figure, Measure] | None,
    place: Place,
) -> Figure:
    role = find_role(page, figure, measure, previous[0] if previous else None, place)
    period = find_period(page, figure, measure, place, role) or carried_period(measure, role, statement)
    owner = find_owner(page, figure, measure, place)
    return replace(
        figure,
        metric=measure.metric.name if measure else None,
        owner=owner.text if owner else None,
        owner_canonical=owner.canonical if owner else None,
        period=period,
        role=role,
        direction=None if role == "prior" else figure.direction,
    )


def _compare(figures: list[Figure], page: Page) -> list[Figure]:
    """Set expected and prior amounts against the one of the same measure and unit next to them in the sentence."""
    amounts = [index for index, figure in enumerate(figures) if figure.kind not in TIMES]
    for place, index in enumerate(amounts):
        figure = figures[index]
        if figure.role not in ("expected", "prior"):
            continue
        steps = (1, -1, -2) if figure.role == "prior" and _goes_on(page, figure) else (-1, -2, 1)
        for step in steps:
            other = figures[amounts[place + step]] if 0 <= place + step < len(amounts) else None
            if other is not None and _comparable(page, figure, other):
                figures[index] = replace(figure, compares_to=other.id)
                break
        else:
            if figure.metric is None and figure.role == "prior":  # 由 5 家公司: no measure and nothing to set it against
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
