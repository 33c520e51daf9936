"""Typed records: the contract with other systems (schema ``weiji/1``).

One article in, one `Analysis` out. Every record is a frozen dataclass, small and flat; JSON out, JSON in and the
JSON Schema come from these definitions and from nothing else. Conventions that hold everywhere:

* Offsets are Unicode code points into the text as it was given, half-open: ``text[r.start:r.end] == r.text``.
* What is not known is ``None``, never ``""`` or ``0``.
* Amounts are decimal strings in plain notation (``"213400000000"``); `Figure.number` gives the `Decimal`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from .errors import InputError, RecordError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA: Final = "weiji/1"

Language = Literal["zh-Hant-TW", "zh-Hant-HK", "zh-Hant", "zh-Hans", "en"]
SectionKind = Literal[
    "title", "dateline", "image_alt", "source_line", "heading", "paragraph", "list_item",
    "faq_heading", "faq_question", "faq_answer", "disclaimer", "boilerplate",
]  # fmt: skip
EntityLabel = Literal[
    "COMPANY", "ORG", "PERSON", "PRODUCT", "INDEX", "FUND", "CRYPTO", "COMMODITY", "CURRENCY",
    "INDICATOR", "METRIC", "MACRO", "SECTOR", "EVENT", "LOCATION", "TICKER",
]  # fmt: skip
FigureKind = Literal[
    "money", "percent", "pp", "multiple", "points", "number", "count", "quantity", "ratio", "fraction",
    "period", "date", "duration",
]  # fmt: skip
Role = Literal["actual", "expected", "prior", "guidance", "level", "change"]
Direction = Literal["up", "down", "flat"]
Basis = Literal["yoy", "qoq", "mom", "dod"]
Approx = Literal["about", "gt", "ge", "lt", "le", "near", "up_to", "several"]
StanceLabel = Literal["warning", "opportunity", "mixed", "neutral"]
Lean = Literal["warning", "opportunity"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
SECTION_KINDS: tuple[SectionKind, ...] = get_args(SectionKind)
ENTITY_LABELS: tuple[EntityLabel, ...] = get_args(EntityLabel)
STANCE_LABELS: tuple[StanceLabel, ...] = get_args(StanceLabel)


# ---------------------------------------------------------------------------------------------------------- input


@dataclass(frozen=True, slots=True)
class Article:
    """A text to analyse, with what is known about it.

    :param published: ISO date or datetime; decides what 去年, 第一季 and "last quarter" mean.
    :param language: a hint that decides what a bare 元 or $ means; detected when missing.
    :param markdown: read ``#`` lines as headings, ``-`` lines as list items, and so on.
    :param meta: anything else the user's system wants back, untouched.
    """

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    url: str | None = None
    source: str | None = None
    language: Language | None = None
    markdown: bool = False
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not self.id:
            raise InputError(f"article id is {self.id!r}; expected a string that is not empty")
        _check_string(self.id, f"article {self.id!r}: id")
        if not isinstance(self.text, str):
            raise InputError(f"article {self.id!r}: text is {type(self.text).__name__}; expected a string")
        if not self.text.strip():
            raise InputError(f"article {self.id!r}: text is empty; nothing to analyse")
        _check_string(self.text, f"article {self.id!r}: text")
        for name in ("title", "published", "url", "source"):
            value = getattr(self, name)
            if value is not None:
                if not isinstance(value, str):
                    raise InputError(f"article {self.id!r}: {name} is {type(value).__name__}; expected a string")
                _check_string(value, f"article {self.id!r}: {name}")
        if not isinstance(self.markdown, bool):
            raise InputError(f"article {self.id!r}: markdown is {self.markdown!r}; expected true or false")
        if self.published is not None and published_date(self.published) is None:
            raise InputError(
                f"article {self.id!r}: published is {self.published!r}; expected an ISO date such as 2026-02-06"
            )
        if self.language is not None and self.language not in LANGUAGES:
            raise InputError(
                f"article {self.id!r}: language is {self.language!r}; expected one of {', '.join(LANGUAGES)}"
            )

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Article:
        """Return the article in a JSON object; keys beside the record's own are carried under `meta`."""
        if not isinstance(row, Mapping):
            raise InputError(f"found {type(row).__name__}; expected a JSON object with id and text for each article")
        missing = [key for key in ("id", "text") if row.get(key) is None]
        if missing:
            raise InputError(f"article has no {' and no '.join(missing)}; expected an object with id and text")
        own = {f.name for f in fields(cls)} - {"meta"}
        known = {key: row[key] for key in own if key in ("id", "text") or row.get(key) not in (None, "")}
        if isinstance(known["id"], int) and not isinstance(known["id"], bool):
            known["id"] = str(known["id"])
        given = row.get("meta")
        rest = {key: value for key, value in row.items() if key not in own and key != "meta"}
        if given is not None and not isinstance(given, Mapping):
            rest["meta"] = given
            given = None
        return cls(**known, meta={**(given or {}), **rest})


