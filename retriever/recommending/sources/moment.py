"""What the moment of a visit tells, which is all that is known of a stranger.

The page that was landed on, what was searched for, the way that led here, and the answers to quick questions. Season
counts as far as the crowd of these days tells it (see ``likely``). The browser's locale tells in which language to
speak, and is not taken for a taste; nor is the hour, of which the crowd's counts know nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retriever.errors import ShopwiseError
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.likely import highest, likely
from retriever.recommending.knowledge.traits import Trait, plain_traits
from retriever.recommending.once import Once
from retriever.recommending.situation import Situation
from retriever.recommending.visit.answers import Answer, understood, weights
from retriever.recommending.visit.landing import landed_category, named_on_the_way, searched_words

Search = Callable[[str, int], Sequence[str]]

SEARCHED, LANDED, NAMED, BRAND = 1.0, 0.6, 0.4, 0.2  # what each sign counts, where it is there
FOUND = 50  # goods that a search is asked for at most
HALF = 10.0  # place in a search's results that counts half
WITHIN = 0.3  # at most, what being likely adds to a sign

Floats = NDArray[np.float64]

logger = logging.getLogger(__name__)


class Moment:
    """Goods that fit the moment, the likelier first among those that fit alike.

    Args:
        search: (words, how many) to ids, best first; may raise ShopwiseError, and the search then says nothing.
        traits: what answers are about, as ``Questions`` has it.
    """

    name = "moment"

    def __init__(self, search: Search, traits: Callable[[Goods], Sequence[Trait]] = plain_traits) -> None:
        self._search = search
        self._traits = traits

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """Only goods that a sign of the moment speaks for: none where there is no sign."""
        goods, context = situation.goods, situation.asked.context
        answers = understood(context.answers, goods, self._traits(goods)) if context.answers else ()
        words = searched_words(context)
        found = self._found(words, goods, limit) if words else {}
        signs, category = _signs(situation, found)
        if not answers and not signs.any():
            return ()
        likeliness = _likeliness(goods, situation.crowd)
        spoken_for = (signs > 0) | _fitting(answers, len(goods)) if answers else signs > 0
        rows = np.flatnonzero(spoken_for & goods.available)
        scores = np.zeros(len(goods))
        scores[rows] = signs[rows] + likeliness[rows]
        if answers:
            scores[rows] *= weights(answers, goods)[rows]
        best = rows[highest(scores[rows], limit)]
        return [
            Candidate(goods.ids[row], float(scores[row]), self.name, because)
            for row in best.tolist()
            if scores[row] > 0 and (because := _because(row, answers, words if row in found else "", category, goods))
        ]

    def _found(self, words: str, goods: Goods, limit: int) -> Mapping[int, float]:
        """What the search finds, as rows with what their places count."""
        try:
            ids = self._search(words, min(limit, FOUND))
        except ShopwiseError as error:
            logger.warning("what was searched for does not count: %s", error)
            return {}
        return {goods.rows[id]: HALF / (HALF + place) for place, id in enumerate(ids) if id in goods.rows}


def _signs(situation: Situation, found: Mapping[int, float]) -> tuple[Floats, int | None]:
    """How much the search and the way speak for each product, and the category that they name."""
    goods, context = situation.goods, situation.asked.context
    signs = np.zeros(len(goods))
    rows = list(found)
    signs[rows] = SEARCHED * np.fromiter(found.values(), dtype=np.float64, count=len(rows))
    landed, (named, brand) = landed_category(context, goods), named_on_the_way(context, goods)
    category = named if landed is None else landed
    if category is not None:
        signs += (LANDED if landed is not None else NAMED) * (goods.category == category)
    if brand is not None and signs.any():  # alone it gives no reason that could be told
        signs += np.where(signs > 0, BRAND * (goods.brand == brand), 0.0)
    signs[goods.rows_of([context.product_id])] = 0.0  # it is on the page already
    return signs, category


@Once
def _likeliness(goods: Goods, crowd: Crowd) -> Floats:
    """From 0 to ``WITHIN``, by orders of magnitude: the most wanted good may be wanted a thousand times as much."""
    prior = likely(goods, crowd)
    most = prior.max(initial=0.0)
    if most <= 0:
        return np.zeros(prior.size)
    return WITHIN * np.clip(1 + np.log10(np.maximum(prior / most, 1e-12)) / 3, 0, 1)


def _fitting(answers: Sequence[Answer], size: int) -> NDArray[np.bool_]:
    """What fits an answer, if there is any."""
    found = np.zeros(size, dtype=bool)
    for answer in answers:
        found |= answer.fits
    return found


def _because(
    row: int, answers: Sequence[Answer], words: str, category: int | None, goods: Goods
) -> tuple[Because, ...]:
    """All that speaks for a product: the words, the answers that it fits, the category of the page."""
    found = [Because("searched", name=words)] if words else []
    found += [Because("answered", name=answer.name) for answer in answers if answer.fits[row]]
    if category is not None and goods.category[row] == category:
        found.append(Because("landed", name=goods.categories[category]))
    return tuple(found)
