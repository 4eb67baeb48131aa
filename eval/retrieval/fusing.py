"""The least that judgments can teach: how much each of two lists weighs in their fusion.

Reciprocal rank fusion has two numbers that nobody knows beforehand. Learned by cross-validation they are what any
ranker with more to learn has to beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from eval.retrieval.metrics import DEPTH, ndcg
from eval.retrieval.rankers import Found, Ranker
from ranker.blend import Scored, reciprocal_rank_fusion
from retriever.feeds.feed import Progress
from retriever.judgments import Judgments

SHARES = tuple(tenth / 10 for tenth in range(11))  # of the second list
CONSTANTS = (10, 20, 60)


class Fused:
    """Two rankers' lists fused by reciprocal rank.

    Args:
        name: what tables call it.
        first: one ranker.
        second: the other.
        share: the second one's weight; the first has the rest of 1.
        k: the constant of the fusion.
    """

    def __init__(self, name: str, first: Ranker, second: Ranker, share: float, k: int) -> None:
        self.name = name
        self.share = share
        self.k = k
        self._legs = (first, second)

    def search(self, query: str) -> list[Found]:
        """Both lists in one."""
        lists = [[Scored(found.id, found.score) for found in leg.search(query)] for leg in self._legs]
        fused = reciprocal_rank_fusion(lists, k=self.k, weights=[1 - self.share, self.share])
        return [Found(scored.id, scored.score) for scored in fused[:DEPTH]]


class LearnedFusion:
    """Learns the weights of a fusion: those with the best nDCG@10 on the training queries.

    Args:
        first: one ranker.
        second: the other.
    """

    name = "learned fusion"

    def __init__(self, first: Ranker, second: Ranker) -> None:
        self._first = first
        self._second = second

    def train(self, judgments: Judgments, say: Progress) -> Fused:
        """The fusion that these judgments like best; of equals the one nearest to equal weights."""
        choices = sorted(product(SHARES, CONSTANTS), key=lambda choice: (abs(choice[0] - 0.5), -choice[1]))
        made = [Fused(self.name, self._first, self._second, share, k) for share, k in choices]
        return max(made, key=lambda fused: _quality(fused, judgments))


def _quality(ranker: Ranker, judgments: Judgments) -> float:
    def ids(found: Sequence[Found]) -> list[str]:
        return [one.id for one in found]

    return sum(ndcg(ids(ranker.search(query)), gains) for query, gains in judgments.items())
