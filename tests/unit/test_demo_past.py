"""The demo store's past follows the tastes, seasons, trends and biases that it is documented to follow."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from retriever.demo.day import TODAY
from retriever.demo.dice import Dice
from retriever.demo.family import families, shop
from retriever.demo.past import LISTED, POSITION_BIAS, past
from retriever.demo.people import customers
from retriever.demo.relations import by_id, products
from retriever.demo.stock import in_season
from retriever.demo.tastes import crowd, liking, tastes, trend
from retriever.demo.wording import slipped

EVENTS = past().events
GOODS = by_id()


def test_events_name_people_and_goods_that_exist_in_the_order_of_time():
    known = {customer.id for customer in customers()}
    for event in EVENTS:
        assert event.at < TODAY
        assert event.customer_id in known or event.customer_id == ""
        assert event.session_id
        if event.kind == "search":
            assert event.product_id == ""
            assert set(event.value["results"]) <= set(GOODS)
        else:
            assert GOODS[event.product_id].row.published_at < event.at
    starts: dict[str, datetime] = {}
    for event in EVENTS:
        assert starts.setdefault(event.session_id, event.at) <= event.at


def test_every_kind_of_event_occurs_and_the_funnel_narrows():
    kinds = Counter(event.kind for event in EVENTS)
    assert kinds["search"] > 5_000
    assert kinds["view"] > kinds["add_to_cart"] > kinds["purchase"] > 500


def test_what_was_clicked_in_a_search_had_been_shown_there():
    shown: dict[tuple[str, str], list[str]] = {}
    checked = 0
    for event in EVENTS:
        if event.kind == "search":
            shown[event.session_id, event.value["query"]] = event.value["results"]
        elif event.kind == "click" and "query" in event.value:
            results = shown[event.session_id, event.value["query"]]
            assert results[event.value["position"] - 1] == event.product_id
            checked += 1
    assert checked > 3_000


def test_clicks_fall_with_the_position_by_about_the_documented_bias():
    clicks = Counter(event.value["position"] for event in EVENTS if event.kind == "click" and "query" in event.value)
    # The list is also ordered by what is liked, so that the fall may only be steeper than the bias alone.
    assert clicks[1] / clicks[LISTED] >= 0.8 * LISTED**POSITION_BIAS
    halves = sum(clicks[place] for place in range(1, 4)), sum(clicks[place] for place in range(8, 11))
    assert halves[0] > 2 * halves[1]


def test_a_few_goods_take_many_of_the_clicks():
    clicks = sorted(Counter(event.product_id for event in EVENTS if event.kind == "click").values(), reverse=True)
    tenth = len(products()) // 10
    assert 0.25 <= sum(clicks[:tenth]) / sum(clicks) <= 0.7


def test_what_is_new_has_hardly_been_seen():
    views = Counter(event.product_id for event in EVENTS if event.kind == "view")
    young = [made for made in products() if TODAY - made.row.published_at < timedelta(days=40)]
    old = [made for made in products() if TODAY - made.row.published_at > timedelta(days=400)]
    assert len(young) >= 15
    assert sum(views[made.row.id] for made in young) / len(young) < 0.5 * sum(views[m.row.id] for m in old) / len(old)


def test_out_of_season_nobody_searches_for_seasonal_goods():
    for family in (family for family in families() if family.season):
        words = {word for pair in family.wanted for word in pair}
        others = {word for other in families() if other is not family for pair in other.wanted for word in pair}
        days = [
            event.at.date() for event in EVENTS if event.kind == "search" and event.value["query"] in words - others
        ]
        assert days, family.id
        assert all(in_season(family, day) for day in days)


def test_a_trend_is_felt_in_the_clicks():
    for each in crowd().trends:
        near = far = 0
        for event in EVENTS:
            if event.kind == "click" and GOODS[event.product_id].family.id == each.family:
                apart = abs((TODAY.date() - event.at.date()).days - each.ago)
                near += apart <= each.days / 2
                far += 1.5 * each.days < apart <= 2 * each.days  # as many days in all
        assert trend(each.family, TODAY.date() - timedelta(days=each.ago), TODAY.date()) >= each.lift
        assert near > far, each.family


def test_people_buy_what_they_are_said_to_like():
    """The mean liking of what somebody bought lies well above that of the whole shop."""
    better = Counter(
        liking(tastes()[event.customer_id], GOODS[event.product_id])
        > sum(liking(tastes()[event.customer_id], made) for made in products()[::20]) / len(products()[::20])
        for event in EVENTS
        if event.kind == "purchase"
    )
    assert better[True] / better.total() > 0.9


def test_tastes_are_kept_apart_from_the_rows():
    assert len(tastes()) > 3 * len(customers())
    for taste in tastes().values():
        assert abs(sum(taste.interests.values()) - 1) < 1e-9
        assert set(taste.interests) == set(shop().interests)
    text = "".join(row.model_dump_json() for row in (*customers(), *EVENTS[:2_000]))
    assert "purse" not in text
    assert "anonymous-" not in text


def test_some_searches_find_nothing():
    nothing = [event for event in EVENTS if event.kind == "search" and not event.value["results"]]
    assert 50 < len(nothing) < 0.1 * len(EVENTS)
    assert {event.value["query"] for event in nothing} == {word for pair in crowd().unmet for word in pair}


def test_a_slip_of_the_finger_swaps_two_letters():
    assert slipped("mug", Dice("any")) == "mug"
    assert slipped("保温杯", Dice("any")) == "保温杯"
    wrong = slipped("frying pan", Dice("any"))
    assert wrong != "frying pan"
    assert sorted(wrong) == sorted("frying pan")
