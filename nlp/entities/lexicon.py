"""Names and terms of the tables, found in a text.

A table says for each thing its label, English name and ticker, the forms that always mean it and the *weak* forms that
are ordinary words too (統一, Target). One automaton finds every form of every table in one pass over the folded text;
what it finds are readings, several for one place where forms overlap, and `rules` decides between them.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import get_args

import ahocorasick_rs

from ..errors import LexiconError
from ..lexicon import digest, read_rows, read_table
from ..records import EntityLabel
from ..text import has_han

__all__ = ["Lexicon", "Name", "Reading", "default_lexicon", "expand", "fold", "is_latin", "word_list"]

_FOLDER = Path(__file__).parent.parent / "lexicon"
_TABLES = ("companies.tsv.gz", "terms.tsv", "people.tsv", "places.tsv", "traps.tsv")
_COLUMNS = ("label", "canonical", "ticker", "forms", "weak")
_LABELS = frozenset(get_args(EntityLabel))
_CHOICE = re.compile(r"\(([^()]*/[^()]*)\)")
# Written differently, read alike, one character to one: 滙豐 and 匯豐 are the same name, as are 臺灣 and 台灣.
_ALIKE = tuple(zip("臺滙恆峯啓綫祕裏麪衞’‘–‑\u00a0", "台匯恒峰啟線秘裡麵衛''-- ", strict=True))


@dataclass(frozen=True, slots=True)
class Name:
    """What a form stands for; `label` is None for a trap: a phrase that only looks like a name."""

    label: EntityLabel | None
    canonical: str | None
    ticker: str | None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A form found in a text, read as one name; `sure` is False where the form is also an ordinary word."""

    start: int
    end: int
    name: Name
    sure: bool = True
    score: float = 1.0

    def stretched(self, start: int, end: int) -> Reading:
        """Return the same reading over another span: the name with the words that belong to it."""
        return replace(self, start=start, end=end)


@dataclass(frozen=True, slots=True)
class _Form:
    text: str
    name: Name
    sure: bool


class Lexicon:
    """The names and terms to find; made by `load`, never changed."""

    __slots__ = ("_automaton", "_places", "_readings", "_tickers", "_words", "digest")

    digest: str

    def __init__(self, rows: Iterable[tuple[Name, str, str]], *, digest: str) -> None:
        """Take rows of a name, its sure forms and its weak ones; a form of a higher rank replaces those of a lower."""
        forms = [
            _Form(text, name, certain)
            for name, sure, weak in rows
            for cell, certain in ((sure, True), (weak, False))
            if cell
            for text in expand(cell)
        ]
        known: dict[str, list[_Form]] = {}
        for key, form in zip(fold("\n".join(form.text for form in forms)).split("\n"), forms, strict=True):
            same = known.setdefault(key, [])
            if same and same[0].name.rank < form.name.rank:
                same.clear()
            same.append(form)
        self.digest = digest
        self._places = {key: place for place, key in enumerate(known)}
        self._readings = tuple(map(tuple, known.values()))
        self._tickers = {form.name.ticker: form.name for form in reversed(forms) if form.name.ticker}
        self._words = tuple(filter(has_han, known))
        self._automaton = ahocorasick_rs.AhoCorasick(list(known), store_patterns=False)

    @classmethod
    def load(cls, user: Path | None = None) -> Lexicon:
        """Return weiji's own tables, and the user's table over them.

        The user's table has a line ``# columns: label forms`` and may add canonical, ticker and weak; a form that it
        lists means what it says there and nothing else. A row without a label is a trap: its forms are left alone.
        """
        rows = [row for table in _TABLES for row in _read(_FOLDER / table, rank=0)]
        version = digest()
        if user is not None:
            rows += _read(user, rank=1)
            version = hashlib.sha256(version.encode() + user.read_bytes()).hexdigest()[:12]
        return cls(rows, digest=version)

    @property
    def words(self) -> tuple[str, ...]:
        """All forms with a Chinese character, folded: words that a word cutter should keep whole."""
        return self._words

    def by_ticker(self, ticker: str) -> Name | None:
        """Return the name that a Yahoo-style ticker belongs to."""
        return self._tickers.get(ticker)

    def knows(self, text: str) -> bool:
        """Return whether the text, as a whole, is a form of this lexicon."""
        return fold(text) in self._places

    def find(self, plain: str, folded: str) -> Iterator[Reading]:
        """Yield the readings of a text, by their end; `folded` is `fold(plain)`."""
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if not _stands_alone(plain, start, end):
                continue
            surface = plain[start:end]
            for form in self._readings[index]:
                if _case_fits(form.text, surface):
                    yield Reading(start, end, form.name, form.sure, 1.0 if form.sure else 0.8)


