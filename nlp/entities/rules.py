"""From readings to entities: what the words around a form say about it.

A form that is also an ordinary word counts where a ticker, a sure mention of the same name, or the company it keeps
speaks for it; parts of a compound measure become one; then the longest reading at the leftmost place wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from .lexicon import Name, Reading, is_latin, word_list

__all__ = ["choose", "find_patterns", "join", "keep_supported"]

# ---------------------------------------------------------------------------------- what follows a pattern

_COUNT = r"(?<!\d)(?<!\d[.,])(?:\d{1,3}|[一二三四五六十廿兩百]{1,3})"
_DAYS = r"(?<![\w.,-])\d{1,3}(?:-,? (?:and )?\d{1,3}){0,3}[- ](?:day|week|month|hour|period)"
_YEARS = r"(?<![\w.,-])(?:\d{1,2}|[Tt]wo|[Ff]ive|[Tt]en|[Tt]hirty)-year "
_ISSUERS = "|".join(word_list("issuer"))
_AVERAGE = Name("INDICATOR", "moving average", None)
_YIELD = Name("MACRO", "government bond yield", None)
# Words that are quick to search for; the lead that must stand right before one, and the tail that must follow, for the
# lead and the word together to be a name.
_PATTERNS: tuple[tuple[Name, str, str, str], ...] = (
    (
        _AVERAGE,
        "移動平均線|移動平均|平均線|均線|線",
        rf"{_COUNT} ?個?(?:交易)?(?:日|天|週|周|月|年|小時|分鐘) ?(?:指數|簡單)?$",
        r"(?![圖性上下])",
    ),
    (Name("INDICATOR", "relative strength index", None), "RSI", rf"{_COUNT} ?(?:日|小時) ?$", r"(?![A-Za-z])"),
    (
        Name("INDICATOR", "stochastic oscillator", None),
        "KD|K值|K 值",
        rf"(?:{_COUNT} ?)?[日週周月] ?$",
        r"(?![A-Za-z])",
    ),
    (
        _AVERAGE,
        "averages|average|line|EMA|SMA|MA",
        rf"{_DAYS} (?:(?:simple|exponential) )?(?:moving[ -])?$",
        r"\b",
    ),
    (
        _AVERAGE,
        "-day|-week",
        r"(?<![\w.,-])(?:20|50|100|150|200)$",
        r"(?=[,.;:)\n]| \(| (?:at|is|near|and|with|for|has|sits|on|in|stands|from|before|or|around|but)\b)",
    ),
    (
        _YIELD,
        "殖利率|孳息率|孳息|債息|利率",
        rf"(?:美國)?{_COUNT} ?年期?(?:美國|中國|德國|日本|英國|美|德|日)?(?:公債|國債|債券|債|期)?(?:實質)?$",
        r"(?!差)",
    ),
    (
        _YIELD,
        "yields|yield|real rate",
        rf"{_YEARS}(?:(?:US|U\.S\.|UK|German|Treasury|gilt|JGB|bond|government bond|G-sec|real|note|bund) ){{0,3}}$",
        r"\b",
    ),
    (
        Name("SECTOR", None, None),
        "類股|族群",
        r"[\u4e00-\u9fff]{2}(?<![整單接一個次這該各兩同的他她其類][\u4e00-\u9fff])(?<![個類的一近次])$",
        "",
    ),
    (Name("FUND", None, None), "ETF|基金", rf"(?:{_ISSUERS})[\u4e00-\u9fffA-Z0-9 ]{{2,12}}$", r"(?!經理|公司|市場)"),
)
_BY_WORD = {
    word: (name, re.compile(lead), re.compile(tail))
    for name, words, lead, tail in _PATTERNS
    for word in words.split("|")
}
_WORDS = re.compile("|".join(sorted(map(re.escape, _BY_WORD), key=len, reverse=True)))
_LEAD_LENGTH = 40  # characters before a word that a lead may take


def find_patterns(plain: str) -> list[Reading]:
    """Return what follows a pattern: 「50 日均線」, 10-year Treasury yield, 「散熱族群」, 「國泰永續高股息ETF」."""
    found = []
    for word in _WORDS.finditer(plain):
        name, lead, tail = _BY_WORD[word[0]]
        start = lead.search(plain, max(0, word.start() - _LEAD_LENGTH), word.start())
        if start and tail.match(plain, word.end()):
            found.append(Reading(start.start(), word.end(), name))
    return found


# --------------------------------------------------------------------------------------- words with two meanings

_WHEN = r"(?:今年|去年|明年|首季|[上本下]季|第[一二三四]季|[上下]半年|全年|單月|\d{1,2} ?月|[昨今]日|週[一二三四五])?"
_FIRM_CUES_AFTER = re.compile(
    rf" ?{_WHEN}(?:[(（][A-Z0-9]|股價|股票|財報|營收|獲利|盈利|業績|法說|宣布|宣佈|公布|公佈|表示|指出|"
    r"執行長|董事長|總經理|行政總裁|集團|控股|公司|旗下|目標價|"
    r"市值|受惠|漲停|跌停|大漲|大跌|急升|急跌|股東|訂單|新廠|毛利|股息|派息|"
    r"的(?:股價|財報|營收|獲利|毛利|本益比|訂單|資本支出|業績|市值|現金|估值|產能|客戶)|"
    r"(?:'s|’s)? (?:shares?|stock|reported|reports|said|says|posted|announced|raised|cut|plans|earnings|revenue|sales|"
    r"profits?|margins?|guidance|chief|CEO|fell|rose|jumped|slid|gained|dropped|closed|trades|beat|missed|results)\b)"
)
_FIRM_CUES_BEFORE = re.compile(
    r"(?:買進|賣出|加碼|減碼|持有|看好|看壞|股東|龍頭|大廠|同業|對手|客戶|供應商|股王|"
    r"[Ss]hares (?:of|in) |[Ss]take in |[Bb]uy |[Ss]ell |[Oo]wn |[Hh]old )$"
)
_AMOUNT_BEFORE = re.compile(
    r"(?:[\d億萬兆千百十數幾多餘半元一二兩三四五六七八九]|(?:hundred|thousand|million|billion|trillion|bn|m)) ?$"
)
_NEVER_ALONE = frozenset(("American",))  # an adjective far more often than the airline


def keep_supported(plain: str, readings: Iterable[Reading]) -> list[Reading]:
    """Return the sure readings, and of the others those that the text supports."""
    kept: list[Reading] = []
    firms: list[Reading] = []
    for reading in readings:
        if reading.sure:
            kept.append(reading)
        elif (support := _SUPPORT.get(reading.name.label)) is None:
            firms.append(reading)
        elif support(plain, reading):
            kept.append(reading)
    anchors = {_identity(r) for r in kept if r.name.label in ("COMPANY", "TICKER")}
    edges = {edge for r in kept if r.name.label == "COMPANY" for edge in (r.start, -r.end)}
    spoken = {_identity(r) for r in firms if _firm_speaks(plain, r) or _is_listed_with(plain, r, edges)}
    return kept + [reading for reading in firms if _identity(reading) in anchors or _identity(reading) in spoken]


def _identity(reading: Reading) -> str | None:
    return reading.name.ticker or reading.name.canonical


def _firm_speaks(plain: str, reading: Reading) -> bool:
    after, before = plain[reading.end : reading.end + 16], plain[max(0, reading.start - 10) : reading.start]
    if plain[reading.start : reading.end] in _NEVER_ALONE:
        return False
    if _FIRM_CUES_AFTER.match(after) or _FIRM_CUES_BEFORE.search(before):
        return True
    return is_latin(plain[reading.start]) and (_capital_inside(plain, reading) or _is_latin_in_chinese(plain, reading))


def _is_listed_with(plain: str, reading: Reading, edges: set[int]) -> bool:
    """A weak name in a list with a sure one: 「蘋果、特斯拉」, Meta 和 Alphabet, Ford and General Motors."""
    after = _AND_AFTER.match(plain, reading.end)
    before = _AND_BEFORE.search(plain, max(0, reading.start - 5), reading.start)
    return (after is not None and after.end() in edges) or (before is not None and -before.start() in edges)


_AND_AFTER = re.compile(r"、| ?[和與及跟] ?|, | and | or ")
_AND_BEFORE = re.compile(r"(?:、| ?[和與及跟] ?|, | and | or )$")


def _capital_inside(plain: str, reading: Reading) -> bool:
    """A capitalised word between words in small letters, or between Chinese ones, is a name."""
    before = plain[max(0, reading.start - 12) : reading.start].rstrip(" ")
    after = plain[reading.end : reading.end + 12].lstrip(" ")
    if not before or not after or after[0].isupper():
        return False
    word = re.search(r"[A-Za-z]+$", before)
    if word:
        return word[0].islower()
    return before[-1] in ",;、「—" or "\u4e00" <= before[-1] <= "\u9fff"


def _is_subject(plain: str, reading: Reading) -> bool:
    """A currency that the sentence is about, not the unit of an amount or the make of a bond."""
    before = plain[max(0, reading.start - 12) : reading.start]
    after = plain[reading.end : reading.end + 8]
    if _AMOUNT_BEFORE.search(before) or _UNIT_AFTER.match(after):
        return False
    if not is_latin(plain[reading.start]):
        return True
    return (
        _THE_BEFORE.search(before) is not None
        or re.match(r" (?:terms|rose|fell|strength|weakness|rall)", after) is not None
    )


_UNIT_AFTER = re.compile(r" ?[\d一二兩三四五六七八九十數幾$]|債|計價|資產|存款|定存|保單|化|高息|現金|-denominated")
_THE_BEFORE = re.compile(
    r"(?:\b(?:the|weaker|stronger|weak|strong|soft|softer|falling|rising|firmer|US|strengthening|weakening)) $", re.I
)


def _states_figure(plain: str, reading: Reading) -> bool:
    """A measure whose figure stands right after it, or right before: 「息率 6 厘」, target of $42, a 5% yield."""
    if is_latin(plain[reading.start]):
        return (
            _FIGURE_AFTER.match(plain, reading.end, reading.end + 24) is not None
            or _FIGURE_BEFORE.search(plain, max(0, reading.start - 24), reading.start) is not None
        )
    return _FIGURE_AFTER_HAN.match(plain, reading.end, reading.end + 12) is not None


_FIGURE_AFTER = re.compile(r"[^.;:\n\d]{0,18}\d")
_FIGURE_BEFORE = re.compile(
    r"\d[\d.,%xk]*(?: (?:million|billion|per cent|percent|cents?|times|pence|bn|m))?[ -](?:of |in |the )?$"
)
_FIGURE_AFTER_HAN = re.compile(r"[^,。;、:\n\d]{0,8}[\d一二三四五六七八九十兩]")


def _is_own_central_bank(plain: str, reading: Reading) -> bool:
    """「央行」 alone is the home country's, but not in 「各國央行買金」."""
    before, after = plain[max(0, reading.start - 3) : reading.start], plain[reading.end : reading.end + 3]
    return not re.search(r"(?:各國|全球|環球|多國|主要|新興|其他|各大|外國|今次的)$", before) and not re.match(
        r"[們都]|買金|購金|需求|沒有|量化|的買", after
    )


