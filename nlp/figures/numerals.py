"""Digits, Chinese numerals and English number words → exact decimals.

A numeral is read at a position of the folded view (`nlp.text.view`): ``1,395``, ``1.2兆``, ``3萬5千``, ``一百二十三``,
``兩千億``, ``二〇二六``, ``4.5 million``, ``two hundred billion``. What follows it (a unit, a currency, a percent sign)
is for `amounts` and `times`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from ..records import Approx

__all__ = ["Numeral", "plain", "read_numeral"]

Script = Literal["digits", "han", "words"]

LONGEST: Final = 24  # digits or characters; a longer run is no stated amount but a serial number or noise

ONE: Final = Decimal(1)

_NOUNS_OF_NUMBER: Final = tuple("多少指人次件倍係參函總級戶家偶整無單雙分點計字股天月口期歲基因位")

_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "○": 0, "兩": 2, "壹": 1, "貳": 2, "參": 3, "叁": 3, "肆": 4, "伍": 5, "陸": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_TENS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS: Final = {"萬": 10**4, "億": 10**8, "兆": 10**12}
HAN_DIGITS: Final = "".join(_DIGITS)
HAN_NUMERALS: Final = HAN_DIGITS + "廿卅" + "".join(_TENS) + "".join(_MYRIADS)

_ARABIC = re.compile(r"(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?|\.\d++")
_HAN_RUN = re.compile(f"[數幾]?[{HAN_NUMERALS}][{HAN_NUMERALS}餘多幾]*+|[數幾](?![{HAN_NUMERALS}])")
_DECIMAL_TAIL = re.compile(f"點([{HAN_DIGITS}]{{1,8}})(?![{HAN_DIGITS}十百千])([萬億兆]|[十百千][萬億兆])?")
_MORE_UNIT = (
    "萬億兆元塊個人家檔隻股張輛台棟戶筆間名位點倍年月天日週周小季美港歐日英人新台噸桶盎%成頁次支款部座所條種宗件份口"
)
_HAN_SCALE = re.compile(
    f" ?([餘多幾]?)(萬億|[十百千]?[萬億兆]|[千百](?![貨分科大度年里瓦克伏帕赫米公]))([餘多](?=[ ]?[{_MORE_UNIT}]))?"
)
_MORE = re.compile(f"[餘多](?= ?[{_MORE_UNIT}])")

_SCALE_WORDS: Final = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "tn": 10**12, "trn": 10**12, "bn": 10**9, "bln": 10**9, "mn": 10**6, "mln": 10**6, "mm": 10**6,
    "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12,
}  # fmt: skip
_LATIN_SCALE = re.compile(
    r"(?:[ \u00a0-]?(hundred|thousand|million|billion|trillion)|[ \u00a0]?(tn|trn|bn|bln|mn|mln|mm)|([kmbt]))"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS_WORDS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL_WORDS: Final = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * value for value, word in enumerate(_TENS_WORDS, 2)
}
_BIG_WORDS: Final = {word: value for word, value in _SCALE_WORDS.items() if len(word) > 4}
NUMBER_WORDS: Final = frozenset(_SMALL_WORDS) | {"a", "half", "several", "few", "dozens", "hundreds", "thousands"}
_WORD = "|".join(sorted((*_SMALL_WORDS, *_BIG_WORDS), key=len, reverse=True))
_WORDS = re.compile(rf"(?:{_WORD})(?:(?:[ -]|[ -]and[ -])(?:{_WORD})(?![A-Za-z])){{0,8}}(?![A-Za-z])", re.IGNORECASE)
_AND_A_HALF = re.compile(r"(?: and a half|-and-a-half)(?: (million|billion|trillion))?(?![A-Za-z])", re.IGNORECASE)
_A_SCALE = re.compile(
    r"(?:a )?(half a |half-a-)?(hundred|thousand|million|billion|trillion)(?![A-Za-z])", re.IGNORECASE
)
_VAGUE_WORDS = re.compile(
    r"(?:(?:a few|several) (?:(dozen|hundred|thousand|million|billion|trillion)(?![A-Za-z])|)"
    r"|(tens|dozens|hundreds|thousands|millions|billions|trillions)"
    r"(?: of (thousands|millions|billions|trillions))?(?![A-Za-z]))",
    re.IGNORECASE,
)
_VAGUE_SIZE: Final = {"tens": 10, "dozens": 10, "dozen": 10}


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written, and what it is worth.

    :param value: with `scale` applied; None where the numeral is vague (數十億) or names two numbers (兩三).
    :param scale: the factor of its last scale word (億, bn), or 1.
    :param bounds: the two numbers of 兩三億 or 七八十.
    :param magnitude: the order of size of a vague numeral.
    """

    start: int
    end: int
    value: Decimal | None
    script: Script
    scale: Decimal = ONE
    approx: Approx | None = None
    bounds: tuple[Decimal, Decimal] | None = None
    magnitude: Decimal | None = None


