"""Articles in: a file or a stream → readings, one for each article, and rejects for those that cannot be read.

    .txt .md                     one article, its id is the file's name without the suffix
    .html                        one article: its title, then its paragraphs on lines of their own          [feeds]
    .jsonl .ndjson               one article a line: {"id", "text", …}
    .csv .tsv                    one article a row, columns id and text
    .parquet                     one article a row, columns id and text                                     [feeds]
    .xml .rss .atom              one article an entry                                                       [feeds]

Text may be UTF-8, UTF-16 with a byte order mark, Big5 (CP950, HKSCS), GB 18030 or Windows-1252; a `Notice` says so
where it was not UTF-8. Nothing is cut and nothing vanishes: what cannot be read as an article becomes a `Reject`, and
what cannot be read as a file raises `InputError`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import re
import subprocess
import sys
from calendar import timegm
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Literal

from .errors import InputError, require
from .records import Article, Notice

__all__ = ["MANY", "Format", "Reading", "Reject", "decode", "format_of", "read_articles", "stream_format"]

Format = Literal["text", "markdown", "html", "jsonl", "csv", "tsv", "parquet", "feed"]

MANY: frozenset[Format] = frozenset(("jsonl", "csv", "tsv", "parquet", "feed"))
"""The formats that hold any number of articles."""

_SUFFIXES: dict[str, Format] = {
    "": "text", ".txt": "text", ".text": "text", ".md": "markdown", ".markdown": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".xml": "feed", ".rss": "feed", ".atom": "feed",
}  # fmt: skip
_EXPECTED = "expected .txt, .md, .html, .jsonl, .csv, .tsv, .parquet, .xml, .rss or .atom"

_TO_LINES = "jq -c '.[]' makes lines of an array"

_PAGE_SECONDS = 30  # for one HTML page; deep nests of tags can keep an extractor busy for minutes


# ------------------------------------------------------------------------------------------------------- records


@dataclass(frozen=True, slots=True)
class Reject:
    """An article that was set aside: where it stood, what was wrong, and the digest of its bytes.

    `line` is the line of a text format, the row of a table, the entry of a feed; None for a whole file.
    """

    id: str | None
    source: str
    line: int | None
    error: str
    message: str
    raw_sha256: str | None

    def to_json(self) -> str:
        """Return the reject as one JSON object on one line."""
        return json.dumps(asdict(self), ensure_ascii=True)  # a bad id may hold what no encoding can write


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as it was read, with where it stood and what reading it had to put up with."""

    article: Article
    source: str
    line: int | None = None
    raw_sha256: str | None = None
    notices: tuple[Notice, ...] = ()

    def reject(self, error: Exception) -> Reject:
        """Return the reject of this article for an error that a later step raised."""
        name, message = type(error).__name__, _one_line(str(error)) or type(error).__name__
        return Reject(self.article.id, self.source, self.line, name, message, self.raw_sha256)


# ------------------------------------------------------------------------------------------------------- reading


def read_articles(
    source: Path | BinaryIO, *, name: str | None = None, kind: Format | None = None
) -> Iterator[Reading | Reject]:
    """Yield the articles of a file or of a binary stream, in order, and a reject for each that cannot be read.

    :param name: what to call the source in messages, and the id of a single article from a stream.
    :param kind: read as this format; otherwise the suffix of a path decides, and the first character of a stream.
    """
    if isinstance(source, Path):
        label = name or str(source)
        chosen = kind or format_of(source)
        with _open(source, label) as stream:
            # A name that is not UTF-8 reaches Python with surrogates, which no id may hold.
            stem = os.fsencode(source.stem).decode("utf-8", "replace")
            yield from _READERS[chosen](stream, label, stem)
    else:
        label = name or "stdin"
        yield from _READERS[kind or stream_format(source)](source, label, Path(label).stem or label)


