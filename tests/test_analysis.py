from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import EN, ZH
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp import Analysis, Article, InputError, Reader
from nlp.records import SECTION_KINDS
from nlp.stance import StanceModel

EXAMPLES = [Article(path.stem, path.read_text("utf-8")) for path in (ZH, EN)]


@pytest.fixture(scope="module")
def rules() -> Reader:
    return Reader(model=None)


def test_the_examples_are_read_whole(rules: Reader, tiny_stance: StanceModel) -> None:
    for reader in (rules, Reader(model=tiny_stance)):
        for article in EXAMPLES:
            analysis = reader.read(article, tokens=True, timings=True)
            analysis.check(article.text)
            assert Analysis.from_json(analysis.to_json()) == analysis
            assert {"title", "heading", "paragraph", "faq_question", "disclaimer"} <= {
                s.kind for s in analysis.sections
            }
            assert len(analysis.figures) > 30
            assert len(analysis.entities) > 30
            assert {"sections", "entities", "figures", "words"} <= set(analysis.timings_ms or {})


def test_without_a_model_only_the_stance_is_missing(rules: Reader) -> None:
    analysis = rules.read(EXAMPLES[0])
    assert analysis.stance is None
    assert analysis.model.stance is None
    assert analysis.sentences[0].warning is None


def test_many_are_read_as_one_by_one_and_in_order(tiny_stance: StanceModel) -> None:
    reader = Reader(model=tiny_stance)
    articles = [replace(EXAMPLES[n % 2], id=str(n)) for n in range(5)]
    together = list(reader.read_all(articles))
    assert [analysis.id for analysis in together] == list("01234")
    for analysis, article in zip(together, articles, strict=True):
        alone = reader.read(article)
        assert replace(alone, stance=None, sentences=(), sections=()) == replace(
            analysis, stance=None, sentences=(), sections=()
        )
        assert alone.stance is not None
        assert analysis.stance is not None
        assert alone.stance.warning == pytest.approx(analysis.stance.warning, abs=2e-3)


def test_a_bad_article_does_not_stop_the_rest() -> None:
    reader = Reader(model=None, max_characters=50)
    set_aside = []
    articles = [Article("a", "升息一碼。"), Article("b", "漲" * 51), Article("c", "降息兩碼。")]
    found = list(reader.read_all(articles, on_error=lambda article, err: set_aside.append((article.id, str(err)))))
    assert [analysis.id for analysis in found] == ["a", "c"]
    assert set_aside == [
        (
            "b",
            "article 'b' has 51 characters; expected at most 50: split it, or raise max_characters (--max-characters)",
        )
    ]
    with pytest.raises(InputError, match="at most 50"):
        reader.read(articles[1])


def test_relative_dates_need_a_day(rules: Reader) -> None:
    text = "財報後的隔天\n2026 年 2 月 6 日\n公司去年營收創新高。"
    [last] = [f for f in rules.read(text).figures if f.text == "去年"]
    assert last.value == "2025"
    assert "published_from_dateline" in {notice.code for notice in rules.read(text).warnings}
    dated = rules.read(Article("a", "公司去年營收創新高。", published="2024-05-01"))
    assert [f.value for f in dated.figures if f.text == "去年"] == ["2023"]
    assert [f.value for f in rules.read("公司去年營收創新高。").figures if f.text == "去年"] != ["2025"]


def test_what_the_user_gives_comes_back(rules: Reader) -> None:
    article = Article("a", "升息一碼。", title="t", source="s", url="u", meta={"n": [1, 2]})
    assert rules.read(article).meta == {"title": "t", "source": "s", "url": "u", "n": [1, 2]}


def test_markdown_is_read_as_such(rules: Reader) -> None:
    text = "# 標題\n\n## 為什麼跌\n\n內文說明原因。\n\n- 第一點\n- 第二點\n"
    kinds = [s.kind for s in rules.read(Article("a", text, markdown=True)).sections]
    assert kinds == ["title", "heading", "paragraph", "list_item", "list_item"]


def test_user_words_are_kept_whole(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("# mine\n低軌衛星網\n", encoding="utf-8")
    text = "公司布局低軌衛星網。"
    found = Reader(model=None, words=words).read(text, tokens=True).tokens or ()
    assert "低軌衛星網" in [text[start:end] for start, end in found]


@settings(max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_read_or_refused(rules: Reader, text: str) -> None:
    try:
        article = Article("a", text)
    except InputError:
        return
    analysis = rules.read(article, tokens=True)
    analysis.check(text)
    assert all(section.kind in SECTION_KINDS for section in analysis.sections)
