"""What training needs beside the plain steps: examples out of labelled data, heads on frozen vectors, the joint model.

Reached only by ``train.py`` and the benchmarks; needs the extra ``[train]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .corpus import LabelledArticle, LabelledHolding, LabelledText
from .encoder import Floats, Special, Window, batches, make_windows, tokenise
from .encoder.pytorch import pooled
from .errors import require
from .evaluation import macro_f1
from .records import STANCE_LABELS, Section, SectionKind, StanceLabel
from .stance import (
    HEADS,
    SENTENCE_LABELS,
    SHARPNESS,
    Head,
    Heads,
    Pools,
    holding_pools,
    make_pools,
    pool_means,
    softmax,
)
from .tokens import find_sentences

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_GROUP_TOKENS = 4096  # windows of like length go through the encoder together: little padding
_POOLS = ("all", "first", "last", "tops")

__all__ = [
    "Example",
    "Prepared",
    "Verdict",
    "article_example",
    "calibrate",
    "collate",
    "find_threshold",
    "fit_frozen_heads",
    "fit_temperature",
    "joint_model",
    "model_card",
    "plan_steps",
    "prepare",
    "score_heads",
    "sentence_weights",
    "text_example",
]

CARRYING = 4.0  # a sentence that carries the verdict says it in words of advice; most others only set out facts
_NULL_HORIZON_WEIGHT = 0.5  # annotators disagree on "says nothing about it"; it is taught, but softly


@dataclass(frozen=True, slots=True)
class Verdict:
    """A labelled set of sentences: what `head` should answer for these pools."""

    head: Head
    pools: Pools
    label: StanceLabel
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """A text as its sentences, with the label of each where there is one, and the verdicts over them.

    `carrying` are the numbers of the sentences that the annotator marked as carrying the verdict.
    """

    id: str
    source: str
    sentences: tuple[str, ...]
    labels: tuple[StanceLabel | None, ...]
    verdicts: tuple[Verdict, ...]
    carrying: frozenset[int] = frozenset()


def article_example(labelled: LabelledArticle) -> Example:
    """Return the training example of a labelled article, from the annotator's own blocks and sentences."""
    text = labelled.article.text
    marks = {(mark.start, mark.end): mark.label for mark in labelled.sentences}
    spans, kinds, labels = [], [], []
    for block in labelled.blocks:
        inside = [span for span in marks if block.start <= span[0] < block.end] or [(block.start, block.end)]
        for span in inside:
            spans.append(span)
            kinds.append(block.kind)
            labels.append(_sentence_label(marks.get(span)))
    pools = make_pools(kinds, range(len(spans)))
    verdicts = [Verdict("document", pools, labelled.stance)]
    for part in labelled.parts:
        numbers = [n for n, (start, _) in enumerate(spans) if part.start <= start < part.end]
        verdicts.append(Verdict("part", make_pools(kinds, numbers), part.stance))
    horizons: tuple[tuple[Head, StanceLabel | None], ...] = (
        ("short", labelled.horizons.short), ("long", labelled.horizons.long),
    )  # fmt: skip
    for head, label in horizons:
        verdicts.append(Verdict(head, pools, label or "neutral", 1.0 if label else _NULL_HORIZON_WEIGHT))
    counted = [n for n in range(len(spans)) if n in {*pools[0], *pools[3]}]
    for holding in labelled.holdings:
        numbers = [n for n in counted if _speaks_of(holding, text[slice(*spans[n])])]
        if numbers:
            verdicts.append(Verdict("holding", holding_pools(numbers, pools), holding.stance))
    return Example(
        id=labelled.article.id,
        source="articles",
        sentences=tuple(text[start:end] for start, end in spans),
        labels=tuple(labels),
        verdicts=tuple(verdicts),
        carrying=frozenset(
            n
            for n, (start, end) in enumerate(spans)
            if any(r.start < end - 1 and start < r.end - 1 for r in labelled.rationales)
        ),
    )


def text_example(row: LabelledText) -> Example:
    """Return the training example of a short text; the label of a single sentence is also the sentence's own."""
    section = Section(0, len(row.text), "paragraph")
    sentences = [row.text[s.start : s.end] for s in find_sentences(row.text, (section,))]
    kinds: list[SectionKind] = ["paragraph"] * len(sentences)
    alone = len(sentences) == 1 and row.label in SENTENCE_LABELS
    return Example(
        id=row.id,
        source=row.source,
        sentences=tuple(sentences),
        labels=(row.label,) if alone else (None,) * len(sentences),
        verdicts=(Verdict("text", make_pools(kinds, range(len(sentences))), row.label),) if sentences else (),
    )


