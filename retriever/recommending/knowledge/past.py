"""A person's history as rows of the goods: how much each still says, and what may be said about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Kind
from retriever.recommending.once import Once
from retriever.recommending.situation import Situation

TAKEN = 2.5  # weight of an act that takes a good: put into the cart, bought, rated well; looks count less
DAYS, PLACES = 60.0, 1.5  # after so many days, or so many later moments (a basket is one), an act says half as much
DAY = 86_400.0
MOST = 50  # goods of a history that are looked at, the latest


@dataclass(frozen=True, eq=False)
class Past:
    """The goods of a history, each once, the latest first.

    Attributes:
        rows: of the goods.
        weights: how much each says, the most telling 1.
        kinds: what the person did with each, as reasons say it.
    """

    rows: NDArray[np.int64]
    weights: NDArray[np.float64]
    kinds: tuple[Kind, ...]

    @classmethod
    def of(cls, situation: Situation, most: int = MOST) -> Past:
        """The history in a situation; what the shop no longer has is left out."""
        known = [event for event in situation.history if event.weight > 0 and event.item in situation.goods.rows]
        last = max((event.at for event in known), default=0.0)
        weights: dict[str, float] = {}
        strongest: dict[str, float] = {}
        places = {at: place for place, at in enumerate(sorted({event.at for event in known}, reverse=True))}
        for event in reversed(known):
            faded = event.weight * 0.5 ** ((last - event.at) / DAY / DAYS + places[event.at] / PLACES)
            weights[event.item] = weights.get(event.item, 0.0) + faded
            strongest[event.item] = max(strongest.get(event.item, 0.0), event.weight)
        kept = list(weights)[:most]
        held = np.array([weights[item] for item in kept])
        kinds: tuple[Kind, ...] = tuple(_kind(item, strongest[item], situation) for item in kept)
        return cls(situation.goods.rows_of(kept), held / held.max(initial=1e-300), kinds)

    def __len__(self) -> int:
        return len(self.kinds)

    def because(self, place: int, situation: Situation) -> Because:
        """The reason that rests on what the person did with one of these goods."""
        return Because(self.kinds[place], (situation.goods.ids[self.rows[place]],))

    def favourite(self, situation: Situation) -> int | None:
        """The category that most of it is of, as a place in the goods' categories; ``None`` where that has no name."""
        if not len(self):
            return None
        place = int(np.argmax(np.bincount(situation.goods.category[self.rows], self.weights)))
        return place if situation.goods.categories[place] else None


@Once
def past_of(situation: Situation) -> Past:
    """The history in a situation, read once for all sources."""
    return Past.of(situation)


def _kind(item: str, strongest: float, situation: Situation) -> Kind:
    """The most that is sure: what was told is not known to be bought, and what was looked at was not taken."""
    if item in situation.bought:
        return "bought"
    if item in situation.told:
        return "told"
    return "taken" if strongest >= TAKEN else "viewed"
