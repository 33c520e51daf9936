"""Text → entities: names and terms of the lexicon, tickers, and names that their own form gives away.

>>> [(entity.text, entity.label, entity.ticker) for entity in find_entities("Strategy(原名 MicroStrategy)股價下跌")]
[('Strategy', 'COMPANY', 'MSTR'), ('MicroStrategy', 'COMPANY', 'MSTR'), ('股價', 'METRIC', None)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from ..lexicon import read_table
from ..records import Entity
from ..text import view
from .lexicon import Lexicon, Reading, default_lexicon, fold
from .rules import choose, find_patterns, join, keep_supported
from .tickers import find_tickers
from .unlisted import find_unlisted

if TYPE_CHECKING:
    from ..records import Language, Section

__all__ = ["Lexicon", "default_lexicon", "find_entities"]


def find_entities(
    text: str,
    *,
    language: Language | None = None,
    sections: Sequence[Section] = (),
    lexicon: Lexicon | None = None,
) -> tuple[Entity, ...]:
    """Return the entities of a text in order, none overlapping another.

    :param language: decides how the text is read (Simplified text is matched as Traditional) and whose central bank
        央行 is.
    :param sections: not needed by these rules, which read lines; taken for finders that do need them.
    :param lexicon: tables to use in place of weiji's own, such as `Lexicon.load(user)`.
    """
    lexicon = lexicon or default_lexicon()
    plain = view(text, language)
    readings = list(lexicon.find(plain, fold(plain)))
    readings += find_tickers(plain, readings, lexicon)
    readings += find_patterns(plain)
    readings += find_unlisted(plain, readings, lexicon)
    chosen = choose(join(plain, keep_supported(plain, readings)))
    bodies = _home_bodies(language)
    return tuple(_entity(text, plain, reading, bodies) for reading in chosen)


@cache
def _home_bodies(language: Language | None) -> Mapping[str, str]:
    """Return what the short names of bodies mean in texts of this language: 證監會 in Hong Kong is not China's."""
    return {row["form"]: row["canonical"] for row in read_table("home_bodies.tsv") if row["language"] == language}


def _entity(text: str, plain: str, reading: Reading, bodies: Mapping[str, str]) -> Entity:
    name = reading.name
    assert name.label is not None  # traps are dropped by choose
    surface = text[reading.start : reading.end]
    canonical = name.canonical or (surface if surface.isascii() else None)
    if canonical is None and name.label == "ORG":
        canonical = bodies.get(plain[reading.start : reading.end])
    return Entity(reading.start, reading.end, surface, name.label, canonical, name.ticker, reading.score)
