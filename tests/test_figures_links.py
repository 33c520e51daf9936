"""Links: what a figure is about, which role it plays, what it is set against."""

from __future__ import annotations

import re
from datetime import date

import pytest

from nlp.figures import find_figures, link_figures
from nlp.lexicon import read_table
from nlp.records import Direction, Entity, EntityLabel, Figure, Language, Role, Sentence

TW: Language = "zh-Hant-TW"
EN: Language = "en"


def linked(
    text: str, language: Language, *names: str, label: EntityLabel = "COMPANY", sentences: tuple[Sentence, ...] = ()
) -> dict[str, Figure]:
    """Return the linked figures by surface; every mention of the `names` is an entity of that label."""
    entities = sorted(
        (
            Entity(found.start(), found.end(), name, label, canonical=name.upper())
            for name in names
            for found in re.finditer(re.escape(name), text)
        ),
        key=lambda entity: entity.start,
    )
    figures = find_figures(text, language=language, published=date(2026, 3, 13))
    linked = link_figures(text, figures, entities=entities, sentences=sentences, language=language)
    return {figure.text: figure for figure in linked}


METRICS: list[tuple[str, Language, str, str | None]] = [
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

UNITS: list[tuple[str, Language, str, str | None]] = [  # the unit must fit the measure
    ("Earnings were $1.84 a share", EN, "$1.84", "eps"),
    ("Earnings were $1.84 a share against a consensus of $1.70", EN, "$1.70", "eps"),
    ("Net income was $1.84 billion", EN, "$1.84 billion", "net_income"),
    ("以今年預估每股盈餘 8.4 元計算,210 元只有 25 倍", TW, "25 倍", "pe_ratio"),
    ("以今年預估每股盈餘 8.4 元計算,210 元只有 25 倍", TW, "210 元", "price"),
    ("以 210 元換算殖利率 3.1%", TW, "210 元", "price"),
    ("本益比 18 倍,五年平均是 14 倍", TW, "14 倍", "pe_ratio"),
    ("每股盈餘 8.4 元,是三年前的 2 倍", TW, "2 倍", None),
    ("The stock trades on 18 times this year's earnings", EN, "18 times", "pe_ratio"),
    ("The lender fetches 0.8x book", EN, "0.8x", "pb_ratio"),
    ("14 日 RSI 進入超賣區;布林通道下緣在 118 元", TW, "118 元", "price"),
    ("下方第一道支撐是年線 118 元", TW, "118 元", "price"),
    ("The price slipped under the 50-day moving average of $84", EN, "$84", "moving_average"),
    ("Buybacks come to 6% of market value", EN, "6%", None),
    ("營收 42 億元,辦公室租了 12 年", TW, "42 億元", "revenue"),
    ("負債比 35%,七成利率固定到期", TW, "七成", None),
    ("Revenue rose 4%, marine was $310 million", EN, "$310 million", None),
]


@pytest.mark.parametrize(("text", "language", "surface", "metric"), METRICS + UNITS)
def test_figure_has_the_nearest_metric(text: str, language: Language, surface: str, metric: str | None) -> None:
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
    ("管理層預估營收 61 億元,市場原本期待 64 億元", TW, "61 億元", "guidance"),
    ("管理層預估營收 61 億元,市場原本期待 64 億元", TW, "64 億元", "expected"),
    (
        "Revenue was $4.2 billion, ahead of the $4.1 billion that analysts had pencilled in",
        EN,
        "$4.1 billion",
        "expected",
    ),
    ("Revenue of $4.2 billion beat the $4.1 billion consensus", EN, "$4.1 billion", "expected"),
    ("Revenue of $4.2 billion beat the $4.1 billion consensus", EN, "$4.2 billion", "actual"),
    ("法人預估營收 61 億元", TW, "61 億元", "expected"),
    ("EPS 我估 17 元", TW, "17 元", "expected"),
    ("今年資本支出預算 60 億元", TW, "60 億元", "guidance"),
    ("公司拋出 900 億元的投資計劃", TW, "900 億元", "guidance"),
    ("Management expects sales of $8 billion, and earnings of $9.60 a share", EN, "$9.60", None),
    ("毛利率 39.6%,比去年同期低了 1.6 個百分點", TW, "1.6 個百分點", "change"),
    ("市值蒸發四百億元", TW, "四百億元", "change"),
    ("股價跌破季線 382 元", TW, "382 元", "level"),
    ("廣告貢獻三成的營業利益", TW, "三成", "level"),
    ("It raised its forecast and sent its shares up 11%", EN, "11%", "change"),
    ("EPS guidance ($2.10-2.30) held", EN, "$2.10-2.30", "guidance"),
    ("全年營收財測由 600 億元上調到 630 億元", TW, "600 億元", "prior"),
    ("全年營收財測由 600 億元上調到 630 億元", TW, "630 億元", "guidance"),
]


@pytest.mark.parametrize(("text", "language", "surface", "role"), ROLES)
def test_figure_has_its_role(text: str, language: Language, surface: str, role: Role | None) -> None:
    assert linked(text, language)[surface].role == role


