"""Symbols in a text: (2330), (NASDAQ: AMZN), 0981.HK, $TSLA, and the names they stand beside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .lexicon import Lexicon, Name, Reading, word_list

__all__ = ["find_tickers", "yahoo_symbol"]

# What Yahoo Finance writes after a symbol, by the exchange or country code that newspapers and terminals write.
_SUFFIXES = {
    "HKEX": ".HK", "HKG": ".HK", "SEHK": ".HK", "HK": ".HK", "TWSE": ".TW", "TPE": ".TW", "TW": ".TW", "TT": ".TW",
    "TPEX": ".TWO", "TWO": ".TWO", "SSE": ".SS", "SHA": ".SS", "SS": ".SS", "SH": ".SS", "SZSE": ".SZ", "SHE": ".SZ",
    "SZ": ".SZ", "LSE": ".L", "LON": ".L", "LN": ".L", "TSE": ".T", "TYO": ".T", "JP": ".T", "JT": ".T", "T": ".T",
    "KRX": ".KS", "KS": ".KS", "XETRA": ".DE", "ETR": ".DE", "GR": ".DE", "FP": ".PA", "NASDAQ": "", "NYSE": "",
    "AMEX": "", "NYSEARCA": "", "US": "", "UW": "", "UN": "", "CBOE": "", "ARCA": "", "OTC": "",
}  # fmt: skip
_BRACKETED = re.compile(
    r"[(\[〈](?:(?P<exchange>[A-Za-z]{2,8}) ?[::] ?)?"
    r"(?P<symbol>(?:\d{1,6}[A-Z]?|[A-Z]{1,5})(?:[.\- ][A-Z]{1,4})?)[)\]〉,;]"
)
_CASHTAG = re.compile(r"\$(?<![A-Za-z0-9$]\$)(?P<symbol>[A-Z]{1,5}(?:\.[A-Z])?)(?![A-Za-z0-9])")
_MARKET = re.compile(  # searched first, for it is rare; then what stands before it
    r"[.\- ](?:TWO|TW|HK|SS|SZ|SH|T|KS|TT|US|UW|L|DE|PA|MI|SW|AS|BR|TO|AX|MC|ST)(?![A-Za-z0-9])"
)
_BEFORE_MARKET = re.compile(r"(?<![A-Za-z0-9.])(?:(?P<number>\d{1,6}[A-Z]?)|(?P<letters>[A-Z]{1,5}))$")
_TAIWAN_FUND = re.compile(r"00(?<![A-Za-z0-9.,]00)\d{2,4}[A-Z]?(?![A-Za-z0-9.%])")
_CODE = re.compile(r"\d(?<![A-Za-z0-9.,]\d)\d{3,4}(?![A-Za-z0-9.,%])")
_CAPITALS = re.compile(r"[A-Z](?<![A-Za-z0-9&.+-][A-Z])[A-Z]{1,4}(?![A-Za-z0-9&+-])")
_OWNERS = frozenset(("COMPANY", "FUND", "INDEX", "CRYPTO", "COMMODITY"))
# Capitals that stand in brackets and are no symbol there, though some are one elsewhere.
_ABBREVIATIONS = frozenset(word_list("abbreviation"))
_CAPITALISED_END = re.compile(r"[A-Z][A-Za-z0-9'&.-]*(?: (?:& )?[A-Z][A-Za-z0-9'&.-]*){0,4}$")
_SENTENCE_WORDS = frozenset(word_list("sentence_word"))


def find_tickers(plain: str, readings: Iterable[Reading], lexicon: Lexicon) -> list[Reading]:
    """Return the symbols of a text as readings, and the unlisted names that a bracketed symbol stands beside."""
    owners: dict[int, list[Reading]] = {}
    for reading in readings:
        if reading.name.label in _OWNERS:
            owners.setdefault(reading.end, []).append(reading)
            owners.setdefault(-reading.start, []).append(reading)
    found = [reading for match in _BRACKETED.finditer(plain) for reading in _bracketed(match, plain, owners, lexicon)]
    for match in _CASHTAG.finditer(plain):
        found.append(_symbol(match.span("symbol"), yahoo_symbol(match["symbol"]), lexicon))
    found += _with_market(plain, lexicon)
    for match in _TAIWAN_FUND.finditer(plain):
        if lexicon.by_ticker(symbol := f"{match[0]}.TW") or lexicon.by_ticker(symbol := f"{match[0]}.TWO"):
            found.append(_symbol(match.span(), symbol, lexicon))
    for match in _CODE.finditer(plain):
        found += _beside_its_name(match, plain, owners)
    named = {plain[r.start : r.end]: r.name for r in found if r.name.label == "TICKER"}
    for match in _CAPITALS.finditer(plain):
        if match[0] in named and match[0] not in _ABBREVIATIONS:
            found.append(Reading(match.start(), match.end(), named[match[0]], score=0.9))
    return found


def yahoo_symbol(symbol: str, exchange: str | None = None) -> str:
    """Return a symbol as Yahoo Finance writes it; bare numbers are Taiwan's, of five digits with a 0 Hong Kong's.

    >>> yahoo_symbol("700 HK"), yahoo_symbol("00700"), yahoo_symbol("BRK.B"), yahoo_symbol("LLY-US")
    ('0700.HK', '0700.HK', 'BRK-B', 'LLY')
    """
    head, _, tail = symbol.replace(" ", ".").replace("-", ".").partition(".")
    suffix = _SUFFIXES.get((exchange or tail).upper())
    if head.isdigit() and (suffix == ".HK" or (suffix is None and len(head) == 5 and head[0] == "0")):
        return f"{int(head):04}.HK"
    if suffix is not None and (exchange or len(tail) > 1 or head.isdigit()):
        return head + suffix
    if head[0].isdigit():
        return head + ".TW"
    return f"{head}-{tail}" if len(tail) == 1 else f"{head}.{tail}" if tail else head


def _with_market(plain: str, lexicon: Lexicon) -> Iterator[Reading]:
    """Symbols that name their market: 0981.HK, 700 HK, 2330.TW, LLY-US, VOW3.DE."""
    for market in _MARKET.finditer(plain):
        head = _BEFORE_MARKET.search(plain, max(0, market.start() - 8), market.start())
        if head is None:
            continue
        code, sign = market[0][1:], market[0][0]
        if head["number"]:
            likely = (sign == "." and len(head[0]) > 2 and len(code) > 1) or (sign == " " and code in ("HK", "TT"))
        else:
            likely = (
                code in ("US", "UW")
                if sign == "-"
                else sign == "." and code not in ("T", "TW", "HK", "US") and len(head[0]) > 1
            )
        if likely:
            symbol = plain[head.start() : market.end()]
            yield _symbol((head.start(), market.end()), yahoo_symbol(symbol), lexicon)


def _symbol(span: tuple[int, int], ticker: str, lexicon: Lexicon) -> Reading:
    name = lexicon.by_ticker(ticker)
    return Reading(*span, Name("TICKER", name.canonical if name else None, ticker))


def _bracketed(
    match: re.Match[str], plain: str, owners: dict[int, list[Reading]], lexicon: Lexicon
) -> Iterator[Reading]:
    symbol, exchange = match["symbol"], match["exchange"]
    if exchange and exchange.upper() not in _SUFFIXES:
        return
    edge = match.start() - (plain[match.start() - 1 : match.start()] == " ")
    beside = owners.get(edge, [])
    same = next((reading for reading in beside if _has_number(reading, symbol)), None)
    ticker = yahoo_symbol(symbol, exchange)
    known = lexicon.by_ticker(ticker) or lexicon.by_ticker(ticker + "O")
    run = _CAPITALISED_END.search(plain, max(0, edge - 60), edge)
    marked = bool(exchange) or not symbol.isalnum()
    if symbol[0].isdigit():
        likely = bool(same or marked or (len(symbol) >= 4 and (beside or known) and not _is_year(symbol)))
    else:
        spare = symbol in _ABBREVIATIONS or (not known and lexicon.knows(symbol))
        named = any(reading.name.ticker == ticker for reading in beside)
        likely = bool(marked or named or (not spare and (beside or run or known)))
    if not likely:
        return
    canonical = known.canonical if known else next((reading.name.canonical for reading in beside), None)
    if same:
        ticker, canonical = same.name.ticker or ticker, same.name.canonical
    yield Reading(*match.span("symbol"), Name("TICKER", canonical, ticker))
    if not run or lexicon.knows(run[0]):
        return
    start = _skip_sentence_words(plain, run, beside)
    name = plain[start:edge]
    if not lexicon.knows(name) and name not in _ABBREVIATIONS and all(r.start > start for r in beside):
        yield Reading(start, edge, Name("COMPANY", canonical or name, ticker), score=0.9)


def _skip_sentence_words(plain: str, run: re.Match[str], beside: list[Reading]) -> int:
    """Return where the name in a run of capitalised words begins: "On Wednesday Garmin", but "shares of On Holding"."""
    start = run.start()
    opens = plain[max(0, start - 2) : start].rstrip(" ")[-1:] in ("", ".", "?", "!", "\n", '"', "\u201c")
    for word in run[0].split(" ")[:-1] if opens or beside else ():
        if word not in _SENTENCE_WORDS:
            break
        start += len(word) + 1
    return start


def _beside_its_name(match: re.Match[str], plain: str, owners: dict[int, list[Reading]]) -> Iterator[Reading]:
    """A bare code counts next to the name it belongs to: 「2330 台積電」, 「台積電2330」."""
    before = match.start() - (plain[match.start() - 1 : match.start()] == " ")
    after = match.end() + (plain[match.end() : match.end() + 1] == " ")
    for reading in (*owners.get(before, ()), *owners.get(-after, ())):
        if _has_number(reading, match[0]):
            yield Reading(*match.span(), Name("TICKER", reading.name.canonical, reading.name.ticker))
            return


def _has_number(reading: Reading, symbol: str) -> bool:
    head = (reading.name.ticker or "").partition(".")[0]
    return symbol[0].isdigit() and head.lstrip("0") == symbol.partition(".")[0].partition(" ")[0].lstrip("0") != ""


def _is_year(symbol: str) -> bool:
    return len(symbol) == 4 and symbol.isdigit() and "1900" <= symbol <= "2100"
