"""Which measure an amount is of: the nearest one that can be stated in such an amount."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ..records import Figure
from .cues import Cue
from .movements import SELF_TOLD
from .page import Metric, Page, Place

__all__ = ["Measure", "find_measure", "is_change", "is_reached"]

_BEHIND = re.compile(  # what may stand between an amount and the measure behind it: 777 億元的淨利, $4bn in revenue
    r"(?:的|之)[^,，。;；、的]{0,8}$|^ (?:in|of)(?: [A-Za-z'’-]+){0,3} ?$|^ (?:[A-Za-z-]+ ){0,2}$|^\s?$"
)
_WORDS_BETWEEN: Final = 5  # at most, between a measure and its amount in one clause
_WORDS_IN_NEW_CLAUSE: Final = 0.5  # more of them, and the clause is about something else
_WORDS_TO_LINE: Final = 2  # between the name of an average and its value
_PER_SHARE = re.compile(r" ?(?:a share|per share|each share|a unit|per unit|/share)", re.IGNORECASE)
_OF_A_SHARE: Final = {"net_income": "eps", "net_loss": "loss_per_share"}
_TIMES_EARNINGS = re.compile(  # 30 times this year's earnings, 12.6x 2025 EPS, 0.7x book
    r" (?:(?:the|midpoint|of|our|its|this|next|year['’]s|forward|trailing|expected|estimated|forecast|20\d\d)"
    r" (?:year['’]s )?){0,5}(earnings|eps|profits?|book|sales|ebitda)(?![a-z])",
    re.IGNORECASE,
)
_RATIO_OF: Final = {"earnings": "pe_ratio", "eps": "pe_ratio", "profit": "pe_ratio", "profits": "pe_ratio",
                    "book": "pb_ratio", "sales": "ps_ratio", "ebitda": "ev_ebitda"}  # fmt: skip
_WORKED_OUT = re.compile(r"計算|換算|推算|來算|來看")  # 以每股盈餘 12.8 元計算,320 元只有 25 倍
_AT_PRICE = re.compile(r"以(?: ?約)? ?$")  # 以 352 元換算殖利率
_AT_PRICE_AFTER = re.compile(r" ?(?:的?股價|的?收盤價|的?現價|換算|計算|來算|推算|與)")
_LINES = re.compile(r"支撐|壓力|阻力|關卡|support|resistance", re.IGNORECASE)
_SHARE_OF = re.compile(r"[占佔]\S{0,6}$")
_OF = re.compile(r" of | ?的")
_RATIO_TO = re.compile(r"(?:除以|相對|[占佔]) ?$")  # 總市值除以 GDP is no growth of it
_REACHED = re.compile(
    r"(?:至|到|達|為|報|破|穿|於|在|[衝站漲升攀]上|(?<![a-z])(?:to|at|below|above|near|past|through))"
    r"(?:僅|只|約|近|逾|先前|不到|不足|接近|的|每股|每盎司|每桶|每噸| |"
    r"about|around|only|just|nearly|over|some|a |the |record |range of ){0,6}$"
)
_COUNTED: Final = 1_000_000  # a bare number above it counts something, and is no price
_SIZED: Final = ("money", "number")
_BIG: Final = 10_000  # a business is stated in more, a share in less
_PRICE = Metric("price", "level", frozenset({"share"}), "market")
_RATIO: Final = frozenset({"multiple"})


@dataclass(frozen=True, slots=True)
class Measure:
    """What an amount measures. `start`, `end`: where the text says so; `own`: in the amount's own clause."""

    metric: Metric
    start: int
    end: int
    own: bool


def find_measure(
    page: Page, figure: Figure, place: Place, previous: tuple[Figure, Measure | None] | None
) -> Measure | None:
    """Return the measure of an amount, or None where none is named or the one named cannot be stated in it.

    :param previous: the amount before in the same sentence, and its measure.
    """
    special = _multiple_of_earnings(page, figure, place, previous) or _price_named(page, figure)
    if special is not None:
        return special
    after = page.metrics.after(figure.end, ceiling=place.clause_end)
    if after is not None and after.start == figure.end and "成" in figure.text:
        return None  # 七成五利率固定: a share of the loans, no rate
    if after is not None and _BEHIND.search(page.folded[figure.end : min(after.start, figure.end + 48)]):
        found = _fitting(page, figure, place, after, own=True)
        if found is not None:
            return found
    before = page.metrics.before(figure.start, floor=place.clause)
    if before is not None and previous is not None and previous[1] is not None and before.start == previous[1].start:
        return _carried(page, figure, previous) if page.new_words(place.floor, figure.start) <= _WORDS_BETWEEN else None
    if before is not None and previous is not None and before.end <= previous[0].start:
        return None  # the amount before was of something else, though it stood nearer
    if before is not None:
        crossed = page.new_words(max(before.end, place.floor), figure.start) if figure.start > before.end else 0
        return _fitting(page, figure, place, before, own=True) if crossed <= _WORDS_BETWEEN else None
    if page.new_words(place.floor, figure.start) > _WORDS_IN_NEW_CLAUSE:
        return None
    before = page.metrics.before(figure.start, floor=place.sentence)
    if previous is not None and (before is None or before.end <= previous[0].end):
        return _carried(page, figure, previous)
    return _fitting(page, figure, place, before, own=False) if before is not None else None


