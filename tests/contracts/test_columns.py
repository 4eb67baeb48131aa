"""Conditions in a large shop: what is kept in memory of its goods says the same as its records, at every moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from retriever import current_columns
from retriever.allowed import Chosen, Conditions, picked
from retriever.catalogue import Catalogue
from retriever.current_columns import CurrentColumns
from retriever.database import Database
from retriever.filters import Filters
from retriever.lexical import LexicalIndex, SqliteLexical, document_of, lexical_for
from retriever.product import Availability, Money, PriceRange, Product, Stamped, Variant
from retriever.product_records import ProductRows
from retriever.records import ProductRecord, VariantRecord
from retriever.writing import delete_rows

Form = tuple[int | None, bool, str]  # price, stock, currency


def goods(id: str, *forms: Form, brand: str = "", categories: Sequence[str] = (), title: str = "Tin mug") -> Stamped:
    variants = tuple(
        Variant(
            id=f"{id}-{n}",
            title="",
            price=None if price is None else Money(amount=price, currency=currency),
            options={},
            availability=Availability(available=stock, status=""),
        )
        for n, (price, stock, currency) in enumerate(forms or ((1_000, True, "USD"),))
    )
    made = Product(
        id=id,
        title=title,
        brand=brand,
        categories=tuple(categories),
        price_range=PriceRange(),
        availability=variants[0].availability,
        variants=variants,
    )
    return Stamped(product=made)


@dataclass
class Shop:
    """A shop that counts as large, with and without what is kept in memory of it."""

    database: Database
    lexical: LexicalIndex
    columns: CurrentColumns

    def put(self, *stamped: Stamped) -> None:
        """Write these goods, in the place of earlier ones with the same ids."""
        rows = ProductRows("test")
        with self.database.transaction() as session:
            delete_rows(session, "product", [each.product.id for each in stamped])
            for position, each in enumerate(stamped):
                rows.add(each, "hash", position, {})
            rows.insert(session)
            self.lexical.upsert(session, [document_of(each) for each in stamped])

    def chosen(self, filters: Filters) -> Collection[str]:
        """By memory, as far as it goes."""
        conditions = Conditions(self.database, "USD", columns=self.columns)
        return conditions.matching(filters, lambda: self.lexical.mentioning(filters.exclude))

    def matching(self, filters: Filters) -> set[str]:
        """The same, listed."""
        return set(self.chosen(filters))

    def asked(self, filters: Filters) -> Collection[str]:
        """By the records alone."""
        return Conditions(self.database, "USD").matching(filters, lambda: self.lexical.mentioning(filters.exclude))


@pytest.fixture
def shop(database: Database) -> Iterator[Shop]:
    lexical = lexical_for(database)
    yield (made := Shop(database, lexical, CurrentColumns(database, "USD", lexical.numbers, large=1)))
    made.columns.settled()


CHEAP = Filters(price_max=Decimal(20))


def test_a_changed_price_is_seen_by_the_very_next_search(shop: Shop) -> None:
    shop.put(goods("mug", (1_500, True, "USD")), goods("lamp", (9_000, True, "USD")))
    shop.columns.prepare()
    assert shop.matching(CHEAP) == {"mug"}
    with shop.database.transaction() as session:  # as somebody does who knows nothing of columns
        session.execute(update(VariantRecord).where(VariantRecord.product_id == "mug").values(price=2_500))
        session.execute(update(VariantRecord).where(VariantRecord.product_id == "lamp").values(price=1_900))
    assert shop.matching(CHEAP) == {"lamp"}


def test_so_is_a_changed_stock_a_new_product_another_brand_and_one_that_is_gone(shop: Shop) -> None:
    shop.put(goods("mug", brand="Nord"), goods("lamp", brand="Nord"), goods("tent", brand="Nord"))
    shop.columns.prepare()
    with shop.database.transaction() as session:
        session.execute(update(VariantRecord).where(VariantRecord.product_id == "mug").values(available=False))
    assert shop.matching(Filters(in_stock=True)) == {"lamp", "tent"}
    shop.put(goods("lamp", brand="Sund"), goods("cup", brand="Nord"))
    assert shop.matching(Filters(brand="nord", in_stock=True)) == {"tent", "cup"}
    with shop.database.transaction() as session:
        session.execute(delete(ProductRecord).where(ProductRecord.id == "tent"))
    assert shop.matching(Filters(brand="nord")) == {"mug", "cup"}
    shop.columns.prepare()
    assert shop.matching(Filters(brand="nord")) == {"mug", "cup"}


def test_one_and_the_same_variant_has_the_price_and_the_stock(shop: Shop) -> None:
    shop.put(goods("mug", (1_500, False, "USD"), (4_000, True, "USD")), goods("cup", (1_500, True, "EUR")))
    shop.columns.prepare()
    assert shop.matching(CHEAP) == {"mug"}
    assert shop.matching(CHEAP.model_copy(update={"in_stock": True})) == set()


def test_what_is_kept_says_nothing_of_attributes(shop: Shop) -> None:
    shop.put(goods("mug"))
    shop.columns.prepare()
    wanted = Filters(attributes={"color": "red"}, in_stock=True)
    assert shop.matching(wanted) == shop.asked(wanted) == set()


def test_until_they_are_read_and_after_a_large_import_the_records_are_asked(shop: Shop) -> None:
    shop.put(goods("mug", (1_500, True, "USD")))
    assert shop.columns.current() is None
    assert shop.matching(CHEAP) == {"mug"}
    shop.columns.settled()
    assert shop.columns.current() is not None, "the first question had them read"
    shop.put(*(goods(f"p{n}", (n, True, "USD")) for n in range(current_columns.BEHIND)))
    assert shop.columns.current() is None, "too much has changed"
    assert picked(shop.chosen(CHEAP), {"mug", "p7", "p2001"}) == {"mug", "p7"}
    shop.columns.settled()
    columns, changed = shop.columns.current() or (None, frozenset())
    assert columns is not None
    assert columns.living == current_columns.BEHIND + 1
    assert not changed


def test_a_small_shop_keeps_nothing(database: Database) -> None:
    lexical = lexical_for(database)
    shop = Shop(database, lexical, CurrentColumns(database, "USD", lexical.numbers, large=3))
    shop.put(goods("mug"), goods("cup"))
    shop.columns.prepare()
    assert shop.columns.current() is None
    shop.put(goods("lamp"))
    shop.columns.prepare()
    assert shop.columns.current() is not None


@pytest.mark.parametrize("most", [2_950, 150])  # matches are looked at afterwards, goods are told beforehand
def test_goods_are_chosen_from_by_their_numbers_in_full_text(shop: Shop, most: int) -> None:
    if shop.database.dialect != "sqlite":
        pytest.skip("PostgreSQL's full text has no numbers")
    lexical = SqliteLexical(shop.database, quick_from=1)
    shop.put(*(goods(f"p{n}", (n, True, "USD")) for n in range(3_000)))
    lexical.settle()
    shop.columns.prepare()
    wanted = Filters(price_max=Decimal(most) / 100)
    cheap = shop.chosen(wanted)
    assert isinstance(cheap, Chosen)
    assert len(cheap) == most + 1
    shop.put(
        goods("p1", (9_999, True, "USD"), title="Tin mug tin mug"), goods("new", (1, True, "USD"), title="Tin tin")
    )
    with shop.database.transaction() as session:  # by hand: full text hears nothing of it
        session.execute(update(VariantRecord).where(VariantRecord.product_id == "p2999").values(price=1))
        session.execute(update(VariantRecord).where(VariantRecord.product_id == "p2").values(price=9_999))
    cheap = shop.chosen(wanted)
    found = {hit.id for hit in lexical.search("tin", 5_000, cheap)}
    assert found == {"new", "p2999", *(f"p{n}" for n in range(most + 1) if n not in (1, 2))}
    assert found == set(cheap)
    assert [hit.id for hit in lexical.search("tin", 1, cheap)] == ["new"]
    assert len(lexical.search("mug", 140, cheap)) == 140
    without = shop.chosen(wanted.model_copy(update={"exclude": ("mug",)}))
    assert [hit.id for hit in lexical.search("tin", 10, without)] == ["new"]


forms = st.lists(
    st.tuples(st.none() | st.integers(0, 40), st.booleans(), st.sampled_from(["USD", "EUR"])), min_size=1, max_size=3
)
names = st.sampled_from(["", "Nord", "nord & sund", "Sund", "Küche"])
products = st.builds(
    lambda number, forms, brand, categories: goods(f"p{number}", *forms, brand=brand, categories=categories),
    st.integers(0, 7),
    forms,
    names,
    st.lists(names.filter(bool), max_size=2),
)
steps = st.lists(st.lists(products, max_size=3, unique_by=lambda each: each.product.id), min_size=1, max_size=4)
conditions = st.builds(
    Filters,
    price_min=st.none() | st.decimals("0", "0.2", places=3),
    price_max=st.none() | st.decimals("0.2", "0.4", places=3),
    in_stock=st.none() | st.booleans(),
    brand=st.none() | names,
    category=st.none() | names,
).filter(lambda filters: not filters.empty)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, gone=st.sets(st.integers(0, 7)), wanted=st.lists(conditions, min_size=1, max_size=4))
def test_memory_and_records_agree_after_every_change(
    shop: Shop, steps: list[list[Stamped]], gone: set[int], wanted: list[Filters]
) -> None:
    shop.put(*(goods(f"p{n}") for n in range(4)))
    for stamped in steps:
        shop.put(*stamped)
        for filters in wanted:
            assert shop.matching(filters) == shop.asked(filters)
        shop.columns.prepare()
        for filters in wanted:
            assert shop.matching(filters) == shop.asked(filters)
    with shop.database.transaction() as session:
        delete_rows(session, "product", [f"p{n}" for n in gone])
    shop.columns.prepare()
    for filters in wanted:
        assert shop.matching(filters) == shop.asked(filters)


def test_the_catalogue_has_them_once_it_is_prepared(shop: Shop) -> None:
    shop.put(*(goods(f"p{n}", (n, True, "USD")) for n in range(current_columns.LARGE)))
    catalogue = Catalogue(shop.database, shop.lexical, "USD")
    catalogue.prepare()
    assert isinstance(catalogue.matching(Filters(price_max=Decimal(40))), Chosen)


def test_older_changes_are_forgotten(shop: Shop) -> None:
    for _ in range(3):
        shop.put(goods("mug"), goods("cup"))
    Catalogue(shop.database, shop.lexical, "USD").settle()
    with shop.database.connection() as connection:
        held = connection.exec_driver_sql("SELECT product_id, count(*) FROM goods_change GROUP BY 1").all()
    assert {id: times <= 2 for id, times in held} == {"mug": True, "cup": True}
