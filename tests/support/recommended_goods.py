"""A shop of a few goods as columns, for tests of what recommendations are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ranker.behaviour.model import Event
from retriever.profiles.choices import Chosen
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd, Together
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.situation import Situation

NOW = 1_790_000_000.0


@dataclass(frozen=True)
class Good:
    """A product; the price is in cents."""

    id: str
    category: str = ""
    brand: str = ""
    price: float = 1_000.0
    available: bool = True
    wanted: float = 0.0


def goods_of(goods: Sequence[Good]) -> Goods:
    held = sorted(goods, key=lambda good: good.id)
    categories = sorted({good.category for good in held} | {""})
    brands = sorted({good.brand for good in held} | {""})
    many = len(held)
    return Goods(
        ids=tuple(good.id for good in held),
        categories=tuple(categories),
        category=np.array([categories.index(good.category) for good in held], np.int32),
        brands=tuple(brands),
        brand=np.array([brands.index(good.brand) for good in held], np.int32),
        price=np.array([good.price for good in held], np.float64),
        available=np.array([good.available for good in held], np.bool_),
        published=np.full(many, np.nan),
        rating=np.full(many, 4.0),
        rated=np.zeros(many, np.int64),
        position=np.arange(many, dtype=np.int64),
    )


def crowd_of(goods: Sequence[Good], events: int = 0) -> Crowd:
    held = sorted(goods, key=lambda good: good.id)
    wanted = np.array([good.wanted for good in held], np.float64)
    nobody = np.zeros(len(held))
    nothing = Together(
        np.zeros(len(held) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, "f4")
    )
    return Crowd(NOW, events, np.zeros(len(held), np.int64), wanted, nobody, nobody, nothing)


def situation(
    goods: Sequence[Good] = (),
    *,
    events: int = 0,
    history: Sequence[Event] = (),
    bought: Sequence[str] = (),
    told: Sequence[str] = (),
    chosen: Chosen | None = None,
    now: float = NOW,
    **asked: Any,
) -> Situation:
    """A request; ``asked`` are the fields of ``Asked``."""
    return Situation(
        asked=Asked.model_validate(asked),
        now=now,
        goods=goods_of(goods),
        crowd=crowd_of(goods, events),
        history=tuple(history),
        told=frozenset(told),
        bought=frozenset(bought),
        chosen=chosen or Chosen(),
    )


def acts(*items: str, weight: float = 1.0) -> tuple[Event, ...]:
    """One event a day with each of these, the last one now."""
    first = NOW - 86_400 * (len(items) - 1)
    return tuple(Event(item, first + 86_400 * day, weight) for day, item in enumerate(items))


def candidate(id: str, score: float = 1.0, source: str = "popular", *because: Because) -> Candidate:
    return Candidate(id, score, source, because or (Because("popular"),))


def ids(candidates: Sequence[Candidate]) -> list[str]:
    return [one.id for one in candidates]


def lists(**given: Sequence[str]) -> Mapping[str, list[Candidate]]:
    """Candidates by source, best first."""
    return {
        source: [candidate(id, 1 / place, source) for place, id in enumerate(named, start=1)]
        for source, named in given.items()
    }
