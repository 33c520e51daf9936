"""weiji as a spaCy pipeline: the tokenizer, a component for each step, and `Doc` ⇄ records. Nothing else knows spaCy.

>>> doc = load(model=None)("AWS 收入按年增長 24%。")
>>> [(span.text, span.label_) for span in doc.spans["figures"]]
[('24%', 'percent')]
>>> doc._.analysis.language
'zh-Hant'

A component is a thin coat over the plain function that `Reader` calls too, so ``doc._.analysis`` equals
``Reader.read(article)``. What the components find is there twice:

* exactly, as records: ``doc._.sections``, ``.sentences``, ``.entities``, ``.figures``, ``.stance``, and all of it as
  ``doc._.analysis``;
* where spaCy keeps such things, in whole tokens: ``doc.sents``; ``doc.ents`` (``kb_id_`` is the ticker, else the
  English name); ``doc.spans["sections"]`` and ``["figures"]`` (``label_`` is the kind, ``id_`` the figure's id);
  ``doc.cats``.

What is known about an article beside its text goes in first: ``nlp(make_doc(nlp, article))``, or for many
``nlp.pipe(((article.text, article) for article in articles), as_tuples=True)``.

An error stops ``nlp.pipe``, unless ``nlp.set_error_handler`` was given a function of (name, component, docs, error):
that gets the one Doc at fault, which ``nlp.pipe`` then leaves out, and the rest goes on. Only what components
do is handled: a text longer than ``nlp.max_length`` still raises ``ValueError`` where spaCy makes its Doc, so sort such
texts out before. ``nlp(text)`` calls the handler too, and goes on with the Doc as it was before the component.

Every ``spacy.blank()`` in a user's environment imports this module, because factories are entry points. So the steps
are imported when they first run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import spacy
from spacy.language import Language as Pipeline
from spacy.tokens import Doc, Span
from spacy.util import minibatch, raise_error

from . import __version__
from .errors import InputError, LexiconError
from .records import (
    STANCE_LABELS,
    Analysis,
    Article,
    Entity,
    Figure,
    Language,
    ModelInfo,
    Notice,
    Section,
    Sentence,
    Stance,
    sha256,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from .entities import Lexicon
    from .stance import StanceModel
    from .tokens import Cutter

__all__ = [
    "COMPONENTS",
    "TOKENIZER",
    "BilingualTokenizer",
    "EntityFinder",
    "StanceJudge",
    "add_analysis",
    "load",
    "make_doc",
    "make_entities",
    "make_figures",
    "make_sections",
    "make_stance",
    "make_tokenizer",
]

# Models that a forked process has from its parent. Their sessions have threads that only the parent runs: to let go of
# one in the child would wait for these threads for ever.
_INHERITED: list[object] = []

COMPONENTS = ("weiji/sections", "weiji/entities", "weiji/figures", "weiji/stance")
TOKENIZER = "weiji.bilingual.v1"

_TABLES = ("lexicon.tsv", "lexicon.tsv.gz")

_ErrorHandler = Callable[[str, Any, list[Doc], Exception], Any]
"""Gets the component's name, the component, the Docs it failed on and the error, as spaCy calls it."""


def load(
    *,
    model: str | Path | None = "default",
    lexicon: str | Path | None = None,
    words: Sequence[str] = (),
    language: Language | None = None,
    markdown: bool = False,
    threads: int | None = None,
) -> Pipeline:
    """Return a spaCy pipeline that reads articles as `Reader` does.

    :param model: name or folder of a stance model; None for none (``doc._.stance`` is then None).
    :param lexicon: a table of your own names, which wins over ours (see `nlp.entities.Lexicon.load`).
    :param words: your own words, which the tokenizer keeps whole.
    :param language: of all texts; detected when None. An article that says its own is read in that.
    :param markdown: all texts are Markdown.
    :param threads: CPU cores for the model; all when None.
    """
    table = str(lexicon) if lexicon else None
    tokenizer = {"@tokenizers": TOKENIZER, "words": list(words), "lexicon": table}
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": tokenizer}})
    nlp.add_pipe("weiji/sections", config={"language": language, "markdown": markdown})
    finder = nlp.add_pipe("weiji/entities", config={"lexicon": table})
    nlp.add_pipe("weiji/figures")
    judge = nlp.add_pipe("weiji/stance", config={"model": str(model) if model else None, "threads": threads})
    # A wrong table or model is told here, not at the first article.
    finder.lexicon.read()
    judge.find()
    return nlp


