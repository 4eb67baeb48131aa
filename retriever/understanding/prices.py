"""Price words of a query, English and Chinese, become price filters.

"phone charger under 20 dollars" is the text "phone charger" and ``price_max`` 20. Only
what is surely a price is taken: "tv over 50 inch" and "cream for women over 50" stay
words. Nothing is converted: an amount in another currency than the shop's stays words.
A bare 元 or 块 is a unit of whatever the shop's money is, as in 美元 and 欧元.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from retriever.filters import Filters
from retriever.numerals import chinese

_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN"})
_CURRENCY_WORDS: dict[str, frozenset[str] | None] = {  # None: any shop's
    **dict.fromkeys(("$", "dollar", "dollars", "bucks"), _DOLLARS),
    **dict.fromkeys(("us$", "usd", "美元", "美金", "刀"), frozenset({"USD"})),
    **dict.fromkeys(("€", "euro", "euros", "eur", "欧元"), frozenset({"EUR"})),
    **dict.fromkeys(("£", "pound", "pounds", "gbp", "quid", "英镑"), frozenset({"GBP"})),
    **dict.fromkeys(("¥", "￥"), frozenset({"CNY", "JPY"})),
    **dict.fromkeys(("rmb", "cny", "yuan", "人民币"), frozenset({"CNY"})),
    **dict.fromkeys(("yen", "jpy", "日元", "円"), frozenset({"JPY"})),
    **dict.fromkeys(("港币", "港元", "hkd"), frozenset({"HKD"})),
    **dict.fromkeys(("元", "块", "块钱"), None),
}
_CURRENCY = "|".join(
    re.escape(word) + (r"(?![a-z])" if word.isascii() and word.isalpha() else "")
    for word in sorted(_CURRENCY_WORDS, key=len, reverse=True)
)


def _amount(name: str) -> str:
    number = r"(?<![\d.])(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,4})?(?![\d]|[.,]\d)"
    # Chinese numerals from ten on, smaller ones only beside a currency word: 一下 is no amount.
    digits = "零一二两三四五六七八九"
    han = rf"[{digits}十百千万]{{1,12}}(?=\s*(?:{_CURRENCY}))|[{digits}]?[十百千万][{digits}十百千万]{{0,10}}"
    return rf"(?P<{name}_before>{_CURRENCY})?\s*(?P<{name}>{number}|{han})\s*(?P<{name}_after>{_CURRENCY})?"


_MAX_BEFORE = (
    r"\b(?:under|below|less than|cheaper than|lower than|no more than|not more than|not over|at most|up to"
    r"|max(?:imum)?(?: of)?)\b|不超过|不高于|不大于|低于|少于|小于|不到|最多|便宜过"
)
_MIN_BEFORE = (
    r"\b(?:over|above|more than|at least|no less than|not less than|starting at|min(?:imum)?(?: of)?)\b"
    r"|不低于|不少于|超过|高于|大于|多于|至少|最少"
)
_MAX_AFTER = r"(?:or|and) (?:less|under|below|cheaper)\b|\bmax(?:imum)?\b"
_MIN_AFTER = r"(?:or|and) (?:more|up|above|over)\b|\+"
_LEAD = (
    r"(?:\b(?:that |which )?(?:priced?|costs?|costing|budget)(?: (?:is|of|at))?\s+"
    r"|(?:价格|价钱|售价|预算)(?:在|是|为)?\s*)?"
)


@dataclass(frozen=True, slots=True)
class _Pattern:
    regex: re.Pattern[str]
    low: str  # the group that is price_min, or empty
    high: str
    bare: bool  # whether it is surely a price without a currency word


def _pattern(text: str, low: str, high: str, *, bare: bool) -> _Pattern:
    return _Pattern(re.compile(_LEAD + text, re.IGNORECASE), low, high, bare)


_PATTERNS = (
    _pattern(rf"\bbetween\s+{_amount('a')}\s*(?:and|to|-)\s*{_amount('b')}", "a", "b", bare=True),
    _pattern(
        rf"(?:\bfrom\s+|在)?{_amount('a')}\s*(?:to\b|-|–|~|到|至)\s*{_amount('b')}(?:之间)?", "a", "b", bare=False
    ),
    _pattern(rf"(?:{_MAX_BEFORE})\s*{_amount('a')}", "", "a", bare=True),
    _pattern(rf"(?:{_MIN_BEFORE})\s*{_amount('a')}", "a", "", bare=True),
    _pattern(rf"{_amount('a')}\s*(?:{_MAX_AFTER})", "", "a", bare=False),
    _pattern(rf"{_amount('a')}\s*(?:{_MIN_AFTER})", "a", "", bare=False),
    # In Chinese a number with no unit is money: 200以下, as against 50寸以下.
    _pattern(rf"{_amount('a')}\s*(?:以下|以内|之内|封顶|顶天)", "", "a", bare=True),
    _pattern(rf"{_amount('a')}\s*(?:以上|起)", "a", "", bare=True),
)

# A bare number before one of these measures something, and one after these is an age or a size.
MEASURE = re.compile(
    r"[-\s]*(?:[\"'″′%°]|(?:inch(?:es)?|in|ft|feet|foot|yards?|miles?|(?:centi|milli)?met(?:re|er)s?|mm|cm|km|m|oz|ounces?|lbs?|pounds?|g|grams?|kg|"
    r"ml|l|liters?|litres?|gal(?:lons?)?|qt|quarts?|gb|tb|mb|mah|w|watts?|v|volts?|amps?|hz|khz|mhz|rpm|mph|db|lumens?|"
    r"years?|yrs?|months?|days?|hours?|hrs?|minutes?|min|degrees?|pages?|pieces?|pcs|pack|packs|count|ct|x|"
    r"people|persons?|players|stars?|calories|thread|spf|k|megapixels?|mp|piezas?)\b|"
    r"寸|英寸|厘米|毫米|公分|米|克|公斤|千克|斤|升|毫升|瓦|伏|岁|码|件|个|支|片|小时|天|年|月|人|倍|度|页|星)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:\b(?:wom[ae]n|m[ae]n|ladies|girls?|boys?|kids?|children|toddlers?|adults?|seniors?|people|anyone|those|ages?|"
    r"aged|sizes?|rated|skin|hair)|岁|年龄|尺码|身高)\s*$",
    re.IGNORECASE,
)
_DANGLING = re.compile(
    r"^(?:的|之|,|，|、|\s|and\b)+|(?:,|，|、|\s|\b(?:and|for|priced|costing|at)(?=\s*$)|的$)+$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Priced:
    """A query's words without its price words, and the price they named, in major units of the shop's currency."""

    text: str
    price_min: Decimal | None = None
    price_max: Decimal | None = None

    @property
    def conditions(self) -> list[str]:
        """The filters that the query itself set."""
        return [name for name in ("price_min", "price_max") if getattr(self, name) is not None]

    def merged(self, filters: Filters) -> Filters:
        """The given filters with the query's prices where they leave room: what is given explicitly wins."""
        low = self.price_min if filters.price_min is None else filters.price_min
        high = self.price_max if filters.price_max is None else filters.price_max
        if low is not None and high is not None and low > high:
            return filters
        return filters.model_copy(update={"price_min": low, "price_max": high})