def _is_place(plain: str, reading: Reading) -> bool:
    return not is_latin(plain[reading.start]) or plain[reading.start].islower() or _capital_inside(plain, reading)


def _of_bonds(plain: str, reading: Reading) -> bool:
    """A bare 殖利率 is a benchmark's where the words before speak of bonds, and a share's dividend yield elsewhere."""
    before = plain[max(0, reading.start - 40) : reading.start].rpartition("\n")[2]
    return (
        re.search(r"公債|美債|國債|債市|年期|聯準會|聯儲局", before) is not None
        and re.search(r"股息|配息|個股|現金", before) is None
    )


def _is_statistic(plain: str, reading: Reading) -> bool:
    is_yield = plain[reading.start : reading.end] in ("殖利率", "孳息", "孳息率")
    return (_of_bonds if is_yield else _states_figure)(plain, reading)


def _is_latin_in_chinese(plain: str, reading: Reading) -> bool:
    """A Latin word set among Chinese ones is a name there: 「Prime 漲價」."""
    around = (
        plain[max(0, reading.start - 2) : reading.start].rstrip()[-1:]
        + plain[reading.end : reading.end + 2].lstrip()[:1]
    )
    return (
        is_latin(plain[reading.start])
        and len(around) == 2
        and all("\u3000" <= c <= "\u9fff" or c in ",:;!?" for c in around)
    )


