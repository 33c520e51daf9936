"""A text with everything on it that the links of a figure look at, found once."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from ..lexicon import read_table
from ..records import Entity, Figure, Language, Role, Sentence
from ..text import view
from .cues import TIMES, CueFinder, Cues, blank, clause_at, clause_starts, lower
from .movements import Movement, find_movements

__all__ = ["Metric", "Page", "Place", "RoleCue", "Spans", "read_page"]

_OWNERS: Final = (
    "COMPANY", "PRODUCT", "INDEX", "FUND", "CRYPTO", "COMMODITY", "CURRENCY", "SECTOR", "TICKER", "ORG", "LOCATION",
)  # fmt: skip
_SENTENCE_END = re.compile(r"[。!?！？\n]|\.(?=\s+[A-Z\"“'])")
_LEAD: Final = 600  # characters: the title and the first paragraphs, which say whom an article is about
_REACH: Final = 400  # characters: what stands further off in an endless sentence is not looked at
_TOPIC_MENTIONS: Final = 3
_TOPIC_SHARE: Final = 0.6  # of all mentions of companies
_FILLERS = re.compile(  # words that carry no subject of their own
    r"達到?|創下|來到|為|至|到|約|近|逾|超過|高達|僅|只有|只|剩下?|有|也|則|再|又|的|了|是|較|比|與|和|及|並|且|以|從|自|由|仍|已|一路|"
    r"一口氣|大幅|小幅|略|略為|單日|全年|單季|同期|合計|其中|先前|原本|原先|相當於|對比|不如|低於|高於|優於|遠超|市場|公司|估|平均|均值|歷史|過去|如今|目前|現在|高峰|同期|大勝|微|前|高|低|多|少|勝|遜|"
    r"(?<![a-z])(?:to|at|of|the|a|an|by|and|or|from|with|in|for|is|was|were|are|well|ahead|above|below|against|versus|vs|compared|about|"
    r"around|some|nearly|almost|only|just|up|down|than|it|its|reached|reaching|hit|hitting|came|stood|stands|even|now|then|"
    r"still|also|but|record|roughly|over|after|which|that|had|has|have|instead|consensus|estimate|range|average|mean|median|five-year|ten-year)(?![a-z])"
)
_OTHERS = re.compile(  # the sentence speaks of somebody else, though it may not name them
    r"同業|對手|競爭者|競爭對手|產業|全球|族群|客戶|供應商|同行|整體|大盤|市場規模|其中|相關營收|部門|事業群|美股|"
    r"台股|港股|(?<![a-z])(?:rivals?|industry|peers?|competitors?|customers?|suppliers?|sector|others|market for|"
    r"segment|division|worldwide|global)(?![a-z])"
)
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’.-]*+")
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of metrics.tsv, see there."""

    name: str
    sort: str
    takes: frozenset[str]
    of: str