def _sentence_label(label: str | None) -> StanceLabel | None:
    return next((known for known in SENTENCE_LABELS if known == label), None)


def _speaks_of(holding: LabelledHolding, sentence: str) -> bool:
    return holding.surface in sentence or holding.canonical in sentence


# ------------------------------------------------------------------------------------------------ balanced weights


def sentence_weights(examples: Sequence[Example], shares: Mapping[str, float]) -> list[list[float]]:
    """Return a weight for each labelled sentence (0 without a label): (source, label) cells are equal in a source.

    :param shares: what a source's sentences weigh together, beside the corpus articles at 1; sources not named weigh 1.
    """
    cells = Counter((e.source, label) for e in examples for label in e.labels if label)
    kinds = Counter(source for source, _ in cells)
    total = sum(count for (source, _), count in cells.items() if source == "articles") or sum(cells.values())
    return [
        [
            (CARRYING if n in e.carrying else 1.0)
            * shares.get(e.source, 1.0)
            * total
            / kinds[e.source]
            / cells[e.source, label]
            if label
            else 0.0
            for n, label in enumerate(e.labels)
        ]
        for e in examples
    ]


def verdict_weights(examples: Sequence[Example], shares: Mapping[str, float]) -> list[list[float]]:
    """Return a weight for each verdict: labels weigh the same within a head and a source."""
    cells = Counter((e.source, v.head, v.label) for e in examples for v in e.verdicts)
    kinds = Counter((source, head) for source, head, _ in cells)
    totals: Counter[tuple[str, Head]] = Counter()
    for (source, head, _), count in cells.items():
        totals[source, head] += count
    most = {head: max(totals[source, other] for source, other in totals if other == head) for _, head in totals}
    return [
        [
            v.weight
            * shares.get(e.source, 1.0)
            * most[v.head]
            / kinds[e.source, v.head]
            / cells[e.source, v.head, v.label]
            for v in e.verdicts
        ]
        for e in examples
    ]


# ---------------------------------------------------------------------------------------------- heads on frozen vectors


def fit_frozen_heads(
    examples: Sequence[Example],
    vectors: Sequence[Floats],
    *,
    shares: Mapping[str, float],
    sentence_c: float = 0.01,
    verdict_c: float = 0.003,
    lend: Mapping[Head, Mapping[Head, float]] | None = None,
    folds: int = 5,
) -> Heads:
    """Return heads fitted by logistic regression on vectors that are not trained further.

    The verdicts see probabilities of sentences from models that were not trained on their own article
    (cross-fitting); otherwise they would trust them more than they deserve on new texts.

    :param sentence_c, verdict_c: inverse strength of the L2 penalty, as in scikit-learn.
    :param lend: for a head, what the labels of other heads count when it is fitted.
    """
    selection = require("sklearn.model_selection", extra="train")
    rows = np.concatenate(vectors)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    standard = (rows - mean) / scale
    owner = np.repeat(np.arange(len(examples)), [len(v) for v in vectors])
    labels = np.array([SENTENCE_LABELS.index(x) if x else -1 for e in examples for x in e.labels])
    weights = np.array([w for row in sentence_weights(examples, shares) for w in row])
    known = labels >= 0

    crossed = np.zeros((len(rows), len(SENTENCE_LABELS)), dtype=np.float32)
    for train, held in selection.GroupKFold(folds).split(standard, groups=owner):
        use = train[known[train]]
        matrix = _regression(standard[use], labels[use], weights[use], sentence_c, len(SENTENCE_LABELS))
        crossed[held] = softmax(standard[held] @ matrix[:-1] + matrix[-1])
    sentence = _regression(standard[known], labels[known], weights[known], sentence_c, len(SENTENCE_LABELS))

    evidence = np.concatenate([standard, SHARPNESS * crossed], axis=1).astype(np.float32)
    first = np.cumsum([0, *(len(v) for v in vectors)])
    own = [evidence[first[n] : first[n + 1]] for n in range(len(examples))]
    balanced = verdict_weights(examples, shares)
    rows_of: dict[Head, list[tuple[Floats, int, float]]] = {head: [] for head in HEADS}
    for n, example in enumerate(examples):
        for verdict, weight in zip(example.verdicts, balanced[n], strict=True):
            row = (pool_means(own[n], verdict.pools), STANCE_LABELS.index(verdict.label), weight)
            rows_of[verdict.head].append(row)
    verdicts = {}
    for head in HEADS:
        data = list(rows_of[head])
        for other, factor in (lend or {}).get(head, {}).items():
            data += [(x, y, w * factor) for x, y, w in rows_of[other]]
        data = data or [(np.zeros(len(_POOLS) * evidence.shape[1]), STANCE_LABELS.index("neutral"), 1.0)]
        x, y, w = (np.array(column) for column in zip(*data, strict=True))
        verdicts[head] = _regression(x, y, w, verdict_c, len(STANCE_LABELS))
    return Heads(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        sentence=sentence,
        verdicts=verdicts,
    )


