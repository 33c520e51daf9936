"""The model that ships: whole, and the same for a text whatever it is read with."""

from __future__ import annotations

from pathlib import Path

from conftest import EN, ZH

from nlp import Article, Reader, registry


def test_its_files_are_those_of_the_registry() -> None:
    folder = registry.find_model()
    assert folder is not None
    for name in ("default", "default-pytorch", "base"):
        registry.verify(folder.with_name(name))


def test_a_text_reads_the_same_alone_and_in_a_batch() -> None:
    reader = Reader()
    articles = [Article(path.stem, path.read_text("utf-8")) for path in (ZH, EN)]
    articles += [Article("a", "逢低可以布局,不必追高。"), Article("b", "Trim the position before results.")]
    assert list(reader.read_all(articles)) == [reader.read(article) for article in articles]


def test_pytorch_gives_nearly_the_same_answers() -> None:
    text = Path(ZH).read_text("utf-8")
    first, second = Reader().read(text).stance, Reader(backend="pytorch").read(text).stance
    assert first is not None
    assert second is not None
    for name in ("warning", "opportunity", "mixed", "neutral"):
        assert abs(getattr(first, name) - getattr(second, name)) < 0.15  # INT8 weights and activations cost this much
