"""Sentence vectors → stance of sentences, headed parts, holdings, horizons and the document, with its evidence.

What is judged is always a set of sentences, summed up in four *pools*: all of its body, the first and the last third
of the body, and its title or headings. The evidence of a sentence is its vector beside the probabilities of what it
pushes toward; a verdict is a softmax over a linear function of the pools' means. So each sentence's share in a verdict
is an exact summand, and the rationale is read off, not guessed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from .errors import ModelError
from .records import (
    STANCE_LABELS,
    Entity,
    EntityLabel,
    HoldingStance,
    Horizons,
    Rationale,
    Section,
    SectionKind,
    SectionStance,
    Sentence,
    Stance,
    StanceLabel,
)

if TYPE_CHECKING:
    from .encoder import Encoder, Floats
    from .sections import Part

__all__ = [
    "HEADS",
    "SENTENCE_LABELS",
    "SHARPNESS",
    "Draft",
    "Head",
    "Heads",
    "Judgement",
    "Pools",
    "StanceModel",
    "holding_pools",
    "judge",
    "load_stance_model",
    "make_pools",
]

SENTENCE_LABELS: tuple[StanceLabel, ...] = ("warning", "opportunity", "neutral")
Head = Literal["document", "text", "part", "short", "long", "holding"]
HEADS: tuple[Head, ...] = ("document", "text", "part", "short", "long", "holding")
"""What is judged. `text` answers for texts of a few sentences, which state; `document` for those that argue."""

_BODY: frozenset[SectionKind] = frozenset({"paragraph", "list_item", "faq_answer"})
_TOPS: frozenset[SectionKind] = frozenset({"title", "heading", "faq_question"})
_HOLDABLE: frozenset[EntityLabel] = frozenset(
    {"COMPANY", "INDEX", "FUND", "CRYPTO", "COMMODITY", "CURRENCY", "SECTOR", "TICKER"}
)
_FEW = 3  # a body of at most so many sentences is judged by the head `text`
_POINTED = 3  # at most so many sentences are shown as the rationale
SHARPNESS = 3.0  # what a probability weighs beside one standardised dimension of a vector

Pools = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Sentence numbers of: the whole body, its first third, its last third, title and headings."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the rules have found in one article, ready to be judged."""

    text: str
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    parts: tuple[Part, ...]
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The parts of an analysis that the model adds."""

    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    stance: Stance | None


@dataclass(frozen=True, slots=True)
class Heads:
    """The arithmetic above the encoder; all arrays float32.

    `mean`, `scale`: width; standardise a sentence vector. `sentence`: (width + 1) × 3, the last row is the bias.
    `verdicts`: for each head a matrix (4 · (width + 3) + 1) × 4 over the means of the pools, the last row is the bias.
    `temperatures` divide the scores before the softmax: calibration, fitted on articles that no weight has seen; none
    before that.
    """

    mean: Floats
    scale: Floats
    sentence: Floats
    verdicts: Mapping[Head, Floats]
    temperatures: Mapping[str, float] = field(default_factory=dict)
    threshold: float = 0.5

    def sentences(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Return the probabilities of each sentence (n × 3) and its evidence (n × width + 3)."""
        standard = (vectors - self.mean) / self.scale
        scores = standard @ self.sentence[:-1] + self.sentence[-1]
        evidence = np.concatenate([standard, SHARPNESS * softmax(scores)], axis=1)
        return softmax(scores / self.temperatures.get("sentence", 1.0)), evidence

    def verdict(self, head: Head, evidence: Floats, pools: Pools) -> Floats:
        """Return the calibrated probabilities over `STANCE_LABELS`."""
        weights = self.verdicts[head]
        scores = pool_means(evidence, pools) @ weights[:-1] + weights[-1]
        return softmax(scores / self.temperatures.get(head, 1.0))

    def shares(self, head: Head, evidence: Floats, pools: Pools, label: StanceLabel) -> Floats:
        """Return what each sentence adds to the score of `label` over the mean of the other labels."""
        weights = self.verdicts[head][:-1]
        at = STANCE_LABELS.index(label)
        others = [column for column in range(len(STANCE_LABELS)) if column != at]
        direction = weights[:, at] - weights[:, others].mean(axis=1)
        added = np.zeros(len(evidence), dtype=np.float32)
        for numbers, part in zip(pools, np.split(direction, len(pools)), strict=True):
            if numbers:
                rows = list(numbers)
                added[rows] += evidence[rows] @ part / len(rows)
        return added

    def save(self, folder: Path) -> None:
        """Write ``heads.safetensors`` (arrays, and the calibration in its metadata)."""
        from safetensors.numpy import save

        arrays = {"mean": self.mean, "scale": self.scale, "sentence": self.sentence}
        arrays |= {f"verdict.{name}": weights for name, weights in self.verdicts.items()}
        calibration = {"temperatures": dict(self.temperatures), "threshold": self.threshold}
        contiguous = {key: np.ascontiguousarray(array, dtype=np.float32) for key, array in arrays.items()}
        data = save(contiguous, metadata={"calibration": json.dumps(calibration)})
        (folder / "heads.safetensors").write_bytes(data)  # `save_file` would make a file that only its owner can read

    @classmethod
    def load(cls, folder: Path) -> Heads:
        """Return the heads of a model folder."""
        from safetensors import safe_open

        path = folder / "heads.safetensors"
        if not path.is_file():
            raise ModelError(f"{path} is missing; the model folder is incomplete: install it again or train a model")
        with safe_open(str(path), framework="numpy") as file:
            calibration = json.loads(file.metadata()["calibration"])
            arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a dictionary
        return cls(
            mean=arrays["mean"],
            scale=arrays["scale"],
            sentence=arrays["sentence"],
            verdicts={head: arrays[f"verdict.{head}"] for head in HEADS},
            temperatures=calibration["temperatures"],
            threshold=calibration["threshold"],
        )


