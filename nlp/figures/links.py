"""What a figure is about: metric, owner, period, role, direction, basis, and the figure it is set against.

Rules over the clause and the sentence around a figure, such as a reader would give: the nearest measure before the
amount (or right behind it: 777 億美元的淨利), the nearest entity before that, the period named in the sentence. Where
the text leaves a doubt the field stays None.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from ..lexicon import read_table
from ..records import Basis, Direction, Entity, Figure, Role, Sentence
from ..text import detect_language, view
from .cues import Cue, CueFinder, Cues, clause_starts, lower

__all__ = ["add_movements", "link_figures"]

_TIMES: Final = ("period", "date", "duration")
_MOVING: Final = ("money", "percent", "pp", "points", "count", "quantity", "multiple", "number", "fraction")
_OWNERS: Final = ("COMPANY", "PRODUCT", "INDEX", "FUND", "CRYPTO", "COMMODITY", "CURRENCY", "SECTOR", "TICKER", "ORG")
_SENTENCE_END = re.compile(r"[。!?！？\n]|\.(?=\s+[A-Z\"“'])")
_NEAR: Final = 24  # characters between a Chinese cue and its amount
_NEAR_LATIN: Final = 48
_ROLE_NEAR: Final = 14
_OF_METRIC = re.compile(
    r"(?:的|之)[^,，。;；、的]{0,8}$|^ (?:in|of)(?: [A-Za-z'’-]+){0,3} ?$|^ (?:[A-Za-z-]+ ){0,2}$|^\s?$"
)
_REACHED = re.compile(  # the amount that follows is the place reached, not the way gone
    r"(?:至|到|達|為|報|破|穿|於|(?<![a-z])(?:to|at|below|above|near|past|through))"
    r"(?:僅|只|約|近|逾|先前|不到|的|每股| |about|around|only|just|nearly|over|some|a |the |record){0,4}$"
)
_SINCE_AFTER: Final = ("以來", "以后", "起", "來的", "之前")


@dataclass(frozen=True, slots=True)
class _Movement:
    direction: Direction | None
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class _Metric:
    name: str
    sort: str


@cache
def _movements() -> CueFinder[_Movement]:
    rows = read_table("movements.tsv")
    return CueFinder({row["form"]: _Movement(row["direction"] or None, row["basis"] or None) for row in rows})  # type: ignore[arg-type]


@cache
def _metrics() -> CueFinder[_Metric]:
    words: dict[str, _Metric] = {}
    for row in read_table("metrics.tsv"):
        for form in (*row["chinese"].split("|"), *row["english"].split("|")):
            if form:
                words.setdefault(lower(form), _Metric(row["metric"], row["sort"]))
    return CueFinder(words)


@cache
def _roles(side: str) -> CueFinder[Role | None]:
    rows = read_table("roles.tsv")
    return CueFinder({row["form"]: row["role"] or None for row in rows if row["side"] == side})  # type: ignore[misc]


# ------------------------------------------------------------------------------------------------------- movements


def add_movements(folded: str, figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures with the direction and the basis that the words of their clause give them."""
    lowered = lower(folded)
    cues = _movements().find(lowered)
    clauses = clause_starts(folded)
    moved = []
    previous_end = 0  # of the amount before: a word before it is about that one
    for figure in figures:
        if figure.kind in _MOVING:
            floor, ceiling = _clause(clauses, figure, len(folded))
            moved.append(_with_movement(folded, figure, cues, max(floor, previous_end), ceiling))
            previous_end = figure.end
        else:
            moved.append(figure)
    return moved


def _with_movement(folded: str, figure: Figure, cues: Cues[_Movement], floor: int, ceiling: int) -> Figure:
    direction: Direction | None = None
    basis: Basis | None = None
    before = cues.before(figure.start, floor=floor)
    if before is not None and _is_near(folded, before.end, figure.start):
        direction, basis = before.what.direction, before.what.basis
        further = cues.before(before.start, floor=floor)
        if further is not None:
            basis = basis or further.what.basis
            direction = direction or further.what.direction
    after = cues.after(figure.end, ceiling=ceiling)
    if after is not None and _is_near(folded, figure.end, after.start, limit=8):
        basis = basis or after.what.basis
        if figure.kind in ("percent", "pp", "points", "money", "multiple"):
            direction = direction or (after.what.direction if after.start - figure.end <= 3 else None)
        if basis is None:
            further = cues.after(after.end, ceiling=ceiling)
            basis = further.what.basis if further is not None else None
    if direction is None and basis is None:
        return figure
    return replace(figure, direction=direction, basis=basis)


def _is_near(folded: str, end: int, start: int, limit: int = 12) -> bool:
    """Return whether a cue and an amount stand close; letters are smaller units than Chinese characters."""
    gap = folded[end:start] if start - end <= _NEAR_LATIN else ""
    return start - end <= (3 * limit if gap.isascii() and gap else limit)


def _clause(starts: list[int], figure: Figure, size: int) -> tuple[int, int]:
    index = bisect_right(starts, figure.start) - 1
    following = bisect_left(starts, figure.end)
    return starts[index], starts[following] if following < len(starts) else size


