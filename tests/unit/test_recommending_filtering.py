"""What may not be shown is not shown, and is counted."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import Good, acts, candidate, ids, situation

from retriever.profiles.choices import Chosen
from retriever.profiles.profile import Muted
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.listing.belonging import Applies, Mask
from retriever.recommending.listing.filtering import Filter, highest_price

GOODS = [
    Good("gin", "Spirits", "Malt", 3_000),
    Good("lamp", "Lamps", "Glow", 2_000),
    Good("mug", "Mugs", "Edgely", 999),
    Good("pan", "Pans", "Edgely", 4_500),
    Good("rug", "Rugs", "Weft", float("nan")),
    Good("sold", "Mugs", "Weft", 500, available=False),
]
ALL = [candidate(good.id) for good in GOODS]


class Shelf:
    """Gin is for adults, and interests are named after their goods."""

    def rows(self, applies: Applies, goods: Goods) -> Mask:
        return np.isin(goods.ids, applies.ids)

    def restricted(self, goods: Goods) -> Mask:
        return np.isin(goods.ids, ["gin"])

    def of_interest(self, ids: Collection[str], names: Collection[str]) -> set[str]:
        return set(ids) & set(names)


FILTER = Filter(Shelf(), "USD")
ADULT = {"context": {"adult": True}}


@pytest.mark.parametrize(
    ("asked", "kept", "dropped"),
    [
        ({}, ["lamp", "mug", "pan", "rug"], {"unavailable": 1, "age": 1}),
        (ADULT, ["gin", "lamp", "mug", "pan", "rug"], {"unavailable": 1}),
        ({"price_max": "20"}, ["lamp", "mug"], {"unavailable": 1, "age": 1, "price": 2}),
        ({"price_max": "19.999"}, ["mug"], {"unavailable": 1, "age": 1, "price": 3}),
        ({"price_max": Decimal("1e60")}, ["lamp", "mug", "pan"], {"unavailable": 1, "age": 1, "price": 1}),
        ({"exclude": ["mug", "gone"]}, ["lamp", "pan", "rug"], {"unavailable": 1, "excluded": 1, "age": 1}),
        ({"basket": ["mug"]}, ["lamp", "pan", "rug"], {"unavailable": 1, "basket": 1, "age": 1}),
        ({"like": ["mug"]}, ["lamp", "pan", "rug"], {"unavailable": 1, "anchor": 1, "age": 1}),
        ({"context": {"product_id": "mug"}}, ["lamp", "pan", "rug"], {"unavailable": 1, "anchor": 1, "age": 1}),
    ],
)
def test_conditions_of_a_request_hold(asked: dict[str, Any], kept: list[str], dropped: dict[str, int]) -> None:
    found = FILTER.applied(ALL, situation(GOODS, **asked))

    assert ids(found.kept) == kept
    assert found.dropped == dropped


def test_what_the_shop_no_longer_has_is_taken_out() -> None:
    assert FILTER.applied([candidate("gone")], situation(GOODS)).dropped == {"unknown": 1}


def test_what_a_person_has_is_shown_again_only_where_that_is_the_point() -> None:
    due = candidate("mug", 1, "personal", Because("favourite", name="Mugs"), Because("due", ("mug",), number=30))
    shown = [candidate("lamp"), due, candidate("pan", 1, "again"), candidate("rug")]
    has = {"bought": ["lamp", "mug", "pan"], "told": ["rug"]}

    assert ids(FILTER.applied(shown, situation(GOODS, **has)).kept) == ["mug", "pan"]
    assert ids(FILTER.applied(shown, situation(GOODS, **has, goal="again")).kept) == ["lamp", "mug", "pan", "rug"]


@pytest.mark.parametrize(
    ("muted", "kept"),
    [
        (Muted(kind="brand", name=" EDGELY"), ["lamp", "rug"]),
        (Muted(kind="interest", name="lamp"), ["mug", "pan", "rug"]),
    ],
)
def test_what_a_person_muted_stays_away(muted: Muted, kept: list[str]) -> None:
    found = FILTER.applied(ALL, situation(GOODS, chosen=Chosen(muted=(muted,))))

    assert ids(found.kept) == kept
    assert found.dropped["muted"] == 4 - len(kept)


@pytest.mark.parametrize(
    ("known", "highest"),
    [
        ({"like": ["lamp", "mug"]}, 2_000),
        ({"bought": ["mug", "lamp", "pan"], "history": acts("gin")}, 2_000),
        ({"history": acts("mug", "mug", "pan", "gone")}, (999 + 4_500) / 2),
        ({"like": ["rug"], "bought": ["mug"]}, 999),
        ({}, float("inf")),
    ],
)
def test_what_is_dearer_than_what_one_looks_for_is_an_upsell(known: dict[str, Any], highest: float) -> None:
    assert highest_price(situation(GOODS, **known)) == highest


def test_nobody_is_talked_into_more() -> None:
    shown = [
        candidate("pan"),
        candidate("lamp"),
        candidate("rug"),
        candidate("sold", 1, "complements", Because("goes_with", ("lamp",))),
        candidate("mug", 1, "popular", Because("popular"), Because("sponsored", name="Glow")),
    ]
    goods = [*GOODS[:5], Good("sold", price=500)]

    assert len(FILTER.applied(shown, situation(goods)).kept) == 5
    assert ids(FILTER.applied(shown, situation(goods, upsell=False)).kept) == ["pan", "lamp", "rug"], (
        "no price is known"
    )
    found = FILTER.applied(shown, situation(goods, upsell=False, history=acts("lamp")))
    assert ids(found.kept) == ["lamp"], "a product without a price may be a dear one"
    assert found.dropped == {"upsell": 4}


SOME = st.lists(st.sampled_from([good.id for good in GOODS] + ["gone"]), unique=True)


@given(SOME, SOME, SOME, SOME, st.booleans(), st.one_of(st.none(), st.integers(0, 50)))
def test_what_was_filtered_passes_again(
    shown: list[str], exclude: list[str], bought: list[str], basket: list[str], upsell: bool, most: int | None
) -> None:
    asked = situation(GOODS, exclude=exclude, basket=basket, bought=bought, upsell=upsell, price_max=most)
    given_ones: list[Candidate] = [candidate(id) for id in shown]

    once = FILTER.applied(given_ones, asked)
    twice = FILTER.applied(once.kept, asked)

    assert twice.kept == once.kept
    assert not twice.dropped
    assert len(once.kept) + sum(once.dropped.values()) == len(shown)
    assert [id for id in shown if id in ids(once.kept)] == ids(once.kept), "in their order"
