"""Whether a difference between two rankers is more than chance: intervals, a randomisation test, and its correction.

Both are paired, query by query (or person by person): queries differ far more from each other than rankers do on one
query. Samples of many values are counted first: what is drawn is then how often each distinct value comes, which is the
same distribution at a fraction of the cost, as most metrics take few values (a hit or none, a place among ten).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
ROUNDS = 20_000  # of sign flips, where there are too many to try all
ALL_FLIPS = 13  # differences of which every one of the 2^n flips is tried
BLOCK = 2_000_000  # numbers held at a time
ROUNDING = 1e-12
MANY = 2_000  # values from which they are counted first
MANY_RESAMPLES = 2_000  # of as many values as that, or more, which hardly repeat: percentiles need no more

Values = NDArray[np.float64]
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over queries or people, and the interval that resampling them gives it."""

    mean: float
    low: float
    high: float

    def text(self) -> str:
        """For tables: ``0.597 [0.551, 0.642]``."""
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(values: Iterable[float], *, resamples: int = RESAMPLES, level: float = 0.95, seed: int = 0) -> Interval:
    """Percentile interval of the mean; of differences of two rankers on the same queries it is the paired one.

    Raises:
        ValueError: if there are no values.
    """
    sample = np.asarray(list(values), dtype=np.float64)
    if sample.size == 0:
        raise ValueError("there is nothing to resample")
    means = resampled_means(sample, resamples=resamples, seed=seed)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(sample.mean()), float(low), float(high))


def resampled_means(sample: Values, *, resamples: int = RESAMPLES, seed: int = 0) -> Values:
    """Means of samples of the same size, drawn from this one with replacement."""
    rng = np.random.default_rng(seed)
    if sample.size >= MANY:
        distinct, counts = np.unique(sample, return_counts=True)
        if distinct.size <= sample.size // 10:
            share = counts / sample.size
            each = distinct / sample.size
            return _by_block(resamples, each.size, lambda rows: rng.multinomial(sample.size, share, rows) @ each)
        resamples = min(resamples, MANY_RESAMPLES)
    return _by_block(
        resamples, sample.size, lambda rows: sample[rng.integers(0, sample.size, (rows, sample.size))].mean(axis=1)
    )


def paired_difference(candidate: Sequence[float], baseline: Sequence[float], *, resamples: int = RESAMPLES) -> Interval:
    """How much better ``candidate`` is than ``baseline``, query by query. An interval without 0 is a difference."""
    return bootstrap((a - b for a, b in zip(candidate, baseline, strict=True)), resamples=resamples)


def randomisation(
    candidate: Sequence[float], baseline: Sequence[float], *, rounds: int = ROUNDS, seed: int = 0
) -> float:
    """Two-sided p-value of Fisher's randomisation test on the mean difference.

    If the rankers were alike, each query's difference might as well have the other sign. With few differences all
    flips are tried, otherwise ``rounds`` of them, and the observed one counts among them (so p is never 0). Recommended
    for retrieval by Smucker, Allan and Carterette, "A comparison of statistical significance tests for information
    retrieval evaluation" (CIKM 2007).
    """
    differences = np.asarray([a - b for a, b in zip(candidate, baseline, strict=True) if a != b], dtype=np.float64)
    if differences.size == 0:
        return 1.0
    observed = abs(float(differences.sum())) - ROUNDING
    if differences.size <= ALL_FLIPS:
        flips = np.asarray(list(product((-1.0, 1.0), repeat=differences.size)))
        return float((np.abs(flips @ differences) >= observed).mean())
    rng = np.random.default_rng(seed)
    sizes, counts = np.unique(np.abs(differences), return_counts=True)

    def counted(rows: int) -> Values:
        """Of so many differences of one size, how many more are up than down, times that size."""
        return (2.0 * rng.binomial(counts, 0.5, (rows, counts.size)) - counts) @ sizes.astype(np.float64)

    def flipped(rows: int) -> Values:
        return (rng.integers(0, 2, (rows, differences.size), dtype=np.int8) * 2.0 - 1.0) @ differences

    few = differences.size >= MANY and sizes.size <= differences.size // 10
    sums = _by_block(rounds, sizes.size, counted) if few else _by_block(rounds, differences.size, flipped)
    return float((1 + (np.abs(sums) >= observed).sum()) / (1 + rounds))


def holm(p_values: Mapping[Name, float]) -> dict[Name, float]:
    """The p-values of several comparisons, corrected so that the chance of any false one stays what it says.

    Holm, "A simple sequentially rejective multiple test procedure" (1979).
    """
    corrected: dict[Name, float] = {}
    highest = 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        highest = max(highest, min(1.0, p_values[name] * (len(p_values) - place)))
        corrected[name] = highest
    return {name: corrected[name] for name in p_values}


def _by_block(rows: int, width: int, make: Callable[[int], Values]) -> Values:
    """So many rows of random numbers at once would not fit into memory with many queries."""
    return np.concatenate([make(block) for block in _blocks(rows, max(1, BLOCK // width))])


def _blocks(rows: int, size: int) -> Iterator[int]:
    for start in range(0, rows, size):
        yield min(size, rows - start)