# --------------------------------------------------------------------------------------------------------- output


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader of the result should know; the analysis is still there."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What produced an analysis. `encoder` and `stance` are ``name@version``, or None without a model."""

    encoder: str | None
    stance: str | None
    lexicon: str
    weiji: str


@dataclass(frozen=True, slots=True)
class Section:
    """A block of the article: a line or paragraph with its kind, and its stance where it is judged alone."""

    start: int
    end: int
    kind: SectionKind
    stance: StanceLabel | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, the index of its section, and what it pushes the reader toward (probabilities, sum 1)."""

    start: int
    end: int
    section: int
    warning: float | None = None
    opportunity: float | None = None
    neutral: float | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A mention. `canonical` is the English name, `ticker` in Yahoo style (2330.TW, 0700.HK, BRK-B)."""

    start: int
    end: int
    text: str
    label: EntityLabel
    canonical: str | None = None
    ticker: str | None = None
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A stated amount, or a calendar or fiscal time expression, with its value and what it says.

    `value` is a decimal string in base units for amounts, ``"1/3"`` for fractions, a canonical period
    (``2026-Q1``, ``TTM``) or an ISO day for times. A range has `low` and `high` instead; a vague amount
    (數十億) has `magnitude`, the order of its size.
    """

    id: str
    start: int
    end: int
    text: str
    kind: FigureKind
    value: str | None = None
    low: str | None = None
    high: str | None = None
    magnitude: str | None = None
    unit: str | None = None
    currency: str | None = None
    scale: str | None = None
    approx: Approx | None = None
    metric: str | None = None
    owner: str | None = None
    owner_canonical: str | None = None
    period: str | None = None
    role: Role | None = None
    direction: Direction | None = None
    basis: Basis | None = None
    compares_to: str | None = None

    @property
    def number(self) -> Decimal | None:
        """`value` as a `Decimal`, or None for a time, a range, a fraction or a vague amount."""
        if self.value is None or self.kind in ("period", "date", "fraction"):
            return None
        return Decimal(self.value)


@dataclass(frozen=True, slots=True)
class Horizons:
    """The verdict for days to about three months, and for a year or more; None where the text says nothing."""

    short: StanceLabel | None = None
    long: StanceLabel | None = None


@dataclass(frozen=True, slots=True)
class HoldingStance:
    """The author's stance to one asset as something to own; `text` is its first mention."""

    canonical: str | None
    ticker: str | None
    text: str
    label: StanceLabel
    score: float


@dataclass(frozen=True, slots=True)
class SectionStance:
    """A headed part of the article (or its lead, or an FAQ answer) read alone."""

    start: int
    end: int
    heading: str | None
    label: StanceLabel
    score: float


