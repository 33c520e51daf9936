"""Scores against gold: one function per question, the same ones for training, the gate and the benchmarks.

Macro-F1 is the unweighted mean over the labels that the gold has. Two classes: items whose gold is a warning or an
opportunity, answered by the lean. The polarity gap is the accuracy on items whose news tone agrees with the stance,
minus that on items where it points the other way: near 1 for a reader of tone, near 0 for a reader of stance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .corpus import LabelledArticle, LabelledHolding, LabelledText, Polarity
from .encoder import Floats
from .records import STANCE_LABELS, Analysis, HoldingStance, Horizons, SectionStance, Stance, StanceLabel

__all__ = [
    "Answer",
    "expected_calibration_error",
    "macro_f1",
    "probabilities_of",
    "score_answers",
    "score_articles",
    "score_texts",
]

_LEANS: tuple[StanceLabel, ...] = ("warning", "opportunity")
_THREE: tuple[StanceLabel, ...] = ("warning", "opportunity", "neutral")


@dataclass(frozen=True, slots=True)
class Answer:
    """A gold label beside the probabilities over `STANCE_LABELS` that were answered."""

    gold: StanceLabel
    probabilities: Sequence[float]
    polarity: Polarity = "na"

    @property
    def label(self) -> StanceLabel:
        """The likeliest label."""
        return STANCE_LABELS[int(np.argmax(self.probabilities))]

    @property
    def lean(self) -> StanceLabel:
        """The answer with two classes."""
        return "opportunity" if self.probabilities[1] > self.probabilities[0] else "warning"

    def among(self, labels: Sequence[StanceLabel]) -> StanceLabel:
        """The likeliest of some labels."""
        return max(labels, key=lambda label: self.probabilities[STANCE_LABELS.index(label)])


def macro_f1(gold: Sequence[str], found: Sequence[str]) -> float | None:
    """Return the mean over the gold's labels of F1; None without gold.

    >>> macro_f1(["warning", "warning", "opportunity"], ["warning", "opportunity", "opportunity"])
    0.6667
    """
    if not gold:
        return None
    scores = []
    for label in set(gold):
        hits = sum(g == f == label for g, f in zip(gold, found, strict=True))
        scores.append(2 * hits / (gold.count(label) + list(found).count(label)))
    return round(sum(scores) / len(scores), 4)


def expected_calibration_error(probabilities: Floats, right: Sequence[bool], *, bins: int = 10) -> float:
    """Return the mean distance between confidence and accuracy over bins of equal width (Naeini et al. 2015)."""
    top = np.asarray(probabilities).max(axis=1)
    hits = np.asarray(right, dtype=float)
    where = np.minimum((top * bins).astype(int), bins - 1)
    error = sum(abs(hits[where == b].sum() - top[where == b].sum()) for b in range(bins))
    return round(float(error) / len(top), 4)


def score_answers(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return n, macro-F1 with two, three and all labels, the polarity gap, and the calibration error."""
    leaning = [a for a in answers if a.gold in _LEANS]
    three = [a for a in answers if a.gold in _THREE]
    found: dict[str, Any] = {
        "n": len(answers),
        "two_class_n": len(leaning),
        "two_class_f1": macro_f1([a.gold for a in leaning], [a.lean for a in leaning]),
        "three_class_f1": macro_f1([a.gold for a in three], [a.among(_THREE) for a in three]),
        "all_class_f1": macro_f1([a.gold for a in answers], [a.label for a in answers]),
    }
    if answers:
        probabilities = np.array([a.probabilities for a in answers])
        found["ece"] = expected_calibration_error(probabilities, [a.label == a.gold for a in answers])
    right: dict[str, list[bool]] = defaultdict(list)
    for answer in leaning:
        right[answer.polarity].append(answer.lean == answer.gold)
    if right["aligned"] and right["inverted"]:
        aligned, inverted = (sum(right[p]) / len(right[p]) for p in ("aligned", "inverted"))
        found["polarity"] = {
            "aligned": round(aligned, 4), "inverted": round(inverted, 4), "gap": round(aligned - inverted, 4),
        }  # fmt: skip
    return found


def score_articles(articles: Sequence[LabelledArticle], analyses: Sequence[Analysis]) -> dict[str, Any]:
    """Return the scores of analyses against labelled articles, at every level that the articles label."""
    pairs = list(zip(articles, (analysis.stance for analysis in analyses), strict=True))
    documents = {a.article.id: Answer(a.stance, probabilities_of(stance), a.polarity) for a, stance in pairs}
    by_language = defaultdict(list)
    for article, _ in pairs:
        by_language[article.article.language or "?"].append(documents[article.article.id])
    return {
        "document": score_answers(list(documents.values())),
        "language": {name: score_answers(answers) for name, answers in sorted(by_language.items())},
        "confident": _score_confident(pairs),
        "horizons": {name: _score_horizon(name, pairs) for name in ("short", "long")},
        "holdings": _score_labels(_match_holdings(pairs)),
        "parts": _score_labels(_match_parts(pairs)),
        "sentences": _score_labels(_match_sentences(articles, analyses)),
        "rationale": _score_rationale(pairs),
    }


