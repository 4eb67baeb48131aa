"""Training data from recorded events: what belongs to which list, what is left out, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ranker.clicks import Limits
from retriever.errors import BadInputError
from retriever.product import Availability, PriceRange, Product, Stamped
from retriever.supervision.clicked import Event, groups_of, read_showings


class Shelf:
    """A catalogue in memory."""

    def __init__(self, *ids: str) -> None:
        self._ids = ids

    def all_ids(self) -> list[str]:
        return list(self._ids)

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        return [
            Stamped(
                product=Product(
                    id=id,
                    title=f"Mug {id}",
                    price_range=PriceRange(),
                    availability=Availability(available=True, status="in_stock"),
                )
            )
            for id in ids
            if id in self._ids
        ]


def event(kind: str, at: float, product: str = "", *, session: str = "s1", id: str = "", **value: Any) -> Event:
    """An event of a session."""
    return Event(id or f"{session}-{at}", kind, at, "", session, product, value)


def search(at: float, *ids: str, query: str = "mug", **changed: Any) -> Event:
    """A search that showed these products."""
    return event("search", at, query=query, results=list(ids), **changed)


def came_of(*events: Event) -> list[list[tuple[str, str]]]:
    """What was done with what, list by list."""
    return [[(act.id, act.kind) for act in showing.acts] for showing in read_showings(events)[0]]


def test_a_click_belongs_to_the_last_search_with_its_query_that_showed_the_product() -> None:
    lists = (search(0, "a", "b"), search(10, "c", "a"), search(20, "a", query="cup"))
    assert came_of(*lists, event("click", 30, "a", query=" MUG ", position=2)) == [[], [("a", "click")], []]
    assert came_of(*lists, event("click", 30, "b", query="mug")) == [[("b", "click")], [], []]
    assert came_of(*lists, event("click", 30, "a")) == [[], [], [("a", "click")]]


def test_a_click_may_name_its_search() -> None:
    lists = (search(0, "a", id="first"), search(10, "a", id="second"))
    assert came_of(*lists, event("click", 30, "a", search_id="first")) == [[("a", "click")], []]
    assert came_of(*lists, event("click", 30, "a", search_id="another")) == [[], []]


def test_a_position_tells_two_pages_apart() -> None:
    pages = (search(0, "a", "b"), search(10, "c", "a", offset=2))
    assert came_of(*pages, event("click", 30, "a", query="mug", position=1)) == [[("a", "click")], []]
    assert came_of(*pages, event("click", 30, "a", query="mug", position=4)) == [[], [("a", "click")]]


def test_carts_and_purchases_follow_the_last_click() -> None:
    lists = (search(0, "a", "b"), search(10, "a", query="cup"))
    bought = (event("click", 20, "a", query="mug"), event("add_to_cart", 30, "a"), event("purchase", 40, "a"))
    assert came_of(*lists, *bought) == [[("a", "click"), ("a", "add_to_cart"), ("a", "purchase")], []]
    assert came_of(*lists, event("purchase", 40, "b")) == [[], []]


@pytest.mark.parametrize("other", [{"category": "Mugs"}, {"list": "popular"}, {"recommendation_id": "r1"}])
def test_what_was_found_elsewhere_belongs_to_no_search(other: dict[str, str]) -> None:
    elsewhere = (event("click", 10, "a", **other), event("purchase", 20, "a"))
    showings, log = read_showings([search(0, "a"), *elsewhere])
    assert showings[0].acts == ()
    assert (log.acts, log.other_acts) == (0, 2)


def test_sessions_are_apart_and_a_day_later_is_too_late() -> None:
    assert came_of(search(0, "a"), event("click", 1, "a", query="mug", session="s2")) == [[]]
    assert came_of(search(0, "a"), event("click", 90_000, "a", query="mug")) == [[]]


@pytest.mark.parametrize(
    "value", [{}, {"query": 3, "results": []}, {"query": "mug"}, {"query": "mug", "results": "a"}, {"query": " "}]
)
def test_a_search_that_does_not_say_what_it_showed_is_counted(value: dict[str, Any]) -> None:
    showings, log = read_showings([event("search", 0, **value)])
    assert (showings, log.unreadable, log.searches) == ([], 1, 0)


def test_garbled_places_are_no_places() -> None:
    [showing], _ = read_showings([event("search", 0, query="mug", results=["a", None, 3, "a", "b"], offset=-4)])
    assert (showing.ids, showing.offset) == (("a", "b"), 0)


def visits(count: int) -> list[Event]:
    """Visitors who all see three mugs and like the second."""
    return [
        made
        for number in range(count)
        for made in (
            search(0, "a", "b", "gone", session=f"s{number}"),
            event("click", 10, "b", session=f"s{number}", query="mug", position=2),
        )
    ]


def test_groups_hold_the_words_of_what_is_still_sold() -> None:
    learned = groups_of(visits(9), Shelf("a", "b"), weight=0.5)
    [group] = learned.groups
    assert (group.query, group.ids, group.texts, group.source) == ("mug", ("a", "b"), ("Mug a", "Mug b"), "clicks")
    assert group.gains[1] == 1 > group.gains[0]
    assert all(0 < weight <= 0.5 for weight in group.weights)
    assert (learned.log.searches, learned.log.acts, learned.log.gone_products) == (9, 9, 1)
    assert not learned.bias.measured


def test_a_query_of_few_visitors_is_nobodys_business() -> None:
    with pytest.raises(BadInputError, match="1 queries are of too few visitors") as caught:
        groups_of(visits(4), Shelf("a", "b"), limits=Limits(visitors=5, showings=1))
    assert "more visitors" in caught.value.hint


@pytest.mark.parametrize(
    ("events", "advice"),
    [
        ([], "Wait"),
        ([event("search", 0, query="mug")], "results"),
        ([search(0, "a", "b"), event("click", 1, "a", session="s2")], "search_id"),
    ],
)
def test_a_log_that_teaches_nothing_says_what_it_lacks(events: list[Event], advice: str) -> None:
    with pytest.raises(BadInputError, match="Nothing can be learned") as caught:
        groups_of(events, Shelf("a", "b"))
    assert advice in caught.value.hint