def plain(value: Decimal, *, scaled: bool = False) -> str:
    """Return the value in plain notation; digits as they were written, unless a scale was applied.

    >>> plain(Decimal("1.950")), plain(Decimal("3.20") * 10**8, scaled=True)
    ('1.950', '320000000')
    """
    text = format(value, "f")
    if scaled and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def read_numeral(view: str, position: int) -> Numeral | None:
    """Return the numeral that starts at `position` of the folded view, or None.

    >>> read_numeral("營收15億4千萬元", 2).value
    Decimal('1540000000')
    """
    if position >= len(view):
        return None
    first = view[position]
    if first in "0123456789.":
        return _read_digits(view, position)
    if first.isascii():
        return _read_words(view, position)
    return _read_han(view, position)


# ---------------------------------------------------------------------------------------------------------- digits


def _read_digits(view: str, position: int) -> Numeral | None:
    match = _ARABIC.match(view, position)
    if match is None or match.end() - position > LONGEST:
        return None
    value = Decimal(match[0].replace(",", ""))
    numeral = Numeral(position, match.end(), value, "digits")
    if _HAN_SCALE.match(view, numeral.end):
        return _add_han_scales(view, numeral)
    latin = _LATIN_SCALE.match(view, numeral.end)
    if latin:
        word = (latin[1] or latin[2] or latin[3]).lower()
        scale = Decimal(_SCALE_WORDS[word])
        return replace(numeral, end=latin.end(), value=value * scale, scale=scale)
    if _MORE.match(view, numeral.end):  # 3,600多個
        return replace(numeral, end=numeral.end + 1, approx="gt")
    return numeral


def _add_han_scales(view: str, numeral: Numeral) -> Numeral:
    """Read 1,395億, 15億4千萬, 3萬5千, 2兆3,500億: parts whose scales fall."""
    total = Decimal(0)
    part = numeral.value or Decimal(0)
    end = numeral.end
    scale, largest = Decimal(10**16), ONE
    approx: Approx | None = None
    while match := _HAN_SCALE.match(view, end):
        factor = _scale_of(match[2])
        if factor >= scale:
            break
        scale, end = factor, match.end()
        largest = max(largest, scale)
        total += part * scale
        if match[1] or match[3]:
            approx = "gt"
            break
        following = re.compile(r" ?(?=\d)").match(view, end)
        rest = _ARABIC.match(view, following.end()) if following else None
        if following is None or rest is None or len(rest[0]) > LONGEST:
            break
        part = Decimal(rest[0].replace(",", ""))
        inner = _HAN_SCALE.match(view, rest.end())
        if inner is None or _scale_of(inner[2]) >= scale:
            if following.end() > end or part >= scale or not part:  # 「3 億 2026 年」: the next number is another one
                break
            if part < 10 and scale == 10**4:
                part *= scale / 10  # 3萬5 is 35,000
            total += part
            end = rest.end()
            break
        if part * _scale_of(inner[2]) >= scale:
            break
        end = rest.end()
    return replace(numeral, end=end, value=total, scale=largest, approx=approx)


def _scale_of(word: str) -> Decimal:
    factor = 1
    for character in word:
        factor *= _TENS.get(character) or _MYRIADS[character]
    return Decimal(factor)


# ------------------------------------------------------------------------------------------------------------- Han


