"""Training data from human judgments, and the text of a product that the ranker reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.errors import BadInputError
from retriever.product import Availability, LocaleText, PriceRange, Product, Stamped, Variant
from retriever.ranking_text import ranking_text
from retriever.supervision.judged import judged_groups

HERE = Availability(available=True, status="in_stock")


def product(id: str = "p1", title: str = "Mug", *, texts: dict[str, LocaleText] | None = None, **given: Any) -> Stamped:
    """A product with these fields."""
    made = Product(id=id, title=title, price_range=PriceRange(), availability=HERE, **given)
    return Stamped(product=made, texts=texts or {})


class Shelf:
    """A catalogue in memory."""

    def __init__(self, *products: Stamped) -> None:
        self._products = {one.product.id: one for one in products}

    def all_ids(self) -> list[str]:
        return list(self._products)

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        return [self._products[id] for id in ids if id in self._products]


SHELF = Shelf(product("p1", "Red mug", texts={"zh": LocaleText(title="红杯子")}), product("p2", "Blue cup"))


def test_each_judged_query_is_a_group_with_words_in_its_language() -> None:
    judged = judged_groups({"mug": {"p1": 1.0, "p2": 0.1}, "杯子": {"p2": 0.0, "p1": 1.0}}, SHELF, weight=2.0)
    english, chinese = judged.groups
    assert (english.query, english.ids, english.gains) == ("mug", ("p1", "p2"), (1.0, 0.1))
    assert (english.texts, english.weights, english.source) == (("Red mug", "Blue cup"), (2.0, 2.0), "judgments")
    assert chinese.texts == ("Blue cup", "红杯子")
    assert judged.report.pairs == 4


def test_unknown_products_are_left_out_and_said_or_refused() -> None:
    judgments = {"mug": {"p1": 1.0, "p2": 0.0, "gone": 1.0}, "sofa": {"gone": 1.0}}
    judged = judged_groups(judgments, SHELF)
    assert [group.ids for group in judged.groups] == [("p1", "p2")]
    assert (judged.unknown_ids, judged.unknown_queries) == (("gone",), ("sofa",))
    with pytest.raises(BadInputError, match="1 judged products are not in the shop: gone"):
        judged_groups(judgments, SHELF, strict=True)


@pytest.mark.parametrize(
    ("judgments", "said"),
    [
        ({"mug": {"p1": 1.5, "p2": 0.0}}, "1.5 of 'p1' for 'mug'"),
        ({"mug": {"p1": math.nan, "p2": 0.0}}, "not between 0 and 1"),
        ({"mug": {"p1": 1.0, "p2": 1.0}}, "gain 1"),
        ({"mug": {"p1": 1.0}, "cup": {"p1": 0.0}}, "different gains"),
        ({"mug": {"x1": 1.0, "x2": 0.0}}, "not in the shop"),
        ({}, "not in the shop"),
    ],
)
def test_judgments_that_teach_nothing_are_refused_with_advice(judgments: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInputError, match=said) as caught:
        judged_groups(judgments, SHELF)
    assert caught.value.hint


def test_the_text_has_what_shoppers_name_first() -> None:
    stamped = product(
        title="Anvil Keyboard",
        brand="Voltbee",
        categories=("Computers", "Keyboards"),
        attributes={"layout": "compact", "color": "Black", "maker": "Voltbee"},
        description="It clicks.",
    )
    assert ranking_text(stamped) == "Anvil Keyboard. Voltbee. Keyboards. color: Black. layout: compact. It clicks"


def test_what_the_title_says_is_not_said_again() -> None:
    stamped = product(title="Voltbee keyboard, black", brand="VOLTBEE", attributes={"color": "Black"})
    assert ranking_text(stamped) == "Voltbee keyboard, black"


def test_options_of_variants_are_said_once_each() -> None:
    variants = tuple(
        Variant(id=f"v{number}", title=size, price=None, options={"size": size}, availability=HERE)
        for number, size in enumerate(("S", "M", "M"))
    )
    assert ranking_text(product(title="Shirt", variants=variants)) == "Shirt. size: S, M"


def test_many_attributes_leave_room_for_the_description() -> None:
    stamped = product(attributes={f"detail {n}": f"value {n}" for n in range(99)}, description="handmade " * 50)
    assert "handmade" in ranking_text(stamped)


@given(st.text(), st.text(), st.integers(20, 500))
def test_a_text_is_never_empty_nor_too_long(title: str, description: str, limit: int) -> None:
    text = ranking_text(product(title=title, description=description), limit=limit)
    assert text.strip()
    assert len(text) <= limit
