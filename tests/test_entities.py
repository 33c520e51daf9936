from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.entities import Lexicon, default_lexicon, find_entities
from nlp.entities.lexicon import Name, expand, fold
from nlp.entities.tickers import yahoo_symbol
from nlp.errors import LexiconError
from nlp.lexicon import read_rows
from nlp.records import LANGUAGES, Language

TABLES = Path(__file__).parent.parent / "nlp" / "lexicon"
NAME_TABLES = ("companies.tsv.gz", "terms.tsv", "people.tsv", "places.tsv")


def found(text: str) -> list[tuple[str, str]]:
    return [(entity.text, entity.label) for entity in find_entities(text)]


# ------------------------------------------------------------------------------------------------ what is marked

MARKED = [
    ("台積電第三季毛利率 57.8%,股價創高", [("台積電", "COMPANY"), ("毛利率", "METRIC"), ("股價", "METRIC")]),
    ("滙豐宣布派息比率五成", [("滙豐", "COMPANY"), ("派息比率", "METRIC")]),
    ("聯準會主席鮑爾說通膨仍高", [("聯準會", "ORG"), ("鮑爾", "PERSON"), ("通膨", "MACRO")]),
    ("美國股指期貨走低", [("美國股指期貨", "INDEX")]),
    ("標普 500 與標普500 指的是同一個指數", [("標普 500", "INDEX"), ("標普500", "INDEX")]),
    ("白銀與布蘭特原油齊跌", [("白銀", "COMMODITY"), ("布蘭特原油", "COMMODITY")]),
    ("比特幣失守,穩定幣也受累", [("比特幣", "CRYPTO"), ("穩定幣", "CRYPTO")]),
    ("RSI跌到30,ADX走平,布林通道收窄", [("RSI", "INDICATOR"), ("ADX", "INDICATOR"), ("布林通道", "INDICATOR")]),
    ("股價站回 20 日均線", [("股價", "METRIC"), ("20 日均線", "INDICATOR")]),
    ("10 年期公債殖利率升到 4.5%", [("10 年期公債殖利率", "MACRO")]),
    ("散熱族群與航運股走弱", [("散熱族群", "SECTOR"), ("航運股", "SECTOR")]),
    ("法說會之後是美國政府停擺", [("法說會", "EVENT"), ("美國政府停擺", "EVENT")]),
    ("EPS3.62元,年增兩成", [("EPS", "METRIC")]),
    ("第二季營收年增率只有 3%", [("營收年增率", "METRIC")]),
    ("我們把盈富基金換成元大台灣50", [("盈富基金", "FUND"), ("元大台灣50", "FUND")]),
    (
        "Microsoft said Azure revenue rose as capex climbed",
        [("Microsoft", "COMPANY"), ("Azure", "PRODUCT"), ("revenue", "METRIC"), ("capex", "METRIC")],
    ),
    ("GROSS MARGIN FELL AT NVIDIA", [("GROSS MARGIN", "METRIC"), ("NVIDIA", "COMPANY")]),
    ("It broke its 200-day moving average", [("200-day moving average", "INDICATOR")]),
    ("The 10-year Treasury yield hit 4.6%", [("10-year Treasury yield", "MACRO")]),
    ("Traders on Wall Street bought Brent crude", [("Wall Street", "LOCATION"), ("Brent crude", "COMMODITY")]),
]


@pytest.mark.parametrize(("text", "expected"), MARKED)
def test_names_and_terms_are_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


# -------------------------------------------------------------------------------------------- what is left alone

LEFT_ALONE = [
    ("均線出現黃金交叉", "黃金"),
    ("公司的獲利能力不差", "獲利"),
    ("下月起實施統一電價", "統一"),
    ("這是全新的局面", "全新"),
    ("兩家航空聯合調漲票價", "聯合"),
    ("這批貨值 356 億美元", "美元"),
    ("每股作價 HK$155", "HK"),
    ("債務高達 87 億元人民幣", "人民幣"),
    ("revenue came in at US$33 billion", "US"),
    ("Goldman sold it", "Gold"),
    ("a profit target is no plan", "target"),
    ("the apple growers of Kent lost a crop", "apple"),
    ("they mind the gap between them", "gap"),
    ("我們的目標客戶在亞馬遜雨林", "亞馬遜"),
    ("Bottom line\nSell half and keep the rest.", "Bottom line"),
    ("A DIVIDEND PER UNIT OF NINE CENTS", "PER"),
    ("its price ratio to the index", "price ratio"),
]


