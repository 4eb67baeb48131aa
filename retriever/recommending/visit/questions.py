"""Quick questions for a person of whom nothing is known, chosen by how much their answers are expected to tell.

What the person wants is a distribution over goods, and a question divides them. Its worth is the expected fall of the
distribution's entropy, as in decision trees (Quinlan, "Induction of decision trees", 1986) and in interviews of new
users (Golbandi, Koren and Lempel, "Adaptive bootstrapping of recommender systems using decision trees", WSDM 2011).
Who wants none of the options says "no matter", which tells nothing: a question that most cannot answer is worth little.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise, product
from typing import cast

import numpy as np
from numpy.typing import NDArray

from retriever.product import Money
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.likely import highest, likely, shares
from retriever.recommending.knowledge.traits import Trait, plain_traits
from retriever.recommending.recommendation import Option, Question
from retriever.recommending.situation import Situation
from retriever.recommending.visit.answers import (
    ANY,
    AUDIENCE,
    CALLED,
    EVERYBODY,
    PRICE,
    Band,
    understood,
    weights,
)
from retriever.recommending.visit.landing import landed_category
from retriever.text import fold
from retriever.understanding.called import called

MOST = 3  # questions in all
OPTIONS = 5  # answers to choose from, "no matter" not counted
POOL = 2_000  # likeliest goods that are looked at
WORTH = 0.1  # nats: a question of which less is expected is not asked
LANDED = 5.0  # how much likelier goods of the page's category are
BANDS = (0.25, 0.5, 0.75)

Probabilities = NDArray[np.float64]
Split = NDArray[np.int64]  # of each good the place of its option, -1 for none


@dataclass(frozen=True, eq=False)
class _Askable:
    """A question that could be asked: its options, and which of them each good of the pool has."""

    id: str
    options: tuple[tuple[str, str], ...]  # id and text
    split: Split


class Questions:
    """Chooses quick questions.

    Args:
        traits: the ways to divide the goods; asked for each time, so they are to be kept by whoever gives them.
        currency: the shop's.
    """

    def __init__(self, traits: Callable[[Goods], Sequence[Trait]] = plain_traits, currency: str = "USD") -> None:
        self._traits = traits
        self._currency = currency

    def next(self, situation: Situation) -> tuple[Question, ...]:
        """The questions to ask now, the most telling first; none of somebody whose history is known."""
        asked, goods = situation.asked, situation.goods
        if situation.history or asked.like or asked.basket or not len(goods):
            return ()
        traits = self._traits(goods)
        done = _answered(asked.context.answers, goods, traits)
        pool, probable = _pool(situation, traits)
        if pool.size < 2:
            return ()
        language = "zh" if asked.language.lower().startswith("zh") else "en"
        askable = [one for one in self._askable(goods, traits, pool, probable, language) if one.id not in done]
        chosen = _chosen(askable, probable, MOST - len(done))
        words = _words()[language]
        return tuple(
            Question(
                id=one.id,
                text=words[one.id],
                options=(*_options(one, language), Option(id=ANY, text=words["any"])),
            )
            for one in chosen
        )

    def _askable(
        self, goods: Goods, traits: Sequence[Trait], pool: NDArray[np.int64], probable: Probabilities, language: str
    ) -> list[_Askable]:
        found = [_of_trait(trait, pool, probable) for trait in traits if trait.id in _words()[language]]
        found.append(self._of_price(goods.price[pool], probable, language))
        return [one for one in found if len(one.options) > 1]

    def _of_price(self, price: Probabilities, probable: Probabilities, language: str) -> _Askable:
        bands = price_bands(price, probable, self._currency)
        split = np.full(price.size, -1, dtype=np.int64)
        for place, band in enumerate(bands):
            split[band.holds(price)] = place
        words = _words()[language]
        return _Askable(PRICE, tuple((band.id, self._priced(band, words, language)) for band in bands), split)

    def _priced(self, band: Band, words: Mapping[str, str], language: str) -> str:
        low, high = (
            "" if bound is None else Money(amount=bound, currency=self._currency).text(language)
            for bound in (band.low, band.high)
        )
        key = "up_to" if not low else "from" if not high else "between"
        return words[key].format(low=low, high=high)


def _options(one: _Askable, language: str) -> list[Option]:
    """A brand is called the same in every language; kinds of goods and of people are said in the shopper's."""
    if one.id in (PRICE, "brand"):
        return [Option(id=id, text=text) for id, text in one.options]
    groups = {name: group for group, names in (*CALLED.items(), ("everybody", EVERYBODY)) for name in names}
    people = groups if one.id == AUDIENCE else {}
    words = _words()[language]
    return [
        Option(id=id, text=words[people[fold(text)]] if fold(text) in people else called(text, language, quoted=False))
        for id, text in one.options
    ]


def gain(probable: Probabilities, splits: Sequence[Split]) -> float:
    """By how many nats the entropy is expected to fall when all these questions are answered truthfully."""
    return entropy(probable) - _expected(probable, splits)


def entropy(probable: Probabilities) -> float:
    """Of a distribution, in nats."""
    held = probable[probable > 0]
    return float(-(held * np.log(held)).sum())


