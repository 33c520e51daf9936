"""Labelled articles and labelled short texts → typed rows for training and evaluation.

An article is a Markdown-like file that people can read and review: front matter, then the text with its marks (the
mark-up is described in ``corpora/BRIEF.md``). Reading it strips the marks and checks each of them. Short texts are
JSON Lines. ``corpora/manifest.toml`` fixes licence, digests and the split: by article, never by sentence.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal, TypeVar, cast

from .errors import InputError
from .records import (
    ENTITY_LABELS,
    LANGUAGES,
    STANCE_LABELS,
    Article,
    Horizons,
    Language,
    Section,
    SectionKind,
    StanceLabel,
)

__all__ = [
    "LabelledArticle",
    "LabelledHolding",
    "LabelledPart",
    "LabelledText",
    "Manifest",
    "Mark",
    "as_article",
    "draw_split",
    "find_corpus",
    "folder_digests",
    "read_article",
    "read_articles",
    "read_manifest",
    "read_rows",
    "read_short",
    "write_manifest",
]

Polarity = Literal["aligned", "inverted", "na"]
T = TypeVar("T", bound=str)
Split = Literal["train", "dev", "test"]

_SIGNS: dict[str, StanceLabel] = {"[+]": "opportunity", "[-]": "warning", "[0]": "neutral"}
_MARK = re.compile(r"⟦([^⟦⟧|]+)\|([A-Z]+)⟧|«|»|\[[+\-0]\]")
_LINE = re.compile(r"(?:@([a-z_]+)\s+)?(#{1,2}\s+)?(.*?)(?:\s*\{(\w+)\})?$")
_HOLDING = re.compile(r"(.+?)=(.+?)(?:/([^:]*))?:(\w+)$")
_FRONT = re.compile(r"---\n(.*?)\n---\n(.*)\Z", re.S)
_REQUIRED = ("id", "lang", "date", "form", "topic", "stance", "short", "long", "polarity")


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled span of the text: a sentence with its push, an entity mention, a rationale."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class LabelledPart:
    """A headed part of an article (or its lead, or an FAQ answer) with the stance it has when read alone."""

    start: int
    end: int
    heading: str | None
    stance: StanceLabel


@dataclass(frozen=True, slots=True)
class LabelledHolding:
    """An asset that the author judges as something to own."""

    surface: str
    canonical: str
    ticker: str | None
    stance: StanceLabel


@dataclass(frozen=True, slots=True)
class LabelledArticle:
    """An article and everything that its annotator said of it. Offsets are into ``article.text``.

    `polarity` is ``inverted`` where the tone of the news points against the stance, ``na`` for mixed and neutral.
    """

    article: Article
    writer: str
    form: str
    topic: str
    polarity: Polarity
    stance: StanceLabel
    horizons: Horizons
    holdings: tuple[LabelledHolding, ...]
    blocks: tuple[Section, ...]
    parts: tuple[LabelledPart, ...]
    sentences: tuple[Mark, ...]
    rationales: tuple[Mark, ...]
    entities: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A short text (headline, post, paragraph) with one label; `target` is the holding it is judged for.

    `licence` is what the source says of it, for the card of a model that was trained on it.
    """

    id: str
    text: str
    label: StanceLabel
    language: Language
    unit: str
    source: str
    polarity: Polarity = "na"
    target: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``corpora/manifest.toml`` fixes. `digests` are SHA-256 by folder; ids not held out are for training."""

    version: str
    licence: str
    digests: Mapping[str, str]
    dev: frozenset[str]
    test: frozenset[str]

    def split(self, name: str) -> Split:
        """Return the split that an id belongs to."""
        return "test" if name in self.test else "dev" if name in self.dev else "train"


# -------------------------------------------------------------------------------------------------------- reading


def find_corpus(folder: Path | None = None) -> Path:
    """Return the corpus folder: the one given, or ``corpora/`` of this checkout."""
    found = folder or Path(__file__).parents[1] / "corpora"
    if not (found / "manifest.toml").is_file():
        raise InputError(
            f"{found} has no manifest.toml; expected weiji's corpora/ folder (it is part of the repository)"
        )
    return found


def read_articles(folder: Path, *, split: Split | None = None) -> list[LabelledArticle]:
    """Return the labelled articles of a corpus folder in order of their ids, or those of one split."""
    manifest = read_manifest(folder)
    found: dict[str, LabelledArticle] = {}
    for path in sorted((folder / "articles").rglob("*.md")):
        labelled = read_article(path)
        if labelled.article.id in found:
            raise InputError(f"{path}: id {labelled.article.id} stands twice in the corpus; ids are unique")
        found[labelled.article.id] = labelled
    return [row for name, row in sorted(found.items()) if split is None or manifest.split(name) == split]


def read_short(folder: Path, *, split: Split | None = None) -> list[LabelledText]:
    """Return the labelled short texts of a corpus folder, or those of one split."""
    manifest = read_manifest(folder)
    rows = [row for path in sorted((folder / "short").glob("*.jsonl")) for row in read_rows(path, source="short")]
    return [row for row in rows if split is None or manifest.split(row.id) == split]


def read_rows(path: Path, *, source: str | None = None, tier: str | None = None) -> list[LabelledText]:
    """Return the labelled texts of a JSON Lines file {id, text, label, lang, unit, source, …}.

    :param source: the source to set, where the rows do not name one.
    :param tier: keep only the rows of this licence tier (``open`` may train a model that is published).
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        if tier is not None and row.get("tier") != tier:
            continue
        if row.get("label") not in STANCE_LABELS or not row.get("text"):
            raise InputError(
                f"{path}:{number}: label {row.get('label')!r}; expected a text and one of {', '.join(STANCE_LABELS)}"
            )
        rows.append(
            LabelledText(
                id=str(row.get("id", f"{path.stem}-{number}")),
                text=row["text"],
                label=row["label"],
                language=row["lang"] if row.get("lang") in LANGUAGES else "en",
                unit=row.get("unit", "text"),
                source=row.get("source") or source or path.stem,
                polarity=row.get("polarity") or "na",
                target=row.get("target"),
                licence=row.get("licence"),
            )
        )
    return rows


