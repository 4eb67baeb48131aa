"""Queries made from products: what they look like, and that they are of the product."""

from __future__ import annotations

from retriever.product import Availability, PriceRange, Product
from retriever.supervision.inventing import Inventor
from retriever.text import stem, terms


def product(id: str, title: str, category: str, brand: str = "", color: str = "") -> Product:
    return Product(
        id=id,
        title=title,
        brand=brand,
        categories=(category,) if category else (),
        attributes={"color": color} if color else {},
        price_range=PriceRange(),
        availability=Availability(available=True, status="in_stock"),
    )


SHOP = [
    *(product(f"m{n}", f"{brand} Wireless Mouse, {word}", "Mice", brand, "Grey")
      for n, (brand, word) in enumerate([("Alder", "quiet"), ("Birch", "ergonomic"), ("Cedar", "for travel")])),
    *(product(f"k{n}", f"{brand} Mechanical Keyboard ({word})", "Keyboards", brand, "Black")
      for n, (brand, word) in enumerate([("Alder", "compact"), ("Birch", "silent"), ("Cedar", "full size")])),
]  # fmt: skip


def test_every_query_is_made_of_its_products_words() -> None:
    by_id = {item.id: item for item in SHOP}
    invented = list(Inventor(SHOP, seed=3).queries(30))
    assert len(invented) > 10
    for one in invented:
        item = by_id[one.product_id]
        own = {stem(word) for word in terms(" ".join((item.title, item.brand, *item.categories, "Grey Black")))}
        assert {stem(word) for word in terms(one.query)} <= own, one


def test_most_queries_name_the_kind_that_the_category_shares() -> None:
    invented = list(Inventor(SHOP, seed=3).queries(30))
    named = [one for one in invented if {"mouse", "mice", "keyboard", "keyboards"} & set(one.query.split())]
    assert len(named) >= 0.7 * len(invented)


def test_queries_are_different_and_the_same_for_the_same_seed() -> None:
    queries = [one.query for one in Inventor(SHOP, seed=5).queries(25)]
    assert len(queries) == len(set(queries))
    assert queries == [one.query for one in Inventor(SHOP, seed=5).queries(25)]
    assert queries != [one.query for one in Inventor(SHOP, seed=6).queries(25)]


def test_every_product_gets_its_turn_before_one_gets_a_second() -> None:
    first = [one.product_id for one in Inventor(SHOP, seed=1).queries(len(SHOP) - 2)]
    assert len(set(first)) == len(first)


def test_no_more_queries_than_there_are_to_make_and_none_of_an_empty_shop() -> None:
    assert list(Inventor([], seed=1).queries(5)) == []
    few = list(Inventor([product("x", "Mug", "")], seed=1).queries(500))
    assert {one.query for one in few} == {"mug"}


def test_chinese_titles_give_chinese_queries() -> None:
    goods = [product(f"z{n}", f"{brand}无线蓝牙耳机 {colour}", "耳机") for n, (brand, colour) in
             enumerate([("山月", "黑色"), ("林海", "白色"), ("云川", "蓝色")])]  # fmt: skip
    invented = [one.query for one in Inventor(goods, seed=2).queries(10)]
    assert any("耳机" in query and " " not in query for query in invented)