@dataclass(frozen=True, slots=True)
class RoleCue:
    """A row of roles.tsv: `role` is None where words only look like a cue; `speaker` where who speaks decides."""

    role: Role | None
    speaker: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where an amount stands: its sentence, its clause, and where the amount before it ended (or the clause began)."""

    sentence: int
    sentence_end: int
    clause: int
    clause_end: int
    floor: int


class Spans:
    """Records in order, with look-ups that do not scan."""

    def __init__(self, records: Iterable[Entity]) -> None:
        self.all = list(records)
        self._starts = [record.start for record in self.all]
        self._ends = [record.end for record in self.all]

    def between(self, start: int, end: int) -> list[Entity]:
        """Return the records within [start, end), the last eight of them at most."""
        first, last = bisect_left(self._starts, start), bisect_right(self._ends, end)
        return self.all[max(first, last - 8) : last]

    def before(self, position: int) -> Entity | None:
        """Return the last record that ends at or before `position`."""
        index = bisect_right(self._ends, position) - 1
        return self.all[index] if index >= 0 else None


@dataclass(frozen=True, slots=True)
class Page:
    """A text and what was found in it, with look-ups that take no longer in a long text."""

    folded: str
    lowered: str
    rest: str  # the text without its figures, movement and role words: what is left between two of them is new
    clauses: list[int]
    sentence_starts: list[int]
    sections: tuple[int, ...]
    metrics: Cues[Metric]
    roles_before: Cues[RoleCue]
    roles_after: Cues[RoleCue]
    forecasts: Cues[RoleCue]  # those of roles_before that speak of what is not yet
    speakers: Cues[RoleCue]
    movements: Cues[Movement]
    owners: Spans
    topic: Entity | None
    times: Sequence[Figure]
    time_starts: list[int]
    time_ends: list[int]
    amount_ends: list[int]
    others: list[int]

    def place(self, figure: Figure, previous_end: int) -> Place:
        """Return where an amount stands; `previous_end` is where the amount before it ended."""
        index = self.sentence_at(figure.start)
        start = self.sentence_starts[index]
        end = self.sentence_starts[index + 1] if index + 1 < len(self.sentence_starts) else len(self.folded)
        clause, clause_end = clause_at(self.clauses, figure.start, figure.end, len(self.folded))
        start, end = max(start, figure.start - _REACH), min(end, figure.end + _REACH)
        clause = max(clause, start)
        return Place(start, end, clause, min(clause_end, end), max(clause, previous_end))

    def section(self, position: int) -> int:
        """Return the number of the section (without sections, of the line) at `position`."""
        return self.sections[self.sentence_at(position)]

    def sentence_at(self, position: int) -> int:
        """Return the number of the sentence at `position`."""
        return max(bisect_right(self.sentence_starts, position) - 1, 0)

    def sentence_before(self, position: int) -> int:
        """Return where the sentence before the one at `position` begins."""
        return self.sentence_starts[max(bisect_right(self.sentence_starts, position) - 2, 0)]

    def speaks_of_others(self, start: int, end: int) -> bool:
        """Return whether a stretch speaks of rivals, customers or a whole industry, though it may not name them."""
        index = bisect_left(self.others, start)
        return index < len(self.others) and self.others[index] < end

    def new_words(self, start: int, end: int) -> float:
        """Return how many words stand in a stretch beside figures, cues and fillers; two Chinese characters are one."""
        if end - start > 120:
            return 60
        stretch = _FILLERS.sub(" ", lower(self.rest[start:end]))
        return len(_LATIN_WORD.findall(stretch)) + len(_HAN.findall(stretch)) / 2

    def times_between(self, start: int, end: int) -> Sequence[Figure]:
        """Return the times within [start, end), the last four of them at most."""
        first, last = bisect_left(self.time_starts, start), bisect_right(self.time_ends, end)
        return self.times[max(first, last - 4) : last]

    def amount_before(self, position: int) -> int:
        """Return where the last amount before `position` ends; -1 where there is none."""
        index = bisect_right(self.amount_ends, position) - 1
        return self.amount_ends[index] if index >= 0 else -1

    def time_after(self, position: int, *, ceiling: int) -> Figure | None:
        """Return the first time that begins at or after `position` and ends at or before `ceiling`."""
        index = bisect_left(self.time_starts, position)
        return self.times[index] if index < len(self.times) and self.time_ends[index] <= ceiling else None


# --------------------------------------------------------------------------------------------------------- reading


def read_page(
    text: str, figures: Sequence[Figure], entities: Sequence[Entity], sentences: Sequence[Sentence], language: Language
) -> Page:
    """Return the page of a text."""
    folded = view(text, language)
    lowered = lower(folded)
    starts = [sentence.start for sentence in sentences]
    sections = tuple(sentence.section for sentence in sentences)
    if not sentences:
        starts, sections = _sentences(folded)
    times = [figure for figure in figures if figure.kind in ("period", "date") and figure.value is not None]
    movements = find_movements(folded, figures)
    before, after = _roles("before").find(lowered), _roles("after").find(lowered)
    return Page(
        folded=folded,
        lowered=lowered,
        rest=_rest(folded, figures, before, movements),
        clauses=clause_starts(folded),
        sentence_starts=starts,
        sections=sections,
        metrics=Cues(cue for cue in _metrics().find(lowered) if cue.what.name),
        roles_before=before,
        roles_after=after,
        forecasts=Cues(cue for cue in before if cue.what.role in ("expected", "guidance")),
        speakers=_roles("speaker").find(lowered),
        movements=movements,
        owners=Spans(_without_codes(folded, [entity for entity in entities if entity.label in _OWNERS])),
        topic=_topic(text, entities),
        times=times,
        time_starts=[figure.start for figure in times],
        time_ends=[figure.end for figure in times],
        others=[match.start() for match in _OTHERS.finditer(lowered)],
        amount_ends=[figure.end for figure in figures if figure.kind not in TIMES],
    )


@cache
def _metrics() -> CueFinder[Metric]:
    words: dict[str, Metric] = {}
    for row in read_table("metrics.tsv"):
        metric = Metric(row["metric"], row["sort"], frozenset(row["takes"].split()), row["of"])
        for form in (*row["chinese"].split("|"), *row["english"].split("|")):
            if form:
                words.setdefault(lower(form), metric)
    return CueFinder(words)


@cache
def _roles(side: str) -> CueFinder[RoleCue]:
    rows = [row for row in read_table("roles.tsv") if row["side"] == side]
    return CueFinder({row["form"]: RoleCue(row["role"] or None, row["by"] == "speaker") for row in rows})  # type: ignore[arg-type]


def _sentences(folded: str) -> tuple[list[int], tuple[int, ...]]:
    starts, sections = [0], [0]
    for match in _SENTENCE_END.finditer(folded):
        starts.append(match.end())
        sections.append(sections[-1] + (match[0] == "\n"))
    return starts, tuple(sections)


def _rest(folded: str, figures: Sequence[Figure], roles: Cues[RoleCue], movements: Cues[Movement]) -> str:
    text = blank(folded, ((figure.start, figure.end) for figure in figures))
    text = blank(text, ((cue.start, cue.end) for cue in movements))
    return blank(text, ((cue.start, cue.end) for cue in roles))


def _without_codes(folded: str, entities: Sequence[Entity]) -> Iterable[Entity]:
    """Yield the entities, without the code in brackets that follows a name: 研華(2395) owns by its name."""
    last = -9
    for entity in entities:
        bracketed = folded[entity.start - 1 : entity.start] in ("(", ":") and entity.start - last <= 10
        if not (entity.label == "TICKER" and bracketed):
            yield entity
        last = entity.end


def _topic(text: str, entities: Sequence[Entity]) -> Entity | None:
    """Return a mention of the one company that title and lead name and most of the article is about, or None."""
    companies = [entity for entity in entities if entity.label == "COMPANY"]
    counts = Counter(_name(entity) for entity in companies)
    if not counts:
        return None
    name, mentions = counts.most_common(1)[0]
    title_end = text.find("\n")
    titled = {_name(entity) for entity in companies if entity.end <= title_end}
    led = [entity for entity in companies if entity.end <= _LEAD and _name(entity) == name]
    if titled - {name} or not led or mentions < _TOPIC_MENTIONS or mentions < _TOPIC_SHARE * len(companies):
        return None
    return led[0] if name in titled or len(led) > 1 else None


def _name(entity: Entity) -> str:
    return entity.canonical or entity.text
