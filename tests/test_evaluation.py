from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_corpus import MARKED, write

from nlp.corpus import read_article
from nlp.evaluation import Answer, expected_calibration_error, macro_f1, score_answers, score_articles
from nlp.records import Analysis, HoldingStance, Horizons, ModelInfo, Rationale, SectionStance, Sentence, Stance, sha256


def test_macro_f1_counts_every_label_alike() -> None:
    assert macro_f1([], []) is None
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"]) == pytest.approx(0.4286, abs=1e-4)


def test_calibration_error() -> None:
    sure = np.array([[0.9, 0.1]] * 10)
    assert expected_calibration_error(sure, [True] * 9 + [False]) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error(sure, [False] * 10) == pytest.approx(0.9, abs=1e-6)


def test_a_reader_of_tone_has_a_gap_of_one() -> None:
    answers = [
        Answer("opportunity", (0.1, 0.9, 0, 0), "aligned"), Answer("warning", (0.9, 0.1, 0, 0), "aligned"),
        Answer("opportunity", (0.9, 0.1, 0, 0), "inverted"), Answer("warning", (0.1, 0.9, 0, 0), "inverted"),
        Answer("mixed", (0.4, 0.3, 0.2, 0.1)), Answer("neutral", (0.1, 0.1, 0, 0.8)),
    ]  # fmt: skip
    found = score_answers(answers)
    assert found["polarity"] == {"aligned": 1.0, "inverted": 0.0, "gap": 1.0}
    assert found["two_class_f1"] == 0.5
    assert (found["n"], found["two_class_n"]) == (6, 4)


def test_articles_are_scored_at_every_level(tmp_path: Path) -> None:
    gold = read_article(write(tmp_path, MARKED))
    text = gold.article.text
    stance = Stance(
        "warning", 0.8, 0.1, 0.05, 0.05, "warning", -0.8, True, Horizons("warning", None),
        (HoldingStance("Haiyue", "9999.TW", "海岳電", "opportunity", 0.6),),
        (SectionStance(8, 23, None, "neutral", 0.5), SectionStance(25, 39, "該走了", "warning", 0.5)),
        (Rationale(29, 39, text[29:39], 1.0),),
    )  # fmt: skip
    analysis = Analysis(
        "x-1", "zh-Hant-TW", len(text), sha256(text), ModelInfo(None, None, "", ""), stance=stance,
        sentences=(Sentence(8, 16, 0, 0.1, 0.1, 0.8), Sentence(29, 39, 0, 0.2, 0.7, 0.1)),
    )  # fmt: skip
    found = score_articles([gold], [analysis])
    assert found["document"]["all_class_f1"] == 1.0
    assert found["confident"] == {"coverage": 1.0, "precision": 1.0}
    assert found["horizons"]["short"]["macro_f1"] == 1.0
    assert found["horizons"]["long"]["n"] == 0
    assert found["holdings"] == {"n": 1, "found": 1, "macro_f1": 0.0, "two_class_n": 1, "two_class_accuracy": 0.0}
    assert found["parts"]["macro_f1"] == 1.0
    assert found["sentences"]["n"] == 3
    assert found["sentences"]["found"] == 2
    assert found["rationale"] == {"n": 1, "first": 1.0, "any": 1.0}
    assert score_articles([gold], [replace(analysis, stance=None)])["document"]["all_class_f1"] == 0.0