@dataclass(frozen=True, slots=True)
class StanceModel:
    """An encoder and the heads that were trained on it; `name` is ``name@version``."""

    name: str
    encoder: Encoder
    heads: Heads


def load_stance_model(
    folder: Path, *, backend: Literal["onnx", "pytorch"] = "onnx", threads: int | None = None
) -> StanceModel:
    """Return the stance model in a folder.

    :param backend: ``onnx`` (CPU), or ``pytorch``: the weights beside the folder, on a GPU where there is one.
    :param threads: CPU cores for the ONNX backend; all when None.
    """
    from .encoder import Encoder, Special, load_tokenizer, onnx_runner

    path = folder / "config.json"
    if not path.is_file():
        raise ModelError(f"{folder} has no config.json; expected a model folder as train.py writes it")
    config = json.loads(path.read_text(encoding="utf-8"))
    if "format" not in config:
        raise ModelError(f"{folder} is no stance model; expected a folder as train.py writes it (models/default)")
    if config["format"] != 1:
        raise ModelError(f"{path}: format {config['format']!r}; this version of weiji reads format 1: upgrade weiji")
    if backend == "pytorch":
        from .encoder.pytorch import load_tuned, torch_runner

        run, batch_tokens = torch_runner(load_tuned(folder)), 16_384
    else:
        run, batch_tokens = onnx_runner(folder / "encoder.onnx", threads=threads), 1
    encoder = Encoder(
        name=config["encoder"],
        tokenizer=load_tokenizer(folder / "tokenizer.json"),
        special=Special(**config["special"]),
        run=run,
        width=config["width"],
        window=config["window"],
        batch_tokens=batch_tokens,
    )
    return StanceModel(f"{config['name']}@{config['version']}", encoder, Heads.load(folder))


# ------------------------------------------------------------------------------------------------------- judging


