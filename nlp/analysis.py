"""Article → Analysis: the plain steps in their order, for one article and for many.

Sections, sentences, entities and figures come from rules, article by article; then the windows of many articles go
through the encoder together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from . import __version__
from .entities import Lexicon, default_lexicon, find_entities
from .errors import InputError
from .figures import find_figures, link_figures
from .records import (
    Analysis,
    Article,
    Entity,
    Figure,
    Language,
    ModelInfo,
    Notice,
    Section,
    published_date,
    sha256,
)
from .registry import DEFAULT, find_model
from .sections import find_parts, find_sections
from .stance import Draft, Judgement, StanceModel, judge, load_stance_model
from .text import detect_language, script_notice
from .tokens import Cutter, find_sentences, find_words

__all__ = ["MAX_CHARACTERS", "Reader", "analyse", "analyse_all", "carried", "find_dateline", "find_published"]

MAX_CHARACTERS = 1_000_000
"""A longer text is hardly an article: it is refused unless the limit is raised, never cut."""

_TOGETHER = 64  # articles whose windows are batched together…
_TOGETHER_CHARACTERS = 100_000  # …but no more than so many characters, which bounds memory and the first result's delay


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules found in an article, and how long each step took (milliseconds)."""

    article: Article
    language: Language
    draft: Draft
    figures: tuple[Figure, ...]
    tokens: tuple[tuple[int, int], ...] | None
    notices: tuple[Notice, ...]
    timings: dict[str, float] = field(default_factory=dict)


class Reader:
    """Reads articles: a stance model, a lexicon and a word cutter, loaded once.

    :param model: name or folder of a stance model, or one already loaded; without any `Analysis.stance` is None.
    :param backend: ``onnx`` (CPU) or ``pytorch`` (a GPU where there is one; needs the extra ``[train]``).
    :param lexicon: a table of your own names, which wins over ours (see `nlp.entities.Lexicon.load`).
    :param words: a file of your own words, one a line, that are kept whole.
    :param max_characters: longer articles are refused with `InputError`.
    :param threads: CPU cores for the model; all when None.
    """

    def __init__(
        self,
        *,
        model: str | Path | StanceModel | None = DEFAULT,
        backend: Literal["onnx", "pytorch"] = "onnx",
        lexicon: Path | None = None,
        words: Path | None = None,
        max_characters: int = MAX_CHARACTERS,
        threads: int | None = None,
    ) -> None:
        if isinstance(model, str | Path):
            folder = find_model(model)
            model = load_stance_model(folder, backend=backend, threads=threads) if folder else None
        self._model = model
        self._lexicon = Lexicon.load(lexicon) if lexicon else default_lexicon()
        self._words = _read_words(words) if words else ()
        self._cutter: Cutter | None = None
        self._max_characters = max_characters
        self.info = ModelInfo(
            encoder=self._model.encoder.name if self._model else None,
            stance=self._model.name if self._model else None,
            lexicon=self._lexicon.digest,
            weiji=__version__,
        )

    def read(self, article: Article | str, *, tokens: bool = False, timings: bool = False) -> Analysis:
        """Return the analysis of one article.

        :param tokens: also return the words.
        :param timings: also return how long each step took, in milliseconds.
        """
        return next(self.read_all([article], tokens=tokens, timings=timings))

    def read_all(
        self,
        articles: Iterable[Article | str],
        *,
        tokens: bool = False,
        timings: bool = False,
        on_error: Callable[[Article, Exception], None] | None = None,
    ) -> Iterator[Analysis]:
        """Yield the analyses in the order of the articles, reading some articles ahead.

        :param on_error: gets each article that cannot be analysed, with the reason, and the rest goes on; without it
            the error is raised.
        """
        waiting: list[_Facts] = []
        size = 0
        for article in articles:
            given = article if isinstance(article, Article) else Article(id="text", text=article)
            try:
                facts = self._find(given, tokens=tokens)
            except Exception as err:
                if on_error is None:
                    raise
                on_error(given, err)
                continue
            waiting.append(facts)
            size += len(given.text)
            if len(waiting) >= _TOGETHER or size >= _TOGETHER_CHARACTERS:
                yield from self._finish(waiting, timings=timings, on_error=on_error)
                waiting, size = [], 0
        yield from self._finish(waiting, timings=timings, on_error=on_error)

    def _find(self, article: Article, *, tokens: bool) -> _Facts:
        """Return what the rules find: every step reads what the earlier ones wrote."""
        text = article.text
        if len(text) > self._max_characters:
            raise InputError(
                f"article {article.id!r} has {len(text):,} characters; expected at most {self._max_characters:,}: "
                "split it, or raise max_characters (--max-characters)"
            )
        clock = _Clock()
        language = article.language or detect_language(text)
        with clock("sections"):
            sections = find_sections(text, language=language, markdown=article.markdown)
            parts = find_parts(text, sections)
        with clock("sentences"):
            sentences = find_sentences(text, sections)
        with clock("entities"):
            entities = find_entities(text, language=language, sections=sections, lexicon=self._lexicon)
        with clock("figures"):
            published, notices = find_published(text, sections, language, given=article.published)
            figures = find_figures(text, language=language, published=published)
            figures = link_figures(text, figures, entities=entities, sentences=sentences, language=language)
        words = None
        if tokens:
            with clock("words"):
                words = self._find_words(text, language, entities, figures)
        if (mixed := script_notice(text, language)) is not None:
            notices = (*notices, mixed)
        draft = Draft(text, sections, sentences, parts, entities)
        return _Facts(article, language, draft, figures, words, notices, clock.spent)

    def _finish(
        self, found: list[_Facts], *, timings: bool, on_error: Callable[[Article, Exception], None] | None
    ) -> Iterator[Analysis]:
        """Yield the analyses of articles whose facts are found, with the stance of each."""
        started = time.perf_counter()
        try:
            judgements = self._judge(found)
        except Exception as err:
            if on_error is None:
                raise
            if len(found) > 1:  # find the one that it was: the others are still judged
                for facts in found:
                    yield from self._finish([facts], timings=timings, on_error=on_error)
            else:
                on_error(found[0].article, err)
            return
        spent = (time.perf_counter() - started) * 1000
        characters = sum(len(facts.article.text) for facts in found)
        for facts, judgement in zip(found, judgements, strict=True):
            if self._model is not None:  # read together, so each article has its part by length
                facts.timings["stance"] = round(spent * len(facts.article.text) / characters, 2)
            yield self._analysis(facts, judgement, timings=timings)

    def _judge(self, found: list[_Facts]) -> list[Judgement]:
        if self._model is None:
            return [Judgement(facts.draft.sections, facts.draft.sentences, None) for facts in found]
        return judge(self._model, [facts.draft for facts in found])

    def _analysis(self, facts: _Facts, judgement: Judgement, *, timings: bool) -> Analysis:
        article = facts.article
        return Analysis(
            id=article.id,
            language=facts.language,
            characters=len(article.text),
            text_sha256=sha256(article.text),
            model=self.info,
            published=article.published,
            meta=carried(article),
            sections=judgement.sections,
            sentences=judgement.sentences,
            entities=facts.draft.entities,
            figures=facts.figures,
            stance=judgement.stance,
            warnings=facts.notices,
            tokens=facts.tokens,
            timings_ms=facts.timings if timings else None,
        )

    def _find_words(
        self, text: str, language: Language, entities: tuple[Entity, ...], figures: tuple[Figure, ...]
    ) -> tuple[tuple[int, int], ...]:
        if self._cutter is None:
            self._cutter = Cutter(self._words)
        keep = [(e.start, e.end) for e in entities] + [(f.start, f.end) for f in figures]
        return find_words(text, keep=keep, cutter=self._cutter, language=language)


