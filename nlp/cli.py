"""The command ``weiji``: articles from files or standard input → pages, or JSON.

Exit codes: 0 done; 1 some articles were set aside (one JSON line each on standard error, the rest is done); 2 usage or
unreadable input (one line on standard error). Everything heavy is imported inside the commands, so that help is quick.
"""

from __future__ import annotations

import io
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import __version__
from .errors import InputError, ModelError, NLPError

if TYPE_CHECKING:
    from .analysis import Reader
    from .feeds import Format, Reading, Reject
    from .records import Analysis, Article, Language

__all__ = ["app", "main", "run"]

_STDIN = Path("-")
_BROKEN_PIPE, _INTERRUPTED = 141, 130  # as a shell reports the signals

app = typer.Typer(
    name="weiji",
    help="Read financial commentary in Traditional Chinese and English: names, figures, and the advice.",
    add_completion=False,
    rich_markup_mode=None,  # plain help: does not import rich
    pretty_exceptions_enable=False,
)


class Form(StrEnum):
    """How an analysis is printed."""

    text = "text"
    json = "json"
    jsonl = "jsonl"


_INDENT = {Form.json: 2, Form.jsonl: None}


@dataclass(frozen=True, slots=True)
class Settings:
    """What `weiji analyse` was asked for, beside the files."""

    form: Form
    model: str | None = "default"
    lexicon: Path | None = None
    words: Path | None = None
    language: Language | None = None
    published: str | None = None
    tokens: bool = False
    timings: bool = False
    markdown: bool = False
    max_characters: int = 1_000_000


# ------------------------------------------------------------------------------------------------------- commands


@app.callback(invoke_without_command=True)
def _weiji(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        typer.echo(f"weiji {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def analyse(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="txt, md or html: one article; jsonl, csv, tsv, parquet, xml, rss or atom: many; "
            "- or nothing: standard input, text or JSON Lines.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="text on a terminal, otherwise jsonl.", show_default=False),
    ] = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Add the words.")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Add the milliseconds of each step.")] = False,
    model: Annotated[str, typer.Option("--model", metavar="NAME|PATH", help="The model to read with.")] = "default",
    no_model: Annotated[bool, typer.Option("--no-model", help="Rules and tables only: no stance.")] = False,
    language: Annotated[
        str | None, typer.Option("--language", help="Of articles that do not say, as zh-Hant-TW or en.")
    ] = None,
    published: Annotated[
        str | None, typer.Option("--published", metavar="DATE", help="Of articles that do not say, as 2026-02-06.")
    ] = None,
    lexicon: Annotated[
        Path | None, typer.Option("--lexicon", metavar="FILE", help="A table of names to know besides our own.")
    ] = None,
    words: Annotated[
        Path | None, typer.Option("--words", metavar="FILE", help="Words that --tokens keeps whole, one a line.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Read text as Markdown, as .md files are.")] = False,
    max_characters: Annotated[
        int, typer.Option("--max-characters", metavar="N", min=1, help="Of one article.")
    ] = 1_000_000,
) -> None:
    """Read articles: names, figures, warning or opportunity."""
    with _reported():
        settings = Settings(
            form=form or (Form.text if sys.stdout.isatty() else Form.jsonl),
            model=None if no_model else model,
            lexicon=lexicon,
            words=words,
            language=_language(language),
            published=_published(published),
            tokens=tokens,
            timings=timings,
            markdown=markdown,
            max_characters=max_characters,
        )
        set_aside = _analyse(files or [_STDIN], settings)
    if set_aside:
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """Print the JSON Schema of an analysis and an article."""
    import json

    from .records import json_schema

    with _reported():
        _print_line(json.dumps(json_schema(), ensure_ascii=False, indent=2))


@app.command()
def models(
    verify: Annotated[bool, typer.Option("--verify", help="Read every byte and compare the digests.")] = False,
) -> None:
    """List the models that are installed, and where."""
    from . import registry

    with _reported():
        found = registry.available()
        if not found:
            raise ModelError("no model is installed; expected a folder of models/registry.toml; install weiji again")
        for folder in found.values():
            known = registry.entry(folder)
            if known is not None:
                (registry.verify if verify else registry.check)(folder)
                size = sum(file.bytes for file in known.files.values()) / 1e6
                _print_line(f"{known.label:<20} {size:6.1f} MB  {known.licence:<12} {known.created}  {folder}")


# ------------------------------------------------------------------------------------------------------ analysing


def _analyse(files: list[Path], settings: Settings) -> int:
    """Read, analyse and print the articles of some files; return how many were set aside."""
    from .feeds import MANY, Reject, format_of, read_articles, stream_format

    sources: list[tuple[Path, Format]] = []
    for path in files:
        if path != _STDIN and not path.exists():
            raise InputError(f"{path}: no such file; expected a file or -; check the name")
        if path == _STDIN:
            if sys.stdin is None:
                raise InputError("standard input is closed; expected text or JSON Lines; name a FILE")
            if sys.stdin.isatty():
                typer.echo("weiji: reading standard input; end with Ctrl-D", err=True)
            sources.append((path, stream_format(sys.stdin.buffer)))
        else:
            sources.append((path, format_of(path)))
    batch = len(sources) > 1 or any(kind in MANY for _, kind in sources)

    set_aside = 0

    def put_aside(reject: Reject) -> None:
        nonlocal set_aside
        set_aside += 1
        typer.echo(reject.to_json(), err=True)

    def readings() -> Iterator[Reading]:
        for path, kind in sources:
            name = "stdin" if path == _STDIN else str(path)
            try:
                for item in read_articles(sys.stdin.buffer if path == _STDIN else path, name=name, kind=kind):
                    if isinstance(item, Reject):
                        put_aside(item)
                    else:
                        yield item
            except InputError as err:
                if len(sources) == 1:
                    raise
                put_aside(Reject(None, name, None, type(err).__name__, str(err), None))

    with _printer(settings.form, batch) as put:
        for reading, analysis in _analysed(readings(), settings, put_aside if batch else None):
            try:
                row = "" if settings.form is Form.text else analysis.to_json(indent=_INDENT[settings.form])
            except (RecursionError, ValueError) as err:  # what the user's own keys under meta may do to JSON
                if not batch:
                    raise InputError(f"{reading.source}: meta cannot be written as JSON: {err}") from err
                put_aside(reading.reject(err))
            else:
                put(analysis, reading.article.text, row)
    return set_aside