PAIRS = [
    ("今年資本支出 60 億元,比去年的 38 億元多了近六成", TW, "38 億元", "prior", "60 億元"),
    ("股價從 400 元一路摜到 352 元", TW, "400 元", "prior", "352 元"),
    ("存貨 108 億元,比 2023 年第一季高峰的 144 億元少了四分之一", TW, "144 億元", "prior", "108 億元"),
    ("It guided spending to $52bn against $40.9bn in 2025", EN, "$40.9bn", "prior", "$52bn"),
    ("毛利 10 億元,淨利由 5 億元增至 6 億元", TW, "5 億元", "prior", "6 億元"),
    ("營收 42 億元,優於市場預期的 40 億元;每股盈餘 3.6 元", TW, "40 億元", "expected", "42 億元"),
    ("A couple needs $30,000 a year from $700,000", EN, "$700,000", None, None),
]


@pytest.mark.parametrize(("text", "language", "surface", "role", "against"), PAIRS)
def test_prior_and_expected_amounts_are_set_against_their_counterpart(
    text: str, language: Language, surface: str, role: Role | None, against: str | None
) -> None:
    figures = linked(text, language)
    figure = figures[surface]
    assert (figure.role, figure.compares_to) == (role, figures[against].id if against else None)


DIRECTIONS = [
    ("目標價由 500 元調高至 550 元", TW, "500 元", None),
    ("目標價由 500 元調高至 550 元", TW, "550 元", "up"),
    ("EPS of $1.95 rose 35%", EN, "$1.95", None),
    ("EPS of $1.95 rose 35%", EN, "35%", "up"),
    ("Revenue of $4.2 billion, up from $3.9 billion", EN, "$3.9 billion", None),
    ("GDP成長率 3%", TW, "3%", None),
    ("毛利率 83.6%,比去年同期高 1.4 個百分點", TW, "1.4 個百分點", "up"),
    ("利息減半也能讓獲利翻三倍", TW, "翻三倍", "up"),
    ("The fund raised $200 million", EN, "$200 million", None),
    ("聯準會降息 25 個基點", TW, "25 個基點", "down"),
]


@pytest.mark.parametrize(("text", "language", "surface", "direction"), DIRECTIONS)
def test_direction_is_that_of_a_word_that_governs_the_amount(
    text: str, language: Language, surface: str, direction: Direction | None
) -> None:
    assert linked(text, language)[surface].direction == direction


def test_growth_after_a_year_is_not_year_on_year() -> None:
    figure = linked("市場到 2030 年成長到 900 億元", TW)["900 億元"]
    assert (figure.direction, figure.basis) == ("up", None)


def test_owner_is_the_entity_before_the_metric() -> None:
    figure = linked("聯詠營收 260 億元,瑞昱營收 310 億元", TW, "聯詠", "瑞昱")["310 億元"]
    assert (figure.owner, figure.owner_canonical) == ("瑞昱", "瑞昱".upper())


def test_owner_is_taken_from_the_sentence_before_when_it_names_one_company() -> None:
    assert linked("聯詠的財報穩健。營收達 260 億元。", TW, "聯詠")["260 億元"].owner == "聯詠"
    assert linked("聯詠與瑞昱都穩健。營收達 260 億元。", TW, "聯詠", "瑞昱")["260 億元"].owner is None


OWNERS: list[tuple[str, Language, tuple[str, ...], EntityLabel, str, str | None]] = [
    ("像晶片甲和晶片乙這類產品,營收超過 10 億元", TW, ("晶片甲", "晶片乙"), "PRODUCT", "10 億元", None),
    ("新台幣升值,毛利率減 0.3 個百分點", TW, ("新台幣",), "CURRENCY", "0.3 個百分點", None),
    ("新台幣兌美元從 32.0 元升到 30.4 元", TW, ("新台幣", "美元"), "CURRENCY", "30.4 元", "新台幣"),
    ("聯準會宣布降息 25 個基點", TW, ("聯準會",), "ORG", "25 個基點", "聯準會"),
    ("承銷價 28 元,在證交所掛牌", TW, ("證交所",), "ORG", "28 元", None),
    ("同業瑞昱淨利率只有聯詠的三分之一", TW, ("瑞昱", "聯詠"), "COMPANY", "三分之一", "瑞昱"),
    ("聯詠營收優於瑞昱,毛利率 39%", TW, ("聯詠", "瑞昱"), "COMPANY", "39%", None),
    ("Revenue at Garmin rose 5%", EN, ("Garmin",), "COMPANY", "5%", "Garmin"),
    ("Elmcourt believes the baker can lift earnings to $90 million", EN, ("Elmcourt",), "COMPANY", "$90 million", None),
]


@pytest.mark.parametrize(("text", "language", "names", "label", "surface", "owner"), OWNERS)
def test_owner_can_own_such_a_measure_and_is_the_only_one(
    text: str, language: Language, names: tuple[str, ...], label: EntityLabel, surface: str, owner: str | None
) -> None:
    assert linked(text, language, *names, label=label)[surface].owner == owner


