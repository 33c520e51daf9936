from __future__ import annotations

import io
import unicodedata
from dataclasses import replace

import pytest
from rich.console import Console

from nlp.records import (
    Analysis,
    Entity,
    Figure,
    HoldingStance,
    Horizons,
    Language,
    ModelInfo,
    Notice,
    Rationale,
    Section,
    SectionStance,
    Stance,
    sha256,
)
from nlp.render import readable, render

TEXT = """研華接單回溫,股價先跌一成二
第一季營收 182.4 億元,年增 14%;研華(2395)每股盈餘 2.97 元,對比市場預期的 3.12 元。
為什麼不必急著買?
短線先等量縮止跌,再談布局;把時間拉長到一年以上,這波修正反而是機會,Advantech 值得分批承接。
"""


def span(part: str, occurrence: int = 0) -> tuple[int, int, str]:
    start = -1
    for _ in range(occurrence + 1):
        start = TEXT.index(part, start + 1)
    return start, start + len(part), part


def figure(name: str, part: str, kind: str, **known: str) -> Figure:
    start, end, text = span(part)
    return Figure(name, start, end, text, kind, **known)  # type: ignore[arg-type]


OWNED = {"owner": "研華", "owner_canonical": "Advantech", "period": "2026-Q1"}
ANALYSIS = Analysis(
    id="demo",
    language="zh-Hant-TW",
    characters=len(TEXT),
    text_sha256=sha256(TEXT),
    model=ModelInfo("default@1", "default@1", "5a09c0e1fe21", "0.1.0"),
    published="2026-05-08",
    sections=(Section(*span("研華接單回溫,股價先跌一成二")[:2], "title"),),
    entities=(
        Entity(*span("研華"), "COMPANY", "Advantech", "2395.TW"),
        Entity(*span("營收"), "METRIC", "revenue"),
        Entity(*span("研華", 1), "COMPANY", "Advantech", "2395.TW"),
        Entity(*span("2395"), "TICKER", "Advantech", "2395.TW"),
        Entity(*span("Advantech"), "COMPANY", "Advantech", "2395.TW"),
    ),
    figures=(
        figure("f1", "一成二", "percent", value="12", direction="down"),
        figure("f2", "第一季", "period", value="2026-Q1"),
        figure("f3", "182.4 億元", "money", value="18240000000", unit="TWD", currency="TWD", metric="revenue",
               role="actual", **OWNED),
        figure("f4", "14%", "percent", value="14", unit="%", metric="revenue", role="change", direction="up",
               basis="yoy", **OWNED),
        figure("f5", "2.97 元", "money", value="2.97", unit="TWD", currency="TWD", metric="earnings_per_share",
               role="actual", **OWNED),
        figure("f6", "3.12 元", "money", value="3.12", unit="TWD", currency="TWD", metric="earnings_per_share",
               role="expected", compares_to="f5", **OWNED),
    ),
    stance=Stance(
        "mixed", 0.31, 0.24, 0.42, 0.03, "opportunity", 0.12, False,
        Horizons("warning", None),
        (HoldingStance("Advantech", "2395.TW", "研華", "mixed", 0.62),),
        (
            SectionStance(0, span("為什麼")[0], None, "neutral", 0.6),
            SectionStance(span("為什麼")[0], len(TEXT), "為什麼不必急著買?", "mixed", 0.7),
        ),
        (Rationale(*span(TEXT.split("\n")[3]), 0.34),),
    ),
    warnings=(Notice("decoded_as", "the text was read as Big5 (CP950); save it as UTF-8 to be sure"),),
    timings_ms={"sections": 1.25},
)  # fmt: skip


def page(analysis: Analysis, text: str = TEXT, *, width: int = 80, encoding: str = "utf-8", **settings: object) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict" if encoding == "utf-8" else "replace")
    render(analysis, text, console=Console(file=out, width=width, **settings))  # type: ignore[arg-type]
    out.flush()
    return out.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_the_example_is_a_sound_analysis() -> None:
    ANALYSIS.check(TEXT)


def test_the_page_goes_from_the_verdict_to_the_evidence() -> None:
    lines = page(ANALYSIS).split("\n")
    order = ["研華接單回溫", "demo · Traditional Chinese, Taiwan · 2026-05-08", "Stance", "◆ Mixed", "Holdings",
             "Parts", "Why", "Figures", "Times", "Entities", "Notices", "weiji 0.1.0", "sections 1.2 ms"]  # fmt: skip
    places = [next(n for n, line in enumerate(lines) if line.strip().startswith(start)) for start in order]
    assert places == sorted(places)


