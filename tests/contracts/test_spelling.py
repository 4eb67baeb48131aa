"""The vocabulary that a shop's records hold, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retriever.database import Database
from retriever.lexical import document_of, lexical_for
from retriever.product import Availability, LocaleText, PriceRange, Product, Stamped, Variant
from retriever.product_records import ProductRows
from retriever.records import EventRecord, FeedRecord
from retriever.spelling import RecordedWords, Speller

NOW = datetime(2026, 11, 1, tzinfo=UTC)
IN_STOCK = Availability(available=True, status="in_stock")
PAN = Stamped(
    product=Product(
        id="pan",
        title="Skillet, 28 cm",
        brand="Nettlebrook",
        description="Comes with a whisk.",
        categories=("Cookware",),
        attributes={"material": "graphite"},
        price_range=PriceRange(),
        availability=IN_STOCK,
        variants=(Variant(id="pan-1", title="", price=None, options={"Color": "Burgundy"}, availability=IN_STOCK),),
    ),
    texts={"zh": LocaleText(title="石墨平底锅")},
)


@pytest.fixture
def speller(database: Database) -> Speller:
    lexical = lexical_for(database)
    with database.transaction() as session:
        rows = ProductRows("test")
        rows.add(PAN, "hash", 0, {})
        rows.insert(session)
        session.add_all(
            EventRecord(id=f"{query}-{n}", feed="test", content_hash="", kind="search", at=NOW, value=value)
            for query, times in (("buffet", 3), ("gadget", 2))
            for n in range(times)
            for value in ({"query": query, "results": ["pan"]},)
        )
        lexical.upsert(session, [document_of(PAN)])
    return Speller(RecordedWords(database), lexical)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("skilelt", "skillet"),  # a title
        ("netlebrook", "nettlebrook"),  # a brand
        ("cokware", "cookware"),  # a category
        ("grahpite", "graphite"),  # an attribute
        ("burgnudy", "burgundy"),  # a variant's
        ("平地锅", "平底锅"),  # another language
        ("bufeft", "buffet"),  # searched often
        ("gadegt", "gadegt"),  # not often enough
        ("whikss", "whikss"),  # descriptions say too much to be a measure
        ("whisk", "whisk"),
    ],
)
def test_words_come_from_everywhere_a_product_is_named(speller: Speller, said: str, meant: str) -> None:
    assert speller.mend(said).text == meant


def test_an_import_brings_new_words(database: Database, speller: Speller) -> None:
    assert speller.mend("teapto").text == "teapto"
    with database.transaction() as session:
        session.add(FeedRecord(name="more", source="test", imported_at=NOW, report={}))
        teapot = PAN.product.model_copy(update={"id": "teapot", "title": "Teapot", "variants": ()})
        rows = ProductRows("more")
        rows.add(Stamped(product=teapot), "hash", 0, {})
        rows.insert(session)
    assert speller.mend("teapto").text == "teapot"
