"""Goods of a few categories, and what is asked about them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ranker.behaviour.model import Event
from retriever.recommending.asking import Asked
from retriever.recommending.knowledge.co_occurrence import nobody_together
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.situation import Situation


def shop(**kinds: str) -> Goods:
    ids = sorted(kinds)
    names = sorted(set(kinds.values()))
    size = len(ids)
    return Goods(
        ids=tuple(ids),
        categories=tuple(names),
        category=np.array([names.index(kinds[id]) for id in ids], dtype=np.int32),
        brands=("",),
        brand=np.zeros(size, dtype=np.int32),
        price=np.full(size, 1000.0),
        available=np.ones(size, dtype=bool),
        published=np.full(size, np.nan),
        rating=np.full(size, 4.0),
        rated=np.zeros(size, dtype=np.int64),
        position=np.arange(size),
    )


def quiet(goods: Goods) -> Crowd:
    none = np.zeros(len(goods))
    return Crowd(0.0, 0, none.astype(np.int64), none, none, none, nobody_together(len(goods)))


def situation(goods: Goods, *history: Event, bought: Collection[str] = (), **asked: object) -> Situation:
    return Situation(Asked.model_validate(asked), 0.0, goods, quiet(goods), history=history, bought=frozenset(bought))