def _regression(x: Floats, y: Any, weight: Any, c: float, classes: int) -> Floats:
    """Return a logistic regression as a matrix with the bias in its last row and a column for every class.

    A class that the data never shows is never answered; where it shows only one, that is the answer.
    """
    linear = require("sklearn.linear_model", extra="train")
    seen = np.unique(y)
    matrix = np.zeros((x.shape[1] + 1, classes), dtype=np.float32)
    matrix[-1] = -20.0
    if len(seen) < 2:
        matrix[-1, seen] = 0.0
        return matrix
    model = linear.LogisticRegression(C=c, max_iter=400, tol=1e-3).fit(x, y, sample_weight=weight)
    weights = np.vstack([model.coef_.T, model.intercept_])
    if weights.shape[1] == 1:  # two classes: scikit-learn keeps the difference of their scores
        weights = np.hstack([-weights / 2, weights / 2])
    matrix[:, model.classes_] = weights
    return matrix


# ------------------------------------------------------------------------------------------------------ joint model


@dataclass(frozen=True, slots=True)
class Prepared:
    """An example as numbers: token ids of its sentences, classes (-1 unknown) and weights, verdicts with theirs."""

    tokens: list[list[int]]
    classes: list[int]
    weights: list[float]
    verdicts: list[tuple[Head, Pools, int, float]]


def prepare(examples: Sequence[Example], tokenizer: Tokenizer, *, shares: Mapping[str, float]) -> list[Prepared]:
    """Return the examples as numbers. Only the ratios of the weights matter: the loss divides by their sum."""
    of_sentences, of_verdicts = sentence_weights(examples, shares), verdict_weights(examples, shares)
    return [
        Prepared(
            tokens=tokenise(tokenizer, example.sentences),
            classes=[SENTENCE_LABELS.index(label) if label else -1 for label in example.labels],
            weights=weights,
            verdicts=[
                (v.head, v.pools, STANCE_LABELS.index(v.label), weight)
                for v, weight in zip(example.verdicts, own, strict=True)
            ],
        )
        for example, weights, own in zip(examples, of_sentences, of_verdicts, strict=True)
    ]


def plan_steps(groups: Sequence[tuple[Sequence[int], int, int]], *, seed: int) -> list[list[int]]:
    """Return the example numbers of each training step.

    :param groups: (numbers, how many in a step, passes): the step count follows from the first group; the others are
        drawn in random order and start over when they are used up.
    """
    random = np.random.default_rng(seed)
    numbers, size, passes = groups[0]
    order = np.concatenate([random.permutation(numbers) for _ in range(passes)])
    steps = [list(map(int, order[at : at + size])) for at in range(0, len(order), size)]
    for others, count, _ in groups[1:]:
        drawn: list[int] = []
        while others and len(drawn) < count * len(steps):
            drawn += list(map(int, random.permutation(others)))
        for at, step in enumerate(steps):
            step += drawn[at * count : (at + 1) * count]
    return steps


