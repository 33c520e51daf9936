"""Text → sections: title, dateline, captions, headings, paragraphs, FAQ, disclaimers, page furniture.

A section is a line of the text, or the lines of one paragraph where the text is hard-wrapped (as in e-mail). Every line
that is not blank is in exactly one section. Markdown marks (``#``, ``-``, ``>``, ``![…](…)``) stay inside the span.

Lines are read three times: for what they say on their own (a date, 「資料來源:」, "Past performance …"), for their
place (below the title, at the end of the article, between two paragraphs), and for what they follow (a question below
常見問題). The words that decide lie in ``lexicon/headings.tsv``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

from .lexicon import read_table
from .records import Language, Section, SectionKind
from .text import detect_language, view

__all__ = ["Part", "find_parts", "find_sections"]

_HEAD = 600  # characters of a line that are looked at: what is longer is prose
_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_WIDE = re.compile(
    r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]"
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_CLOSERS = "\"'”’」』)]】》〉*_ \t"
_STOPS = ".!。｡…⋯:;,、"  # a line that ends so is prose (or leads into prose); a heading does not
_QUOTED = re.compile(r"^(?:>\s?)+")

_MARK = re.compile(
    r"(?P<heading>#{1,6})\s+|(?P<image>\[?!\[)|(?P<quote>>\s?)|(?P<table>\|)"
    r"|(?P<bullet>[-*+•‧●○▪◆■□✓✔➤►·–]\s+)|(?P<number>\(?(?:\d{1,2}|[a-z])[.)]\s+|\d{1,2}、)"
    r"|(?P<ordinal>[(]?[一二三四五六七八九十]{1,3}[、)]\s*)"
)
_IMAGE = re.compile(r"\[?!\[([^\]]*)\]\([^()\s]*(?:\s[^()]*)?\)(?:\]\([^()\s]*\))?\s*$")
_TABLE_RULE = re.compile(r"[|:\s-]+$")
_ASKED = re.compile(r"(?:q|question|問|q\s?\d{1,2}|第[一二三四五六七八九十\d]+問)\s?[:.、)]", re.IGNORECASE)
_ANSWERED = re.compile(r"(?:a|answer|答|a\s?\d{1,2})\s?[:.、)]", re.IGNORECASE)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}t\d{2}:\d{2}(?::\d{2})?(?:z|[+-]\d{2}:?\d{2})?"
    r"|(?:民國\s?)?\d{2,4}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日號])?|\d{4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2}"
    r"|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{1,2}\s?月\s?\d{1,2}\s?[日號]"
    r"|(?:[〇○零一二三四五六七八九十]{4}年)?[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日號]"
    rf"|\b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}}\b)?|\b\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}(?:,?\s\d{{4}}\b)?"
    rf"|\b{_MONTH}\s\d{{4}}\b|\b\d{{1,2}}/\d{{1,2}}\b"
)
_YEAR = re.compile(r"(?:19|20)\d{2}|[〇○零]")
_CLOCK = re.compile(
    r"\d{1,2}:\d{2}(?::\d{2})?\s?(?:[ap]\.?m\.?)?|\b\d{4}\s(?=[a-z]{3,4}\b)|\b(?:gmt|utc|bst|est|edt|et|cet|cest|hkt|aest|jst|pt)\b"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:星期|禮拜|周|週)[一二三四五六日天]|\([一二三四五六日]\)"
    r"|\b\d{1,3}\smin(?:ute)?s?(?:\sread)?\b"
)
_WIRE = re.compile(
    r"[(【\[〔][^)】\]〕]{0,40}(?:記者|日電|日訊|社)[^)】\]〕]{0,24}[)】\]〕]\s?(?P<rest>.*)$"
    r"|記者[^,。:]{0,12}報導$|[^,。:]{0,12}\d\s?日[電訊]$"
)
_WIRE_ENGLISH = re.compile(r"[A-Z][A-Z .,'/-]{2,40},?\s\(?[A-Z][a-z]{2,8}\.?\s\d{1,2}\b.{0,60}$")
_TWO_SENTENCES = re.compile(r"[a-z]{3}[.!?]['\"”’]?\s+[A-Z]|[。!?][^。!?]{2,}$")
_SEPARATOR = re.compile(r"[\s\W_]+$")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece that is judged alone: the lead, a headed part, or an FAQ answer; `sections` are indices of its sections.

    `heading` is the text of its heading or question without marks, or None for the lead.
    """

    start: int
    end: int
    heading: str | None
    sections: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """A section before its kind is known, with what the rules ask about it."""

    start: int
    end: int
    words: str  # the view in lower case without marks, at most _HEAD characters
    raw: str  # the view as it is, at most _HEAD characters
    mark: str  # name of the group of _MARK, or ""
    level: int  # of a Markdown heading, else 0
    width: int  # columns on a terminal; a Chinese character takes two
    last: str  # last character that is no closing bracket or quote
    apart: bool  # a blank line stands before it

    @property
    def asks(self) -> bool:
        return (self.last == "?" and self.width <= 200) or (self.last in ("嗎", "呢") and self.width <= 84)

    @property
    def short(self) -> bool:
        """May be a heading: no full stop, and not longer than a heading is."""
        return self.width <= 84 and self.last not in _STOPS and self.width > 0