def format_of(path: Path) -> Format:
    """Return the format that a file's suffix names; `InputError` where weiji reads no such files.

    >>> format_of(Path("wire/2026-02-06.JSONL"))
    'jsonl'
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        raise InputError(f"{path}: .json files are not read; expected .jsonl, one object a line; {_TO_LINES}")
    if suffix not in _SUFFIXES:
        raise InputError(f"{path}: {suffix} files are not read; {_EXPECTED}; convert it to one of them")
    return _SUFFIXES[suffix]


def stream_format(stream: BinaryIO) -> Format:
    """Return the format of a stream without consuming it: JSON Lines where it starts with ``{`` (or an array of them).

    :param stream: one that can peek, as standard input can, or go back, as a file or `BytesIO` can.

    >>> stream_format(io.BytesIO(b'{"id": "a", "text": "b"}'))
    'jsonl'
    """
    peek = getattr(stream, "peek", None)
    if peek is not None:
        head = bytes(peek(1))
    else:
        start = stream.tell()
        head = stream.read(256)
        stream.seek(start)
    for mark, _ in _BOMS:
        head = head.removeprefix(mark)
    return "jsonl" if _JSON_HEAD.match(head.replace(b"\0", b"")) else "text"


_JSON_HEAD = re.compile(rb"\s*(?:\[\s*)?\{")


def _open(path: Path, label: str) -> BinaryIO:
    if path.is_dir():
        raise InputError(f"{label}: is a folder; expected a file; name the files in it, as in {label}/*.txt")
    if not path.exists():
        raise InputError(f"{label}: no such file; {_EXPECTED}; check the name")
    try:
        return path.open("rb")
    except OSError as err:
        raise InputError(f"{label}: {err.strerror or err}; expected a file that can be read; check its rights") from err


def _read_text(stream: BinaryIO, label: str, stem: str) -> Iterator[Reading]:
    yield _single(stream.read(), label, stem, markdown=False)


def _read_markdown(stream: BinaryIO, label: str, stem: str) -> Iterator[Reading]:
    yield _single(stream.read(), label, stem, markdown=True)


def _single(data: bytes, label: str, stem: str, *, markdown: bool) -> Reading:
    text, notices = _decode_file(data, label)
    if not text.strip():
        raise InputError(f"{label}: has only white space; expected an article; nothing to analyse")
    try:
        article = Article(id=stem, text=text, markdown=markdown)
    except InputError as err:
        raise InputError(f"{label}: {err}") from err
    return Reading(article, label, raw_sha256=_digest(data), notices=notices)


def _read_jsonl(stream: BinaryIO, label: str, _: str) -> Iterator[Reading | Reject]:
    seen = False
    for number, (raw, text, notices) in enumerate(_decoded_lines(stream, label), 1):
        if text is not None and not text.strip():
            continue
        if not seen and text is not None and text.lstrip().startswith("["):
            raise InputError(f"{label}: is a JSON array; expected one object a line with id and text; {_TO_LINES}")
        seen = True
        if text is None:
            yield Reject(None, label, number, "InputError", "line is not text in any encoding we know; "
                         "expected UTF-8", _digest(raw))  # fmt: skip
        else:
            yield _reading(partial(_json_row, text), label, number, raw, notices)
    if not seen:
        raise InputError(f"{label}: is empty; expected one JSON object a line with id and text")


def _decoded_lines(stream: BinaryIO, label: str) -> Iterator[tuple[bytes, str | None, tuple[Notice, ...]]]:
    """Yield each line as bytes, as text (None where it cannot be decoded) and what decoding it took."""
    first = stream.readline()
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16: a line feed is not one byte there
        text, notices = _decode_file(first + stream.read(), label)
        for line in text.split("\n"):
            yield line.encode(), line, notices
        return
    _refuse_binary(first, label)
    for raw in _chain_lines(first, stream):
        try:
            text, notices = decode(raw)
        except InputError:
            yield raw, None, ()
        else:
            yield raw, text, notices


def _chain_lines(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    line = first
    while line:
        yield line.rstrip(b"\r\n")
        line = stream.readline()


def _json_row(line: str) -> Mapping[str, Any]:
    try:
        # NaN and Infinity (also as 1e999) are not JSON, and what we print is: they come back as null.
        row = json.loads(line, parse_constant=lambda _: None, parse_float=_finite)
    except RecursionError as err:
        raise InputError("JSON is nested too deeply; expected an object with id and text") from err
    except json.JSONDecodeError as err:
        raise InputError(
            f"not JSON: {err.msg} at column {err.colno}; expected one object a line with id and text"
        ) from err
    except ValueError as err:  # an integer of more digits than Python turns into a number
        raise InputError(f"not JSON that can be read: {err}") from err
    return row  # type: ignore[no-any-return]


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _read_csv(stream: BinaryIO, label: str, _: str) -> Iterator[Reading | Reject]:
    yield from _read_table(stream, label, ",")


def _read_tsv(stream: BinaryIO, label: str, _: str) -> Iterator[Reading | Reject]:
    yield from _read_table(stream, label, "\t")


def _read_table(stream: BinaryIO, label: str, delimiter: str) -> Iterator[Reading | Reject]:
    text, notices = _decode_file(stream.read(), label)
    rows = _table_rows(text, delimiter)
    _, _, header = next(rows, (1, "", []))
    columns = [cell.strip() for cell in header] if isinstance(header, list) else []
    _need_columns(columns, label)
    for number, raw, cells in rows:
        if cells != []:  # an empty line
            yield _reading(partial(_table_row, columns, cells), label, number, raw.encode(), notices)


def _table_rows(text: str, delimiter: str) -> Iterator[tuple[int, str, list[str] | csv.Error]]:
    """Yield (line it starts on, its source, its cells or what is wrong with it) for each row of a table."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    number = 1
    while True:
        limit = csv.field_size_limit(2**31 - 1)  # a setting of the whole process: lifted for one row, then put back
        try:
            cells: list[str] | csv.Error = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            cells = err
        finally:
            csv.field_size_limit(limit)
        yield number, "".join(taken).rstrip("\r\n"), cells
        number += len(taken)
        taken.clear()


def _table_row(columns: list[str], cells: list[str] | csv.Error) -> Mapping[str, Any]:
    if isinstance(cells, csv.Error):
        raise InputError(f"row cannot be read: {cells}; expected quotes in pairs, doubled inside a cell") from cells
    if len(cells) != len(columns):
        raise InputError(f"row has {len(cells)} cells; the header names {len(columns)} columns; quote the text")
    return dict(zip(columns, cells, strict=True))


def _read_parquet(stream: BinaryIO, label: str, _: str) -> Iterator[Reading | Reject]:
    parquet = require("pyarrow.parquet", extra="feeds")
    try:
        table = parquet.ParquetFile(stream)
    except (OSError, ValueError) as err:  # ArrowInvalid is a ValueError
        raise InputError(f"{label}: not a Parquet file: {_one_line(str(err))}; write the table again") from err
    _need_columns(table.schema_arrow.names, label)
    number = 0
    for batch in table.iter_batches(batch_size=256):
        for row in batch.to_pylist():
            number += 1
            plain = {key: _plain(value) for key, value in row.items()}
            raw = json.dumps(plain, ensure_ascii=True, sort_keys=True).encode()
            yield _reading(partial(dict[str, Any], plain), label, number, raw, ())


def _need_columns(columns: Iterable[str], label: str) -> None:
    found = list(columns)
    missing = [column for column in ("id", "text") if column not in found]
    if missing:
        seen = ", ".join(found) if any(found) else "no header"
        raise InputError(
            f"{label}: no column {' and no column '.join(missing)}; found {_shorten(seen)}; "
            "expected columns id and text; rename the columns"
        )


def _read_feed(stream: BinaryIO, label: str, _: str) -> Iterator[Reading | Reject]:
    feedparser = require("feedparser", extra="feeds")
    data = stream.read()
    _refuse_empty(data, label)
    # Bytes and nothing else: given a string, feedparser opens files and follows addresses.
    parsed = feedparser.parse(data)
    if not parsed.version:
        raise InputError(f"{label}: neither RSS nor Atom; expected a feed; save a page as .html")
    origin = parsed.feed.get("title") or None
    for number, entry in enumerate(parsed.entries, 1):
        raw = json.dumps(entry, ensure_ascii=True, sort_keys=True, default=str).encode()
        yield _reading(partial(_feed_row, entry, origin, f"{label}#{number}"), label, number, raw, ())


def _feed_row(entry: Any, origin: str | None, fallback: str) -> Mapping[str, Any]:
    title = " ".join(_plain_text(entry.get("title", ""), "text/html").split())
    body = max(
        [*entry.get("content", []), entry.get("summary_detail") or {}], key=lambda part: len(part.get("value") or "")
    )
    text = _with_title(title, _plain_text(body.get("value") or "", body.get("type") or "text/html"))
    if not text:
        raise InputError("entry has no title and no text; expected a summary or its content")
    # dict.get, because feedparser's own would answer a missing date of update with that of publication, and warn.
    stamp = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    published = datetime.fromtimestamp(timegm(stamp), UTC).isoformat() if stamp else None
    return {
        "id": entry.get("id") or entry.get("link") or fallback,
        "text": text,
        "title": title or None,
        "published": published,
        "url": entry.get("link") or None,
        "source": origin,
    }


def _read_html(stream: BinaryIO, label: str, stem: str) -> Iterator[Reading]:
    data = stream.read()
    _refuse_empty(data, label)
    _refuse_binary(data, label)
    text, notices = _decode_page(data, label)
    row = _page(text, label)
    body = _with_title(row["title"] or "", row["text"] or "")
    if not body:
        raise InputError(f"{label}: no article found in the page; expected paragraphs of text; save it as .txt")
    published = row["date"] if row["date"] and len(row["date"]) >= 10 else None
    try:
        article = Article(
            id=stem, text=body, title=row["title"] or None, published=published, url=row["url"] or None,
            source=row["sitename"] or None,
        )  # fmt: skip
    except InputError as err:
        raise InputError(f"{label}: {err}") from err
    yield Reading(article, label, raw_sha256=_digest(data), notices=notices)


_READERS: dict[Format, Callable[[BinaryIO, str, str], Iterator[Reading | Reject]]] = {
    "text": _read_text,
    "markdown": _read_markdown,
    "html": _read_html,
    "jsonl": _read_jsonl,
    "csv": _read_csv,
    "tsv": _read_tsv,
    "parquet": _read_parquet,
    "feed": _read_feed,
}


def _reading(
    make: Callable[[], Mapping[str, Any]], label: str, line: int, raw: bytes, notices: tuple[Notice, ...]
) -> Reading | Reject:
    row: Mapping[str, Any] | None = None
    try:
        row = make()
        article = Article.from_dict(row)
        _check_meta(article)
    except InputError as err:
        name = row.get("id") if isinstance(row, Mapping) else None
        known = str(name) if isinstance(name, (str, int)) and name != "" else None
        return Reject(known, label, line, type(err).__name__, _one_line(str(err)), _digest(raw))
    return Reading(article, label, line, _digest(raw), notices=notices)


def _check_meta(article: Article) -> None:
    what = f"article {article.id!r}: meta"
    try:
        json.dumps(article.meta, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as err:
        raise InputError(f"{what} has an unpaired surrogate; expected Unicode text: decode the source again") from err
    except RecursionError as err:
        raise InputError(f"{what} is nested too deeply; expected a few levels") from err


def _plain(value: Any) -> Any:
    """Return a table's value as JSON holds it: dates as ISO text, what is not a number as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)


# ----------------------------------------------------------------------------------------------------- encodings

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive (or an Office document, which is one)"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"PAR1", "a Parquet file"),
    (b"{\\rtf", "an RTF document"),
)
_NAMES = {"cp950": "Big5 (CP950)", "big5hkscs": "Big5 (HKSCS)", "gb18030": "GB 18030", "cp1252": "Windows-1252"}
_CHARSETS = {
    "big5": "cp950", "cp950": "cp950", "x-x-big5": "cp950", "big5-hkscs": "big5hkscs", "gb2312": "gb18030",
    "gbk": "gb18030", "gb18030": "gb18030", "iso-8859-1": "cp1252", "windows-1252": "cp1252",
}  # fmt: skip
_DECLARED = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_-]{1,40})|encoding=["']([A-Za-z0-9_-]{1,40})""")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_ODD = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff]")  # controls and private use: not in prose
# Characters that no Chinese text of some length does without, Traditional and Simplified. Bytes read in the wrong
# encoding turn into rare characters, so a text with next to none of these was read wrongly.
_COMMON = frozenset(
    "的一是不在有人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而方後多定行學法所民得經"
    "十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本去把性好應開它合還因由其些然前外天政四日那社義事平"
    "形相全表間樣與關各重新線內數正心反你明看原又利比或但質氣第向道命此變條只沒結解問意建月公無系軍很情者最立代想已通並提直題程"
    "展五果料象員革位入常文總次品式活設及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決西被幹"
    "這个为时来们对会发说产种后经进着电里现实两体当点从业应开还关线数变条没结问无军题员设长头资边级图统将组见计别运农几区强"
    "元億萬美股市價億万亿价漲跌涨投券銀银行率息增減减降升"
)  # fmt: skip