def as_article(row: LabelledText) -> Article:
    """Return the article that a short text is to the reader."""
    return Article(id=row.id, text=row.text, language=row.language)


def read_article(path: Path) -> LabelledArticle:
    """Return the labelled article in a marked-up file; `InputError` names the line whose mark is wrong."""
    raw = path.read_text(encoding="utf-8")
    found = _FRONT.match(raw)
    if found is None:
        raise InputError(f"{path}: no front matter; expected '---', 'key: value' lines, '---' and then the text")
    head = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in found[1].splitlines())}
    if missing := [key for key in _REQUIRED if key not in head]:
        raise InputError(f"{path}: front matter lacks {', '.join(missing)}")
    body = _Body(path)
    for number, line in enumerate(re.sub(r"\n{3,}", "\n\n", found[2].strip("\n")).split("\n"), 1):
        body.read_line(line, f"{path}: body line {number}")
    text = body.finish()
    return LabelledArticle(
        article=Article(
            id=head["id"], text=text, published=head["date"], language=_one_of(head["lang"], LANGUAGES, f"{path}: lang")
        ),
        writer=path.parent.name,
        form=head["form"],
        topic=head["topic"],
        polarity=_one_of(head["polarity"], ("aligned", "inverted", "na"), f"{path}: polarity"),
        stance=_stance(head["stance"], f"{path}: stance"),
        horizons=Horizons(
            *(None if head[key] == "none" else _stance(head[key], f"{path}: {key}") for key in ("short", "long"))
        ),
        holdings=tuple(_holdings(head.get("entities", ""), text, path)),
        blocks=tuple(body.blocks),
        parts=tuple(body.parts),
        sentences=tuple(body.sentences),
        rationales=tuple(body.rationales),
        entities=tuple(body.entities),
    )