def make_doc(nlp: Pipeline, article: Article) -> Doc:
    """Return the tokenised text of an article with what is known about it, ready for ``nlp(doc)`` or ``nlp.pipe``."""
    doc = nlp.make_doc(article.text)
    _set_article(doc, article)
    return doc


def add_analysis(doc: Doc, analysis: Analysis) -> Doc:
    """Write an analysis that was made elsewhere into the Doc of its text, as the components would have; return it."""
    analysis.check(doc.text)
    _register_extensions()
    doc.user_data[_KEY] = {}
    names = ("language", "model", "sections", "sentences", "entities", "figures", "stance", "warnings")
    _write(doc, **{name: getattr(analysis, name) for name in names})
    known = {name: getattr(analysis, name) for name in ("id", "language", "published")}
    _write(doc, article={**known, "meta": dict(analysis.meta)})
    _show_sections(doc)
    _show_entities(doc)
    _show_figures(doc)
    _show_stance(doc)
    return doc


# ------------------------------------------------------------------------------------------------------ tokenizer


class BilingualTokenizer:
    """Text → Doc whose tokens are weiji's words, with the white space between them: ``doc.text == text``, always.

    One space after a word belongs to the word, as everywhere in spaCy; any other white space is a token. Entities and
    figures are looked for here too, because they are to be whole tokens and spaCy cannot divide tokens later without
    moving all that follow. The rules take milliseconds.

    :param words: your own words, to be kept whole; they are saved in the pipeline's config.
    :param lexicon: a table of your own names; it is saved with the pipeline.
    """

    def __init__(self, nlp: Pipeline, words: Sequence[str] = (), lexicon: str | None = None) -> None:
        self.vocab = nlp.vocab
        self.words = tuple(words)
        self.lexicon = _SavedLexicon(lexicon)

    def __call__(self, text: str) -> Doc:
        """Return the tokens of a text."""
        pieces: list[str] = []
        spaces: list[bool] = []
        at = 0
        for start, end in (*self._find_words(text), (len(text), len(text))):
            gap = text[at:start]
            if gap.startswith(" ") and pieces:
                spaces[-1] = True
                gap = gap[1:]
            for piece in filter(None, (gap, text[start:end])):
                pieces.append(piece)
                spaces.append(False)
            at = end
        return Doc(self.vocab, words=pieces, spaces=spaces)

    def pipe(self, texts: Iterable[str], **_: Any) -> Iterator[Doc]:
        """Yield a Doc for each text."""
        yield from map(self, texts)

    def _find_words(self, text: str) -> tuple[tuple[int, int], ...]:
        from .entities import find_entities
        from .figures import find_figures
        from .text import detect_language
        from .tokens import find_words

        language = detect_language(text)
        entities = find_entities(text, language=language, lexicon=self.lexicon.read())
        figures = find_figures(text, language=language)
        found: tuple[Entity | Figure, ...] = (*entities, *figures)
        keep = [(record.start, record.end) for record in found]
        return find_words(text, keep=keep, cutter=_make_cutter(self.words), language=language)

    def to_disk(self, path: Path, **_: Any) -> None:
        """Save the table of names; the words are in the config."""
        self.lexicon.to_disk(path)

    def from_disk(self, path: Path, **_: Any) -> BilingualTokenizer:
        """Take the table of names out of the saved pipeline where it has one."""
        self.lexicon.from_disk(path)
        return self

    def to_bytes(self, **_: Any) -> bytes:
        """Return nothing: words and the name of the table are in the config."""
        return b""

    def from_bytes(self, data: bytes, **_: Any) -> BilingualTokenizer:
        """Return the tokenizer as the config made it."""
        return self