# ----------------------------------------------------------------------------------------------------------- links


@dataclass(frozen=True, slots=True)
class _Page:
    """A text with everything on it that links look at."""

    folded: str
    clauses: list[int]
    sentence_starts: list[int]
    sections: tuple[int, ...]
    metrics: Cues[_Metric]
    roles_before: Cues[Role | None]
    roles_after: Cues[Role | None]
    entities: Sequence[Entity]
    entity_starts: list[int]
    entity_ends: list[int]
    times: Sequence[Figure]
    time_ends: list[int]

    def sentence(self, position: int) -> tuple[int, int, int]:
        """Return the index, the start and the end of the sentence at `position`."""
        index = max(bisect_right(self.sentence_starts, position) - 1, 0)
        end = self.sentence_starts[index + 1] if index + 1 < len(self.sentence_starts) else len(self.folded)
        return index, self.sentence_starts[index], end

    def owner_before(self, position: int, *, floor: int) -> Entity | None:
        index = bisect_right(self.entity_ends, position) - 1
        return self.entities[index] if index >= 0 and self.entity_starts[index] >= floor else None

    def owner_after(self, position: int, *, ceiling: int) -> Entity | None:
        index = bisect_left(self.entity_starts, position)
        return self.entities[index] if index < len(self.entities) and self.entity_ends[index] <= ceiling else None

    def time_before(self, position: int, *, floor: int) -> Figure | None:
        """Return the last period that a figure at `position` can be about."""
        index = bisect_right(self.time_ends, position) - 1
        return self.times[index] if index >= 0 and self.times[index].start >= floor else None


def link_figures(
    text: str, figures: Sequence[Figure], *, entities: Sequence[Entity] = (), sentences: Sequence[Sentence] = ()
) -> tuple[Figure, ...]:
    """Return the amounts with what they are about; times, and fields that the text does not decide, stay as they are.

    >>> from nlp.figures import find_figures
    >>> text = "營收年增 24%,達 356 億美元。"
    >>> [(f.metric, f.role, f.basis) for f in link_figures(text, find_figures(text, language="zh-Hant-TW"))]
    [('revenue', 'change', 'yoy'), ('revenue', 'actual', None)]
    """
    page = _page(text, figures, entities, sentences)
    linked: list[Figure] = []
    previous: Figure | None = None  # the amount before, in the same sentence
    for figure in figures:
        if figure.kind in _TIMES:
            linked.append(figure)
            continue
        _, start, end = page.sentence(figure.start)
        if previous is not None and previous.start < start:
            previous = None
        previous = _link(page, figure, previous, start, end)
        linked.append(previous)
    return tuple(_compare(linked, page))


def _page(text: str, figures: Sequence[Figure], entities: Sequence[Entity], sentences: Sequence[Sentence]) -> _Page:
    folded = view(text, detect_language(text))
    lowered = lower(folded)
    starts = [sentence.start for sentence in sentences]
    sections = tuple(sentence.section for sentence in sentences)
    if not sentences:
        starts = [0, *(match.end() for match in _SENTENCE_END.finditer(folded))]
        sections = ()
    owners = [entity for entity in entities if entity.label in _OWNERS]
    times = [figure for figure in figures if figure.kind in ("period", "date") and _says_when(folded, figure)]
    return _Page(
        folded=folded,
        clauses=clause_starts(folded),
        sentence_starts=starts,
        sections=sections,
        metrics=_metrics().find(lowered),
        roles_before=_roles("before").find(lowered),
        roles_after=_roles("after").find(lowered),
        entities=owners,
        entity_starts=[entity.start for entity in owners],
        entity_ends=[entity.end for entity in owners],
        times=times,
        time_ends=[figure.end for figure in times],
    )


def _says_when(folded: str, figure: Figure) -> bool:
    """Return whether a time is one that amounts belong to: not 2020 年以來, "since 2020"."""
    if folded[figure.end : figure.end + 3].lstrip().startswith(_SINCE_AFTER):
        return False
    return not folded[max(0, figure.start - 7) : figure.start].rstrip().lower().endswith("since")


def _link(page: _Page, figure: Figure, previous: Figure | None, start: int, end: int) -> Figure:
    clause, clause_end = _clause(page.clauses, figure, len(page.folded))
    clause, clause_end = max(clause, start), min(clause_end, end)
    metric = _metric(page, figure, start, clause, clause_end, previous)
    owner = _owner(page, figure, metric, start)
    time = _period(page, figure, start, clause_end)
    role = _role(page, figure, metric, previous, clause, clause_end, time)
    return replace(
        figure,
        metric=metric.what.name if metric else None,
        owner=owner.text if owner else None,
        owner_canonical=owner.canonical if owner else None,
        period=time.value if time else None,
        role=role,
    )


