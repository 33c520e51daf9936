from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.text import detect_language, fold_width, script_notice, to_traditional, view

LANGUAGES = [
    ("聯準會今年恐不降息,台股外資連三賣。", "zh-Hant-TW"),
    ("恒指失守兩萬點,聯儲局減息無期。", "zh-Hant-HK"),
    ("公司公布里程碑與後台。", "zh-Hant"),
    ("这家公司的营业收入同比增长了两成", "zh-Hans"),
    ("AWS revenue rose 24% to $35.6 billion.", "en"),
    ("Amazon AWS Microsoft Alphabet 兩千億美元的投資計劃令投資者不安", "zh-Hant"),
    ("Shares of 台積電 (TSM) rose in New York after the chipmaker raised its outlook for the year.", "en"),
    ("1234", "en"),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_language(text: str, language: str) -> None:
    assert detect_language(text) == language


@given(st.text())
def test_views_keep_every_offset(text: str) -> None:
    assert len(fold_width(text)) == len(to_traditional(text)) == len(view(text, "zh-Hans")) == len(text)


def test_simplified_phrases_are_read_in_context() -> None:
    assert to_traditional("头发与发展,里程碑与公里") == "頭髮與發展,里程碑與公里"


def test_scripts_are_told() -> None:
    simplified = script_notice("这家公司的营业收入同比增长", "zh-Hans")
    mixed = script_notice("这家公司的营业收入,這家公司的營業收入", "zh-Hant")
    assert simplified is not None
    assert simplified.code == "simplified_script"
    assert mixed is not None
    assert mixed.code == "mixed_script"
    assert script_notice("這家公司的營業收入", "zh-Hant") is None
    assert script_notice("Revenue rose.", "en") is None