def decode(data: bytes) -> tuple[str, tuple[Notice, ...]]:
    """Return the text of some bytes and what had to be assumed to read them.

    A byte order mark decides; then UTF-8; then the encoding under which the bytes are Chinese or English prose.
    A few bytes that do not decode become U+FFFD with a notice; more than a few raise `InputError`.

    >>> text, notices = decode("聯準會升息一碼,銀行股走高。".encode("big5"))
    >>> text, notices[0].code
    ('聯準會升息一碼,銀行股走高。', 'decoded_as')
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_marked(data[len(mark) :], encoding)
    return _decode_unmarked(data)


def _decode_marked(data: bytes, encoding: str) -> tuple[str, tuple[Notice, ...]]:
    if encoding == "utf-8":
        return _decode_unmarked(data)
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    if not _few(lost, len(text)):
        raise InputError(f"byte order mark of {encoding.upper()}, but {lost:,} places that are not; save as UTF-8")
    return text, (_decoded_as(encoding.upper()), *_undecodable(lost, encoding.upper()))


def _decode_unmarked(data: bytes) -> tuple[str, tuple[Notice, ...]]:
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    # Bytes of another encoding are hardly ever valid UTF-8 by chance: a text that mostly is, is UTF-8 and damaged.
    if lost * 20 <= sum(character > "\x7f" for character in text) - lost:
        return text, _undecodable(lost, "UTF-8")
    for encoding in _candidates(data):
        text = data.decode(encoding, "replace")
        lost = text.count("\ufffd")
        if _few(lost, len(text)) and _plausible(text, encoding):
            return text, (_decoded_as(_NAMES[encoding]), *_undecodable(lost, _NAMES[encoding]))
    raise InputError(
        "not text in UTF-8, UTF-16, Big5, GB 18030 or Windows-1252; expected one of them; convert it to UTF-8"
    )


def _candidates(data: bytes) -> list[str]:
    """Return the encodings to try, the best guess first, those that read every byte before those that do not."""
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=["big5", "cp950", "big5hkscs", "gb18030", "cp1252"]).best()
    guess = best.encoding if best else ""
    families = {"big5": ["cp950", "big5hkscs"], "gb180": ["gb18030"], "cp125": ["cp1252"]}
    order = families.get("big5" if guess in ("big5", "cp950", "big5hkscs") else guess[:5], [])
    order = [*order, *(name for name in _NAMES if name not in order)]
    return sorted(order, key=lambda encoding: data.decode(encoding, "replace").count("\ufffd") > 0)


def _few(lost: int, size: int) -> bool:
    return lost * 100 <= size


def _plausible(text: str, encoding: str) -> bool:
    """Return whether text reads as prose: Chinese with common characters, or mostly plain letters."""
    if not _few(len(_ODD.findall(text)), len(text)):
        return False
    if encoding == "cp1252":
        return sum(character > "\x7f" for character in text) * 10 <= len(text)
    han = _HAN.findall(text)
    # Measured on our corpus: at least 31 % of 60 characters when read rightly, at most 15 % of an article when not.
    return len(han) < 20 or sum(character in _COMMON for character in han) * 5 >= len(han)


def _decoded_as(name: str) -> Notice:
    return Notice("decoded_as", f"the text was read as {name}; save it as UTF-8 to be sure")


def _undecodable(lost: int, name: str) -> tuple[Notice, ...]:
    if not lost:
        return ()
    places = "1 place is" if lost == 1 else f"{lost:,} places are"
    return (Notice("undecodable_bytes", f"{places} not {name} and became U+FFFD; check the source"),)


def _decode_file(data: bytes, label: str) -> tuple[str, tuple[Notice, ...]]:
    _refuse_empty(data, label)
    _refuse_binary(data, label)
    try:
        text, notices = decode(data)
    except InputError as err:
        raise InputError(f"{label}: {err}") from err
    if "\0" in text:
        raise InputError(f"{label}: has NUL characters; expected text; save it as UTF-8 text first")
    return text, notices


def _decode_page(data: bytes, label: str) -> tuple[str, tuple[Notice, ...]]:
    """Return a page's text: what it declares in its head is believed where it holds for every byte."""
    declared = _DECLARED.search(data[:4096])
    if declared and not data.startswith(tuple(mark for mark, _ in _BOMS)):
        encoding = _CHARSETS.get((declared[1] or declared[2]).decode("ascii").lower())
        try:
            return data.decode(encoding or "utf-8"), (_decoded_as(_NAMES[encoding]),) if encoding else ()
        except UnicodeDecodeError:
            pass  # a page may say what it is not
    return _decode_file(data, label)