def make_tokenizer(words: Sequence[str] = (), lexicon: str | None = None) -> Callable[[Pipeline], BilingualTokenizer]:
    """Return what makes the tokenizer ``weiji.bilingual.v1``."""
    return partial(BilingualTokenizer, words=words, lexicon=lexicon)


class _SavedLexicon:
    """A user's table of names by its path, or weiji's own; a component carries the table into the saved pipeline."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None

    def read(self) -> Lexicon:
        from .entities import default_lexicon

        if self._path is None:
            return default_lexicon()
        found = self._path.stat() if self._path.is_file() else None
        if found is None:
            raise LexiconError(f"lexicon {self._path} is not there; expected a table (.tsv or .tsv.gz)")
        return _read_lexicon(self._path, found.st_mtime_ns, found.st_size)

    def to_disk(self, folder: Path) -> None:
        if self._path is not None:
            folder.mkdir(parents=True, exist_ok=True)
            saved = folder / _TABLES[self._path.suffix == ".gz"]
            if not saved.exists() or not saved.samefile(self._path):
                shutil.copyfile(self._path, saved)

    def from_disk(self, folder: Path) -> None:
        self._path = next((folder / name for name in _TABLES if (folder / name).is_file()), self._path)


@lru_cache(maxsize=4)
def _read_lexicon(path: Path, changed: int, size: int) -> Lexicon:
    """Return the table once for tokenizer and component; its time and size tell a table that was edited."""
    from .entities import Lexicon

    return Lexicon.load(path)


@lru_cache(maxsize=2)
def _make_cutter(words: tuple[str, ...]) -> Cutter:
    """Return the cutter that keeps the user's words: a dictionary of tens of MB, so pipelines of a process share it."""
    from .tokens import Cutter

    return Cutter(words)


# ----------------------------------------------------------------------------------------------------- components


@Pipeline.factory(  # type: ignore[untyped-decorator]
    "weiji/sections",
    assigns=["doc._.sections", "doc._.sentences", "doc.spans", "doc.sents", "token.is_sent_start"],
    default_config={"language": None, "markdown": False},
)
def make_sections(nlp: Pipeline, name: str, language: Language | None, markdown: bool) -> Callable[[Doc], Doc]:
    """Return the component that finds sections and sentences."""
    _register_extensions()
    return partial(_add_sections, language=language, markdown=markdown)