# ------------------------------------------------------------------------------------------------------- sections


def find_sections(text: str, *, language: Language | None = None, markdown: bool = False) -> tuple[Section, ...]:
    """Return the sections of an article, in order; every character that is not white space lies in one of them.

    :param language: decides whether Simplified characters are read as Traditional ones; detected when missing.
    :param markdown: read lists, images, quotes, tables and underlined headings as Markdown. ``# `` headings always are.

    >>> article = "金價還會漲嗎?\\n2026年2月6日\\n\\n金價創下新高。\\n\\n後市怎麼看\\n\\n漲勢未完。\\n資料來源:LSEG"
    >>> [section.kind for section in find_sections(article)]
    ['title', 'dateline', 'paragraph', 'heading', 'paragraph', 'source_line']
    """
    seen = view(text, language or detect_language(text))
    blocks = list(_blocks(seen, markdown))
    kinds = _kinds(blocks, markdown)
    return tuple(Section(block.start, block.end, kind) for block, kind in zip(blocks, kinds, strict=True))


def find_parts(text: str, sections: Sequence[Section]) -> tuple[Part, ...]:
    """Return the parts of an article that are judged alone.

    They are the lead (what stands before the first heading, without the title), every headed part, and every FAQ
    answer with its question. Datelines, captions, source lines, disclaimers and boilerplate belong to none.

    >>> article = "鋼鐵股的春天?\\n鋼價連跌三季。\\n短線\\n先觀望。\\n常見問題\\n現在能買嗎?\\n還太早。"
    >>> [(part.heading, article[part.start : part.end]) for part in find_parts(article, find_sections(article))]
    [(None, '鋼價連跌三季。'), ('短線', '短線\\n先觀望。'), ('現在能買嗎?', '現在能買嗎?\\n還太早。')]
    """
    parts: list[Part] = []
    heading: str | None = None
    members: list[int] = []  # of the part that is open

    def close() -> None:
        # A heading with nothing below it is no part: there is nothing to judge.
        if any(sections[i].kind in ("paragraph", "list_item", "faq_answer") for i in members):
            parts.append(Part(sections[members[0]].start, sections[members[-1]].end, heading, tuple(members)))

    for index, section in enumerate(sections):
        if section.kind in ("heading", "faq_heading", "faq_question"):
            close()
            heading, members = _heading_text(text[section.start : section.end]), [index]
        elif section.kind in ("paragraph", "list_item", "faq_answer"):
            members.append(index)
    close()
    return tuple(parts)


def _heading_text(line: str) -> str | None:
    found = _MARK.match(line)
    if found and found.lastgroup in ("heading", "quote", "bullet"):
        line = line[found.end() :]
    return " ".join(line.strip("*_#").split()) or None


# --------------------------------------------------------------------------------------------------------- blocks


def _blocks(seen: str, markdown: bool) -> Iterator[_Block]:
    lines = list(_trimmed_lines(seen))
    joins = _wrapped(seen, lines)
    at = 0
    while at < len(lines):
        to = at
        while to + 1 < len(lines) and joins[to]:
            to += 1
        yield _block(seen, lines[at][0], lines[to][1], lines[at][2], markdown)
        at = to + 1