@pytest.mark.parametrize(("text", "word"), LEFT_ALONE)
def test_ordinary_words_are_left_alone(text: str, word: str) -> None:
    assert word not in [entity.text for entity in find_entities(text)]


# ------------------------------------------------------------------------------ ordinary words that are names here

IN_CONTEXT = [
    ("統一(1216)上季營收持平", "統一", "1216.TW"),
    ("大同股價三天漲一成", "大同", "2371.TW"),
    ("聯合與台積電不同;聯合(4129)財報下週公布", "聯合", "4129.TWO"),
    ("蘋果、特斯拉領跌", "蘋果", "AAPL"),
    ("Shares of Gap rose 4%", "Gap", "GAP"),
    ("Analysts at two banks like Target after its results", "Target", "TGT"),
    ("Visa reported a strong quarter", "Visa", "V"),
    ("同業樺漢首季營收年增 9%", "樺漢", "6414.TW"),
    ("大同去年獲利倍增", "大同", "2371.TW"),
    ("Ford and General Motors cut output", "Ford", "F"),
    ("今年 Meta 的廣告更貴了", "Meta", "META"),
    ("American Airlines fell. At American the pilots are unhappy.", "American", "AAL"),
]


@pytest.mark.parametrize(("text", "word", "ticker"), IN_CONTEXT)
def test_ordinary_word_is_a_name_where_the_context_says_so(text: str, word: str, ticker: str) -> None:
    assert (word, ticker) in [(entity.text, entity.ticker) for entity in find_entities(text)]


def test_one_supported_mention_supports_the_others() -> None:
    text = "統一是老牌食品廠。市場看好統一(1216)。"
    assert [e.start for e in find_entities(text) if e.ticker == "1216.TW" and e.label == "COMPANY"] == [0, 13]


def test_central_bank_of_everyone_is_no_entity() -> None:
    assert found("各國央行買金") == []
    assert ("央行", "ORG") in found("央行宣布升息半碼")


def test_bare_yield_follows_what_it_is_the_yield_of() -> None:
    assert ("殖利率", "MACRO") in found("公債遭拋售,殖利率走高")
    assert ("殖利率", "METRIC") in found("這檔股票配息穩,現金股息殖利率不提,單看殖利率也有 5%")


# ------------------------------------------------------------------------------------------------------- tickers

TICKERS = [
    ("台積電(2330)", "2330", "2330.TW"),
    ("台積電（2330.TW）", "2330.TW", "2330.TW"),
    ("騰訊(00700)", "00700", "0700.HK"),
    ("中芯國際 0981.HK 收高", "0981.HK", "0981.HK"),
    ("Tencent (700 HK) fell", "700 HK", "0700.HK"),
    ("Amazon (NASDAQ: AMZN) fell", "AMZN", "AMZN"),
    ("Berkshire Hathaway (BRK.B) rose", "BRK.B", "BRK-B"),
    ("I bought $TSLA again", "TSLA", "TSLA"),
    ("禮來(LLY-US)大漲", "LLY-US", "LLY"),
    ("2330 台積電 看多", "2330", "2330.TW"),
    ("00679B 又破底", "00679B", "00679B.TWO"),
]


@pytest.mark.parametrize(("text", "symbol", "ticker"), TICKERS)
def test_symbols_are_tickers(text: str, symbol: str, ticker: str) -> None:
    assert (symbol, "TICKER", ticker) in [(e.text, e.label, e.ticker) for e in find_entities(text)]


