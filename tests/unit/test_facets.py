"""What a result has in common is counted, always in the same order."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from retriever.facets import TOP, facets
from retriever.product import Availability, Money, PriceRange, Product, Variant

HERE = Availability(available=True, status="in_stock")


def product(title: str, *categories: str, brand: str = "", colors: tuple[str, ...] = (), **more: Any) -> Product:
    variants = tuple(
        Variant(id=f"{title}-{color}", title="", price=None, options={"Colour": color}, availability=HERE)
        for color in colors
    )
    parts: dict[str, Any] = {"price_range": PriceRange(), **more}
    return Product(
        id=title, title=title, brand=brand, categories=categories, availability=HERE, variants=variants, **parts
    )


SHELF = (
    product("Trail shoe", "Clothing", "Women", "Shoes", brand="Ridge", colors=("Navy", "Royal Blue", "Black")),
    product("Road shoe", "Clothing", "Women", "Shoes", brand="Ridge", colors=("Jet black",)),
    product("Men's red jacket", "Clothing", "Jackets", brand="Auld"),
    product("A dog bowl", "Pets", attributes={"Material": "steel"}),
    product("Plain thing"),
)


def counts(listed: list[dict[str, Any]]) -> dict[str, int]:
    return {each["value"]: each["count"] for each in listed}


def test_brands_and_categories_are_counted_by_product() -> None:
    found = facets(SHELF, "USD")
    assert counts(found["brand"]) == {"Ridge": 2, "Auld": 1}
    assert counts(found["category"]) == {"Clothing": 3, "Shoes": 2, "Women": 2, "Jackets": 1, "Pets": 1}


def test_categories_stand_under_the_wider_ones() -> None:
    tree = facets(SHELF, "USD")["category_tree"]
    assert [(each["value"], each["count"]) for each in tree] == [("Clothing", 3), ("Pets", 1)]
    clothing = tree[0]["children"]
    assert [(each["value"], each["count"]) for each in clothing] == [("Women", 2), ("Jackets", 1)]
    assert clothing[0]["children"] == [{"value": "Shoes", "count": 2, "children": []}]


def test_colours_are_counted_by_family_once_a_product() -> None:
    found = counts(facets(SHELF, "USD")["color"])
    assert found == {"black": 2, "blue": 1, "red": 1}, "options, or the title where there are none"


def test_whom_it_is_for_is_counted_where_it_is_said() -> None:
    assert counts(facets(SHELF, "USD")["audience"]) == {"women": 2, "men": 1, "dogs": 1, "pets": 1}


def test_unknown_prices_are_in_no_band() -> None:
    price = PriceRange(min=Money(amount=2_500, currency="USD"), max=Money(amount=9_000, currency="USD"))
    found = facets([*SHELF, product("Lamp", price_range=price)], "USD")
    assert found["price"] == [{"min": 25, "max": 50, "count": 1}]


def test_nothing_found_counts_nothing() -> None:
    found = facets([], "USD")
    assert found["attributes"] == {}
    assert not any(found.values())


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_result_does_not_change_the_counts(dice: random.Random) -> None:
    shelf = list(SHELF)
    dice.shuffle(shelf)
    assert facets(shelf, "USD") == facets(SHELF, "USD")


def test_at_most_ten_values_are_listed_the_commonest_first() -> None:
    shelf = [product(f"{n}", brand=f"brand {n % 15:02}") for n in range(100)]
    listed = facets(shelf, "USD")["brand"]
    assert len(listed) == TOP
    assert [each["value"] for each in listed] == [f"brand {n:02}" for n in range(10)]
