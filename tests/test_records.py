from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import Analysis, Article, InputError, RecordError
from nlp.records import (
    Entity,
    Figure,
    HoldingStance,
    Horizons,
    ModelInfo,
    Notice,
    Rationale,
    Section,
    SectionStance,
    Sentence,
    Stance,
    json_schema,
    sha256,
)

TEXT = "輝達營收 356 億美元,高於預期的 350 億。"
MODEL = ModelInfo("base@1", "default@1", "0123456789ab", "0.1.0")
ANALYSIS = Analysis(
    id="a",
    language="zh-Hant-TW",
    characters=len(TEXT),
    text_sha256=sha256(TEXT),
    model=MODEL,
    published="2026-02-06",
    meta={"feed": {"n": 1}},
    sections=(Section(0, len(TEXT), "paragraph", "opportunity"),),
    sentences=(Sentence(0, len(TEXT), 0, 0.1, 0.7, 0.2),),
    entities=(Entity(0, 2, "輝達", "COMPANY", "Nvidia", "NVDA", 1.0),),
    figures=(
        Figure("f1", 5, 12, "356 億美元", "money", value="35600000000", unit="USD", currency="USD", scale="100000000"),
        Figure("f2", 19, 24, "350 億", "money", value="35000000000", role="expected", compares_to="f1"),
    ),
    stance=Stance(
        "opportunity", 0.1, 0.7, 0.1, 0.1, "opportunity", 0.75, True, Horizons(None, "opportunity"),
        (HoldingStance("Nvidia", "NVDA", "輝達", "opportunity", 0.8),),
        (SectionStance(0, len(TEXT), None, "opportunity", 0.7),), (Rationale(0, len(TEXT), TEXT, 1.0),),
    ),
    warnings=(Notice("mixed_script", "both"),),
    tokens=((0, 2), (2, 4)),
    timings_ms={"figures": 0.5},
)  # fmt: skip


def test_json_round_trip() -> None:
    assert Analysis.from_json(ANALYSIS.to_json()) == ANALYSIS
    assert Analysis.from_json(ANALYSIS.to_json(indent=2).encode()) == ANALYSIS


def test_unknown_is_null_and_extras_are_left_out() -> None:
    row = replace(ANALYSIS, stance=None, tokens=None, timings_ms=None).to_dict()
    assert row["stance"] is None
    assert row["figures"][0]["metric"] is None
    assert "tokens" not in row
    assert "timings_ms" not in row
    assert next(iter(row)) == "schema"


def test_schema_accepts_what_is_written() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(ANALYSIS.to_json()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(ANALYSIS.to_json()) | {"language": "fr"}, schema)


def test_check_passes_for_the_text_it_was_made_from() -> None:
    ANALYSIS.check(TEXT)


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"entities": (Entity(0, 2, "輝逹", "COMPANY"),)}, "says '輝逹'"),
    ({"figures": (replace(ANALYSIS.figures[1], compares_to="f9"),)}, "compares to f9"),
    ({"figures": (ANALYSIS.figures[0], replace(ANALYSIS.figures[1], id="f1"))}, "not unique"),
    ({"sections": (Section(5, 9, "paragraph"), Section(0, 4, "paragraph"))}, "out of order"),
    ({"sentences": (Sentence(0, 4, 3),)}, "outside its section"),
    ({"characters": 3}, "another text"),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_check_names_what_is_wrong(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        replace(ANALYSIS, **change).check(TEXT)


def test_not_an_analysis() -> None:
    with pytest.raises(RecordError, match="language"):
        Analysis.from_json('{"id": "a"}')
    with pytest.raises(RecordError, match="JSON"):
        Analysis.from_json("{")


def test_figure_number() -> None:
    assert str(ANALYSIS.figures[0].number) == "35600000000"
    assert Figure("f", 0, 1, "Q", "period", value="2026-Q1").number is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "x"}, "no id"),
        ({"id": "a"}, "no text"),
        ({"id": "a", "text": " \n"}, "empty"),
        ({"id": "a", "text": "x\ud800"}, "surrogate"),
        ({"id": "a", "text": 3}, "expected a string"),
        ({"id": "a", "text": "x", "published": "yesterday"}, "ISO date"),
        ({"id": "a", "text": "x", "language": "fr"}, "expected one of"),
        ({"id": "a", "text": "x", "markdown": "no"}, "true or false"),
        ([], "JSON object"),
    ],
)
def test_bad_articles(row: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Article.from_dict(row)


def test_other_keys_are_carried() -> None:
    article = Article.from_dict({"id": 7, "text": "x", "section": "tech", "meta": {"a": 1}, "title": None})
    assert article == Article("7", "x", meta={"a": 1, "section": "tech"})


@given(st.text(min_size=1), st.dictionaries(st.text(), st.integers()))
def test_any_text_is_an_article_or_an_input_error(text: str, meta: dict[str, int]) -> None:
    try:
        article = Article.from_dict({**meta, "id": "a", "text": text, "title": None, "meta": None, "markdown": False,
                                     "published": None, "url": None, "source": None, "language": None})  # fmt: skip
    except InputError:
        assert not text.strip() or not text.isprintable()
    else:
        assert article.text == text