@pytest.mark.parametrize(
    "text", ["去年(2025)獲利成長", "國際能源署(IEA)", "每股盈餘(EPS)", "共識(AI)", "2330 元的目標"]
)
def test_brackets_and_numbers_that_are_no_symbol(text: str) -> None:
    assert "TICKER" not in [entity.label for entity in find_entities(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("On Wednesday Garmin (GRMN) reported.", ["Garmin"]),
        ("It fell. On Friday Quillmore (QLMR) rose.", ["Quillmore"]),
        ("Shares of On Dunmore (ODMX) rose.", ["On Dunmore"]),
    ],
)
def test_words_that_begin_a_sentence_are_no_part_of_a_name(text: str, names: list[str]) -> None:
    assert [entity.text for entity in find_entities(text) if entity.label == "COMPANY"] == names


def test_bracketed_symbol_lends_its_ticker_to_an_unknown_name() -> None:
    first = find_entities("Quillmore (QLMR) fell on Monday; Quillmore said nothing.")
    assert [(e.text, e.label, e.ticker) for e in first][:2] == [
        ("Quillmore", "COMPANY", "QLMR"),
        ("QLMR", "TICKER", "QLMR"),
    ]
    assert [e.text for e in first].count("Quillmore") == 2


def test_symbol_counts_bare_once_it_stood_in_brackets() -> None:
    assert [e.label for e in find_entities("Zoral Inc (ZRLQ) is up. I hold ZRLQ.") if e.text == "ZRLQ"] == [
        "TICKER"
    ] * 2


@pytest.mark.parametrize(
    ("symbol", "exchange", "yahoo"),
    [("5", "HKEX", "0005.HK"), ("2330 TT", None, "2330.TW"), ("VOW3.DE", None, "VOW3.DE"), ("7203", "TYO", "7203.T")],
)
def test_symbols_are_written_as_yahoo_does(symbol: str, exchange: str | None, yahoo: str) -> None:
    assert yahoo_symbol(symbol, exchange) == yahoo


# ------------------------------------------------------------------------------------------- names of no table

UNLISTED = [
    (
        "Harrow Lake Bancorp sank. Harrow Lake has uninsured deposits.",
        ["Harrow Lake Bancorp", "Harrow Lake"],
        "COMPANY",
    ),
    ("Pellmore & Haig Research likes it", ["Pellmore & Haig Research"], "COMPANY"),
    ("我們訪問了。凜嵐證券看空,凜嵐證券又看多。", ["凜嵐證券", "凜嵐證券"], "COMPANY"),
    ("分析師林映彤表示,庫存見底。林映彤又說…", ["林映彤", "林映彤"], "PERSON"),
    ("文/專欄作者 杜若衡\n看多", ["杜若衡"], "PERSON"),
    ("Dear reader, said Orla Finnemore. Finnemore disagrees.", ["Orla Finnemore", "Finnemore"], "PERSON"),
    ("The Larch Small Company Fund lost 4%", ["Larch Small Company Fund"], "FUND"),
]


@pytest.mark.parametrize(("text", "names", "label"), UNLISTED)
def test_names_that_say_what_they_are(text: str, names: list[str], label: str) -> None:
    assert [entity.text for entity in find_entities(text) if entity.label == label] == names


@pytest.mark.parametrize(
    "text", ["多家大型銀行調降展望", "先進半導體仍缺貨", "績效數據不代表未來", "Regional Bank stocks fell"]
)
def test_kinds_of_firms_are_no_firms(text: str) -> None:
    assert "COMPANY" not in [entity.label for entity in find_entities(text)]


# ------------------------------------------------------------------------------------------ canonical names, views


def test_canonical_name_and_ticker_come_from_the_table() -> None:
    entities = find_entities("亞馬遜、Amazon、Strategy(原名 MicroStrategy)")
    assert [(e.canonical, e.ticker) for e in entities] == [("Amazon", "AMZN")] * 2 + [("Strategy", "MSTR")] * 2