def test_the_verdict_has_its_probabilities_horizons_and_doubt() -> None:
    lines = [" ".join(line.replace("━", "").split()) for line in page(ANALYSIS).split("\n")]
    assert lines[lines.index("warning 31% short term ▼ warning") :][:4] == [
        "warning 31% short term ▼ warning",
        "opportunity 24% long term not said",
        "mixed 42% leans to ▲ opportunity +0.12",
        "neutral 3% certain no, take it as a hint",
    ]


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    lines = page(ANALYSIS).split("\n")
    bars = [
        line.count("━") for line in lines if line.strip().startswith(("warning", "opportunity", "mixed", "neutral"))
    ]
    assert bars == [6, 5, 8, 1]


def test_expected_stands_below_actual_and_says_how_far_off_it_was() -> None:
    lines = [" ".join(line.split()) for line in page(ANALYSIS, width=110).split("\n")]
    place = lines.index("2.97 元 2.97 TWD earnings per share 2026-Q1 actual")
    assert lines[place + 1] == "└ 3.12 元 3.12 TWD earnings per share 2026-Q1 expected (actual -4.8%)"
    assert "14% 14% revenue 2026-Q1 up yoy" in lines
    assert "一成二 (12%)" in lines
    assert "第一季 (2026-Q1)" in lines


def test_acronyms_among_metrics_are_capitals() -> None:
    figures = tuple(replace(one, metric="pe_ratio") for one in ANALYSIS.figures)
    assert "PE ratio" in page(replace(ANALYSIS, figures=figures))


def test_an_expected_figure_that_comes_first_still_stands_below() -> None:
    early = replace(ANALYSIS.figures[4], id="f6", role="expected", compares_to="f5")
    late = replace(ANALYSIS.figures[5], id="f5", role="actual", compares_to=None)
    text = page(replace(ANALYSIS, figures=(*ANALYSIS.figures[:4], early, late)))
    assert text.index("3.12 元") < text.index("└ 2.97 元")


def test_figures_that_compare_to_each_other_are_shown_once() -> None:
    one = replace(ANALYSIS.figures[4], compares_to="f6")
    text = page(replace(ANALYSIS, figures=(one, ANALYSIS.figures[5]), entities=(), stance=None))
    assert (text.count("2.97 元"), text.count("3.12 元")) == (1, 1)


def test_entities_are_gathered_under_their_name() -> None:
    lines = [" ".join(line.split()) for line in page(ANALYSIS).split("\n")]
    assert "company Advantech 2395.TW 4 研華 · 2395 · Advantech" in lines
    assert "metric revenue 1 營收" in lines


def test_a_table_with_an_empty_column_does_not_break_its_words() -> None:
    text = "Asia, Europe"
    places = (Entity(0, 4, "Asia", "LOCATION"), Entity(6, 12, "Europe", "LOCATION"))
    analysis = Analysis("a", "en", len(text), sha256(text), ModelInfo(None, None, "x", "0"), entities=places)
    assert "  location  Asia      1" in [line.rstrip() for line in page(analysis, text).split("\n")]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(width: int) -> None:
    text = page(ANALYSIS, width=width)
    assert max(columns(line) for line in text.split("\n")) <= min(width, 112)
    squeezed = "".join(text.split())
    assert "".join(TEXT.split("\n")[3].split()) in squeezed
    assert "…" not in text
    if width >= 60:  # where a column still has room for a word
        for part in ("earnings", "Advantech", "2395.TW", "decoded_as"):
            assert part in squeezed


def test_columns_of_a_table_stand_in_line_beside_wide_characters() -> None:
    lines = page(ANALYSIS, width=110).split("\n")
    rows = [line for line in lines if line.rstrip().endswith(("actual", "up yoy", "-4.8%)"))]
    assert len({columns(line[: line.index("2026-Q1")]) for line in rows}) == 1


def test_a_long_word_wraps() -> None:
    word = "漲" * 300
    long = replace(ANALYSIS.warnings[0], message=word)
    assert "".join(page(replace(ANALYSIS, warnings=(long,))).split()).count("漲") == 300