def _analysed(
    readings: Iterator[Reading], settings: Settings, put_aside: Callable[[Reject], None] | None
) -> Iterator[tuple[Reading, Analysis]]:
    """Yield articles with their analyses, in order.

    :param put_aside: gets the reject of each article that cannot be analysed; without it the error is raised.
    """
    # The reader takes articles ahead, so that their windows share a batch.
    waiting: deque[tuple[Article, Reading]] = deque()

    def articles() -> Iterator[Article]:
        for reading in readings:
            article = replace(
                reading.article,
                language=reading.article.language or settings.language,
                published=reading.article.published or settings.published,
                markdown=reading.article.markdown or settings.markdown,
            )
            waiting.append((article, reading))
            yield article

    def on_error(article: Article, err: Exception) -> None:
        at = next(number for number, (given, _) in enumerate(waiting) if given is article)
        reading = waiting[at][1]
        del waiting[at]
        if put_aside is not None:  # whatever one article does to us, the rest is still read
            put_aside(reading.reject(err))
        elif isinstance(err, NLPError):
            raise InputError(f"{reading.source}: {err}") from err
        else:
            raise err

    reader = _reader(settings)
    for analysis in reader.read_all(articles(), tokens=settings.tokens, timings=settings.timings, on_error=on_error):
        _, reading = waiting.popleft()
        yield reading, replace(analysis, warnings=(*reading.notices, *analysis.warnings))


def _reader(settings: Settings) -> Reader:
    from .analysis import Reader

    return Reader(
        model=settings.model,
        lexicon=settings.lexicon,
        words=settings.words,
        max_characters=settings.max_characters,
    )


def _language(given: str | None) -> Language | None:
    from .records import LANGUAGES

    for language in LANGUAGES:
        if given == language:
            return language
    if given is not None:
        raise InputError(f"--language: found {given!r}; expected one of {', '.join(LANGUAGES)}")
    return None


def _published(given: str | None) -> str | None:
    from .records import published_date

    if given is not None and published_date(given) is None:
        raise InputError(f"--published: found {given!r}; expected an ISO date such as 2026-02-06")
    return given


# -------------------------------------------------------------------------------------------------------- printing


@contextmanager
def _printer(form: Form, batch: bool) -> Iterator[Callable[[Analysis, str, str], None]]:
    """Give a function that prints one analysis (with its text and its JSON) after the other."""
    if form is Form.text:
        from rich.console import Console

        from .render import render

        console = Console(highlight=False)

        def put_page(analysis: Analysis, text: str, _: str) -> None:
            with console.capture() as page:
                render(analysis, text, console=console)
            _print(page.get())

        yield put_page
    elif form is Form.json and batch:
        before = "["

        def put(_: Analysis, __: str, row: str) -> None:
            nonlocal before
            _print(f"{before}\n{row}")
            before = ","

        yield put
        _print("[]\n" if before == "[" else "\n]\n")
    else:
        yield lambda _, __, row: _print_line(row)


def _print_line(line: str) -> None:
    _print(line + "\n")


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as err:
        _abandon_output()
        raise NLPError(f"standard output: {err.strerror}; expected room to write; print to another place") from err


def _abandon_output() -> None:
    """Send what is left of standard output nowhere, or Python complains when it flushes on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _reported() -> Iterator[None]:
    """Set up standard output, and turn what weiji raises on purpose into one line and exit code 2.

    Where nobody reads on, leave quietly.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:  # whatever the locale says: the next program reads it
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    try:
        if sys.stdout is None:
            raise NLPError("standard output is closed; expected a place to print to; redirect it, as in > FILE")
        yield
    except NLPError as err:
        typer.echo(f"weiji: {_one_line(str(err))}", err=True)
        raise typer.Exit(2) from err
    except BrokenPipeError as err:
        _abandon_output()
        raise typer.Exit(_BROKEN_PIPE) from err
    except KeyboardInterrupt as err:
        raise typer.Exit(_INTERRUPTED) from err


def _one_line(message: str) -> str:
    return " ".join(message.split())


# ------------------------------------------------------------------------------------------------------------ main


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    try:
        code = app(arguments, prog_name="weiji", standalone_mode=False)
    except typer.Abort:
        return _INTERRUPTED
    except Exception as err:
        # A mistake in the usage. Its class lives in another place in each version of the library: known by its method.
        if not hasattr(err, "format_message"):
            raise
        found = _one_line(err.format_message()).replace("Value error, ", "").rstrip(".")
        typer.echo(f"weiji: {found}; weiji --help says what is expected", err=True)
        return 2
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