def _metric(
    page: _Page, figure: Figure, start: int, clause: int, clause_end: int, previous: Figure | None
) -> Cue[_Metric] | None:
    after = page.metrics.after(figure.end, ceiling=clause_end)
    if after is not None and _OF_METRIC.search(page.folded[figure.end : min(after.start, figure.end + _NEAR_LATIN)]):
        return after
    before = page.metrics.before(figure.start, floor=clause)
    if before is not None:
        return before
    before = page.metrics.before(figure.start, floor=start)
    near = before is not None and figure.start - before.end <= 3 * _NEAR_LATIN
    if near:
        return before
    if after is not None and after.start - figure.end <= (
        _NEAR_LATIN if page.folded[figure.end : after.start].isascii() else 12
    ):
        return after
    return None


def _owner(page: _Page, figure: Figure, metric: Cue[_Metric] | None, start: int) -> Entity | None:
    anchor = min(figure.start, metric.start) if metric else figure.start
    owner = page.owner_before(anchor, floor=start)
    if owner is not None:
        return owner
    if metric is not None and metric.start < figure.start:
        between = page.owner_after(metric.end, ceiling=figure.start)  # revenue at Apple rose 5%
        if between is not None:
            return between
    return _owner_of_sentences_before(page, start)


def _owner_of_sentences_before(page: _Page, start: int) -> Entity | None:
    """Return the company that the sentence before speaks of, where it is the only one and in the same section."""
    index = max(bisect_right(page.sentence_starts, start) - 1, 0)
    if index == 0 or (page.sections and page.sections[index] != page.sections[index - 1]):
        return None
    floor = page.sentence_starts[index - 1]
    if "\n" in page.folded[floor:start].rstrip("\n") or page.folded[start - 1 : start] == "\n":
        return None
    first = bisect_left(page.entity_starts, floor)
    last = bisect_left(page.entity_starts, start)
    if not 0 < last - first <= 8:
        return None
    found = [entity for entity in page.entities[first:last] if entity.label == "COMPANY"]
    names = {entity.canonical or entity.text for entity in found}
    return found[-1] if len(names) == 1 else None


def _period(page: _Page, figure: Figure, start: int, clause_end: int) -> Figure | None:
    before = page.time_before(figure.start, floor=start)
    if before is not None:
        return before
    index = bisect_left(page.time_ends, figure.end)
    if index < len(page.times) and page.times[index].end <= clause_end:
        return page.times[index]
    return None


def _role(
    page: _Page,
    figure: Figure,
    metric: Cue[_Metric] | None,
    previous: Figure | None,
    clause: int,
    clause_end: int,
    time: Figure | None,
) -> Role | None:
    floor = max(clause, previous.end if previous else clause)
    if previous is not None and figure.start - previous.end <= _ROLE_NEAR:
        floor = previous.end  # 1.95 美元對比預期的 1.97 美元: a short bridge, though a clause may end in it
    cue = page.roles_before.before(figure.start, floor=floor)
    if cue is not None and cue.what is not None and _role_is_near(page.folded, cue, figure):
        return cue.what
    after = page.roles_after.after(figure.end, ceiling=min(clause_end, figure.end + _NEAR_LATIN))
    if after is not None and after.start - figure.end <= 2 and after.what is not None:
        return after.what
    sort = metric.what.sort if metric else None
    if (
        figure.kind in ("percent", "pp", "multiple", "points")
        and (figure.direction or figure.basis)
        and sort != "level"
    ):
        return "change"
    if figure.kind not in ("number", "fraction", "multiple") and _moved_by(page.folded, figure):
        return "change"
    if sort == "level":
        return "level"
    if sort in ("flow", "macro"):
        return "level" if figure.kind in ("percent", "fraction") and sort == "flow" else "actual"
    return None


def _role_is_near(folded: str, cue: Cue[Role | None], figure: Figure) -> bool:
    gap = folded[cue.end : figure.start]
    if cue.what == "prior":
        return len(gap.strip()) <= 2 or (len(gap) <= 10 and gap.isascii() and not gap.strip().count(" "))
    if cue.what == "expected":
        return len(gap) <= (24 if gap.isascii() else 8)
    return len(gap) <= (_NEAR_LATIN if gap.isascii() else _NEAR)


def _moved_by(folded: str, figure: Figure) -> bool:
    """Return whether the amount is the way gone (漲 5 元, rose 3%), not the place reached (漲至 205 元, to $45)."""
    if figure.direction in (None, "flat"):
        return False
    return _REACHED.search(folded[max(0, figure.start - _NEAR) : figure.start]) is None


def _compare(figures: list[Figure], page: _Page) -> list[Figure]:
    """Set expected and prior amounts against the one of the same kind next to them in the sentence."""
    amounts = [index for index, figure in enumerate(figures) if figure.kind not in _TIMES]
    for place, index in enumerate(amounts):
        figure = figures[index]
        if figure.role not in ("expected", "prior"):
            continue
        _, start, end = page.sentence(figure.start)
        beside = [amounts[other] for other in (place - 1, place - 2, place + 1) if 0 <= other < len(amounts)]
        for other in beside:
            candidate = figures[other]
            fits = candidate.kind == figure.kind and candidate.currency == figure.currency
            if fits and start <= candidate.start < end and candidate.role not in ("expected", "prior", "change"):
                figures[index] = replace(figure, compares_to=candidate.id)
                break
    return figures
