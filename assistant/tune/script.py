"""One shopper of a planned dialogue: what is said next, and the call or reply that it wants."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.phrases import replies
from assistant.shorthand import around, short_name
from assistant.surely import MOST
from assistant.tune.goods import Kind, common
from assistant.tune.patterns import Language, Pattern, patterns, slots
from assistant.tune.slots import Filled, invented_brand, misspelt, money, number, reference, several, typed
from retriever.product import Product
from retriever.text import holds_han

MISSPELT, SLIPS, CODE_SWITCHED = 0.12, 0.06, 0.08  # in the goods, in the words about them, in another language
INVENTED = 0.35  # share of the brands that nobody knows
GENERAL = 0.6  # share of the goods asked for that any shop may have
OWN_WORDS = 0.4  # share of things to avoid that the goods themselves have
CONTEXT = {"change_quantity", "remove"}  # of the cart: they need something in it
DROPPED = {"drop_price": ("price_min", "price_max"), "drop_brand": ("brand",), "max": ("price_min",)}
VOWEL = re.compile(r"^[aeiou]")
ARTICLE = re.compile(r"^an? ")


@dataclass(frozen=True)
class Line:
    """What a shopper says, and what is right."""

    text: str
    phenomenon: str
    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    reply: str = ""


class Shopper:
    """Says lines of one language, from one side of the split.

    Args:
        language: what is spoken.
        kinds: the goods that may be asked for, of this side of the split and this language.
        others: goods in the other language, for the words that people mix in.
        held_out: whether the held-out texts are said.
        dice: draws everything.
    """

    def __init__(
        self, language: Language, kinds: Sequence[Kind], others: Sequence[Kind], *, held_out: bool, dice: random.Random
    ) -> None:
        self.language: Language = language
        self.kinds = kinds
        self.others = others
        self.held_out = held_out
        self.dice = dice
        self.asked: dict[str, Any] = {}  # arguments of the latest search
        self.kind = kinds[0]

    def searches(self) -> Line:
        """A wish for goods."""
        pattern = self._one("search")
        fitting = [kind for kind in self.kinds if kind.needs] if "{need}" in str(pattern.arguments) else self.kinds
        self.kind = self._one_kind(fitting or self.kinds)
        line = self._line(pattern, {})
        self.asked = around(line.arguments)  # as the state of the conversation holds it
        return line

    def goes_on(self, shown: Sequence[Product], *, in_cart: bool) -> Line:
        """A word on the goods that are shown."""
        while True:
            pattern = self._one("context")
            if pattern.phenomenon in CONTEXT and not in_cart:
                continue
            if pattern.phenomenon.startswith("drop_") and not set(self.asked) & {"price_max", "price_min", "brand"}:
                continue
            if len(shown) < 2 and ("{pair}" in str(pattern.arguments) or "{ref" in str(pattern.arguments)):
                continue
            line = self._line(pattern, self._pointers(shown))
            if line.tool == "search_catalog":
                self.asked = around(line.arguments)
            return line

    def asks(self, orders: Sequence[str]) -> Line:
        """A question about rules, cart, orders, or the wish for a person."""
        order = self.dice.choice(orders) if orders else f"FS-{self.dice.randint(10000, 99999)}"
        return self._line(self._one("service"), {"order": Filled(order, order)})

    def talks(self) -> Line:
        """Anything that no tool answers."""
        pattern = self._one("talk")
        line = self._line(pattern, {})
        # Always the same words for the same thing: which of two to say cannot be learned, only guessed.
        return Line(line.text, line.phenomenon, reply=replies()[pattern.reply][self.language][0])

    def _one_kind(self, kinds: Sequence[Kind]) -> Kind:
        """The shop's own goods as often as any others, of which there are many more."""
        general = self.dice.random() < GENERAL
        return self.dice.choice([kind for kind in kinds if kind.general == general] or list(kinds))

    def _one(self, room: str) -> Pattern:
        """One of a phenomenon's groups; a phenomenon is the likelier the more ways there are to say it, by the root."""
        groups: dict[str, list[Pattern]] = {}
        for pattern in patterns(self.language, room):
            groups.setdefault(pattern.phenomenon, []).append(pattern)
        said = {name: sum(len(pattern.texts) for pattern in members) for name, members in groups.items()}
        members = groups[self.dice.choices(list(said), [math.sqrt(count) for count in said.values()])[0]]
        return self.dice.choices(members, [len(pattern.texts) for pattern in members])[0]

    def _line(self, pattern: Pattern, known: Mapping[str, Filled]) -> Line:
        text = self.dice.choice(pattern.said(held_out=self.held_out))
        wanted = slots(text) | slots(str(pattern.arguments))
        filled = {**{name: self._slot(name) for name in wanted if name not in known}, **known}
        if {"low", "high"} <= wanted and int(str(filled["low"].value)) > int(str(filled["high"].value)):
            filled["low"], filled["high"] = filled["high"], filled["low"]
        while "avoid2" in filled and filled["avoid2"] == filled.get("avoid"):
            filled["avoid2"] = self._slot("avoid2")
        if "a_thing" in filled:  # the same goods, with their article in the text
            filled["thing"] = _same(str(filled["a_thing"].value))
        elif "thing" in filled and self.dice.random() < MISSPELT:
            # The query is what was typed: only the search knows the words that the shop's goods are written in.
            filled["thing"] = _same(misspelt(filled["thing"].said, self.dice))
        if self.dice.random() < SLIPS and not holds_han(text):
            text = misspelt(text, self.dice)
        said = text.format(**{name: value.said for name, value in filled.items() if name in slots(text)})
        arguments = self._arguments(pattern, filled)
        return Line(typed(said, self.dice), pattern.phenomenon, pattern.tool, arguments)

    def _arguments(self, pattern: Pattern, filled: Mapping[str, Filled]) -> dict[str, Any]:
        given = {key: _put(value, filled) for key, value in pattern.arguments.items()}
        if "around" in given:
            middle = given.pop("around")
            given |= {"price_min": middle, "price_max": middle}
        if pattern.tool == "update_cart":
            return {"lines": [{"product_id": given["product_id"], "quantity": given["quantity"]}]}
        return self._changed(str(given.pop("change")), filled) if "change" in given else given

    def _changed(self, change: str, filled: Mapping[str, Filled]) -> dict[str, Any]:
        """The latest search with one thing about it changed."""
        asked = {key: value for key, value in self.asked.items() if key != "limit"}
        value = {name: slot.value for name, slot in filled.items()}
        avoided = list(dict.fromkeys([*asked.get("exclude", []), value.get("avoid", value.get("brand"))]))
        spared = {
            key: item
            for key, item in asked.items()
            if value.get("brand") not in asked.get("exclude", ()) or key != "exclude"
        }
        without = {
            name: {key: item for key, item in asked.items() if key not in gone} for name, gone in DROPPED.items()
        }
        changes: dict[str, Callable[[], dict[str, Any]]] = {
            "cheaper": lambda: asked | {"sort": "price_asc"},
            "rating": lambda: asked | {"sort": "rating"},
            "newest": lambda: asked | {"sort": "newest"},
            "more": lambda: asked | {"limit": MOST},
            "color": lambda: asked | {"attributes": {**asked.get("attributes", {}), "color": value["color"]}},
            "brand": lambda: spared | {"brand": value["brand"]},
            "not_brand": lambda: without["drop_brand"] | {"exclude": avoided},
            "avoid": lambda: asked | {"exclude": avoided},
            "max": lambda: without["max"] | {"price_max": value["max"]},
            "drop_price": lambda: without["drop_price"],
            "drop_brand": lambda: without["drop_brand"],
        }
        return changes[change]()

    def _pointers(self, shown: Sequence[Product]) -> dict[str, Filled]:
        """How to point at what is shown."""
        if not shown:
            return {}
        places = list(range(1, min(len(shown), 5) + 1))
        self.dice.shuffle(places)
        names = [short_name(product.title) for product in shown]
        count = len(shown)
        found = {"ref": reference(places[0], count, names[places[0] - 1], self.language, self.dice)}
        if count > 1:
            found["ref2"] = reference(places[1], count, names[places[1] - 1], self.language, self.dice)
            found["pair"] = several(count, self.language, self.dice)
        return found

    def _slot(self, name: str) -> Filled:
        dice, language, kind = self.dice, self.language, self.kind
        if name in ("thing", "thing2", "a_thing"):
            return self._thing(name)
        if name in ("max", "min", "around", "low", "high"):
            return money(kind.budget(dice), language, dice)
        if name in ("count", "quantity"):
            return number(dice.randint(2, 5), language, dice)
        if name == "brand" and dice.random() < INVENTED:
            return _same(invented_brand(language, dice))
        lists = common()
        short = [value.lower() for value in kind.features if len(value) < 16]
        anything = ["防水", "小号", "轻便"] if language == "zh" else ["waterproof", "small", "lightweight"]
        choices: dict[str, Sequence[str]] = {
            "need": kind.needs or lists[f"needs_{language}"],
            "brand": kind.brands or lists["brands"],
            "color": kind.colors or lists[f"colors_{language}"],
            "size": kind.sizes or ("S", "M", "L", "XL"),
            "feature": short or anything,
            "avoid": short if short and dice.random() < OWN_WORDS else lists[f"avoid_{language}"],
            "avoid2": lists[f"avoid_{language}"],
            "measure": lists[f"measures_{language}"],
            "person": lists[f"people_{language}"],
        }
        said = dice.choice(choices.get(name, [""]))
        return Filled(said, ARTICLE.sub("", said) if name.startswith("avoid") else said)

    def _thing(self, name: str) -> Filled:
        kind = self._one_kind(self.kinds) if name == "thing2" else self.kind
        if self.language == "zh" and self.others and self.dice.random() < CODE_SWITCHED:
            kind = self._one_kind(self.others)
        thing = self.dice.choice(kind.things)
        if name != "a_thing" or thing.endswith("s") or " for " in thing:
            return _same(thing)
        return Filled(f"{'an' if VOWEL.match(thing) else 'a'} {thing}", thing)


def _same(words: str) -> Filled:
    return Filled(words, words)


def _put(value: Any, filled: Mapping[str, Filled]) -> Any:
    """An argument with its slots filled: a lone slot by its value, others by their words."""
    if isinstance(value, dict):
        return {key: _put(item, filled) for key, item in value.items()}
    if isinstance(value, list):
        return [_put(item, filled) for item in value]
    if not isinstance(value, str):
        return value
    lone = re.fullmatch(r"\{(\w+)\}", value)
    if lone:
        return filled[lone[1]].value
    return value.format(**{name: slot.value for name, slot in filled.items()})
