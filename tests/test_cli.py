from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nlp import __version__, cli
from nlp.errors import InputError, ModelError
from nlp.records import Analysis, Article, ModelInfo, sha256
from nlp.text import detect_language

ARTICLES = Path(__file__).parent / "articles"
PROSE = "聯準會升息一碼,銀行股走高;外資連三天買超,法人估全年獲利年增一成二,但短線漲多,不宜追價。"


class PlainReader:
    """A reader that finds nothing: what is tested here is how the command treats articles, not what is in them."""

    def read_all(
        self,
        articles: Iterable[Article],
        *,
        tokens: bool = False,
        timings: bool = False,
        on_error: Callable[[Article, Exception], None],
    ) -> Iterator[Analysis]:
        ahead = list(self._good(articles, on_error))
        for article in ahead:
            yield Analysis(
                id=article.id,
                language=article.language or detect_language(article.text),
                characters=len(article.text),
                text_sha256=sha256(article.text),
                model=ModelInfo(None, None, "none", __version__),
                published=article.published,
                meta={**article.meta, "markdown": article.markdown},
                tokens=((0, 1),) if tokens else None,
                timings_ms={"sections": 0.5} if timings else None,
            )

    def _good(self, articles: Iterable[Article], on_error: Callable[[Article, Exception], None]) -> Iterator[Article]:
        for article in articles:
            if article.id == "long":
                on_error(article, InputError("article 'long' has 5,000,000 characters; expected at most 1,000,000"))
            elif article.id == "bug":
                on_error(article, ZeroDivisionError("division\nby zero"))
            else:
                yield article


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[cli.Settings]:
    """Replace the reader; the list holds the settings of each that was made."""
    made: list[cli.Settings] = []

    def reader(settings: cli.Settings) -> PlainReader:
        made.append(settings)
        return PlainReader()

    monkeypatch.setattr(cli, "_reader", reader)
    return made


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def rows(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def rejects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.err.splitlines()]


def weiji(*arguments: str | Path, stdin: str | bytes = b"") -> Result:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments], input=data)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Result(result.exit_code, result.stdout, result.stderr)


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# ------------------------------------------------------------------------------------------------------ what it prints


