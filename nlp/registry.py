"""Model names ⇄ folders, and what is in them: where a model lies, which version it is, whether its files are whole.

Models lie side by side in a folder with a ``registry.toml``, one table for each::

    [base]
    version = "1"
    licence = "MIT"
    created = 2026-11-22

    [base.files]
    "config.json" = { bytes = 664, sha256 = "…" }

Every load compares names and sizes (`check`), which costs microseconds and finds the usual accident: a download or a
checkout that was cut short. `verify` reads every byte and compares SHA-256 digests; that is for after an installation,
for a mirror and for the command line, where somebody asks for it. The registry lists what loading reads. Prose
(``*.md``) and hidden files are left out: a word corrected in a model card does not make the model look damaged.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .errors import ModelError

__all__ = ["DEFAULT", "Entry", "available", "check", "entry", "find_model", "register", "registered", "verify"]

DEFAULT = "default"

_REGISTRY = "registry.toml"
_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")  # in the wheel, in the checkout


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model as it was registered."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A model as its registry describes it; `files` by name relative to the model's folder, with ``/`` between."""

    name: str
    version: str
    licence: str
    created: date
    files: Mapping[str, File]

    @property
    def label(self) -> str:
        """``name@version``, as an analysis says what produced it."""
        return f"{self.name}@{self.version}"


def find_model(name_or_path: str | Path = DEFAULT) -> Path | None:
    """Return the folder of a model, or None for ``default`` where no model is installed.

    A folder that exists wins over a name, except over ``default``, which is always weiji's own: a folder that happens
    to be called so where a program is started must not change its answers (``./default`` means that folder).
    Raises `ModelError` for a name that is not there and for a folder whose files are not those of its registry.
    """
    folder = Path(name_or_path)
    if name_or_path != DEFAULT and folder.is_dir():
        check(folder)
        return folder
    models = available()
    if str(name_or_path) in models:
        folder = models[str(name_or_path)]
        check(folder)
        return folder
    if name_or_path == DEFAULT:
        return None
    what = "is a file; expected the folder of a model" if folder.exists() else "is neither a folder nor a model's name"
    known = ", ".join(models) or "none"
    raise ModelError(f"model {str(name_or_path)!r} {what} (models installed: {known})")


def available() -> dict[str, Path]:
    """Return the folders of the registered models that are here, by name; the wheel's come before the checkout's."""
    found: dict[str, Path] = {}
    for place in _PLACES:
        for name in registered(place):
            if (place / name).is_dir():
                found.setdefault(name, place / name)
    return found


def registered(place: Path) -> dict[str, Entry]:
    """Return what the registry of a folder of models lists, by name; nothing where there is no registry."""
    path = place / _REGISTRY
    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _entry(name, table) for name, table in tables.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as err:
        raise ModelError(
            f"{path}: not a registry of models ({err!r}); expected tables as register() writes them"
        ) from err


def entry(folder: Path) -> Entry | None:
    """Return what the registry beside a model's folder says about it, or None for a model that is not registered."""
    folder = folder.resolve()
    return registered(folder.parent).get(folder.name)


def check(folder: Path) -> None:
    """Raise `ModelError` where a file of a registered model is missing or has another size; any other folder passes."""
    known = entry(folder)
    for name, file in (known.files if known else {}).items():
        path = folder / name
        found = path.stat().st_size if path.is_file() else None
        if found != file.bytes:
            what = "is missing" if found is None else f"has {found:,} bytes"
            raise ModelError(f"{path} {what}; {_REGISTRY} says {file.bytes:,} bytes: {_advice(folder)}")


def verify(folder: Path) -> None:
    """Raise `ModelError` unless the files of a model have the SHA-256 digests that its registry lists."""
    known = entry(folder)
    if known is None:
        raise ModelError(f"{folder} is not in {folder.resolve().parent / _REGISTRY}; register() it when it is finished")
    check(folder)
    for name, file in known.files.items():
        found = _sha256(folder / name)
        if found != file.sha256:
            raise ModelError(f"{folder / name} has SHA-256 {found}, expected {file.sha256}: {_advice(folder)}")


def register(folder: Path, *, version: str, licence: str | None = None, created: date | None = None) -> Entry:
    """Write a finished model, as it is now, into the registry beside its folder, and return its entry.

    :param licence: SPDX name; when None, what the registry says already, or Apache-2.0 as for the code.
    :param created: when None, today; a model that is registered again unchanged keeps its day.
    """
    folder = folder.resolve()
    files = {name: File((folder / name).stat().st_size, _sha256(folder / name)) for name in _files(folder)}
    if not files:
        raise ModelError(f"{folder} has no files; expected the folder of a model")
    entries = registered(folder.parent)
    old = entries.get(folder.name)
    if created is None:
        unchanged = old is not None and (old.version, old.files) == (version, files)
        created = old.created if old is not None and unchanged else date.today()
    new = Entry(folder.name, version, licence or (old.licence if old else "Apache-2.0"), created, files)
    _write(folder.parent / _REGISTRY, entries | {folder.name: new})
    return new


def _entry(name: str, table: Mapping[str, object]) -> Entry:
    files = table["files"]
    if not isinstance(files, dict) or not isinstance(table["created"], date):
        raise TypeError(f"{name}: files is a table and created a date")
    known = {path: File(int(file["bytes"]), str(file["sha256"])) for path, file in files.items()}
    return Entry(name, str(table["version"]), str(table["licence"]), table["created"], known)


def _files(folder: Path) -> list[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(
        path.as_posix()
        for path in paths
        if path.suffix != ".md" and not any(part.startswith(".") for part in path.parts)
    )


def _write(path: Path, entries: Mapping[str, Entry]) -> None:
    lines = ["# The models beside this file. Written by nlp.registry.register; do not edit."]
    for name, one in sorted(entries.items()):
        lines += [
            "",
            f"[{_key(name)}]",
            f"version = {_quoted(one.version)}",
            f"licence = {_quoted(one.licence)}",
            f"created = {one.created.isoformat()}",
            "",
            f"[{_key(name)}.files]",
            *(
                f'{_quoted(file)} = {{ bytes = {known.bytes}, sha256 = "{known.sha256}" }}'
                for file, known in sorted(one.files.items())
            ),
        ]
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    os.replace(temporary, path)  # a reader sees the old registry or the new one, never half of it


def _key(name: str) -> str:
    return name if name.replace("-", "_").isidentifier() and name.isascii() else _quoted(name)


def _quoted(text: str) -> str:
    if any(character in '"\\' or character < " " or character == "\x7f" for character in text):
        raise ModelError(
            f"{text!r} cannot stand in a registry; use names without quotes, backslashes and control characters"
        )
    return f'"{text}"'


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _advice(folder: Path) -> str:
    return (
        f"model {folder.name!r} is damaged or half updated; install or check it out again, or register() the new files"
    )
