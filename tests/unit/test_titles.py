"""Where a query's words stand in a product."""

from __future__ import annotations

import pytest

from retriever.product import Availability, PriceRange, Product
from retriever.titles import Placing


def product(title: str, *categories: str) -> Product:
    return Product(
        id="p",
        title=title,
        categories=categories,
        price_range=PriceRange(),
        availability=Availability(available=True, status="in_stock"),
        variants=(),
    )


def test_the_thing_itself_opens_with_its_name_and_its_accessory_does_not() -> None:
    placing = Placing("iphone")
    thing, accessory = placing.of(product("iPhone 12, black")), placing.of(product("Black leather case for iPhone"))
    assert thing.opening == 1.0 > accessory.opening > 0
    assert thing.title == accessory.title == 1.0


def test_shares_of_the_words_in_the_title_and_in_the_categories() -> None:
    placed = Placing("red running shoes").of(product("Shoe, red", "Sports", "Running Shoes"))
    assert placed.title == pytest.approx(2 / 3)
    assert placed.filed == pytest.approx(2 / 3)


def test_a_title_without_any_of_the_words() -> None:
    placed = Placing("kettle").of(product("Mug"))
    assert (placed.title, placed.opening, placed.filed) == (0.0, 0.0, 0.0)
    assert Placing("kettle").of(product("Mug with a very long title")).brevity < placed.brevity


def test_chinese_words_are_found_too() -> None:
    assert Placing("耳机").of(product("无线 耳机")).title == 1.0
