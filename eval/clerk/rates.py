"""Counts and what they say: shares with Wilson intervals, by phenomenon and language, and percentiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Z = 1.959964  # the normal quantile of a two-sided 95 % interval
ALL = "all"


@dataclass(frozen=True, slots=True)
class Row:
    """Something counted: ``right`` of ``of``, for one language and phenomenon."""

    measure: str
    language: str
    phenomenon: str
    right: float
    of: float = 1.0

    def data(self) -> dict[str, Any]:
        """A JSON object that ``Row(**data)`` reads back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share and the interval in which the true one lies with 95 % confidence."""

    right: float
    of: float
    rate: float
    low: float
    high: float

    @classmethod
    def of_counts(cls, right: float, of: float) -> Rate:
        """The rate of ``right`` among ``of``; of nothing everything between 0 and 1 may be true."""
        low, high = wilson(right, of)
        return cls(right, of, right / of if of else 0.0, low, high)

    def text(self) -> str:
        """For tables: ``.952 [.901, .977] 120``."""
        return f"{self.rate:.3f} [{self.low:.3f}, {self.high:.3f}] {self.of:g}" if self.of else "-"


Rates = Mapping[str, Mapping[str, Rate]]
"""Measure to group to rate. Groups are ``all``, a language, a phenomenon, and ``language/phenomenon``."""


def wilson(right: float, of: float, z: float = Z) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927): unlike the normal one it holds for few and for extreme counts."""
    if of <= 0:
        return 0.0, 1.0
    share = right / of
    middle = share + z * z / (2 * of)
    reach = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def tally(rows: Iterable[Row]) -> dict[str, dict[str, Rate]]:
    """The rates of every measure, in the order in which measures come up."""
    counts: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        groups = counts.setdefault(row.measure, {})
        for group in (ALL, row.language, row.phenomenon, f"{row.language}/{row.phenomenon}"):
            count = groups.setdefault(group, [0.0, 0.0])
            count[0] += row.right
            count[1] += row.of
    return {
        measure: {group: Rate.of_counts(*groups[group]) for group in sorted(groups, key=_order)}
        for measure, groups in counts.items()
    }


def flat(rates: Rates) -> dict[str, float]:
    """The rates as names and numbers, as Inspect's metrics want them."""
    numbers: dict[str, float] = {}
    for measure, groups in rates.items():
        for group, rate in groups.items():
            name = f"{measure}.{group}"
            numbers |= {name: rate.rate, f"{name}.n": rate.of, f"{name}.low": rate.low, f"{name}.high": rate.high}
    return numbers


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, between neighbours in proportion; 0 of nothing."""
    ranked = sorted(values)
    if not ranked:
        return 0.0
    place = share * (len(ranked) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (ranked[high] - ranked[low]) * (place - low)


def _order(group: str) -> tuple[bool, bool, str]:
    return group != ALL, "/" in group, group