def judge(model: StanceModel, drafts: Sequence[Draft]) -> list[Judgement]:
    """Return the judgement of each draft; all their windows go through the encoder together."""
    texts = [[draft.text[s.start : s.end] for s in draft.sentences] for draft in drafts]
    vectors = model.encoder.encode(texts)
    return [_judge(model.heads, draft, rows) for draft, rows in zip(drafts, vectors, strict=True)]


def _judge(heads: Heads, draft: Draft, vectors: Floats) -> Judgement:
    if not draft.sentences:
        return Judgement(draft.sections, draft.sentences, None)
    probabilities, evidence = heads.sentences(vectors)
    kinds = [draft.sections[sentence.section].kind for sentence in draft.sentences]
    pools = make_pools(kinds, range(len(kinds)))
    sentences = tuple(
        replace(sentence, warning=_round(w), opportunity=_round(o), neutral=_round(n))
        for sentence, (w, o, n) in zip(draft.sentences, probabilities, strict=True)
    )
    if not pools[0]:  # nothing but boilerplate: no advice to read
        return Judgement(draft.sections, sentences, None)
    whole: Head = "document" if len(pools[0]) > _FEW else "text"
    document = heads.verdict(whole, evidence, pools)
    part_stances, sections = _judge_parts(heads, draft, kinds, evidence)
    verdict = summarise(document, threshold=heads.threshold)
    # No sentence makes a text neutral; what can be shown is what it leans on.
    shown = verdict.lean if verdict.label == "neutral" else verdict.label
    stance = replace(
        verdict,
        horizons=Horizons(*(_pointed(heads.verdict(head, evidence, pools)) for head in ("short", "long"))),
        holdings=tuple(_judge_holdings(heads, draft, kinds, evidence, pools)),
        sections=part_stances,
        rationale=tuple(_find_rationale(heads, whole, draft, evidence, pools, shown)),
    )
    return Judgement(sections, sentences, stance)


def summarise(probabilities: Floats, *, threshold: float) -> Stance:
    """Return the stance that calibrated probabilities over `STANCE_LABELS` make; they are rounded to sum to 1."""
    label = _likeliest(probabilities)
    rounded = {name: _round(p) for name, p in zip(STANCE_LABELS, probabilities, strict=True)}
    rounded[label] = _round(1 - sum(p for name, p in rounded.items() if name != label))
    warning, opportunity = float(probabilities[0]), float(probabilities[1])
    score = _round((opportunity - warning) / max(opportunity + warning, 1e-9))
    return Stance(
        label=label,
        warning=rounded["warning"],
        opportunity=rounded["opportunity"],
        mixed=rounded["mixed"],
        neutral=rounded["neutral"],
        lean="opportunity" if score > 0 else "warning",
        lean_score=score,
        confident=bool(probabilities.max() >= threshold),
    )


def make_pools(kinds: Sequence[SectionKind], numbers: Sequence[int]) -> Pools:
    """Return the pools of the sentences with these numbers; `kinds` are the section kinds of all sentences.

    A text that is all title or headings is its own body. Boilerplate, disclaimers and captions never count.
    """
    body = tuple(n for n in numbers if kinds[n] in _BODY)
    tops = tuple(n for n in numbers if kinds[n] in _TOPS)
    if not body:
        body, tops = tops, ()
    return (*_thirds(body), tops)


def holding_pools(mentions: Sequence[int], document: Pools) -> Pools:
    """Return the pools for one holding: the sentences that speak of it, and the whole body in place of headings."""
    return (*_thirds(tuple(mentions)), document[0])