@cache
def default_lexicon() -> Lexicon:
    """Return weiji's own tables, read once."""
    return Lexicon.load()


@cache
def word_list(kind: str) -> tuple[str, ...]:
    """Return the words of one kind in ``name_words.tsv``, in its order."""
    return next(tuple(row["words"].split("|")) for row in read_table("name_words.tsv") if row["kind"] == kind)


def fold(text: str) -> str:
    """Return the text as forms are compared: lower case, variants of a character made one; same length.

    >>> fold("滙豐 HSBC’s")
    "匯豐 hsbc's"
    """
    lower = text.lower()
    if len(lower) != len(text):  # İ becomes two characters
        lower = "".join(small if len(small := character.lower()) == 1 else character for character in text)
    for variant, usual in _ALIKE:
        lower = lower.replace(variant, usual)
    return lower


def expand(cell: str) -> list[str]:
    """Return the forms that a cell stands for.

    >>> expand("(net/gross) margin(/s)|標普 500")
    ['net margin', 'net margins', 'gross margin', 'gross margins', '標普 500', '標普500']
    """
    forms: dict[str, None] = {}
    for item in cell.split("|"):
        if "(" not in item and (item.isascii() or not _ASCII.search(item)):
            forms[item] = None
            continue
        for text in _alternatives(item) if "(" in item else (item,):
            forms[text] = None
            if not text.isascii() and _ASCII.search(text):
                tight = _BESIDE_HAN.sub("", text)
                forms |= {tight: None, _HAN_LATIN.sub(" ", tight): None}
    forms.pop("", None)
    return list(forms)


_ASCII = re.compile(r"[A-Za-z0-9+]")
_BESIDE_HAN = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[A-Za-z0-9+])|(?<=[A-Za-z0-9+]) (?=[\u4e00-\u9fff])")
_HAN_LATIN = re.compile(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9+])|(?<=[A-Za-z0-9+])(?=[\u4e00-\u9fff])")


def _alternatives(item: str) -> list[str]:
    parts = _CHOICE.split(item)  # literal, choices, literal, choices, …
    choices = (part.split("/") if i % 2 else (part,) for i, part in enumerate(parts))
    return [" ".join("".join(pick).split()) for pick in product(*choices)]


def is_latin(character: str) -> bool:
    """Return whether the character is a letter or digit of the kind that words with spaces are made of."""
    return character.isalnum() and character < "\u2e80"


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A Latin edge must not cut through a word: Gold is not in Goldman, though 「RSI已」 holds RSI."""
    if start and is_latin(text[start]) and is_latin(text[start - 1]):
        return False
    if end == len(text) or not is_latin(text[end - 1]) or not is_latin(text[end]):
        return True
    return (
        end - start > 2 and text[end].isdigit() and text[start:end].isalpha() and text[start:end].isupper()
    )  # EPS3.62


def _case_fits(form: str, surface: str) -> bool:
    """A form in lower case fits any case; one with a capital fits as written, or in capitals from four letters on."""
    return (
        form == surface
        or form == form.lower()
        or (len(form) > 3 and surface.isupper())
        or _HAN.search(form) is not None
    )


_HAN = re.compile(r"[\u4e00-\u9fff]")


def _read(path: Path, *, rank: int) -> list[tuple[Name, str, str]]:
    try:
        columns, rows = read_rows(path)
    except (OSError, EOFError, zlib.error) as err:  # not there, no right to read it, or no whole gzip file
        reason = getattr(err, "strerror", None) or err  # without the number and the name that Python adds
        raise LexiconError(f"{path}: cannot be read: {reason}; expected a table of names (.tsv or .tsv.gz)") from err
    if "forms" not in columns:
        raise LexiconError(f"{path}: columns are {' '.join(columns) or 'not named'}; expected at least label and forms")
    where = [columns.index(name) if name in columns else -1 for name in _COLUMNS]
    names = []
    for row in rows:
        label, canonical, ticker, forms, weak = (row[i] if i >= 0 else "" for i in where)
        if label and label not in _LABELS:
            raise LexiconError(f"{path}: label is {label!r}; expected one of {', '.join(sorted(_LABELS))}")
        if not forms and not weak:
            raise LexiconError(f"{path}: {canonical or label or 'a row'!r} has no forms; expected at least one")
        names.append((Name(label or None, canonical or None, ticker or None, rank), forms, weak))  # type: ignore[arg-type]
    return names
