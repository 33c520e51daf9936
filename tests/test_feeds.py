from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.errors import InputError, MissingExtra
from nlp.feeds import Format, Reading, Reject, decode, format_of, read_articles, stream_format

ARTICLES = Path(__file__).parent / "articles"
PROSE = "聯準會升息一碼,銀行股走高;外資連三天買超,法人估全年獲利年增一成二,但短線漲多,不宜追價。"
SIMPLIFIED = "央行降准半个百分点,银行股普遍上涨;机构认为全年净利增速约一成,短线涨幅过大,不宜追高。"
ENGLISH = "The carrier’s margin — “superb”, it says — fell 5% to £3.4m; café sales rose, and we would still wait."


def readings(path: Path) -> list[Reading]:
    found = list(read_articles(path))
    assert all(isinstance(item, Reading) for item in found)
    return [item for item in found if isinstance(item, Reading)]


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# ------------------------------------------------------------------------------------------------ one article


def test_text_is_one_article_named_after_its_file() -> None:
    (reading,) = readings(ARTICLES / "demo_zh.txt")
    assert reading.article.id == "demo_zh"
    assert reading.article.text == (ARTICLES / "demo_zh.txt").read_bytes().decode()
    assert reading.raw_sha256 == hashlib.sha256((ARTICLES / "demo_zh.txt").read_bytes()).hexdigest()
    assert (reading.article.markdown, reading.notices, reading.line) == (False, (), None)


def test_markdown_says_so(tmp_path: Path) -> None:
    (reading,) = readings(write(tmp_path, "note.md", f"# 評論\n\n{PROSE}"))
    assert reading.article.markdown


def test_line_ends_are_kept_as_given(tmp_path: Path) -> None:
    (reading,) = readings(write(tmp_path, "dos.txt", f"標題\r\n\r\n{PROSE}\r\n"))
    assert reading.article.text == f"標題\r\n\r\n{PROSE}\r\n"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (PROSE, "utf-8", None),
        (PROSE, "utf-8-sig", None),
        (PROSE, "utf-16", "UTF-16"),
        (PROSE, "big5", "Big5 (CP950)"),
        (PROSE, "cp950", "Big5 (CP950)"),
        ("恒生指數跌兩厘,佢哋話聯儲局會減息,港元拆息抽升嘅機會好大。", "big5hkscs", "Big5 (HKSCS)"),
        (PROSE, "gb18030", "GB 18030"),
        (SIMPLIFIED, "gbk", "GB 18030"),
        (ENGLISH, "cp1252", "Windows-1252"),
        ("Revenue rose 24%.", "ascii", None),
        ("輝達財報", "cp950", "Big5 (CP950)"),
    ],
)
def test_decode_reads_the_encodings_of_the_trade(text: str, encoding: str, named: str | None) -> None:
    got, notices = decode(text.encode(encoding))
    assert got == text
    assert [notice.code for notice in notices] == (["decoded_as"] if named else [])
    assert named is None or named in notices[0].message


def test_decode_survives_a_few_bad_bytes_and_says_so() -> None:
    data = (PROSE * 3).encode()
    cut = len(PROSE[:30].encode())
    got, notices = decode(data[:cut] + b"\xff" + data[cut:])
    assert got == PROSE[:30] + "\ufffd" + (PROSE * 3)[30:]
    assert [notice.code for notice in notices] == ["undecodable_bytes"]
    assert notices[0].message.startswith("1 place is not UTF-8")


def test_decode_survives_a_bad_byte_in_big5() -> None:
    got, notices = decode((PROSE * 5).encode("cp950") + b"\xff\xff")
    assert got.startswith(PROSE * 5)
    assert [notice.code for notice in notices] == ["decoded_as", "undecodable_bytes"]


def test_decode_keeps_a_replacement_character_that_was_in_the_text() -> None:
    assert decode(f"{PROSE}\ufffd".encode()) == (f"{PROSE}\ufffd", ())


def test_decode_refuses_what_is_no_text() -> None:
    noise = bytes(128 + (7 * i * i + 13 * i) % 128 for i in range(2_000))
    with pytest.raises(InputError, match="not text in UTF-8"):
        decode(noise)


