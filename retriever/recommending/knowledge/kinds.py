"""The kinds of goods that a person and the moment are about, as a share of each of the shop's categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.once import Once
from retriever.recommending.situation import Situation

DAY = 86_400.0
HALF_LIFE = 30.0  # days after which an act says half as much of what kind is wanted


@dataclass(frozen=True, eq=False)
class Kinds:
    """Shares of the places in ``Goods.categories``.

    Attributes:
        wanted: from 0 to 1, the greatest is 1; zeros where nothing is known.
        favourite: the place of the category that the person's own history is most about; -1 where there is none.
    """

    wanted: NDArray[np.float64]
    favourite: int


@Once
def kinds_of(situation: Situation) -> Kinds:
    """The kinds of the person's history, of what the request is about, and of the page it came from."""
    goods = situation.goods
    count = len(goods.categories)
    history = [event for event in situation.history if event.item in goods.rows]
    rows = np.array([goods.rows[event.item] for event in history], dtype=np.int64)
    age = np.maximum(situation.now - np.array([event.at for event in history]), 0) / DAY
    weights = np.array([max(event.weight, 0.0) for event in history]) * 0.5 ** (age / HALF_LIFE)
    mine = _named(np.bincount(goods.category[rows], weights, count).astype(np.float64), goods.categories)
    about = goods.category[goods.rows_of(situation.anchors)]
    asked = _named(np.bincount(about, minlength=count).astype(np.float64), goods.categories)
    page = situation.asked.context.category
    if page and page in goods.categories:
        asked[goods.categories.index(page)] += 1
    return Kinds(_scaled(_scaled(mine) + _scaled(asked)), int(mine.argmax()) if mine.any() else -1)


def _named(weights: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.float64]:
    """Having no category is no kind; its name, the empty one, is the first of the sorted names."""
    if names and not names[0]:
        weights[0] = 0.0
    return weights


def _scaled(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return weights / weights.max() if weights.any() else weights
