"""Words that are a figure by themselves: 翻倍, 三分之一, halved, two-thirds, mid-single-digit."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from ..lexicon import read_table
from ..records import Figure
from .numerals import HAN_DIGITS, read_numeral

__all__ = ["read_word_figure", "word_starts"]

_FRACTION = re.compile(
    f"([{HAN_DIGITS}十]{{1,3}}|\\d{{1,2}}) ?分之 ?([{HAN_DIGITS}十]{{1,3}}|\\d{{1,2}})(?![百千萬億點])"
)
_FRACTION_STARTS: Final = HAN_DIGITS + "十"


@cache
def _forms() -> dict[str, tuple[dict[str, str], ...]]:
    """Return the rows of the table by their first character or Latin word, longest form first."""
    table: dict[str, list[dict[str, str]]] = {}
    for row in read_table("figure_words.tsv"):
        table.setdefault(_key(row["form"]), []).append(row)
    return {key: tuple(sorted(rows, key=lambda row: -len(row["form"]))) for key, rows in table.items()}


def _key(form: str) -> str:
    word = re.match("[A-Za-z]+", form)
    return word[0] if word else form[0]


def word_starts() -> tuple[str, frozenset[str]]:
    """Return the characters that may begin such a word, and the Latin words (lower case) that may."""
    keys = _forms()
    return (
        "".join(key for key in keys if not key.isascii()) + _FRACTION_STARTS,
        frozenset(key for key in keys if key.isascii()),
    )


def read_word_figure(view: str, position: int, word: str) -> Figure | None:
    """Return the word at `position` that is a figure, without id and text, or None.

    :param word: the Latin word at `position` in lower case, or "" for other characters.
    """
    for row in _forms().get(word or view[position], ()):
        form = row["form"]
        end = position + len(form)
        if view[position:end].lower() != form:
            continue
        if word and view[end : end + 1].isalnum() and view[end : end + 1].isascii():
            continue
        if row["unless"] and view[end : end + 16].lower().startswith(tuple(row["unless"].split("|"))):
            continue
        if row["unless_after"] and view[max(0, position - 12) : position].lower().endswith(
            tuple(row["unless_after"].split("|"))
        ):
            continue
        return Figure(
            "", position, position + len(form.removesuffix(" of")), "", row["kind"],  # type: ignore[arg-type]  # the table is ours, and a test reads every row
            value=row["value"] or None, low=row["low"] or None, high=row["high"] or None, unit=row["unit"] or None,
        )  # fmt: skip
    return None if word else _fraction(view, position)


def _fraction(view: str, position: int) -> Figure | None:
    """Read 三分之一, 五分之二; 百分之五 is a percent and is read with the amounts."""
    match = _FRACTION.match(view, position)
    if match is None:
        return None
    below, above = (read_numeral(part, 0) for part in match.groups())
    if below is None or above is None or not below.value or not above.value:
        return None
    return Figure("", position, match.end(), "", "fraction", value=f"{above.value}/{below.value}")
