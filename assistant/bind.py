"""Binds what a small tuned model calls to what the shopper said.

It was taught to copy from the message and from the state of the conversation, and now and then it
copies from what it was taught instead: a brand, a budget, an order number nobody named. An argument
that neither the message nor the search in force holds is left out, and a price that the message surely
names is put in. The model still says what is wanted; the words say which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage, ToolCall

from assistant.conversation import this_turn
from assistant.grounding.values import find_values
from assistant.narrow import ORDER_ID
from assistant.shorthand import around, past_search
from assistant.surely import (
    COUNTS,
    HAN_COUNTS,
    MORE,
    MOST,
    avoided,
    count,
    in_stock,
    is_colour,
    is_size,
    order,
    refused,
    single,
    size,
    spares,
)
from retriever.numerals import chinese
from retriever.text import exact, fold, holds_han, stem
from retriever.understanding.prices import MEASURE, priced

ALIKE = 0.75  # similarity from which on a word is another one misspelt
SLIPPED, LONG = 0.6, 4  # the same for a word that the model has miscopied, of so many letters at least
MUCH_ALIKE = 0.85  # the same for a short word
HELD = 0.5  # share of a query's words that must have been said
HAN_HELD = 0.6  # share of its characters, in Chinese
PRICES = ("price_min", "price_max")
NUMBER_WORDS = (
    "hundred", "thousand", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    "fiver", "tenner", "grand", "figures",
)  # fmt: skip
MONEY_TOO = ("in", "k", "pound", "pounds")  # what stands for a measure elsewhere: "under 50 in black"
FREE = ("category", "in_stock", "sort", "limit")  # arguments that are no words of the shopper's
HAVING = re.compile(r"^(?:带|含|有)(?=[\u4e00-\u9fff]{2})")
DENIAL = re.compile(
    r"\b(?:(?:that|which|with) (?:have|has|is|are)? ?)?(?:without|no|not|except|minus|but|nothing)\b"
    r"|不要|除了|不含|没有|别",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"(?<!top )(?<!\d)(\d+(?:[.,]\d+)*)(?!\d|st\b|nd\b|rd\b|th\b)(?:(k(?![a-z])|千)(\d)?)?", re.IGNORECASE
)
_VAGUE = re.compile(
    "figures?|位数|张|票子|[半壹贰叁肆伍陆柒捌玖拾佰仟]|几[十百千块]|[一二两三四五六七八九]{2}[十百千万]|[百千万]来|百八十"
)
_HAN_FIGURE = re.compile(r"[一二两三四五六七八九十百千万]*[十百千万][一二三四五六七八九十百千]*")


def bound(message: AIMessage, messages: Sequence[AnyMessage], currency: str) -> AIMessage:
    """The model's message, its calls bound to the shopper's words.

    Args:
        message: what the model wrote, goods as ids.
        messages: the conversation up to it.
        currency: the shop's, for prices in the message.
    """
    if not message.tool_calls:
        return message
    now = this_turn(messages)
    text = str(now[0].content) if now else ""
    past = past_search(messages[: len(messages) - len(now)])
    calls = [cast("ToolCall", {**call, "args": _bound(call, text, past, currency)}) for call in message.tool_calls]
    return message.model_copy(update={"tool_calls": calls})


def _bound(call: ToolCall, text: str, past: Mapping[str, Any], currency: str) -> dict[str, Any]:
    arguments = dict(call["args"])
    if call["name"] == "search_catalog":
        return _search(arguments, text, past, currency)
    if call["name"] == "get_order":
        return arguments | _order(str(arguments.get("order_id", "")), text)
    return arguments


def _search(arguments: dict[str, Any], text: str, past: Mapping[str, Any], currency: str) -> dict[str, Any]:
    said = f"{text} {_values(past)}"
    kept = {name: arguments[name] for name in FREE if name in arguments} | _plainly(arguments, text, past)
    listed = [str(word) for word in _list(arguments.get("exclude"))]
    spared = [_bare(word) for word in listed if says(said, word) or spares(text, word)]
    if says(said, str(brand := arguments.get("brand") or "")):
        if refused(text, brand):
            spared.append(brand)
        else:
            kept["brand"] = brand
    named = cast("dict[str, Any]", arguments.get("attributes") or {})
    spared += [str(value) for value in named.values() if refused(text, str(value))]
    spared += avoided(text, spared)
    if spared:
        kept["exclude"] = list(dict.fromkeys(spared))
    kept["query"] = _without(_query(str(arguments.get("query", "")), text, said, past), spared)
    if asked := {n: value for n, value in _attributes(named, text, said, past).items() if value not in spared}:
        kept["attributes"] = asked
    kept |= _prices(arguments, text, past, currency)
    return {name: value for name, value in kept.items() if value is not None}


def _plainly(arguments: Mapping[str, Any], text: str, past: Mapping[str, Any]) -> dict[str, Any]:
    """Order, number and stock as the message plainly names them; a number that nobody named is none."""
    found: dict[str, Any] = {}
    if plain := order(text):
        found["sort"] = plain
    if in_stock(text):
        found["in_stock"] = True
    given = arguments.get("limit")
    if counted := count(text):
        found["limit"] = counted
    elif given is not None and given not in _counts(text) and not (given == MOST and (past or MORE.search(fold(text)))):
        found["limit"] = None
    elif isinstance(given, int):
        found["limit"] = min(max(given, 1), MOST)
    return found


def _attributes(named: Mapping[str, Any], text: str, said: str, past: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that were asked for; what is no colour and no size is none, and a size that is called one is."""
    carried = cast("dict[str, Any]", past.get("attributes") or {})
    asked = {n: value for n, value in named.items() if carried.get(n) == value or _attribute(said, n, str(value))}
    if plain := size(text):
        asked["size"] = plain
    return asked


