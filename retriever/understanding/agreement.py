"""How well a product agrees with what a query asks for: brand, category, colour, audience, sizes and numbers.

Of each it is said whether the product is so (1), says nothing of it (0), or says otherwise (-1). A
product is believed in the order in which shops take care: the title, then attributes, options and
categories; a description can confirm but not contradict.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from retriever.product import Product
from retriever.quality.lexicon import lexicon
from retriever.text import fold, holds_han
from retriever.understanding.audience import Audience, compare, read_audience
from retriever.understanding.colours import ANY, colours, colours_of
from retriever.understanding.measures import LONGEST, NUMBER, Measure, read_measures
from retriever.understanding.names import (
    ATTRIBUTE,
    BRAND,
    CATEGORY,
    COLOUR,
    MATERIAL,
    PARTS,
    SURE,
    Slot,
    singular,
    words_of,
)

KEPT = 8_192  # products whose reading is remembered
EARNINGS = {"brand": 0.1, "colour": 0.1, "audience": 0.1, "number": 0.1}
COSTS = {"brand": 0.2, "colour": 0.2, "material": 0.2, "attribute": 0.2, "audience": 0.2, "measure": 0.2, "number": 0.2}
Sign = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Agreement:
    """1 for what the product is, 0 for what it does not say, -1 for what it contradicts.

    ``reasons`` are words for what it is ("brand UGG", "1/2 inch", "for women"), ``against`` what it is not.
    """

    brand: Sign = 0
    category: Sign = 0
    colour: Sign = 0
    material: Sign = 0
    attribute: Sign = 0
    audience: Sign = 0
    measure: Sign = 0
    number: Sign = 0
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()

    @property
    def worth(self) -> float:
        """What to add to a relevance whose best is about 1 (docs/experiments.md): contradictions cost most."""
        signs = {name: getattr(self, name) for name in COSTS}
        earned = sum(EARNINGS[name] for name, sign in signs.items() if sign == 1 and name in EARNINGS)
        return earned - sum(COSTS[name] for name, sign in signs.items() if sign == -1)


FIELDS = ("brand", "category", "colour", "material", "attribute", "audience", "measure", "number")
"""The questions of an ``Agreement``, in the order of its reasons."""


class Agreements:
    """Compares products with what was asked, and remembers how it read them. Safe to share between threads.

    Args:
        kept: products that are remembered.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._read: dict[str, _Said] = {}
        self._lock = threading.Lock()

    def of(self, slots: Sequence[Slot], measures: Sequence[Measure], audience: Audience, product: Product) -> Agreement:
        """How well the product agrees with the names, measures and audience of a query."""
        if not (slots or measures or audience):
            return Agreement()
        said = self._said(product)
        signs: dict[str, Sign] = {"audience": said.audience(audience)}
        signs |= {kind: said.slots(kind, slots) for kind in {slot.kind for slot in slots}}
        signs["measure"] = said.measured([measure for measure in measures if measure.dimension != NUMBER])
        signs["number"] = said.numbered([measure for measure in measures if measure.dimension == NUMBER])
        words = _words_for(slots, measures, audience)
        return Agreement(
            **signs,
            reasons=tuple(words[name] for name in FIELDS if signs.get(name) == 1),
            against=tuple(words[name] for name in FIELDS if signs.get(name) == -1),
        )

    def _said(self, product: Product) -> _Said:
        held = self._read.get(product.id)
        if held is not None and (held.product is product or held.product == product):
            return held
        said = _Said(product)
        with self._lock:
            self._read.pop(product.id, None)
            if len(self._read) >= self._kept:
                del self._read[next(iter(self._read))]
            self._read[product.id] = said
        return said


