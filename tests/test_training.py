from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SPECIAL, WIDTH, random_heads
from test_corpus import MARKED, write

from nlp.corpus import LabelledText, read_article
from nlp.encoder import Encoder, Floats, load_tokenizer
from nlp.encoder.pytorch import torch_runner
from nlp.records import STANCE_LABELS
from nlp.stance import HEADS
from nlp.training import (
    Example,
    Verdict,
    article_example,
    calibrate,
    collate,
    find_threshold,
    fit_frozen_heads,
    fit_temperature,
    joint_model,
    plan_steps,
    prepare,
    score_heads,
    sentence_weights,
    text_example,
)

SHORT = LabelledText("t", "逢低可以布局。", "opportunity", "zh-Hant-TW", "headline", "short")


def test_an_article_becomes_sentences_and_verdicts(tmp_path: Path) -> None:
    example = article_example(read_article(write(tmp_path, MARKED)))
    assert example.sentences == (
        "海岳電漲停之後", "海岳電昨天漲停。", "成交量創新高。", "該走了", "這個價位我會先出場。", "投資有風險。",
    )  # fmt: skip
    assert example.labels == (None, "neutral", "neutral", None, "warning", None)
    by_head = {verdict.head: verdict for verdict in example.verdicts if verdict.head != "part"}
    assert by_head["document"] == Verdict("document", ((1, 2, 4), (1,), (4,), (0, 3)), "warning")
    assert (by_head["long"].label, by_head["long"].weight) == ("neutral", 0.5)
    assert by_head["holding"].pools == ((0, 1), (0,), (1,), (1, 2, 4))
    assert [v.label for v in example.verdicts if v.head == "part"] == ["neutral", "warning"]


def test_a_short_text_is_one_verdict() -> None:
    example = text_example(SHORT)
    assert example.labels == ("opportunity",)
    assert example.verdicts[0].head == "text"


def test_labels_of_a_source_weigh_the_same() -> None:
    rows = [
        text_example(LabelledText(str(n), "好。", "neutral" if n else "warning", "zh-Hant", "x", "s")) for n in range(5)
    ]
    weights = sentence_weights(rows, {})
    assert weights[0][0] == pytest.approx(sum(w[0] for w in weights[1:]))


def test_steps_read_every_article_in_every_pass() -> None:
    steps = plan_steps([(range(10), 4, 3), (range(10, 13), 2, 0)], seed=1)
    read = [n for step in steps for n in step]
    assert all(read.count(n) == 3 for n in range(10))
    assert all(sum(n >= 10 for n in step) == 2 for step in steps)
    assert plan_steps([(range(10), 4, 3), (range(10, 13), 2, 0)], seed=1) == steps


def synthetic(count: int) -> tuple[list[Example], list[Floats]]:
    """Texts whose vectors give their label away, in the first dimension."""
    random = np.random.default_rng(0)
    examples, vectors = [], []
    for n in range(count):
        label = STANCE_LABELS[n % 2]
        rows = random.normal(size=(3, WIDTH)).astype(np.float32)
        rows[:, 0] += 4.0 if label == "opportunity" else -4.0
        pools = ((0, 1, 2), (0,), (2,), ())
        verdicts = tuple(Verdict(head, pools, label) for head in HEADS)
        examples.append(Example(f"e{n}", "articles", ("漲。", "跌。", "平。"), (label, label, None), verdicts))
        vectors.append(rows)
    return examples, vectors


def test_frozen_heads_learn_what_the_vectors_say() -> None:
    examples, vectors = synthetic(60)
    heads = fit_frozen_heads(examples[:40], vectors[:40], shares={}, sentence_c=1.0, verdict_c=1.0)
    scores = score_heads(heads, examples[40:], vectors[40:])
    assert scores["document"] == scores["sentence"] == scores["holding"] == 1.0
    calibrated = calibrate(heads, examples[40:], vectors[40:], precision=0.9)
    assert calibrated.temperatures["document"] <= 1.0
    assert calibrated.threshold < 1.0


def test_the_joint_model_answers_as_the_heads_it_starts_from(tiny_network: Any, tokenizer_path: Path) -> None:
    tokenizer = load_tokenizer(tokenizer_path)
    example = text_example(SHORT)
    model = joint_model(copy.deepcopy(tiny_network), random_heads(), frozen_layers=1, dropout=0.0, importance={})
    step = collate(prepare([example], tokenizer, shares={}), window=64, special=SPECIAL)
    step["classes"][:] = -1  # no sentence has a label, so the loss is the verdict's alone
    encoder = Encoder("tiny", tokenizer, SPECIAL, torch_runner(tiny_network, device="cpu"), WIDTH, window=64)
    heads = model.heads()
    _, evidence = heads.sentences(encoder.encode([example.sentences])[0])
    answer = heads.verdict("text", evidence, example.verdicts[0].pools)[STANCE_LABELS.index("opportunity")]
    assert model.eval()(**step)["loss"].item() == pytest.approx(-np.log(answer), rel=1e-3)


def test_the_joint_model_learns_above_the_frozen_layers(tiny_network: Any, tokenizer_path: Path) -> None:
    torch = pytest.importorskip("torch")
    network = copy.deepcopy(tiny_network)
    examples = [text_example(SHORT), *synthetic(4)[0]]
    model = joint_model(network, random_heads(), frozen_layers=1, dropout=0.0, importance={"document": 1.0})
    step = collate(prepare(examples, load_tokenizer(tokenizer_path), shares={}), window=64, special=SPECIAL)
    frozen = network.encoder.layer[0].output.dense.weight.clone()
    before = model(**step)["loss"].item()
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.01)
    for _ in range(5):
        optimiser.zero_grad()
        model(**step)["loss"].backward()
        optimiser.step()
    assert model(**step)["loss"].item() < before
    assert torch.equal(frozen, network.encoder.layer[0].output.dense.weight)


def test_temperature_and_threshold() -> None:
    scores = np.log(np.array([[0.99, 0.01]] * 10, dtype=np.float32))
    assert fit_temperature(scores, [0] * 7 + [1] * 3) > 2
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]])
    assert find_threshold(probabilities, [0, 0, 1], precision=0.9) == pytest.approx(0.8)
    assert find_threshold(probabilities, [1, 1, 1], precision=0.9) == 1.0