def score_texts(rows: Sequence[LabelledText], analyses: Sequence[Analysis]) -> dict[str, Any]:
    """Return the scores of analyses against labelled short texts, by source."""
    by_source = defaultdict(list)
    for row, analysis in zip(rows, analyses, strict=True):
        by_source[row.source].append(Answer(row.label, probabilities_of(analysis.stance), row.polarity))
    return {source: score_answers(answers) for source, answers in sorted(by_source.items())}


def probabilities_of(stance: Stance | None) -> tuple[float, float, float, float]:
    """Return what was answered over `STANCE_LABELS`; a text without a stance counts as answered with neutral."""
    if stance is None:  # nothing but boilerplate was found
        return (0.0, 0.0, 0.0, 1.0)
    return (stance.warning, stance.opportunity, stance.mixed, stance.neutral)


def _score_labels(pairs: Iterable[tuple[str, str | None]]) -> dict[str, Any]:
    """Return macro-F1 over (gold, found); an item that was not found counts as a miss."""
    gold, found = zip(*pairs, strict=True) if (pairs := list(pairs)) else ((), ())
    named = [label or "none" for label in found]
    leaning = [(g, f) for g, f in zip(gold, named, strict=True) if g in _LEANS]
    return {
        "n": len(gold),
        "found": sum(label is not None for label in found),
        "macro_f1": macro_f1(list(gold), named),
        "two_class_n": len(leaning),
        "two_class_accuracy": round(sum(g == f for g, f in leaning) / len(leaning), 4) if leaning else None,
    }


def _score_confident(pairs: Sequence[tuple[LabelledArticle, Stance | None]]) -> dict[str, Any]:
    sure = [(a, stance) for a, stance in pairs if stance is not None and stance.confident]
    right = sum(a.stance == stance.label for a, stance in sure)
    return {
        "coverage": round(len(sure) / len(pairs), 4) if pairs else None,
        "precision": round(right / len(sure), 4) if sure else None,
    }


def _score_horizon(name: str, pairs: Sequence[tuple[LabelledArticle, Stance | None]]) -> dict[str, Any]:
    """Score the horizons for which the annotator names a direction; on "says nothing" annotators disagree."""
    pointed = [
        (gold, getattr(stance.horizons if stance else Horizons(), name))
        for article, stance in pairs
        if (gold := getattr(article.horizons, name)) not in (None, "neutral")
    ]
    return _score_labels(pointed)


def _match_holdings(pairs: Sequence[tuple[LabelledArticle, Stance | None]]) -> list[tuple[str, str | None]]:
    return [
        (gold.stance, next((h.label for h in (stance.holdings if stance else ()) if _same_holding(gold, h)), None))
        for article, stance in pairs
        for gold in article.holdings
    ]


def _same_holding(gold: LabelledHolding, found: HoldingStance) -> bool:
    if gold.ticker and found.ticker:
        return gold.ticker == found.ticker
    return found.text == gold.surface or found.canonical in (gold.canonical, gold.surface)


def _match_parts(pairs: Sequence[tuple[LabelledArticle, Stance | None]]) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for article, stance in pairs:
        for gold in article.parts:
            shared = [(min(gold.end, s.end) - max(gold.start, s.start), s) for s in (stance.sections if stance else ())]
            best: tuple[int, SectionStance] | None = max(shared, key=lambda pair: pair[0], default=None)
            found.append((gold.stance, best[1].label if best and best[0] > 0 else None))
    return found


def _match_sentences(
    articles: Sequence[LabelledArticle], analyses: Sequence[Analysis]
) -> Iterable[tuple[str, str | None]]:
    for article, analysis in zip(articles, analyses, strict=True):
        found = {(s.start, s.end): s for s in analysis.sentences}
        for gold in article.sentences:
            match = found.get((gold.start, gold.end))
            if match is None or match.warning is None:
                yield gold.label, None
            else:
                yield gold.label, max(_THREE, key=lambda label, s=match: getattr(s, label))  # type: ignore[misc]


def _score_rationale(pairs: Sequence[tuple[LabelledArticle, Stance | None]]) -> dict[str, Any]:
    """Return how often the strongest sentence shown, and any sentence shown, overlaps one that the annotator marked."""
    judged = [(a, s.rationale) for a, s in pairs if a.rationales and s is not None and s.rationale]

    def marked(article: LabelledArticle, start: int, end: int) -> bool:
        return any(start < r.end and r.start < end for r in article.rationales)

    first = sum(marked(a, shown[0].start, shown[0].end) for a, shown in judged)
    some = sum(any(marked(a, r.start, r.end) for r in shown) for a, shown in judged)
    n = len(judged)
    return {"n": n, "first": round(first / n, 4) if n else None, "any": round(some / n, 4) if n else None}
