"""Text → sentences and words."""

from __future__ import annotations

import gzip
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import LexiconError
from nlp.lexicon.words import build
from nlp.records import Section
from nlp.sections import find_sections
from nlp.tokens import Cutter, find_sentences, find_words


def sentences(text: str) -> list[str]:
    return [text[s.start : s.end] for s in find_sentences(text, [Section(0, len(text), "paragraph")])]


def words(text: str, **options: object) -> list[str]:
    return [text[start:end] for start, end in find_words(text, **options)]  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------ sentences

CUT = [
    ("營收創高。毛利率卻下滑!該怎麼看?我們偏保守", ["營收創高。", "毛利率卻下滑!", "該怎麼看?", "我們偏保守"]),
    ("他說:「先別追。」市場不聽;隔天又漲——漲停", ["他說:「先別追。」", "市場不聽;隔天又漲——漲停"]),
    ("收在 1.95 美元。EPS 7.85 元,優於預期。", ["收在 1.95 美元。", "EPS 7.85 元,優於預期。"]),
    ("跌破季線了嗎？！還沒。", ["跌破季線了嗎？！", "還沒。"]),
    ("(這是玩笑。)接著談正事。", ["(這是玩笑。)", "接著談正事。"]),
    ("成本增加了.但需求更強.", ["成本增加了.", "但需求更強."]),
    ("等等……再看一季。", ["等等……再看一季。"]),
    (
        "Northlane Inc. fell 4.5% in U.S. trading. It had warned. Why sell now?",
        ["Northlane Inc. fell 4.5% in U.S. trading.", "It had warned.", "Why sell now?"],
    ),
    ("He works for Corvane Ltd. The shares are cheap.", ["He works for Corvane Ltd.", "The shares are cheap."]),
    ("Mr. J. P. Lowe of St. Ives, No. 5 vs. No. 6, agreed.", ["Mr. J. P. Lowe of St. Ives, No. 5 vs. No. 6, agreed."]),
    ("Use hedges, e.g. puts. They work, i.e. they cost.", ["Use hedges, e.g. puts.", "They work, i.e. they cost."]),
    ("Revenue was $3.4bn. Margins held.", ["Revenue was $3.4bn.", "Margins held."]),
    ("I saw the S&P. It fell.", ["I saw the S&P.", "It fell."]),
    ("Cheap... or a trap? Cheap... Then it halved.", ["Cheap... or a trap?", "Cheap...", "Then it halved."]),
    ("“Is it over?” he asked. “No.” She left.", ["“Is it over?” he asked.", "“No.”", "She left."]),
    ('My inbox is full of "did I miss it?". I did.', ['My inbox is full of "did I miss it?".', "I did."]),
    ("i sold. today it fell again. i am fine.", ["i sold.", "today it fell again.", "i am fine."]),
    ("It rose. iShares funds sold.", ["It rose.", "iShares funds sold."]),
    ("1. Buy the dip. 2. Wait.", ["1. Buy the dip.", "2. Wait."]),
]