@dataclass(frozen=True, slots=True)
class Rationale:
    """A sentence that carried the verdict; `score` is its share of the evidence for the label.

    In a neutral text it is the evidence for the lean.
    """

    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Stance:
    """What a reader who trusts the author takes away: calibrated probabilities and the evidence.

    `lean` is always given: the answer with two classes; `lean_score` runs from -1 (warning) to +1 (opportunity).
    `confident` is False where the model would rather abstain.
    """

    label: StanceLabel
    warning: float
    opportunity: float
    mixed: float
    neutral: float
    lean: Lean
    lean_score: float
    confident: bool
    horizons: Horizons = field(default_factory=Horizons)
    holdings: tuple[HoldingStance, ...] = ()
    sections: tuple[SectionStance, ...] = ()
    rationale: tuple[Rationale, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that weiji read out of one article."""

    id: str
    language: Language
    characters: int
    text_sha256: str
    model: ModelInfo
    published: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    entities: tuple[Entity, ...] = ()
    figures: tuple[Figure, ...] = ()
    stance: Stance | None = None
    warnings: tuple[Notice, ...] = ()
    tokens: tuple[tuple[int, int], ...] | None = None
    timings_ms: Mapping[str, float] | None = None
    schema: Literal["weiji/1"] = SCHEMA

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types with every key present, save `tokens` and `timings_ms` where not asked for."""
        row = _plain(self)
        row = {"schema": row.pop("schema"), **row}
        for key in ("tokens", "timings_ms"):
            if row[key] is None:
                del row[key]
        return row

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the record as one JSON object (one line unless `indent` is given)."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, data: str | bytes) -> Analysis:
        """Return the analysis that `to_json` wrote; raises `RecordError` where it is not one."""
        from pydantic import ValidationError

        try:
            return _adapter().validate_json(data)
        except ValidationError as err:
            first = err.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise RecordError(f"not an analysis of schema {SCHEMA}: {where}: {first['msg']}") from err

    def check(self, text: str) -> None:
        """Raise `RecordError` unless every record of this analysis points at what it says in `text`."""
        if len(text) != self.characters or sha256(text) != self.text_sha256:
            raise RecordError(f"analysis {self.id!r} was made from another text")
        quoted: list[Entity | Figure | Rationale] = [*self.entities, *self.figures]
        quoted += self.stance.rationale if self.stance else ()
        for record in quoted:
            if text[record.start : record.end] != record.text:
                raise RecordError(
                    f"analysis {self.id!r}: {type(record).__name__} [{record.start}, {record.end}) "
                    f"says {record.text!r}, the text has {text[record.start : record.end]!r}"
                )
        ids = [figure.id for figure in self.figures]
        if len(set(ids)) < len(ids):
            raise RecordError(f"analysis {self.id!r}: figure ids are not unique")
        for figure in self.figures:
            if figure.compares_to is not None and figure.compares_to not in ids:
                raise RecordError(
                    f"analysis {self.id!r}: {figure.id} compares to {figure.compares_to}, which is not there"
                )
        for name in ("sections", "sentences", "entities", "figures"):
            _check_order(self.id, name, getattr(self, name), len(text))
        for sentence in self.sentences:
            inside = 0 <= sentence.section < len(self.sections)
            section = self.sections[sentence.section] if inside else None
            if section is None or not section.start <= sentence.start < sentence.end <= section.end:
                raise RecordError(f"analysis {self.id!r}: sentence at {sentence.start} is outside its section")


# ------------------------------------------------------------------------------------------------------ functions


def sha256(text: str) -> str:
    """Return the SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def published_date(published: str) -> date | None:
    """Return the day of an ISO date or datetime, or None where it is neither.

    >>> published_date("2026-02-06T08:30:00Z")
    datetime.date(2026, 2, 6)
    """
    try:
        return datetime.fromisoformat(published).date()
    except ValueError:
        return None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `Analysis`, and of `Article` under ``$defs``."""
    from pydantic import TypeAdapter

    schema = _adapter().json_schema()
    article = TypeAdapter(Article).json_schema()
    schema["$defs"] = {**schema["$defs"], "Article": article}
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = SCHEMA
    return schema


@cache
def _adapter() -> TypeAdapter[Analysis]:
    from pydantic import TypeAdapter

    return TypeAdapter(Analysis)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _check_string(value: str, what: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as err:
        raise InputError(
            f"{what} has an unpaired surrogate (U+{ord(value[err.start]):04X}) at {err.start}; "
            "expected Unicode text: decode the source again"
        ) from err


def _check_order(name: str, kind: str, records: tuple[Any, ...], size: int) -> None:
    end = 0
    for record in records:
        if not end <= record.start < record.end <= size:
            raise RecordError(f"analysis {name!r}: {kind} overlap or are out of order at {record.start}")
        end = record.end
