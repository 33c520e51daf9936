"""Text → sections and the parts that are judged alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.records import Section
from nlp.sections import find_parts, find_sections

REPORT = """晶圓代工龍頭的資本支出:該擔心,還是該買?

2026年1月16日
Line chart of quarterly capital spending at three foundries, with the guided range shaded in grey.

北辰半導體週四公布全年資本支出 520 億美元,比市場預估高出兩成。股價開高走低,終場下跌 3.1%。

法人的第一個反應是先賣再說。

錢花到哪裡去?

七成用在先進製程,其餘擴充封裝。公司說訂單能見度到明年第三季。

為什麼毛利率反而上修?

折舊要兩年後才進帳,這段時間產能利用率卻已經滿了。

技術面觀察

股價守在季線之上,RSI 為 48,量能沒有失控。

北辰半導體日線圖與季線位置
資料來源:本刊整理

過往表現不代表未來結果,本文不構成投資建議。

常見問題

資本支出會不會拖累股息?

不會,自由現金流仍是正數。

現在是買點嗎?

分批買比等最低點務實。

延伸閱讀
封裝產能還缺多久
設備股的第二春
"""


def kinds(text: str, *, markdown: bool = False) -> list[str]:
    return [section.kind for section in find_sections(text, markdown=markdown)]


def shown(text: str, *, markdown: bool = False) -> list[tuple[str, str]]:
    return [(s.kind, text[s.start : s.end]) for s in find_sections(text, markdown=markdown)]


def test_report_has_every_kind_in_its_place() -> None:
    assert kinds(REPORT) == [
        *("title", "dateline", "image_alt", "paragraph", "paragraph"),
        *("heading", "paragraph", "heading", "paragraph", "heading", "paragraph"),
        *("image_alt", "source_line", "disclaimer"),
        *("faq_heading", "faq_question", "faq_answer", "faq_question", "faq_answer"),
        *("boilerplate", "boilerplate", "boilerplate"),
    ]


def test_blank_lines_change_nothing() -> None:
    assert kinds(REPORT.replace("\n\n", "\n")) == kinds(REPORT)
    assert kinds(REPORT.replace("\n", "\r\n")) == kinds(REPORT)


def test_simplified_text_reads_like_traditional() -> None:
    text = "央行降息之后\n2025年5月8日\n债市当天上涨。\n常见问题\n还会再降吗?\n我们认为会。\n投资有风险,入市需谨慎。"
    assert kinds(text) == [
        *("title", "dateline", "paragraph", "faq_heading", "faq_question", "faq_answer", "disclaimer"),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("March 3, 2025", "dateline"),
        ("2025年3月3日 18:20 更新", "dateline"),
        ("【記者林可青台北報導】", "dateline"),
        ("(中央社記者陳奕台北3日電)", "dateline"),
        ("二〇二五年三月三日", "dateline"),
        ("LONDON, March 3 (Harbour Wire) -", "dateline"),
        ("2025/03/03 | 原物料", "dateline"),
        ("文|周以寧", "source_line"),
        ("By Helen Marsh, markets editor", "source_line"),
        ("Source: exchange filings", "source_line"),
        ("圖:高雄港的貨櫃碼頭", "image_alt"),
        ("Photo: cranes at the port of Kaohsiung", "image_alt"),
    ],
)
def test_line_below_title_says_what_it_is(line: str, kind: str) -> None:
    text = f"運價為何又漲了\n{line}\n貨櫃運價連續第五週上漲,美西線漲幅最大。\n"
    assert kinds(text) == ["title", kind, "paragraph"]


@pytest.mark.parametrize(
    "line",
    [
        "投資有風險,申購前應詳閱公開說明書。",
        "本文僅供參考,不構成任何買賣建議。",
        "Past performance is not a reliable indicator of future results.",
        "筆者持有上述股份。",
        "The author holds no position in the shares mentioned.",
    ],
)
def test_last_line_is_a_disclaimer(line: str) -> None:
    assert kinds(f"油價回落的理由\n\n庫存連升四週,需求卻沒有跟上。\n\n{line}\n")[-1] == "disclaimer"


def test_risk_in_the_conclusion_is_no_disclaimer() -> None:
    text = "航運股該賣了\n\n運價見頂。\n\n結論\n\n投資人持有的風險已經大過報酬,損失可能擴大,應減碼三成。"
    assert kinds(text) == ["title", "paragraph", "heading", "paragraph"]


def test_question_is_a_heading_in_the_body_and_a_question_in_the_faq() -> None:
    text = "銅價展望\n庫存偏低。\n需求從哪裡來?\n電網與資料中心。\nFAQ\n需求從哪裡來?\n電網與資料中心。"
    assert kinds(text)[2:4] == ["heading", "paragraph"]
    assert kinds(text)[4:] == ["faq_heading", "faq_question", "faq_answer"]


def test_faq_with_prefixes_and_long_answers() -> None:
    text = (
        "債券問答\n殖利率升破 4.8%。\nQ&A\nQ1: 該減碼嗎\nA: 先減三成。\n\n其餘留著收息。\nQ2: 何時買回\nA: 跌破 4.5%。"
    )
    answers = ["faq_question", "faq_answer", "faq_answer", "faq_question", "faq_answer"]
    assert kinds(text) == ["title", "paragraph", "faq_heading", *answers]


def test_faq_ends_at_a_new_heading() -> None:
    text = "黃金問答\n金價回落。\n常見問題\n該賣嗎?\n不急。\n我們的看法\n多頭趨勢仍在,回檔是買點。"
    assert kinds(text)[-4:] == ["faq_question", "faq_answer", "heading", "paragraph"]


def test_faq_without_its_usual_name_is_known_by_its_pairs() -> None:
    text = "升息之後\n央行升息半碼。\n最後三問\n房貸會變多少?\n千萬元一年多付一萬二。\n股市會跌嗎?\n短線震盪。"
    assert kinds(text)[2:] == ["faq_heading", "faq_question", "faq_answer", "faq_question", "faq_answer"]


def test_interview_is_no_faq() -> None:
    talk = "記者:為什麼買?\n經理:便宜。\n記者:風險呢?\n經理:日圓。\n記者:多久?\n經理:三年。"
    text = f"專訪基金經理\n她在東京等我們。\n{talk}"
    assert set(kinds(text)[1:]) == {"paragraph"}


def test_forum_lines_without_full_stops_are_no_headings() -> None:
    text = (
        "尋日又跌,點算\n我諗住收工先睇個市,點知一開就穿咗三千點\n"
        "朋友叫我止蝕,我話等多一日先\n結果今朝再跌兩個巴仙,唔知仲有冇人接貨"
    )
    assert kinds(text) == ["title", "paragraph", "paragraph", "paragraph"]


def test_hard_wrapped_paragraph_is_one_section() -> None:
    text = (
        "Copper desk note\n\n"
        "Stocks in exchange warehouses fell for a ninth week, and the premium\n"
        "for metal delivered this month is the widest since 2021. Smelters\n"
        "in the north have cut runs because concentrate is scarce.\n"
        "\n"
        "We would stay long, with a stop below the spring low. The risk is a\n"
        "strike that ends sooner than the market expects.\n"
    )
    sections = find_sections(text)
    assert [s.kind for s in sections] == ["title", "paragraph", "paragraph"]
    assert text[sections[1].start : sections[1].end].count("\n") == 2


def test_lines_that_are_paragraphs_are_not_joined() -> None:
    text = "存款利率又降了\n銀行週一起調降定存利率。\n一年期降到 1.6%。\n保守的人可以看短天期債。\n"
    assert len(find_sections(text)) == 4


def test_markdown_marks_say_the_kind() -> None:
    text = (
        "# 記憶體報價\n\n![現貨價走勢](https://example.org/a.png)\n\n現貨價連三週上漲。\n\n"
        "## 要點\n\n- 供給收斂\n- 需求回溫\n\n| 產品 | 漲幅 |\n|---|---|\n| DDR5 | 12% |\n\n"
        "> 分析師說這才剛開始。\n\n操作\n----\n\n1. 先買龍頭\n2. 再買模組\n"
    )
    assert shown(text, markdown=True) == [
        ("title", "# 記憶體報價"),
        ("image_alt", "![現貨價走勢](https://example.org/a.png)"),
        ("paragraph", "現貨價連三週上漲。"),
        ("heading", "## 要點"),
        ("list_item", "- 供給收斂"),
        ("list_item", "- 需求回溫"),
        ("list_item", "| 產品 | 漲幅 |"),
        ("boilerplate", "|---|---|"),
        ("list_item", "| DDR5 | 12% |"),
        ("paragraph", "> 分析師說這才剛開始。"),
        ("heading", "操作"),
        ("boilerplate", "----"),
        ("list_item", "1. 先買龍頭"),
        ("list_item", "2. 再買模組"),
    ]


def test_page_furniture_is_boilerplate() -> None:
    text = "分享\n訂閱電子報\n鎳價跌破成本\n印尼礦商減產三成。\n價格偏低。\n版權所有 未經同意不得轉載\nRead more\n"
    furniture = ["boilerplate", "boilerplate"]
    assert kinds(text) == [*furniture, "title", "paragraph", "paragraph", *furniture]


def test_section_name_of_the_site_is_not_the_title() -> None:
    text = (
        "Markets\nCopper slides as a strike ends early\nBy Ann Holt\nThe metal fell 3% on Monday.\nTraders were short."
    )
    assert kinds(text) == ["boilerplate", "title", "source_line", "paragraph", "paragraph"]


def test_mail_headers_stand_above_the_title() -> None:
    text = "From: desk@example.org\nSubject: Copper after the strike\n\nHi all,\n\nThe market is wrong to sell."
    assert kinds(text) == ["source_line", "title", "paragraph", "paragraph"]


def test_single_line_is_a_paragraph() -> None:
    assert kinds("聯準會降息一碼,美股收高") == ["paragraph"]
    assert kinds(" \n\u3000\n") == []


def test_parts_are_lead_headed_parts_and_answers() -> None:
    parts = find_parts(REPORT, find_sections(REPORT))
    assert [part.heading for part in parts] == [
        None,
        "錢花到哪裡去?",
        "為什麼毛利率反而上修?",
        "技術面觀察",
        "資本支出會不會拖累股息?",
        "現在是買點嗎?",
    ]
    assert [len(part.sections) for part in parts] == [2, 2, 2, 2, 2, 2]
    assert all("資料來源" not in REPORT[part.start : part.end] for part in parts)


def test_parts_drop_markdown_marks_and_empty_headings() -> None:
    text = "# 標題\n\n## 上篇\n\n### **一、供給**\n\n產能過剩。\n"
    assert [part.heading for part in find_parts(text, find_sections(text, markdown=True))] == ["一、供給"]


def check_cover(text: str, sections: tuple[Section, ...]) -> None:
    covered = [False] * len(text)
    end = 0
    for section in sections:
        assert end <= section.start < section.end <= len(text)
        assert text[section.start : section.end].strip() == text[section.start : section.end]
        covered[section.start : section.end] = [True] * (section.end - section.start)
        end = section.end
    assert all(inside or character.isspace() for inside, character in zip(covered, text, strict=True))


LINES = st.sampled_from(
    [
        "常見問題",
        "該買嗎?",
        "投資有風險",
        "延伸閱讀",
        "2026年2月6日",
        "Source: LSEG",
        "# 重點",
        "- 一",
        "價格上漲。",
        "a b c",
        ">",
        "|-|",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="中?。.\n\r\u3000 \u2028#-|![]()>aA1:「」\x1c\x85\u200b", max_size=120),
    st.lists(st.one_of(LINES, st.text(max_size=90)), max_size=14).map("\n".join),
)


@given(TEXTS, st.booleans())
def test_every_character_is_in_one_section(text: str, markdown: bool) -> None:
    sections = find_sections(text, language="zh-Hant", markdown=markdown)
    check_cover(text, sections)
    for part in find_parts(text, sections):
        assert part.start == sections[part.sections[0]].start
        assert part.end == sections[part.sections[-1]].end


@pytest.mark.parametrize(
    "unit", ["中", "1", "\n", "(", "」", "?\n", "延伸閱讀\n", "問\n嗎?\n甲乙丙丁。\n", "(記者", "a\nb?\n"]
)
def test_one_thing_repeated_is_read_to_its_end(unit: str) -> None:
    text = unit * (300_000 // len(unit)) + "\n" + "長" * 200 + "。"  # a square of this would run into the time-out
    assert find_sections(text, language="zh-Hant")[-1].end == len(text)