CANONICAL = [
    ("存貨週轉天數降到 85 天", "days of inventory", None),
    ("訂單出貨比 1.18", "book-to-bill ratio", None),
    ("融資餘額增加 8%", "margin balance", None),
    ("毛利率 39.6%", "gross margin", None),
    ("跌破年線", "240-day moving average", None),
    ("營運槓桿很高", "operating leverage", None),
    ("營收年增率 3%", "revenue growth", None),
    ("The price/earnings ratio is 12", "price-to-earnings ratio", None),
    ("美元走強", "US dollar", None),
    ("美元兌日圓走高", "USD/JPY", "JPY=X"),
    ("美元指數走高", "US Dollar Index", "DX-Y.NYB"),
]


@pytest.mark.parametrize(("text", "canonical", "ticker"), CANONICAL)
def test_terms_have_a_name_of_their_own(text: str, canonical: str, ticker: str | None) -> None:
    assert [(entity.canonical, entity.ticker) for entity in find_entities(text)] == [(canonical, ticker)]


HOME = [
    ("央行升息半碼", "zh-Hant-TW", "Central Bank of the Republic of China (Taiwan)"),
    ("央行降准", "zh-Hans", "People's Bank of China"),
    ("央行升息半碼", "zh-Hant", None),
    ("證監會發聲明", "zh-Hant-HK", "Securities and Futures Commission (Hong Kong)"),
    ("证监会表态", "zh-Hans", "China Securities Regulatory Commission"),
    ("中國證監會發聲明", "zh-Hant-HK", "China Securities Regulatory Commission"),
]


@pytest.mark.parametrize(("text", "language", "canonical"), HOME)
def test_short_name_of_a_body_is_that_of_the_texts_home(text: str, language: Language, canonical: str | None) -> None:
    assert [(e.label, e.canonical) for e in find_entities(text, language=language)] == [("ORG", canonical)]


def test_simplified_and_full_width_text_keep_their_own_surface() -> None:
    text = "台积电（２３３０）股价大涨"
    assert [e.text for e in find_entities(text, language="zh-Hans")] == ["台积电", "２３３０", "股价"]


def test_longest_name_wins_and_nothing_nests() -> None:
    assert found("標普500期貨") == [("標普500期貨", "INDEX")]
    assert found("新業務價值利潤率改善") == [("新業務價值利潤率", "METRIC")]


# ------------------------------------------------------------------------------------------------------- lexicon


def test_expand_spells_out_alternatives_and_optional_spaces() -> None:
    assert expand("(核心/) CPI") == ["核心 CPI", "核心CPI", "CPI"]


def test_fold_keeps_the_length_of_any_letter() -> None:
    assert len(fold("İstanbul ǅ ß Σ")) == len("İstanbul ǅ ß Σ")


def test_users_table_wins(tmp_path: Path) -> None:
    table = tmp_path / "mine.tsv"
    table.write_text(
        "# columns: label canonical ticker forms\n"
        "FUND\tMy Fund\t\t台積電\nCOMPANY\tAcme\tACME\t頂尖鐵砧\n\t\t\t毛利率\n",
        encoding="utf-8",
    )
    lexicon = Lexicon.load(table)
    entities = find_entities("頂尖鐵砧與台積電的毛利率", lexicon=lexicon)
    assert [(e.text, e.label, e.canonical) for e in entities] == [
        ("頂尖鐵砧", "COMPANY", "Acme"),
        ("台積電", "FUND", "My Fund"),
    ]
    assert lexicon.digest != default_lexicon().digest
    assert "頂尖鐵砧" in lexicon.words
    assert "頂尖鐵砧" not in default_lexicon().words


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("# columns: label name\nCOMPANY\tx\n", "at least label and forms"),
        ("# columns: label forms\nFIRM\tx\n", "label is 'FIRM'"),
        ("# columns: label canonical forms\nCOMPANY\tAcme\t\n", "has no forms"),
    ],
)
def test_table_that_cannot_be_used_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    table = tmp_path / "bad.tsv"
    table.write_text(rows, encoding="utf-8")
    with pytest.raises(LexiconError, match=re.escape(message)):
        Lexicon.load(table)