@Pipeline.factory(  # type: ignore[untyped-decorator]
    "weiji/entities",
    requires=["doc._.sections"],
    assigns=["doc._.entities", "doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={"lexicon": None},
)
def make_entities(nlp: Pipeline, name: str, lexicon: str | None) -> EntityFinder:
    """Return the component that finds entities."""
    _register_extensions()
    return EntityFinder(lexicon)


@Pipeline.factory(  # type: ignore[untyped-decorator]
    "weiji/figures",
    requires=["doc._.sentences", "doc._.entities"],
    assigns=["doc._.figures", "doc.spans"],
    default_config={},
)
def make_figures(nlp: Pipeline, name: str) -> Callable[[Doc], Doc]:
    """Return the component that finds figures and links them to their metric, owner, period and role."""
    _register_extensions()
    return _add_figures


@Pipeline.factory(  # type: ignore[untyped-decorator]
    "weiji/stance",
    requires=["doc._.sections", "doc._.sentences", "doc._.entities"],
    assigns=["doc._.stance", "doc.cats"],
    default_config={"model": "default", "threads": None},
)
def make_stance(nlp: Pipeline, name: str, model: str | None, threads: int | None) -> StanceJudge:
    """Return the component that judges the stance."""
    _register_extensions()
    return StanceJudge(model, name=name, threads=threads)


def _add_sections(doc: Doc, *, language: Language | None, markdown: bool) -> Doc:
    from .lexicon import digest
    from .sections import find_sections
    from .text import detect_language, script_notice
    from .tokens import find_sentences

    context = getattr(doc, "_context", None)  # what nlp.pipe(…, as_tuples=True) was given beside the text
    if isinstance(context, Article):
        _set_article(doc, context)
    text, known = doc.text, _read(doc, "article")
    found = known.get("language") or language or detect_language(text)
    sections = find_sections(text, language=found, markdown=markdown or known.get("markdown", False))
    notice = script_notice(text, found)
    _write(
        doc,
        language=found,
        model=ModelInfo(None, None, digest(), __version__),
        sections=sections,
        sentences=find_sentences(text, sections),
        warnings=(notice,) if notice else (),
    )
    _show_sections(doc)
    return doc


class EntityFinder:
    """Finds the entities of a Doc.

    :param lexicon: a table of your own names, which wins over ours; it is saved with the pipeline.
    """

    def __init__(self, lexicon: str | None = None) -> None:
        self.lexicon = _SavedLexicon(lexicon)

    def __call__(self, doc: Doc) -> Doc:
        """Return the Doc with its entities."""
        from .entities import find_entities

        lexicon = self.lexicon.read()
        found = find_entities(doc.text, language=_language(doc), sections=_read(doc, "sections"), lexicon=lexicon)
        _write(doc, entities=found, model=replace(_model(doc), lexicon=lexicon.digest))
        _show_entities(doc)
        return doc

    def to_disk(self, path: Path, **_: Any) -> None:
        """Save the table of names."""
        self.lexicon.to_disk(path)

    def from_disk(self, path: Path, **_: Any) -> EntityFinder:
        """Take the table of names out of the saved pipeline where it has one."""
        self.lexicon.from_disk(path)
        return self


def _add_figures(doc: Doc) -> Doc:
    from .analysis import find_published
    from .figures import find_figures, link_figures

    text, language, given = doc.text, _language(doc), _read(doc, "article").get("published")
    day, notices = find_published(text, _read(doc, "sections"), language, given=given)
    _write(doc, warnings=(*notices, *_read(doc, "warnings")))
    figures = find_figures(text, language=language, published=day)
    entities, sentences = _read(doc, "entities"), _read(doc, "sentences")
    figures = link_figures(text, figures, entities=entities, sentences=sentences, language=_language(doc))
    _write(doc, figures=figures)
    _show_figures(doc)
    return doc


class StanceJudge:
    """Judges the stance of Docs, many together: their windows go through the encoder in the same batches.

    The model is read at the first Doc, once in every process: a session of ONNX Runtime survives neither pickling
    nor a fork. Saved with its pipeline, the component takes its model along.

    :param model: name or folder of a model; None, or ``default`` where none is installed, leaves every stance None.
    :param name: what an error handler is told.
    """

    def __init__(
        self, model: str | None, *, name: str = "weiji/stance", threads: int | None = None, articles: int = 32
    ) -> None:
        self.model = model
        self.name = name
        self.threads = threads
        self.articles = articles
        self._folder: Path | None = None
        self._loaded: tuple[int, StanceModel] | None = None
        self._on_error: _ErrorHandler = raise_error

    def __call__(self, doc: Doc) -> Doc:
        """Return the Doc with its stance."""
        if (model := self._load()) is not None:
            _add_stances([doc], model)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 32) -> Iterator[Doc]:
        """Yield the Docs in order; at most `articles` of them are held at a time, whatever the pipeline's batch is."""
        for docs in minibatch(stream, min(batch_size, self.articles)):
            model = self._load()
            yield from docs if model is None else self._judge(docs, model)

    def _judge(self, docs: Sequence[Doc], model: StanceModel) -> Sequence[Doc]:
        """Return the Docs with their stance, without those that went to the error handler."""
        try:
            _add_stances(docs, model)
        except Exception as err:
            if len(docs) > 1:  # find the one that it was: the others are still judged
                return [doc for one in docs for doc in self._judge([one], model)]
            self._on_error(self.name, self, list(docs), err)
            return []
        return docs

    def set_error_handler(self, error_handler: _ErrorHandler) -> None:
        """Take what `pipe` calls with a Doc that cannot be judged; spaCy calls this in ``nlp.set_error_handler``."""
        self._on_error = error_handler

    def get_error_handler(self) -> _ErrorHandler:
        """Return what `pipe` calls with a Doc that cannot be judged: by default, what raises the error."""
        return self._on_error

    def find(self) -> Path | None:
        """Return the folder of the model; raises `ModelError` where it is not what it should be."""
        from .registry import find_model

        if self._folder is None and self.model is not None:
            self._folder = find_model(self.model)
        return self._folder

    def _load(self) -> StanceModel | None:
        from .stance import load_stance_model

        if self._loaded is None or self._loaded[0] != os.getpid():
            folder = self.find()
            if folder is None:
                return None
            _INHERITED.append(self._loaded)
            self._loaded = (os.getpid(), load_stance_model(folder, threads=self.threads))
        return self._loaded[1]

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_loaded": None}

    def to_disk(self, path: Path, **_: Any) -> None:
        """Copy the model into the saved pipeline, so that it reads the same wherever it is loaded."""
        folder = self.find()
        if folder is not None and folder.resolve() != (path / "model").resolve():
            shutil.copytree(folder, path / "model", ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True)

    def from_disk(self, path: Path, **_: Any) -> StanceJudge:
        """Take the model out of the saved pipeline; one that was saved without a model reads without, here too."""
        self.model = str(path / "model") if (path / "model").is_dir() else None
        self._folder = self._loaded = None
        return self


