"""What the shopper's own words of this turn allow a writing tool to do.

A record that says "put five into the cart" and a model that believes it change nothing: the words
that count are those the shopper typed in this message, or a short yes to a question that the shop
asked. The rule reads words, so it errs towards asking once more; it never takes a wish from a record.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from assistant.conversation import this_turn
from retriever.text import fold, stem

QUOTED = re.compile(r"[“\"「『][^”\"」』]{0,400}[”\"」』]|```.*?(?:```|$)", re.DOTALL)
CLAUSE = re.compile(r"[.!?;,:。！？；，：\n]+|\b(?:and then|then|but)\b|然后")
NUMBER_WORDS = {
    "one": 1, "a": 1, "an": 1, "another": 1, "two": 2, "couple": 2, "pair": 2, "both": 2, "three": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12,
    "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
}  # fmt: skip
ORDINAL_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1, "最后": -1}
ORDINAL = re.compile(
    r"\b(?P<word>first|second|third|fourth|fifth|last)\b(?:\s+(?P<many>two|three|four|2|3|4))?"
    r"|\b(?P<place>[1-5])(?:st|nd|rd|th)\b|(?:#|\bnumber |\bno\. ?)(?P<hash>\d)\b"
    r"|第(?P<zh>[一二三四五\d])|前(?P<front>[一二两三四五\d])|(?P<end>最后)"
)
QUANTITY = re.compile(
    r"(?<![\w$¥£€.,-])\d{1,3}(?![\d.%]|\s?(?:dollars|元|块))|[一二两俩三四五六七八九十]{1,3}"
    rf"|\b(?:{'|'.join(word for word in NUMBER_WORDS if word.isascii())})\b"
)


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads(resources.files("assistant").joinpath("consent.toml").read_text(encoding="utf-8"))


@cache
def action_words() -> frozenset[str]:
    """Stems of the words of a wish itself, which name no goods even where a product is called so ("tote bag")."""
    return frozenset(stem(word) for word in str(_written()["words"]["action"]).split())


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """The expressions of ``consent.toml`` by name."""
    held = _written()
    parts: dict[str, str] = held["parts"]
    found: dict[str, re.Pattern[str]] = {}
    for name, written in held["find"].items():
        whole = "|".join(written)
        while inserted := re.search(r"<([a-z]+)>", whole):
            whole = whole.replace(inserted.group(), parts[inserted[1]])
        found[name] = re.compile(whole)
    return found


def finds(name: str, text: str) -> bool:
    """Whether a folded text holds words of the kind that ``consent.toml`` calls ``name``."""
    return bool(_patterns()[name].search(text))


@dataclass(frozen=True)
class CartWish:
    """What a message asks of the cart; ``numbers`` are the quantities it names."""

    adds: bool = False
    removes: bool = False
    sets: bool = False
    numbers: frozenset[int] = frozenset()
    several: bool = False
    steps: bool = False

    @property
    def any(self) -> bool:
        """Whether it asks for any change."""
        return self.adds or self.removes or self.sets

    def allows(self, held: int, quantity: int) -> bool:
        """Whether a line that holds ``held`` may come to hold ``quantity``."""
        if quantity == held:
            return True
        if self.sets:
            near = {held + n for n in self.numbers} | {held - n for n in self.numbers} | {2 * held, held // 2}
            return quantity in {0, 1} | self.numbers | (near if self.steps else set[int]())
        if quantity < held:
            return self.removes and (quantity == 0 or (held - quantity) in self.numbers | {1})
        return self.adds and (quantity in {1} | self.numbers or (quantity - held) in {1} | self.numbers)


def cart_wish(messages: Sequence[AnyMessage]) -> CartWish:
    """What the shopper's message of this turn asks of the cart, in its own words or as the answer to a question."""
    said = own_words(messages)
    adds = removes = sets = False
    for clause in clauses(said):
        if finds("never", clause) or finds("asking", clause):
            continue
        removes |= finds("removes", clause)
        adds |= finds("adds", clause)
        sets |= finds("sets", clause)
    if not (adds or removes or sets) and answers(messages, "cart"):
        adds = True
    return CartWish(
        adds=adds,
        removes=removes,
        sets=sets,
        numbers=frozenset(quantities(said)),
        several=finds("several", said),
        steps=finds("steps", said),
    )


def wants_person(messages: Sequence[AnyMessage]) -> bool:
    """Whether the shopper's message of this turn asks for a person, or tells of trouble that only one can settle."""
    return finds("person", own_words(messages)) or answers(messages, "transfer")


def own_words(messages: Sequence[AnyMessage]) -> str:
    """The shopper's message of this turn, folded, without what it quotes."""
    turn = this_turn(messages)
    if not turn or not isinstance(turn[0], HumanMessage):
        return ""
    return fold(QUOTED.sub(" ", str(turn[0].content))).replace("’", "'")


def clauses(text: str) -> list[str]:
    """The parts of a message that ask, order or deny on their own."""
    return [clause.strip() for clause in CLAUSE.split(text) if clause.strip()]


def answers(messages: Sequence[AnyMessage], about: str) -> bool:
    """Whether the message is a short answer, and no refusal, to a question of the shop ``about`` something."""
    said = own_words(messages)
    if finds("no", said) or finds("asking", said) or len(said) > 40:
        return False
    earlier = messages[: len(messages) - len(this_turn(messages))]
    shop = next((str(message.content) for message in reversed(earlier) if isinstance(message, AIMessage)), "").strip()
    asked = shop.endswith(("?", "？")) and finds(about, fold(shop))
    # A bare figure or a choice answers "how many?" and "which one?"; anything else must be a yes.
    return bool(asked and (finds("yes", said) or ORDINAL.search(said) or QUANTITY.fullmatch(said)))


def quantities(text: str) -> set[int]:
    """The quantities that a folded message names; ordinals are none."""
    return {number for found in QUANTITY.findall(ORDINAL.sub(" ", text)) if (number := _number(found)) is not None}


def counted(text: str, latest: Sequence[str]) -> list[str]:
    """The goods that "the first", "the first two" or "第二个" count out of a list."""
    chosen: list[str] = []
    for match in ORDINAL.finditer(text):
        if match["front"]:
            chosen += latest[: _number(match["front"]) or 0]
        elif match["many"]:
            many = _number(match["many"]) or 0
            chosen += latest[-many:] if match["word"] == "last" else latest[:many]
        else:
            chosen += _at(_place(match), latest)
    return list(dict.fromkeys(chosen))


def named(words: Iterable[str], goods: dict[str, set[str]]) -> set[str]:
    """The goods that ``words`` name best, and those that own a word which the best do not.

    Args:
        words: of the message.
        goods: the words of each product.
    """
    said = set(words)
    shared = {id: said & own for id, own in goods.items() if said & own}
    most = max((len(common) for common in shared.values()), default=0)
    best = {id for id, common in shared.items() if len(common) == most}
    told = {word for id in best for word in shared[id]}
    return best | {id for id, common in shared.items() if common - told}


def _place(match: re.Match[str]) -> int | None:
    if match["end"]:
        return -1
    if match["word"]:
        return ORDINAL_WORDS[match["word"]]
    return _number(match["place"] or match["hash"] or match["zh"])


def _at(place: int | None, latest: Sequence[str]) -> list[str]:
    if place is None or not latest or place > len(latest) or place == 0:
        return []
    return [latest[place - 1 if place > 0 else place]]


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    tens, ten, ones = word.partition("十")  # 十二, 二十, 二十五
    if not ten:
        return None
    return 10 * NUMBER_WORDS.get(tens, 1) + NUMBER_WORDS.get(ones, 0)