def _trimmed_lines(seen: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start, end and whether a blank line stands before, for every line that is not blank."""
    before = 0
    for found in _LINE.finditer(seen):
        line = found.group()
        start = found.start() + len(line) - len(line.lstrip())
        end = found.end() - len(line) + len(line.rstrip())
        if start < end:
            yield start, end, len(_BREAK.findall(seen, before, start)) > 1
            before = end


def _block(seen: str, start: int, end: int, apart: bool, markdown: bool) -> _Block:
    raw = seen[start : min(end, start + _HEAD)]
    words, mark, level = raw, "", 0
    found = _MARK.match(raw)
    if found and found.lastgroup and (markdown or found.lastgroup not in ("quote", "table", "image")):
        mark = found.lastgroup
        level = len(found.group("heading") or "")
        words = raw[found.end() :] if mark != "image" else raw
    words = words.strip("*_# \t|").lower()
    tail = seen[max(start, end - 40) : end].rstrip(_CLOSERS + "#|")
    width = _width(raw) if end - start <= _HEAD else end - start + _HEAD
    return _Block(start, end, words, raw, mark, level, width, tail[-1:], apart)


def _width(line: str) -> int:
    return len(line) + len(_WIDE.findall(line))


def _wrapped(seen: str, lines: list[tuple[int, int, bool]]) -> list[bool]:
    """Say of each line whether the next one continues its paragraph: true only in hard-wrapped text.

    A line was wrapped when the first word of the next line would not have fitted any more. That says something only
    in a text that has a right margin, and a text has one where sentences run on over line ends again and again.
    """
    joins = [False] * len(lines)
    shown = [_QUOTED.sub("", seen[start : min(end, start + 240)]) for start, end, _ in lines]
    widths = [_width(line) for line in shown]
    margin = _margin(shown, widths, lines)
    if margin is None:
        return joins
    for i, (line, following) in enumerate(pairwise(shown)):
        may_join = 0.5 * margin <= widths[i] <= margin + 4 and not lines[i + 1][2]
        if not may_join or _starts_anew(following) or _DATE.fullmatch(line.lower()):
            continue
        filled = widths[i] + 1 + _width(_first_word(following)) > margin - 4
        runs_on = following[0].islower() and line.rstrip(_CLOSERS)[-1:] not in ".!?。"
        joins[i] = filled or runs_on
    return joins


def _margin(shown: list[str], widths: list[int], lines: list[tuple[int, int, bool]]) -> int | None:
    """Return the right margin of a hard-wrapped text, in columns, or None."""
    latin: list[int] = []
    running: list[int] = []
    chinese: list[int] = []
    longest = 0
    for i, following in enumerate(shown[1:]):
        longest = max(longest, widths[i])
        if lines[i + 1][2] or not 40 <= widths[i] <= 100 or shown[i].rstrip(_CLOSERS)[-1:] in ".!?。;:":
            continue
        if following[0].islower():
            latin.append(widths[i])
            running.append(i)
        elif _HAN.match(following) and _HAN.match(shown[i][-1]):
            chinese.append(widths[i])
    if latin:
        margin = max(latin)
        full = sum(_width(_first_word(shown[i + 1])) + 1 + widths[i] > margin - 4 for i in running)
        if full >= 0.6 * len(latin) and (len(latin) > 1 or 56 <= longest <= 82):
            return margin
    # Chinese lines break anywhere, so only a margin that line after line keeps to is one.
    if len(chinese) >= 3 and longest <= max(chinese) + 2 and max(chinese) - min(chinese) <= 4:
        return max(chinese)
    return None


def _starts_anew(line: str) -> bool:
    found = _MARK.match(line)
    return bool(found or _ASKED.match(line) or _ANSWERED.match(line) or _WIRE_ENGLISH.match(line))


def _first_word(line: str) -> str:
    return line[:2] if _WIDE.match(line) else line.split(maxsplit=1)[0][:60]


# ---------------------------------------------------------------------------------------------------------- kinds


def _kinds(blocks: list[_Block], markdown: bool) -> list[SectionKind]:
    kinds: list[SectionKind | None] = [_own_kind(block, markdown) for block in blocks]
    if markdown:
        _mark_markdown(blocks, kinds)
    title = _find_title(blocks, kinds)
    body = _mark_top(blocks, kinds, title)
    _mark_tail(blocks, kinds, body)
    _mark_body(blocks, kinds, body)
    _mark_faq(blocks, kinds, body)
    return [kind or "paragraph" for kind in kinds]


def _own_kind(block: _Block, markdown: bool) -> SectionKind | None:
    """Return the kind of a line that says by itself what it is, or None."""
    if _SEPARATOR.match(block.raw) and len(block.raw) == block.end - block.start:
        return "boilerplate" if block.last not in "?!。" or not block.last else None
    if markdown and block.mark == "image":
        return "image_alt" if _IMAGE.match(block.raw) else None
    if markdown and block.mark == "table":
        return "boilerplate" if _TABLE_RULE.match(block.raw) else "list_item"
    if block.width > 1000:
        return None
    if block.level:
        return "heading"
    if _is_boilerplate(block):
        return "boilerplate"
    if _disclaims(block):
        return "disclaimer"
    if _is_wire(block):
        return "dateline"
    if block.width <= 200 and (_begins(block, "source_line", "start") or _is_byline(block)):
        return "source_line"
    if block.width <= 400 and _begins(block, "image_alt", "start"):
        return "image_alt"
    # 週三(11/15) may be a heading; a date with its year on a line of its own is when the article appeared.
    if _is_date(block, rest=4) and _YEAR.search(block.words):
        return "dateline"
    return None


def _is_byline(block: _Block) -> bool:
    if block.last in "。?!:" or block.width > 120 or not _begins(block, "source_line", "byline"):
        return False
    return not block.words.startswith("by ") or block.raw[3:4].isupper()


def _is_boilerplate(block: _Block) -> bool:
    if _bare(block.words) in _phrases("boilerplate", "whole"):
        return True
    if block.width > 240:
        return False
    return _begins(block, "boilerplate", "start") or _has(block, "boilerplate", "any")


def _is_date(block: _Block, *, rest: int) -> bool:
    """Return whether the line is a date with at most `rest` columns of other words."""
    if block.width > 120:
        return False
    without, dates = _DATE.subn(" ", block.words)
    without, times = _CLOCK.subn(" ", without)
    return (dates > 0 or (times > 0 and rest > 4)) and _width(_filler().sub("", without)) <= rest


def _find_title(blocks: list[_Block], kinds: list[SectionKind | None]) -> int | None:
    """Return the index of the title: the first line that is not page furniture, if it looks like one."""
    for index, block in enumerate(blocks[:12]):
        if kinds[index] in ("boilerplate", "dateline", "source_line", "image_alt"):
            continue
        if index + 1 == len(blocks) or kinds[index] not in (None, "heading"):
            return None
        stopped = block.last in ".。:;,、" and (block.last != "." or len(_LATIN_WORD.findall(block.words)) > 14)
        if block.width > 160 or stopped or block.mark in ("bullet", "image", "table"):
            return None
        if _names_page(blocks, kinds, index):
            kinds[index] = "boilerplate"
            continue
        kinds[index] = "title"
        return index
    return None


def _names_page(blocks: list[_Block], kinds: list[SectionKind | None], index: int) -> bool:
    """Return whether "Markets" or 「財經」 stands here, alone or with its like, above the headline."""
    for later in range(index, min(index + 4, len(blocks))):
        block = blocks[later]
        if kinds[later] is not None:
            return False
        if block.width > 12 or not block.words.isalpha() or (_HAN.search(block.raw) and block.width > 8):
            return later > index and block.short and block.width > 24
    return False


def _mark_top(blocks: list[_Block], kinds: list[SectionKind | None], title: int | None) -> int:
    """Mark bylines, datelines and captions below the title; return where the body starts."""
    if title is None:
        return 0
    chinese = _mostly_chinese(blocks)
    forum = _is_forum(blocks, kinds)
    named = dated = False
    for index in range(title + 1, min(len(blocks), title + 7)):
        kind = kinds[index]
        if kind is None and index + 1 < len(blocks):
            kind = _top_kind(blocks[index], named=named, dated=dated, chinese=chinese, forum=forum)
        if kind not in ("dateline", "source_line", "image_alt", "boilerplate"):
            return index
        kinds[index] = kind
        named = named or kind == "source_line"
        dated = dated or kind == "dateline"
    return min(len(blocks), title + 7)


def _top_kind(block: _Block, *, named: bool, dated: bool, chinese: bool, forum: bool) -> SectionKind | None:
    """Return the kind of a line below the title, or None where the body starts with it.

    :param named: a byline stands above; :param dated: a dateline stands above.
    """
    if block.asks or block.width > 240 or block.mark in ("number", "ordinal", "bullet") or block.last in ":,、;":
        return None
    if _is_wire(block) or _is_date(block, rest=12) or _bare(block.words) in _phrases("dateline", "whole"):
        return "dateline"
    dates = _DATE.search(block.words)
    # 「晉誠證券 產業評論｜2025/9/17」 says who wrote, 「2024年5月20日｜晉昇證券研究部」 says when.
    leads = dates is not None and dates.start() <= 8 and not dated
    alone = _is_date(block, rest=24) and not _has(block, "source_line", "any")
    if dates and block.width <= 90 and block.last not in "。!" and (leads or alone):
        return "dateline"
    if _is_caption(block, chinese):
        return "image_alt"
    if block.last in "。!" or (block.last == "." and block.width > 90):
        return None
    if block.width <= 120 and (dates or _has(block, "source_line", "any")):
        return "source_line"
    if _begins(block, "paragraph", "start"):
        return None
    if forum or _bare(block.words) in _phrases("heading", "whole"):
        return None
    if block.width > 120 or block.last == ".":
        return None
    if _HAN.search(block.raw):
        if block.width > 28 and "," in block.raw:
            return None  # a standfirst
        return "image_alt" if named or dated or "的" in block.words else "source_line"
    # "Cocoa beans drying in the sun" describes, "Rob Devlin, Travel & Money" names: names have capitals.
    plain = sum(word[0].islower() and len(word) > 3 for word in _LATIN_WORD.findall(block.raw))
    return "image_alt" if plain >= 3 and "|" not in block.raw else "source_line"


def _is_wire(block: _Block) -> bool:
    found = _WIRE.match(block.raw)
    if found:
        return _width(found.groupdict().get("rest") or "") <= 24
    return block.width <= 100 and block.last not in "。!?" and _WIRE_ENGLISH.match(block.raw) is not None


def _is_caption(block: _Block, chinese: bool) -> bool:
    """Return whether the line describes a picture, by its words, or as an English line in a Chinese article."""
    if block.width > 300:
        return False
    english = chinese and not _HAN.search(block.raw) and len(_LATIN_WORD.findall(block.words)) >= 5
    return english or (block.width <= 120 and block.last not in "。?!" and _has(block, "image_alt", "any"))


def _mark_tail(blocks: list[_Block], kinds: list[SectionKind | None], body: int) -> None:
    """Mark, from the end backwards, what closes an article: links, notes and disclaimers without their set phrases."""
    # 「延伸閱讀」 with nothing but short lines below it
    prose = max((i for i, block in enumerate(blocks) if block.width > 120 or block.last == "。"), default=-1)
    for index in range(max(body, prose + 1), len(blocks)):
        if kinds[index] in (None, "boilerplate") and _begins(blocks[index], "boilerplate", "tail"):
            for later in range(index, len(blocks)):
                kinds[later] = "boilerplate" if kinds[later] in (None, "heading", "boilerplate") else kinds[later]
            break
    for index in range(len(blocks) - 1, max(body, 0), -1):
        if kinds[index] in ("boilerplate", "disclaimer", "source_line", "dateline"):
            continue
        block = blocks[index]
        # The only paragraph below a heading is what the heading is about.
        headed = blocks[index - 1].short and blocks[index - 1].width <= 60 and kinds[index - 1] in (None, "heading")
        headed = headed or blocks[index - 1].asks
        if kinds[index] is None and not block.asks and not headed and _disclaims(block, last=True):
            kinds[index] = "disclaimer"
            continue
        return


def _disclaims(block: _Block, *, last: bool = False) -> bool:
    """Return whether the line reads like a disclaimer; `last`: at the end of an article, where less says so."""
    if block.width > 900:
        return False
    found = [_weights()[phrase] for phrase in set(_any("disclaimer", "any").findall(block.words))]
    certain, likely, hints = found.count(4), found.count(2), found.count(1)
    if _begins(block, "disclaimer", "start") or (certain and (block.width <= 400 or certain + likely > 1)):
        return True
    if likely >= 2 and block.width <= 120:
        return True
    if not last:
        return False
    enough = likely + hints > 1 if likely else False
    return block.width <= 300 and (enough or (block.width <= 100 and (likely > 0 or hints > 2)))


def _mark_body(blocks: list[_Block], kinds: list[SectionKind | None], body: int) -> None:
    chinese = _mostly_chinese(blocks)
    forum = _is_forum(blocks, kinds)
    speakers = _speakers(blocks)
    final = max((i for i in range(len(blocks)) if kinds[i] is None), default=-1)
    for index in range(body, len(blocks)):
        if kinds[index] is not None:
            continue
        block = blocks[index]
        following = blocks[index + 1] if index < final else None
        if block.mark == "bullet" or (block.mark == "number" and _in_list(blocks, index)):
            kinds[index] = "list_item"
        elif _is_body_caption(blocks, kinds, index, chinese):
            kinds[index] = "image_alt"
        elif following is None or not block.short or _speaker(block) in speakers:
            kinds[index] = "paragraph"
        else:
            kinds[index] = "heading" if _heads(block, following, forum) else "paragraph"


def _speakers(blocks: list[_Block]) -> frozenset[str]:
    """Return the names before a colon that begin several lines: who speaks in an interview is no heading."""
    names = Counter(name for block in blocks if (name := _speaker(block)))
    return frozenset(name for name, count in names.items() if count > 2)


def _speaker(block: _Block) -> str:
    name, colon, _ = block.words[:40].partition(":")
    return name.strip("* ") if colon and not any(mark in name for mark in ",.?!。、") else ""


def _heads(block: _Block, following: _Block, forum: bool) -> bool:
    if block.raw.startswith("【") and block.raw.endswith("】"):
        return True
    if _begins(block, "paragraph", "start"):
        return False
    if forum or block.width > 84 or len(_LATIN_WORD.findall(block.words)) > 16:
        return False
    many_clauses = block.width > 60 and len(re.findall("[,:]", block.raw)) > 1
    if block.asks and (many_clauses or _TWO_SENTENCES.search(block.raw)):
        return False
    # A heading names what follows; a line that is longer than the paragraph below it does not.
    return not (_ASKED.match(block.words) or _ANSWERED.match(block.words)) and (
        following.width > block.width / 2 or following.mark in ("bullet", "number") or following.short
    )


def _is_body_caption(blocks: list[_Block], kinds: list[SectionKind | None], index: int, chinese: bool) -> bool:
    block = blocks[index]
    if index + 1 == len(blocks) or block.width > 300:
        return False
    sourced = kinds[index + 1] == "source_line"
    if _is_caption(block, chinese) and (sourced or _has(block, "image_alt", "any")):
        return block.width > 24 or sourced
    following = blocks[index + 1]
    headed = following.short and not following.asks and kinds[index + 1] is None and following.width < block.width
    return headed and block.short and len(_LATIN_WORD.findall(block.words)) >= 6


def _in_list(blocks: list[_Block], index: int) -> bool:
    """Return whether a numbered line has a numbered neighbour: 「1. …」 alone above a paragraph is a heading."""
    return any(0 <= other < len(blocks) and blocks[other].mark == "number" for other in (index - 1, index + 1))


def _mark_markdown(blocks: list[_Block], kinds: list[SectionKind | None]) -> None:
    """Mark the headings that are underlined with === or ---."""
    for index, block in enumerate(blocks[1:], 1):
        if not block.apart and set(block.raw) in ({"="}, {"-"}) and kinds[index - 1] is None:
            kinds[index - 1] = "heading"


# ------------------------------------------------------------------------------------------------------------ FAQ


def _mark_faq(blocks: list[_Block], kinds: list[SectionKind | None], body: int) -> None:
    speakers = _speakers(blocks) - {"q", "a", "問", "答"}
    headings = [i for i, block in enumerate(blocks) if kinds[i] == "heading" and not block.asks]
    last_heading = headings[-1] if headings else -1
    asked = list(accumulate((block.asks for block in blocks), initial=0))
    index = body
    while index < len(blocks):
        # An interview with subheadings may look like an FAQ, but it asks all the time and has further headings.
        sole = 5 * asked[index] <= index and last_heading <= index
        opens = index + 1 < len(blocks) and _speaker(blocks[index + 1]) not in speakers
        if opens and _opens_faq(blocks, kinds, index) and (sole or _is_faq(blocks[index])):
            kinds[index] = "faq_heading"
            index = _mark_pairs(blocks, kinds, index)
        else:
            index += 1


def _is_faq(block: _Block) -> bool:
    return _has(block, "faq_heading", "any") or _has(block, "faq_heading", "next")


def _opens_faq(blocks: list[_Block], kinds: list[SectionKind | None], index: int) -> bool:
    """Return whether a line looks like the heading of an FAQ: by its words, or by questions and answers below it."""
    block, following = blocks[index], blocks[index + 1]
    if not block.short or block.width > 60 or kinds[index] not in ("heading", "paragraph"):
        return False
    if kinds[index + 1] not in ("heading", "paragraph", "list_item"):
        return False
    if _bare(block.words) in _phrases("faq_heading", "any"):
        return True
    asked = _is_question(following)
    if _has(block, "faq_heading", "any"):
        return asked or following.short
    if not asked or block.asks:
        return False
    # 「三個問題」: a heading straight above a question, and further questions with answers between them
    pairs = index + 3 < len(blocks) and blocks[index + 3].asks and not blocks[index + 2].asks
    return pairs or _has(block, "faq_heading", "next")


def _is_question(block: _Block) -> bool:
    return block.asks or _ASKED.match(block.words) is not None


def _mark_pairs(blocks: list[_Block], kinds: list[SectionKind | None], heading: int) -> int:
    """Mark questions and answers below an FAQ heading; return the index of the first line after them."""
    first = heading + 1
    if not blocks[first].short and first + 1 < len(blocks) and _is_question(blocks[first + 1]):
        first += not _is_question(blocks[first])  # a sentence that leads into the questions
    marked = _is_question(blocks[first])
    waiting = False  # for the answer to a question
    for index in range(first, len(blocks)):
        block = blocks[index]
        if kinds[index] == "image_alt":
            continue
        if kinds[index] not in ("heading", "paragraph", "list_item"):
            return index
        if block.level and block.level <= blocks[heading].level and not block.asks:
            return index
        prefixed = _ASKED.match(block.words) is not None
        looks = block.asks or block.level > 0 or (block.short and not marked)
        if prefixed or (looks and (not waiting or block.level)):
            kinds[index] = "faq_question"
            waiting = True
        elif not waiting and kinds[index] == "heading":
            return index
        else:
            kinds[index] = "faq_answer"
            waiting = False
    return len(blocks)


# ---------------------------------------------------------------------------------------------------------- words


def _mostly_chinese(blocks: Iterable[_Block]) -> bool:
    han = latin = 0
    for block in blocks:
        han += len(_HAN.findall(block.raw))
        latin += len(_LATIN_WORD.findall(block.raw))
    return han > 2 * latin


def _is_forum(blocks: list[_Block], kinds: list[SectionKind | None]) -> bool:
    """Return whether the writer ends lines instead of sentences, so that a line without a full stop is no heading."""
    lines = [block for block, kind in zip(blocks, kinds, strict=True) if kind is None and block.width > 24]
    open_ended = sum(min(block.width, 240) for block in lines if block.last not in ".。!?:…")
    return len(lines) > 2 and open_ended > 0.5 * sum(min(block.width, 240) for block in lines)


def _bare(words: str) -> str:
    return words.strip(" \t:.!?…>»›→↓▼+-|*#<()[]【】《》「」")


def _begins(block: _Block, kind: str, match: str) -> bool:
    return block.words.lstrip(" ([【《「*").startswith(_phrases(kind, match))


def _has(block: _Block, kind: str, match: str) -> bool:
    return _any(kind, match).search(block.words) is not None


@cache
def _phrases(kind: str, match: str) -> tuple[str, ...]:
    rows = read_table("headings.tsv")
    return tuple(row["phrase"] for row in rows if row["kind"] == kind and row["match"] == match)


@cache
def _any(kind: str, match: str) -> re.Pattern[str]:
    """Return a pattern for the phrases, the longest first; Latin phrases match whole words."""
    phrases = sorted(_phrases(kind, match), key=len, reverse=True)
    latin = re.compile("[a-z]")
    return re.compile("|".join(rf"\b{re.escape(p)}\b" if latin.match(p) else re.escape(p) for p in phrases))


@cache
def _weights() -> dict[str, int]:
    rows = read_table("headings.tsv")
    return {row["phrase"]: int(row["weight"]) for row in rows if row["kind"] == "disclaimer" and row["match"] == "any"}


@cache
def _filler() -> re.Pattern[str]:
    phrases = sorted(_phrases("dateline", "filler"), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, phrases)) + r"|[\s|/,.:;()\[\]【】〔〕·—–-]+")