def _add_stances(docs: Sequence[Doc], model: StanceModel) -> None:
    from .sections import find_parts
    from .stance import Draft, judge

    drafts = []
    for doc in docs:
        text, sections = doc.text, _read(doc, "sections")
        drafts.append(
            Draft(text, sections, _read(doc, "sentences"), find_parts(text, sections), _read(doc, "entities"))
        )
    for doc, found in zip(docs, judge(model, drafts), strict=True):
        info = replace(_model(doc), encoder=model.encoder.name, stance=model.name)
        _write(doc, sections=found.sections, sentences=found.sentences, stance=found.stance, model=info)
        _show_stance(doc)


# -------------------------------------------------------------------------------------------- records on the Doc
#
# Records live in doc.user_data["weiji"] as JSON, one string for each kind: every way of saving a Doc (to_bytes, DocBin,
# n_process) carries that as it is. A msgpack codec for each record type would have to be there in every process that
# reads a Doc, and DocBin reads lists back as tuples. Typed records are made when somebody asks for them: microseconds.

_KEY = "weiji"
_ID = "text"  # of a text that came without an article, as in Reader
_RECORDS = ("sections", "sentences", "entities", "figures", "stance")
_TYPES: dict[str, Any] = {
    "article": dict[str, Any],
    "language": Language,
    "model": ModelInfo,
    "sections": tuple[Section, ...],
    "sentences": tuple[Sentence, ...],
    "entities": tuple[Entity, ...],
    "figures": tuple[Figure, ...],
    "stance": Stance | None,
    "warnings": tuple[Notice, ...],
}
_NOTHING: dict[str, Any] = {"article": {}, "language": None, "model": None, "stance": None}


def _write(doc: Doc, **found: Any) -> None:
    store = doc.user_data.setdefault(_KEY, {})
    for name, value in found.items():
        store[name] = _adapter(name).dump_json(value).decode()


