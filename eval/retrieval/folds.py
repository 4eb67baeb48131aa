"""Cross-validation by query for rankers that learn from judgments.

A ranker that was trained on "kindle fire" has seen the answers to "kindle". So queries that are nearly the same, in
their words or in what was judged for them, go into one fold together.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Protocol

from eval.retrieval.rankers import Found, Ranker, ask
from retriever.errors import BadInputError
from retriever.feeds.feed import Progress, silent
from retriever.judgments import Judgments
from retriever.text import stem, terms

ALIKE_WORDS = 0.5  # share of words that two queries have in common: kindle, kindle fire
ALIKE_GOODS = 0.1  # share of the products with a gain that two queries have in common


class Trainable(Protocol):
    """A ranker that can be trained on judgments."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def train(self, judgments: Judgments, say: Progress) -> Ranker:
        """A ranker trained on these judgments and on no others; the same ones give the same ranker."""
        ...


def query_groups(judgments: Judgments) -> list[list[str]]:
    """The queries in groups of near-duplicates, each group and all of them in the order of the judgments."""
    queries = list(judgments)
    words = [frozenset(stem(word) for word in terms(query)) for query in queries]
    goods = [frozenset(id for id, gain in gains.items() if gain > 0) for gains in judgments.values()]
    parents = list(range(len(queries)))

    def root(place: int) -> int:
        while parents[place] != place:
            parents[place] = place = parents[parents[place]]
        return place

    for alike, least in ((words, ALIKE_WORDS), (goods, ALIKE_GOODS)):
        for one, other in _alike(alike, least):
            first, second = sorted((root(one), root(other)))
            parents[second] = first
    groups: dict[int, list[str]] = defaultdict(list)
    for place, query in enumerate(queries):
        groups[root(place)].append(query)
    return list(groups.values())


def folds(judgments: Judgments, count: int, seed: int = 0) -> list[list[str]]:
    """The queries in ``count`` folds of like size, near-duplicates together.

    Raises:
        BadInputError: there are fewer groups of queries than folds.
    """
    groups = query_groups(judgments)
    if len(groups) < count:
        raise BadInputError(
            f"{len(judgments)} queries fall into {len(groups)} groups of near-duplicates: too few for {count} folds.",
            "Judge more queries that differ, or ask for fewer --folds.",
        )
    random.Random(seed).shuffle(groups)  # noqa: S311 (folds are no secret)
    held: list[list[str]] = [[] for _ in range(count)]
    for group in sorted(groups, key=len, reverse=True):
        min(held, key=len).extend(group)
    place = {query: number for number, query in enumerate(judgments)}
    return [sorted(fold, key=place.__getitem__) for fold in held]


def cross_validate(
    trainable: Trainable, judgments: Judgments, parts: Sequence[Collection[str]], say: Progress
) -> tuple[dict[str, Sequence[Found]], list[str]]:
    """Every query answered by a ranker that was trained on the other folds; and the queries that were refused."""
    rankings: dict[str, Sequence[Found]] = {}
    refused: list[str] = []
    for number, part in enumerate(parts, start=1):
        say(f"training {trainable.name}", number, len(parts))
        held_out = frozenset(part)
        others: Mapping[str, Mapping[str, float]] = {
            query: gains for query, gains in judgments.items() if query not in held_out
        }
        ranker = trainable.train(others, say)
        found, more = ask(ranker, [query for query in judgments if query in held_out], silent)
        rankings |= found
        refused += more
    return {query: rankings[query] for query in judgments}, refused


def _alike(sets: Sequence[frozenset[str]], least: float) -> Iterable[tuple[int, int]]:
    """Pairs whose Jaccard index reaches ``least``; only those that share something are ever counted."""
    holders: dict[str, list[int]] = defaultdict(list)
    for place, held in enumerate(sets):
        for item in held:
            holders[item].append(place)
    shared = Counter(pair for places in holders.values() for pair in combinations(places, 2))
    for (one, other), common in shared.items():
        if common >= least * len(sets[one] | sets[other]):
            yield one, other
