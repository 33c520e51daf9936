"""Stance: weiji against what a user would otherwise take, on the same test items, trained on the same rows.

    python -m benchmarks.stance --rows rows.jsonl --dev-rows more.jsonl

Peers: the majority label; a lexicon of tone words; TF-IDF of character and word n-grams with logistic regression;
logistic regression on the sentence vectors of the frozen base encoder (weiji's own heads, without fine-tuning).
Writes benchmarks/stance.md.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline

import train as training_run
from nlp import corpus, training
from nlp.analysis import Reader
from nlp.corpus import LabelledArticle, LabelledText
from nlp.encoder import Encoder, load_tokenizer
from nlp.encoder.pytorch import load_encoder, save_tokenizer, torch_runner
from nlp.evaluation import Answer, probabilities_of, score_answers
from nlp.lexicon import read_user_table
from nlp.records import STANCE_LABELS, Article, StanceLabel
from nlp.stance import StanceModel

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Item:
    """A text with its label, and where it belongs in the tables."""

    article: Article
    gold: StanceLabel
    source: str
    polarity: corpus.Polarity


Peer = Callable[[Sequence[Item]], list[Sequence[float]]]
"""Items → probabilities over STANCE_LABELS."""


def main() -> None:
    """Score every peer on every set and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True, help="JSON Lines to train on; tier 'open' is used")
    parser.add_argument("--dev-rows", type=Path, required=True, help="JSON Lines to score on, by source")
    parser.add_argument("--model", default="default", help="weiji's model: name or folder")
    options = parser.parse_args()
    folder = corpus.find_corpus()
    rows = [*map(item_of_text, corpus.read_rows(options.rows, tier="open"))]
    known = [*articles(folder, "train"), *texts(folder, "train"), *rows]
    tests = {"articles": articles(folder, "test"), "short texts": texts(folder, "test")}
    for item in map(item_of_text, corpus.read_rows(options.dev_rows)):
        tests.setdefault(item.source, []).append(item)
    reader = Reader(model=options.model)
    peers: dict[str, Peer] = {
        "majority": majority(known),
        "tone lexicon": tone_lexicon(),
        "TF-IDF + LR": tfidf(known),
        "LR on frozen base": frozen_base(folder, options.rows),
        "weiji": reading(reader),
    }
    scores: dict[str, dict[str, Any]] = {name: {} for name in peers}
    for name, peer in peers.items():
        for place, items in tests.items():
            answers = [Answer(i.gold, p, i.polarity) for i, p in zip(items, peer(items), strict=True)]
            scores[name][place] = score_answers(answers)
        print(name, scores[name]["articles"])
    (HERE / "stance.md").write_text(tables(scores, tests, reader), encoding="utf-8")


def articles(folder: Path, split: corpus.Split) -> list[Item]:
    """Return the labelled articles of a split."""
    return [item_of_article(row) for row in corpus.read_articles(folder, split=split)]


def texts(folder: Path, split: corpus.Split) -> list[Item]:
    """Return the labelled short texts of a split."""
    return [item_of_text(row) for row in corpus.read_short(folder, split=split)]


def item_of_article(row: LabelledArticle) -> Item:
    """Return a labelled article as an item."""
    return Item(row.article, row.stance, "articles", row.polarity)


def item_of_text(row: LabelledText) -> Item:
    """Return a labelled short text as an item."""
    return Item(corpus.as_article(row), row.label, row.source, row.polarity)


def majority(known: Sequence[Item]) -> Peer:
    """Answer what most labelled items are."""
    counts = Counter(item.gold for item in known)
    shares = [counts[label] / len(known) for label in STANCE_LABELS]
    return lambda items: [shares] * len(items)


