"""What shoppers can be asked about, read over both databases."""

from __future__ import annotations

from recommended_goods import Good, goods_of

from retriever.database import Database
from retriever.product import Availability, PriceRange, Product, Stamped
from retriever.product_records import ProductRows
from retriever.recommending.knowledge.traits import UNKNOWN, plain_traits, read_traits

SHOP = {
    "boot": (("Outdoor", "Boots"), {"Audience": "Women's", "适用人群": "女款"}),
    "coat": (("Clothing", "Coats"), {"audience": "men's"}),
    "mug": (("Mugs",), {"Colour": "Red"}),
    "tent": (("Outdoor", "Tents"), {}),
}


def fill(database: Database) -> None:
    rows = ProductRows("test")
    for place, (id, (categories, attributes)) in enumerate(SHOP.items()):
        product = Product(
            id=id, title=id, categories=categories, attributes=attributes,
            price_range=PriceRange(), availability=Availability(available=True, status="in_stock"),
        )  # fmt: skip
        rows.add(Stamped(product=product), "", place, {})
    with database.transaction() as session:
        rows.insert(session)


def test_groups_and_audiences_are_read_beside_categories_and_brands(database: Database) -> None:
    fill(database)
    goods = goods_of([Good(id, categories[-1]) for id, (categories, _) in SHOP.items()])
    found = {trait.id: trait for trait in read_traits(database, goods)}

    assert list(found) == ["group", "audience", "category", "brand"]
    group, audience = found["group"], found["audience"]
    assert [group.values[place] if place != UNKNOWN else "" for place in group.column] == [
        "Outdoor", "Clothing", "", "Outdoor",
    ]  # fmt: skip
    assert [audience.values[place].lower() if place != UNKNOWN else "" for place in audience.column] == [
        "women's", "men's", "", "",
    ]  # fmt: skip


def test_a_shop_without_groups_and_audiences_has_what_the_goods_themselves_tell(database: Database) -> None:
    goods = goods_of([Good("mug", "Mugs", "Fjell"), Good("cup", "", "")])

    assert [trait.id for trait in read_traits(database, goods)] == ["category", "brand"]
    category = plain_traits(goods)[0]
    assert category.column.tolist() == [UNKNOWN, category.values.index("Mugs")]
