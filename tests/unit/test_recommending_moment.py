"""What the moment of a visit tells of a stranger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.errors import UnavailableError
from retriever.recommending.asking import Asked, Context
from retriever.recommending.candidate import Because
from retriever.recommending.knowledge.co_occurrence import nobody_together
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.likely import highest, likely
from retriever.recommending.situation import Situation
from retriever.recommending.sources.moment import Moment
from retriever.recommending.visit.landing import landed_category, named_on_the_way, searched_words

KINDS = ("", "Camp Stoves", "Mugs", "Tents")
BRANDS = ("", "Fjell", "Ember")
ROWS = [
    ("cup", 2, 1, 900.0),
    ("dome", 3, 1, 9000.0),
    ("gift", 0, 0, 2500.0),
    ("jet", 1, 2, 5000.0),
    ("mug", 2, 2, 700.0),
]
GOODS = Goods(
    ids=tuple(row[0] for row in ROWS),
    categories=KINDS,
    category=np.array([row[1] for row in ROWS], dtype=np.int32),
    brands=BRANDS,
    brand=np.array([row[2] for row in ROWS], dtype=np.int32),
    price=np.array([row[3] for row in ROWS]),
    available=np.ones(5, dtype=bool),
    published=np.full(5, np.nan),
    rating=np.full(5, 4.0),
    rated=np.full(5, 3),
    position=np.arange(5),
)


def crowd(wanted: Sequence[float] = (0, 0, 0, 0, 0), recent: Sequence[float] = (0, 0, 0, 0, 0)) -> Crowd:
    held = np.array(wanted, dtype=np.float64)
    return Crowd(
        0.0, int(held.sum()), (held > 0).astype(np.int64), held, np.array(recent, float), held * 0, nobody_together(5)
    )


def visit(*, wanted: Sequence[float] = (0, 0, 0, 0, 0), **context: Any) -> Situation:
    return Situation(Asked(context=Context(**context)), 0.0, GOODS, crowd(wanted))


def nothing(words: str, limit: int) -> list[str]:
    return []


def test_a_stranger_of_whom_nothing_is_known_gets_nothing_of_the_moment() -> None:
    assert Moment(nothing).candidates(visit(), 10) == ()
    assert Moment(nothing).candidates(visit(locale="zh-CN", referrer="https://blog.example/a"), 10) == ()


def test_the_page_that_was_landed_on_tells_the_category_and_is_not_recommended_itself() -> None:
    of_category = Moment(nothing).candidates(visit(category="mugs"), 10)
    of_product = Moment(nothing).candidates(visit(product_id="cup"), 10)

    assert {one.id for one in of_category} == {"cup", "mug"}
    assert [one.id for one in of_product] == ["mug"]
    assert of_product[0].because == (Because("landed", name="Mugs"),)


def test_what_was_searched_for_here_or_elsewhere_is_searched_for_in_the_shop() -> None:
    heard: list[str] = []

    def search(words: str, limit: int) -> list[str]:
        heard.append(words)
        return ["jet", "unknown", "dome"][:limit]

    own = Moment(search).candidates(visit(query="  camp   fire "), 10)
    Moment(search).candidates(visit(referrer="https://www.google.com/search?q=gas+stove&utm_term=x"), 10)
    Moment(search).candidates(visit(referrer="https://www.baidu.com/s?wd=%E7%82%89%E5%AD%90"), 10)

    assert heard == ["camp fire", "gas stove", "炉子"]
    assert [one.id for one in own] == ["jet", "dome"]
    assert own[0].because == (Because("searched", name="camp fire"),)


def test_a_search_that_fails_says_nothing_and_the_rest_still_counts() -> None:
    def broken(words: str, limit: int) -> list[str]:
        raise UnavailableError("The index is away.", "Wait.")

    found = Moment(broken).candidates(visit(query="fire", category="Tents"), 10)

    assert [one.id for one in found] == ["dome"]


def test_the_address_that_led_here_may_name_a_category() -> None:
    found = Moment(nothing).candidates(visit(referrer="https://reviews.example/best/camp-stoves/2026"), 10)

    assert [(one.id, one.because) for one in found] == [("jet", (Because("landed", name="Camp Stoves"),))]


def test_answers_choose_the_goods_and_are_the_reason() -> None:
    found = Moment(nothing).candidates(visit(answers={"category": "Mugs", "price": "800-1000", "brand": "any"}), 10)

    assert [one.id for one in found] == ["cup", "mug"]
    assert found[0].because == (Because("answered", name="Mugs"), Because("answered", name="800-1000"))
    assert found[1].because == (Because("answered", name="Mugs"),)


def test_of_goods_that_fit_alike_the_more_wanted_comes_first() -> None:
    found = Moment(nothing).candidates(visit(category="Mugs", wanted=[1, 0, 0, 0, 900]), 10)

    assert [one.id for one in found] == ["mug", "cup"]


def test_unknown_pages_and_broken_addresses_tell_nothing() -> None:
    for context in (Context(category="Unicorns"), Context(referrer="http://[::1"), Context(product_id="unknown")):
        assert landed_category(context, GOODS) is None
        assert searched_words(context) == ""
        assert named_on_the_way(context, GOODS) == (None, None)


@given(st.text(max_size=200))
def test_no_address_breaks_the_request(address: str) -> None:
    context = Context(referrer=address)

    assert len(searched_words(context)) <= 200
    assert len(named_on_the_way(context, GOODS)) == 2


def test_likely_goods_go_over_from_ratings_to_counts_without_a_step() -> None:
    of_ratings = likely(GOODS, crowd())
    for events, nearer in ((1, "ratings"), (100_000, "counts")):
        found = likely(GOODS, crowd([0, events, 0, 0, 0]))
        assert found.sum() == pytest.approx(1)
        assert (found[1] > 0.5) == (nearer == "counts")
    assert of_ratings.tolist() == pytest.approx([0.2] * 5)
    one_more = likely(GOODS, crowd([0, 1, 0, 0, 0]))
    assert np.abs(one_more - of_ratings).max() < 0.01


def test_what_is_wanted_these_days_counts_more_than_what_was_once_wanted_as_much() -> None:
    found = likely(GOODS, crowd([500, 500, 0, 0, 0], [0, 400, 0, 0, 0]))

    assert found[1] > found[0]


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(-1, 40))
def test_the_highest_are_what_a_stable_sort_puts_first(scores: list[int], limit: int) -> None:
    held = np.array(scores, dtype=np.float64)

    assert highest(held, limit).tolist() == np.argsort(-held, kind="stable")[: max(limit, 0)].tolist()
