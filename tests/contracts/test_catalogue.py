"""What the catalogue promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from retriever.allowed import Conditions, Many, picked
from retriever.catalogue import Catalogue, Named
from retriever.conditions import passes
from retriever.database import Database
from retriever.errors import NotFoundError
from retriever.filters import Filters
from retriever.lexical import document_of, lexical_for
from retriever.product import Availability, LocaleText, Money, PriceRange, Product, Rating, Stamped, Variant
from retriever.product_records import ProductRows
from retriever.records import ProductRecord, VariantRecord

Sell = Callable[..., Catalogue]


def variant(id: str, price: str | None = "10", *, stock: bool = True, currency: str = "USD", **options: str) -> Variant:
    return Variant(
        id=id,
        title=id,
        price=None if price is None else Money.from_major(price, currency),
        options=options,
        availability=Availability(available=stock, status="in_stock" if stock else "out_of_stock"),
    )


def product(id: str, *variants: Variant, **more: object) -> Stamped:
    variants = variants or (variant(id),)
    prices = [form.price for form in variants if form.price is not None]
    stamps = {name: more.pop(name) for name in ("texts", "published_at") if name in more}
    made = Product(
        id=id,
        title=str(more.pop("title", f"Title of {id}")),
        price_range=PriceRange(
            min=min(prices, key=lambda money: money.amount, default=None),
            max=max(prices, key=lambda money: money.amount, default=None),
        ),
        availability=Availability(
            available=any(form.availability.available for form in variants), status=variants[0].availability.status
        ),
        variants=variants,
        **more,
    )
    return Stamped(product=made, **stamps)


@pytest.fixture
def sell(database: Database) -> Sell:
    """Puts products into the shop."""

    def put(goods: Sequence[Stamped], stocks: dict[str, int | None] | None = None) -> Catalogue:
        lexical = lexical_for(database)
        with database.transaction() as session:
            rows = ProductRows("test")
            for position, stamped in enumerate(goods):
                rows.add(stamped, "hash", position, stocks or {})
            rows.insert(session)
            lexical.upsert(session, [document_of(stamped) for stamped in goods])
        return Catalogue(database, lexical, "USD")

    return put


def test_a_product_comes_back_as_it_went_in(sell: Sell) -> None:
    whole = product(
        "p/1",
        variant("v1", "19.99", color="Black"),
        variant("v2", None, stock=False, color="蓝色"),
        title="Mug 'é' 杯子",
        description="Holds tea.",
        url="https://shop.example/p/1",
        images=("a.png", "b.png"),
        brand="Nord",
        categories=("Kitchen", "Mugs & Cups"),
        rating=Rating(value=4.5, count=12),
        attributes={"material": "stoneware"},
        texts={"zh": LocaleText(title="杯子", attributes={"材质": "陶"})},
        published_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    bare = product("p2", variant("p2", None))
    catalogue = sell([whole, bare])

    assert catalogue.stamped(["p/1", "p2"]) == [whole, bare]
    assert catalogue.product("p2").price_range == PriceRange()


def test_products_come_in_the_asked_order_without_the_missing(sell: Sell) -> None:
    catalogue = sell([product("a"), product("b"), product("c")])

    assert [found.id for found in catalogue.get(["c", "nothing", "a"])] == ["c", "a"]
    assert catalogue.get([]) == []
    assert catalogue.all_ids() == ["a", "b", "c"]
    assert catalogue.count() == 3


def test_ids_beyond_any_parameter_limit_can_be_asked_for(sell: Sell) -> None:
    catalogue = sell([product("a")])
    ids = [f"unknown-{n}" for n in range(100_000)]

    assert [found.id for found in catalogue.get([*ids, "a"])] == ["a"]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (VariantRecord, "price", 700),
        (VariantRecord, "available", False),
        (VariantRecord, "status", "preorder"),
        (ProductRecord, "available", False),
        (ProductRecord, "price_min", 700),
        (ProductRecord, "rating_value", 1.5),
    ],
)
def test_what_changes_between_imports_is_seen_at_once(
    sell: Sell, database: Database, table: type[ProductRecord] | type[VariantRecord], column: str, value: object
) -> None:
    catalogue = sell([product("mug", variant("mug-1", "12.50"))])
    before = catalogue.stamped(["mug"])
    assert catalogue.stamped(["mug"])[0] is before[0], "what has not changed is not read anew"
    with database.transaction() as session:
        setattr(session.get_one(table, "mug" if table is ProductRecord else "mug-1"), column, value)
    after = catalogue.stamped(["mug"])
    assert after != before
    assert after == Catalogue(database, lexical_for(database), "USD").stamped(["mug"])


def test_what_does_not_exist_is_not_found(sell: Sell) -> None:
    catalogue = sell([])

    with pytest.raises(NotFoundError, match="no product 'x'"):
        catalogue.product("x")
    with pytest.raises(NotFoundError, match="no product variant 'x'"):
        catalogue.variant("x")
    assert catalogue.stock("x") is None
    assert catalogue.matching(Filters(in_stock=True)) == set()
    assert catalogue.categories() == catalogue.brands() == []


def test_a_variant_comes_with_its_product_and_its_stock(sell: Sell) -> None:
    catalogue = sell([product("a", variant("a1"), variant("a2", "12"))], {"a1": 3})

    found, form = catalogue.variant("a2")
    assert (found.id, form.id, form.price) == ("a", "a2", Money(amount=1200, currency="USD"))
    assert catalogue.stock("a1") == 3
    assert catalogue.stock("a2") is None


def test_brands_and_categories_are_counted_under_one_spelling(sell: Sell) -> None:
    catalogue = sell(
        [
            product("a", brand="Acme", categories=("Audio", "Head  phones")),
            product("b", brand="ACME", categories=("audio",)),
            product("c", brand="Nord", categories=("Kitchen", "kitchen")),
            product("d"),
        ]
    )

    assert [(found.name.casefold(), found.count) for found in catalogue.brands()] == [("acme", 2), ("nord", 1)]
    assert [found.count for found in catalogue.categories()] == [2, 1, 1]
    assert Named("Head  phones", 1) in catalogue.categories()


def test_sort_keys_come_in_the_merchants_order(sell: Sell) -> None:
    catalogue = sell(
        [product("b", variant("b", "5"), rating=Rating(value=4, count=2)), product("a", variant("a", None))]
    )

    keys = catalogue.sort_keys()
    assert list(keys) == ["b", "a"]
    assert (keys["b"].price, keys["b"].rating, keys["b"].rating_count) == (500, 4.0, 2)
    assert keys["a"].price is None
    assert list(catalogue.sort_keys({"a", "gone"})) == ["a"]


GOODS = [
    product(
        "shirt",
        variant("s-black-m", "30", color="Black", size="M"),
        variant("s-black-l", "20", color="Black", size="L", stock=False),
        variant("s-red-m", "10", color="Red/White", size="M"),
        brand="Acme",
        categories=("Clothing", "Shirts"),
        attributes={"Fabric": "Cotton"},
    ),
    product(
        "buds", variant("buds", "49.99"), title="Earbuds", brand="ÉCHO", categories=("Headphones & Earbuds",),
        attributes={"color": "black"}, description="Better than any headset with a cable.",
    ),
    product(
        "mug", variant("mug", None), title="Mugs, set of two", brand="Echo & Sons", categories=("厨房用品",),
        attributes={"color": "Blackberry"},
    ),
    product("import", variant("import", "15", currency="EUR"), title="Foreign lamp"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"brand": "acme"}, {"shirt"}),
        ({"brand": "écho"}, {"buds"}),
        ({"brand": "ac"}, set()),
        ({"brand": "Echo"}, {"mug"}),
        ({"category": "shirts"}, {"shirt"}),
        ({"category": "Headphones"}, {"buds"}),
        ({"category": "phones"}, set()),
        ({"category": "厨房"}, {"mug"}),
        ({"category": "%"}, set()),
        ({"price_max": "20"}, {"shirt"}),
        ({"price_min": "49.99"}, {"buds"}),
        ({"price_min": "49.991"}, set()),
        ({"price_max": "49.9899"}, {"shirt"}),
        ({"price_min": "0"}, {"shirt", "buds"}),
        ({"price_max": "1e40"}, {"shirt", "buds"}),
        ({"price_min": "1e40"}, set()),
        ({"in_stock": True}, {"shirt", "buds", "mug", "import"}),
        ({"attributes": {"color": "black"}}, {"shirt", "buds"}),
        ({"attributes": {"Color": "BLACK"}}, {"shirt", "buds"}),
        ({"attributes": {"color": "white"}}, {"shirt"}),
        ({"attributes": {"color": "black", "size": "m"}}, {"shirt"}),
        ({"attributes": {"color": "red", "size": "l"}}, set()),
        ({"attributes": {"fabric": "cotton", "color": "red"}}, {"shirt"}),
        ({"attributes": {"color": "' OR 1=1 --"}}, set()),
        ({"attributes": {"": ""}}, set()),
        ({"attributes": {"color": "black"}, "price_max": "20", "in_stock": True}, set()),
        ({"attributes": {"color": "black"}, "price_max": "20"}, {"shirt"}),
        ({"exclude": ("mug",)}, {"shirt", "buds", "import"}),
        ({"exclude": ("cables", "cotton")}, {"mug", "import"}),
        ({"exclude": ("zeppelin",), "brand": "acme"}, {"shirt"}),
    ],
)
def test_conditions_hold(sell: Sell, database: Database, filters: dict[str, object], ids: set[str]) -> None:
    wanted = Filters.model_validate(filters)
    assert sell(GOODS).matching(wanted) == ids

    mentioning = lexical_for(database).mentioning
    asked = Conditions(database, "USD", listed=0).matching(wanted, lambda: mentioning(wanted.exclude))
    assert isinstance(asked, Many) or not ids  # too many to be listed, and the same ones
    assert picked(asked, {"shirt", "buds", "mug", "import", "gone"}) == ids
    assert set(asked) == ids
    assert len(asked) == len(ids)
    assert all((item.product.id in asked) == (item.product.id in ids) for item in GOODS)


def test_no_condition_is_none(sell: Sell) -> None:
    assert sell(GOODS).matching(Filters()) is None


def test_a_brand_or_attribute_of_any_length_is_kept(sell: Sell) -> None:
    long = "word " * 5_000
    catalogue = sell([product("a", brand=long, categories=(long,), attributes={long: long})])

    assert catalogue.matching(Filters(brand=long, category=long, attributes={long: long})) == {"a"}
    assert catalogue.product("a").brand == long


words = st.sampled_from(["black", "Black/Red", "red", "blackberry", "dark red", "黑色"])
variants = st.builds(
    lambda price, stock, options: (price, stock, options),
    st.none() | st.decimals(0, 40, places=2),
    st.booleans(),
    st.dictionaries(st.sampled_from(["color", "trim"]), words, max_size=2),
)
shops = st.lists(
    st.tuples(st.lists(variants, min_size=1, max_size=3), st.dictionaries(st.just("color"), words), words),
    min_size=1,
    max_size=5,
)
conditions = st.builds(
    Filters,
    price_min=st.none() | st.decimals(0, 15, places=3),
    price_max=st.none() | st.decimals(15, 40, places=3),
    in_stock=st.none() | st.booleans(),
    category=st.none() | words,
    brand=st.none() | words,
    attributes=st.dictionaries(st.sampled_from(["color", "Trim"]), words, max_size=2),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shop=shops, wanted=st.lists(conditions, min_size=1, max_size=5))
def test_the_database_and_a_look_at_each_product_agree(
    sell: Sell,
    database: Database,
    shop: list[tuple[list[tuple[Decimal | None, bool, dict[str, str]]], dict[str, str], str]],
    wanted: list[Filters],
) -> None:
    _clear(database)
    goods = [
        product(
            f"p{n}",
            *(
                variant(f"p{n}-{m}", None if price is None else str(price), stock=stock, **options)
                for m, (price, stock, options) in enumerate(forms)
            ),
            attributes=attributes,
            categories=(name,),
            brand=name,
        )
        for n, (forms, attributes, name) in enumerate(shop)
    ]
    catalogue = sell(goods)

    for filters in wanted:
        expected = {stamped.product.id for stamped in goods if passes(stamped.product, filters, "USD")}
        assert catalogue.matching(filters) == (None if filters.empty else expected)


def _clear(database: Database) -> None:
    with database.transaction() as session:
        session.execute(delete(ProductRecord))
