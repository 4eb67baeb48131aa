"""How well a product agrees with what a query asks for: brand, category, colour, audience, sizes and numbers.

Of each it is said whether the product is so (1), says nothing of it (0), or says otherwise (-1). A
product is believed in the order in which shops take care: the title, then attributes, options and
categories; a description can confirm but not contradict.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from retriever.product import Product
from retriever.quality.lexicon import lexicon
from retriever.remembered import KEPT, Remembered
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


FIELDS = ("brand", "category", "colour", "material", "attribute", "audience", "measure", "number")
"""The questions of an ``Agreement``, in the order of its reasons."""
NO_ANSWER = Agreement()
ANYONE = Audience()


@dataclass(frozen=True)
class Question:
    """What a query names, in the form in which many products are asked for it.

    Args:
        slots: brands, categories, colours, materials and other values.
        measures: sizes, amounts and numbers.
        audience: whom it is for.
    """

    slots: Sequence[Slot] = ()
    measures: Sequence[Measure] = ()
    audience: Audience = ANYONE

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.slots or self.measures or self.audience)

    @cached_property
    def colours(self) -> frozenset[str]:
        """The families of colour."""
        return frozenset(slot.value for slot in self.slots if slot.kind == COLOUR)

    @cached_property
    def names(self) -> dict[str, tuple[Wanted, ...]]:
        """By kind those slots that the query is surest of, colours aside."""
        kinds = {slot.kind: slot.confidence for slot in sorted(self.slots, key=lambda slot: slot.confidence)}
        return {
            kind: tuple(Wanted.of(slot) for slot in self.slots if slot.kind == kind and slot.confidence == best)
            for kind, best in kinds.items()
            if kind != COLOUR
        }

    @cached_property
    def sizes(self) -> tuple[tuple[Measure, ...], ...]:
        """What has a dimension: readings of one number are alternatives, different numbers are all asked for."""
        groups: dict[tuple[int, object], list[Measure]] = {}
        for measure in self.measures:
            if measure.dimension != NUMBER:
                groups.setdefault((measure.start, measure.number), []).append(measure)
        return tuple(map(tuple, groups.values()))

    @cached_property
    def numbers(self) -> tuple[Measure, ...]:
        """What has none."""
        return tuple(measure for measure in self.measures if measure.dimension == NUMBER)

    @cached_property
    def words(self) -> dict[str, str]:
        """How each of ``FIELDS`` is told in a reason."""

        def named(kind: str) -> str:
            said = (slot.said if kind == COLOUR else slot.value for slot in self.slots if slot.kind == kind)
            return " ".join(dict.fromkeys(said))

        return {
            "brand": f"brand {named(BRAND)}",
            "category": named(CATEGORY),
            "colour": named(COLOUR),
            "material": named(MATERIAL),
            "attribute": named(ATTRIBUTE),
            "audience": f"for {' and '.join(self.audience.said)}",
            "measure": ", ".join(dict.fromkeys(one.said for readings in self.sizes for one in readings)),
            "number": ", ".join(dict.fromkeys(one.said for one in self.numbers)),
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot beside its words: as they are, in the singular, and these in a row between spaces."""

    slot: Slot
    han: bool
    words: tuple[str, ...]
    singular: tuple[str, ...]
    row: str

    @classmethod
    def of(cls, slot: Slot) -> Wanted:
        """A slot with its words."""
        words = words_of(slot.said)
        one = singular(words)
        return cls(slot, holds_han(slot.said), words, one, _row(one))

    @property
    def sure(self) -> bool:
        """Whether what says something else contradicts."""
        return self.slot.confidence >= SURE


