"""The whole training run on a tiny random encoder and eight short articles: every step, in seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import WIDTH
from test_corpus import MARKED

import train
from nlp import InputError, Reader, registry
from nlp.corpus import write_manifest
from nlp.encoder.pytorch import load_tuned

STANCES = ("warning", "opportunity", "mixed", "neutral")


@pytest.fixture
def encoder(tmp_path: Path, tiny_network: Any, tokenizer_path: Path) -> Path:
    """The tiny network as a folder from the hub."""
    folder = tmp_path / "encoder"
    tiny_network.save_pretrained(folder)
    (folder / "tokenizer.json").write_bytes(tokenizer_path.read_bytes())
    names = {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    config = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A corpus of a few articles and short texts, with its manifest."""
    folder = tmp_path / "corpus"
    (folder / "articles" / "w").mkdir(parents=True)
    (folder / "short").mkdir()
    for number in range(16):
        stance = STANCES[number % 4]
        marked = MARKED.replace("id: x-1", f"id: x-{number}").replace("stance: warning", f"stance: {stance}")
        (folder / "articles" / "w" / f"{number}.md").write_text(marked, encoding="utf-8")
    rows = [{"id": f"s{n}", "text": "逢低布局。", "label": STANCES[n % 2], "lang": "zh-Hant-TW"} for n in range(8)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "short" / "posts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    held = [f"x-{n}" for n in range(12, 16)]
    write_manifest(folder, version="1", dev=["x-8", "x-9", "x-10", "x-11", "s0", "s1"], test=[*held, "s2", "s3"])
    return folder


def test_a_run_ends_in_a_model_that_reads(
    tmp_path: Path, encoder: Path, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = train.Settings(
        encoder=str(encoder), corpus=str(articles), name="tiny", frozen_layers=1, window=64, passes=1,
        articles_per_step=4, texts_per_step=2, evaluations=1, promote=True,
    )  # fmt: skip
    folder = train.main(settings)
    assert folder == Path("models/default")
    registry.verify(folder)
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert metrics["test"]["document"]["n"] == 4
    assert "| articles | 4 | 4 |" in (folder / "MODEL_CARD.md").read_text("utf-8")
    assert load_tuned(folder).config.hidden_size == WIDTH
    analysis = Reader(model="./models/default").read(
        "海岳電漲停之後\n\n海岳電昨天漲停。成交量創新高。這個價位我會先出場。再等等。"
    )
    assert analysis.stance is not None
    assert analysis.model.stance == "tiny@1"


def test_a_corpus_without_articles_is_refused(tmp_path: Path, articles: Path) -> None:
    for path in (articles / "articles" / "w").glob("*.md"):
        path.unlink()
    with pytest.raises(InputError, match="no articles for training"):
        train.read_data(train.Settings(corpus=str(articles)))


def test_the_command_line_is_made_from_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    transformers = pytest.importorskip("transformers")
    [settings] = transformers.HfArgumentParser(train.Settings).parse_args_into_dataclasses(
        ["--name", "x", "--dev-rows", "d.jsonl", "--passes", "2", "--promote", "true"]
    )
    assert (settings.name, settings.dev_rows, settings.passes, settings.promote) == ("x", "d.jsonl", 2, True)
