"""What is on promotion now, of the kinds that the person cares for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from retriever.recommending.candidate import Candidate
from retriever.recommending.knowledge.kinds import kinds_of
from retriever.recommending.listing.belonging import Belonging
from retriever.recommending.listing.promotions import Offer
from retriever.recommending.situation import Situation

LEAST = 0.05  # of the favourite kind: what the person cares less for is not put forward for its price
WANTED, RATED = 0.5, 0.1  # what being most wanted of all adds to the kind's share, and a star


class Offers(Protocol):
    """Where promotions are found."""

    def get(self) -> Mapping[str, Offer]:
        """The promotions on goods, by id."""
        ...


class Promoted:
    """Goods on promotion. Those of a stranger, of whom no kind is known, are the most wanted ones.

    Args:
        promotions: of the shop.
        belonging: knows which goods they are on.
    """

    name = "promoted"

    def __init__(self, promotions: Offers, belonging: Belonging) -> None:
        self._promotions = promotions
        self._belonging = belonging

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """Those of the person's kinds first, and among these the more wanted; each with all its promotions."""
        goods = situation.goods
        customer = situation.asked.customer_id
        running = [offer for offer in self._promotions.get().values() if offer.running(situation.now, customer)]
        masks = [self._belonging.rows(offer.applies, goods) for offer in running]
        if not masks or limit <= 0 or not len(goods):
            return ()
        rows = np.flatnonzero(np.logical_or.reduce(masks) & goods.available)
        kinds = kinds_of(situation).wanted
        if kinds.any():
            share = kinds[goods.category[rows]]
            rows, share = rows[share >= LEAST], share[share >= LEAST]
        else:
            share = np.zeros(len(rows))
        wanted = situation.crowd.wanted
        most = max(float(wanted.max()), 1.0)
        score = share + WANTED * np.log1p(wanted[rows]) / np.log1p(most) + RATED * goods.rating[rows]
        best = np.lexsort((rows, -score))[:limit]
        return [
            Candidate(
                goods.ids[rows[at]],
                float(score[at]),
                self.name,
                tuple(offer.because for offer, mask in zip(running, masks, strict=True) if mask[rows[at]]),
            )
            for at in best.tolist()
        ]
