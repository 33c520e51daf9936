"""Figures: what is found, where, and what it is worth."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlp.figures import find_figures
from nlp.figures.numerals import read_numeral
from nlp.lexicon import read_table
from nlp.records import Approx, Basis, Direction, Figure, FigureKind, Language

FRIDAY = date(2026, 3, 13)

TW: Language = "zh-Hant-TW"
HK: Language = "zh-Hant-HK"
CN: Language = "zh-Hans"
EN: Language = "en"


def worth(figure: Figure) -> str | tuple[str | None, str | None] | None:
    return (figure.low, figure.high) if figure.low is not None else figure.value


def found(text: str, language: Language) -> list[tuple[str, str, object]]:
    figures = find_figures(text, language=language, published=FRIDAY)
    return [(figure.text, figure.kind, worth(figure)) for figure in figures]


MONEY = [
    ("聯發科上季營收1,402億元", TW, "1,402億元", "140200000000", "TWD"),
    ("派息每股1.28元", HK, "1.28元", "1.28", "HKD"),
    ("净利润为35.6亿元", CN, "35.6亿元", "3560000000", "CNY"),
    ("債務高達三百餘億元", TW, "三百餘億元", "30000000000", "TWD"),
    ("斥資一兆兩千億美元", TW, "一兆兩千億美元", "1200000000000", "USD"),
    ("市值 2 兆 3,500 億元", TW, "2 兆 3,500 億元", "2350000000000", "TWD"),
    ("標案總額15億4千萬元", TW, "15億4千萬元", "1540000000", "TWD"),
    ("约2.5万亿美元", CN, "2.5万亿美元", "2500000000000", "USD"),
    ("新台幣約 500 億元的訂單", TW, "新台幣約 500 億元", "50000000000", "TWD"),
    ("人民幣 80.5 億元", HK, "人民幣 80.5 億元", "8050000000", "CNY"),
    ("股價只剩５６塊", TW, "５６塊", "56", "TWD"),
    ("中期息50仙", HK, "50仙", "0.5", "HKD"),
    ("中期息每股 12.3 美仙外加 4毫2", HK, "4毫2", "0.42", "HKD"),
    ("EBITDA12.4億元", HK, "12.4億元", "1240000000", "HKD"),
    ("The order is worth US$2.5 bn", EN, "US$2.5 bn", "2500000000", "USD"),
    ("a $1.5-billion plant", EN, "$1.5-billion", "1500000000", "USD"),
    ("two hundred billion dollars of debt", EN, "two hundred billion dollars", "200000000000", "USD"),
    ("a loss of $(0.12) a share", EN, "$(0.12)", "-0.12", "USD"),
    ("the ADR added 12 cents", EN, "12 cents", "0.12", "USD"),
    ("Rolls closed at 412 pence", EN, "412 pence", "4.12", "GBP"),
    ("revenue of Rmb154.6bn", EN, "Rmb154.6bn", "154600000000", "CNY"),
    ("HK$1.50 in cash", EN, "HK$1.50", "1.50", "HKD"),
]


@pytest.mark.parametrize(("text", "language", "surface", "value", "currency"), MONEY)
def test_money_has_value_and_currency(text: str, language: Language, surface: str, value: str, currency: str) -> None:
    figure = next(f for f in find_figures(text, language=language) if f.text == surface)
    assert (figure.kind, figure.value, figure.currency, figure.unit) == ("money", value, currency, currency)


AMOUNTS = [
    ("毛利率百分之五十三點二", TW, "百分之五十三點二", "percent", "53.2"),
    ("車用占兩成五", TW, "兩成五", "percent", "25"),
    ("按揭息率三厘半", HK, "三厘半", "percent", "3.5"),
    ("margin was (1.2)%", EN, "(1.2)%", "percent", "-1.2"),
    ("down twenty-five percent", EN, "twenty-five percent", "percent", "25"),
    ("a gain of .5% on the day", EN, ".5%", "percent", "0.5"),
    ("央行升息半碼", TW, "半碼", "pp", "0.125"),
    ("聯準會降息兩碼", TW, "兩碼", "pp", "0.5"),
    ("利差擴大 25 個基點", TW, "25 個基點", "pp", "0.25"),
    ("a 50-basis-point cut", EN, "50-basis-point", "pp", "0.5"),
    ("市占提高 1.5 個百分點", TW, "1.5 個百分點", "pp", "1.5"),
    ("本益比 30 倍", TW, "30 倍", "multiple", "30"),
    ("it trades at 22.5x sales", EN, "22.5x", "multiple", "22.5"),
    ("獲利翻兩番", TW, "翻兩番", "multiple", "4"),
    ("the share price halved", EN, "halved", "multiple", "0.5"),
    ("指數挑戰3萬5千點", TW, "3萬5千點", "points", "35000"),
    ("裁員1.4萬人", TW, "1.4萬人", "count", "14000"),
    ("上市公司3,600多個", TW, "3,600多個", "count", "3600"),
    ("employers added 177,000 jobs", EN, "177,000", "count", "177000"),
    ("每日出口 41.1萬桶", TW, "41.1萬桶", "quantity", "411000"),
    ("output of 4.5 million barrels a day", EN, "4.5 million barrels", "quantity", "4500000"),
    ("三分之一的營收來自手機", TW, "三分之一", "fraction", "1/3"),
    ("two-thirds of the fleet", EN, "two-thirds", "fraction", "2/3"),
    ("股票1拆10", HK, "1拆10", "ratio", "10"),
    ("a 10-for-1 split", EN, "10-for-1", "ratio", "10"),
    ("the oscillator reads 28.4", EN, "28.4", "number", "28.4"),
    ("interest rates were cut to zero", EN, "zero", "number", "0"),
]


@pytest.mark.parametrize(("text", "language", "surface", "kind", "value"), AMOUNTS)
def test_amount_has_kind_and_value(text: str, language: Language, surface: str, kind: str, value: str) -> None:
    assert (surface, kind, value) in found(text, language)


RANGES = [
    ("資本支出380億至420億美元", TW, ("380億至420億美元", "money", ("38000000000", "42000000000"))),
    ("capex of $3.4 billion-$3.6 billion", EN, ("$3.4 billion-$3.6 billion", "money", ("3400000000", "3600000000"))),
    ("capex of $3.4 to $3.6 billion", EN, ("$3.4 to $3.6 billion", "money", ("3400000000", "3600000000"))),
    ("between 61 cents and 66 cents a share", EN, ("61 cents and 66 cents", "money", ("0.61", "0.66"))),
    ("本益比 20~25 倍", TW, ("20~25 倍", "multiple", ("20", "25"))),
    ("占比三成到四成", TW, ("三成到四成", "percent", ("30", "40"))),
    ("約需兩三年", TW, ("兩三年", "duration", ("2", "3"))),
    ("growth in the mid-teens", EN, ("mid-teens", "percent", ("14", "16"))),
    ("高個位數成長", TW, ("高個位數", "percent", ("7", "9"))),
]


@pytest.mark.parametrize(("text", "language", "expected"), RANGES)
def test_range_is_one_figure(text: str, language: Language, expected: tuple[str, str, tuple[str, str]]) -> None:
    assert found(text, language) == [expected]


def test_movement_from_one_amount_to_another_is_no_range() -> None:
    assert [surface for surface, *_ in found("Margins went from 10% to 15%.", EN)] == ["10%", "15%"]
    assert [surface for surface, *_ in found("股價上漲 5 元至 205 元", TW)] == ["5 元", "205 元"]


TIMES = [
    ("2026 年第一季", TW, "period", "2026-Q1"),
    ("去年第四季", TW, "period", "2025-Q4"),
    ("第四季", TW, "period", "2025-Q4"),
    ("次季", HK, "period", "2026-Q2"),
    ("本季", TW, "period", "2026-Q1"),
    ("下一季", TW, "period", "2026-Q2"),
    ("這一季的財報", TW, "period", "2025-Q4"),
    ("上半年", TW, "period", "2026-H1"),
    ("今年以來", TW, "period", "2026-YTD"),
    ("114年", TW, "period", "2025"),
    ("民國113年", TW, "period", "2024"),
    ("2月", TW, "period", "2026-02"),
    ("1-3月", TW, "period", "2026-01/2026-03"),
    ("過去 12 個月", TW, "period", "TTM"),
    ("去年同期", TW, "period", "P-1Y"),
    ("2026 財年第二季", TW, "period", "FY2026-Q2"),
    ("2025/26年度", HK, "period", "FY2025/26"),
    ("下週", TW, "period", "2026-W12"),
    ("二〇二六年", TW, "period", "2026"),
    ("2026年3月11日", TW, "date", "2026-03-11"),
    ("3/11", TW, "date", "2026-03-11"),
    ("週三", TW, "date", "2026-03-11"),
    ("上週五", TW, "date", "2026-03-06"),
    ("下週一", TW, "date", "2026-03-16"),
    ("去年底", TW, "date", "2025-12-31"),
    ("昨日", HK, "date", "2026-03-12"),
    ("13 個季度", TW, "duration", "13"),
    ("三年半", TW, "duration", "3.5"),
    ("first quarter of 2025", EN, "period", "2025-Q1"),
    ("fourth quarter", EN, "period", "2025-Q4"),
    ("Q1 FY26", EN, "period", "FY2026-Q1"),
    ("fiscal 2026", EN, "period", "FY2026"),
    ("4Q25", EN, "period", "2025-Q4"),
    ("1H26", EN, "period", "2026-H1"),
    ("next quarter", EN, "period", "2026-Q2"),
    ("last year", EN, "period", "2025"),
    ("year to date", EN, "period", "2026-YTD"),
    ("a year earlier", EN, "period", "P-1Y"),
    ("February", EN, "period", "2026-02"),
    ("trailing 12 months", EN, "period", "TTM"),
    ("Feb. 6, 2026", EN, "date", "2026-02-06"),
    ("6 February 2026", EN, "date", "2026-02-06"),
    ("last Friday", EN, "date", "2026-03-06"),
    ("Wednesday", EN, "date", "2026-03-11"),
    ("2026-02-06", EN, "date", "2026-02-06"),
    ("12-month", EN, "duration", "12"),
    ("three years", EN, "duration", "3"),
]


@pytest.mark.parametrize(("surface", "language", "kind", "value"), TIMES)
def test_time_is_read_from_the_day_of_publication(surface: str, language: Language, kind: str, value: str) -> None:
    text = f"Shares in the {surface} were quiet" if language == EN else f"公司在{surface}表示不變"
    expected = surface.removesuffix("的財報")
    assert (expected, kind, value) in found(text, language)


def test_deictic_time_without_a_day_has_no_value() -> None:
    assert [(f.kind, f.value) for f in find_figures("去年獲利持平", language=TW)] == [("period", None)]


def test_month_takes_the_year_named_before_it() -> None:
    assert [f.value for f in find_figures("2020 年 3 月見底,4 月反彈", language=TW, published=FRIDAY)] == [
        "2020-03",
        "2020-04",
    ]


NO_FIGURES = [
    ("S&P 500、Nasdaq-100、標普500 與日經225 走勢分歧", TW),
    ("iPhone 17 支援 5G,A股與 B2B 平台受惠", TW),
    ("第三方支付、七巨頭、一場會議、這一次、一家公司", TW),
    ("台積電(2330)、元大台灣50(0050)與 00878", TW),
    ("股價站上20日均線,14 日 RSI 走平", TW),
    ("10年期公債與 30 年期美債同步走低", TW),
    ("多數人忽略指數下跌與數位轉型", TW),
    ("下午三點、上午9點30分、20:15 更新", TW),
    ("前十大股東與第二大客戶", TW),
    ("Section 232, 401(k), Form 10-K and the 737 MAX", EN),
    ("GPT-5, MT5 and HBM4 on the RTX 5090", EN),
    ("the 50-day moving average and 14-day RSI", EN),
    ("the 10-year Treasury and the ten-year yield", EN),
    ("see https://example.com/2026/03/11?id=42 or call +852-2123-4567", EN),
    ("Bollinger Bands (20, 2), version 2.0.1, at 2.30pm", EN),
    ("traders may march on, double down and mar the day", EN),
]


@pytest.mark.parametrize(("text", "language"), NO_FIGURES)
def test_names_and_codes_are_no_figures(text: str, language: Language) -> None:
    assert found(text, language) == []


APPROXIMATE = [
    ("約 300 億元", TW, "300 億元", "about"),
    ("近九成", TW, "九成", "near"),
    ("逾 5% 的跌幅", TW, "5%", "gt"),
    ("不到兩成", TW, "兩成", "lt"),
    ("5% 以上", TW, "5%", "ge"),
    ("高達 40%", TW, "40%", "up_to"),
    ("一百多億元", TW, "一百多億元", "gt"),
    ("數十億美元", TW, "數十億美元", "several"),
    ("外資買超 120 億元", TW, "120 億元", None),
    ("nearly $3bn", EN, "$3bn", "near"),
    ("more than 40 banks", EN, "40", "gt"),
    ("up to 30%", EN, "30%", "up_to"),
    ("30% or more", EN, "30%", "ge"),
]


@pytest.mark.parametrize(("text", "language", "surface", "approx"), APPROXIMATE)
def test_approximator_stays_out_of_the_span(text: str, language: Language, surface: str, approx: str | None) -> None:
    assert [(f.text, f.approx) for f in find_figures(text, language=language)] == [(surface, approx)]


def test_vague_amount_has_a_magnitude() -> None:
    (figure,) = find_figures("投入數十億美元", language=TW)
    assert (figure.value, figure.magnitude, figure.currency) == (None, "1000000000", "USD")


MOVES = [
    ("營收年增 24%", TW, "up", "yoy"),
    ("出貨季減 3.5%", TW, "down", "qoq"),
    ("純利按年下跌 8%", HK, "down", "yoy"),
    ("shares fell 3.5%", EN, "down", None),
    ("sales rose 12% from a year earlier", EN, "up", "yoy"),
    ("毛利率 52%", TW, None, None),
]


@pytest.mark.parametrize(("text", "language", "direction", "basis"), MOVES)
def test_movement_words_give_direction_and_basis(
    text: str, language: Language, direction: str | None, basis: str | None
) -> None:
    figure = next(f for f in find_figures(text, language=language) if f.kind == "percent")
    assert (figure.direction, figure.basis) == (direction, basis)


def test_scale_is_the_factor_that_was_applied() -> None:
    figures = find_figures("2,134 億美元、25 個基點、兩成、1碼、12%", language=TW)
    assert [figure.scale for figure in figures] == ["100000000", "0.01", "10", "0.25", None]


def test_bare_dollar_in_an_english_caption_is_american() -> None:
    text = "外資上調目標價\nShare price chart with support near $140."
    assert [f.currency for f in find_figures(text, language=TW)] == ["USD"]


def test_full_width_comma_between_numbers_separates_them() -> None:
    assert [f.value for f in find_figures("分別為120，200 點", language=TW)] == ["120", "200"]


def test_ids_follow_the_text() -> None:
    assert [f.id for f in find_figures("24%、30%、2026 年", language=TW)] == ["f1", "f2", "f3"]


# -------------------------------------------------------------------------------------------------------- properties

_HAN = "零一二三四五六七八九"


def han(number: int) -> str:
    """Write a number below 10^16 in Chinese numerals."""
    if number == 0:
        return "零"
    parts = []
    gap = False
    for myriad, name in ((10**12, "兆"), (10**8, "億"), (10**4, "萬"), (1, "")):
        section, number = divmod(number, myriad)
        if section:
            zero = bool(parts) and (gap or section < 1000)
            parts.append(("零" if zero else "") + _han_section(section) + name)
            gap = False
        else:
            gap = bool(parts)
    return "".join(parts)


def _han_section(number: int) -> str:
    digits = f"{number:04d}"
    text, gap = "", False
    for digit, unit in zip(digits, "千百十 ", strict=True):
        if digit == "0":
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _HAN[int(digit)] + unit.strip()
        gap = False
    return text


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=10, max_value=10**14))
@example(10**12)
@example(100_020_003)
def test_chinese_numerals_read_back(number: int) -> None:
    text = han(number)
    numeral = read_numeral(text + "元", 0)
    if len(text) > 24:
        assert numeral is None
    else:
        assert numeral is not None
        assert (numeral.value, numeral.end) == (Decimal(number), len(text))


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=10**15), st.integers(min_value=0, max_value=3), st.sampled_from("TWH"))
def test_written_amounts_read_back(number: int, places: int, style: str) -> None:
    value = Decimal(number).scaleb(-places)
    text = (
        f"合計 {value:,f} 元"
        if style != "H"
        else f"合計 {value:,f} 元".translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789.,"})
    )
    (figure,) = find_figures(text, language=TW)
    assert figure.value == f"{value:f}"


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=1, max_value=99_999), st.sampled_from(["千億", "百萬", "億", "兆", "萬億"]))
def test_chinese_scales_multiply(number: int, scale: str) -> None:
    factor = {"千億": 10**11, "百萬": 10**6, "億": 10**8, "兆": 10**12, "萬億": 10**12}[scale]
    (figure,) = find_figures(f"規模 {number:,}{scale}美元", language=TW)
    assert figure.number == number * factor


@given(st.text(max_size=200), st.sampled_from([None, TW, HK, CN, EN]))
@settings(max_examples=100, deadline=None)
def test_any_text_gives_ordered_figures_that_point_at_it(text: str, language: Language | None) -> None:
    end = 0
    for figure in find_figures(text, language=language, published=FRIDAY):
        assert end <= figure.start < figure.end <= len(text)
        assert text[figure.start : figure.end] == figure.text
        end = figure.end


_PIECES = st.sampled_from(
    (*"10.億千十兩幾餘年月日第季至-~$()% 元半成點Q/倍週三\n", "7,", "FY", "May ", "half ", "three ", "billion ", "to ")
)


@given(st.lists(_PIECES, max_size=40).map("".join), st.sampled_from([TW, EN]))
@settings(max_examples=150, deadline=None)
def test_figures_from_broken_pieces_have_sound_fields(text: str, language: Language) -> None:
    for figure in find_figures(text, language=language, published=FRIDAY):
        for number in (figure.low, figure.high, figure.magnitude, figure.scale, figure.number):
            assert number is None or (Decimal(number).is_finite() and "E" not in str(number))
        assert figure.kind != "money" or figure.currency is not None


@pytest.mark.parametrize(
    "piece", ["7", "億", "1,", "(", "$(", "1億", "一億", "5 to ", "1-", "2026-", "半", "第三", "one "]
)
def test_long_noise_holds_no_long_figure(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    figures = find_figures(text, language=TW, published=FRIDAY)
    assert all(figure.end - figure.start < 100 for figure in figures)


# ------------------------------------------------------------------------------------------------------------ tables


def test_tables_name_kinds_and_approximations_that_exist() -> None:
    kinds = set(get_args(FigureKind))
    assert {row["kind"] for row in read_table("units.tsv") + read_table("figure_words.tsv")} <= kinds
    assert {row["approx"] for row in read_table("figure_approximators.tsv")} <= {*get_args(Approx), ""}
    assert {row["direction"] for row in read_table("movements.tsv")} <= {*get_args(Direction), ""}
    assert {row["basis"] for row in read_table("movements.tsv")} <= {*get_args(Basis), ""}
    assert all(Decimal(row["factor"]) > 0 for row in read_table("units.tsv"))


@pytest.mark.parametrize("table", ["units.tsv", "figure_words.tsv", "figure_approximators.tsv", "movements.tsv"])
def test_a_table_has_each_form_once(table: str) -> None:
    forms = [(row["form"], row.get("side")) for row in read_table(table)]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize(
    "row", read_table("figure_traps.tsv"), ids=lambda row: f"{row['before']}{row['number']}{row['after']}"
)
def test_every_trap_is_left_alone(row: dict[str, str]) -> None:
    number = "17" if row["number"] == "*" else row["number"]
    text = f"關於 {row['before']} {number}{'-' if row['after'][:1].isascii() else ''}{row['after']} 的報導"
    assert [f.text for f in find_figures(text, language=TW)] == []


def test_every_currency_is_read_before_and_after_the_number() -> None:
    for row in read_table("currencies.tsv"):
        before, after = row["before"].split("|")[0], row["chinese"].split("|")[0]
        for text in (f"共 {before}25.5 而已", f"共 25.5 {after}而已"):
            assert [f.currency for f in find_figures(text, language=TW)] == [row["code"]], text