@pytest.mark.parametrize(("name", "data"), [("gone.tsv", None), ("torn.tsv.gz", b"\x1f\x8b\x08"), ("no.tsv.gz", b"x")])
def test_table_that_cannot_be_read_is_refused(tmp_path: Path, name: str, data: bytes | None) -> None:
    table = tmp_path / name
    if data is not None:
        table.write_bytes(data)
    with pytest.raises(LexiconError, match=r"cannot be read: .*expected a table of names"):
        Lexicon.load(table)


def test_words_are_chinese_forms() -> None:
    words = default_lexicon().words
    assert {"台積電", "自由現金流"} <= set(words)
    assert all(re.search(r"[\u3400-\u9fff]", word) for word in words)


def test_lexicon_can_be_made_from_rows() -> None:
    lexicon = Lexicon([(Name("COMPANY", "Acme", "ACME"), "Acme Anvils", "")], digest="x")
    assert [e.ticker for e in find_entities("Acme Anvils fell", lexicon=lexicon)] == ["ACME"]
    assert lexicon.by_ticker("ACME") == Name("COMPANY", "Acme", "ACME")


# -------------------------------------------------------------------------------------------------------- tables


def rows_of(table: str) -> list[list[str]]:
    columns, rows = read_rows(TABLES / table)
    assert columns == ["label", "canonical", "ticker", "forms", "weak"]
    return rows


@pytest.mark.parametrize("table", NAME_TABLES)
def test_no_form_is_one_character_and_sure(table: str) -> None:
    short = [form for row in rows_of(table) for form in expand(row[3]) if len(form) < 2]
    assert short == []


@pytest.mark.parametrize("table", NAME_TABLES)
def test_forms_are_trimmed_and_balanced(table: str) -> None:
    forms = [form for row in rows_of(table) for cell in row[3:] if cell for form in expand(cell)]
    assert [form for form in forms if form != form.strip() or re.search(r"[()?]|  ", form)] == []


@pytest.mark.parametrize("table", NAME_TABLES)
def test_tickers_are_written_as_yahoo_does(table: str) -> None:
    tickers = [row[2] for row in rows_of(table) if row[2]]
    assert [ticker for ticker in tickers if not re.fullmatch(r"\^?[A-Z0-9]+([.\-=&][A-Z0-9]+)*(=[FX])?", ticker)] == []


def test_no_currency_has_the_symbol_of_a_pair() -> None:
    rows = [row for row in rows_of("terms.tsv") if row[0] == "CURRENCY"]
    assert [row[1] for row in rows if bool(row[2]) != ("/" in row[1])] == []


def test_no_sure_form_means_two_firms() -> None:
    owners: dict[str, set[str]] = {}
    for row in rows_of("companies.tsv.gz"):
        for form in expand(row[3]) if row[3] else ():
            owners.setdefault(form, set()).add(row[2] or row[1])
    assert {form: who for form, who in owners.items() if len(who) > 1} == {}


# ---------------------------------------------------------------------------------------------------- properties

WORDS = """台積電 (2330) $TSLA Target the 營收 年增率 50 日均線 、 İ 美元 ３億 Harrow Lake Bancorp 分析師林映彤 ( ) 央行
0981.HK S&P 500 殖利率 A 7 😀"""
PIECES = st.sampled_from([*re.split(r"(\s)", WORDS), "  ", "\u0301"])


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join), st.sampled_from((None, *LANGUAGES)))
def test_entities_are_ordered_apart_and_say_their_text(text: str, language: Language | None) -> None:
    end = 0
    for entity in find_entities(text, language=language):
        assert end <= entity.start < entity.end <= len(text)
        assert text[entity.start : entity.end] == entity.text
        assert 0 < entity.score <= 1
        end = entity.end


@pytest.mark.parametrize(
    "unit", ["a", "7", "(", "A ", "科技", "1-", "Ab & ", "A-", "A'", "ABC:\n", "台積電、", "\n", "一二"]
)
def test_long_texts_of_one_thing_are_read(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    assert all(text[e.start : e.end] == e.text for e in find_entities(text))
