from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from nlp import InputError
from nlp.corpus import (
    as_article,
    draw_split,
    find_corpus,
    folder_digests,
    read_article,
    read_articles,
    read_manifest,
    read_rows,
    read_short,
)

MARKED = """---
id: x-1
lang: zh-Hant-TW
date: 2025-03-04
form: column
topic: chips
stance: warning
short: warning
long: none
polarity: inverted
entities: 海岳電=Haiyue/9999.TW:warning
---
# ⟦海岳電|COMPANY⟧漲停之後
{neutral}
⟦海岳電|COMPANY⟧昨天漲停。[0]成交量創新高。[0]

## 該走了 {warning}
«這個價位我會先出場。»[-]
@disclaimer 投資有風險。
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "x.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_marks_are_stripped_and_point_at_the_text(tmp_path: Path) -> None:
    row = read_article(write(tmp_path, MARKED))
    text = row.article.text
    assert text == "海岳電漲停之後\n海岳電昨天漲停。成交量創新高。\n\n該走了\n這個價位我會先出場。\n投資有風險。\n"
    assert [text[m.start : m.end] for m in row.entities] == ["海岳電", "海岳電"]
    assert [(text[m.start : m.end], m.label) for m in row.sentences] == [
        ("海岳電昨天漲停。", "neutral"), ("成交量創新高。", "neutral"), ("這個價位我會先出場。", "warning"),
    ]  # fmt: skip
    assert [text[m.start : m.end] for m in row.rationales] == ["這個價位我會先出場。"]
    assert [(p.heading, p.stance) for p in row.parts] == [(None, "neutral"), ("該走了", "warning")]
    assert [b.kind for b in row.blocks] == ["title", "paragraph", "heading", "paragraph", "disclaimer"]
    assert (row.horizons.short, row.horizons.long) == ("warning", None)
    assert row.holdings[0].ticker == "9999.TW"


BROKEN = [
    (("stance: warning", "stance: bearish"), "'bearish'; expected one of"),
    (("short: warning\n", ""), "front matter lacks short"),
    (("漲停。[0]", "漲停。"), None),
    (("創新高。[0]", "創新高。"), "without a sentence mark"),
    (("|COMPANY⟧昨天", "|FIRM⟧昨天"), "label FIRM"),
    (("出場。»", "出場。"), "not closed"),
    (("# ⟦", "## ⟦"), "body line 1"),
    (("海岳電=Haiyue", "別家電=Other"), "is not in the text"),
    (("---\nid", "id"), "no front matter"),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_broken_marks_are_named(tmp_path: Path, change: tuple[str, str], message: str | None) -> None:
    path = write(tmp_path, MARKED.replace(*change))
    if message is None:  # two sentences became one: nothing is wrong with that
        assert len(read_article(path).sentences) == 2
    else:
        with pytest.raises(InputError, match=message):
            read_article(path)


def test_rows_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"id": 1, "text": "a", "label": "neutral", "tier": "open"}\n{"text": "b", "label": "up"}\n', "utf-8"
    )
    assert [row.id for row in read_rows(path, tier="open")] == ["1"]
    with pytest.raises(InputError, match=r"rows\.jsonl:2: label 'up'"):
        read_rows(path)
    assert as_article(read_rows(path, tier="open")[0]).text == "a"


def test_split_is_by_group_and_exact() -> None:
    groups = {"a": [f"a{n}" for n in range(10)], "b": [f"b{n}" for n in range(5)], "c": ["c0"]}
    dev, test = draw_split(groups, dev=0.1, test=0.25, seed=1)
    assert not dev & test
    assert len(test) == 4
    assert draw_split(groups, dev=0.1, test=0.25, seed=1) == (dev, test)


def test_the_corpus_is_what_its_manifest_says() -> None:
    folder = find_corpus()
    manifest = read_manifest(folder)
    assert folder_digests(folder) == dict(manifest.digests)
    ids = {row.article.id for row in read_articles(folder)} | {row.id for row in read_short(folder)}
    assert manifest.dev | manifest.test <= ids
    assert not manifest.dev & manifest.test


def test_every_article_of_the_corpus_is_whole() -> None:
    rows = read_articles(find_corpus())
    assert len(rows) >= 360
    for row in rows:
        for mark in (*row.sentences, *row.entities, *row.rationales):
            assert row.article.text[mark.start : mark.end].strip()
        assert row.parts
    splits = Counter(read_manifest(find_corpus()).split(row.article.id) for row in rows)
    assert splits["test"] >= 72
    assert splits["dev"] >= 36


def test_no_article_has_a_near_duplicate_in_another_split() -> None:
    manifest = read_manifest(find_corpus())
    grams = {
        row.article.id: {row.article.text[at : at + 8] for at in range(len(row.article.text) - 8)}
        for row in read_articles(find_corpus())
    }
    held = manifest.dev | manifest.test
    for name in sorted(held & grams.keys()):
        for other, theirs in grams.items():
            if manifest.split(other) != manifest.split(name):
                shared = len(grams[name] & theirs)
                assert shared < 0.2 * min(len(grams[name]), len(theirs)), f"{name} and {other} share text"