def tone_lexicon() -> Peer:
    """Count good and bad words; more good ones is an opportunity, none at all is neutral."""
    rows = read_user_table(HERE / "tone_words.tsv")
    patterns = {}
    for tone in "+-":
        words = sorted((row["word"] for row in rows if row["tone"] == tone), key=len, reverse=True)
        latin = "|".join(word for word in words if word.isascii())
        patterns[tone] = re.compile("|".join([*(w for w in words if not w.isascii()), rf"\b(?:{latin})\b"]), re.I)

    def answer(item: Item) -> Sequence[float]:
        good, bad = (len(patterns[tone].findall(item.article.text)) for tone in "+-")
        if not good and not bad:
            return (0.0, 0.0, 0.0, 1.0)
        return ((bad + 0.5) / (good + bad + 1), (good + 0.5) / (good + bad + 1), 0.0, 0.0)

    return lambda items: [answer(item) for item in items]


def tfidf(known: Sequence[Item]) -> Peer:
    """Learn from n-grams of characters and words; the (source, label) cells weigh the same within a source."""
    cells = Counter((item.source, item.gold) for item in known)
    sizes = Counter(item.source for item in known)
    kinds = Counter(source for source, _ in cells)
    weights = [sizes[i.source] / kinds[i.source] / cells[i.source, i.gold] for i in known]
    features = FeatureUnion(
        [
            ("characters", TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)),
            ("words", TfidfVectorizer(token_pattern=r"[A-Za-z']{2,}", ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
        ]
    )
    model = make_pipeline(features, LogisticRegression(C=4, max_iter=300))
    classes = [STANCE_LABELS.index(item.gold) for item in known]
    model.fit([item.article.text for item in known], classes, logisticregression__sample_weight=weights)

    def answer(items: Sequence[Item]) -> list[Sequence[float]]:
        found = np.zeros((len(items), len(STANCE_LABELS)))
        found[:, model.classes_] = model.predict_proba([item.article.text for item in items])
        return [row.tolist() for row in found]

    return answer


def frozen_base(folder: Path, rows: Path) -> Peer:
    """Fit weiji's heads on the vectors of the base encoder as it is."""
    base = str(HERE.parent / "models" / "base")
    special = save_tokenizer(base, Path("runs/benchmark"))
    network = load_encoder(base)
    tokenizer = load_tokenizer(Path("runs/benchmark/tokenizer.json"))
    encoder = Encoder("base", tokenizer, special, torch_runner(network), network.config.hidden_size, batch_tokens=4096)
    examples = [training.article_example(row) for row in corpus.read_articles(folder, split="train")]
    examples += [training.text_example(row) for row in corpus.read_short(folder, split="train")]
    examples += [training.text_example(row) for row in corpus.read_rows(rows, tier="open")]
    vectors = training_run.encode(encoder, examples)
    heads = training.fit_frozen_heads(examples, vectors, shares=training_run.SHARES, lend=training_run.LEND)
    return reading(Reader(model=StanceModel("frozen", encoder, heads)))


def reading(reader: Reader) -> Peer:
    """Answer as weiji does, from the text alone."""

    def answer(items: Sequence[Item]) -> list[Sequence[float]]:
        return [probabilities_of(analysis.stance) for analysis in reader.read_all(item.article for item in items)]

    return answer


def tables(scores: dict[str, dict[str, Any]], tests: dict[str, list[Item]], reader: Reader) -> str:
    """Return the tables as Markdown."""
    lines = [
        "# Stance",
        "",
        f"Macro-F1, made by `benchmarks/stance.py`; weiji with the model `{reader.info.stance}`.",
        "",
        "## Articles of the frozen test split",
        "",
        "| | two classes | three classes | all four | aligned | inverted | gap |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, found in scores.items():
        row = found["articles"]
        polarity = row["polarity"]
        cells = [row["two_class_f1"], row["three_class_f1"], row["all_class_f1"]]
        cells += [polarity["aligned"], polarity["inverted"], polarity["gap"]]
        lines.append(f"| {name} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
    places = [place for place in tests if place != "articles"]
    lines += [
        "",
        "## Short texts: two / three classes",
        "",
        "| | " + " | ".join(f"{p} ({len(tests[p])})" for p in places) + " |",
    ]
    lines.append("|---" * (len(places) + 1) + "|")
    for name, found in scores.items():
        cells = [f"{found[p]['two_class_f1'] or 0:.2f} / {found[p]['three_class_f1'] or 0:.2f}" for p in places]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "Two classes: items whose gold is a warning or an opportunity. `short texts` are ours, the others public.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