def collate(prepared: Sequence[Prepared], *, window: int, special: Special) -> dict[str, Any]:
    """Return the tensors of one step: windows of all its texts, and matrices from pieces to sentences to pools."""
    torch = require("torch", extra="train")
    windows: list[Window] = []
    first = [0]
    for example in prepared:
        windows += make_windows(example.tokens, size=window, special=special, first=first[-1])
        first.append(first[-1] + len(example.tokens))
    groups = list(batches(windows, tokens=_GROUP_TOKENS, special=special))
    columns = []  # the sentence and the share of each piece, in the order in which the groups' pieces come out
    for batch in groups:
        for number in batch.windows:
            pieces = windows[number].pieces
            columns += [(piece.sentence, piece.share) for piece in pieces]
            columns += [(0, 0.0)] * (batch.pool.shape[1] - len(pieces))
    rows = np.zeros((first[-1], len(columns)), dtype=np.float32)
    for column, (sentence, share) in enumerate(columns):
        rows[sentence, column] = share
    found: dict[str, Any] = {
        "groups": [tuple(map(torch.from_numpy, (b.input_ids, b.attention_mask, b.pool))) for b in groups],
        "rows": torch.from_numpy(rows),
        "classes": torch.tensor([c for e in prepared for c in e.classes]),
        "weights": torch.tensor([w for e in prepared for w in e.weights]),
    }
    for head in HEADS:
        of_head = [(at, v) for at, e in zip(first, prepared, strict=False) for v in e.verdicts if v[0] == head]
        means = np.zeros((len(of_head), len(_POOLS), first[-1]), dtype=np.float32)
        for number, (at, (_, pools, _, _)) in enumerate(of_head):
            for which, pool in enumerate(pools):
                if pool:
                    means[number, which, [at + n for n in pool]] = 1 / len(pool)
        found[f"means_{head}"] = torch.from_numpy(means)
        found[f"labels_{head}"] = torch.tensor([v[2] for _, v in of_head], dtype=torch.long)
        found[f"weights_{head}"] = torch.tensor([v[3] for _, v in of_head], dtype=torch.float32)
    return found


