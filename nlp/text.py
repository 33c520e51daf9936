"""Script, language and views of a text.

A *view* is what the finders match on: width folded, Simplified characters read as Traditional ones. It has exactly
the length of the text, so an offset into the view is an offset into the text.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from .lexicon import read_table
from .records import Notice

if TYPE_CHECKING:
    from opencc import OpenCC

    from .records import Language

__all__ = ["detect_language", "fold_width", "has_han", "script_notice", "to_traditional", "view"]

# Full-width ASCII (！ to ～) and the ideographic space, one character to one. 。、「」 are punctuation of their own
# and stay; so do full-width forms outside ASCII.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5, 0xFFE1: 0xA3}
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_SAMPLE = 20_000  # characters that decide the language: the head of a text says it, and a book need not be read twice


def fold_width(text: str) -> str:
    """Return the text with full-width ASCII made half-width, character by character.

    >>> fold_width("ＡＷＳ　３２億，２４％")
    'AWS 32億,24%'
    """
    return text.translate(_WIDTH)


def to_traditional(text: str) -> str:
    """Return the text in Traditional characters, with the same length.

    >>> to_traditional("货币政策的头部企业")
    '貨幣政策的頭部企業'
    """
    converted: str = _converter("s2tw").convert(text)
    if len(converted) == len(text):
        return converted
    # A phrase table changed a length: go down to lines, and in such a line to characters.
    lines = text.split("\n")
    if len(lines) > 1:
        return "\n".join(to_traditional(line) for line in lines)
    one = _converter("s2tw").convert
    return "".join(new if len(new := one(character)) == 1 else character for character in text)


@lru_cache(maxsize=8)
def view(text: str, language: Language | None = None) -> str:
    """Return what finders match on: width folded, Simplified read as Traditional; same length as `text`."""
    folded = fold_width(text)
    return to_traditional(folded) if language == "zh-Hans" else folded


def has_han(text: str) -> bool:
    """Return whether the text has a Chinese character."""
    return _HAN.search(text) is not None


def detect_language(text: str) -> Language:
    """Return the language of a text; Taiwan and Hong Kong are told apart by words that only one of them uses.

    >>> detect_language("聯準會升息一碼,輝達本益比降至 30 倍")
    'zh-Hant-TW'
    >>> detect_language("聯儲局加息,英偉達市盈率跌至 30 倍")
    'zh-Hant-HK'
    >>> detect_language("AWS revenue rose 24%.")
    'en'
    """
    head = text[:_SAMPLE]
    han = len(_HAN.findall(head))
    # A Chinese character says about as much as half an English word, so names in English do not outvote Chinese prose.
    if han < len(_LATIN.findall(head)) / 2 or han == 0:
        return "en"
    simplified, traditional = _count_scripts(head)
    if simplified > traditional:
        return "zh-Hans"
    taiwan, hong_kong = (sum(map(head.count, words)) for words in _regional_words())
    if taiwan > hong_kong:
        return "zh-Hant-TW"
    if hong_kong > taiwan:
        return "zh-Hant-HK"
    return "zh-Hant"


def script_notice(text: str, language: Language) -> Notice | None:
    """Return a notice where a Chinese text is Simplified, or has much of both scripts."""
    if language == "en":
        return None
    simplified, traditional = _count_scripts(text[:_SAMPLE])
    if min(simplified, traditional) > 0.2 * (simplified + traditional):
        return Notice("mixed_script", f"{simplified} Simplified and {traditional} Traditional characters in one text")
    if simplified > traditional:
        return Notice("simplified_script", "the text is in Simplified characters; it is read as Traditional ones")
    return None


@lru_cache(maxsize=8)  # `detect_language` and `script_notice` both ask about the same text
def _count_scripts(text: str) -> tuple[int, int]:
    """Return how many characters are only Simplified, and how many only Traditional.

    A character that stands in the other script's own character set (台, 里, 后, 布) says nothing.
    """
    counts = Counter(_HAN.findall(text))
    simplified = sum(n for c, n in counts.items() if _converts(c, "s2tw") and not _is_in(c, "big5"))
    traditional = sum(n for c, n in counts.items() if _converts(c, "t2s") and not _is_in(c, "gb2312"))
    return simplified, traditional


@lru_cache(maxsize=20_000)
def _converts(character: str, name: str) -> bool:
    return bool(_converter(name).convert(character) != character)


@lru_cache(maxsize=20_000)
def _is_in(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _regional_words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    rows = read_table("regions.tsv")
    return (
        tuple(row["word"] for row in rows if row["region"] == "TW"),
        tuple(row["word"] for row in rows if row["region"] == "HK"),
    )


@cache
def _converter(name: str) -> OpenCC:
    from opencc import OpenCC

    return OpenCC(name)
