"""Text → sentences and words: spans of the text, with nothing lost between them but white space.

Sentences end at 。!? and at line ends, as the annotation guide has it, and at English full stops that are not part of
an abbreviation or a number. Words are cut by jieba with a Traditional dictionary; Latin names, numbers, tickers and
whatever the caller wants kept (entities, figures) are set apart before jieba sees the text.
"""

from __future__ import annotations

import gzip
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from .lexicon import read_table, read_user_table
from .records import Section, Sentence
from .text import detect_language, fold_width, view

if TYPE_CHECKING:
    from jieba import Tokenizer

    from .records import Language

__all__ = ["Cutter", "find_sentences", "find_words"]

_LEXICON = Path(__file__).parent / "lexicon"

# ------------------------------------------------------------------------------------------------------ sentences

_STOP = re.compile(r"[。｡!?]+[。｡!?.…]*|\.+|…+")
_CLOSERS = frozenset("\"'”’」』）)]】》〉*_")
_BEFORE_STOP = re.compile(r"[A-Za-z](?:[A-Za-z]|\.(?=[A-Za-z])){0,15}$")
_CASUAL = re.compile(r"(?<![^\s\"(])i(?:'(?:m|ve|d|ll))?(?!\S)")
_LIST_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})$")
_FIRST_WORD = re.compile(r"[\"'“‘(\[]{0,3}([A-Za-z]+)")


def find_sentences(text: str, sections: Sequence[Section]) -> tuple[Sentence, ...]:
    """Return the sentences of each section, in order; titles, headings and datelines are sentences too.

    >>> text = "Apple Inc. rose 1.5% to $3.4 bn. It is up, e.g. in the U.S. market. 「會漲嗎?」他沒說;我看會。"
    >>> [text[s.start:s.end] for s in find_sentences(text, [Section(0, len(text), "paragraph")])]
    ['Apple Inc. rose 1.5% to $3.4 bn.', 'It is up, e.g. in the U.S. market.', '「會漲嗎?」', '他沒說;我看會。']
    """
    folded = fold_width(text)
    return tuple(
        Sentence(start, end, index)
        for index, section in enumerate(sections)
        for start, end in _sentence_spans(folded, section.start, section.end)
    )


def _sentence_spans(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    casual = _CASUAL.search(folded, start, end) is not None
    for stop in _STOP.finditer(folded, start, end):
        if stop.start() < begin or not _ends(folded, begin, stop.start(), stop.end(), end, casual):
            continue
        to = stop.end()
        while to < end and folded[to] in _CLOSERS and not _opens(folded, to, end):
            to += 1
        span = _trim(folded, begin, to)
        if span:
            yield span
        begin = to
    span = _trim(folded, begin, end)
    if span:
        yield span


def _opens(folded: str, at: int, end: int) -> bool:
    """Return whether the straight quote at `at` opens the next sentence instead of closing this one."""
    if folded[at] not in "\"'*_":
        return False
    return folded[at - 1].isspace() and at + 1 < end and not folded[at + 1].isspace()


def _ends(folded: str, begin: int, start: int, stop: int, end: int, casual: bool) -> bool:
    """Return whether the stop mark [start, stop) ends the sentence that began at `begin`.

    :param casual: the writer does without capitals, so that a small letter does not say that the sentence runs on.
    """
    mark = folded[start]
    after = stop
    while after < end and folded[after] in _CLOSERS and after < stop + 8:
        after += 1
    if after >= end:
        return True
    if mark in "。｡!?" and after > stop and folded[after] in ".。,":
        return False  # 'full of "did I miss it?".': the outer mark decides
    spaced = folded[after].isspace()
    following = folded[after : after + 48].lstrip()
    if mark in "。｡":
        return True
    if mark in "!?":
        # "Why now?" he asked: the sentence runs on.
        return casual or not (spaced and _is_small(following))
    previous = folded[start - 1] if start > begin else " "
    if mark == "…" or stop - start > 1:
        return spaced and following[:1].isupper() and following[:1].isascii()
    if _is_wide(previous):
        return not (folded[stop].isascii() and folded[stop].isalnum())
    if not spaced or (_is_small(following) and not casual):
        return False
    return not _abbreviates(folded, begin, start, following)


def _abbreviates(folded: str, begin: int, start: int, following: str) -> bool:
    """Return whether the full stop at `start` belongs to an abbreviation or a list number."""
    head = folded[max(begin, start - 18) : start]
    if start - begin <= 5 and _LIST_NUMBER.match(folded[begin:start].lstrip()):
        return True
    found = _BEFORE_STOP.search(head)
    if found is None:
        return False
    before = head[: found.start()][-1:]
    if before.isdigit() or before == "&":
        return False  # $102.3bn. and S&P. are no abbreviations
    word = found.group().lower()
    kinds = _abbreviations().get(word, "")
    if not kinds and len(word) == 1:
        kinds = "never" if found.group().isupper() and word != "i" else ""  # J. P. Morgan
    elif not kinds and re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):
        kinds = "open"  # D.R. Horton
    if kinds == "number":
        return following[:1].isdigit()
    if kinds != "open":
        return kinds == "never"
    first = _FIRST_WORD.match(following)
    return first is None or first.group(1).lower() not in _starters()