def _never(plain: str, reading: Reading) -> bool:
    return False


_SUPPORT: dict[str | None, Callable[[str, Reading], bool]] = {
    "METRIC": _states_figure,
    "MACRO": _is_statistic,
    "COMMODITY": _states_figure,
    "INDEX": _states_figure,
    "CRYPTO": _states_figure,
    "INDICATOR": _states_figure,
    "CURRENCY": _is_subject,
    "LOCATION": _is_place,
    "ORG": _is_own_central_bank,
    "PRODUCT": _is_latin_in_chinese,
    "SECTOR": _never,
    "EVENT": _never,
    "PERSON": _never,
    "FUND": _never,
}


# ------------------------------------------------------------------------------------------------- the decision

_GROWTH = re.compile(r" ?(?:年增率|月增率|季增率|年增長率|成長率|增長率|增速|年減率)")
_MODIFIER = re.compile(r"(?:經調整|經常性|日均)$")


def join(plain: str, readings: Iterable[Reading]) -> list[Reading]:
    """Return the readings with compounds of measures made one: 新業務價值 + 利潤率, 獲利 + 增速, 經調整 + 純利."""
    grown = []
    by_start: dict[int, list[Reading]] = {}
    for reading in readings:
        if reading.name.label in ("METRIC", "MACRO"):
            by_start.setdefault(reading.start, []).append(reading)
    for reading in readings:
        if reading.name.label not in ("METRIC", "MACRO") or plain[reading.start].isascii():
            grown.append(reading)
            continue
        start, end = reading.start, reading.end
        if (modifier := _MODIFIER.search(plain, max(0, start - 3), start)) and reading.name.label == "METRIC":
            start = modifier.start()
        follower = max((r.end for r in by_start.get(end, ()) if r.name.label == reading.name.label), default=end)
        end = follower
        name = reading.name
        if growth := _GROWTH.match(plain, end):
            end = growth.end()
            if name.canonical and not name.canonical.endswith(" growth"):
                name = replace(name, canonical=f"{name.canonical} growth")
        grown.append(replace(reading.stretched(start, end), name=name))
    return grown


def choose(readings: Iterable[Reading]) -> list[Reading]:
    """Return readings that do not overlap: leftmost first, the longest there, the user's before ours, by label last."""
    best: list[Reading] = []
    end = 0
    for reading in sorted(readings, key=_preference):
        if reading.start >= end:
            best.append(reading)
            end = reading.end
    return [reading for reading in best if reading.name.label is not None]


_ORDER = {
    label: place
    for place, label in enumerate(
        ("TICKER", "COMPANY", "ORG", "PRODUCT", "FUND", "INDEX", "EVENT", "INDICATOR", "MACRO")
    )
}


def _preference(reading: Reading) -> tuple[int, int, int, int, float]:
    listed = reading.score > 0.75  # a name of no table gives way to the same words in one
    order = _ORDER.get(reading.name.label or "", 9) if listed else 10
    return (reading.start, -reading.name.rank, -reading.end, order, -reading.score)