def joint_model(
    encoder: Any, heads: Heads, *, frozen_layers: int, dropout: float, importance: Mapping[str, float]
) -> Any:
    """Return a torch module of the encoder and the heads, whose forward returns the weighted loss of a step.

    Embeddings and the first `frozen_layers` layers keep their weights; the standardisation of vectors is fixed.

    :param importance: what the loss of each head and of the sentences weighs; 1 where it is not named.
    """
    torch = require("torch", extra="train")

    class Joint(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder
            self.dropout = torch.nn.Dropout(dropout)
            self.register_buffer("mean", torch.from_numpy(heads.mean))
            self.register_buffer("scale", torch.from_numpy(heads.scale))
            self.sentence = _linear(heads.sentence)
            self.verdicts = torch.nn.ModuleDict({f"head_{name}": _linear(heads.verdicts[name]) for name in HEADS})

        def forward(self, groups: Any, rows: Any, **labels: Any) -> dict[str, Any]:
            pieces = torch.cat([pooled(self.encoder, *arrays).flatten(0, 1) for arrays in groups])
            standard = (rows @ pieces - self.mean) / self.scale
            scores = self.sentence(self.dropout(standard))
            evidence = torch.cat([standard, SHARPNESS * scores.softmax(-1)], dim=-1)
            losses = [_weighted_loss(scores, labels["classes"], labels["weights"], importance.get("sentence", 1.0))]
            for head in HEADS:
                means = labels[f"means_{head}"]
                if len(means):
                    answers = self.verdicts[f"head_{head}"](self.dropout((means @ evidence).flatten(1)))
                    weight = importance.get(head, 1.0)
                    losses.append(_weighted_loss(answers, labels[f"labels_{head}"], labels[f"weights_{head}"], weight))
            return {"loss": torch.stack(losses).sum()}

        def heads(self) -> Heads:
            return Heads(
                mean=heads.mean,
                scale=heads.scale,
                sentence=_as_matrix(self.sentence),
                verdicts={name: _as_matrix(self.verdicts[f"head_{name}"]) for name in HEADS},
            )

    def _linear(matrix: Floats) -> Any:
        layer = torch.nn.Linear(len(matrix) - 1, matrix.shape[1])
        layer.weight.data.copy_(torch.from_numpy(matrix[:-1].T.copy()))
        layer.bias.data.copy_(torch.from_numpy(matrix[-1].copy()))
        return layer

    def _as_matrix(layer: Any) -> Floats:
        weight, bias = layer.weight.detach().cpu().numpy(), layer.bias.detach().cpu().numpy()
        found: Floats = np.vstack([weight.T, bias]).astype(np.float32)
        return found

    def _weighted_loss(scores: Any, classes: Any, weights: Any, importance: float) -> Any:
        known = classes >= 0
        if not known.any():
            return scores.sum() * 0
        losses = torch.nn.functional.cross_entropy(scores[known], classes[known], reduction="none")
        return importance * (losses * weights[known]).sum() / weights[known].sum()

    freeze(encoder, frozen_layers)
    return Joint()


def freeze(encoder: Any, layers: int) -> None:
    """Fix the embeddings and the first `layers` layers of an encoder, and switch attention dropout off.

    Word embeddings are most of the parameters; attention dropout makes training half as slow again, for nothing seen.
    """
    for parameter in encoder.embeddings.parameters():
        parameter.requires_grad = False
    for layer in encoder.encoder.layer[:layers]:
        for parameter in layer.parameters():
            parameter.requires_grad = False
    for module in encoder.encoder.layer:
        module.attention.self.dropout.p = 0.0


# ----------------------------------------------------------------------------------------------------- calibration


def fit_temperature(scores: Floats, classes: Sequence[int]) -> float:
    """Return the temperature in [0.5, 5] that makes softmax(scores / t) likeliest (Guo et al. 2017)."""
    best, at = np.inf, 1.0
    for t in np.geomspace(0.5, 5, 60):
        likelihood = -np.log(softmax(scores / np.float32(t))[np.arange(len(classes)), list(classes)] + 1e-9).mean()
        if likelihood < best:
            best, at = likelihood, float(t)
    return round(at, 4)


def find_threshold(probabilities: Floats, classes: Sequence[int], *, precision: float) -> float:
    """Return the smallest top probability from which answers are right at this rate (1.0 where none reaches it)."""
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == np.array(classes)
    order = np.argsort(-top)
    rate = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(rate >= precision)
    return round(float(top[order][reached[-1]]), 4) if len(reached) else 1.0


def verdict_scores(
    heads: Heads, examples: Sequence[Example], vectors: Sequence[Floats]
) -> dict[str, tuple[Floats, list[int]]]:
    """Return for the sentences and for each head the probabilities before calibration, and the gold classes."""
    plain = replace(heads, temperatures={})
    found: dict[str, tuple[list[Floats], list[int]]] = {name: ([], []) for name in ("sentence", *HEADS)}
    for example, rows in zip(examples, vectors, strict=True):
        probabilities, evidence = plain.sentences(rows)
        for row, label in zip(probabilities, example.labels, strict=True):
            if label and example.source == "articles":
                found["sentence"][0].append(row)
                found["sentence"][1].append(SENTENCE_LABELS.index(label))
        for verdict in example.verdicts:
            if verdict.weight == 1:
                found[verdict.head][0].append(plain.verdict(verdict.head, evidence, verdict.pools))
                found[verdict.head][1].append(STANCE_LABELS.index(verdict.label))
    return {name: (np.array(rows), classes) for name, (rows, classes) in found.items() if classes}


def score_heads(heads: Heads, examples: Sequence[Example], vectors: Sequence[Floats]) -> dict[str, float]:
    """Return macro-F1 by head and of the sentences, the document's with two classes too, and the mean of them all."""
    found: dict[str, float] = {}
    for name, (probabilities, classes) in verdict_scores(heads, examples, vectors).items():
        gold = [str(c) for c in classes]
        found[name] = macro_f1(gold, [str(c) for c in probabilities.argmax(axis=1)]) or 0.0
        if name == "document":
            pairs = [(g, str(row[:2].argmax())) for g, row in zip(gold, probabilities, strict=True) if g in "01"]
            found["lean"] = macro_f1([g for g, _ in pairs], [f for _, f in pairs]) or 0.0
    found["mean"] = round(sum(found.values()) / len(found), 4)
    return found


def calibrate(heads: Heads, examples: Sequence[Example], vectors: Sequence[Floats], *, precision: float) -> Heads:
    """Return the heads with a temperature each, and the threshold from which documents are called confident."""
    answers = verdict_scores(heads, examples, vectors)
    temperatures = {name: fit_temperature(np.log(rows + 1e-9), classes) for name, (rows, classes) in answers.items()}
    calibrated = replace(heads, temperatures=temperatures)
    rows, classes = answers["document"]
    documents = softmax(np.log(rows + 1e-9) / np.float32(temperatures["document"]))
    return replace(calibrated, threshold=find_threshold(documents, classes, precision=precision))


# ------------------------------------------------------------------------------------------------------- model card


def model_card(settings: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    """Return the Markdown card of a trained model: what it is, what it was trained on, how good it is, where not."""
    test, dev = metrics["test"], metrics["dev"]
    document = test["document"]
    lines = [
        f"# {settings['name']} {settings['version']}: stance of financial commentary",
        "",
        "Reads an article in Traditional Chinese or English, of any length, and says whether its author leaves the",
        "reader with a warning, an opportunity, both (mixed) or neither (neutral). Licence: Apache-2.0.",
        "",
        "## What it is",
        f"Encoder `{settings['encoder']}`, windows of {settings['window']} tokens over consecutive sentences; the",
        "vector of a sentence is the mean of its tokens. Linear heads over pooled sentences judge sentences, headed",
        "parts, holdings, both horizons and the document (`nlp/stance.py`). The graph has INT8 weights per channel;",
        "probabilities are calibrated on dev by temperature.",
        "",
        "## What it was trained on",
        f"- The `train` split of weiji's corpus {metrics['corpus']['version']} (CC BY 4.0): articles and short texts.",
        *(
            f"- {row['n']:,} {row['unit']}s of {row['source']} ({row['licence']})."
            for row in metrics["rows_trained_on"]
        ),
        "",
        "Public rows of headlines and tweets label the tone of the news more than advice, in English; they teach only",
        "the head for texts of a few sentences.",
        "",
        "Nothing was trained or tuned on the `test` split; the state that is kept and the calibration come from `dev`.",
        "",
        "## Scores (from the text alone, as a user runs it)",
        "| | dev | test |",
        "|---|---|---|",
    ]
    rows: list[tuple[str, Any, Any]] = [
        ("articles", dev["document"]["n"], document["n"]),
        ("warning or opportunity, macro-F1", dev["document"]["two_class_f1"], document["two_class_f1"]),
        ("three classes, macro-F1", dev["document"]["three_class_f1"], document["three_class_f1"]),
        ("four classes, macro-F1", dev["document"]["all_class_f1"], document["all_class_f1"]),
        ("accuracy where the tone agrees", *_polarity(dev, test, "aligned")),
        ("accuracy where the tone is inverted", *_polarity(dev, test, "inverted")),
        ("polarity gap", *_polarity(dev, test, "gap")),
        ("expected calibration error", dev["document"]["ece"], document["ece"]),
        ("confident: coverage", dev["confident"]["coverage"], test["confident"]["coverage"]),
        ("confident: precision", dev["confident"]["precision"], test["confident"]["precision"]),
        ("short horizon, macro-F1", dev["horizons"]["short"]["macro_f1"], test["horizons"]["short"]["macro_f1"]),
        ("long horizon, macro-F1", dev["horizons"]["long"]["macro_f1"], test["horizons"]["long"]["macro_f1"]),
        ("holdings, macro-F1", dev["holdings"]["macro_f1"], test["holdings"]["macro_f1"]),
        ("headed parts, macro-F1", dev["parts"]["macro_f1"], test["parts"]["macro_f1"]),
        ("sentences, macro-F1", dev["sentences"]["macro_f1"], test["sentences"]["macro_f1"]),
        ("strongest sentence is one that the writer marked", dev["rationale"]["first"], test["rationale"]["first"]),
    ]
    lines += [f"| {name} | {_cell(first)} | {_cell(second)} |" for name, first, second in rows]
    lines += [
        "",
        "Short texts, macro-F1 with two / three classes:",
        "",
        "| source | n | two | three |",
        "|---|---|---|---|",
    ]
    short = {f"{source} (ours, test)": found for source, found in test["texts"].items()} | metrics.get("rows", {})
    for source, found in short.items():
        lines.append(f"| {source} | {found['n']} | {_cell(found['two_class_f1'])} | {_cell(found['three_class_f1'])} |")
    lines += [
        "",
        "## Where it is weak",
        "- The corpus is small: a score on this test has a standard error of about 0.06.",
        "- Advice that runs against the tone of the news is the harder half: see the two accuracies above.",
        "- Sources that it was not trained on are read worse, forum posts worst: see the table above.",
        "- The test articles are by writers whose other articles it has seen; an unknown voice may read worse.",
        "- It was not tested on Simplified Chinese, on tables, or on transcripts.",
        "- It is an assistant's reading of a text. It is no advice, and it does not know whether the author is right.",
        "",
    ]
    return "\n".join(lines)


def _polarity(dev: Mapping[str, Any], test: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    first, second = (scores["document"].get("polarity", {}).get(name) for scores in (dev, test))
    return first, second


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
