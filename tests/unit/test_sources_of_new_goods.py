"""New arrivals and the long tail: what is put forward, in which order, and what is said for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ranker.behaviour.model import Event
from retriever.recommending.asking import Asked, Context
from retriever.recommending.candidate import Because
from retriever.recommending.knowledge.crowd import Crowd, Together
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.situation import Situation
from retriever.recommending.sources.arrivals import Arrivals
from retriever.recommending.sources.tail import LongTail

DAY = 86_400.0
NOW = 1_000 * DAY
NAN = float("nan")


def goods(rows: Sequence[tuple[str, str, float]], **columns: Any) -> Goods:
    """Goods of (id, category, days since they were published)."""
    names = tuple(sorted({category for _, category, _ in rows}))
    count = len(rows)
    return Goods(
        ids=tuple(id for id, _, _ in rows),
        categories=names,
        category=np.array([names.index(category) for _, category, _ in rows], np.int32),
        brands=("",),
        brand=np.zeros(count, np.int32),
        price=np.full(count, 100.0),
        available=columns.get("available", np.ones(count, np.bool_)),
        published=np.array([NOW - days * DAY for _, _, days in rows]),
        rating=columns.get("rating", np.full(count, 3.5)),
        rated=columns.get("rated", np.zeros(count, np.int64)),
        position=columns.get("position", np.arange(count)),
    )


def situation(goods: Goods, *history: str, people: Sequence[int] = (), **asked: Any) -> Situation:
    zeros, none = np.zeros(len(goods)), np.zeros(0, np.int32)
    together = Together(np.zeros(len(goods) + 1, np.int64), none, none, none.astype(np.float32))
    took = np.array(people or np.zeros(len(goods)), np.int64)
    crowd = Crowd(NOW, 0, took, zeros, zeros, zeros, together)
    return Situation(Asked(**asked), NOW, goods, crowd, tuple(Event(id, NOW - DAY) for id in history))


SHELF = goods(
    [
        ("a-mug", "Mugs", 1), ("b-mug", "Mugs", 20), ("c-old-mug", "Mugs", 400), ("d-tent", "Tents", 2),
        ("e-tent", "Tents", 25), ("f-undated", "Tents", NAN), ("g-coming", "Tents", -3), ("h-plain", "", 5),
    ],
)  # fmt: skip


def ids(found: Sequence[Any]) -> list[str]:
    return [one.id for one in found]


def test_a_stranger_is_shown_the_newest_and_nothing_undated_old_or_to_come() -> None:
    found = Arrivals().candidates(situation(SHELF), 10)
    assert ids(found) == ["a-mug", "d-tent", "h-plain", "b-mug", "e-tent"]
    assert found[0].because == (Because("new", name="Mugs"),)
    assert found[2].because == (Because("new"),)
    assert {one.source for one in found} == {"arrivals"}


def test_new_goods_of_the_persons_kind_come_first_and_say_so() -> None:
    found = Arrivals().candidates(situation(SHELF, "f-undated", "f-undated", "c-old-mug"), 10)
    assert ids(found)[0] == "d-tent"
    assert found[0].because == (Because("new", name="Tents"), Because("favourite", name="Tents"))
    assert next(one for one in found if one.id == "a-mug").because == (Because("new", name="Mugs"),)


@pytest.mark.parametrize(
    "asked", [{"like": ("c-old-mug",)}, {"context": Context(category="Mugs")}], ids=["a product", "a page"]
)
def test_what_the_request_is_about_counts_as_the_persons_kind_but_is_no_favourite(asked: dict[str, Any]) -> None:
    found = Arrivals().candidates(situation(SHELF, **asked), 2)
    assert ids(found) == ["a-mug", "b-mug"]
    assert [one.kind for one in found[1].because] == ["new"]


def test_the_days_are_a_setting_and_what_is_sold_out_is_left_out() -> None:
    assert ids(Arrivals(days=4).candidates(situation(SHELF), 10)) == ["a-mug", "d-tent"]
    out = goods([("a", "Mugs", 1), ("b", "Mugs", 1)], available=np.array([False, True]))
    assert ids(Arrivals().candidates(situation(out), 10)) == ["b"]


def test_equally_new_goods_come_in_the_merchants_order() -> None:
    shelf = goods([(f"p{n:03}", "Mugs", 3) for n in range(200)], position=np.arange(200)[::-1])
    assert ids(Arrivals().candidates(situation(shelf), 3)) == ["p199", "p198", "p197"]


@pytest.mark.parametrize("source", [Arrivals(), LongTail()], ids=lambda source: source.name)
def test_an_empty_shop_and_a_limit_of_none_put_nothing_forward(source: Arrivals | LongTail) -> None:
    assert list(source.candidates(situation(goods([])), 5)) == []
    assert list(source.candidates(situation(SHELF), 0)) == []


def test_the_long_tail_is_what_few_people_took() -> None:
    shelf = goods([(f"p{n}", "Mugs", 90) for n in range(10)])
    found = LongTail(np.random.default_rng(1)).candidates(situation(shelf, people=[9, 0, 1, 0, 0, 2, 0, 8, 0, 0]), 20)
    assert set(ids(found)) == {f"p{n}" for n in range(10)} - {"p0", "p7"}


def test_each_of_the_long_tail_gets_its_chance_and_the_persons_kind_more_often() -> None:
    shelf = goods([(f"{kind}{n}", kind, 90) for kind in ("Mugs", "Tents") for n in range(20)])
    source = LongTail(np.random.default_rng(1))
    drawn = Counter(id for _ in range(400) for id in ids(source.candidates(situation(shelf, "Mugs0"), 4)))
    assert set(drawn) == set(shelf.ids)
    mugs = sum(count for id, count in drawn.items() if id.startswith("Mugs"))
    assert mugs > 0.8 * drawn.total()


def test_what_is_said_for_the_long_tail_is_true() -> None:
    shelf = goods(
        [("fine", "Mugs", 90), ("once", "Mugs", 90), ("mine", "Tents", 90)],
        rating=np.array([4.4, 4.9, 3.0]),
        rated=np.array([12, 1, 0]),
    )
    found = {one.id: one.because for one in LongTail().candidates(situation(shelf, "mine"), 5)}
    assert found == {
        "fine": (Because("rated", number=12),),
        "once": (Because("explored"),),
        "mine": (Because("favourite", name="Tents"),),
    }


def test_a_hundred_thousand_goods_are_no_trouble() -> None:
    count = 100_000
    shelf = goods([(f"p{n:06}", f"kind{n % 300}", n % 29) for n in range(count)])
    here = situation(shelf, *(f"p{n:06}" for n in range(0, 3_000, 300)))
    assert Arrivals().candidates(here, 50)[0].id == "p000000"
    assert len(set(ids(LongTail().candidates(here, 50)))) == 50
