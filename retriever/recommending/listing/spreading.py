"""A list that repeats itself little: what is nearly the same moves down, and no brand or kind fills the list.

Maximal marginal relevance (Carbonell and Goldstein 1998; ``ranker.diversity``) over the text vectors, then caps.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ranker.blend import Scored
from ranker.diversity import ALIKE, diversified
from ranker.encoder import Vectors
from retriever.errors import UnavailableError
from retriever.recommending.candidate import Candidate
from retriever.recommending.listing.blending import placed
from retriever.recommending.listing.rules_file import Lists
from retriever.recommending.situation import Situation

DEPTH = 3  # lists' lengths that are rearranged
SPREAD = 0.8  # cosine from which a likeness costs, where nothing like something is asked for
COUNTED = 10  # places that a cap is told for
ONE_KIND = frozenset({"similar", "complement", "again"})  # goals that name the kind of goods themselves

_log = logging.getLogger(__name__)

Embeddings = Callable[[Sequence[str]], Mapping[str, Vectors]]


class Spreading:
    """Rearranges a list; it never adds or leaves out. Safe to share.

    Args:
        vectors: gives the text vectors of products, of length one; while they cannot be had, the caps hold alone.
    """

    def __init__(self, vectors: Embeddings | None = None) -> None:
        self._vectors = vectors

    def applied(self, candidates: Sequence[Candidate], situation: Situation, lists: Lists, k: int) -> list[Candidate]:
        """The same candidates.

        Args:
            candidates: best first.
            situation: what is asked for: goods like something are alike, and a page of one category shows it.
            lists: the caps.
            k: how many are shown.
        """
        depth = DEPTH * k
        alike = ALIKE if situation.asked.goal in ONE_KIND or situation.asked.like else SPREAD
        return _capped(self._marginal(candidates, depth, alike), _caps(situation, lists, k), situation, k)

    def _marginal(self, candidates: Sequence[Candidate], depth: int, alike: float) -> list[Candidate]:
        head = candidates[:depth]
        if self._vectors is None or len(head) < 2:
            return list(candidates)
        try:
            vectors = self._vectors([candidate.id for candidate in head])
        except UnavailableError as error:
            _log.warning("Recommendations are not spread by their texts: %s", error.message)
            return list(candidates)
        by_id = {candidate.id: candidate for candidate in head}
        scored = [Scored(candidate.id, candidate.score) for candidate in head]
        spread = diversified(scored, vectors, alike=alike, depth=depth)
        return [*(replace(by_id[one.id], score=one.score) for one in spread), *candidates[depth:]]


def _caps(situation: Situation, lists: Lists, k: int) -> tuple[int, int]:
    """How many of one brand and of one category there may be in the list."""
    goal, context = situation.asked.goal, situation.asked.context
    named = goal in ONE_KIND or bool(situation.asked.like)
    of_brand = k if goal == "again" else math.ceil(lists.per_brand * k / COUNTED)
    of_category = k if named or context.category or context.query else math.ceil(lists.per_category * k / COUNTED)
    return of_brand, of_category


def _capped(candidates: Sequence[Candidate], caps: tuple[int, int], situation: Situation, k: int) -> list[Candidate]:
    """What is over a cap goes behind the list's end, as long as there is something else to show."""
    goods = situation.goods
    brands: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    first: list[Candidate] = []
    over: list[Candidate] = []
    depth = min(DEPTH * k, len(candidates))
    at = 0
    while at < depth and len(first) < k:
        candidate = candidates[at]
        row = goods.rows.get(candidate.id)
        brand = goods.brands[goods.brand[row]] if row is not None else ""
        category = goods.categories[goods.category[row]] if row is not None else ""
        if (brand and brands[brand] >= caps[0]) or (category and categories[category] >= caps[1]):
            over.append(candidate)
        else:
            first.append(candidate)
            brands[brand] += 1
            categories[category] += 1
        at += 1
    return placed([*first, *over, *candidates[at:]])
