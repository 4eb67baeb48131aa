"""Attribute values as numbers with units: ``3,000 W`` is 3,000 of ``w``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from retriever.quality.rules import Rules
from retriever.text import fold, names

QUANTITY = re.compile(r"(-?\d[\d.,]*)\s*([^\W\d_]+|[\"″'°])?")
GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Measured:
    """One attribute of a product that a rule speaks of; the number is in the rule's first unit.

    ``number`` is None where there is none in the value, or its unit is unknown.
    """

    rule: str
    said: str
    number: float | None
    unit: str
    unit_known: bool


def number_of(text: str) -> float | None:
    """``1,200`` and ``1200`` and ``1.2`` and ``1,2``."""
    cleaned = text.strip(".,")
    cleaned = cleaned.replace(",", "") if GROUPED.fullmatch(cleaned) else cleaned.replace(",", ".")
    try:
        return float(cleaned)
    except ValueError:
        return None


class Measures:
    """Reads the attributes that the rules speak of."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules.attributes
        self._by_name = rules.attribute_names()

    def read(self, attributes: dict[str, str]) -> Iterator[Measured]:
        """Every attribute with a rule."""
        for name, value in attributes.items():
            rule = self._by_name.get(name.lower()) or self._by_name.get(fold(name))
            if rule is not None:
                yield self._measured(rule, name, value)

    def narrower(self, rule: str, categories: list[str]) -> Iterator[int]:
        """Which of the narrower ranges of a rule hold in these categories."""
        for place, within in enumerate(self._rules[rule].within):
            if any(_named(category, word) for category in categories for word in within.categories):
                yield place

    def _measured(self, rule: str, name: str, value: str) -> Measured:
        said = f"{name} {value}"
        match = QUANTITY.search(value)
        number = number_of(match[1]) if match else None
        if match is None or number is None:
            return Measured(rule, said, None, "", unit_known=True)
        unit = fold(match[2] or "")
        # A bare number is in the rule's first unit, as far as anybody can tell.
        factor = self._rules[rule].units.get(unit) if unit else 1.0
        known = factor is not None
        return Measured(rule, said, number * factor if factor is not None else None, unit, unit_known=known)


@lru_cache(maxsize=20_000)  # a feed has far fewer categories than products
def _named(category: str, word: str) -> bool:
    return names(category, word)
