"""The demo store on another day is the same store: what happened in it moves along, what the calendar says does not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from retriever.database import Database
from retriever.demo import rows
from retriever.demo.day import TODAY, day_of, seen_on
from retriever.demo.house import promotions
from retriever.demo.orders import orders
from retriever.demo.past import past
from retriever.demo.relations import by_id
from retriever.demo.rules import last_return_day, runs
from retriever.demo.stock import UNTIL, in_season
from retriever.feeds.demo import DemoFeed, demo_day
from retriever.feeds.feed import silent
from retriever.feeds.rows import EventRow, OrderRow, ProductRow, ReviewRow
from retriever.records import EventRecord

LATER = seen_on(date(2027, 2, 20))


def test_an_import_sees_the_store_from_noon_of_the_day_before():
    assert seen_on(date(2026, 11, 2)) == TODAY
    assert seen_on(date(2027, 2, 20)) == datetime(2027, 2, 19, 12, tzinfo=UTC)
    for ago in (timedelta(seconds=1), timedelta(hours=13), timedelta(hours=24)):
        assert day_of(LATER - ago) == date(2027, 2, 20)


def test_the_last_thing_that_happened_was_the_day_before_whatever_the_day():
    for today in (TODAY, LATER):
        happened = [event.at for event in past(today).events]
        assert (today - timedelta(hours=12)) < max(happened) < today
        assert day_of(max(happened)) == (today + timedelta(days=1)).date()
        assert today - min(happened) > timedelta(days=330)


def test_nothing_in_the_store_is_of_a_later_day():
    for row in rows(LATER):
        match row:
            case EventRow(at=at):
                assert at < LATER
            case OrderRow(placed_at=at):
                assert at < LATER
            case ReviewRow(written_at=at):
                assert at < LATER
            case ProductRow(published_at=at):
                assert at < LATER
            case _:
                pass


def test_the_goods_are_as_old_as_on_any_other_day_and_have_the_same_shape():
    for id, made in by_id(LATER).items():
        first = by_id()[id]
        assert LATER - made.row.published_at == TODAY - first.row.published_at
        assert (made.row.title, made.row.rating, made.price) == (first.row.title, first.row.rating, first.price)
    kinds = [Counter(event.kind for event in past(today).events) for today in (TODAY, LATER)]
    for kind, count in kinds[0].items():
        assert kinds[1][kind] == pytest.approx(count, rel=0.15), kind
    assert len(orders(LATER)) == pytest.approx(len(orders()), rel=0.15)
    assert set(Counter(order.status for order in orders(LATER))) == set(Counter(order.status for order in orders()))


def test_seasons_go_by_the_calendar():
    for made in by_id(LATER).values():
        if made.family.season:
            assert made.row.attributes[UNTIL[0]] >= "2027-02-19"
    out_of_season = {made.family.id for made in by_id(LATER).values() if not in_season(made.family, LATER.date())}
    assert "advent-calendar" in out_of_season
    assert "advent-calendar" not in {
        made.family.id for made in by_id().values() if not in_season(made.family, TODAY.date())
    }


def test_orders_follow_the_promotions_and_return_windows_of_their_own_days():
    told = {promotion.id: promotion for promotion in promotions()}
    goods = by_id(LATER)
    for order in orders(LATER):
        used = [told[id] for id in order.promotion_ids]
        assert all(runs(promotion, order.placed_at) for promotion in used)
        arrived = {variant: parcel.delivered_at for parcel in order.fulfillments for variant in parcel.variant_ids}
        family = {line.variant_id: goods[line.product_id].family for line in order.lines}
        for back in order.returns:
            for variant in back.variant_ids:
                assert back.requested_at <= last_return_day(family[variant], order.placed_at, arrived[variant])
    cream = told["fs-promo-skin"]
    assert any(cream.id in order.promotion_ids and order.placed_at > TODAY for order in orders(LATER))


def test_the_feed_gives_the_store_of_its_day():
    items = list(DemoFeed(date(2027, 2, 20)).read(silent))
    assert [number for number, _ in items] == list(range(1, len(items) + 1))
    assert [row for _, row in items if isinstance(row, OrderRow)] == list(orders(LATER))


def test_a_second_import_within_a_week_is_for_the_same_day_and_a_later_one_for_its_own(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    database.migrate()
    today = date(2027, 2, 20)
    assert demo_day(database, today) == today, "nothing has been imported"
    events = past(LATER).events[-3:]
    with database.transaction() as session:
        session.add_all(
            EventRecord(
                id=event.id,
                kind=event.kind,
                product_id=event.product_id,
                at=event.at,
                value={},
                feed="demo",
                content_hash="",
            )
            for event in events
        )
        visitor = {"id": "own", "kind": "view", "value": {}, "content_hash": "", "feed": "visits"}
        session.add(EventRecord(**visitor, at=LATER + timedelta(days=30)))
    for days, expected in ((0, today), (6, today), (7, today + timedelta(days=7)), (-1, today - timedelta(days=1))):
        assert demo_day(database, today + timedelta(days=days)) == expected
    database.close()