def test_decode_reads_a_book() -> None:
    assert decode(PROSE.encode("big5") * 4_000)[0] == PROSE * 4_000
    assert decode(b"a" * 1_000_000 + b"\xe9")[0] == "a" * 1_000_000 + "é"
    with pytest.raises(InputError):
        decode(b"\xff" * 1_000_000)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\n ", "is empty"),
        ("wide.txt", "\u3000\n".encode(), "only white space"),
        ("report.txt", b"%PDF-1.7\n", "is a PDF document"),
        ("sheet.txt", b"PK\x03\x04....", "is a ZIP archive"),
        ("chart.md", b"\x89PNG\r\n\x1a\n", "is a PNG image"),
        ("tool.txt", b"MZ\x90\0\x03", "is a program"),
        ("nul.txt", b"text\0text", "NUL byte at 4"),
        ("utf16.txt", PROSE.encode("utf-16-le") + "AB".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        ("empty.jsonl", b"\n\n", "is empty"),
        ("empty.csv", b"", "is empty"),
        ("wrong.csv", "編號,內文\n1,甲\n".encode(), "no column id and no column text; found 編號, 內文"),
        ("half.tsv", b"id\tbody\n1\ta\n", "no column text; found id, body"),
        ("letter.docx", b"PK", ".docx files are not read"),
    ],
)
def test_unreadable_files_are_refused_in_one_line(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    path = write(tmp_path, name, data)
    with pytest.raises(InputError) as caught:
        list(read_articles(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "wire.txt").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        list(read_articles(tmp_path / "wire.txt"))
    with pytest.raises(InputError, match="no such file"):
        list(read_articles(tmp_path / "nothing.txt"))


def test_formats_are_told_by_suffix() -> None:
    assert [format_of(Path(name)) for name in ("A.TXT", "a.markdown", "a.b.ndjson", "a.atom", "/dev/fd/63")] == [
        "text", "markdown", "jsonl", "feed", "text",
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------- JSON Lines


def test_jsonl_sets_bad_lines_aside_and_reads_the_rest(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "text": "營收年增 24%", "desk": "半導體", "beta": NaN, "far": -1e999}',
        '{"id": "b", "text": ',
        "",
        '{"text": "no id"}',
        '{"id": "c"}',
        '{"id": "d", "text": "\\ud83d"}',
        '{"id": "e", "text": "fine", "note": "\\udc00"}',
        '["f"]',
        '{"id": 7, "text": "a number is a name", "published": "2026-02-06"}',
        '{"id": "g", "text": "x", "published": "yesterday"}',
        '{"id": "h", "text": ' + "[" * 200_000,
        '{"id": "i", "text": "x", "deep": ' + "[" * 980 + "]" * 980 + "}",
        '{"id": "j", "text": "x", "long": ' + "9" * 9_000 + "}",
    ]
    found = list(read_articles(write(tmp_path, "wire.jsonl", "\n".join(lines))))
    assert [(type(item).__name__, item.line) for item in found] == [
        ("Reading", 1), ("Reject", 2), ("Reject", 4), ("Reject", 5), ("Reject", 6), ("Reject", 7), ("Reject", 8),
        ("Reading", 9), ("Reject", 10), ("Reject", 11), ("Reject", 12), ("Reject", 13),
    ]  # fmt: skip
    assert [item.id for item in found if isinstance(item, Reject)] == [
        None, None, "c", "d", "e", None, "g", None, None, None,
    ]  # fmt: skip
    first = found[0]
    assert isinstance(first, Reading)
    assert first.article.meta == {"desk": "半導體", "beta": None, "far": None}


def test_a_reject_is_one_line_of_json_with_the_digest_of_its_bytes(tmp_path: Path) -> None:
    line = '{"id": "\\ud800", "text": "x"}'
    (reject,) = read_articles(write(tmp_path, "wire.jsonl", line + "\r\n"))
    assert isinstance(reject, Reject)
    row = json.loads(reject.to_json().encode("ascii"))
    assert list(row) == ["id", "source", "line", "error", "message", "raw_sha256"]
    assert (row["line"], row["error"]) == (1, "InputError")
    assert row["raw_sha256"] == hashlib.sha256(line.encode()).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp950", "gb18030"])
def test_jsonl_may_be_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    rows = "\n".join(json.dumps({"id": str(n), "text": PROSE}, ensure_ascii=False) for n in range(3))
    found = readings(write(tmp_path, "wire.jsonl", rows.encode(encoding)))
    assert [(item.article.id, item.article.text) for item in found] == [("0", PROSE), ("1", PROSE), ("2", PROSE)]


def test_a_stream_is_json_lines_where_it_starts_with_a_brace() -> None:
    (one,) = read_articles(io.BytesIO(b' \n{"id": "a", "text": "b"}'))
    (two,) = read_articles(io.BytesIO(PROSE.encode("cp950")))
    assert isinstance(one, Reading)
    assert (one.article.id, one.source, one.line) == ("a", "stdin", 2)
    assert isinstance(two, Reading)
    assert (two.article.id, two.article.text, two.notices[0].code) == ("stdin", PROSE, "decoded_as")


@pytest.mark.parametrize("array", ['[{"id": "a", "text": "b"}]', '\n[\n {"id": "a"},\n {"id": "b"}\n]\n'])
def test_an_array_is_refused_with_what_makes_lines_of_it(array: str) -> None:
    stream = io.BytesIO(array.encode())
    assert stream_format(stream) == "jsonl"
    with pytest.raises(InputError, match=r"is a JSON array; expected one object a line.*jq -c"):
        list(read_articles(stream))


def test_prose_in_brackets_is_no_array() -> None:
    assert stream_format(io.BytesIO("[快訊] 聯準會升息".encode())) == "text"


def test_a_name_that_is_not_utf_8_still_gives_an_id(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    try:
        path.write_text("Shares of Gap rose 4%.", encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("this file system has only names in UTF-8")
    (reading,) = read_articles(path)
    assert isinstance(reading, Reading)
    assert reading.article.id == "caf\ufffd"


def test_a_stream_is_left_open() -> None:
    stream = io.BytesIO(PROSE.encode())
    list(read_articles(stream))
    assert not stream.closed


# ------------------------------------------------------------------------------------------------------ tables


def test_csv_reads_quoted_text_and_keeps_other_columns(tmp_path: Path) -> None:
    rows = 'id,text,desk\r\na,"第一段,有逗號\r\n第二段說「""貴""」",台股\r\n\r\nb,短評,\r\n'
    one, two = readings(write(tmp_path, "wire.csv", rows))
    assert one.article.text == '第一段,有逗號\r\n第二段說「"貴"」'
    assert (one.article.meta, one.line) == ({"desk": "台股"}, 2)
    assert (two.article.id, two.line) == ("b", 5)


def test_csv_sets_crooked_rows_aside(tmp_path: Path) -> None:
    rows = 'id,text\na,fine\nb,one,two\nc\n,no id\nd,"never closed\ne,swallowed\n'
    found = list(read_articles(write(tmp_path, "wire.csv", rows)))
    assert [(type(item).__name__, item.line) for item in found] == [
        ("Reading", 2), ("Reject", 3), ("Reject", 4), ("Reject", 5), ("Reject", 6),
    ]  # fmt: skip
    last = found[-1]
    assert isinstance(last, Reject)
    assert last.raw_sha256 == hashlib.sha256(b'd,"never closed\ne,swallowed').hexdigest()


def test_csv_cells_may_be_long_and_the_limit_of_the_process_stays(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    long = "漲" * 300_000
    (reading,) = readings(write(tmp_path, "wire.csv", f"id,text\na,{long}\n"))
    assert reading.article.text == long
    assert csv.field_size_limit() == before


def test_tsv_is_read_by_tabs(tmp_path: Path) -> None:
    (reading,) = readings(write(tmp_path, "wire.tsv", "id\ttext\na\t一,二\n"))
    assert reading.article.text == "一,二"


def test_parquet_gives_rows_with_their_other_columns_as_json(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    from datetime import datetime

    rows = [
        {"id": "a", "text": PROSE, "published": datetime(2026, 2, 6, 8, 30), "beta": float("nan")},
        {"id": None, "text": "no id", "published": None, "beta": 1.5},
    ]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "wire.parquet")
    one, two = read_articles(tmp_path / "wire.parquet")
    assert isinstance(one, Reading)
    assert (one.article.published, one.article.meta) == ("2026-02-06T08:30:00", {"beta": None})
    assert isinstance(two, Reject)
    assert (two.line, two.id) == (2, None)


def test_parquet_that_is_none_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match="not a Parquet file"):
        list(read_articles(write(tmp_path, "wire.parquet", b"id,text\n")))


# ------------------------------------------------------------------------------------------------- any bytes at all


_BYTES = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(alphabet='{}[]":,idtexta\\u8\n\t 漲跌', max_size=120).map(lambda text: ('{"id' + text).encode()),
    st.text(alphabet='id,text"\n\r 漲跌', max_size=120).map(lambda text: ("id,text\n" + text).encode()),
)


@given(data=_BYTES, kind=st.sampled_from(["text", "markdown", "jsonl", "csv", "tsv"]))
def test_any_bytes_give_readings_rejects_or_one_input_error(data: bytes, kind: Format) -> None:
    found: list[Reading | Reject] = []
    with contextlib.suppress(InputError):
        found += read_articles(io.BytesIO(data), kind=kind)
    for item in found:
        if isinstance(item, Reading):
            item.article.text.encode()
            json.dumps(dict(item.article.meta), allow_nan=False, ensure_ascii=False).encode()
        else:
            assert "\n" not in item.to_json()


# ------------------------------------------------------------------------------------------------ feeds and pages


def test_rss_entries_are_articles_with_title_first_and_no_markup() -> None:
    pytest.importorskip("feedparser")
    pytest.importorskip("lxml.html")
    one, two, three = read_articles(ARTICLES / "feed.xml")
    assert isinstance(one, Reading)
    assert one.article.id == "hw-1041"
    assert one.article.text.split("\n") == [
        "Box rates slip for a sixth week",
        "Spot rates from Asia to Europe fell 4% to $1,930 a box.",
        "Carriers idle more ships; we would still wait.",
    ]
    assert (one.article.published, one.article.source) == ("2026-03-16T22:30:00+00:00", "Harbour Wire")
    assert isinstance(two, Reading)
    assert two.article.text == "散裝運價 < 一年低點?\nBDI 收在 1,105 點,跌 2.4%。"
    assert two.article.published is None
    assert isinstance(three, Reject)
    assert "no title and no text" in three.message


def test_xml_that_is_no_feed_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("feedparser")
    with pytest.raises(InputError, match="neither RSS nor Atom"):
        list(read_articles(write(tmp_path, "data.xml", "<rows><row/></rows>")))


def test_html_is_its_title_and_its_paragraphs() -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("lxml_html_clean")
    (reading,) = readings(ARTICLES / "page.html")
    lines = reading.article.text.split("\n")
    assert lines[:2] == ["航材庫存見底,維修廠先喊缺料", lines[1]]
    assert lines[1].startswith("亞洲維修廠三月的訂單")
    assert "漲價之後呢?" in lines
    assert "但現在的股價已經反映了大半,追高" in reading.article.text
    assert not {"首頁", "不是文章", "聯絡我們"} & set(reading.article.text.replace(" ", "\n").split("\n"))
    assert (reading.article.published, reading.article.source) == ("2026-03-17", "翼報")


def test_html_believes_the_encoding_it_declares(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("lxml_html_clean")
    page = (ARTICLES / "page.html").read_text(encoding="utf-8").replace('charset="utf-8"', 'charset="big5"')
    (reading,) = readings(write(tmp_path, "page.html", page.encode("big5")))
    assert "發動機葉片的交期" in reading.article.text
    assert [notice.code for notice in reading.notices] == ["decoded_as"]


def test_a_page_without_an_article_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("lxml_html_clean")
    with pytest.raises(InputError, match="no article found"):
        list(read_articles(write(tmp_path, "page.html", "<html><body></body></html>")))


def test_a_page_that_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("lxml_html_clean")
    monkeypatch.setattr("nlp.feeds._PAGE_SECONDS", 0.01)
    with pytest.raises(InputError, match=r"took more than 0\.01 s"):
        list(read_articles(write(tmp_path, "page.html", "<div>" * 1_000)))


@pytest.mark.parametrize(("name", "module"), [("page.html", "trafilatura"), ("feed.xml", "feedparser")])
def test_a_missing_extra_names_the_command(monkeypatch: pytest.MonkeyPatch, name: str, module: str) -> None:
    import importlib
    import sys

    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("nlp.feeds.find_spec", lambda _: None)
    monkeypatch.setattr(importlib, "import_module", _without(module, importlib.import_module))
    with pytest.raises(MissingExtra, match=r"pip install 'weiji\[feeds\]'"):
        list(read_articles(ARTICLES / name))


def _without(module: str, real: object) -> object:
    def import_module(name: str) -> object:
        if name == module:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name)  # type: ignore[operator]

    return import_module
