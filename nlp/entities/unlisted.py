"""Names that no table lists but whose own words say what they are: "Harrow Valley Bancorp", 「凜川科技」.

A name found once this way is then found wherever the article repeats it, in full or short: "Harrow Valley said".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import ahocorasick_rs

from .lexicon import Lexicon, Name, Reading, is_latin, word_list

__all__ = ["find_unlisted"]

_FIRM_WORDS = "|".join(word_list("firm_word"))
_TAILS = r"(?:,? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|LLC|PLC|plc|AG|SE|NV|SA|SpA|Pte|Bhd|ASA|Oyj)\b\.?)"
_REST = r"[A-Za-zÀ-ÿ'.-]{0,24}"  # of a word; bounded, or a long A-A-A-… would be read again from each of its letters
_WORD = rf"[A-Z]{_REST}"
_RUN = re.compile(rf"[A-Z](?<![A-Za-z$][A-Z]){_REST}(?: (?:& )?{_WORD}){{1,4}}{_TAILS}?(?![A-Za-z])")
_FUND = re.compile(
    rf"[A-Z](?<![A-Za-z] [A-Z])(?<![A-Za-z$][A-Z]){_REST}(?: {_WORD}| &){{1,4}} (?:Fund|ETF)(?![A-Za-z])"
)
_FIRM_END = re.compile(rf"(?:^| )(?:{_FIRM_WORDS})$")
_TAIL_END = re.compile(rf"{_TAILS}$")
_SMALL = frozenset(word_list("sentence_word"))
_COMMON_HEADS = frozenset(word_list("common_head"))


def find_unlisted(plain: str, readings: Iterable[Reading], lexicon: Lexicon) -> list[Reading]:
    """Return the readings of names that no table lists; `readings` are those found so far."""
    firms = dict.fromkeys(_latin_firms(plain), 0.7)
    firms |= dict.fromkeys(_chinese_firms(plain, lexicon), 0.7)
    for reading in readings:
        if reading.name.label == "COMPANY" and reading.score == 0.9:  # stood beside a bracketed symbol
            firms[plain[reading.start : reading.end]] = 0.9
    names = {firm: Name("COMPANY", firm if firm.isascii() else None, None) for firm in firms}
    for words in map(str.split, _FUND.findall(plain)):
        while words[0] in _SMALL:
            words.pop(0)
        if len(words) > 2:
            fund = " ".join(words)
            names[fund] = Name("FUND", fund, None)
    for firm in firms:
        if (short := _short(firm)) and not lexicon.knows(short):
            names.setdefault(short, names[firm])
    for person in (*_latin_people(plain, names, lexicon), *_chinese_people(plain, lexicon)):
        names.setdefault(person, Name("PERSON", person if person.isascii() else None, None))
        surname = person.rpartition(" ")[2]
        if surname != person and len(surname) > 3 and not lexicon.knows(surname):
            names.setdefault(surname, names[person])
    found = list(_mentions(plain, names))
    surnames = {name[0] for name, what in names.items() if what.label == "PERSON"}
    for match in _HAN_SPEAKER.finditer(plain):  # 「岑:」 in an interview
        if match["name"] in surnames:
            found.append(Reading(*match.span("name"), Name("PERSON", None, None), score=0.7))
    return found


def _mentions(plain: str, names: dict[str, Name]) -> Iterator[Reading]:
    if not names:
        return
    forms = list(names)
    matcher = ahocorasick_rs.AhoCorasick(forms, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    for index, start, end in matcher.find_matches_as_indexes(plain):
        cut = (start and is_latin(plain[start]) and is_latin(plain[start - 1])) or (
            end < len(plain) and is_latin(plain[end - 1]) and is_latin(plain[end])
        )
        if not cut:
            yield Reading(start, end, names[forms[index]], score=0.7)


# --------------------------------------------------------------------------------------------------- firms


def _latin_firms(plain: str) -> Iterator[str]:
    for match in _RUN.finditer(plain):
        words = match[0].removesuffix("'s").rstrip(".,'").split(" ")
        while words and (words[0].rstrip(".,") in _SMALL or words[0] == "&"):
            words.pop(0)
        while len(words) > 1 and not _names_a_firm(words):
            words.pop()
        if len(words) > 1 and words[0] not in _COMMON_HEADS and all(word != "" for word in words):
            yield " ".join(words)


def _names_a_firm(words: list[str]) -> bool:
    text = " ".join(words)
    if _FIRM_END.search(text) or _TAIL_END.search(text):
        return True
    return len(words) > 2 and words[-2] == "&" and words[-1] not in _COMMON_HEADS


def _short(firm: str) -> str | None:
    """Return what an article calls the firm later on, or None: Harrow Valley Bancorp → Harrow Valley."""
    if not firm.isascii():
        return None
    words = firm.split(" ")
    while len(words) > 1 and (
        _FIRM_END.search(words[-1]) or _TAIL_END.search(" " + words[-1]) or words[-1] in _COMMON_HEADS
    ):
        words.pop()
    if "&" in words:
        return None
    short = " ".join(words)
    return short if short != firm and len(short) >= 5 and short not in _COMMON_HEADS else None


_SURE_ENDS = word_list("firm_end")
_LIKELY_ENDS = word_list("likely_firm_end")
_ENDS = re.compile("|".join(sorted((*_SURE_ENDS, *_LIKELY_ENDS), key=len, reverse=True)))
_BREAKS = frozenset(
    "的了是在與和及對由從但而以為像如看說買或讓被把向跟給於至到比等且則只就都也還有無不每各該此這那其同按據稱指賣撐於因若"
)
_NOT_IN_NAMES = (_BREAKS - {"和"}) | frozenset(
    "我你他她它們個間家隻檔股年月日些過去來要會能可已再又很最更太做用叫請問一兩幾多少"
)
# Two characters that stand before 證券, 銀行, 科技 … and name no firm.
_ORDINARY_STEMS = frozenset(word_list("ordinary_stem"))


def _chinese_firms(plain: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield firms by their last word: two or three characters of their own, then 證券, 科技 and the like."""
    places: dict[str, set[str]] = {}
    for match in _ENDS.finditer(plain):
        for size in (2, 3):
            start = match.start() - size
            stem = plain[max(start, 0) : match.start()]
            if start < 0 or not _is_stem(stem, lexicon):
                break
            places.setdefault(stem + match[0], set()).add(plain[start - 1 : start])
    taken: set[str] = set()
    for name, before in sorted(places.items(), key=lambda item: len(item[0])):
        end = next(word for word in (name[-3:], name[-2:]) if _ENDS.fullmatch(word))
        apart = sum(not ("\u4e00" <= character <= "\u9fff") or character in _BREAKS for character in before)
        if name[1:] in taken or lexicon.knows(name[1:]) or lexicon.knows(name):
            continue
        once = apart > 0 and (end in _SURE_ENDS or len(before) > 1)
        if once or len(before) > 2 if len(name) - len(end) == 2 else apart and len(before) > 1:
            taken.add(name)
            yield name


