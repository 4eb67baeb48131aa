"""``shopwise train order``: grow trees on judged signals, and keep them only if the order gets better.

Whether it does is measured by cross-validation: the trees that order a query have seen neither it nor
one that is nearly the same. The trees that are kept are grown on all of them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ranker.blend import Scored
from ranker.bootstrap import interval
from ranker.cross.judging import Say, ndcg, silent
from ranker.groups import clusters
from ranker.signals import Column, Signals, Weights, weighted_order
from ranker.trees import LEAST_QUERIES, Growth, Trees, TreesError, grow, learned_order

FOLDS = 5


@dataclass(frozen=True)
class JudgedSignals:
    """One query, the signals of its candidates, and the gain of each (0 to 1) in their order."""

    query: str
    signals: Signals
    gains: Column


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    Attributes:
        trees: grown on all queries.
        before: mean nDCG@10 of the order in use, over the candidates that search finds.
        after: the same with trees, cross-validated.
        gain: after less before.
        low: lower end of the gain's 95 % interval (paired bootstrap over queries).
        high: its upper end.
        queries: that have candidates of different gains.
        kept: whether the order got better.
    """

    trees: Trees
    before: float
    after: float
    gain: float
    low: float
    high: float
    queries: int
    kept: bool

    def json_dict(self) -> dict[str, Any]:
        """As JSON has it, without the trees."""
        return {name: value for name, value in vars(self).items() if name != "trees"}


def train(
    judged: Sequence[JudgedSignals],
    weights: Weights,
    growth: Growth | None = None,
    *,
    force: bool = False,
    command: str = "shopwise train order",
    say: Say = silent,
) -> Outcome:
    """Grow trees, and say whether they make the order better.

    Args:
        judged: a query at a time.
        weights: of the sum that stands beside the trees.
        growth: how.
        force: keep them even if they do not.
        command: how they were asked for, written down with them.
        say: hears (what, done, total).

    Raises:
        TreesError: if there are too few queries to learn from.
    """
    growth = growth or Growth()
    telling = [one for one in judged if len(one.gains) and float(np.ptp(one.gains)) > 0]
    if len(telling) < LEAST_QUERIES:
        raise TreesError(
            f"{len(telling)} queries found products of different gains; at least {LEAST_QUERIES} are needed.",
            "Judge more queries, or leave the order as it is.",
        )
    plain = [_quality(one, weighted_order(one.signals, weights)) for one in telling]
    learned = [0.0] * len(telling)
    for done, part in enumerate(_folds([one.query for one in telling], growth.seed)):
        say("cross-validating", done, FOLDS)
        taught = [(one.signals, one.gains) for place, one in enumerate(telling) if place not in part]
        trees = grow(taught, weights, replace(growth, rows=1))
        for place in part:
            learned[place] = _quality(telling[place], learned_order(telling[place].signals, weights, trees))
    before, after = (math.fsum(each) / len(telling) for each in (plain, learned))
    low, high = interval(np.subtract(learned, plain), growth.seed)
    about = {
        "command": command,
        "made": datetime.now(UTC).date().isoformat(),
        "growth": asdict(growth),
        "queries": len(telling),
        "ndcg_before": round(before, 4),
        "ndcg_after": round(after, 4),
    }
    trees = grow([(one.signals, one.gains) for one in telling], weights, growth, about, say)
    return Outcome(trees, before, after, after - before, low, high, len(telling), force or after > before)


def _quality(one: JudgedSignals, order: Sequence[Scored]) -> float:
    gain = dict(zip(one.signals.ids, one.gains.tolist(), strict=True))
    return ndcg([-float(place) for place in range(len(order))], [gain[scored.id] for scored in order])


def _folds(queries: Sequence[str], seed: int) -> list[set[int]]:
    """Places of the queries in parts of like size; queries that are nearly the same are in one part."""
    groups = sorted(clusters(queries), key=min)
    random.Random(seed).shuffle(groups)  # noqa: S311 (a draw, not a secret)
    parts: list[set[str]] = [set() for _ in range(FOLDS)]
    for group in sorted(groups, key=len, reverse=True):
        min(parts, key=len).update(group)
    return [{place for place, query in enumerate(queries) if query in part} for part in parts if part]