def _is_small(following: str) -> bool:
    """Return whether the text goes on with a small letter; iShares and eBay begin as a capital does."""
    return following[:1].islower() and following[:1].isascii() and not following[1:2].isupper()


def _trim(folded: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and folded[start].isspace():
        start += 1
    while end > start and folded[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _is_wide(character: str) -> bool:
    return character >= "\u2e80"


@cache
def _abbreviations() -> dict[str, str]:
    return {row["word"]: row["kind"] for row in read_table("abbreviations.tsv") if row["kind"] != "starter"}


@cache
def _starters() -> frozenset[str]:
    return frozenset(row["word"] for row in read_table("abbreviations.tsv") if row["kind"] == "starter")


# ---------------------------------------------------------------------------------------------------------- words

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PIECE = re.compile(
    rf"""
    (?P<scale>(?<=\d\s)[十百千萬億兆]{{1,4}})
  | (?P<han>[{_HAN}]{{1,2000}})
  | (?P<url>https?://[^\s{_HAN}，。、；）」]+)
  | (?P<letters>[A-Za-z]\.(?:[A-Za-z]\.)+)
  | (?P<ticker>\d{{4,6}}\.(?:TWO|TW|HK|SS|SZ|T|KS)\b | [A-Z]{{1,5}}[.-][A-Z]{{1,2}}\b)
  | (?P<latin>[^\W\d_{_HAN}][^\W_{_HAN}]*(?:[&.'’-][^\W_{_HAN}]+)*)
  | (?P<number>
        (?:(?<![A-Za-z0-9.)%])[+-])? (?:(?:US|HK|NT|A|C|S)?[$€£¥])? (?:(?<![A-Za-z0-9.)%])[+-])?
        \d+ (?:,\d{{3}})* (?:\.\d+)? (?:%|[十百千萬億兆]{{1,4}}|[A-Za-z][A-Za-z0-9]*)? )
  | (?P<dollars>(?:US|HK|NT)\$)
  | (?P<same>(?P<mark>[^\w\s])(?P=mark)*)
  | (?P<other>\S)
    """,
    re.VERBOSE,
)
_DOTS = "·‧•"
# Characters that Chinese writes foreign names with: what stands beside a middle dot and is made of them is a name.
_SOUNDS = frozenset(
    "阿艾愛安奧巴貝比博布查達大戴黛丹德迪狄蒂丁杜多恩爾法菲費弗佛夫福蓋岡高戈格古哈海漢赫亨胡華霍基吉加傑捷金卡凱坎考柯科克肯庫"
    "拉萊蘭朗勞勒雷李里利林琳隆盧魯倫羅洛馬麥曼梅門蒙米莫默姆穆納奈內尼紐諾歐帕派佩彭皮普奇齊喬瓊切瑞薩塞桑沙莎山舍施史司斯絲索"
    "塔泰坦特提湯托圖瓦威韋維溫沃伍西希夏謝辛休雅亞揚伊因約詹珍茲佐茱朱祖森遜遷邁頓登鮑芬葛黎俄讓露蕾妮娜嘉賈"
    "葉甫根申京茨彼堡翰弗赫恰雷睦諶珀佩瑟舒什圭娃奎耶廷欽柏伯華恆艮蓓蓮黛琪朵蒙津契肖蕭蘇邦崔侯杭"
)


class Cutter:
    """Cuts Chinese text into words: jieba with weiji's Traditional dictionary, without its guessing of new words.

    The words of the tables of names and terms are known to every cutter.

    :param user_words: further words, in Traditional characters, that are to stay whole where jieba would divide them.

    >>> Cutter(["低軌衛星"]).cut("投資低軌衛星基礎設施")
    ['投資', '低軌衛星', '基礎設施']
    """

    def __init__(self, user_words: Iterable[str] = ()) -> None:
        self._tokenizer = _tokenizer()
        for word in chain(_lexicon_words(), user_words):
            if len(word) > 1:
                self._tokenizer.suggest_freq(word, tune=True)

    def cut(self, run: str) -> list[str]:
        """Return the words of a run of Chinese characters; joined, they are the run."""
        return list(self._tokenizer.cut(run, HMM=False))

    def knows(self, word: str) -> bool:
        """Return whether the dictionary has the word."""
        return bool(self._tokenizer.FREQ.get(word))


def find_words(
    text: str,
    *,
    keep: Iterable[tuple[int, int]] = (),
    cutter: Cutter | None = None,
    language: Language | None = None,
) -> tuple[tuple[int, int], ...]:
    """Return the spans of the words, in order; every character that is not white space is in exactly one.

    :param keep: spans that are to be one word each where they do not overlap: entities, figures. White space in a kept
        span divides it, since no word holds any.
    :param language: decides whether Simplified characters are read as Traditional ones; detected when missing.

    >>> text = "AT&T 營收成長 24%,達 1,395億元"
    >>> [text[start:end] for start, end in find_words(text)]
    ['AT&T', '營收', '成長', '24%', ',', '達', '1,395億', '元']
    """
    seen = view(text, language or detect_language(text))
    cutter = cutter or _default_cutter()
    words: list[tuple[int, int]] = []
    at = 0
    for start, end in _apart(keep, len(text)):
        words += _cut(seen, at, start, cutter)
        words += _unspaced(text, start, end)
        at = end
    words += _cut(seen, at, len(seen), cutter)
    return tuple(words)


def _apart(spans: Iterable[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Yield the spans in order without those that overlap an earlier one; of two that start together, the longer."""
    at = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if at <= start < end <= size:
            yield start, end
            at = end


def _unspaced(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in re.finditer(r"\S+", text[start:end]):
        yield start + found.start(), start + found.end()


def _cut(seen: str, start: int, end: int, cutter: Cutter) -> list[tuple[int, int]]:
    words: list[tuple[int, int]] = []
    for piece in _PIECE.finditer(seen, start, end):
        if piece.lastgroup != "han":
            words.append(piece.span())
            continue
        at = piece.start()
        for word in cutter.cut(piece.group()):
            words.append((at, at + len(word)))
            at += len(word)
    return _join(seen, words, cutter)


def _join(seen: str, words: list[tuple[int, int]], cutter: Cutter) -> list[tuple[int, int]]:
    """Join what the pieces cut through: 「A」「股」 of A股, and the sides of the dot in a foreign name."""
    joined: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        start, end = words[at]
        following = words[at + 1] if at + 1 < len(words) else (end, end)
        at += 1
        if following[0] == end and joined and _links(seen, joined[-1], (start, end), following):
            start = joined.pop()[0]
            while joined and joined[-1][1] == start and _is_name(seen, joined[-1], short=True):
                start = joined.pop()[0]
            end = following[1]
            at += 1
            while at < len(words) and words[at][0] == end and _is_name(seen, words[at], short=True):
                end = words[at][1]
                at += 1
        elif following[0] == end < following[1] and _is_mixed(seen[start : following[1]], end - start, cutter):
            end = following[1]
            at += 1
        joined.append((start, end))
    return joined


def _links(seen: str, before: tuple[int, int], dot: tuple[int, int], after: tuple[int, int]) -> bool:
    """Return whether the word `dot` is a dot between two parts of a foreign name."""
    return (
        dot[1] - dot[0] == 1
        and seen[dot[0]] in _DOTS
        and before[1] == dot[0]
        and _is_name(seen, before)
        and _is_name(seen, after)
    )


def _is_mixed(word: str, latin: int, cutter: Cutter) -> bool:
    """Return whether a word that begins with `latin` Latin letters is one of the dictionary's: A股, T恤."""
    return latin <= 3 and word[:latin].isascii() and word[:latin].isalpha() and cutter.knows(word)


def _is_name(seen: str, span: tuple[int, int], *, short: bool = False) -> bool:
    """Return whether the word may be (a further syllable of) a foreign name."""
    word = seen[span[0] : span[1]]
    if short and len(word) > 2:
        return False
    return bool(word) and _SOUNDS.issuperset(word)


@cache
def _default_cutter() -> Cutter:
    return Cutter()


def _lexicon_words() -> Iterator[str]:
    """Yield the Chinese words of two to five characters in weiji's own tables of names and terms."""
    chinese = re.compile(r"[\u4e00-\u9fff]{2,5}")
    for path in sorted(_LEXICON.glob("*.tsv")):
        if path.name in ("headings.tsv", "abbreviations.tsv"):
            continue
        for row in read_user_table(path):
            for column, cell in row.items():
                if column in ("word", "forms", "aliases", "chinese") or column == "zh" or column.startswith("zh_"):
                    yield from filter(chinese.fullmatch, cell.split("|"))


def _tokenizer() -> Tokenizer:
    """Return a jieba tokenizer that has the dictionary already: jieba's own loading logs and writes a cache file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's source has invalid escapes and asks for pkg_resources
        import jieba

    tokenizer = jieba.Tokenizer()
    frequencies, total = _dictionary()
    tokenizer.FREQ = dict(frequencies)
    tokenizer.total = total
    tokenizer.initialized = True
    return tokenizer


@cache
def _dictionary() -> tuple[dict[str, int], int]:
    """Return the frequency of every word and 0 for every beginning of one, and the sum: what jieba looks up.

    Read without `read_rows`: 300,000 rows of lists take longer than everything else here.
    """
    table = gzip.decompress((_LEXICON / "words.tsv.gz").read_bytes()).decode("utf-8")
    cells = table[table.index("\n", table.index("# columns:")) :].split()
    words = cells[0::3]
    frequencies = dict(zip(words, map(int, cells[1::3]), strict=True))
    total = sum(frequencies.values())
    beginnings = {word[:-1] for word in words}
    while beginnings:
        beginnings = beginnings.difference(frequencies) - {""}
        frequencies.update(dict.fromkeys(beginnings, 0))
        beginnings = {word[:-1] for word in beginnings}
    return frequencies, total