@dataclass
class _Said:
    """What a product says of itself, each part read when it is first asked for."""

    product: Product

    def slots(self, kind: str, slots: Sequence[Slot]) -> Sign:
        """The best agreement of those slots of the kind that the query is surest of."""
        asked = [slot for slot in slots if slot.kind == kind]
        if kind == COLOUR:
            return self.colour({slot.value for slot in asked})
        check = {BRAND: self.brand, CATEGORY: self.category, MATERIAL: self.material, ATTRIBUTE: self.attribute}[kind]
        best = max(slot.confidence for slot in asked)
        return max(check(slot) for slot in asked if slot.confidence == best)

    def brand(self, slot: Slot) -> Sign:
        said = words_of(slot.said)
        if self.product.brand:
            if holds_han(slot.said):
                same = slot.said in fold(self.product.brand)
            else:
                same = self._maker[: len(said)] == said or "".join(self._maker) == "".join(said)
            if same:
                return 1
            # "Case for Apple" is of another brand, but it is not wrong to show it.
            return -1 if slot.confidence >= SURE and not self._in_title(slot) else 0
        return 1 if self._in_title(slot) else 0

    def category(self, slot: Slot) -> Sign:
        said = singular(words_of(slot.said))
        if holds_han(slot.said):
            found = any(slot.said in category for category in self.product.categories)
        else:
            found = any(part[-len(said) :] == said for part in self._categories)
        if found:
            return 1
        return -1 if self.product.categories and slot.confidence >= SURE and not self._in_title(slot) else 0

    def colour(self, asked: set[str]) -> Sign:
        named = self._colours
        if asked & named or asked & set(self._title_colours):
            return 1
        held = named or set(self._title_colours)
        return -1 if held and ANY not in held | asked else 0

    def material(self, slot: Slot) -> Sign:
        held = self._values(lexicon().names["material"])
        if self._in_title(slot) or any(_holds(value, slot) for value in held):
            return 1
        return -1 if held else 0

    def attribute(self, slot: Slot) -> Sign:
        held = self._values({fold(slot.field)})
        if any(_holds(value, slot) for value in held):
            return 1
        return -1 if held and slot.confidence >= SURE and not self._in_title(slot) else 0

    def audience(self, asked: Audience) -> Sign:
        if not asked:
            return 0
        for held in (self._title_audience, self._filed_audience):
            sign = compare(asked, held)
            if sign:
                return 1 if sign > 0 else -1
        return 1 if compare(asked, self._told_audience) > 0 else 0

    def measured(self, asked: Sequence[Measure]) -> Sign:
        signs: list[Sign] = [self._measure(readings) for readings in _by_number(asked)]
        return _all(signs)

    def _measure(self, readings: Sequence[Measure]) -> Sign:
        if any(asked.same(held) for asked in readings for held in self._measures):
            return 1
        dimensions = {asked.dimension for asked in readings}
        if any(held.dimension in dimensions for held in self._measures):
            return -1
        return 1 if any(asked.same(held) for asked in readings for held in self._told_measures) else 0

    def numbered(self, asked: Sequence[Measure]) -> Sign:
        return _all([self._number(number) for number in asked])

    def _number(self, asked: Measure) -> Sign:
        if any(held.number == asked.number for held in self._measures):
            return 1
        if asked.number.denominator > 1:  # 1/2 coupling: of a size that others of its kind have too
            return -1 if any(held.number.denominator > 1 for held in self._measures) else 0
        # AirPods 3 where "airpods 2" was asked.
        others = (held for held in self._measures if held.dimension == NUMBER and held.before == asked.before)
        return -1 if asked.before and any(others) else 0

    def _in_title(self, slot: Slot) -> bool:
        return _holds(self.product.title, slot, self._title)

    def _values(self, names: Iterable[str]) -> list[str]:
        wanted = set(names)
        return [value for name, value in self._pairs if fold(name) in wanted]

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        options = {pair for variant in self.product.variants for pair in variant.options.items()}
        return [*self.product.attributes.items(), *sorted(options)]

    @cached_property
    def _title(self) -> str:
        return f" {' '.join(singular(words_of(self.product.title)))} "

    @cached_property
    def _maker(self) -> tuple[str, ...]:
        return words_of(self.product.brand)

    @cached_property
    def _categories(self) -> list[tuple[str, ...]]:
        return [singular(words_of(part)) for name in self.product.categories for part in PARTS.split(name)]

    @cached_property
    def _colours(self) -> set[str]:
        return {family for value in self._values(lexicon().names["color"]) for family in colours_of(value)}

    @cached_property
    def _title_colours(self) -> dict[str, str]:
        return colours(self.product.title)

    @cached_property
    def _title_audience(self) -> Audience:
        return read_audience(self.product.title)

    @cached_property
    def _filed_audience(self) -> Audience:
        values = " | ".join(value for _, value in self._pairs if len(value) < LONGEST / 100)
        return read_audience(f"{' | '.join(self.product.categories)} | {values}")

    @cached_property
    def _told_audience(self) -> Audience:
        return read_audience(self.product.description[:LONGEST])

    @cached_property
    def _measures(self) -> tuple[Measure, ...]:
        filed = "\n".join(f"{name} {value}" for name, value in self._pairs)
        return read_measures(self.product.title) + read_measures(filed)

    @cached_property
    def _told_measures(self) -> tuple[Measure, ...]:
        return read_measures(self.product.description)


def _holds(text: str, slot: Slot, plain: str | None = None) -> bool:
    """Whether a text has the words of a slot in a row, in whatever number."""
    if holds_han(slot.said):
        return slot.said in fold(text)
    plain = f" {' '.join(singular(words_of(text)))} " if plain is None else plain
    return f" {' '.join(singular(words_of(slot.said)))} " in plain


def _by_number(measures: Sequence[Measure]) -> list[list[Measure]]:
    """Readings of one number are alternatives; different numbers are all asked for."""
    groups: dict[tuple[int, object], list[Measure]] = {}
    for measure in measures:
        groups.setdefault((measure.start, measure.number), []).append(measure)
    return list(groups.values())


def _all(signs: Sequence[Sign]) -> Sign:
    if -1 in signs:
        return 0 if 1 in signs else -1
    return 1 if 1 in signs else 0


def _words_for(slots: Sequence[Slot], measures: Sequence[Measure], audience: Audience) -> dict[str, str]:
    """How each question is told in a reason."""

    def named(kind: str) -> str:
        return " ".join(
            dict.fromkeys(slot.said if kind == COLOUR else slot.value for slot in slots if slot.kind == kind)
        )

    sizes = dict.fromkeys(measure.said for measure in measures if measure.dimension != NUMBER)
    numbers = dict.fromkeys(measure.said for measure in measures if measure.dimension == NUMBER)
    return {
        "brand": f"brand {named(BRAND)}",
        "category": named(CATEGORY),
        "colour": named(COLOUR),
        "material": named(MATERIAL),
        "attribute": named(ATTRIBUTE),
        "audience": f"for {' and '.join(audience.said)}",
        "measure": ", ".join(sizes),
        "number": ", ".join(numbers),
    }
