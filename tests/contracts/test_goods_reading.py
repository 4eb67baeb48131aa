"""Goods, relations, crowd and purchases read from the records of both databases, and whether they have changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from retriever.database import Database
from retriever.interactions.recorded import recorded_acts
from retriever.recommending.knowledge.counted_apart import CountedApart
from retriever.recommending.knowledge.crowd_counting import read_crowd
from retriever.recommending.knowledge.current import Current, Readings
from retriever.recommending.knowledge.goods_reading import acts_stamp, goods_stamp, read_goods
from retriever.recommending.knowledge.purchases import purchases_of
from retriever.recommending.knowledge.relations import Tied, read_relations
from retriever.records import EventRecord, OrderLineRecord, OrderRecord, ProductRecord, ProfileChoice

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sell(database: Database, id: str, **more: Any) -> None:
    plain: dict[str, Any] = {
        "feed": "f", "content_hash": "", "title": id, "images": [], "categories": [], "attributes": {}, "texts": {},
        "related": {}, "available": True, "status": "in_stock", "currency": "USD",
    }  # fmt: skip
    with database.transaction() as session:
        session.add(ProductRecord(id=id, **plain | more))


def act(database: Database, id: str, product: str, kind: str = "purchase", who: str = "ann", days: float = 0) -> None:
    with database.transaction() as session:
        at = NOW - timedelta(days=days)
        session.add(
            EventRecord(
                id=id, feed="f", content_hash="", kind=kind, customer_id=who, product_id=product, at=at, value={}
            )
        )


def test_every_column_is_as_the_records_say(database: Database) -> None:
    sell(
        database, "tent", categories=["Outdoor", "Tents"], brand="Larch", price_min=19_900, published_at=NOW,
        rating_value=5.0, rating_count=10, position=2,
    )  # fmt: skip
    sell(database, "Mug", available=False, price_min=500, currency="EUR", rating_value=3.0, rating_count=30)
    goods = read_goods(database, "USD")

    assert goods.ids == ("Mug", "tent"), "as Python sorts them, whatever the database's own rules"
    assert [goods.category_of(id) for id in goods.ids] == ["", "Tents"]
    assert [goods.brands[place] for place in goods.brand] == ["", "Larch"]
    assert np.isnan(goods.price[0]), "a price in another currency is none"
    assert goods.price[1] == 19_900
    assert goods.available.tolist() == [False, True]
    assert np.isnan(goods.published[0])
    assert goods.published[1] == NOW.timestamp()
    assert goods.rated.tolist() == [30, 10]
    assert goods.rating.tolist() == pytest.approx([(3 * 30 + 3.5 * 10) / 40, (5 * 10 + 3.5 * 10) / 20])
    assert goods.position.tolist() == [0, 2]


def test_few_ratings_say_less_than_many(database: Database) -> None:
    for id, count in (("few", 1), ("many", 400)):
        sell(database, id, rating_value=5.0, rating_count=count)
    sell(database, "usual", rating_value=3.0, rating_count=400)
    sell(database, "unrated")
    goods = read_goods(database, "USD")
    few, many, unrated, usual = goods.rating

    assert usual < unrated < few < many


def test_an_empty_shop_has_no_rows(database: Database) -> None:
    goods = read_goods(database, "USD")

    assert len(goods) == len(goods.price) == len(goods.rating) == 0
    assert read_crowd(database, goods, now=NOW.timestamp()).events == 0
    assert read_relations(database).held == {}
    assert purchases_of(recorded_acts(database, [""]), now=NOW.timestamp()) == {}


def test_relations_are_read_in_both_directions(database: Database) -> None:
    sell(database, "lid", related={"fits": ["pan"], "goes_with": ["pan", "wok"]})
    sell(database, "pan")
    relations = read_relations(database)

    assert relations.of("lid")[0] == Tied("pan", "fits", told=True)
    assert relations.of("wok") == (Tied("lid", "goes_with", told=False),)
    assert relations.of("nothing") == ()


def test_stamps_change_with_what_they_stand_for_and_with_nothing_else(database: Database) -> None:
    sell(database, "mug", price_min=500)
    goods, acts = goods_stamp(database), acts_stamp(database)
    assert (goods_stamp(database), acts_stamp(database)) == (goods, acts)

    act(database, "1", "mug")
    assert goods_stamp(database) == goods
    assert acts_stamp(database) != acts

    with database.transaction() as session:
        session.get_one(ProductRecord, "mug").price_min = 450
    assert goods_stamp(database) != goods

    acts = acts_stamp(database)
    with database.transaction() as session:
        session.add(ProfileChoice(customer_id="ann", enabled=False, muted=[], sizes={}, changed_at=NOW))
    assert acts_stamp(database) != acts, "who has switched the profile off is no longer counted"


def test_the_crowd_leaves_out_who_has_no_profile(database: Database) -> None:
    sell(database, "mug")
    act(database, "1", "mug", who="ann")
    act(database, "2", "mug", who="bob")
    goods = read_goods(database, "USD")
    assert read_crowd(database, goods, now=NOW.timestamp()).people.tolist() == [2]

    with database.transaction() as session:
        session.add(ProfileChoice(customer_id="bob", enabled=False, muted=[], sizes={}, changed_at=NOW))
    assert read_crowd(database, goods, now=NOW.timestamp()).people.tolist() == [1]


def test_purchases_come_from_events_and_from_orders(database: Database) -> None:
    act(database, "1", "mug", days=30)
    act(database, "2", "mug", kind="view", days=10)
    with database.transaction() as session:
        session.add(
            OrderRecord(
                id="o1", feed="f", content_hash="", customer_id="ann", status="delivered", currency="USD",
                placed_at=NOW - timedelta(days=2), address={}, fulfillments=[], payments=[],
                lines=[
                    OrderLineRecord(
                        position=0, product_id="mug", variant_id="mug", title="Mug", options={}, quantity=1
                    )
                ],
            )
        )  # fmt: skip
    now = NOW.timestamp()

    assert purchases_of(recorded_acts(database, ["ann"]), now=now) == {"mug": (now - 30 * 86_400, now - 2 * 86_400)}
    assert purchases_of(recorded_acts(database, ["bob"]), now=now) == {}


def test_what_is_known_follows_the_records(database: Database, database_url: str) -> None:
    sell(database, "mug")
    counted = CountedApart(database, database_url)
    current = Current(Readings.of(database, "USD", lambda goods: None, counted, NOW.timestamp))
    assert current.known().crowd.events == 0

    act(database, "1", "mug")
    sell(database, "tent")
    known = current.renew()
    current.close()

    assert known.goods.ids == ("mug", "tent")
    assert known.crowd.people.tolist() == [1, 0]
