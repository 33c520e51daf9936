"""Figures: stated amounts and times, found by a grammar on characters and given an exact value.

    >>> [(f.text, f.value) for f in find_figures("營收年增 24%,達 356 億美元。", language="zh-Hant-TW")]
    [('24%', '24'), ('356 億美元', '35600000000')]

One pass over the folded view of the text. Where something may begin (a digit, a Chinese numeral, a currency mark, a
word such as Q3 or 去年), the grammars of `times` and `amounts` are tried; `traps` says what is part of a name.
`link_figures` then says what each figure is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache

from ..records import Figure, Language
from ..text import detect_language, view
from .amounts import HomeCurrency, amount_starts, read_amount
from .links import link_figures
from .movements import add_movements
from .numerals import HAN_NUMERALS, NUMBER_WORDS, Numeral, read_numeral
from .times import Calendar, anchor_years, read_time, time_starts
from .traps import code_end, is_named_term, is_trap
from .words import read_word_figure, word_starts

__all__ = ["find_figures", "link_figures"]

_WIDE_COMMA = re.compile(r"(?<=[0-9])，(?=[0-9])")
_LONGEST_RUN = 40  # digits and commas, or Chinese numerals; a longer run is no amount
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]++")
_DIGIT_RUN = re.compile(r"[\d,]*+")
_HAN_RUN = re.compile(f"[{HAN_NUMERALS}]*+")
_LINK = re.compile(r"(?:https?://|www\.|[\w.]{1,64}@)\S*+", re.IGNORECASE)
_YEAR_AFTER_HYPHEN = re.compile(r"-(?:19|20)\d\d(?!\d)|-\d{1,3}(?:\.\d{1,3})?(?:%| per| basis|bp| point|x(?![a-z]))")
_AMOUNT_AFTER_LETTERS = re.compile(  # EBITDA12.4億元, EPS3.62元, VIX12.4 are amounts; H100, MT5 are names
    r"\d[\d,]{0,12}(?:\.\d{1,6}(?![\dA-Za-z.])|(?:\.\d{1,6})?(?: ?[萬億兆]| ?[美港歐日]?元|[%倍]| ?個))"
)


def find_figures(text: str, *, language: Language | None = None, published: date | None = None) -> tuple[Figure, ...]:
    """Return the figures of a text in order, with ids f1, f2, …; offsets are code points into `text`.

    :param language: decides what a bare 元 or $ means; detected when missing.
    :param published: the day that 去年, Q1 or "last Friday" count from; without it their `value` is None.
    """
    language = language or detect_language(text)
    folded = _fold(text, language)
    scanned = anchor_years(folded, list(_scan(folded, HomeCurrency(folded, language), Calendar(published))))
    found = add_movements(folded, scanned)
    return tuple(
        replace(figure, id=f"f{number}", text=text[figure.start : figure.end]) for number, figure in enumerate(found, 1)
    )


def _fold(text: str, language: Language) -> str:
    """Return the view, with a full-width comma between half-width digits kept: 「2024，2025」 are two numbers."""
    folded = view(text, language)
    if "，" not in text:
        return folded
    pieces, last = [], 0
    for match in _WIDE_COMMA.finditer(text):
        pieces += [folded[last : match.start()], "，"]
        last = match.end()
    return "".join([*pieces, folded[last:]]) if pieces else folded


@cache
def _starts() -> tuple[re.Pattern[str], frozenset[str]]:
    """Return the pattern of places where a figure may begin, and the Latin words (lower case) that may begin one."""
    characters: set[str] = set()
    words: set[str] = {"http", "https", "www"} | NUMBER_WORDS
    for own_characters, own_words in (amount_starts(), time_starts(), word_starts()):
        characters |= set(own_characters)
        words |= own_words
    escaped = "".join(re.escape(character) for character in sorted(characters))
    return re.compile(rf"[0-9{escaped}]|[A-Za-z]++"), frozenset(words)


def _scan(folded: str, home: HomeCurrency, calendar: Calendar) -> Iterator[Figure]:
    pattern, words = _starts()
    position = 0
    last = 0  # where the figure before ended: a sign may reach back, but not into it
    while match := pattern.search(folded, position):
        start = match.start()
        first = folded[start]
        if first.isascii() and first.isalpha():
            word = match[0].lower()
            if word in words:
                figure, position = _read_word(folded, start, word, home, calendar)
            else:
                figure, position = None, match.end()
            if figure is None:
                position = _skip_code(folded, max(position, match.end()))
        else:
            figure, position = _read(folded, start, home, calendar)
        if figure is not None and figure.start >= last:
            yield figure
            last = position = figure.end


def _read_word(folded: str, start: int, word: str, home: HomeCurrency, calendar: Calendar) -> tuple[Figure | None, int]:
    if word in ("http", "https", "www") and (link := _LINK.match(folded, start)):
        return None, link.end()
    if word in NUMBER_WORDS and (numeral := read_numeral(folded, start)) and is_named_term(folded, numeral.end):
        return None, numeral.end
    figure = (
        read_word_figure(folded, start, word)
        or read_time(folded, start, calendar, word)
        or read_amount(folded, start, home)
    )
    return figure, figure.end if figure else start


def _skip_code(folded: str, end: int) -> int:
    """Return where a name ends that runs on into digits (MT5, H100, GPT-4), given where its letters end."""
    if folded[end : end + 1].isdigit():
        return end if _AMOUNT_AFTER_LETTERS.match(folded, end) else _alphanumeric_end(folded, end)
    if (
        folded[end : end + 1] == "-"
        and folded[end + 1 : end + 2].isdigit()
        and not _YEAR_AFTER_HYPHEN.match(folded, end)
    ):
        return _alphanumeric_end(folded, end + 1)
    return end


def _alphanumeric_end(folded: str, position: int) -> int:
    run = _ALPHANUMERIC.match(folded, position)
    return run.end() if run else position


def _read(folded: str, start: int, home: HomeCurrency, calendar: Calendar) -> tuple[Figure | None, int]:
    """Return the figure at a digit, mark or Chinese character, and where to go on."""
    first = folded[start]
    if first.isdigit():
        run_end = _DIGIT_RUN.match(folded, start).end()  # type: ignore[union-attr]  # the pattern may match nothing
        if run_end - start > _LONGEST_RUN:
            return None, run_end
        if folded[start - 1 : start] == "." and folded[start - 2 : start - 1] in (" ", "(", "\n", "-", "+"):
            start -= 1  # .5%
    else:
        run_end = start + 1
        if first in HAN_NUMERALS:
            run_end = _HAN_RUN.match(folded, start).end()  # type: ignore[union-attr]
            if run_end - start > _LONGEST_RUN:
                return None, run_end
    figure = read_word_figure(folded, start, "")
    if figure is not None:
        return figure, figure.end
    numeral = read_numeral(folded, start) if first.isdigit() or first in HAN_NUMERALS else None
    figure = None if _trapped_time(folded, start, numeral) else read_time(folded, start, calendar)
    if figure is not None:
        return figure, figure.end
    if first.isdigit() and (end := code_end(folded, start)):
        return None, end
    figure = read_amount(folded, start, home)
    end = max(numeral.end if numeral else start + 1, start + 1)
    if figure is None:
        return None, end
    bare = figure.kind == "number"
    if numeral and is_trap(folded, numeral, unit=not bare and figure.end > numeral.end):
        return None, max(end, figure.end if bare else end)
    if bare and is_named_term(folded, figure.end):
        return None, figure.end
    if figure.kind == "count" and folded[start - 1 : start] == "前":  # 前十名, 前五大: ranks
        return None, figure.end
    if bare and _runs_into_letters(folded, figure.end):
        return None, _alphanumeric_end(folded, figure.end)
    return figure, figure.end


def _trapped_time(folded: str, start: int, numeral: Numeral | None) -> bool:
    return numeral is not None and is_trap(folded, numeral, unit=True) and folded[start - 1 : start] != "第"


def _runs_into_letters(folded: str, end: int) -> bool:
    following = folded[end : end + 1]
    return following.isascii() and following.isalpha()
