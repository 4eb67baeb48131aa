"""Who is compared: anything that answers a query with a ranked list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from eval.retrieval.metrics import DEPTH
from retriever.errors import BadInputError
from retriever.feeds.feed import Progress

if TYPE_CHECKING:
    from retriever.search import Searcher


@dataclass(frozen=True, slots=True)
class Found:
    """One product of a list, its score (comparable within the list) and why it is there, where the ranker says so."""

    id: str
    score: float
    why: tuple[str, ...] = ()


Rankings = Mapping[str, Sequence[Found]]
"""Query to its list, best first."""


class Ranker(Protocol):
    """Answers queries with products, best first."""

    @property
    def name(self) -> str:
        """What tables and options call it."""
        ...

    def search(self, query: str) -> Sequence[Found]:
        """The best products for a query, ``DEPTH`` of them where there are so many."""
        ...


class SkippedError(Exception):
    """A ranker cannot take part; the message says why and what to do about it."""


class OwnSearch:
    """The shop's own search in one of its modes.

    Args:
        searcher: of the shop.
        mode: bm25, dense, hybrid or full.
        name: what tables call it; by default the mode.
    """

    def __init__(self, searcher: Searcher, mode: str, name: str = "") -> None:
        self.name = name or mode
        self._mode = mode
        self._searcher = searcher

    def search(self, query: str) -> list[Found]:
        """What a shopper would get."""
        hits = self._searcher.search(query, k=DEPTH, mode=self._mode).results
        return [Found(hit.id, hit.score, hit.why) for hit in hits]


class Remembered:
    """A ranker that is asked each query once, however many others build on it."""

    def __init__(self, ranker: Ranker) -> None:
        self.name = ranker.name
        self._ranker = ranker
        self._lists: dict[str, Sequence[Found]] = {}

    def search(self, query: str) -> Sequence[Found]:
        """The ranker's list."""
        if query not in self._lists:
            self._lists[query] = self._ranker.search(query)
        return self._lists[query]


def ask(ranker: Ranker, queries: Sequence[str], say: Progress) -> tuple[dict[str, Sequence[Found]], list[str]]:
    """A ranker's lists, and the queries that it refused to answer (their lists are empty)."""
    rankings: dict[str, Sequence[Found]] = {}
    refused: list[str] = []
    for done, query in enumerate(queries, start=1):
        try:
            rankings[query] = ranker.search(query)
        except BadInputError:  # a query without words, say: nothing found is what a shopper gets too
            rankings[query] = ()
            refused.append(query)
        say(f"asking {ranker.name}", done, len(queries))
    return rankings, refused