def test_a_file_is_one_line_of_json_when_nobody_watches(asked: list[cli.Settings]) -> None:
    result = weiji("analyse", ARTICLES / "demo_zh.txt")
    assert (result.code, result.err) == (0, "")
    (row,) = result.rows
    assert (row["schema"], row["id"], row["language"]) == ("weiji/1", "demo_zh", "zh-Hant-TW")
    assert "tokens" not in row
    assert Analysis.from_json(result.out).characters == len((ARTICLES / "demo_zh.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_standard_input_is_text(asked: list[cli.Settings], arguments: tuple[str, ...]) -> None:
    (row,) = weiji("analyse", *arguments, stdin=PROSE).rows
    assert (row["id"], row["characters"]) == ("stdin", len(PROSE))


def test_standard_input_is_json_lines_where_it_starts_with_a_brace(asked: list[cli.Settings]) -> None:
    lines = "".join(json.dumps({"id": name, "text": PROSE, "desk": "FX"}) + "\n" for name in "ab")
    rows = weiji("analyse", stdin=lines).rows
    assert [(row["id"], row["meta"]) for row in rows] == [(n, {"desk": "FX", "markdown": False}) for n in "ab"]


@pytest.mark.parametrize(
    ("encoding", "text", "language"),
    [
        ("big5", PROSE, "zh-Hant-TW"),
        ("gb18030", "央行降准半个百分点,银行股普遍上涨;机构认为短线涨幅过大,不宜追高。", "zh-Hans"),
        ("utf-8", "Revenue rose 24%, and we would still wait.", "en"),
    ],
)
def test_other_encodings_and_languages(asked: list[cli.Settings], encoding: str, text: str, language: str) -> None:
    (row,) = weiji("analyse", stdin=text.encode(encoding)).rows
    assert (row["language"], row["characters"]) == (language, len(text))
    codes = [notice["code"] for notice in row["warnings"]]  # type: ignore[attr-defined]
    assert codes == ([] if encoding == "utf-8" else ["decoded_as"])


def test_json_is_an_object_for_one_article_and_a_list_for_many(asked: list[cli.Settings], tmp_path: Path) -> None:
    one, two = ARTICLES / "demo_zh.txt", ARTICLES / "demo_en.txt"
    assert json.loads(weiji("analyse", "--format", "json", one).out)["id"] == "demo_zh"
    assert [row["id"] for row in json.loads(weiji("analyse", "--format", "json", one, two).out)] == [
        "demo_zh",
        "demo_en",
    ]
    none = write(tmp_path, "wire.csv", "id,text\n")
    assert json.loads(weiji("analyse", "--format", "json", none).out) == []


def test_text_is_a_page(asked: list[cli.Settings]) -> None:
    result = weiji("analyse", "--format", "text", "--timings", ARTICLES / "demo_en.txt")
    assert "demo_en · English" in result.out
    assert "sections 0.5 ms" in result.out


def test_options_reach_the_reader(asked: list[cli.Settings], tmp_path: Path) -> None:
    table = write(tmp_path, "names.tsv", "# columns: name\n")
    result = weiji(
        "analyse", "--no-model", "--lexicon", table, "--max-characters", "9", "--tokens", "--timings", "--markdown",
        "--language", "zh-Hant-HK", "--published", "2026-02-06", "-", stdin=PROSE,
    )  # fmt: skip
    (row,) = result.rows
    assert (row["language"], row["published"], row["tokens"]) == ("zh-Hant-HK", "2026-02-06", [[0, 1]])
    assert row["meta"] == {"markdown": True}
    assert [(one.model, one.lexicon, one.max_characters) for one in asked] == [(None, table, 9)]


def test_hints_do_not_overrule_what_an_article_says(asked: list[cli.Settings]) -> None:
    line = json.dumps({"id": "a", "text": PROSE, "published": "2025-01-02"})
    (row,) = weiji("analyse", "--published", "2026-02-06", stdin=line).rows
    assert row["published"] == "2025-01-02"


# -------------------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("empty.txt", b"", "is empty"),
        ("report.txt", b"%PDF-1.7", "is a PDF document"),
        ("noise.txt", b"\0\1\2", "NUL byte"),
        ("wrong.csv", b"name,body\n", "no column id"),
        ("deck.pptx", b"PK", ".pptx files are not read"),
        ("gone.txt", None, "no such file"),
        ("wire.json", b'[{"id": "a"}]', "expected .jsonl, one object a line; jq -c '.[]'"),
        ("wire.jsonl", b'[{"id": "a"}]', "is a JSON array"),
        ("wire.txt", b"\x1f\x8b\x08", "is a gzip archive; expected text"),
        ("long.txt", b"x", "5,000,000 characters"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line_and_code_two(
    asked: list[cli.Settings], tmp_path: Path, name: str, data: bytes | None, expected: str
) -> None:
    path = tmp_path / name if data is None else write(tmp_path, name, data)
    result = weiji("analyse", path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"weiji: {path}: ")
    assert expected in result.err
    assert result.err.count("\n") == 1


def test_empty_standard_input_is_code_two(asked: list[cli.Settings]) -> None:
    result = weiji("analyse")
    assert (result.code, result.err) == (2, "weiji: stdin: is empty; expected an article; check how it was written\n")


def test_a_batch_sets_bad_articles_aside_and_does_the_rest(asked: list[cli.Settings], tmp_path: Path) -> None:
    lines = [
        {"id": "a", "text": PROSE}, {"text": "no id"}, {"id": "s", "text": "\ud800"},
        {"id": "m", "text": "x", "k": "\udfff"}, {"id": "long", "text": "x"},
        {"id": "bug", "text": "x"}, {"id": "z", "text": PROSE},
    ]  # fmt: skip
    path = write(tmp_path, "wire.jsonl", "\n".join(map(json.dumps, lines)))
    result = weiji("analyse", path)
    assert result.code == 1
    assert [row["id"] for row in result.rows] == ["a", "z"]
    assert [(row["id"], row["line"], row["error"]) for row in result.rejects] == [
        (None, 2, "InputError"), ("s", 3, "InputError"), ("m", 4, "InputError"), ("long", 5, "InputError"),
        ("bug", 6, "ZeroDivisionError"),
    ]  # fmt: skip
    assert {row["source"] for row in result.rejects} == {str(path)}


def test_an_unreadable_file_among_many_is_set_aside(asked: list[cli.Settings], tmp_path: Path) -> None:
    empty = write(tmp_path, "empty.txt", b"")
    result = weiji("analyse", empty, ARTICLES / "demo_en.txt")
    assert result.code == 1
    assert [row["id"] for row in result.rows] == ["demo_en"]
    assert [(row["source"], row["line"], row["error"]) for row in result.rejects] == [(str(empty), None, "InputError")]


def test_a_bug_with_one_article_is_not_hidden(asked: list[cli.Settings], tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        weiji("analyse", write(tmp_path, "bug.txt", "x"))


def test_a_model_that_cannot_be_used_stops_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    def reader(_: cli.Settings) -> PlainReader:
        raise ModelError("model 'large' is neither a folder\nnor a name")

    monkeypatch.setattr(cli, "_reader", reader)
    result = weiji("analyse", "--model", "large", ARTICLES / "demo_en.txt", ARTICLES / "demo_zh.txt")
    assert (result.code, result.out, result.err) == (2, "", "weiji: model 'large' is neither a folder nor a name\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["analyse", "--language", "fr", "-"], "weiji: --language: found 'fr'; expected one of zh-Hant-TW"),
        (["analyse", "--published", "soon", "-"], "weiji: --published: found 'soon'; expected an ISO date"),
        (
            ["analyse", "--format", "xml", "-"],
            "weiji: Invalid value for '--format': 'xml' is not one of 'text', 'json', 'jsonl'; weiji --help",
        ),
        (["analyse", "--max-characters", "0", "-"], "weiji: Invalid value for '--max-characters'"),
        (["analyse", "--bogus"], "weiji: No such option: --bogus"),
        (["divine"], "weiji: No such command 'divine'"),
    ],
)
def test_wrong_usage_is_one_line_and_code_two(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x")))
    assert cli.run(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(expected)


def test_an_interrupt_is_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def reader(_: cli.Settings) -> PlainReader:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_reader", reader)
    result = weiji("analyse", ARTICLES / "demo_en.txt")
    assert (result.code, result.out, result.err) == (130, "", "")


# --------------------------------------------------------------------------------------------------- other commands


def test_version_help_and_schema() -> None:
    assert weiji("--version").out == f"weiji {__version__}\n"
    assert "analyse" in weiji().out
    schema = json.loads(weiji("schema").out)
    assert (schema["$id"], "Article" in schema["$defs"]) == ("weiji/1", True)


def test_models_lists_what_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nlp import registry

    folder = tmp_path / "small"
    folder.mkdir()
    write(folder, "config.json", "{}")
    registry.register(folder, version="3", licence="MIT")
    monkeypatch.setattr(registry, "_PLACES", (tmp_path,))
    result = weiji("models", "--verify")
    assert result.code == 0
    assert result.out.split()[:5] == ["small@3", "0.0", "MB", "MIT", result.out.split()[4]]
    assert result.out.rstrip().endswith(str(folder))
    write(folder, "config.json", "[]")
    result = weiji("models", "--verify")
    assert (result.code, result.err.startswith("weiji: "), result.err.count("\n")) == (2, True, 1)


# ------------------------------------------------------------------------------------------------ as a real process


def process(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "nlp.cli", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, env={**os.environ, **environment})


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from nlp import cli; cli.run(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = done.stderr.decode()
    for heavy in ("numpy", "onnxruntime", "opencc", "pydantic", "rich", "spacy", "torch", "jieba"):
        assert f"'{heavy}'" not in loaded


def test_an_error_in_a_process_is_one_line_without_a_traceback() -> None:
    done = process("analyse", "nowhere.txt")
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        "weiji: nowhere.txt: no such file; expected a file or -; check the name"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="redirections of a POSIX shell")
@pytest.mark.parametrize(
    ("redirection", "expected"),
    [
        ("<&-", "weiji: standard input is closed; expected text or JSON Lines; name a FILE"),
        (">&-", "weiji: standard output is closed; expected a place to print to; redirect it, as in > FILE"),
        ("</dev/null", "weiji: stdin: is empty; expected an article; check how it was written"),
    ],
)
def test_a_closed_stream_is_one_line_without_a_traceback(redirection: str, expected: str) -> None:
    command = ["sh", "-c", f'"$0" -m nlp.cli analyse --no-model {redirection}', sys.executable]
    done = subprocess.run(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    assert (done.returncode, done.stderr.decode().splitlines()) == (2, [expected])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_one_line_without_a_traceback() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "nlp.cli", "schema"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.decode().count("\n")) == (2, 1)
    assert done.stderr.startswith(b"weiji: standard output: No space left on device; expected room to write")


def test_a_whole_run_without_a_model(tmp_path: Path) -> None:
    done = process("analyse", "--no-model", "--timings", ARTICLES / "demo_zh.txt", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    analysis = Analysis.from_json(done.stdout)
    analysis.check((ARTICLES / "demo_zh.txt").read_bytes().decode())
    assert analysis.stance is None
    assert {"2395.TW", "NVDA"} <= {entity.ticker for entity in analysis.entities}
    assert {"18240000000", "210000000000"} <= {figure.value for figure in analysis.figures}
    assert analysis.timings_ms is not None


def test_a_whole_run_over_a_pipe_of_json_lines() -> None:
    english = (ARTICLES / "demo_en.txt").read_text(encoding="utf-8")
    lines = [{"id": "a", "text": english}, {"id": "b", "text": ""}, {"id": "c", "text": english, "desk": "US"}]
    done = process("analyse", "--no-model", stdin="\n".join(map(json.dumps, lines)).encode())
    assert done.returncode == 1
    one, two = (Analysis.from_json(line) for line in done.stdout.splitlines())
    assert (one.id, one.language, two.id, two.meta) == ("a", "en", "c", {"desk": "US"})
    assert one.figures == two.figures
    (reject,) = (json.loads(line) for line in done.stderr.splitlines())
    assert (reject["id"], reject["line"]) == ("b", 2)


def test_json_is_utf_8_whatever_the_locale_says() -> None:
    done = process("schema", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert json.loads(done.stdout.decode("utf-8"))["$id"] == "weiji/1"


ENDLESS = """
import sys
from nlp import cli
from nlp.records import Analysis, ModelInfo, sha256

@cli.app.command()
def endless(form: cli.Form) -> None:
    text = "x" * 4096
    analysis = Analysis("a", "en", len(text), sha256(text), ModelInfo(None, None, "x", "0"), meta={"long": text})
    with cli._reported(), cli._printer(form, batch=True) as put:
        while True:
            put(analysis, text, analysis.to_json())

sys.exit(cli.run(["endless", *sys.argv[1:]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of a POSIX shell")
@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_a_reader_who_leaves_early_is_no_error(form: str) -> None:
    command = [sys.executable, "-c", ENDLESS, form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 141


def test_the_users_words_are_kept_whole(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("低軌衛星網\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text("公司布局低軌衛星網。", encoding="utf-8")
    command = [sys.executable, "-m", "nlp.cli", "analyse", str(tmp_path / "a.txt"), "--no-model", "--tokens"]
    done = subprocess.run([*command, "--words", str(tmp_path / "words.txt")], capture_output=True, check=True)
    assert [4, 9] in json.loads(done.stdout)["tokens"]
    missing = subprocess.run([*command, "--words", "nowhere.txt"], capture_output=True, check=False)
    assert missing.returncode == 2
    assert missing.stderr.decode().strip().startswith("weiji: nowhere.txt: no such file")
