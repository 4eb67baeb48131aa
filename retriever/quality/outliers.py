"""Numbers far from those of their group, told by the median and the median deviation from it."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NORMAL = 1.4826  # a median absolute deviation of a normal spread, times this, is its standard deviation
LEAST_SPREAD = 0.1  # of the logarithm of prices: where nearly all cost the same, 10 % more is no outlier


def robust_z(values: NDArray[np.float64], least: float = 0.0) -> NDArray[np.float64]:
    """How many robust standard deviations each value is above (or, negative, below) the median."""
    middle = np.median(values)
    spread = max(float(np.median(np.abs(values - middle))) * NORMAL, least)
    if spread == 0:
        return np.zeros_like(values)
    return (values - middle) / spread


@dataclass(frozen=True, slots=True)
class PriceOutlier:
    """A product whose price is far from those of its category; ``median`` is the category's, in major units."""

    place: int
    category: str
    price: float
    median: float


@dataclass(frozen=True, slots=True)
class PriceSummary:
    """The prices of one category: five numbers and how many there are."""

    category: str
    count: int
    least: float
    quarter: float
    median: float
    three_quarters: float
    most: float


class Prices:
    """Collects prices by category: twelve bytes a product.

    Args:
        group: categories with fewer prices are left out.
        limit: the robust z of the logarithm from which a price is an outlier.
    """

    def __init__(self, group: int, limit: float) -> None:
        self._group = group
        self._limit = limit
        self._categories: dict[str, int] = {}
        self._of = array("I")
        self._logs = array("f")
        self._places = array("I")

    def add(self, place: int, category: str, price: float) -> None:
        """The price of the product at this place of the feed. Nothing is learned from a price of 0."""
        if price > 0 and category:
            self._of.append(self._categories.setdefault(category, len(self._categories)))
            self._logs.append(math.log(price))
            self._places.append(place)

    def outliers(self) -> list[PriceOutlier]:
        """The far ones, in the feed's order."""
        found: list[PriceOutlier] = []
        for name, logs, places in self._groups():
            far = robust_z(logs, LEAST_SPREAD)
            median = math.exp(float(np.median(logs)))
            for at in np.flatnonzero(np.abs(far) >= self._limit).tolist():
                found.append(PriceOutlier(int(places[at]), name, math.exp(float(logs[at])), median))
        return sorted(found, key=lambda outlier: outlier.place)

    def summaries(self) -> list[PriceSummary]:
        """The categories' prices, those with the most first."""
        told = [
            PriceSummary(name, len(logs), *np.exp(np.quantile(logs, [0, 0.25, 0.5, 0.75, 1])).tolist())
            for name, logs, _ in self._groups()
        ]
        return sorted(told, key=lambda summary: (-summary.count, summary.category))

    def _groups(self) -> Iterator[tuple[str, NDArray[np.float64], NDArray[np.uint32]]]:
        of = np.frombuffer(self._of, dtype=np.uint32)
        logs = np.frombuffer(self._logs, dtype=np.float32).astype(np.float64)
        places = np.frombuffer(self._places, dtype=np.uint32)
        order = np.argsort(of, kind="stable")
        bounds = np.searchsorted(of[order], np.arange(len(self._categories) + 1))
        for name, number in self._categories.items():
            inside = order[bounds[number] : bounds[number + 1]]
            if len(inside) >= self._group:
                yield name, logs[inside], places[inside]