def _read_han(view: str, position: int) -> Numeral | None:
    match = _HAN_RUN.match(view, position)
    if match is None or len(match[0]) > LONGEST:
        return None
    run = match[0]
    end = match.end()
    while run and run[-1] in "餘多幾" and len(run) > 1 and not (run[-1] in "餘多" and _MORE.match(view, end - 1)):
        if run[-1] == "幾" and run[-2] in "十百千":  # 十幾億: the 億 is in the run, 十幾家 is not
            break
        run, end = run[:-1], end - 1
    if run[0] in "數幾" or "幾" in run:
        return _vague_han(view, run, position, end)
    more = any(character in "餘多" for character in run)
    bare = run.replace("餘", "").replace("多", "")
    if len(bare) > 1 and (pair := _pair(bare)):
        return Numeral(position, end, None, "han", _largest_scale(bare), "gt" if more else None, bounds=pair)
    value = _parse_han(bare)
    if value is None:
        return None
    numeral = Numeral(position, end, value, "han", _largest_scale(bare), "gt" if more else None)
    tail = _DECIMAL_TAIL.match(view, end)
    if tail and not more:
        digits = "".join(str(_DIGITS[c]) for c in tail[1])
        scale = _scale_of(tail[2]) if tail[2] else ONE
        return replace(numeral, end=tail.end(), value=Decimal(f"{value}.{digits}") * scale, scale=scale)
    if scaled := _HAN_SCALE.match(view, end):  # 三 億, 一千 億: with a space
        scale = _scale_of(scaled[2])
        if scale > numeral.scale and scale >= 10**4:
            return replace(
                numeral, end=scaled.end(), value=value * scale, scale=scale, approx="gt" if scaled[1] else None
            )
    return numeral


def _vague_han(view: str, run: str, start: int, end: int) -> Numeral | None:
    """數十億 → tens of 億; 十幾 → more than ten; the value is not known, its order of size is."""
    if (run[0] == "數" and view[start - 1 : start] in _NOUNS_OF_NUMBER) or view[start : start + 2] == "數位":
        return None  # 多數人, 指數下跌, 數位
    if view[start - 1 : start] in ("這", "那", "哪"):
        return None
    rest = run.replace("數", "").replace("幾", "").replace("餘", "").replace("多", "")
    if not rest:
        return Numeral(start, end, None, "han", approx="several", magnitude=ONE)
    size = _parse_han(rest if rest[0] in _DIGITS or rest[0] in "十百千" else "一" + rest)
    if size is None:
        return None
    return Numeral(start, end, None, "han", _largest_scale(rest), "several", magnitude=size)


def _pair(run: str) -> tuple[Decimal, Decimal] | None:
    """兩三億 is 2 to 3 億, 七八十 is 70 to 80: two digits side by side, the second one higher."""
    for index in range(len(run) - 1):
        low, high = _DIGITS.get(run[index]), _DIGITS.get(run[index + 1])
        if low and high and high == low + 1 and (index == 0 or run[index - 1] not in _DIGITS):
            if index + 2 < len(run) and run[index + 2] in _DIGITS:
                return None
            first = _parse_han(run[: index + 1] + run[index + 2 :])
            second = _parse_han(run[:index] + run[index + 1 :])
            return (first, second) if first is not None and second is not None else None
    return None


