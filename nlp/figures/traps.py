"""Numbers that are no figures: parts of names, codes, ordinals, clock times, list marks."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from ..lexicon import read_table
from .numerals import Numeral

__all__ = ["code_end", "is_named_term", "is_trap"]

_WINDOW: Final = 28  # characters looked at before a number: the longest name in the table fits
_SEPARATORS: Final = " -\u00a0\u2011\u00ae\u2122"

# What ends as soon as it has begun: read at a digit, the whole of it is no figure.
_CODE = re.compile(
    r"(?:\d{1,9}(?:\.\d{1,9}){2,}+"  # versions, addresses: 2.0.1
    r"|\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\b\.?)?"  # the time of day
    r"|\d{1,2}(?:\.\d\d)? ?(?:[ap]\.m\.|[ap]m(?![A-Za-z]))"
    r"|\d{1,2} ?時(?: ?\d{1,2} ?分)?(?!間|段)"
    r"|\d{4,6}[A-Z]?\.(?:TW|TWO|HK|SS|SZ|T|KS|KQ|US|SI|TPEX)(?![A-Za-z])"  # tickers
    r"|\d{4,6}[A-Z]? (?:HK|TT|TW|JP|KS|CH|US)(?=[ ):,;])"
    r"|0\d[\d-]*+"  # 0050, 00878, 02-2345-6789
    r"|\d{2,4}(?:-\d{3,4}){2,}+"  # telephones
    r"|\d{1,6}(?:st|nd|rd|th)(?![A-Za-z])"
    r"|\d{1,4}\([a-z]\)|\d{1,3}-[A-Z](?![A-Za-z])"  # 401(k), 10-K
    r"|24/7|\d{2,3}/\d{2,3}(?![\d/])"  # 60/40
    r"|\d{1,4}-(?=[, ])|\d{1,2}-\d{1,2}(?= (?:vote|split|decision|majority))|\d{1,2}-\d{1,2}-\d{1,2}(?!\d)"
    r"|\d{1,5}(?![kKmMbBtTxXpP](?![A-Za-z]))[A-Za-z]{1,2}\d[A-Za-z0-9]*+)(?![\d])"
)
_CLOCK = re.compile(
    r"(?:[上下]午|凌晨|清晨|傍晚|晚上|早上|中午|今早|今晚) ?[\d一二三四五六七八九十兩]{1,3} ?[點時]"
    r"(?:半|[\d一二三四五六七八九十]{1,3} ?分)?"
)
_LIST_MARK = re.compile(r"\d{1,2}(?:[.)、]|\. |/(?=\s))(?!\d)")
_PARAMETERS = re.compile(r"\d{1,3}(?:, ?\d{1,2}){1,2}\)")  # of an indicator: (20, 2), (12,26,9)
_MARK_IN_BRACKETS = re.compile(r"\d{1,2}\)(?!%)")
_TICKER_AFTER_NAME = re.compile(r"\d{4,6}[A-Z]?(?= ?[-)/、,]|\.[A-Z])")


def code_end(view: str, position: int) -> int | None:
    """Return where the code that begins with the digit at `position` ends, or None where there is no code.

    >>> code_end("版本 2.0.1 已上線", 3)
    8
    """
    match = _CODE.match(view, position)
    if match is not None and match.end() > position:
        return match.end()
    before = view[position - 1] if position else "\n"
    if before in "上下凌清傍晚早中今午" and (clock := _CLOCK.match(view, max(0, position - 2))):
        return clock.end()
    if (
        before == "("
        and (ticker := _TICKER_AFTER_NAME.match(view, position))
        and _follows_name(view, position - 1, ticker[0])
    ):
        return ticker.end()
    line_start = view[max(0, position - 3) : position].strip(" *>-")
    if line_start.endswith("\n") or not position:
        mark = _LIST_MARK.match(view, position)
        if mark is not None:
            return mark.end()
    if before == "(" and (bracketed := _PARAMETERS.match(view, position) or _MARK_IN_BRACKETS.match(view, position)):
        return bracketed.end()
    return None


def _follows_name(view: str, bracket: int, ticker: str) -> bool:
    """Return whether the bracket stands behind a name; (2026) after one is a year in English only."""
    before = view[bracket - 1 : bracket] if bracket else ""
    if before == " ":
        before = view[bracket - 2 : bracket - 1]
    han = "\u4e00" <= before <= "\u9fff" or before in "*-KY"
    return han and before not in "年月日"


@cache
def _names_before() -> dict[str, tuple[str, ...]]:
    names: dict[str, list[str]] = {}
    for row in read_table("figure_traps.tsv"):
        if row["before"] and not row["after"]:
            names.setdefault(row["number"], []).append(row["before"])
    return {number: tuple(forms) for number, forms in names.items()}


@cache
def _words_after() -> dict[str, tuple[str, ...]]:
    words: dict[str, list[str]] = {}
    for row in read_table("figure_traps.tsv"):
        if row["after"] and not row["before"]:
            words.setdefault(row["number"], []).append(row["after"])
    return {number: tuple(sorted(forms, key=len, reverse=True)) for number, forms in words.items()}


def is_trap(view: str, numeral: Numeral, *, unit: bool) -> bool:
    """Return whether a number is part of a name, a code or a set phrase by the words around it.

    :param unit: whether the number has a unit, a currency or a percent sign of its own.
    """
    start, end = numeral.start, numeral.end
    before = view[start - 1] if start else " "
    if before == "第" or (before == " " and view[start - 2 : start - 1] == "第"):
        return True
    if before == "前" and not unit:
        return True
    if _has_word_after(view, end, view[start:end]):
        return True
    window = view[max(0, start - _WINDOW) : start].rstrip(_SEPARATORS)
    if _ends_with(window, _names_before().get(view[start:end], ())):
        return True
    return not unit and _ends_with(window, _names_before()["*"])


def is_named_term(view: str, end: int) -> bool:
    """Return whether what follows makes a name of the number that ends at `end`: 年期, 日均線, -year note."""
    return _has_word_after(view, end)


def _has_word_after(view: str, end: int, number: str = "") -> bool:
    words = _words_after()["*"] + _words_after().get(number, ())
    for position in (end, end + 1):
        if position > end and view[end : end + 1] not in tuple(_SEPARATORS):
            break
        rest = view[position : position + _WINDOW]
        if rest.startswith(words):
            word = next(word for word in words if rest.startswith(word))
            follows = rest[len(word) : len(word) + 1]
            if not (word[-1].isascii() and follows.isascii() and follows.isalpha()) and not _is_other(word, follows):
                return True
    return False


def _is_other(word: str, follows: str) -> bool:
    return (word == "大" and follows in tuple("漲跌幅增減升降")) or (word == "號" and follows in tuple("公宣召"))


def _ends_with(window: str, names: tuple[str, ...]) -> bool:
    if not names or not window.endswith(names):
        return False
    for name in names:
        if window.endswith(name):
            cut = window[: -len(name)][-1:]
            if not (name[0].isascii() and name[0].isalpha() and cut.isascii() and cut.isalnum()):
                return True
    return False