def price_bands(price: Probabilities, probable: Probabilities, currency: str) -> tuple[Band, ...]:
    """About a quarter of what is likely in each, between round prices; fewer where prices are alike."""
    known = np.isfinite(price) & (price > 0)
    if not known.any():
        return ()
    order = np.argsort(price[known], kind="stable")
    ordered = price[known][order]
    reached = np.cumsum(shares(probable[known][order]))
    places = np.minimum(np.searchsorted(reached, BANDS), ordered.size - 1)
    whole = Money.from_major(1, currency).amount
    bounds = sorted({_round(float(ordered[place]), whole) for place in places})
    bounds = [bound for bound in bounds if ordered[0] < bound <= ordered[-1]]
    edges = [None, *bounds, None]
    return tuple(Band(low, high) for low, high in pairwise(edges)) if bounds else ()


def _round(amount: float, whole: int) -> int:
    """Two steps a power of ten: 35, 40, 45, 100, 150; whole major units at least."""
    step = max(10 ** int(np.floor(np.log10(amount))) / 2, whole)
    return int(max(step, round(amount / step) * step))


def _chosen(askable: Sequence[_Askable], probable: Probabilities, most: int) -> list[_Askable]:
    """One question after the other, each the one that adds most to what the ones before it tell."""
    chosen: list[_Askable] = []
    left, told = list(askable), 0.0
    while left and len(chosen) < most:
        before = [one.split for one in chosen]
        gains = [gain(probable, [*before, one.split]) for one in left]
        best = int(np.argmax(gains))
        if gains[best] - told < WORTH:
            break
        told = gains[best]
        chosen.append(left.pop(best))
    return chosen


def _expected(probable: Probabilities, splits: Sequence[Split]) -> float:
    """The entropy expected after the answers: goods without an option are answered with "no matter"."""
    mass, logs = _table(probable, splits)
    total = 0.0
    for answered in product((True, False), repeat=len(splits)):
        unanswered = tuple(axis for axis, told in enumerate(answered) if not told)
        inside = tuple(slice(-1) if told else slice(None) for told in answered)
        here = mass[tuple(slice(-1) if told else -1 for told in answered)]
        # Whoever did not answer a question may want any good, with an option of it or without.
        among, held = (table[inside].sum(axis=unanswered) for table in (mass, logs))
        safe = np.where(among > 0, among, 1.0)
        total += float((here * (np.log(safe) - held / safe)).sum())
    return total


def _table(probable: Probabilities, splits: Sequence[Split]) -> tuple[Probabilities, Probabilities]:
    """Of each combination of options (the last of each question is none) the sums of p and of p log p."""
    shape = tuple(int(split.max(initial=-1)) + 2 for split in splits)
    cell = np.zeros(probable.size, dtype=np.int64)
    for split, many in zip(splits, shape, strict=True):
        cell = cell * many + np.where(split < 0, many - 1, split)
    logs = probable * np.log(np.where(probable > 0, probable, 1.0))
    summed = (np.bincount(cell, values, minlength=math.prod(shape)).astype(np.float64) for values in (probable, logs))
    mass, held = (sums.reshape(shape) for sums in summed)
    return mass, held


def _of_trait(trait: Trait, pool: NDArray[np.int64], probable: Probabilities) -> _Askable:
    """The likeliest values are the options."""
    column = trait.column[pool].astype(np.int64)
    known = column >= 0
    mass = np.bincount(column[known], probable[known], minlength=len(trait.values)).astype(np.float64)
    best = [place for place in highest(mass, OPTIONS + 1).tolist() if mass[place] > 0]
    best = [place for place in best if fold(trait.values[place]) not in {"", ANY}][:OPTIONS]
    options = np.full(len(trait.values) + 1, -1, dtype=np.int64)
    options[best] = np.arange(len(best))
    return _Askable(trait.id, tuple((trait.values[place], trait.values[place]) for place in best), options[column])


def _pool(situation: Situation, traits: Sequence[Trait]) -> tuple[NDArray[np.int64], Probabilities]:
    """The likeliest goods, given the page and the answers so far, and how likely each is."""
    goods, context = situation.goods, situation.asked.context
    answers = understood(context.answers, goods, traits)
    probable = likely(goods, situation.crowd) * weights(answers, goods, other=0.0)
    landed = landed_category(context, goods)
    if landed is not None:
        probable = probable * np.where(goods.category == landed, LANDED, 1.0)
    pool = highest(probable, POOL)
    pool = pool[probable[pool] > 0]
    return pool, shares(probable[pool])


def _answered(answers: Mapping[str, str], goods: Goods, traits: Sequence[Trait]) -> set[str]:
    """The questions that need not be asked again, "no matter" included."""
    asked = {PRICE, *(trait.id for trait in traits)}
    waved = {question for question, option in answers.items() if fold(option) == ANY and question in asked}
    return waved | {answer.question for answer in understood(answers, goods, traits)}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("retriever.recommending.visit").joinpath("questions.toml").read_text(encoding="utf-8")
    return cast("Mapping[str, Mapping[str, str]]", tomllib.loads(text))