ABOUT_ONE_COMPANY = "聯詠的財報怎麼看?\n聯詠週三開法說會,聯詠股價大跌。\n第一季營收 260 億元。\n{}"


def test_owner_is_the_company_that_the_article_is_about() -> None:
    assert linked(ABOUT_ONE_COMPANY.format("毛利率 39%。"), TW, "聯詠")["39%"].owner == "聯詠"
    assert linked(ABOUT_ONE_COMPANY.format("同業毛利率 44%。"), TW, "聯詠")["44%"].owner is None
    assert linked(ABOUT_ONE_COMPANY.format("瑞昱也好。毛利率 51%。"), TW, "聯詠", "瑞昱")["51%"].owner == "瑞昱"
    assert linked("各家的財報。\n" + ABOUT_ONE_COMPANY.format("失業率 4%。"), TW, "聯詠")["4%"].owner is None


def test_owner_does_not_cross_a_section() -> None:
    text = "聯詠的財報穩健。營收達 260 億元。"
    sentences = (Sentence(0, 8, section=0), Sentence(8, len(text), section=1))
    assert linked(text, TW, "聯詠", sentences=sentences)["260 億元"].owner is None


def test_period_of_the_sentence_is_the_period_of_its_figures() -> None:
    assert linked("2025 年淨利 77 億元", TW)["77 億元"].period == "2025"
    assert linked("Fourth-quarter revenue was $4.2 billion.", EN)["$4.2 billion"].period == "2025-Q4"
    assert linked("這是 2020 年以來最高,營收 77 億元", TW)["77 億元"].period is None


PERIODS = [
    ("第一季毛利率 39.6%,比去年同期的 41.2% 少了 1.6 個百分點;每股盈餘 2.97 元", TW, "41.2%", "P-1Y"),
    ("第一季毛利率 39.6%,比去年同期的 41.2% 少了 1.6 個百分點;每股盈餘 2.97 元", TW, "1.6 個百分點", "2026-Q1"),
    ("第一季毛利率 39.6%,比去年同期的 41.2% 少了 1.6 個百分點;每股盈餘 2.97 元", TW, "2.97 元", "2026-Q1"),
    ("2025 年淨利 77 億元。營收 420 億元。", TW, "420 億元", "2025"),
    ("2025 年淨利 77 億元。\n營收 420 億元。", TW, "420 億元", None),
    ("2025 年淨利 77 億元。存貨 42 億元。", TW, "42 億元", None),
    ("公布第一季財報後股價重挫 12%", TW, "12%", None),
    ("It spent $52bn, against $40.9bn in 2025 and a consensus of $48bn", EN, "$48bn", None),
    ("It listed in November 2022 and the price is about $15.60 now", EN, "$15.60", None),
]


@pytest.mark.parametrize(("text", "language", "surface", "period"), PERIODS)
def test_period_belongs_to_what_it_modifies(text: str, language: Language, surface: str, period: str | None) -> None:
    assert linked(text, language)[surface].period == period


def test_figures_inside_a_name_are_left_out() -> None:
    text = "20日均線在 118 元,14 日 RSI 落到 27.6"
    names = ("20日均線", "14 日 RSI")
    assert list(linked(text, TW, *names, label="INDICATOR")) == ["118 元", "27.6"]


def test_times_are_left_as_they_are() -> None:
    text = "2025 年營收 77 億元"
    figures = find_figures(text, language=TW)
    assert link_figures(text, figures)[0] == figures[0]


def test_a_long_sentence_is_linked() -> None:
    text = "營收 5 億元," * 4_000
    figures = link_figures(text, find_figures(text, language=TW))
    assert {figure.metric for figure in figures} == {"revenue"}


@pytest.mark.parametrize("piece", ["營收 5 億元,", "比去年的 5 億元", "up 5% to $5 billion ", "由 5 元至", "聯詠,"])
def test_one_thing_repeated_is_linked_to_its_end(piece: str) -> None:
    text = piece * (100_000 // len(piece))  # a square of this would run into the time-out
    entities = [Entity(m.start(), m.end(), "聯詠", "COMPANY") for m in re.finditer("聯詠", text)]
    figures = find_figures(text, language=TW)
    assert len(link_figures(text, figures, entities=entities, language=TW)) == len(figures)


def test_what_a_metric_takes_and_whose_it_is_are_known() -> None:
    rows = read_table("metrics.tsv")
    takes = {"total", "share", "percent", "multiple", "points", "count", "number", "days"}
    assert {word for row in rows for word in row["takes"].split()} == takes
    assert {row["of"] for row in rows} == {"company", "business", "market", "macro"}
    assert {row["sort"] for row in rows} == {"flow", "level", "macro"}


def test_every_metric_form_is_written_once() -> None:
    forms = [form for row in read_table("metrics.tsv") for form in (row["chinese"] + "|" + row["english"]).split("|")]
    written = [form for form in forms if form]
    assert sorted({form for form in written if written.count(form) > 1}) == []