def _attribute(said: str, name: str, value: str) -> bool:
    if name == "color" and not is_colour(value, said):
        return False
    if name == "size" and (not is_size(value) or _measured(value, said)):
        return False
    return says(said, value)


def _measured(value: str, said: str) -> bool:
    """Whether a figure stands only before a unit: the 3 of 3 metres is no size."""
    places = list(re.finditer(rf"(?<![\d.]){re.escape(fold(value))}(?![\d.])", fold(said)))
    return value.isdecimal() and bool(places) and all(_unit(said, place.end()) for place in places)


def _unit(said: str, end: int) -> bool:
    unit = MEASURE.match(fold(said), end)
    return unit is not None and unit[0].strip() not in (*MONEY_TOO, "码", "号")


def _counts(text: str) -> set[int]:
    """Every small number of a text, in figures or in words."""
    words = fold(text)
    found = {int(figure) for figure in re.findall(r"\d+", words)}
    found |= {1} if single(text) else set()
    found |= {place for place, word in enumerate(COUNTS, start=1) if re.search(rf"\b{word}\b", words)}
    return found | {HAN_COUNTS[letter] for letter in words if letter in HAN_COUNTS}


def _bare(word: str) -> str:
    """What is avoided without the verb before it: 带香精 is 香精."""
    return HAVING.sub("", word) or word


def _without(query: str, avoided: Sequence[str]) -> str:
    """The query up to where it begins to say what must not be."""
    cut = query
    for word in avoided:
        place = cut.casefold().find(word.casefold())
        if place >= 0 and (denial := list(DENIAL.finditer(cut[:place]))):
            cut = cut[: denial[-1].start()]
    return cut.strip(" ,，") or query


