"""The phrases that a shop's records hold, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retriever.database import Database
from retriever.product import Availability, LocaleText, PriceRange, Product, Stamped, Variant
from retriever.product_records import ProductRows
from retriever.records import CustomerRecord, EventRecord, FeedRecord, OrderRecord
from retriever.suggest import Suggester
from retriever.suggesting.reading import RecordedPhrases

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HERE = Availability(available=True, status="in_stock")
TITLES = ("Cast Iron Skillet with Lid", "Large Cast Iron Skillet, 28 cm", "Small Cast Iron Skillet for Eggs")


def pan(number: int, title: str) -> Stamped:
    options = {"Color": "Burgundy"}
    variant = Variant(id=f"{number}-1", title="", price=None, options=options, availability=HERE)
    product = Product(
        id=str(number),
        title=title,
        brand="Nettlebrook",
        categories=("Kitchen", "Skillets"),
        attributes={"made in": "Wales", "pieces": "2", "dishwasher safe": "yes"},
        price_range=PriceRange(),
        availability=HERE,
        variants=(variant,),
    )
    return Stamped(product=product, texts={"zh": LocaleText(title=f"石墨平底锅 {number}")})


def searches(query: str, *visitors: str, results: tuple[str, ...] = ("0", "1")) -> list[EventRecord]:
    """A search event a visitor; a name in capitals is a customer, any other a session."""
    return [
        EventRecord(
            id=f"{query}-{number}",
            feed="test",
            content_hash="",
            kind="search",
            customer_id=visitor if visitor.isupper() else "",
            session_id=f"session-{number}" if visitor.isupper() else visitor,
            at=NOW,
            value={"query": query, "results": list(results)},
        )
        for number, visitor in enumerate(visitors)
    ]


@pytest.fixture
def shop(database: Database) -> Database:
    with database.transaction() as session:
        rows = ProductRows("test")
        for number, title in enumerate(TITLES):
            rows.add(pan(number, title), "hash", number, {})
        rows.insert(session)
        session.add(
            OrderRecord(
                id="PAN-12", feed="test", content_hash="", customer_id="ANN", status="", currency="USD",
                address={}, fulfillments=[], payments=[],
            )
        )  # fmt: skip
        session.add(CustomerRecord(id="ann77", feed="test", content_hash="", payment_methods=[]))
        session.add_all(
            [
                *searches("iron skillet burgundy", "ANN", "b", "c"),
                *searches("Iron  SKILLET nettlebrook", "a", "b", "c"),
                *searches("wales skillet", "ANN", "ANN", "ANN", "b"),  # one customer in three sessions
                *searches("nettlebrook kitchen", "a", "b", "c", results=()),
                *searches("skillet PAN-12", "a", "b", "c"),
                *searches("skillet ann77", "a", "b", "c"),
                *searches("skillet unicorn", "a", "b", "c"),
                *searches("call 020 7946 skillet", "a", "b", "c"),
            ]
        )
    return database


def phrases(database: Database) -> dict[str, tuple[str, int]]:
    return {phrase.text: (phrase.kind, phrase.count) for phrase in RecordedPhrases(database).read().phrases}


def test_phrases_come_from_everywhere_a_product_is_named(shop: Database) -> None:
    found = phrases(shop)
    assert found["Skillets"] == ("category", 3)
    assert found["Nettlebrook"] == ("brand", 3)
    assert found["cast iron skillet"] == ("product", 3)
    assert found["burgundy skillets"] == ("attribute", 3)
    assert any("平底锅" in text for text in found)
    assert not [text for text in found if "yes" in text or text.startswith("2")], "says nothing of a thing"


def test_past_queries_are_passed_on_when_several_visitors_made_them_and_they_name_nobody(shop: Database) -> None:
    queries = {text: count for text, (kind, count) in phrases(shop).items() if kind == "query"}
    assert queries == {"iron skillet burgundy": 3, "iron skillet nettlebrook": 3}


def test_an_import_brings_new_phrases(shop: Database) -> None:
    suggester = Suggester(RecordedPhrases(shop))
    suggester.prepare(wait=True)
    assert suggester.suggest("teap") == ()
    with shop.transaction() as session:
        session.add(FeedRecord(name="more", source="test", imported_at=NOW, report={}))
        product = pan(9, "Teapot").product.model_copy(update={"variants": ()})
        rows = ProductRows("more")
        rows.add(Stamped(product=product), "hash", 0, {})
        rows.insert(session)
    suggester.prepare(wait=True)
    assert [each.text for each in suggester.suggest("teap")] == ["Teapot"]


def test_an_empty_shop_has_nothing_to_suggest(database: Database) -> None:
    suggester = Suggester(RecordedPhrases(database))
    suggester.prepare(wait=True)
    assert suggester.ready
    assert suggester.suggest("") == suggester.suggest("lamp") == ()


def test_of_a_large_shop_titles_are_drawn_and_what_they_have_is_counted_up(database: Database) -> None:
    with database.transaction() as session:
        rows = ProductRows("test")
        for number in range(400):
            rows.add(pan(number, TITLES[number % 3] if number % 4 else "Tin Mug"), "hash", number, {})
        rows.insert(session)

    def counts(mined: int) -> dict[str, int]:
        found = RecordedPhrases(database, mined).read().phrases
        return {phrase.text: phrase.count for phrase in found}

    everything, drawn = counts(400), counts(100)
    assert everything == counts(1_000), "of fewer none is left out"
    assert drawn == counts(100), "the same ones are drawn each time"
    assert drawn["Skillets"] == everything["Skillets"] == 400, "names are counted in all goods"
    assert drawn["cast iron skillet"] % 4 == 0, "each title that was drawn stands for four"
    assert drawn["cast iron skillet"] == pytest.approx(everything["cast iron skillet"], rel=0.2)