def test_without_colour_there_are_no_escape_sequences(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in page(ANALYSIS)
    assert "\x1b[33m" in page(ANALYSIS, force_terminal=True, color_system="standard")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[33m" not in page(ANALYSIS, force_terminal=True, color_system="standard")


def test_an_article_cannot_speak_to_the_terminal() -> None:
    text = "\x1b[31mred\x1b]0;title\x07 [bold]x[/bold] :smile: \u202egnp\n"
    analysis = Analysis("a\x1b[2J", "en", len(text), sha256(text), ModelInfo(None, None, "x", "0"),
                        sections=(Section(0, len(text) - 1, "title"),))  # fmt: skip
    shown = page(analysis, text)
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\u202e" not in shown
    assert "[bold]x[/bold] :smile:" in shown


def test_a_terminal_without_unicode_gets_plain_signs() -> None:
    english = replace(ANALYSIS, figures=(), entities=())
    assert "* Mixed" in page(english, encoding="ascii")
    assert "======" in page(english, encoding="ascii")


def test_without_a_model_the_page_says_so() -> None:
    text = page(replace(ANALYSIS, stance=None))
    assert "no stance model is loaded" in text
    assert "Advantech" in text


def test_an_article_with_nothing_in_it_has_a_page() -> None:
    bare = Analysis("bare", "en", 2, sha256("hm"), ModelInfo(None, None, "x", "0.1.0"))
    assert "bare · English · 2 characters" in page(bare, "hm")


READINGS = [
    # kind, what is known, language, as read
    ("money", {"value": "200000000000", "currency": "USD"}, "en", "200 billion USD"),
    ("money", {"value": "200000000000", "currency": "USD"}, "zh-Hant", "2,000億 USD"),
    ("money", {"value": "1200000000000", "currency": "TWD"}, "zh-Hant-TW", "1.2兆 TWD"),
    ("money", {"value": "1200000000000", "currency": "HKD"}, "zh-Hant-HK", "1.2萬億 HKD"),
    ("money", {"value": "1200000000000", "currency": "CNY"}, "zh-Hans", "1.2万亿 CNY"),
    ("money", {"value": "213412345678", "currency": "USD"}, "en", "213,412,345,678 USD"),
    ("money", {"value": "1815000000", "currency": "USD"}, "en", "1.815 billion USD"),
    ("money", {"value": "-0.12", "currency": "USD"}, "en", "-0.12 USD"),
    ("money", {"value": "400000000", "currency": "USD", "approx": "gt"}, "en", "over 400 million USD"),
    ("money", {"low": "3400000000", "high": "3600000000", "currency": "USD"}, "en", "3.4 billion to 3.6 billion USD"),
    ("money", {"magnitude": "1000000000", "approx": "several", "currency": "USD"}, "zh-Hant", "order of 10億 USD"),
    ("duration", {"magnitude": "1", "approx": "several", "unit": "year"}, "en", "a few years"),
    ("percent", {"value": "3.50"}, "en", "3.50%"),
    ("money", {"value": "3500000000", "currency": "USD"}, "en", "3.5 billion USD"),
    ("percent", {"low": "4", "high": "6"}, "en", "4 to 6%"),
    ("pp", {"value": "0.25", "unit": "pp"}, "en", "0.25 pp"),
    ("multiple", {"value": "25"}, "en", "25x"),
    ("points", {"value": "35000"}, "en", "35,000 points"),
    ("count", {"value": "14000", "unit": "person"}, "en", "14,000 people"),
    ("count", {"value": "1", "unit": "person"}, "en", "1 person"),
    ("quantity", {"value": "411000", "unit": "bbl"}, "en", "411,000 bbl"),
    ("duration", {"value": "13", "unit": "quarter"}, "en", "13 quarters"),
    ("duration", {"value": "85", "unit": "day"}, "en", "85 days"),
    ("fraction", {"value": "1/3"}, "en", "1/3"),
    ("period", {"value": "FY2025/26"}, "en", "FY2025/26"),
    ("period", {"value": "P-1Y"}, "en", "1 year before"),
    ("period", {"value": "P-2Q"}, "en", "2 quarters before"),
    ("date", {"value": "2026-05-08"}, "en", "2026-05-08"),
    ("number", {"value": "28.4"}, "en", "28.4"),
    ("count", {}, "en", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "known", "language", "expected"), READINGS)
def test_readable_says_the_value_exactly(kind: str, known: dict[str, str], language: Language, expected: str) -> None:
    assert readable(Figure("f1", 0, 1, "x", kind, **known), language) == expected  # type: ignore[arg-type]