class _Body:
    """Collects the text without its marks, and the marks with their offsets into it, line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = ""
        self.blocks: list[Section] = []
        self.parts: list[LabelledPart] = []
        self.sentences: list[Mark] = []
        self.rationales: list[Mark] = []
        self.entities: list[Mark] = []
        self._part: tuple[int, str | None, StanceLabel] | None = None
        self._part_end = 0

    def read_line(self, line: str, where: str) -> None:
        found = _LINE.match(line)
        assert found is not None  # every group of the pattern may be empty
        tag, hashes, content, stance = found.groups()
        if stance and not hashes and not content.strip():
            self._open_part(None, _stance(stance, where))
            return
        if not tag and not hashes and not content.strip():
            self.text += "\n"
            return
        level = len(hashes.strip()) if hashes else 0
        kind = cast(SectionKind, {1: "title", 2: "heading"}.get(level) or tag or "paragraph")
        start = len(self.text)
        plain = self._strip_marks(content, start, where, sentences=kind in ("paragraph", "faq_answer"))
        if kind == "heading":
            self._open_part(plain.strip(), _stance(stance or "", f"{where}: heading"))
        self.text += plain
        end = start + len(plain.rstrip())
        self.blocks.append(Section(start, end, kind))
        if kind != "title":
            self._part_end = end
        self.text += "\n"

    def finish(self) -> str:
        self._close_part()
        if not any(block.kind == "title" for block in self.blocks):
            raise InputError(f"{self.path}: no '# title' line")
        return self.text.rstrip("\n") + "\n"

    def _open_part(self, heading: str | None, stance: StanceLabel) -> None:
        self._close_part()
        self._part = (len(self.text), heading, stance)
        self._part_end = len(self.text)

    def _close_part(self) -> None:
        if self._part is not None and self._part_end > self._part[0]:
            start, heading, stance = self._part
            self.parts.append(LabelledPart(start, self._part_end, heading, stance))

    def _strip_marks(self, marked: str, base: int, where: str, *, sentences: bool) -> str:
        out, size, at, first = [], base, 0, base
        opened: int | None = None
        found: list[Mark] = []
        for mark in _MARK.finditer(marked):
            plain = marked[at : mark.start()]
            out.append(plain)
            size += len(plain)
            at = mark.end()
            token = mark[0]
            if token[0] == "⟦":
                if mark[2] not in ENTITY_LABELS:
                    raise InputError(f"{where}: label {mark[2]}; expected one of {', '.join(ENTITY_LABELS)}")
                self.entities.append(Mark(size, size + len(mark[1]), mark[2]))
                out.append(mark[1])
                size += len(mark[1])
            elif token == "«":
                opened = size
            elif token == "»":
                if opened is None:
                    raise InputError(f"{where}: » without «")
                self.rationales.append(Mark(opened, size, "rationale"))
                opened = None
            else:
                said = "".join(out)[first - base :]
                if not said.strip():
                    raise InputError(f"{where}: no sentence before {token}")
                found.append(Mark(first + len(said) - len(said.lstrip()), size, _SIGNS[token]))
                first = size
        out.append(marked[at:])
        text = "".join(out)
        if opened is not None or any(character in text for character in "⟦⟧«»"):
            raise InputError(f"{where}: a mark is not closed: {text[:40]!r}")
        if sentences:
            if not found or text[first - base :].strip():
                raise InputError(f"{where}: text without a sentence mark [+] [-] [0]: {text[first - base :][:40]!r}")
            self.sentences += found
        return text


def _holdings(line: str, text: str, path: Path) -> Iterator[LabelledHolding]:
    for item in filter(None, (part.strip() for part in line.split(";"))):
        found = _HOLDING.match(item)
        if found is None:
            raise InputError(f"{path}: entities: {item!r}; expected 'surface=Canonical/TICKER:stance'")
        surface, canonical, ticker, stance = found.groups()
        if surface not in text:
            raise InputError(f"{path}: entities: {surface!r} is not in the text")
        yield LabelledHolding(surface, canonical, ticker or None, _stance(stance, f"{path}: entities"))


def _stance(value: str, where: str) -> StanceLabel:
    return _one_of(value, STANCE_LABELS, where)


def _one_of(value: str, allowed: Sequence[T], where: str) -> T:
    if value not in allowed:
        raise InputError(f"{where}: {value!r}; expected one of {', '.join(allowed)}")
    return cast("T", value)


# ------------------------------------------------------------------------------------------------------- manifest


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a corpus folder."""
    path = folder / "manifest.toml"
    if not path.is_file():
        raise InputError(f"{path} is missing; it fixes the split of the corpus")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    split = data["split"]
    return Manifest(
        version=data["version"],
        licence=data["licence"],
        digests=data["sha256"],
        dev=frozenset(split["dev"]),
        test=frozenset(split["test"]),
    )


def write_manifest(folder: Path, *, version: str, dev: Iterable[str], test: Iterable[str]) -> None:
    """Write ``manifest.toml`` with the digests of what is in the folder and the ids that are held out."""
    lines = [
        "# The labelled corpus: which version, under which licence, and which ids are held out.",
        "# Ids in neither list are for training. The test ids are frozen: ids may be added, none taken away.",
        f'version = "{version}"',
        'licence = "CC-BY-4.0"',
        "",
        "[sha256]",
        *(f'"{name}" = "{digest}"' for name, digest in folder_digests(folder).items()),
        "",
        "[split]",
    ]
    for name, ids in (("dev", dev), ("test", test)):
        lines += [f"{name} = [", *(f'  "{item}",' for item in sorted(ids)), "]"]
    (folder / "manifest.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def folder_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 over names and contents of each folder of articles and of each file of short texts."""
    parts = [path for path in sorted((folder / "articles").iterdir()) if path.is_dir()]
    parts += sorted((folder / "short").glob("*.jsonl"))
    return {part.relative_to(folder).as_posix(): _digest(part) for part in parts}


def _digest(part: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(part.glob("*.md")) if part.is_dir() else [part]:
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def draw_split(groups: Mapping[str, Sequence[str]], *, dev: float, test: float, seed: int) -> tuple[set[str], set[str]]:
    """Return ids for dev and test, drawn from each group of like ids (writer, label, polarity) by these shares.

    What a group cannot give in whole ids is carried over to the next, so that the totals come out right.
    """
    random = Random(seed)
    held: dict[str, set[str]] = defaultdict(set)
    owed = {"test": 0.0, "dev": 0.0}
    for _, ids in sorted(groups.items()):
        order = sorted(ids)
        random.shuffle(order)
        for name, share in (("test", test), ("dev", dev)):
            owed[name] += share * len(ids)
            count = min(int(owed[name] + 0.5), len(order))
            held[name].update(order[:count])
            order = order[count:]
            owed[name] -= count
    return held["dev"], held["test"]