def priced(query: str, currency: str) -> Priced:
    """Take the price words out of a query. A query that contradicts itself is left as it is."""
    text, low, high = " ".join(query.split()), None, None
    for pattern in _PATTERNS:
        for match in pattern.regex.finditer(text):
            if not _is_price(pattern, match, text, currency):
                continue
            found_low = _value(match[pattern.low]) if pattern.low else None
            found_high = _value(match[pattern.high]) if pattern.high else None
            if found_low is not None and found_high is not None:
                found_low, found_high = sorted((found_low, found_high))
            low = found_low if low is None else low
            high = found_high if high is None else high
            text = f"{text[: match.start()]} {text[match.end() :]}"
            break
    if low is not None and high is not None and low > high:
        return Priced(query.strip())
    if low is None and high is None:
        return Priced(query.strip())
    return Priced(_DANGLING.sub("", re.sub(r"\s+", " ", text)).strip(), low, high)


def _is_price(pattern: _Pattern, match: re.Match[str], text: str, currency: str) -> bool:
    words = [
        word.lower()
        for group in (pattern.low, pattern.high)
        if group
        for word in (match[f"{group}_before"], match[f"{group}_after"])
        if word
    ]
    if words:
        allowed = (_CURRENCY_WORDS[word] for word in words)
        return all(shops is None or currency in shops for shops in allowed)
    if not pattern.bare:
        return False
    return MEASURE.match(text, match.end()) is None and _PEOPLE.search(text, 0, match.start()) is None


def _value(written: str) -> Decimal:
    return Decimal(written.replace(",", "")) if written[0].isdecimal() else chinese(written)
