"""How good a ranking is for the person (accuracy), and what all lists do to the catalogue (beyond accuracy)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.recommendation.placing import Floats, Ints, Placed

CUTOFFS = (5, 10, 20)
DEPTH = max(CUTOFFS)
SHOWN = 10  # items of a list, for what is measured on whole lists
MAIN = "ndcg@10"
OF_CUTOFF = ("hr", "ndcg", "precision", "recall", "f1")
OF_LISTS = ("novelty@10", "long-tail@10", "diversity@10")
ACCURACY = (*(f"{name}@{k}" for name in OF_CUTOFF for k in CUTOFFS), "mrr", "auc")
METRICS = (*ACCURACY, *OF_LISTS)
HEAD_SHARE = 0.8  # of all events: the most taken items that have it together are the head, all others the long tail


def accuracy(placed: Placed) -> dict[str, float]:
    """The metrics of one person's ranking against what the person took.

    nDCG's gains are 1 or 0, its ideal has all that was wanted first. AUC is the share of pairs of a wanted and another
    item that stand in the right order, equal scores counting half (Mann and Whitney).
    """
    ranks, wanted = placed.ranks, placed.ranks.size
    found: dict[str, float] = {}
    for k in CUTOFFS:
        hits = ranks[ranks <= k]
        precision, recall = hits.size / k, hits.size / wanted
        found |= {
            f"hr@{k}": float(hits.size > 0),
            f"ndcg@{k}": float(_discounts(hits).sum() / _discounts(np.arange(1, min(k, wanted) + 1)).sum()),
            f"precision@{k}": precision,
            f"recall@{k}": recall,
            f"f1@{k}": 2 * precision * recall / (precision + recall) if hits.size else 0.0,
        }
    found["mrr"] = 1 / float(ranks[0])
    others = placed.candidates - wanted
    below = float(placed.midranks.sum()) - wanted * (wanted + 1) / 2
    found["auc"] = 1 - below / (wanted * others) if others else 1.0
    return found


def _discounts(ranks: Ints) -> Floats:
    return 1 / np.log2(ranks + 1.0)


@dataclass(frozen=True)
class Shelf:
    """What is known of the items before anything is recommended.

    Attributes:
        counts: in how many training histories each is.
        people: how many histories there are.
        vectors: of unit length, or None; a row of zeros where nothing is known of an item.
        categories: a number a category, -1 where none is known; or None.
    """

    counts: Ints
    people: int
    vectors: Floats | None = None
    categories: Ints | None = None

    def surprise(self) -> Floats:
        """Self-information of each item in bits: -log2 of the share of people who have it.

        Vargas and Castells, "Rank and relevance in novelty and diversity metrics" (RecSys 2011); one person is added
        who has everything, so that what nobody has is rare and not infinitely so.
        """
        return -np.log2((self.counts + 1) / (self.people + 1))

    def tail(self) -> NDArray[np.bool_]:
        """Which items are of the long tail: all but the most taken that together have ``HEAD_SHARE`` of all events."""
        order = np.argsort(-self.counts, kind="stable")
        before = np.cumsum(self.counts[order]) - self.counts[order]
        found = np.empty(self.counts.size, dtype=bool)
        found[order] = (before >= HEAD_SHARE * self.counts.sum()) | (self.counts[order] == 0)
        return found

    def diversity(self, items: Ints) -> float:
        """Intra-list diversity: mean distance of the pairs; by vectors (1 - cosine), else by category, else unknown."""
        if items.size < 2:
            return math.nan
        pairs = items.size * (items.size - 1)
        if self.vectors is not None:
            held = self.vectors[items]
            alike = float((held.sum(axis=0) ** 2).sum() - (held**2).sum())
            return 1 - alike / pairs
        if self.categories is not None:
            held = self.categories[items]
            same = (held[:, None] == held[None, :]) & (held[:, None] >= 0)
            np.fill_diagonal(same, val=False)
            return 1 - float(same.sum()) / pairs
        return math.nan


@dataclass(frozen=True)
class Lists:
    """What all lists of a model together come to.

    Attributes:
        coverage: share of the catalogue that is in at least one list.
        gini: of how often the items are shown: 0 where all are shown alike, 1 where one gets everything.
        lift: how much more popular what is shown is than what its people take by themselves: 0.5 is half as much again
            (Abdollahpouri et al., "The connection between popularity bias, calibration, and fairness", RecSys 2020).
    """

    coverage: float
    gini: float
    lift: float | None


def lists(shown: Sequence[Ints], profiles: Sequence[Ints], shelf: Shelf) -> Lists:
    """The figures of all lists of a model.

    Args:
        shown: of each person the items shown.
        profiles: of each the items of the history; who has none says nothing about the lift.
        shelf: the items.
    """
    exposure = np.zeros(shelf.counts.size, dtype=np.int64)
    for items in shown:
        exposure[items] += 1
    told = [
        (shelf.counts[items].mean(), shelf.counts[profile].mean())
        for items, profile in zip(shown, profiles, strict=True)
        if profile.size and items.size
    ]
    given, own = (sum(values) for values in zip(*told, strict=True)) if told else (0.0, 0.0)
    return Lists(float((exposure > 0).mean()), gini(exposure), float(given / own - 1) if own else None)


def gini(exposure: Ints) -> float:
    """Gini's coefficient of counts; 0 where there are none."""
    total = int(exposure.sum())
    if not total:
        return 0.0
    ordered = np.sort(exposure)
    size = ordered.size
    weights = 2 * np.arange(1, size + 1) - size - 1
    return float((weights * ordered).sum() / (size * total))


def of_list(items: Ints, shelf: Shelf, surprise: Floats, tail: NDArray[np.bool_]) -> dict[str, float]:
    """The metrics of one list, whoever it is for."""
    shown = items[:SHOWN]
    if not shown.size:
        return dict.fromkeys(OF_LISTS, math.nan)
    found = (float(surprise[shown].mean()), float(tail[shown].mean()), shelf.diversity(shown))
    return dict(zip(OF_LISTS, found, strict=True))