def _is_stem(stem: str, lexicon: Lexicon) -> bool:
    return (
        all("\u4e00" <= character <= "\u9fff" and character not in _NOT_IN_NAMES for character in stem)
        and stem[-2:] not in _ORDINARY_STEMS
        and stem[:2] not in _ORDINARY_STEMS
        and not lexicon.knows(stem)
    )


# -------------------------------------------------------------------------------------------------- people

_GIVEN = r"[A-Z][a-zÀ-ÿ]{1,20}(?:-[A-Z][a-zÀ-ÿ]{1,20})?"
_ROLE = (
    r"(?:chief|analyst|portfolio|head of|senior|managing|CEO|CFO|chair|economist|strategist|director|president|founder|"
    r"columnist|manager|editor|who |a (?:former|fund|portfolio|veteran)|"
    r"an? \w+ (?:analyst|economist|columnist|manager)|its|their|our|"
    r"\w+ (?:columnist|editor|correspondent|analyst|strategist|manager|economist))"
)
_AFTER_ROLE = re.compile(
    r"(?:Said|said|Says|says|By|by|analyst|executive|economist|manager|strategist|chairman|Mr|Ms|Mrs|Dr|columnist|CEO|CFO|"
    r"editor|founder|with|With|Author|author|minister|governor)[.:]? "
    rf"(?P<name>{_GIVEN}(?: [A-Z]\.)? {_GIVEN})(?! (?:Bank|Group|Inc|Research|Capital))"
)
_BEFORE_ROLE = re.compile(
    rf"(?P<name>[A-Z](?<![A-Za-z] [A-Z])(?<![A-Za-z][A-Z])[a-zÀ-ÿ]+(?:-[A-Z][a-zÀ-ÿ]+)? {_GIVEN})"
    rf"(?=,? (?:\| ?)?{_ROLE})"
)
_OWN_LINE = re.compile(rf"(?:\A|\n)(?P<name>{_GIVEN} {_GIVEN})(?=:| \||\n|\Z)")
_SURNAMES = "".join(word_list("surname"))
_TITLES = "|".join(word_list("title"))
_AFTER_TITLE = re.compile(
    rf"(?:{_TITLES})[:/ ]?(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{2}})"
    r"(?=[^\u4e00-\u9fff]|表示|指出|認為|說|坦言|強調|預期|在|稱|則|也|直言|提醒|寫道|分析|\Z)"
)
_BEFORE_TITLE = re.compile(
    rf"(?P<name>[{_SURNAMES}](?<![\u4e00-\u9fff].)[\u4e00-\u9fff]{{2}})(?= ?\(?(?:{_TITLES})| ?[/|丨])"
)