def _prices(arguments: Mapping[str, Any], text: str, past: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The prices that the model gives and somebody named, or else those that the message surely names."""
    named, carried = _amounts(text), {int(past[name]) for name in PRICES if past.get(name) is not None}
    given = {name: arguments[name] for name in PRICES if isinstance(arguments.get(name), int)}
    if any(around(dict.fromkeys(PRICES, sum_)) == given for sum_ in named):
        return given
    kept = {name: value for name, value in given.items() if value in named | carried}
    if given and (_VAGUE.search(text) or (not kept and _misspelt_sum(text))):
        return given  # a sum is meant, and only the model could read it
    if not kept and given and len(set(given.values())) == len(named):
        # The model knows which limits are meant and has miscopied the figures: "三百" as 30.
        figures = dict(zip(sorted(set(given.values())), sorted(named), strict=True))
        if all(_miscopied(value, figure) for value, figure in figures.items()):
            kept = {name: figures[value] for name, value in given.items()}
    if kept:
        return kept
    # Only where the model names no price at all: of "no cheaper than 20" the patterns see the half.
    surely = priced(text, currency)
    read = {name: int(value) for name in PRICES if (value := getattr(surely, name)) is not None}
    return {name: value for name, value in read.items() if value != arguments.get("limit")}  # "at most 3 of them"


def _miscopied(value: int, figure: int) -> bool:
    """Whether one figure is the other with a slip: 30 for 300, 45 for 450 or 54."""
    return SequenceMatcher(None, str(value), str(figure)).ratio() >= SLIPPED


def _query(query: str, text: str, said: str, past: Mapping[str, Any]) -> str:
    """The query if most of it was said, else the message itself."""
    if _share(query, said):
        return _as_typed(query, said)
    return priced(text, "").text or str(past.get("query", "")) or query


def _as_typed(query: str, said: str) -> str:
    """The query with the words that were said in place of others much like them: a slip in copying is no word."""
    held = fold(said)
    words = exact(held)
    known = {stem(word) for word in words}

    def typed(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < LONG or stem(fold(word)) in known or fold(word) in held:
            return word
        near = max(words, key=lambda other: SequenceMatcher(None, fold(word), other).ratio(), default="")
        return near if SequenceMatcher(None, fold(word), near).ratio() >= SLIPPED else word

    return re.sub(r"[A-Za-z][A-Za-z'-]*", typed, query)


def _share(query: str, said: str) -> bool:
    if holds_han(query):
        letters, held = [letter for letter in fold(query) if not letter.isspace()], fold(said)
        return sum(letter in held for letter in letters) >= HAN_HELD * len(letters)
    words = exact(query)
    return bool(words) and sum(says(said, word) for word in words) >= HELD * len(words)


def says(said: str, value: str) -> bool:
    """Whether a text holds a value, in another form of its words or misspelt."""
    wanted, held = fold(value), fold(said)
    if not wanted:
        return False
    if holds_han(wanted):
        return len(wanted) > 1 and wanted.removesuffix("色") in held
    if re.search(rf"(?<![a-z\d]){re.escape(wanted)}(?![a-z\d])", held):
        return True
    words = exact(held)
    return all(any(_same(word, other) for other in words) for word in exact(wanted)) and bool(exact(wanted))


def _same(word: str, other: str) -> bool:
    return stem(word) == stem(other) or (len(word) > 3 and SequenceMatcher(None, word, other).ratio() >= ALIKE)


def _order(order: str, text: str) -> dict[str, Any]:
    """An order number as it was written in the message, if the model's is not in it but another is."""
    if fold(order).lstrip("#") in fold(text):
        return {}
    written = ORDER_ID.search(text)
    return {"order_id": written[0].lstrip("#").upper()} if written else {}


def _misspelt_sum(text: str) -> bool:
    words = [word for word in exact(fold(text)) if len(word) >= LONG]
    return any(
        SequenceMatcher(None, word, name).ratio() >= (ALIKE if len(word) > LONG else MUCH_ALIKE)
        for word in words
        for name in NUMBER_WORDS
    )


def _amounts(text: str) -> set[int]:
    """Every number of a text that may be a sum, in figures or in words: not the 30 of 30 litres."""
    found: set[int] = set()
    for figure in _FIGURE.finditer(text):
        measure = MEASURE.match(text, figure.end())
        thousands, hundreds = figure[2], figure[3]
        if figure[1].count(".") < 2 and (thousands or measure is None or measure[0].strip().lower() in MONEY_TOO):
            amount = Decimal(figure[1].replace(",", "")) * (1000 if thousands else 1)
            found.add(int(amount) + 100 * int(hundreds or 0))
    for written in _HAN_FIGURE.finditer(text):
        if MEASURE.match(text, written.end()) is None:
            found.add(int(chinese(written[0])))
    plain = re.sub(r"\b(?:a )?couple (?:of )?(?=hundred|thousand|grand)", "two ", fold(text))
    plain = re.sub(r"(hundred|thousand) and ", r"\1 ", plain)
    for value in find_values(plain):
        # Of counts only those in English words: 一个 counts things, and figures were read above.
        if value.kind == "money" or (
            value.kind == "count"
            and plain[value.start : value.end].isascii()
            and not any(map(str.isdigit, plain[value.start : value.end]))
        ):
            found |= {int(value.low), int(value.high)}
    return found


def _values(arguments: Mapping[str, Any]) -> str:
    return " ".join(str(value) for value in arguments.values())


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