class Agreements:
    """Compares products with what was asked, and remembers how it read them. Safe to share between threads.

    Args:
        kept: products that are remembered.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._said = Remembered(_Said, kept)

    def of(self, asked: Question, product: Product) -> Agreement:
        """How well the product agrees with the names, measures and audience of a query."""
        if not asked:
            return NO_ANSWER
        signs = self._said.of(product.id, product).signs(asked)
        return Agreement(
            **signs,
            reasons=tuple(asked.words[name] for name in FIELDS if signs.get(name) == 1),
            against=tuple(asked.words[name] for name in FIELDS if signs.get(name) == -1),
        )


@dataclass
class _Said:
    """What a product says of itself, each part read when it is first asked for."""

    product: Product

    def signs(self, asked: Question) -> dict[str, Sign]:
        """The answer to everything that is asked."""
        check = {BRAND: self.brand, CATEGORY: self.category, MATERIAL: self.material, ATTRIBUTE: self.attribute}
        signs: dict[str, Sign] = {kind: max(check[kind](one) for one in wanted) for kind, wanted in asked.names.items()}
        if asked.colours:
            signs["colour"] = self.colour(asked.colours)
        if asked.audience:
            signs["audience"] = self.audience(asked.audience)
        if asked.sizes:
            signs["measure"] = _all([self._measure(readings) for readings in asked.sizes])
        if asked.numbers:
            signs["number"] = _all([self._number(number) for number in asked.numbers])
        return signs

    def brand(self, wanted: Wanted) -> Sign:
        said = wanted.words
        if self.product.brand:
            if wanted.han:
                same = wanted.slot.said in fold(self.product.brand)
            else:
                same = self._maker[: len(said)] == said or "".join(self._maker) == "".join(said)
            if same:
                return 1
            # "Case for Apple" is of another brand, but it is not wrong to show it.
            return -1 if wanted.sure and not self._in_title(wanted) else 0
        return 1 if self._in_title(wanted) else 0

    def category(self, wanted: Wanted) -> Sign:
        said = wanted.singular
        if wanted.han:
            found = any(wanted.slot.said in category for category in self.product.categories)
        else:
            found = any(part[-len(said) :] == said for part in self._categories)
        if found:
            return 1
        return -1 if self.product.categories and wanted.sure and not self._in_title(wanted) else 0

    def colour(self, asked: Set[str]) -> Sign:
        named = self._colours
        if asked & named or asked & self._title_colours:
            return 1
        held = named or self._title_colours
        return -1 if held and ANY not in held | asked else 0

    def material(self, wanted: Wanted) -> Sign:
        held = self._values(lexicon().names["material"])
        if self._in_title(wanted) or any(_holds(value, wanted) for value in held):
            return 1
        return -1 if held else 0

    def attribute(self, wanted: Wanted) -> Sign:
        held = self._values({fold(wanted.slot.field)})
        if any(_holds(value, wanted) for value in held):
            return 1
        return -1 if held and wanted.sure and not self._in_title(wanted) else 0

    def audience(self, asked: Audience) -> Sign:
        sign = compare(asked, self._title_audience) or compare(asked, self._filed_audience)
        if sign:
            return 1 if sign > 0 else -1
        return 1 if compare(asked, self._told_audience) > 0 else 0

    def _measure(self, readings: Sequence[Measure]) -> Sign:
        if any(asked.same(held) for asked in readings for held in self._measures):
            return 1
        dimensions = {asked.dimension for asked in readings}
        if any(held.dimension in dimensions for held in self._measures):
            return -1
        return 1 if any(asked.same(held) for asked in readings for held in self._told_measures) else 0

    def _number(self, asked: Measure) -> Sign:
        if any(held.number == asked.number for held in self._measures):
            return 1
        if asked.number.denominator > 1:  # 1/2 coupling: of a size that others of its kind have too
            return -1 if any(held.number.denominator > 1 for held in self._measures) else 0
        # AirPods 3 where "airpods 2" was asked.
        others = (held for held in self._measures if held.dimension == NUMBER and held.before == asked.before)
        return -1 if asked.before and any(others) else 0

    def _in_title(self, wanted: Wanted) -> bool:
        return wanted.slot.said in fold(self.product.title) if wanted.han else wanted.row in self._title

    def _values(self, names: Set[str]) -> list[str]:
        return [value for name, value in self._pairs if fold(name) in names]

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        options = {pair for variant in self.product.variants for pair in variant.options.items()}
        return [*self.product.attributes.items(), *sorted(options)]

    @cached_property
    def _title(self) -> str:
        return _row(singular(words_of(self.product.title)))

    @cached_property
    def _maker(self) -> tuple[str, ...]:
        return words_of(self.product.brand)

    @cached_property
    def _categories(self) -> list[tuple[str, ...]]:
        return [part for name in self.product.categories for part in _parts(name)]

    @cached_property
    def _colours(self) -> set[str]:
        return {family for value in self._values(lexicon().names["color"]) for family in colours_of(value)}

    @cached_property
    def _title_colours(self) -> Set[str]:
        return colours(self.product.title).keys()

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


@lru_cache(maxsize=KEPT)
def _parts(category: str) -> tuple[tuple[str, ...], ...]:
    """The things that a category's name lists; few names serve many products."""
    return tuple(singular(words_of(part)) for part in PARTS.split(category))


def _row(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "


def _holds(text: str, wanted: Wanted) -> bool:
    """Whether a text has the words of a slot in a row, in whatever number."""
    if wanted.han:
        return wanted.slot.said in fold(text)
    return wanted.row in _row(singular(words_of(text)))


def _all(signs: Sequence[Sign]) -> Sign:
    if -1 in signs:
        return 0 if 1 in signs else -1
    return 1 if 1 in signs else 0
