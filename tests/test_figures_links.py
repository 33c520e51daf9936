"""Links: what a figure is about, which role it plays, what it is set against."""

from __future__ import annotations

from datetime import date

import pytest

from nlp.figures import find_figures, link_figures
from nlp.lexicon import read_table
from nlp.records import Entity, Figure, Language, Sentence

TW: Language = "zh-Hant-TW"
EN: Language = "en"


def linked(text: str, language: Language, *names: str, sentences: tuple[Sentence, ...] = ()) -> dict[str, Figure]:
    """Return the linked figures by surface; `names` are companies marked at their first mention."""
    entities = sorted(
        (
            Entity(text.index(name), text.index(name) + len(name), name, "COMPANY", canonical=name.upper())
            for name in names
        ),
        key=lambda entity: entity.start,
    )
    figures = find_figures(text, language=language, published=date(2026, 3, 13))
    return {figure.text: figure for figure in link_figures(text, figures, entities=entities, sentences=sentences)}


METRICS = [
    ("營收年增 18%,達到 42 億元", TW, "42 億元", "revenue"),
    ("創造了 77 億元的淨利", TW, "77 億元", "net_income"),
    ("廣告約占三成的營業利益", TW, "三成", "operating_income"),
    ("自由現金流降至 12 億美元", TW, "12 億美元", "free_cash_flow"),
    ("目標價由 500 元上調", TW, "500 元", "price_target"),
    ("每股盈餘 3.62 元", TW, "3.62 元", "eps"),
    ("Gross margin widened to 53.2%", EN, "53.2%", "gross_margin"),
    ("It booked $4.2 billion in revenue", EN, "$4.2 billion", "revenue"),
    ("It trades at a forward P/E of 22", EN, "22", "pe_ratio"),
]


@pytest.mark.parametrize(("text", "language", "surface", "metric"), METRICS)
def test_figure_has_the_nearest_metric(text: str, language: Language, surface: str, metric: str) -> None:
    assert linked(text, language)[surface].metric == metric


def test_expected_amount_is_set_against_the_actual_one() -> None:
    figures = linked("每股盈餘略低於預期——2.05 美元對比預期的 2.11 美元", TW)
    actual, expected = figures["2.05 美元"], figures["2.11 美元"]
    assert (actual.role, expected.role, expected.compares_to) == ("actual", "expected", actual.id)


def test_expected_amount_is_found_when_the_word_follows_it() -> None:
    figures = linked("EPS was $2.05 against $2.11 expected.", EN)
    assert (figures["$2.11"].role, figures["$2.11"].compares_to) == ("expected", figures["$2.05"].id)


def test_amount_after_from_is_the_prior_one() -> None:
    figures = linked("Operating margin went from 31% to 34%.", EN)
    assert (figures["31%"].role, figures["31%"].compares_to) == ("prior", figures["34%"].id)


ROLES = [
    ("營收年增 18%", TW, "18%", "change"),
    ("股價上漲 12 元至 305 元", TW, "12 元", "change"),
    ("股價上漲 12 元至 305 元", TW, "305 元", "level"),
    ("公司財測營收 40 億元", TW, "40 億元", "guidance"),
    ("Revenue came in at $4.2 billion", EN, "$4.2 billion", "actual"),
    ("Management guided capex to $9 billion", EN, "$9 billion", "guidance"),
    ("Analysts expect revenue of $4.4 billion", EN, "$4.4 billion", "expected"),
]


@pytest.mark.parametrize(("text", "language", "surface", "role"), ROLES)
def test_figure_has_its_role(text: str, language: Language, surface: str, role: str) -> None:
    assert linked(text, language)[surface].role == role


def test_owner_is_the_entity_before_the_metric() -> None:
    figure = linked("聯詠營收 260 億元,瑞昱營收 310 億元", TW, "聯詠", "瑞昱")["310 億元"]
    assert (figure.owner, figure.owner_canonical) == ("瑞昱", "瑞昱".upper())


def test_owner_is_taken_from_the_sentence_before_when_it_names_one_company() -> None:
    assert linked("聯詠的財報穩健。營收達 260 億元。", TW, "聯詠")["260 億元"].owner == "聯詠"
    assert linked("聯詠與瑞昱都穩健。營收達 260 億元。", TW, "聯詠", "瑞昱")["260 億元"].owner is None


def test_owner_does_not_cross_a_section() -> None:
    text = "聯詠的財報穩健。營收達 260 億元。"
    sentences = (Sentence(0, 8, section=0), Sentence(8, len(text), section=1))
    assert linked(text, TW, "聯詠", sentences=sentences)["260 億元"].owner is None


def test_period_of_the_sentence_is_the_period_of_its_figures() -> None:
    assert linked("2025 年淨利 77 億元", TW)["77 億元"].period == "2025"
    assert linked("Fourth-quarter revenue was $4.2 billion.", EN)["$4.2 billion"].period == "2025-Q4"
    assert linked("這是 2020 年以來最高,營收 77 億元", TW)["77 億元"].period is None


def test_times_are_left_as_they_are() -> None:
    text = "2025 年營收 77 億元"
    figures = find_figures(text, language=TW)
    assert link_figures(text, figures)[0] == figures[0]


def test_a_long_sentence_is_linked_in_linear_time() -> None:
    text = "營收 5 億元," * 4_000
    figures = link_figures(text, find_figures(text, language=TW))
    assert {figure.metric for figure in figures} == {"revenue"}


def test_every_metric_form_is_written_once() -> None:
    forms = [form for row in read_table("metrics.tsv") for form in (row["chinese"] + "|" + row["english"]).split("|")]
    written = [form for form in forms if form]
    assert sorted({form for form in written if written.count(form) > 1}) == []