def analyse(article: Article | str, **settings: Any) -> Analysis:
    """Return the analysis of one article, with the default model and lexicon; `settings` are those of `Reader.read`.

    >>> [figure.value for figure in analyse("收入達 2,134 億美元,超出預期。").figures]
    ['213400000000']
    """
    return _default_reader().read(article, **settings)


def analyse_all(articles: Iterable[Article | str], **settings: Any) -> Iterator[Analysis]:
    """Yield the analyses of many articles in their order; `settings` are those of `Reader.read_all`."""
    return _default_reader().read_all(articles, **settings)


def find_published(
    text: str, sections: Iterable[Section], language: Language, *, given: str | None
) -> tuple[date | None, tuple[Notice, ...]]:
    """Return the day that relative dates count from, and a notice where it is the text's own dateline.

    :param given: what the article says about when it appeared, an ISO date or datetime; it wins.
    """
    if given:
        return published_date(given), ()
    day = find_dateline(text, sections, language)
    if day is None:
        return None, ()
    return day, (Notice("published_from_dateline", f"dates are read as of {day}, the text's own dateline"),)


def find_dateline(text: str, sections: Iterable[Section], language: Language) -> date | None:
    """Return the day that the article's own dateline names, or None."""
    for section in sections:
        if section.kind == "dateline":
            for figure in find_figures(text[section.start : section.end], language=language):
                if figure.kind == "date" and figure.value is not None and len(figure.value) == len("2026-02-06"):
                    return published_date(figure.value)
    return None


@cache
def _default_reader() -> Reader:
    return Reader()


def carried(article: Article) -> dict[str, Any]:
    """Return what comes back untouched under `meta`: the user's own keys, and title, source and url where given."""
    named = {"title": article.title, "source": article.source, "url": article.url}
    return {**{key: value for key, value in named.items() if value is not None}, **article.meta}


def _read_words(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected a list of words, one a line")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as err:
        raise InputError(f"{path}: not UTF-8 at byte {err.start}; expected one word a line") from err
    return tuple(words[0] for line in lines if (words := line.split()) and not line.startswith("#"))


class _Clock:
    """Adds up the milliseconds that each named step takes."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._name = ""
        self._started = 0.0

    def __call__(self, name: str) -> _Clock:
        self._name = name
        return self

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.spent[self._name] = round((time.perf_counter() - self._started) * 1000, 2)
