"""What may not be shown is taken out, and counted by reason: an empty list has to be explained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Literal

import numpy as np
from babel.numbers import get_currency_precision

from retriever.recommending.candidate import Candidate
from retriever.recommending.listing.belonging import Belonging
from retriever.recommending.situation import Situation
from retriever.text import fold

Dropped = Literal[
    "unknown",  # the shop does not have it (any more)
    "unavailable",  # it cannot be bought now
    "excluded",  # the request does not want it
    "basket",  # it is in the cart
    "anchor",  # it is what the request is about
    "bought",  # the person has it
    "muted",  # the person does not want to see its brand or kind
    "age",  # it is not for everybody, and the person is not known to be of age
    "price",  # above the highest price, or without one
    "rule",  # a rule of the shop keeps it out of recommendations
    "upsell",  # paid for, dearer, or an addition, where nobody is to be talked into more
]
_HIGHEST = 2**62

_Test = Callable[[Candidate, int], bool]
_Reason = tuple[Dropped, _Test]


@dataclass(frozen=True, slots=True)
class Filtered:
    """What is left, in its order, and how many candidates were taken out for which reason."""

    kept: tuple[Candidate, ...]
    dropped: Mapping[Dropped, int]


class Filter:
    """Takes out what may not be shown. What the shop's rules exclude is left to these. Safe to share.

    Args:
        belonging: knows which goods are for adults, and which belong to an interest.
        currency: the shop's (ISO 4217).
    """

    def __init__(self, belonging: Belonging, currency: str) -> None:
        self._belonging = belonging
        self._scale = get_currency_precision(currency)

    def applied(self, candidates: Sequence[Candidate], situation: Situation) -> Filtered:
        """What may be shown. Each candidate that may not is counted for the first reason, in the order of ``Dropped``.

        Raises:
            UnavailableError: if the records cannot be used, where they are needed.
        """
        rows = situation.goods.rows
        tests = self._tests(candidates, situation)
        kept: list[Candidate] = []
        dropped: Counter[Dropped] = Counter()
        for candidate in candidates:
            row = rows.get(candidate.id)
            why = "unknown" if row is None else _why(tests, candidate, row)
            if why is None:
                kept.append(candidate)
            else:
                dropped[why] += 1
        return Filtered(tuple(kept), dropped)

    def _tests(self, candidates: Sequence[Candidate], situation: Situation) -> list[_Reason]:
        """Each reason, and whether it holds of a candidate and its row; reasons that hold of none are left out."""
        asked, goods = situation.asked, situation.goods
        tests: list[_Reason] = [("unavailable", lambda _, row: not goods.available[row])]
        named: tuple[tuple[Dropped, Collection[str]], ...] = (
            ("excluded", asked.exclude),
            ("basket", asked.basket),
            ("anchor", situation.anchors),
        )
        tests.extend((why, _among(ids)) for why, ids in named if ids)
        had = situation.bought | situation.told
        if had and asked.goal != "again":
            tests.append(("bought", lambda candidate, _: candidate.id in had and not _again(candidate)))
        tests += self._muted(candidates, situation)
        if not asked.context.adult:
            restricted = self._belonging.restricted(goods)
            tests.append(("age", lambda _, row: bool(restricted[row])))
        if asked.price_max is not None:
            most = self._minor(asked.price_max)
            # An unknown price is NaN, which is not below anything.
            tests.append(("price", lambda _, row: not goods.price[row] <= most))
        if not asked.upsell:
            dearest = highest_price(situation)
            tests.append(("upsell", lambda one, row: _paid_or_added(one) or not _within(goods.price[row], dearest)))
        return tests

    def _muted(self, candidates: Sequence[Candidate], situation: Situation) -> list[_Reason]:
        goods, muted = situation.goods, situation.chosen.muted
        brands = {fold(one.name) for one in muted if one.kind == "brand"}
        interests = [one.name for one in muted if one.kind == "interest"]
        tests: list[_Reason] = []
        if brands:
            tests.append(("muted", lambda _, row: fold(goods.brands[goods.brand[row]]) in brands))
        if interests:
            belonging = self._belonging.of_interest([candidate.id for candidate in candidates], interests)
            tests.append(("muted", _among(belonging)))
        return tests

    def _minor(self, major: Decimal) -> int:
        """19.999 at most is 19.99 at most."""
        if major >= _HIGHEST:
            return _HIGHEST
        return int(major.scaleb(self._scale).to_integral_value(ROUND_FLOOR))


def highest_price(situation: Situation) -> float:
    """What something may cost where nobody is to be talked into more, in minor units; infinite if nothing tells.

    The price of the dearest product that the request is about; without one, the middle of what the person bought, or
    else of what the person looked at.
    """
    goods = situation.goods
    anchors = _prices(situation, situation.anchors)
    if len(anchors):
        return float(anchors.max())
    taken = _prices(situation, sorted(situation.bought & goods.rows.keys()))
    seen = taken if len(taken) else _prices(situation, list({event.item: None for event in situation.history}))
    return float(np.median(seen)) if len(seen) else math.inf


def _why(tests: Sequence[_Reason], candidate: Candidate, row: int) -> Dropped | None:
    for why, test in tests:
        if test(candidate, row):
            return why
    return None


def _prices(situation: Situation, ids: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    prices = situation.goods.price[situation.goods.rows_of(ids)]
    return prices[np.isfinite(prices)]


def _within(price: float, most: float) -> bool:
    return math.isinf(most) or price <= most


def _among(ids: Collection[str]) -> _Test:
    wanted = frozenset(ids)
    return lambda candidate, _: candidate.id in wanted


def _again(candidate: Candidate) -> bool:
    return candidate.source == "again" or any(because.kind == "due" for because in candidate.because)


def _paid_or_added(candidate: Candidate) -> bool:
    return candidate.source == "complements" or any(because.kind == "sponsored" for because in candidate.because)