def is_change(page: Page, figure: Figure) -> bool:
    """Return whether its words make the amount a difference or growth: 年增 24%, +3%, doubled; not 升至 5%."""
    if figure.kind == "multiple":  # 翻倍, 增至三倍; but "raised margins four times", "twice as fast"
        surface = page.folded[figure.start : figure.end]
        return bool(figure.direction) and ("倍" in surface or SELF_TOLD.match(surface) is not None)
    if figure.kind not in ("percent", "pp", "points", "fraction"):
        return False
    if figure.direction in ("up", "down") and not figure.basis and is_reached(page, figure):
        return False
    return bool(figure.direction in ("up", "down") or figure.basis or page.folded[figure.start] in "+-−")


def is_reached(page: Page, figure: Figure) -> bool:
    """Return whether the amount is the place reached, not the way gone: 漲至 205 元, fell to $45."""
    return _REACHED.search(page.lowered, max(0, figure.start - 24), figure.start) is not None


def _fitting(page: Page, figure: Figure, place: Place, cue: Cue[Metric], *, own: bool) -> Measure | None:
    """Return the measure that a word names, if it can be stated in such an amount."""
    metric = cue.what
    if metric.name in _OF_A_SHARE and _PER_SHARE.match(page.folded, figure.end):
        metric = Metric(_OF_A_SHARE[metric.name], "flow", frozenset({"share"}), "company")
    if metric.name == "moving_average":
        metric = _line(page, figure, cue) or metric
        if metric is not _PRICE and page.new_words(cue.end, figure.start) > _WORDS_TO_LINE:
            return None
    measure = Measure(metric, cue.start, cue.end, own)
    ratio = cue.end <= figure.start and _RATIO_TO.search(page.folded, max(0, cue.start - 4), cue.start)
    if ratio and "total" not in metric.takes:
        return None
    if _takes(metric, figure) or is_change(page, figure):
        return measure
    shared = figure.kind in ("percent", "fraction") and "total" in metric.takes and metric.sort == "flow"
    if not shared:
        return None
    if cue.start >= figure.end:  # 60% of revenue; but not "buybacks at 5% of market value", which measures buybacks
        of = _OF.match(page.folded, figure.end) and not page.metrics.before(figure.start, floor=place.clause)
    else:  # 占營業利益三成
        of = _SHARE_OF.search(page.folded[max(0, cue.start - 8) : cue.start]) is not None
    return measure if of else None


def _carried(page: Page, figure: Figure, previous: tuple[Figure, Measure | None]) -> Measure | None:
    """Return the measure of the amount before, where this one goes on with it: 2.05 美元,對比預期的 2.11 美元."""
    measure = previous[1]
    if measure is None or measure.metric.name == "moving_average":
        return None
    paired = previous[0].role == "prior" and previous[0].kind == figure.kind  # 占成本 9%升到 16%
    if not (paired or _takes(measure.metric, figure) or is_change(page, figure)):
        return None
    return Measure(measure.metric, measure.start, measure.end, own=False)


def _takes(metric: Metric, figure: Figure) -> bool:
    if figure.kind == "fraction" and metric.of == "macro":
        return False  # 升息循環走到一半
    return not metric.takes.isdisjoint(_sorts(figure))


def _sorts(figure: Figure) -> tuple[str, ...]:
    """Return the names of metrics.tsv for what an amount is stated in."""
    stated = figure.value or figure.high or figure.low or figure.magnitude or "0"
    size = abs(float(stated)) if figure.kind in _SIZED else 0
    if figure.kind == "number" and size >= _COUNTED:
        return ("count",)
    if figure.kind == "money":
        return ("total",) if size >= 10_000_000 else ("total", "share") if size >= _BIG else ("share",)
    if figure.kind in ("percent", "pp", "fraction"):
        return ("percent",)
    if figure.kind in ("count", "quantity"):
        return ("count",)
    return (figure.kind,)


def _multiple_of_earnings(
    page: Page, figure: Figure, place: Place, previous: tuple[Figure, Measure | None] | None
) -> Measure | None:
    if figure.kind != "multiple" or (figure.direction and not page.folded[figure.end - 1].isascii()):
        return None
    if not any(character.isdigit() for character in figure.text):
        return None
    of = _TIMES_EARNINGS.match(page.folded, figure.end)
    name = _RATIO_OF[of[1].lower()] if of else None
    if name is None and figure.text.endswith("倍") and previous is not None:
        earnings = page.metrics.before(figure.start, floor=place.sentence)
        if earnings is not None and earnings.what.name == "eps":
            said = _WORKED_OUT.search(page.folded, earnings.end, figure.start)
            name = "pe_ratio" if said and page.new_words(said.end(), figure.start) <= 1 else None
    return Measure(Metric(name, "level", _RATIO, "company"), figure.start, figure.end, own=True) if name else None


def _price_named(page: Page, figure: Figure) -> Measure | None:
    """Return the price that a ratio is worked out at: 以 352 元換算殖利率, 320 元只有 25 倍."""
    if figure.kind != "money" or "share" not in _sorts(figure):
        return None
    ahead, behind = page.folded[max(0, figure.start - 4) : figure.start], page.folded[figure.end : figure.end + 8]
    if _AT_PRICE.search(ahead) and _AT_PRICE_AFTER.match(behind):
        return Measure(_PRICE, figure.start, figure.end, own=True)
    if re.match(r" ?(?:只有|只剩|不到|約|相當於)? ?[\d.]+ ?倍", behind):
        return Measure(_PRICE, figure.start, figure.end, own=True)
    return None


def _line(page: Page, figure: Figure, cue: Cue[Metric]) -> Metric | None:
    """Return price where an average only says which level the amount is: 第一道支撐是年線 338 元."""
    return _PRICE if _LINES.search(page.folded, max(0, cue.start - 12), cue.start) else None
