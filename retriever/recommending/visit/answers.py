"""Answers to quick questions, as weights of the goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.traits import UNKNOWN, Trait
from retriever.text import fold

PRICE = "price"
ANY = "any"
AUDIENCE = "audience"
# What shops call the goods for a group of people, and for everybody; folded.
CALLED: Mapping[str, frozenset[str]] = {
    "women": frozenset({"women", "woman", "womens", "women's", "female", "ladies", "女", "女款", "女士", "女性"}),
    "men": frozenset({"men", "man", "mens", "men's", "male", "男", "男款", "男士", "男性"}),
    "kids": frozenset({"kids", "children", "child", "kid", "toddler", "baby", "儿童", "宝宝", "孩子"}),
}
EVERYBODY = frozenset({"unisex", "all", "everyone", "adults", "男女同款", "通用", "成人"})
OTHER = 0.05  # of a good that is not what was answered: people change their mind, and feeds err
UNSURE = 0.25  # of a good of which nothing is known in that respect


@dataclass(frozen=True, slots=True)
class Band:
    """Prices from ``low`` to below ``high``, in minor units; ``None`` is no bound."""

    low: int | None
    high: int | None

    @property
    def id(self) -> str:
        """Such as ``2000-5000``, with nothing where there is no bound."""
        return f"{'' if self.low is None else self.low}-{'' if self.high is None else self.high}"

    @classmethod
    def of(cls, id: str) -> Band | None:
        """The band of this id; ``None`` if it is of none."""
        low, dash, high = id.partition("-")
        bounds = [low, high]
        if not dash or not any(bounds) or any(text and not _is_price(text) for text in bounds):
            return None
        band = cls(int(low) if low else None, int(high) if high else None)
        return None if band.low is not None and band.high is not None and band.low >= band.high else band

    def holds(self, price: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of these prices are in it; an unknown one is not."""
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (price >= low) & (price < high)


@dataclass(frozen=True, eq=False)
class Answer:
    """What one answer says of each product.

    Attributes:
        name: the answer, as the shop writes it; of a price band its id.
        fits: which goods are what was answered.
        unsure: of which goods nothing is known in that respect.
    """

    question: str
    name: str
    fits: NDArray[np.bool_]
    unsure: NDArray[np.bool_]

    def weights(self, other: float = OTHER) -> NDArray[np.float64]:
        """1 for what fits, less for what may fit, little for the rest."""
        return np.where(self.fits, 1.0, np.where(self.unsure, UNSURE, other))


def understood(answers: Mapping[str, str], goods: Goods, traits: Sequence[Trait]) -> tuple[Answer, ...]:
    """The answers that say something. Unknown questions, unknown options, and "any" say nothing."""
    known = {trait.id: trait for trait in traits}
    found: list[Answer] = []
    for question, option in answers.items():
        if fold(option) == ANY:
            continue
        answer = _of_price(option, goods) if question == PRICE else _of_trait(option, known.get(question))
        if answer is not None:
            found.append(answer)
    return tuple(found)


def weights(answers: Sequence[Answer], goods: Goods, other: float = OTHER) -> NDArray[np.float64]:
    """What all answers together say of each product, from 0 to 1; 1 throughout without any.

    A good that does not fit an answer still counts ``other``.
    """
    found = np.ones(len(goods))
    for answer in answers:
        found *= answer.weights(other)
    return found


def _of_price(option: str, goods: Goods) -> Answer | None:
    band = Band.of(option)
    return None if band is None else Answer(PRICE, band.id, band.holds(goods.price), np.isnan(goods.price))


def _of_trait(option: str, trait: Trait | None) -> Answer | None:
    place = None if trait is None else trait.places.get(fold(option))
    if trait is not None and place is None and trait.id == AUDIENCE:
        return _of_group(fold(option), trait)
    if trait is None or place is None or not trait.values[place]:
        return None
    return Answer(trait.id, trait.values[place], trait.column == place, trait.column == UNKNOWN)


def _of_group(group: str, trait: Trait) -> Answer | None:
    """What is for a group of people or for everybody, whatever the shop calls them."""
    named = CALLED.get(group, frozenset())
    own = [place for name, place in trait.places.items() if name in named]
    if not own:
        return None
    fits = [*own, *(place for name, place in trait.places.items() if name in EVERYBODY)]
    return Answer(trait.id, trait.values[own[0]], np.isin(trait.column, fits), trait.column == UNKNOWN)


def _is_price(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