def _latin_people(plain: str, firms: Iterable[str], lexicon: Lexicon) -> Iterator[str]:
    firm_words = {word for firm in firms for word in firm.split()}
    for match in chain(
        *(pattern.finditer(plain) for pattern in (_AFTER_ROLE, _BEFORE_ROLE, _OWN_LINE)), _bylines(plain)
    ):
        name = match["name"]
        words = name.split()
        if {words[0], words[-1]} & (_SMALL | _COMMON_HEADS) or any(lexicon.knows(word) for word in (name, *words)):
            continue
        if not any(word in firm_words for word in words) and not _FIRM_END.search(name):
            yield name
    for name, turns in Counter(_SPEAKER.findall(plain)).items():
        if turns > 1 and name not in _NOT_SPEAKERS and not lexicon.knows(name):
            yield name


_NOT_SPEAKERS = frozenset(word_list("speaker"))


def _bylines(plain: str) -> Iterator[re.Match[str]]:
    return _BYLINE.finditer(plain, 0, _HEAD)


_HEAD = 400  # where titles and bylines are
_BYLINE = re.compile(rf"^(?:By )?(?P<name>{_GIVEN}(?: [A-Z]\.)? {_GIVEN})(?=, | \||$)", re.MULTILINE)
_SPEAKER = re.compile(r"(?:\A|\n)\**([A-Z]{3,12})(?=\**:)")
_HAN_BYLINE = re.compile(
    rf"(?:^|(?<=[ /:|｜丨、]))(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{2}})(?=$|[ :(|｜丨/])", re.MULTILINE
)
_HAN_SPEAKER = re.compile(rf"\n(?P<name>[{_SURNAMES}])(?=:)")
_NOT_GIVEN = (_NOT_IN_NAMES - frozenset("若如之同也")) | frozenset(
    "股會價率指所業金行債線點元期面險跌升漲高低殖組融多少先現說表後前上下"
)


def _chinese_people(plain: str, lexicon: Lexicon) -> Iterator[str]:
    head = _HAN_BYLINE.finditer(plain, 0, _HEAD)
    for match in chain(_AFTER_TITLE.finditer(plain), _BEFORE_TITLE.finditer(plain), head):
        if not any(character in _NOT_GIVEN for character in match["name"][1:]) and not lexicon.knows(match["name"]):
            yield match["name"]
