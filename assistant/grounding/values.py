"""Amounts, dates and measures in English and Chinese text, read as values: two spellings of one value are equal.

``find_values`` reads money, percentages, ratings, review counts, dates, measures and bare
numbers, each with how it was hedged: "about thirty dollars", "under $50", "29.99美元起".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from assistant.grounding.numerals import CHINESE, DIGITS, NUMBER, PLAIN, number

Kind = Literal["money", "percent", "rating", "reviews", "date", "measure", "count"]
Bound = Literal["exact", "about", "below", "most", "above", "least", "from"]

_UNITS: dict[str, tuple[str, Decimal]] = {}


def _units(dimension: str, **sizes: str) -> None:
    for size, names in sizes.items():
        for name in names.split():
            _UNITS[name] = (dimension, Decimal(size.strip("_").replace("_", ".")))


_units("mass", _0_001="mg 毫克", _1="g gram grams 克", _500="斤", _1000="kg kilo kilos kilogram kilograms 千克 公斤")
_units(
    "volume",
    _1="ml millilitre millilitres milliliter milliliters 毫升",
    _10="cl",
    _1000="l litre litres liter liters 升",
)
_units(
    "length",
    _1="mm millimetre millimetres millimeter millimeters 毫米",
    _10="cm centimetre centimetres centimeter centimeters 厘米 公分",
    _25_4='inch inches " ″ 英寸 寸',
    _304_8="ft foot feet 英尺",
    _1000="m metre metres meter meters 米",
)
_units("time", _1="min minute minutes 分钟", _60="h hr hrs hour hours 小时 个小时")
_units("days", _1="day days 天 日内", _7="week weeks 周 个星期 星期")
_units("months", _1="month months 个月", _12="year years 年")
_units("working days", _1="working_day")
_units("power", _1="w watt watts 瓦", _1000="kw kilowatt kilowatts 千瓦")
_units("charge", _1="mah 毫安时 毫安")
_units("light", _1="lm lumen lumens 流明")
_units("celsius", _1="°c ℃ degrees 度")
_units("voltage", _1="v volt volts 伏")
_units("memory", _1="gb", _1024="tb")
_units("hardness", _1="hrc")
_units("sound", _1="db decibel decibels 分贝")
_units("age", _1="岁")

_CURRENCIES = {
    **dict.fromkeys(("us$", "usd", "us dollars", "us dollar", "美元", "美金"), "USD"),
    **dict.fromkeys(("€", "euros", "euro", "eur", "欧元"), "EUR"),
    **dict.fromkeys(("£", "pounds sterling", "gbp", "英镑"), "GBP"),
    **dict.fromkeys(("cn¥", "yuan", "rmb", "cny", "人民币"), "CNY"),
    **dict.fromkeys(("¥",), "CNY JPY"),
    **dict.fromkeys(("$", "dollars", "dollar", "bucks"), "USD CAD AUD NZD HKD SGD TWD MXN"),
    **dict.fromkeys(("块钱", "块", "元"), ""),  # a unit of whatever the shop's money is
}
_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_MONTH_NAMES = {name: place for place, full in enumerate(_MONTHS, 1) for name in (full, full[:3])}


@dataclass(frozen=True)
class Value:
    """One value in a text, in base units. ``low`` and ``high`` differ where a range was given.

    Attributes:
        kind: what sort of value.
        low: the value, or the lower end of a range.
        high: the upper end.
        unit: the dimension of a measure, the possible currencies of money, the year of a date.
        bound: how it is hedged.
        step: the precision it was given in; a rounded value stands for all that round to it.
        start: where it begins in the text.
        end: where it ends.
    """

    kind: Kind
    low: Decimal
    high: Decimal
    unit: str = ""
    bound: Bound = "exact"
    step: Decimal = Decimal(0)
    start: int = 0
    end: int = 0

    def admits(self, low: Decimal, high: Decimal | None = None) -> bool:
        """Whether a recorded value, or a recorded range, is what this one says."""
        high = low if high is None else high
        if self.low != self.high:
            return (self.low, self.high) == (low, high) or (self.bound == "about" and self._near(low, high))
        if self.bound == "about":
            return self._near(low, high)
        if self.bound == "from":
            return low == self.low
        below = {"below": high < self.low, "most": high <= self.low}
        above = {"above": low > self.low, "least": low >= self.low}
        return {**below, **above}.get(self.bound, low == high and self._is(low))

    def _is(self, value: Decimal) -> bool:
        return value == self.low or (self.step > 0 and abs(value - self.low) <= self.step / 2)

    def _near(self, low: Decimal, high: Decimal) -> bool:
        return abs(self.low - low) <= abs(low) / 20 and abs(self.high - high) <= abs(high) / 20


_BEFORE: dict[str, Bound] = {
    r"about|around|roughly|approximately|approx\.?|nearly|almost|circa|~|≈|大约|大概|差不多|将近|接近" r"|约": "about",
    r"(?:no|not) (?:more|longer|later) than|at most|up to|within|maximum of|不超过|不高于|最多|至多" r"|最高": "most",
    r"under|below|less than|fewer than|lower than|cheaper than|shorter than|lighter than|低于|少于"
    r"|不到|小于": "below",
    r"at least|no less than|not less than|minimum of|至少|不低于|不少于|最少": "least",
    r"over|above|more than|higher than|longer than|heavier than|upwards of|超过|高于|多于|大于": "above",
    r"from(?: only| just)?|starting (?:at|from)|starts? (?:at|from)|最低": "from",
}
_AFTER: dict[str, Bound] = {
    r"左右|上下|or so\b|or thereabouts\b": "about",
    r"以内|之内|or (?:less|under|below)\b|at (?:the )?most\b": "most",
    r"以下": "below",
    r"以上|or (?:more|over|above)\b|and (?:up|above|more|over)\b|\+": "least",
    r"起": "from",
}
_WORD_END = r"(?![a-z])"


def _alternatives(words: list[str]) -> str:
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(word) + (_WORD_END if word[-1].isascii() and word[-1].isalpha() else "") for word in ordered
    )


_TO = r"\s*(?:-|–|—|~|to(?![a-z])|and(?![a-z])|至|到)\s*"
_ANY = rf"(?:{NUMBER}|{CHINESE})"
_CURRENCY = _alternatives(list(_CURRENCIES))
_UNIT = _alternatives([*(unit for unit in _UNITS if unit != "working_day")])
_WORKING = r"(?:working|business)\s+days?(?![a-z])|个?工作日"
_PEOPLE = (
    r"(?:customer\s+|shopper\s+|user\s+)?(?:reviews?|ratings|reviewers|customers|buyers|people"
    r"|shoppers)(?![a-z])"
    r"|(?:条|个|则)?(?:评价|评论)|(?:个|位|名)?(?:人|顾客|用户|买家)?(?:评分|评价|打分)|(?:个|位"
    r"|名)(?:人|顾客|用户|买家)"
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "date",
        re.compile(
            rf"(?:(?P<y>\d{{4}})\s*年\s*)?(?P<m>\d{{1,2}})\s*月\s*(?P<d>\d{{1,2}})\s*[日号]"
            rf"|(?P<y2>\d{{4}})-(?P<m2>\d{{2}})-(?P<d2>\d{{2}})"
            rf"|(?<!\d)(?P<d3>\d{{1,2}})(?:st|nd|rd"
            rf"|th)?\s+(?:of\s+)?(?P<m3>{'|'.join(_MONTH_NAMES)})\.?(?![a-z])(?:,?\s+(?P<y3>\d{{4}}))?"
            rf"|(?<![a-z])(?P<m4>{'|'.join(_MONTH_NAMES)})\.?\s+(?P<d4>\d{{1,2}})(?:st|nd|rd"
            rf"|th)?(?!\d)(?:,?\s+(?P<y4>\d{{4}}))?"
        ),
    ),
    (
        "percent",
        re.compile(
            rf"(?:打\s*)?(?P<fold>{DIGITS}|[一二三四五六七八九]{{1,2}})\s*折|百分之\s*(?P<hundredth>{_ANY})"
            rf"|(?P<a>{_ANY})\s*(?:%|percent(?![a-z])|per cent(?![a-z]))"
        ),
    ),
    (
        "money",
        re.compile(
            rf"(?P<cur>{_CURRENCY})\s*(?P<a>{NUMBER})(?:{_TO}(?:{_CURRENCY})?\s*(?P<b>{NUMBER}))?(?:\s*(?:{_CURRENCY}))?"
            rf"|(?P<a2>{_ANY})(?:{_TO}(?P<b2>{_ANY}))?\s*(?P<cur2>{_CURRENCY})"
        ),
    ),
    (
        "rating",
        re.compile(
            rf"(?P<a>{NUMBER})\s*(?:/|out of|of)\s*(?:5|five)(?:\.0)?(?:\s*stars?)?{_WORD_END}(?!\.?\d)"
            rf"|(?P<a2>{NUMBER})[\s-]*stars?{_WORD_END}"
            rf"|(?:rated|rating(?: of| is|:)?|score(?: of|s)?|averag(?:es?"
            rf"|ing)(?: of)?)\s*(?P<a3>{NUMBER})(?!\s*(?:reviews|ratings))(?:\s*(?:/|out of|of)\s*(?:5"
            rf"|five)(?!\.?\d))?(?:[\s-]*stars?{_WORD_END})?"
            rf"|(?:评分|评价)(?:为|是|达|高达|：|:)?\s*(?P<a4>{_ANY})(?:\s*(?:颗?星|分(?!钟)))?(?P<half2>半)?"
            rf"|(?P<a5>{_ANY})\s*(?:颗?星|分(?!钟))(?P<half>半)?|满分\s*[5五]\s*分"
        ),
    ),
    (
        "reviews",
        re.compile(
            rf"(?P<a3>{_ANY})\s*[个位名]?(?:人|用户|顾客|买家)(?=\s*(?:评分|评价|打分)\s*[\d一二三四五])"
            rf"|(?P<a>{_ANY})\s*(?:{_PEOPLE})|(?<![a-z])by (?P<a2>{NUMBER})(?![.\w]*\d)(?!\s*(?:{_UNIT}))"
        ),
    ),
    ("measure", re.compile(rf"(?P<a>{_ANY})(?:{_TO}(?P<b>{_ANY}))?[\s-]*(?P<unit>{_WORKING}|{_UNIT})")),
    (
        "count",
        re.compile(
            rf"(?<![a-z\d])(?<![a-z]-)(?P<a>{PLAIN})(?:{_TO}(?P<b>{PLAIN}))?(?![a-z])"
            rf"|(?P<a2>{CHINESE})\s*[个款件种条双把台只支项位样副顶张套盒瓶包](?!工作日)"
        ),
    ),
)


def find_values(text: str) -> list[Value]:
    """Every value in a folded text, in order. What one pattern has read no later one reads again."""
    found: list[Value] = []
    taken = [False] * len(text)
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            value = _read(kind, match, text)
            if value is not None:
                taken[value.start : value.end] = [True] * (value.end - value.start)
                found.append(value)
    return sorted(found, key=lambda value: value.start)


def only_value(text: str) -> Value | None:
    """The value a text is, where it is nothing else."""
    values = find_values(text)
    return values[0] if len(values) == 1 and not (text[: values[0].start] + text[values[0].end :]).strip(" .") else None


def _read(kind: str, match: re.Match[str], text: str) -> Value | None:
    groups = {name.rstrip("2345"): held for name, held in match.groupdict().items() if held is not None}
    numbers = _date(groups) if kind == "date" else _numbers(kind, groups)
    if numbers is None:
        return None
    low, high, unit, step = numbers
    start, end, bound = _hedged(text, match.start(), match.end())
    return Value(kind, low, high, unit, bound, step, start, end)  # type: ignore[arg-type]  # kinds are the table's


def _date(groups: dict[str, str]) -> tuple[Decimal, Decimal, str, Decimal] | None:
    month = _MONTH_NAMES.get(groups["m"]) or int(groups["m"])
    day = int(groups["d"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return Decimal(month * 100 + day), Decimal(month * 100 + day), groups.get("y", ""), Decimal(0)


def _numbers(kind: str, groups: dict[str, str]) -> tuple[Decimal, Decimal, str, Decimal] | None:
    if "fold" in groups:
        off = _off(groups["fold"])
        return off, off, "", Decimal(0)
    if "hundredth" in groups:
        groups["a"] = groups["hundredth"]
    if "a" not in groups:
        return None
    (low, step), (high, _) = number(groups["a"]), number(groups.get("b", groups["a"]))
    if "half" in groups:
        low = high = low + Decimal("0.5")
    unit = ""
    if kind == "money":
        unit = _CURRENCIES[groups["cur"]]
    elif kind == "measure":
        name = "working_day" if re.fullmatch(_WORKING, groups["unit"]) else groups["unit"]
        unit, size = _UNITS[name]
        low, high = low * size, high * size
    return low, high, unit, step if kind in ("reviews", "count") else Decimal(0)


def _off(fold: str) -> Decimal:
    """What a Chinese 折 takes off: 九折 is 10, 八五折 is 15, 8.5折 is 15."""
    value, _ = number("".join(str("零一二三四五六七八九".index(c)) if c in "一二三四五六七八九" else c for c in fold))
    return 100 - (value if value >= 10 else value * 10)


def _hedged(text: str, start: int, end: int) -> tuple[int, int, Bound]:
    """The span of a value with the words that hedge it, and how they do."""
    bound: Bound = "exact"
    before = _hedges_before().search(text, 0, start)
    if before:
        start, bound = before.start(), next(b for p, b in _BEFORE.items() if re.fullmatch(p, before["hedge"]))
    for pattern, meaning in _AFTER.items():
        if after := re.compile(rf"\s*(?:{pattern})").match(text, end):
            return start, after.end(), meaning
    return start, end, bound


@cache
def _hedges_before() -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?P<hedge>{'|'.join(_BEFORE)})(?:\s+(?:a|an|the|your))?\s*$")
