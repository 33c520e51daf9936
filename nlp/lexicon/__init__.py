"""Tables of names, units, words and headings, one reader for all.

A table is tab-separated UTF-8, plain or gzip. Lines that start with ``#`` come first and say where the rows are from
and what each column means; the last of them, ``# columns: a b c``, names the columns. An empty cell is an empty string;
``|`` separates the items of a cell that holds several.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from ..errors import LexiconError

__all__ = ["digest", "read_rows", "read_table", "read_user_table"]

_FOLDER = Path(__file__).parent


def read_table(name: str) -> list[dict[str, str]]:
    """Return the rows of one of weiji's own tables, by column."""
    return read_user_table(_FOLDER / name)


def read_user_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table anywhere, by column; `LexiconError` names the line that cannot be used."""
    columns, rows = read_rows(path)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def read_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return a table's column names and its rows as lists of cells: for tables too long to be dictionaries."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise LexiconError(f"{path}: not UTF-8 at byte {err.start}; save the table as UTF-8") from err
    columns: list[str] = []
    rows: list[list[str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            if line.startswith("# columns:"):
                columns = line.removeprefix("# columns:").split()
        elif line.strip():
            if not columns:
                raise LexiconError(
                    f"{path}:{number}: rows before the header; expected a line '# columns: name …' first"
                )
            cells = line.split("\t")
            if len(cells) > len(columns):
                raise LexiconError(f"{path}:{number}: {len(cells)} cells; the header names {len(columns)} columns")
            rows.append(cells + [""] * (len(columns) - len(cells)))
    return columns, rows


@cache
def digest() -> str:
    """Return twelve hexadecimal digits that change when any table does: the lexicon's version in an analysis."""
    total = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.tsv*")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]
