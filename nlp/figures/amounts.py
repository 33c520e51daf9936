"""A number with its marks → a figure: money, percents, points, multiples, counts and measures.

An amount is read in *legs*: one number with its sign, brackets, scale and unit. Two legs with 至, to or a dash between
them are one figure, a range, and lend each other their scale and unit (380億至420億美元).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Final

from ..lexicon import read_table
from ..records import Approx, Figure, FigureKind, Language
from .numerals import HAN_NUMERALS, ONE, Numeral, plain, read_numeral

__all__ = ["HomeCurrency", "amount_starts", "read_amount"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_LATIN_UNIT = re.compile(r"[ \u00a0-]?-?([A-Za-z]+\.?)(?:[ -]([A-Za-z]+))?(?:[ -]([A-Za-z]+))?")
_SIGNS: Final = {"+": ONE, "-": -ONE, "\u2212": -ONE, "\u2013": -ONE}
_DASH = r" ?[-\u2013\u2014~\u2212] ?"
_RANGE = re.compile(rf" ?(?:至|到) ?|{_DASH}| to (?:about |around |roughly |nearly |as much as )?")
_BETWEEN_AND = re.compile(r" ?(?:和|與|及|跟) ?| and ")
_BETWEEN_BEFORE: Final = ("between", "介於", "介乎", "在", "處於", "區間")
_FROM_BEFORE: Final = ("from", "由", "從", "自")
_OF_HUNDRED = re.compile(r"(百|千)分之 ?")
_RATIO = re.compile(
    r"([\d一二兩三五十]{1,4})(?: ?(拆|換|合) ?|-for-)([\d一二兩三五十]{1,4})(?!\d|[.,]\d|[年月日萬億個])"
)
_HALF_UNIT = re.compile(r"半 ?(碼|個百分點|百分點|厘|釐|倍|個基點)")
_TEN_TAIL = re.compile(r"(半|[一二兩三四五六七八九]|\d(?![\d.]))(?![個十百千萬億年月成家人])")
_NOT_TENTHS: Final = frozenset("長為立功本交果熟績就員型份色品新事見都因衣語規全效敗")
_ZERO_AFTER: Final = ("to", "at", "near", "above", "below", "from", "hit", "toward", "of")
_LONGEST_HAN_UNIT: Final = 8
_WINDOW: Final = 24  # characters looked at on either side of a number: the longest name or approximator fits


@dataclass(frozen=True, slots=True)
class _Unit:
    kind: FigureKind
    unit: str
    factor: Decimal = ONE
    inside: bool = True
    small: bool = True  # whether spelled numbers under ten count with it
    currency: str | None = None  # ISO code, or "元", "$" and "c" for what the language decides


@dataclass(frozen=True, slots=True)
class _Leg:
    """One number with its marks."""

    start: int
    end: int
    numeral: Numeral
    unit: _Unit | None
    sign: Decimal = ONE
    marked: bool = False  # a currency stood before the number
    added: Decimal = Decimal(0)  # the half of 三厘半, the 五 of 兩成五
    approx: Approx | None = None

    @property
    def value(self) -> Decimal | None:
        return None if self.numeral.value is None else self._scaled(self.numeral.value)

    @property
    def scale(self) -> Decimal:
        return self.numeral.scale * (self.unit.factor if self.unit else ONE)

    def _scaled(self, number: Decimal) -> Decimal:
        factor = self.unit.factor if self.unit else ONE
        return self.sign * (number + self.added) * factor

    @property
    def bounds(self) -> tuple[Decimal, Decimal] | None:
        pair = self.numeral.bounds
        return None if pair is None else (self._scaled(pair[0]), self._scaled(pair[1]))


# ------------------------------------------------------------------------------------------------------ currencies


class HomeCurrency:
    """What a bare 元, $ or cents stands for in one text.

    The language decides, save where a text of no known region names its currency, and where a line without Chinese
    (a caption, a quoted headline) stands in a Chinese text: its $ is the US dollar.
    """

    def __init__(self, view: str, language: Language) -> None:
        self._view = view
        self._language = language
        self._named: list[tuple[int, str]] | None = None

    def of(self, mark: str, position: int) -> str:
        """Return the ISO code that a bare mark (元, $ or c for cents) has at `position`."""
        language = self._language
        if language == "en":
            return "USD" if mark != "元" else "CNY"
        if mark == "元":
            if language == "zh-Hant":
                return self._nearest(position) or "TWD"
            return _HOME[language]
        if not self._line_has_han(position):
            return "USD"
        if language == "zh-Hans":
            return "USD"
        if language == "zh-Hant-HK":
            return "HKD"
        return self._nearest(position) or ("TWD" if language == "zh-Hant-TW" else "USD")

    def _line_has_han(self, position: int) -> bool:
        start = max(self._view.rfind("\n", max(0, position - 400), position) + 1, position - 400, 0)
        return _HAN_CHARACTER.search(self._view, start, position + 40) is not None

    def _nearest(self, position: int) -> str | None:
        """Return the named currency that came last before `position`, else the first one of the text."""
        if self._named is None:
            names = _named_currencies()
            self._named = [(m.start(), names[m[0]]) for m in _named_pattern().finditer(self._view)]
        if not self._named:
            return None
        index = bisect_right(self._named, (position, "")) - 1
        return self._named[max(index, 0)][1]


_HOME: Final = {"zh-Hant-TW": "TWD", "zh-Hant-HK": "HKD", "zh-Hans": "CNY", "zh-Hant": "TWD", "en": "USD"}
_DOLLARS: Final = ("USD", "HKD", "TWD", "CNY")


@cache
def _named_currencies() -> dict[str, str]:
    names: dict[str, str] = {}
    for row in read_table("currencies.tsv"):
        if row["code"] in _DOLLARS:
            forms = [form for form in row["chinese"].split("|") if len(form) > 1]
            forms += [form for form in row["before"].split("|") if "$" in form or len(form) == 3]
            names |= dict.fromkeys(forms, row["code"])
    return names


@cache
def _named_pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_named_currencies(), key=len, reverse=True))))


@cache
def _marks_before() -> dict[str, str]:
    """Return what may stand before the number, with its ISO code or "$"."""
    marks = {"$": "$", "¥": "JPY"}
    for row in read_table("currencies.tsv"):
        forms = row["before"].split("|") + [form for form in row["chinese"].split("|") if not form.startswith("元")]
        marks |= {form: row["code"] for form in forms if form and form != "美金"}
    return marks | {"美金": "USD"}


@cache
def _mark_pattern() -> re.Pattern[str]:
    marks = "|".join(map(re.escape, sorted(_marks_before(), key=len, reverse=True)))
    return re.compile(
        rf"(?P<mark>{marks})[ \u00a0]?(?P<approx>大約|約|逾|超過|近|高達)?[ \u00a0]?"
        rf"(?P<sign>[-+\u2212])?(?P<bracket>\()?(?=[\d.數幾{HAN_NUMERALS}])"
    )


# ----------------------------------------------------------------------------------------------------------- units


@cache
def _units() -> dict[str, _Unit]:
    units: dict[str, _Unit] = {}
    for row in read_table("currencies.tsv"):
        code = row["code"]
        for column, factor in (("chinese", ONE), ("english", ONE), ("minor_chinese", _CENT), ("minor_english", _CENT)):
            for form in row[column].split("|") if row[column] else ():
                units[form if column.endswith("chinese") else form.lower()] = _Unit(
                    "money", code, factor, currency=code
                )
    bare = {
        **dict.fromkeys(("元", "塊", "塊錢"), ("元", ONE)),
        **dict.fromkeys(("角", "毫", "毫子"), ("元", _TENTH)),
        **dict.fromkeys(("dollars", "dollar", "bucks"), ("$", ONE)),
        **dict.fromkeys(("仙", "cents", "cent", "¢", "c"), ("c", _CENT)),
    }
    units |= {
        form: _Unit("money", "", factor, small=form != "塊", currency=mark) for form, (mark, factor) in bare.items()
    }
    for row in read_table("units.tsv"):
        kind: FigureKind = row["kind"]  # type: ignore[assignment]  # the table is ours, and a test reads every row
        units[row["form"]] = _Unit(
            kind, row["unit"], Decimal(row["factor"]), row["where"] == "in", row["small"] != "no"
        )
    return units


_CENT: Final = Decimal("0.01")
_TENTH: Final = Decimal("0.1")


def _unit_at(view: str, position: int) -> tuple[_Unit, int] | None:
    """Return the unit written at `position` (a space may come first) and where the figure ends with it."""
    units = _units()
    start = position + 1 if view[position : position + 1] in (" ", "\u00a0") and position else position
    if start >= len(view):
        return None
    first = view[start]
    if first.isascii() and (first.isalpha() or first == "-"):
        return _latin_unit(view, position)
    for size in range(min(_LONGEST_HAN_UNIT, len(view) - start), 0, -1):
        form = view[start : start + size]
        unit = units.get(form)
        if unit is not None and not (size == 1 and _is_other_word(view, start)):
            return unit, start + size
    return None


@cache
def _other_words() -> dict[str, str]:
    return {row["unit"]: row["following"] for row in read_table("unit_words.tsv")}


def _is_other_word(view: str, position: int) -> bool:
    """Return whether the character at `position` begins a longer word (點出, 支持) and so is no unit."""
    following = view[position + 1 : position + 2]
    return following != "" and following in _other_words().get(view[position], "")


def _latin_unit(view: str, position: int) -> tuple[_Unit, int] | None:
    units = _units()
    match = _LATIN_UNIT.match(view, position)
    if match is None:
        return None
    words = [word for word in match.groups() if word]
    for size in range(len(words), 0, -1):
        if match.end(size) < len(view) and view[match.end(size)].isascii() and view[match.end(size)].isalnum():
            continue
        start = match.start(1)
        form = view[start : match.end(size)]
        unit = units.get(form.lower()) or units.get(form.lower().rstrip("."))
        if unit is None:
            continue
        attached = start == position
        if form == "x" and not attached and view[match.end(size) : match.end(size) + 2].strip().isdigit():
            continue  # 0.25 x 28.50
        if (form in ("p", "c") and not attached) or (form.lower() in ("x", "p", "c") and form.isupper()):
            continue
        if len(form) < 3 and form.lower() in ("t", "g", "m", "kg", "mw", "gw", "mi") and attached and form.islower():
            continue
        return unit, match.end(size) - (form.endswith(".") and form.lower() not in units)
    return None


# ------------------------------------------------------------------------------------------------------------ legs


def amount_starts() -> tuple[str, frozenset[str]]:
    """Return the characters that may begin an amount, and the Latin words (lower case) that may."""
    characters = {mark[0] for mark in _marks_before() if not mark[0].isascii() or not mark[0].isalpha()}
    words = {match[0].lower() for mark in _marks_before() if (match := re.match("[A-Za-z]+", mark))}
    return "".join(sorted(characters | set("半數幾" + HAN_NUMERALS))), frozenset(words)


def read_amount(view: str, position: int, home: HomeCurrency) -> Figure | None:
    """Return the amount that starts at `position` of the folded view, without id and text, or None."""
    ratio = _RATIO.match(view, position)
    if ratio:
        return _ratio(ratio)
    leg = _read_leg(view, position)
    if leg is None:
        return None
    leg = _with_sign(view, leg)
    second = _second_leg(view, leg)
    if second is not None:
        return _range(view, leg, second, home)
    return _single(view, leg, home)


def _read_leg(view: str, position: int) -> _Leg | None:
    start = position
    currency: str | None = None
    sign, bracket, approx = ONE, False, None
    mark = _mark_pattern().match(view, position)
    if mark:
        currency = _marks_before()[mark["mark"]]
        sign = _SIGNS.get(mark["sign"] or "+", ONE)
        bracket = mark["bracket"] is not None
        approx = _approximators()[0].get(mark["approx"] or "")
        position = mark.end()
    elif of := _OF_HUNDRED.match(view, position):
        numeral = read_numeral(view, of.end())
        if numeral is None or (numeral.value is None and numeral.bounds is None):
            return None
        unit = _Unit("percent", "%", ONE if of[1] == "百" else _TENTH)
        return _Leg(start, numeral.end, numeral, unit)
    elif half := _HALF_UNIT.match(view, position):
        unit = _units()[half[1]]
        return _Leg(start, half.end(), Numeral(position, position + 1, Decimal("0.5"), "han"), unit)
    numeral = read_numeral(view, position)
    if numeral is None:
        return None
    numeral = _drop_letter_scale(view, numeral, marked=currency is not None)
    end = numeral.end
    if bracket:
        if view[end : end + 1] != ")":
            return None
        sign, end = -sign, end + 1
        later = read_scale(view, end)
        if later is not None:
            scale, end = later
            numeral = replace(numeral, value=(numeral.value or ONE) * scale, scale=scale)
    elif start and view[start - 1] == "(" and currency is None and view[end : end + 2] == ")%":
        return _Leg(start - 1, end + 2, numeral, _units()["%"], -ONE)
    found = _unit_at(view, end)
    if found is None and numeral.script == "words" and view.startswith(" of ", end):  # hundreds of millions of dollars
        found = _unit_at(view, end + 3)
    if currency is not None:
        unit = _Unit("money", currency, currency=currency)
        if found and found[0].kind == "money" and found[0].currency in (currency, "元", "$", "c"):
            end, unit = found[1], replace(unit, factor=found[0].factor)
        return _Leg(start, end, numeral, unit, sign, marked=True, approx=approx)
    if found is None:
        return _Leg(start, end, numeral, None)
    unit, unit_end = found
    if not _counts(view, numeral, unit, unit_end):
        return _Leg(start, end, numeral, None)
    added = Decimal(0)
    if (unit.unit == "%" and unit.factor == 10) or view[unit_end - 1] in "厘釐倍毫":
        tail = _TEN_TAIL.match(view, unit_end)
        digits = tail is not None and tail[1].isascii()
        if tail and (tail[1] == "半" or (unit.factor == 10 and not digits) or view[unit_end - 1] == "毫"):
            digit = Decimal(5) if tail[1] == "半" else read_numeral(tail[1], 0).value  # type: ignore[union-attr]
            added, unit_end = (digit or ONE) / 10, tail.end()
    return _Leg(start, unit_end if unit.inside else end, numeral, unit, added=added)


_BARE_SCALE = re.compile(r"[ \u00a0]?(thousand|million|billion|trillion)(?![A-Za-z])", re.IGNORECASE)


def read_scale(view: str, position: int) -> tuple[Decimal, int] | None:
    """Return the English scale word at `position` and its end: the million of ``$(1.2) million``."""
    match = _BARE_SCALE.match(view, position)
    if match is None:
        return None
    sizes = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
    return Decimal(sizes[match[1].lower()]), match.end()


def _drop_letter_scale(view: str, numeral: Numeral, *, marked: bool) -> Numeral:
    """Take back the scale of 12m and 5t: without a currency they are months and tonnes; 405m and 1.2m are millions."""
    last = view[numeral.end - 1]
    if marked or numeral.script != "digits" or last not in "mtT" or not view[numeral.end - 2].isdigit():
        return numeral
    digits = view[numeral.start : numeral.end - 1]
    if last == "m" and digits not in ("1", "3", "6", "9", "12", "18", "24", "36"):
        return numeral
    return replace(numeral, end=numeral.end - 1, value=Decimal(digits.replace(",", "")), scale=ONE)


def _counts(view: str, numeral: Numeral, unit: _Unit, end: int) -> bool:
    """Return whether number and unit make an amount: 三家 does; 一家, 二手 and 十成為 do not."""
    if numeral.script == "words" and numeral.value == 1 and unit.kind == "count":
        return False
    if numeral.script != "han":
        return not (unit.factor == 10 and unit.unit == "%" and view[end : end + 1] in _NOT_TENTHS)
    if unit.unit == "%" and unit.factor == 10:
        return view[end : end + 1] not in _NOT_TENTHS and (numeral.value is None or numeral.value <= 10)
    if unit.kind == "points":
        return numeral.value is None or numeral.value >= 100 or "點" in view[numeral.start : numeral.end]
    if unit.kind in ("count", "quantity") or not unit.small:
        if numeral.value is None and numeral.magnitude == 1:
            return False  # 幾家, 數人
        if numeral.value is not None and numeral.value < 2:
            return False
        if not unit.small and (numeral.value is None or numeral.value < 10):
            return numeral.scale > 1
        return True
    return True


def _with_sign(view: str, leg: _Leg) -> _Leg:
    """Take in a + or - written before the number, where nothing is being joined or subtracted."""
    before = view[leg.start - 1] if leg.start else ""
    if before not in _SIGNS or before == "\u2013" or leg.numeral.script == "words":
        return leg
    further = view[leg.start - 2] if leg.start > 1 else " "
    if further.isascii() and (further.isalnum() or further in ")%].,/-+"):
        return leg
    if leg.numeral.script == "han" and before == "-":
        return leg
    return replace(leg, start=leg.start - 1, sign=leg.sign * _SIGNS[before])


# ---------------------------------------------------------------------------------------------------------- ranges


def _second_leg(view: str, leg: _Leg) -> _Leg | None:
    """Return the upper end of a range, or None where the next number is a figure of its own."""
    if leg.numeral.value is None:
        return None
    window = view[max(0, leg.start - _WINDOW) : leg.start].rstrip()
    between = window.lower().endswith(_BETWEEN_BEFORE)
    separator = _RANGE.match(view, leg.end) or (_BETWEEN_AND.match(view, leg.end) if between else None)
    if separator is None or (separator[0].strip() in ("至", "到", "to") and window.lower().endswith(_FROM_BEFORE)):
        return None
    position = separator.end()
    words = leg.numeral.script == "words" and separator[0].startswith((" to", " and"))
    if position >= len(view) or not (words or _may_be_number(view[position])):
        return None
    second = _read_leg(view, position)
    if second is None or second.numeral.value is None:
        return None
    bare = leg.unit is None and second.unit is None and leg.numeral.scale == second.numeral.scale == 1
    if (bare and separator[0].strip() in ("-", "\u2013")) or not _compatible(leg, second):
        return None  # 3-2 and 5350-5360 may be a score, a code, a telephone
    low, high = _bounds(leg, second)
    if low is None or high is None or (abs(low) >= abs(high) and leg.sign > 0):
        return None
    verb = any(window.lower().endswith(form) for form in _change_verbs())
    if (
        verb
        and separator[0].strip() not in ("-", "\u2013", "~")
        and (second.unit is None or second.unit.kind != "percent")
    ):
        return None
    return second


def _may_be_number(character: str) -> bool:
    return character.isdigit() or not character.isascii() or character in "$.HUNRA"


@cache
def _change_verbs() -> tuple[str, ...]:
    return tuple(row["form"] for row in read_table("movements.tsv") if row["direction"] in ("up", "down"))


def _compatible(first: _Leg, second: _Leg) -> bool:
    if first.unit is None:
        return not second.marked
    if second.unit is None:
        return first.marked or first.unit.kind not in ("money",)
    if first.unit.kind != second.unit.kind:
        return first.unit.kind in ("points", "count") and not first.unit.inside
    return (
        first.unit.currency == second.unit.currency
        or {first.unit.currency, second.unit.currency} & {"$", "元", "c"} != set()
    )


def _bounds(first: _Leg, second: _Leg) -> tuple[Decimal | None, Decimal | None]:
    """Return both ends; a number without scale takes that of the other one (3.4 to 3.6 billion)."""
    low, high = first.value, second.value
    if low is None or high is None:
        return low, high
    if first.unit is None or (first.marked and not second.marked and second.unit is None):
        factor = second.unit.factor if second.unit and first.unit is None else ONE
        low *= factor
    if first.numeral.scale == 1 and second.numeral.scale > 1 and (first.unit is None or first.marked or second.marked):
        low *= second.numeral.scale if abs(low) < abs(high) else ONE
    if second.unit is None and first.unit is not None:
        high *= first.unit.factor
    return low, high


def _range(view: str, first: _Leg, second: _Leg, home: HomeCurrency) -> Figure | None:
    low, high = _bounds(first, second)
    lead = (
        second if second.unit is not None and (first.unit is None or first.unit.currency in ("$", "元", "c")) else first
    )
    if low is None or high is None:
        return None
    scale = max(first.scale, second.scale) if lead.scale >= 1 else lead.scale
    figure = _figure(first.start, second.end, lead, home, scale)
    if figure is None:
        return None
    scaled = scale != 1
    approx = first.approx or second.approx or _approx(view, first.start, second.end)
    return replace(figure, low=plain(low, scaled=scaled), high=plain(high, scaled=scaled), approx=approx)


# --------------------------------------------------------------------------------------------------------- figures


def _single(view: str, leg: _Leg, home: HomeCurrency) -> Figure | None:
    numeral = leg.numeral
    if leg.unit is None and not _stands_alone(view, leg):
        return None
    figure = _figure(leg.start, leg.end, leg, home, leg.scale)
    if figure is None:
        return None
    approx = leg.approx or numeral.approx or _approx(view, leg.start, leg.end)
    scaled = leg.scale != 1
    if leg.bounds is not None:
        low, high = leg.bounds
        return replace(figure, low=plain(low, scaled=scaled), high=plain(high, scaled=scaled), approx=approx)
    if leg.value is None:
        size = (numeral.magnitude or ONE) * (leg.unit.factor if leg.unit else ONE)
        return replace(figure, magnitude=plain(size, scaled=True), approx="several")
    return replace(figure, value=plain(leg.value, scaled=scaled), approx=approx)


def _figure(start: int, end: int, leg: _Leg, home: HomeCurrency, scale: Decimal) -> Figure | None:
    unit = leg.unit
    currency = unit.currency if unit else None
    if currency in ("$", "元", "c"):
        currency = home.of(currency, start)
    return Figure(
        id="",
        start=start,
        end=end,
        text="",
        kind=unit.kind if unit else "number",
        unit=currency or (unit.unit if unit else None) or None,
        currency=currency,
        scale=None if scale == 1 else plain(scale, scaled=True),
    )


def _ratio(match: re.Match[str]) -> Figure | None:
    """Read 10-for-1, 1拆10 and 10合1: how many shares one share becomes."""
    first, second = (read_numeral(part, 0) for part in (match[1], match[3]))
    if first is None or second is None or not first.value or not second.value:
        return None
    value = second.value / first.value if match[2] else first.value / second.value
    return Figure("", match.start(), match.end(), "", "ratio", value=plain(round(value, 6), scaled=True))


def _stands_alone(view: str, leg: _Leg) -> bool:
    """Return whether a number without a unit is an amount: digits are, spelled numbers only where they are large."""
    numeral = leg.numeral
    if numeral.script == "digits":
        return True
    if numeral.script == "han":
        return numeral.scale >= 10**4 and view[numeral.start : numeral.end] not in ("千萬", "百萬")
    if numeral.value == 0:
        window = view[max(0, numeral.start - _WINDOW) : numeral.start].rstrip().lower().split(" ")[-1]
        return window in _ZERO_AFTER and view[numeral.end : numeral.end + 1] != "-"
    return numeral.scale >= 100 or (numeral.value is None and view[numeral.end - 1] in "sS")  # dozens, hundreds


# --------------------------------------------------------------------------------------------------- approximators


@cache
def _approximators() -> tuple[dict[str, Approx | None], dict[str, Approx | None]]:
    before: dict[str, Approx | None] = {}
    after: dict[str, Approx | None] = {}
    for row in read_table("figure_approximators.tsv"):
        side = before if row["side"] == "before" else after
        side[row["form"]] = row["approx"] or None  # type: ignore[assignment]
    return before, after


@cache
def _approximator_forms() -> tuple[tuple[str, ...], tuple[str, ...]]:
    before, after = _approximators()
    return tuple(sorted(before, key=len, reverse=True)), tuple(sorted(after, key=len, reverse=True))


def _approx(view: str, start: int, end: int) -> Approx | None:
    """Return how exact the amount in [start, end) is said to be by the words next to it."""
    before, after = _approximators()
    forms_before, forms_after = _approximator_forms()
    window = view[max(0, start - _WINDOW) : start].rstrip(" \u00a0").lower()
    for words in (window, window.removesuffix(" a"), window.removesuffix(" the")):
        if words.endswith(forms_before):
            form = next(form for form in forms_before if words.endswith(form))
            cut = words[: -len(form)]
            if not (form[0].isalpha() and form[0].isascii() and cut[-1:].isalpha() and cut[-1:].isascii()):
                return before[form]
    rest = view[end : end + _WINDOW].lstrip(" \u00a0").lower()
    if rest.startswith(forms_after):
        form = next(form for form in forms_after if rest.startswith(form))
        if not (form[-1].isascii() and form[-1].isalpha() and rest[len(form) : len(form) + 1].isalpha()):
            return after[form]
    return None