def _read(doc: Doc, name: str) -> Any:
    store = doc.user_data.get(_KEY, {})
    return _adapter(name).validate_json(store[name]) if name in store else _NOTHING.get(name, ())


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_TYPES[name])


def _language(doc: Doc) -> Language:
    from .text import detect_language

    found: Language = _read(doc, "language") or detect_language(doc.text)
    return found


def _model(doc: Doc) -> ModelInfo:
    from .lexicon import digest

    return _read(doc, "model") or ModelInfo(None, None, digest(), __version__)


def _get_article(doc: Doc) -> Article | None:
    """Return the article, or None for a text that is blank: an `Article` never is."""
    text = doc.text
    return Article(text=text, **(_read(doc, "article") or {"id": _ID})) if text.strip() else None


def _set_article(doc: Doc, article: Article) -> None:
    if article.text != doc.text:
        raise InputError(
            f"article {article.id!r} has another text than the Doc; make the Doc with make_doc(nlp, article)"
        )
    known = {field.name: getattr(article, field.name) for field in fields(article) if field.name != "text"}
    _write(doc, article={**known, "meta": dict(article.meta)})


def _get_analysis(doc: Doc) -> Analysis:
    from .analysis import carried

    text = doc.text
    known = _read(doc, "article")
    article = _get_article(doc)
    return Analysis(
        id=known.get("id", _ID),
        language=_language(doc),
        characters=len(text),
        text_sha256=sha256(text),
        model=_model(doc),
        published=known.get("published"),
        meta=carried(article) if article else {},
        **{name: _read(doc, name) for name in (*_RECORDS, "warnings")},
    )


def _register_extensions() -> None:
    """Add ``doc._.sections`` and the others, once. The steps do not read them, so another package's may stand."""
    getters = {name: partial(_read, name=name) for name in _RECORDS}
    for name, getter in (getters | {"analysis": _get_analysis}).items():
        if not Doc.has_extension(name):
            Doc.set_extension(name, getter=getter)
    if not Doc.has_extension("article"):
        Doc.set_extension("article", getter=_get_article, setter=_set_article)


# ---------------------------------------------------------------------------------------------- spaCy's own slots


def _show_sections(doc: Doc) -> None:
    sections: tuple[Section, ...] = _read(doc, "sections")
    doc.spans["sections"] = [_span(doc, section, label=section.kind) for section in sections]
    offsets = doc.to_array(["IDX"]).reshape(-1).astype(np.int64)
    # As an array, because setting one token's is_sent_start looks through all tokens first.
    flags = np.full(len(doc), -1, np.int64)
    flags[:1] = 1
    flags[np.searchsorted(offsets, [sentence.start for sentence in _read(doc, "sentences")], side="right") - 1] = 1
    doc.from_array(["SENT_START"], flags.astype(np.uint64))


def _show_entities(doc: Doc) -> None:
    spans: list[Span] = []
    for entity in _read(doc, "entities"):
        span = _span(doc, entity, label=entity.label, kb_id=entity.ticker or entity.canonical or "")
        if not spans or spans[-1].end <= span.start:  # two names in one token: the first has it
            spans.append(span)
    doc.ents = spans


def _show_figures(doc: Doc) -> None:
    doc.spans["figures"] = [
        _span(doc, figure, label=figure.kind, span_id=figure.id) for figure in _read(doc, "figures")
    ]


def _show_stance(doc: Doc) -> None:
    stance: Stance | None = _read(doc, "stance")
    doc.cats.update({label: getattr(stance, label) for label in STANCE_LABELS} if stance else {})


def _span(doc: Doc, record: Section | Entity | Figure, **names: str) -> Span:
    """Return the whole tokens that a record touches: where a word reaches over its border, the span does too."""
    return doc.char_span(record.start, record.end, alignment_mode="expand", **names)