def _refuse_empty(data: bytes, label: str) -> None:
    if not data.strip():
        raise InputError(f"{label}: is empty; expected an article; check how it was written")


def _refuse_binary(data: bytes, label: str) -> None:
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise InputError(f"{label}: is {kind}; expected text; convert it first")
    if b"\0" in data and not data.startswith(tuple(mark for mark, _ in _BOMS)):
        raise InputError(
            f"{label}: has a NUL byte at {data.index(0):,}: binary, or UTF-16 without a byte order mark; "
            "expected text; save it as UTF-8"
        )


# ---------------------------------------------------------------------------------------------------------- HTML

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th",
    "tr", "ul",
))  # fmt: skip
_SILENT = frozenset(("script", "style", "noscript", "template", "iframe", "svg"))

_CHILD = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
import trafilatura
page = trafilatura.bare_extraction(
    sys.stdin.buffer.read().decode("utf-8"), with_metadata=True, include_comments=False, include_tables=True)
fields = ("title", "text", "date", "url", "sitename")
row = {field: getattr(page, field, None) for field in fields}
sys.stdout.buffer.write(json.dumps(row).encode("ascii"))
"""


def _page(text: str, label: str) -> dict[str, str | None]:
    """Return title, text, date, url and site name of a page; read in a child process so that it cannot hang."""
    for module in ("trafilatura", "lxml_html_clean"):
        if find_spec(module) is None:
            require(module, extra="feeds")
    command = [sys.executable, "-c", _CHILD, json.dumps(sys.path)]
    try:
        child = subprocess.run(
            command, input=text.encode("utf-8", "replace"), capture_output=True, timeout=_PAGE_SECONDS
        )
    except subprocess.TimeoutExpired as err:
        raise InputError(
            f"{label}: the page took more than {_PAGE_SECONDS} s to read; expected an article; save its text as .txt"
        ) from err
    if child.returncode:
        reason = child.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise InputError(f"{label}: the page cannot be read: {_shorten(reason)}; save its text as .txt")
    return {"title": None, "text": None, **json.loads(child.stdout)}


def _plain_text(value: str, kind: str) -> str:
    """Return the text of an HTML fragment with its paragraphs on lines; other text as it is.

    :param kind: the MIME type that the feed declares; some declare plain text and send tags.
    """
    if "html" not in kind and not re.search(r"</?[A-Za-z]", value):
        return value.strip()
    if not value.strip():
        return ""
    html = require("lxml.html", extra="feeds")
    etree = require("lxml.etree", extra="feeds")
    root = html.fragment_fromstring(value, create_parent="div")
    pieces: list[str] = []
    silent = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = node.tag if isinstance(node.tag, str) else ""
        silent += (event == "start" and tag in _SILENT) - (event == "end" and tag in _SILENT)
        if tag in _BLOCKS:
            pieces.append("\n")
        words = node.text if event == "start" else node.tail
        if words and not silent:
            pieces.append(re.sub(r"\s+", " ", words))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _with_title(title: str, body: str) -> str:
    title, body = title.strip(), body.strip()
    if not title or body.partition("\n")[0].strip() == title:
        return body
    return f"{title}\n{body}".strip()


# ------------------------------------------------------------------------------------------------------- helpers


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _one_line(message: str) -> str:
    return " ".join(message.split())


def _shorten(message: str, limit: int = 120) -> str:
    return message if len(message) <= limit else message[:limit] + "…"
