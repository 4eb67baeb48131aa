"""Which goods are meant, over both databases."""

from __future__ import annotations

import numpy as np
import pytest
from recommended_goods import Good, goods_of

from retriever.database import Database
from retriever.product import Availability, PriceRange, Product, Stamped
from retriever.product_records import ProductRows
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.listing.belonging import Applies, RecordedBelonging
from retriever.records import ProductCategory

SHOP = {
    "gin": ("Dry gin", "Malt & Co", ("Food", "Spirits"), {"minimum_age": "18 years"}),
    "knife": ("Carving knife", "Edgely", ("Home", "Knives"), {"age_restricted": "Yes"}),
    "lego": ("Brick castle", "Edgely", ("Toys",), {"minimum_age": "8", "age_restricted": "no"}),
    "mug": ("Red enamel mug", "Edgely", ("Home", "Mugs"), {"Colour": "Red"}),
    "stool": ("Red office stool", "Sitwell", ("Home Office",), {"Colour": "Red"}),
}


@pytest.fixture
def belonging(database: Database) -> RecordedBelonging:
    rows = ProductRows("test")
    for place, (id, (title, brand, categories, attributes)) in enumerate(SHOP.items()):
        product = Product(
            id=id, title=title, brand=brand, categories=categories, attributes=attributes,
            price_range=PriceRange(), availability=Availability(available=True, status="in_stock"),
        )  # fmt: skip
        rows.add(Stamped(product=product), "", place, {})
    with database.transaction() as session:
        rows.insert(session)
    return RecordedBelonging(database)


def goods() -> Goods:
    return goods_of([Good(id) for id in SHOP])


def named(mask: np.ndarray, held: Goods) -> list[str]:
    return [held.ids[row] for row in np.flatnonzero(mask)]


@pytest.mark.parametrize(
    ("applies", "meant"),
    [
        (Applies(ids=("mug", "gone")), ["mug"]),
        (Applies(categories=("home",)), ["knife", "mug"]),
        (Applies(brands=("EDGELY",)), ["knife", "lego", "mug"]),
        (Applies(attributes=(("colour", "red"),)), ["mug", "stool"]),
        (Applies(categories=("Home",), attributes=(("colour", "red"),)), ["mug"]),
        (Applies(brands=("Edgely",), but=("Toys",)), ["knife", "mug"]),
        (Applies(but=("Toys",)), []),
        (Applies(), []),
    ],
)
def test_what_is_said_holds_together(belonging: RecordedBelonging, applies: Applies, meant: list[str]) -> None:
    held = goods()

    assert named(belonging.rows(applies, held), held) == meant


def test_goods_for_adults_are_told_from_toys(belonging: RecordedBelonging) -> None:
    held = goods()

    assert named(belonging.restricted(held), held) == ["gin", "knife"]


def test_what_changed_is_seen_with_the_next_goods(belonging: RecordedBelonging, database: Database) -> None:
    held = goods()
    assert belonging.rows(Applies(categories=("Mugs",)), held).sum() == 1
    with database.transaction() as session:
        session.add(ProductCategory(product_id="stool", key="mugs", name="Mugs"))

    assert belonging.rows(Applies(categories=("Mugs",)), held).sum() == 1, "asked once for each state of the goods"
    assert belonging.rows(Applies(categories=("Mugs",)), goods()).sum() == 2


def test_interests_are_categories_or_words_of_titles(belonging: RecordedBelonging) -> None:
    assert belonging.of_interest(SHOP, ["mugs"]) == {"mug"}
    assert belonging.of_interest(SHOP, ["red mug", "Spirits"]) == {"mug", "gin"}
    assert belonging.of_interest(["stool"], ["red mug"]) == set()
    assert belonging.of_interest(SHOP, ["--"]) == set()
