"""How well a cross-encoder orders groups of known gains."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ranker.cross.scoring import CrossEncoder
from ranker.groups import Group

Say = Callable[[str, int, int], None]
DEPTH = 10


def silent(what: str, done: int, total: int) -> None:
    """Hears progress and says nothing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """nDCG@10, the mean and that of each group that has anything to find, in the given order."""

    ndcg: float
    each: tuple[float, ...]


def judge(ranker: CrossEncoder, groups: Sequence[Group], say: Say = silent) -> Judgement:
    """How well the ranker orders the groups; those without any gain say nothing and are left out."""
    telling = [group for group in groups if max(group.gains) > 0]
    each: list[float] = []
    for number, group in enumerate(telling, start=1):
        scores = ranker.score(group.query, group.texts)
        each.append(ndcg([float(score) for score in scores], group.gains))
        say("judging by the held-out queries", number, len(telling))
    return Judgement(math.fsum(each) / len(each) if each else 0.0, tuple(each))


def ndcg(scores: Sequence[float], gains: Sequence[float], depth: int = DEPTH) -> float:
    """The nDCG of the order the scores give (Järvelin and Kekäläinen 2002), with the gains as they are.

    Of equal scores the one with the smaller gain is taken to come first: a ranker that says the same
    of everything has earned nothing.
    """
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], gains[row]))
    found = _dcg([gains[row] for row in order[:depth]])
    ideal = _dcg(sorted(gains, reverse=True)[:depth])
    return found / ideal if ideal else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return math.fsum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
