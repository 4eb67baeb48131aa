"""Similar goods, and well rated ones for a new shop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from held_vectors import HeldVectors
from small_shop import shop, situation

from ranker.behaviour.model import Event
from retriever.recommending.asking import Context
from retriever.recommending.candidate import Because
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.sources.rated import Rated, plausible
from retriever.recommending.sources.similar import Similar

GOODS = shop(dome="tents", tunnel="tents", tarp="shelters", mug="mugs", cup="mugs")
TEXTS = HeldVectors(
    {"dome": [1, 0.1], "tunnel": [1, 0.6], "tarp": [1, 0.5], "mug": [-0.1, 1], "cup": [0, 1], "gone": [1, 0.1]}
)


def test_what_is_near_is_found_the_same_kind_first_and_never_the_thing_itself() -> None:
    found = Similar(TEXTS).candidates(situation(GOODS, like=["dome"]), 10)

    assert [one.id for one in found] == ["tunnel", "tarp"]
    assert {one.because for one in found} == {(Because("like", ("dome",)),)}


@pytest.mark.parametrize(
    "asked",
    [{"basket": ["mug"]}, {"context": Context(product_id="mug")}, {"like": ["mug", "unknown"]}],
)
def test_what_is_asked_about_is_named_in_many_ways(asked: dict[str, object]) -> None:
    (first, *_) = Similar(TEXTS).candidates(situation(GOODS, **asked), 5)

    assert (first.id, first.because) == ("cup", (Because("like", ("mug",)),))


def test_without_anything_named_the_last_goods_of_the_history_count_and_the_reason_says_what_was_done() -> None:
    looked = situation(GOODS, Event("dome", 1.0, weight=1.0), Event("mug", 2.0, weight=5.0), bought=["mug"])
    found = {one.id: one.because[0] for one in Similar(TEXTS).candidates(looked, 5)}

    assert found["tunnel"] == Because("viewed", ("dome",))
    assert found["cup"] == Because("bought", ("mug",))


def test_many_things_are_searched_for_in_groups_and_each_find_names_one_of_its_group() -> None:
    many = {f"t{at}": "tents" for at in range(6)} | {f"m{at}": "mugs" for at in range(6)}
    goods = shop(**many, tent="tents", mug="mugs")
    near = {id: [1, 0.01 * at] if id[0] == "t" else [0.01 * at, 1] for at, id in enumerate([*many, "tent", "mug"])}
    found = Similar(HeldVectors(near)).candidates(situation(goods, basket=list(many)), 2)

    assert {one.id: one.because[0].about[0][0] for one in found} == {"tent": "t", "mug": "m"}


@pytest.mark.parametrize("index", [HeldVectors({}), HeldVectors({}, fails=True)])
def test_without_vectors_goods_of_the_same_category_are_alike(index: HeldVectors) -> None:
    found = Similar(index).candidates(situation(GOODS, like=["dome"]), 5)

    assert [one.id for one in found] == ["tunnel"]


def test_a_stranger_who_names_nothing_gets_nothing_similar() -> None:
    assert Similar(TEXTS).candidates(situation(GOODS), 5) == ()
    assert Similar(TEXTS).candidates(situation(GOODS, like=["unknown"]), 5) == ()


def stars(goods: Goods, rating: Sequence[float], rated: Sequence[int], price: Sequence[float] | None = None) -> Goods:
    return Goods(
        **{
            name: getattr(goods, name)
            for name in goods.__dataclass_fields__
            if name not in {"rating", "rated", "price"}
        },
        rating=np.array(rating, dtype=np.float64),
        rated=np.array(rated, dtype=np.int64),
        price=goods.price if price is None else np.array(price, dtype=np.float64),
    )


def test_in_a_new_shop_well_rated_goods_of_several_categories_come_first() -> None:
    goods = stars(shop(a="mugs", b="mugs", c="tents", d="tents"), [4.9, 4.85, 4.7, 3.0], [9, 9, 9, 9])
    found = Rated().candidates(situation(goods), 3)

    assert [one.id for one in found] == ["a", "c", "b"]
    assert found[0].because == (Because("rated", name="mugs"),)


def test_what_nobody_rated_is_never_called_well_rated() -> None:
    some = stars(shop(a="mugs", b="mugs"), [4.5, 4.5], [3, 0])
    none = stars(shop(a="mugs", b="mugs"), [0, 0], [0, 0])

    assert [one.id for one in Rated().candidates(situation(some), 5)] == ["a"]
    assert {one.because[0].kind for one in Rated().candidates(situation(none), 5)} == {"explored"}


def test_the_extreme_prices_of_a_category_are_implausible() -> None:
    price = np.array([900, 1000, 1100, 1200, 50, 90_000, np.nan, 777], dtype=np.float64)
    category = np.array([0, 0, 0, 0, 0, 0, 0, 1], dtype=np.int32)
    found = plausible(price, category)

    assert found[:4].min() > 0.9
    assert found[4:6].max() < 0.3
    assert found[6] == 0.5
    assert found[7] == 1.0


def test_what_is_sold_out_is_not_put_forward_and_an_empty_shop_has_nothing() -> None:
    goods = stars(shop(a="mugs", b="mugs"), [4.8, 4.8], [3, 3])
    goods.available[0] = False

    assert [one.id for one in Rated().candidates(situation(goods), 5)] == ["b"]
    assert Rated().candidates(situation(shop()), 5) == []