@pytest.mark.parametrize(("text", "expected"), CUT, ids=[text[:12] for text, _ in CUT])
def test_sentences_end_where_they_should(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_sentences_know_their_section() -> None:
    text = "升息還沒完?會的\n央行升息半碼。市場不意外。\n"
    found = find_sentences(text, find_sections(text))
    assert [(s.section, text[s.start : s.end]) for s in found] == [
        (0, "升息還沒完?"),
        (0, "會的"),
        (1, "央行升息半碼。"),
        (1, "市場不意外。"),
    ]


def test_sentence_runs_over_the_line_ends_of_a_wrapped_paragraph() -> None:
    text = "Stocks in the warehouses fell for a ninth\nweek. Premiums rose."
    assert sentences(text) == ["Stocks in the warehouses fell for a ninth\nweek.", "Premiums rose."]


# ---------------------------------------------------------------------------------------------------------- words

WHOLE = [
    ("AT&T 與 S&P 500", ["AT&T", "與", "S&P", "500"]),
    ("股價 $1,234.56,漲+24%", ["股價", "$1,234.56", ",", "漲", "+24%"]),
    ("-0.5% 到 1.95", ["-0.5%", "到", "1.95"]),
    ("2330.TW 與 BRK.B (NVDA)", ["2330.TW", "與", "BRK.B", "(", "NVDA", ")"]),
    ("約 2,134 億美元", ["約", "2,134", "億", "美元"]),
    ("2023-2025", ["2023", "-", "2025"]),
    ("U.S. stocks didn't fall", ["U.S.", "stocks", "didn't", "fall"]),
    ("執行長安迪·賈西說", ["執行長", "安迪·賈西", "說"]),
    ("買A股,不買B股", ["買", "A股", ",", "不", "買", "B股"]),
    ("投資人看好……", ["投資人", "看好", "……"]),
    ("其他部分第一季", ["其他", "部分", "第一季"]),
    ("ＡＷＳ營收２４％", ["ＡＷＳ", "營收", "２４％"]),
]


@pytest.mark.parametrize(("text", "expected"), WHOLE, ids=[text[:12] for text, _ in WHOLE])
def test_words_are_cut(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_simplified_text_is_cut_like_traditional() -> None:
    assert words("货币政策的头部企业", language="zh-Hans") == ["货币", "政策", "的", "头部", "企业"]


def test_kept_spans_are_words() -> None:
    text = "玉山金旗下的低軌衛星部門虧損1,395億元"
    keep = [(0, 3), (6, 10), (14, 21), (15, 17)]
    assert words(text, keep=keep) == ["玉山金", "旗下", "的", "低軌衛星", "部門", "虧損", "1,395億元"]


def test_kept_span_with_a_space_is_cut_at_the_space_only() -> None:
    assert words("約 2,134 億美元", keep=[(2, 11)]) == ["約", "2,134", "億美元"]


def test_user_words_stay_whole() -> None:
    assert Cutter().cut("寰宇星鏈發射") != ["寰宇星鏈", "發射"]
    assert Cutter(["寰宇星鏈"]).cut("寰宇星鏈發射") == ["寰宇星鏈", "發射"]
    assert words("寰宇星鏈發射", cutter=Cutter(["寰宇星鏈"])) == ["寰宇星鏈", "發射"]


def test_loading_says_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    code = "from nlp.tokens import find_words; assert find_words('資本支出')"
    done = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", code],
        capture_output=True,
        env={"TMPDIR": str(tmp_path), "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_dictionary_is_built_the_same_every_time(tmp_path: Path) -> None:
    source = tmp_path / "dict.txt"
    source.write_text("升息 12 N\n降息 7 Vt\n", encoding="utf-8")
    first, second = tmp_path / "a.tsv.gz", tmp_path / "b.tsv.gz"
    assert build(source, first) == build(source, second) == 2
    assert first.read_bytes()[4:8] == bytes(4)
    assert first.read_bytes() == second.read_bytes()
    assert (
        gzip.decompress(first.read_bytes())
        .decode()
        .endswith("# columns: word frequency tag\n升息\t12\tN\n降息\t7\tVt\n")
    )


def test_dictionary_names_the_line_that_is_wrong(tmp_path: Path) -> None:
    source = tmp_path / "dict.txt"
    source.write_text("升息 12 N\n降息 many Vt\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"dict\.txt:2: .*many"):
        build(source, tmp_path / "a.tsv.gz")


# ------------------------------------------------------------------------------------------------------- coverage

TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="中股息阿·.,。?!…」』)\"' \n\u3000aAI1%$+-&、;：㐀〇𠀀\u200b_", max_size=120),
)


def spaceless(text: str) -> str:
    return "".join(text.split())


@given(TEXTS)
def test_every_character_is_in_one_sentence(text: str) -> None:
    sections = find_sections(text, language="zh-Hant")
    found = find_sentences(text, sections)
    end = 0
    for sentence in found:
        section = sections[sentence.section]
        assert max(end, section.start) <= sentence.start < sentence.end <= section.end
        assert text[sentence.start : sentence.end] == text[sentence.start : sentence.end].strip()
        end = sentence.end
    assert spaceless("".join(text[s.start : s.end] for s in found)) == spaceless(text)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 130), st.integers(0, 130)), max_size=4))
def test_every_character_is_in_one_word(text: str, keep: list[tuple[int, int]]) -> None:
    found = find_words(text, keep=keep, language="zh-Hant")
    assert "".join(text[start:end] for start, end in found) == spaceless(text)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
    edges = {edge for span in found for edge in span}
    for start, end in keep:
        alone = all(end <= a or b <= start for a, b in keep if (a, b) != (start, end) and a < b <= len(text))
        if alone and start < end <= len(text) and text[start:end].strip() == text[start:end]:
            assert {start, end} <= edges


@pytest.mark.parametrize("unit", ["a", "1", "\n", "(", "」", ".", "a.", "A-", "1,", '"', "中", "阿·"])
def test_one_thing_repeated_is_cut_to_its_end(unit: str) -> None:
    text = unit * ((1_000_000 if unit.isascii() else 300_000) // len(unit))
    section = Section(0, len(text), "paragraph")
    assert sum(end - start for start, end in find_words(text, language="zh-Hant")) == len(spaceless(text))
    assert sum(s.end - s.start for s in find_sentences(text, [section])) == len(text.strip())
