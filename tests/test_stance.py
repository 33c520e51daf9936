from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import EN, WIDTH, ZH, random_heads
from hypothesis import given
from hypothesis import strategies as st

from nlp import ModelError
from nlp.records import STANCE_LABELS, SectionKind
from nlp.sections import find_parts, find_sections
from nlp.stance import Draft, Heads, StanceModel, judge, load_stance_model, make_pools, softmax, summarise
from nlp.tokens import find_sentences


def draft(text: str) -> Draft:
    sections = find_sections(text)
    return Draft(text, sections, find_sentences(text, sections), find_parts(text, sections), ())


def test_pools_leave_out_what_never_counts() -> None:
    kinds: list[SectionKind] = ["title", "dateline", "paragraph", "paragraph", "heading", "faq_answer", "disclaimer"]
    assert make_pools(kinds, range(len(kinds))) == ((2, 3, 5), (2,), (5,), (0, 4))


def test_a_headline_is_its_own_body() -> None:
    assert make_pools(["title"], [0]) == ((0,), (0,), (0,), ())


def test_nothing_but_boilerplate_has_no_stance(tiny_stance: StanceModel) -> None:
    [judgement] = judge(tiny_stance, [draft("本文不構成任何投資建議。")])
    assert judgement.stance is None
    assert judgement.sentences[0].warning is not None


@given(st.lists(st.floats(-8, 8), min_size=4, max_size=4))
def test_probabilities_sum_to_one_after_rounding(scores: list[float]) -> None:
    probabilities = softmax(np.array(scores, dtype=np.float32))
    stance = summarise(probabilities, threshold=0.5)
    total = stance.warning + stance.opportunity + stance.mixed + stance.neutral
    assert total == pytest.approx(1, abs=1e-9)
    assert -1 <= stance.lean_score <= 1
    assert stance.label == STANCE_LABELS[int(np.argmax(probabilities))]
    assert stance.lean == ("opportunity" if stance.lean_score > 0 else "warning")


def test_shares_add_up_to_the_score() -> None:
    heads = random_heads()
    evidence = np.random.default_rng(3).normal(size=(7, WIDTH + 3)).astype(np.float32)
    pools = ((1, 2, 3, 4), (1, 2), (3, 4), (0,))
    weights = heads.verdicts["document"]
    means = np.concatenate([evidence[list(pool)].mean(axis=0) for pool in pools])
    scores = means @ weights[:-1]
    for at, label in enumerate(STANCE_LABELS):
        margin = scores[at] - np.delete(scores, at).mean()
        added = heads.shares("document", evidence, pools, label)
        assert added.sum() == pytest.approx(margin, rel=1e-3)
        assert added[5] == added[6] == 0


def test_every_sentence_is_judged_and_the_rationale_points_at_the_text(tiny_stance: StanceModel) -> None:
    drafts = [draft(ZH.read_text("utf-8")), draft(EN.read_text("utf-8"))]
    for made, judgement in zip(drafts, judge(tiny_stance, drafts), strict=True):
        assert len(judgement.sentences) == len(made.sentences)
        for s in judgement.sentences:
            assert (s.warning or 0) + (s.opportunity or 0) + (s.neutral or 0) == pytest.approx(1, abs=3e-4)
        assert judgement.stance is not None
        assert all(made.text[r.start : r.end] == r.text for r in judgement.stance.rationale)
        assert 0 < sum(r.score for r in judgement.stance.rationale) <= 1.001
        assert len(judgement.stance.sections) > 3


def test_a_text_reads_the_same_alone_and_in_a_batch(tiny_stance: StanceModel) -> None:
    drafts = [draft(ZH.read_text("utf-8")), draft(EN.read_text("utf-8"))]
    together = judge(tiny_stance, drafts)
    alone = [judge(tiny_stance, [made])[0] for made in drafts]
    for a, b in zip(together, alone, strict=True):
        assert a.stance is not None
        assert b.stance is not None
        assert a.stance.label == b.stance.label
        assert a.stance.warning == pytest.approx(b.stance.warning, abs=2e-3)


def test_heads_round_trip(tmp_path: Path) -> None:
    heads = random_heads()
    heads.save(tmp_path)
    loaded = Heads.load(tmp_path)
    assert loaded.temperatures == heads.temperatures
    assert loaded.threshold == heads.threshold
    assert all(np.array_equal(loaded.verdicts[head], heads.verdicts[head]) for head in heads.verdicts)


def test_a_model_folder_loads(tiny_model: Path) -> None:
    model = load_stance_model(tiny_model)
    assert model.name == "tiny@0"
    by_torch = load_stance_model(tiny_model, backend="pytorch")
    [first], [second] = (judge(m, [draft(ZH.read_text("utf-8"))]) for m in (model, by_torch))
    assert first.stance is not None
    assert second.stance is not None
    assert first.stance.warning == pytest.approx(second.stance.warning, abs=0.02)


def test_broken_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json"):
        load_stance_model(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"format": 9}), encoding="utf-8")
    with pytest.raises(ModelError, match="format 9"):
        load_stance_model(tmp_path)