def _thirds(body: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    third = -(-len(body) // 3)
    return body, body[:third], body[len(body) - third :]


def pool_means(evidence: Floats, pools: Pools) -> Floats:
    """Return the means of the evidence over each pool, side by side; an empty pool is zeros."""
    empty = np.zeros(evidence.shape[1], dtype=np.float32)
    return np.concatenate([evidence[list(pool)].mean(axis=0) if pool else empty for pool in pools])


def _judge_parts(
    heads: Heads, draft: Draft, kinds: Sequence[SectionKind], evidence: Floats
) -> tuple[tuple[SectionStance, ...], tuple[Section, ...]]:
    """Return the stance of each headed part, and the sections with the stance of the part that they belong to."""
    of_section = defaultdict(list)
    for number, sentence in enumerate(draft.sentences):
        of_section[sentence.section].append(number)
    sections = list(draft.sections)
    found = []
    for part in draft.parts:
        numbers = [n for index in part.sections for n in of_section[index]]
        if not any(kinds[n] in _BODY for n in numbers):
            continue
        probabilities = heads.verdict("part", evidence, make_pools(kinds, numbers))
        label = _likeliest(probabilities)
        found.append(SectionStance(part.start, part.end, part.heading, label, _round(probabilities.max())))
        for index in part.sections:
            sections[index] = replace(sections[index], stance=label)
    return tuple(found), tuple(sections)


def _judge_holdings(
    heads: Heads, draft: Draft, kinds: Sequence[SectionKind], evidence: Floats, document: Pools
) -> list[HoldingStance]:
    """Return the stance to each asset that the text speaks of, in order of first mention."""
    counted = [n for n, kind in enumerate(kinds) if kind in _BODY or kind in _TOPS]
    found = []
    for mentions in group_holdings(draft.entities):
        numbers = _sentences_with(mentions, draft.sentences, counted)
        if not numbers:  # named in a caption, a disclaimer or boilerplate only
            continue
        probabilities = heads.verdict("holding", evidence, holding_pools(numbers, document))
        named = next((m for m in mentions if m.canonical), mentions[0])
        score = _round(probabilities.max())
        found.append(HoldingStance(named.canonical, named.ticker, mentions[0].text, _likeliest(probabilities), score))
    return found


def group_holdings(entities: Sequence[Entity]) -> list[list[Entity]]:
    """Return the mentions of each asset that can be owned, in order of first mention."""
    groups: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        if entity.label in _HOLDABLE:
            groups[entity.ticker or entity.canonical or entity.text].append(entity)
    return list(groups.values())


def _sentences_with(mentions: Sequence[Entity], sentences: Sequence[Sentence], numbers: Sequence[int]) -> list[int]:
    starts = np.array([sentences[n].start for n in numbers], dtype=np.int64)
    if not len(starts):
        return []
    hits = np.searchsorted(starts, [m.start for m in mentions], side="right") - 1
    inside = {numbers[h] for h, m in zip(hits, mentions, strict=True) if h >= 0 and m.start < sentences[numbers[h]].end}
    return sorted(inside)


def _find_rationale(
    heads: Heads, head: Head, draft: Draft, evidence: Floats, pools: Pools, label: StanceLabel
) -> list[Rationale]:
    """Return the body sentences that added most to the label, strongest first, with their share of what was added."""
    added = heads.shares(head, evidence, pools, label)
    total = float(added[added > 0].sum())
    best = sorted((n for n in pools[0] if added[n] > 0), key=lambda n: -added[n])[:_POINTED]
    return [
        Rationale(s.start, s.end, draft.text[s.start : s.end], _round(added[n] / total))
        for n in best
        for s in (draft.sentences[n],)
    ]


def _pointed(probabilities: Floats) -> StanceLabel | None:
    """Return the verdict for a horizon; a text that says nothing about it is taught as neutral and reads as None."""
    label = _likeliest(probabilities)
    return None if label == "neutral" else label


def _likeliest(probabilities: Floats) -> StanceLabel:
    return STANCE_LABELS[int(probabilities.argmax())]


def softmax(scores: Floats) -> Floats:
    """Return probabilities along the last axis."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    total: Floats = grown / grown.sum(axis=-1, keepdims=True)
    return total


def _round(value: float | np.float32) -> float:
    return round(float(value), 4)