def _parse_han(run: str) -> Decimal | None:
    """Return what a run of Chinese numerals is worth, or None where it is no number (億億, 三三).

    >>> _parse_han("一百二十三"), _parse_han("三萬五"), _parse_han("二〇二六"), _parse_han("億億")
    (Decimal('123'), Decimal('35000'), Decimal('2026'), None)
    """
    if all(character in _DIGITS for character in run):
        return Decimal("".join(str(_DIGITS[c]) for c in run)) if len(run) == 1 or len(run) > 2 else _two_digits(run)
    if run[0] in _MYRIADS:
        return None
    total = section = 0
    digit: int | None = None
    last_ten, last_myriad = 10**4, 10**16
    unit = 1  # of the mark that came last: decides what a digit at the end is worth
    for character in run:
        if character in _DIGITS:
            if digit:  # two digits side by side, as in 三五千
                return None
            digit = _DIGITS[character]
            if digit == 0:
                unit = 1
        elif character in "廿卅":
            if digit is not None or last_ten <= 10:
                return None
            section, last_ten, unit = section + (20 if character == "廿" else 30), 10, 1
        elif character in _TENS:
            ten = _TENS[character]
            if ten >= last_ten or (digit == 0 and ten != 10):
                return None
            section += (1 if digit is None else digit or 1) * ten
            digit, last_ten, unit = None, ten, ten
        else:
            myriad = _MYRIADS[character]
            section += digit or 0
            if section == 0:
                if total and character in "億兆" and total < 10**8:  # 萬億, 一千萬億
                    total *= myriad
                    last_myriad, unit, digit = myriad, myriad, None
                    continue
                return None
            if myriad >= last_myriad:
                if myriad == 10**8 and last_myriad == 10**4:  # 三萬五千億
                    total, section = (total + section) * myriad, 0
                    last_myriad, unit, digit, last_ten = myriad, myriad, None, 10**4
                    continue
                return None
            total += section * myriad
            section, digit, last_ten, last_myriad, unit = 0, None, 10**4, myriad, myriad
    if digit is not None:
        colloquial = unit > 10 and run[-2] not in "零〇○"  # 一百二, 三萬五, 兩億三
        section += digit * (unit // 10) if colloquial else digit
    return Decimal(total + section)


def _two_digits(run: str) -> Decimal | None:
    return Decimal("".join(str(_DIGITS[c]) for c in run)) if any(c in "零〇○" for c in run) else None


def _largest_scale(run: str) -> Decimal:
    """Return the factor of the largest scale word: 兆 in 一兆兩千億, 萬億 in 三萬億."""
    factor = largest = 1
    for character in run:
        if character in _MYRIADS:
            factor *= _MYRIADS[character]
            largest = max(largest, factor)
        else:
            factor = 1
    return Decimal(largest)


# ----------------------------------------------------------------------------------------------------------- words


def _read_words(view: str, position: int) -> Numeral | None:
    if vague := _VAGUE_WORDS.match(view, position):
        return _vague_words(vague)
    scale_only = _A_SCALE.match(view, position)
    if scale_only and scale_only.end() > position:
        if not view[position : position + 2].lower().startswith(("a ", "ha")):
            return None
        scale = Decimal(_SCALE_WORDS[scale_only[2].lower()])
        value = scale / 2 if scale_only[1] else scale
        return Numeral(position, scale_only.end(), value, "words", scale)
    match = _WORDS.match(view, position)
    if match is None:
        return None
    words = [word for word in re.split(r"[ -]", match[0].lower()) if word != "and"]
    value_and_scale = _parse_words(words)
    if value_and_scale is None:
        return None
    value, scale = value_and_scale
    numeral = Numeral(position, match.end(), value, "words", scale)
    if half := _AND_A_HALF.match(view, match.end()):
        factor = Decimal(_SCALE_WORDS[half[1].lower()]) if half[1] else ONE
        return replace(numeral, end=half.end(), value=(value + Decimal("0.5")) * factor, scale=factor)
    return numeral


def _parse_words(words: list[str]) -> tuple[Decimal, Decimal] | None:
    """Return the value and the last scale of number words, or None where they are several numbers."""
    if words[0] not in _SMALL_WORDS:
        return None
    total = section = 0
    room = 10**3  # the next word must be worth less than this
    last = 10**15
    scale = 1
    for word in words:
        if word in _SMALL_WORDS:
            number = _SMALL_WORDS[word]
            if number >= room:
                return None
            section += number
            room = 10 if number >= 20 else 1
            scale = 1
        else:
            factor = _BIG_WORDS[word]
            if section == 0 or factor >= last:
                return None
            if factor == 100:
                section, room = section * 100, 100
            else:
                total, section, room, last = total + section * factor, 0, 10**3, factor
            scale = factor
    return Decimal(total + section), Decimal(scale)


def _vague_words(match: re.Match[str]) -> Numeral | None:
    few, many, of = match[1], match[2], match[3]
    if few is None and many is None:
        return Numeral(match.start(), match.end() - 1, None, "words", approx="several", magnitude=ONE)
    word = (few or many).lower()
    size = _VAGUE_SIZE.get(word) or _SCALE_WORDS[word.removesuffix("s")]
    scale = _SCALE_WORDS[of.lower().removesuffix("s")] if of else 1
    return Numeral(
        match.start(), match.end(), None, "words", Decimal(scale), "several", magnitude=Decimal(size * scale)
    )
