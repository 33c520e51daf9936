"""Analysis → a page in the terminal: the verdict first, then why, then the figures and who is named.

The page needs no colour to be understood (marks and words say the same), wraps instead of cutting, and prints nothing
of an article that a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from .records import (
    ENTITY_LABELS,
    STANCE_LABELS,
    Analysis,
    Entity,
    EntityLabel,
    Figure,
    HoldingStance,
    Language,
    SectionStance,
    Stance,
    StanceLabel,
)

__all__ = ["readable", "render"]

_WIDEST = 112  # columns: longer lines are hard to follow
_ROOMY = 100  # columns: below, the period of a figure shares a column with its role
_BAR = 20
_STYLES: dict[StanceLabel, str] = {"warning": "yellow", "opportunity": "cyan", "mixed": "magenta", "neutral": "dim"}
_VERDICTS: dict[StanceLabel, str] = {
    "warning": "the reader is told to cut, avoid or wait",
    "opportunity": "the reader is told to buy, add or keep",
    "mixed": "a reason for caution and a reason to buy both stand",
    "neutral": "the reader is told facts, not what to do",
}
_LANGUAGES: dict[Language, str] = {
    "zh-Hant-TW": "Traditional Chinese, Taiwan",
    "zh-Hant-HK": "Traditional Chinese, Hong Kong",
    "zh-Hant": "Traditional Chinese",
    "zh-Hans": "Simplified Chinese",
    "en": "English",
}
_APPROX = {
    "about": "about ", "gt": "over ", "ge": "at least ", "lt": "under ", "le": "at most ", "near": "nearly ",
    "up_to": "up to ", "several": "",
}  # fmt: skip
_BASES = {"yoy": "yoy", "qoq": "qoq", "mom": "mom", "dod": "on the day"}
_SHORT = ("bbl", "kg", "g", "t", "oz", "lb", "km", "m", "nm", "boe", "pp", "pt")  # units that take no plural s
_PERIODS = {"Y": "year", "Q": "quarter", "M": "month", "W": "week", "D": "day"}
_ACRONYMS = frozenset((
    "adx", "arpu", "aum", "cpi", "ebit", "ebitda", "eps", "etf", "gdp", "ipo", "kd", "macd", "nav", "pb", "pce", "pe",
    "peg", "pmi", "ppi", "ps", "roa", "roe", "rsi",
))  # fmt: skip
_TIMES = ("period", "date", "duration")

_ENGLISH_SCALES = ((10**12, " trillion"), (10**9, " billion"), (10**6, " million"))
_CHINESE_SCALES = ((10**12, "兆"), (10**8, "億"), (10**4, "萬"))
_SCALES: dict[Language, tuple[tuple[int, str], ...]] = {
    "en": _ENGLISH_SCALES,
    "zh-Hant": _CHINESE_SCALES,
    "zh-Hant-TW": _CHINESE_SCALES,
    "zh-Hant-HK": ((10**12, "萬億"), *_CHINESE_SCALES[1:]),
    "zh-Hans": ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")),
}

# What a terminal obeys (escape sequences, reversed writing) is shown as U+FFFD; white space is a space.
_DIRECTIONS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS: dict[int, str] = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *_DIRECTIONS, *range(0xD800, 0xE000)), "\ufffd"
) | dict.fromkeys((0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), " ")


@dataclass(frozen=True, slots=True)
class _Marks:
    """The signs of the page; plain ones for a terminal that does not write Unicode."""

    stance: Mapping[StanceLabel, str]
    bar: str
    child: str
    times: str
    dot: str


_UNICODE = _Marks({"warning": "▼", "opportunity": "▲", "mixed": "◆", "neutral": "○"}, "━", "└ ", "×", " · ")
_ASCII = _Marks({"warning": "-", "opportunity": "+", "mixed": "*", "neutral": "o"}, "=", "` ", "x", " | ")


def render(analysis: Analysis, text: str, *, console: Console) -> None:
    """Print the page of an analysis.

    :param text: the text that was analysed; titles and headings are read from it.
    :param console: where to print; it decides on width, colour and encoding.
    """
    width = min(console.width, _WIDEST)
    page = _Page(analysis, text, _UNICODE if console.encoding.startswith("utf") else _ASCII, narrow=width < _ROOMY)
    for part in page.parts():
        console.print(part, width=width, highlight=False, markup=False, emoji=False)


@dataclass(frozen=True, slots=True)
class _Page:
    analysis: Analysis
    text: str
    marks: _Marks
    narrow: bool

    def parts(self) -> Iterator[RenderableType]:
        yield from self.header()
        yield from self.stance()
        yield from self.figures()
        yield from self.entities()
        yield from self.notices()
        yield from self.footer()

    # ------------------------------------------------------------------------------------------------- header

    def header(self) -> Iterator[RenderableType]:
        analysis = self.analysis
        titles = [s for s in analysis.sections if s.kind == "title"]
        yield Text()
        if titles:
            yield Text(_clean(self.text[titles[0].start : titles[0].end]), style="bold", overflow="fold")
        facts = [analysis.id, _LANGUAGES[analysis.language], analysis.published, f"{analysis.characters:,} characters"]
        yield Text(self.marks.dot.join(_clean(fact) for fact in facts if fact), style="dim", overflow="fold")

    # ------------------------------------------------------------------------------------------------- stance

    def stance(self) -> Iterator[RenderableType]:
        stance = self.analysis.stance
        if stance is None:
            yield from self.heading("Stance")
            yield _indent(Text("not judged: no stance model is loaded (weiji models lists what is installed)"))
            return
        yield from self.heading("Stance")
        yield _indent(Text.assemble(self.label(stance.label, bold=True), f": {_VERDICTS[stance.label]}"))
        yield Text()
        yield _indent(self.probabilities(stance))
        if stance.holdings:
            yield from self.subheading("Holdings")
            yield _indent(self.holdings(stance.holdings))
        if stance.sections:
            yield from self.subheading("Parts")
            yield _indent(self.strip(stance.sections))
            yield _indent(self.headed(stance.sections))
        if stance.rationale:
            yield from self.heading("What it leans on" if stance.label == "neutral" else "Why")
            yield _indent(self.rationale(stance))

    def probabilities(self, stance: Stance) -> Table:
        lean = Text.assemble(self.label(stance.lean), (f" {stance.lean_score:+.2f}", "dim"))
        sides = [
            ("short term", self.label(stance.horizons.short)),
            ("long term", self.label(stance.horizons.long)),
            ("leans to", lean),
            ("certain", Text("yes") if stance.confident else Text("no, take it as a hint", style="bold")),
        ]
        table = _grid(11, _BAR, 6, 10, None)
        for name, (side, answer) in zip(STANCE_LABELS, sides, strict=True):
            share: float = getattr(stance, name)
            bar = self.marks.bar * max(round(share * _BAR), share >= 0.005)
            table.add_row(name, Text(bar, style=_STYLES[name]), f"{share:4.0%}", Text(side, style="dim"), answer)
        return table

    def holdings(self, holdings: Sequence[HoldingStance]) -> Table:
        table = _grid(None, None, None, None, None)
        for one in holdings:
            name = one.canonical or one.text
            also = one.text if one.canonical and one.text != one.canonical else ""
            table.add_row(
                self.label(one.label),
                Text(f"{one.score:4.0%}", style="dim"),
                Text(_clean(name), overflow="fold"),
                Text(_clean(one.ticker or ""), style="dim"),
                Text(_clean(also), style="dim", overflow="fold"),
            )
        return table

    def strip(self, parts: Sequence[SectionStance]) -> Text:
        """Return the article as a line of marks, each headed part as wide as it is long."""
        total = sum(part.end - part.start for part in parts) or 1
        strip = Text(overflow="fold")
        for part in parts:
            wide = max(1, round(48 * (part.end - part.start) / total))
            strip.append(self.marks.stance[part.label] * wide, style=_STYLES[part.label]).append(" ")
        strip.rstrip()
        return strip

    def headed(self, parts: Sequence[SectionStance]) -> Table:
        table = _grid(None, None, None)
        for part in parts:
            heading = Text(_clean(part.heading), overflow="fold") if part.heading else Text("(lead)", style="dim")
            table.add_row(self.label(part.label), Text(f"{part.score:4.0%}", style="dim"), heading)
        return table

    def rationale(self, stance: Stance) -> Table:
        table = _grid(4, None)
        for one in stance.rationale:
            table.add_row(
                Text(f"{one.score:4.0%}", style=_STYLES[stance.label]), Text(_clean(one.text), overflow="fold")
            )
        return table

    def label(self, label: StanceLabel | None, *, bold: bool = False) -> Text:
        if label is None:
            return Text("not said", style="dim")
        words = label.capitalize() if bold else label
        return Text(f"{self.marks.stance[label]} {words}", style=f"{_STYLES[label]}{' bold' if bold else ''}")

    # ------------------------------------------------------------------------------------------------ figures

    def figures(self) -> Iterator[RenderableType]:
        figures = self.analysis.figures
        if not figures:
            return
        yield from self.heading("Figures")
        amounts = [f for f in figures if f.kind not in _TIMES]
        stated = _by_owner([f for f in amounts if _says(f)])
        if stated:
            yield _indent(self.figure_table(stated))
        others = [f for f in amounts if not _says(f)]
        if others:
            yield from self.subheading("Amounts not tied to a measure", first=not stated)
            yield _indent(self.listed((f.text, self.value(f)) for f in others))
        times = [f for f in figures if f.kind in _TIMES]
        if times:
            yield from self.subheading("Times", first=not amounts)
            yield _indent(self.listed((f.text, self.value(f)) for f in times))

    def figure_table(self, owners: Mapping[str | None, list[Figure]]) -> Table:
        by_id = {figure.id: figure for figure in self.analysis.figures}
        table = _grid(*[None] * (4 if self.narrow else 5))
        table.columns[0].max_width = 26  # a long owner's name wraps rather than push the values aside
        for position, (owner, figures) in enumerate(owners.items()):
            if position:
                table.add_row()
            table.add_row(Text(_clean(owner or "no owner named"), style="bold" if owner else "dim", overflow="fold"))
            for figure, depth in _paired(figures):
                mark = self.marks.child if depth else ""
                base = by_id.get(figure.compares_to or "")
                period, role = _period(figure.period or ""), _role(figure, base)
                place = [f"{period} {role}".strip()] if self.narrow else [period, role]
                table.add_row(
                    _indent(Text(f"{mark}{_clean(figure.text)}", overflow="fold")),
                    Text(self.value(figure), overflow="fold"),
                    Text(_metric(figure.metric or ""), overflow="fold"),
                    *(Text(words, style="dim", overflow="fold") for words in place),
                )
        return table

    def value(self, figure: Figure) -> str:
        return _clean(readable(figure, self.analysis.language))

    def listed(self, pairs: Iterable[tuple[str, str]]) -> _Flow:
        """Return forms with their readings and counts, one after the other."""
        counts: dict[tuple[str, str], int] = {}
        for form, reading in pairs:
            key = (_clean(form), reading)
            counts[key] = counts.get(key, 0) + 1
        items = []
        for (form, reading), count in counts.items():
            item = Text(form, overflow="fold")
            if reading and reading.replace(" ", "") != form.replace(" ", ""):
                item.append(f" ({reading})", style="dim")
            if count > 1:
                item.append(f" {self.marks.times}{count}", style="dim")
            items.append(item)
        return _Flow(items, self.marks.dot)

    # ----------------------------------------------------------------------------------------------- entities

    def entities(self) -> Iterator[RenderableType]:
        if not self.analysis.entities:
            return
        yield from self.heading("Entities")
        table = _grid(None, None, None, None, None)
        last = None
        for label, group in _by_name(self.analysis.entities):
            name = next((one.canonical for one in group if one.canonical), group[0].text)
            ticker = next((one.ticker for one in group if one.ticker), None)
            table.add_row(
                Text("" if label == last else label.lower(), style="dim"),
                Text(_clean(name), overflow="fold"),
                Text(_clean(ticker or ""), style="dim"),
                Text(str(len(group)), justify="right"),
                self.forms(name, group),
            )
            last = label
        yield _indent(table)

    def forms(self, name: str, group: Sequence[Entity]) -> Text:
        forms = dict.fromkeys(_clean(one.text) for one in group)
        text = Text(style="dim", overflow="fold")
        if list(forms) != [_clean(name)]:
            text.append(self.marks.dot.join(forms))
        return text

    # ------------------------------------------------------------------------------------------------- footer

    def notices(self) -> Iterator[RenderableType]:
        if self.analysis.warnings:
            yield from self.heading("Notices")
            table = _grid(None, None)
            for notice in self.analysis.warnings:
                table.add_row(Text(_clean(notice.code), style="yellow"), Text(_clean(notice.message), overflow="fold"))
            yield _indent(table)

    def footer(self) -> Iterator[RenderableType]:
        model = self.analysis.model
        parts = [f"weiji {model.weiji}", f"lexicon {model.lexicon}"]
        parts += [f"{name} {value}" for name, value in (("encoder", model.encoder), ("stance", model.stance)) if value]
        yield Text()
        yield Text(_clean(self.marks.dot.join(parts)), style="dim", overflow="fold")
        if self.analysis.timings_ms is not None:
            steps = [f"{name} {spent:,.1f} ms" for name, spent in self.analysis.timings_ms.items()]
            yield Text(_clean(self.marks.dot.join(steps)), style="dim", overflow="fold")
        yield Text()

    def heading(self, name: str) -> Iterator[RenderableType]:
        yield Text()
        yield Rule(Text(name, style="bold"), align="left", style="dim", characters="-" if self.marks is _ASCII else "─")

    def subheading(self, name: str, *, first: bool = False) -> Iterator[RenderableType]:
        if not first:
            yield Text()
        yield _indent(Text(name, style="dim"))


# ------------------------------------------------------------------------------------------------ values in words


def readable(figure: Figure, language: Language) -> str:
    """Return what a figure is worth as a person of the article's language would write it; exact, never rounded.

    >>> amount = Figure("f1", 0, 8, "2,134 億美元", "money", value="213400000000", currency="USD")
    >>> readable(amount, "zh-Hant-TW"), readable(amount, "en")
    ('2,134億 USD', '213.4 billion USD')
    """
    if figure.kind in ("period", "date") or (figure.value and "/" in figure.value):
        return _period(figure.value or "")
    scales = _SCALES[language]
    if figure.value is not None:
        return _APPROX.get(figure.approx or "", "") + _with_unit(_scaled(figure.value, scales), figure, figure.value)
    if figure.low is not None or figure.high is not None:
        ends = [_scaled(end, scales) for end in (figure.low, figure.high) if end is not None]
        words = f"{ends[0]} to {ends[1]}" if len(ends) == 2 else f"{'from' if figure.low else 'to'} {ends[0]}"
        return _APPROX.get(figure.approx or "", "") + _with_unit(words, figure, figure.high or figure.low or "")
    if figure.magnitude is not None:
        size = "a few" if figure.magnitude == "1" else f"order of {_scaled(figure.magnitude, scales)}"
        return _with_unit(size, figure, "several")
    return ""


def _scaled(value: str, scales: Sequence[tuple[int, str]]) -> str:
    """Return a decimal string with thousands separated, in the largest scale that needs at most three decimals."""
    number = Decimal(value)
    for size, word in scales:
        if abs(number) >= size:
            short = number / size
            if short == round(short, 3):
                plain = f"{short:,f}"
                return (plain.rstrip("0").rstrip(".") if "." in plain else plain) + word
    return f"{number:,f}"


def _with_unit(words: str, figure: Figure, value: str) -> str:
    match figure.kind:
        case "money":
            return f"{words} {figure.currency}" if figure.currency else words
        case "percent":
            return f"{words}%"
        case "multiple":
            return f"{words}x"
        case "points":
            return f"{words} points"
        case "number" | "fraction" | "ratio":
            return words
    one = value in ("1", "-1")
    return f"{words} {_unit(figure.unit or '', plural=not one)}".rstrip()


def _unit(unit: str, *, plural: bool) -> str:
    if not plural or not unit.isalpha() or not unit.islower() or unit in _SHORT or unit.endswith("s"):
        return unit  # an abbreviation stays as it is
    if unit == "person":
        return "people"
    return f"{unit[:-1]}ies" if unit.endswith("y") and unit != "day" else f"{unit}s"


def _metric(name: str) -> str:
    return " ".join(word.upper() if word in _ACRONYMS else word for word in name.split("_"))


def _period(value: str) -> str:
    """Return a period as it is, save one that is relative to another: ``P-1Y`` is a year before that."""
    if not value.startswith("P-") or value[-1] not in _PERIODS or not value[2:-1].isdigit():
        return value
    count, name = value[2:-1], _PERIODS[value[-1]]
    return f"{count} {name}{'' if count == '1' else 's'} before"


def _role(figure: Figure, base: Figure | None) -> str:
    """Return what a figure is in its place: actual, expected (and how the actual differs), up yoy, …"""
    moved = " ".join(word for word in (figure.direction or "", _BASES.get(figure.basis or "", "")) if word)
    role = "" if figure.role == "change" and moved else figure.role or ""
    words = [word for word in (role, moved) if word]
    gap = _gap(figure, base)
    if gap is not None:
        words[-1] += f" ({'now' if figure.role == 'prior' else 'actual'} {gap:+.1f}%)"
    return ", ".join(words)


def _gap(figure: Figure, base: Figure | None) -> Decimal | None:
    """Return how far, in percent, what this figure is set against lies from it; None where that says nothing."""
    if base is None or figure.kind not in ("money", "count", "quantity") or figure.role not in ("expected", "prior"):
        return None
    if (base.kind, base.unit, base.currency) != (figure.kind, figure.unit, figure.currency):
        return None
    if base.number is None or not figure.number:
        return None
    return round((base.number - figure.number) / abs(figure.number) * 100, 1)


# ------------------------------------------------------------------------------------------------------- grouping


def _says(figure: Figure) -> bool:
    return any((figure.metric, figure.owner, figure.role, figure.compares_to))


def _by_owner(figures: Sequence[Figure]) -> dict[str | None, list[Figure]]:
    """Return figures by the name of their owner, in the order of first mention, those without an owner last."""
    groups: dict[str | None, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure.owner_canonical or figure.owner, []).append(figure)
    if None in groups:
        groups[None] = groups.pop(None)
    return groups


def _paired(figures: Sequence[Figure]) -> Iterator[tuple[Figure, int]]:
    """Yield figures with those that are compared to them right below (depth 1); each figure once."""
    here = {figure.id for figure in figures}
    below: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.compares_to in here and figure.compares_to != figure.id:
            below.setdefault(str(figure.compares_to), []).append(figure)
    children = {figure.id for group in below.values() for figure in group}
    shown: set[str] = set()
    for root in [figure for figure in figures if figure.id not in children] + list(figures):
        stack = [(root, 0)]
        while stack:
            figure, depth = stack.pop()
            if figure.id not in shown:
                shown.add(figure.id)
                yield figure, depth
                stack += [(child, 1) for child in reversed(below.get(figure.id, []))]


def _by_name(entities: Sequence[Entity]) -> list[tuple[EntityLabel, list[Entity]]]:
    """Return mentions by what they name, in the order of labels, then by how often they are mentioned."""
    holders: dict[str | None, Entity] = {one.ticker: one for one in entities if one.ticker and one.label != "TICKER"}
    groups: dict[tuple[EntityLabel, str], list[Entity]] = {}
    for entity in entities:
        # A symbol in brackets is another form of the name it stands beside.
        head = holders.get(entity.ticker, entity) if entity.label == "TICKER" else entity
        groups.setdefault((head.label, head.canonical or head.text), []).append(entity)
    rank = {label: index for index, label in enumerate(ENTITY_LABELS)}
    order = sorted(groups.items(), key=lambda item: (rank[item[0][0]], -len(item[1]), item[1][0].start))
    return [(label, group) for (label, _), group in order]


# -------------------------------------------------------------------------------------------------------- layout


@dataclass(frozen=True, slots=True)
class _Flow:
    """Items one after the other; a line ends between two of them wherever that is possible."""

    items: Sequence[Text]
    between: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text(overflow="fold")
        for item in self.items:
            if line and line.cell_len + len(self.between) + item.cell_len > options.max_width:
                yield line
                line = Text(overflow="fold")
            if line:
                line.append(self.between, style="dim")
            line.append_text(item)
        yield line


def _clean(text: str) -> str:
    return text.translate(_CONTROLS)


def _grid(*widths: int | None) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for width in widths:
        table.add_column(width=width, overflow="fold")
    return table


def _indent(part: RenderableType) -> Padding:
    # A table is given the whole width: one with an empty column measures itself too narrow.
    return Padding(part, (0, 0, 0, 2), expand=isinstance(part, Table))
