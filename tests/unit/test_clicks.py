"""Relevance from clicks: simulated visitors who look at the first places most, and what is learned from them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from scipy.stats import kendalltau

from ranker.clicks import (
    Act,
    Kind,
    Limits,
    Showing,
    clean,
    learn,
    position_bias,
    rates,
    tally,
)

PLACES = 10
QUERIES = 8
RELEVANCE = {f"p{number}": 0.2 + 0.6 * number / (PLACES - 1) for number in range(PLACES)}


@cache
def visits(steepness: float, *, moving: float = 0.2, often: int = 300, seed: int = 7) -> tuple[Showing, ...]:
    """Visitors of a shop that shows the least relevant product first, now and then in another order.

    Place k is looked at with probability ``k ** -steepness``; what is looked at is clicked by its relevance.
    """
    dice = np.random.default_rng(seed)
    worst_first = np.array(list(RELEVANCE))
    looked = np.arange(1, PLACES + 1, dtype=float) ** -steepness
    made: list[Showing] = []
    for number in range(QUERIES * often):
        ids = dice.permutation(worst_first) if dice.random() < moving else worst_first
        chance = looked * np.array([RELEVANCE[id] for id in ids])
        clicked = ids[dice.random(PLACES) < chance]
        acts = tuple(Act(id, "click", 1e6 * number + place) for place, id in enumerate(clicked))
        made.append(Showing(f"q{number % QUERIES}", f"v{number}", 1e6 * number, tuple(ids), acts))
    return tuple(made)


def agreement(values: Sequence[float], ids: Sequence[str]) -> float:
    """Kendall's tau with the true relevance: 1 the same order, -1 the reverse."""
    return float(kendalltau(values, [RELEVANCE[id] for id in ids]).statistic)


def mean_agreement(showings: Sequence[Showing], *, corrected: bool) -> float:
    """Over the queries, of the learned gains or of the plain click rates."""
    if corrected:
        learned = learn(showings).queries
        return float(np.mean([agreement(one.gains, one.ids) for one in learned]))
    counts = tally(showings)
    rate = counts.by_pair(counts.clicks) / counts.by_pair(counts.shown)
    rows = {query: [row for row, pair in enumerate(counts.pairs) if pair[0] == query] for query, _ in counts.pairs}
    return float(np.mean([agreement(rate[held], [counts.pairs[row][1] for row in held]) for held in rows.values()]))


@pytest.mark.parametrize("steepness", [1.0, 1.5])
def test_corrected_clicks_recover_the_order_that_click_rates_hide(steepness: float) -> None:
    showings = visits(steepness)
    raw, corrected = (mean_agreement(showings, corrected=way) for way in (False, True))
    assert raw < 0
    assert corrected > 0.6


@pytest.mark.parametrize("steepness", [0.0, 0.5, 1.0, 1.5])
def test_the_bias_is_found_in_the_log(steepness: float) -> None:
    bias = position_bias(tally(visits(steepness)))
    truth = np.arange(1, PLACES + 1, dtype=float) ** -steepness
    assert bias.measured
    assert np.abs(np.array(bias.propensities) - truth).max() < 0.15


def test_a_bias_is_assumed_where_nothing_moved() -> None:
    bias = position_bias(tally(visits(1.0, moving=0.0)))
    assert not bias.measured
    assert bias.propensities[:3] == pytest.approx((1, 1 / 2, 1 / 3))


def test_inverse_propensities_agree_with_expected_looks() -> None:
    counts = tally(visits(1.0))
    bias = position_bias(counts)
    examined, inverse = (rates(counts, bias, Limits(), way)[0] for way in ("examined", "inverse"))
    assert np.corrcoef(examined, inverse)[0, 1] > 0.9


def test_a_floor_keeps_a_single_deep_click_from_outweighing_all() -> None:
    deep = tuple(f"p{number}" for number in range(200))
    counts = tally([Showing("q", "v", 0, deep, (Act("p199", "click", 1),))])
    bias = position_bias(counts)
    looks = rates(counts, bias, Limits(floor=0.05))[1]
    assert looks.min() == pytest.approx(0.05)
    assert rates(counts, bias, Limits(floor=0.001))[1].min() == pytest.approx(1 / 200)


def test_a_purchase_says_more_than_a_cart_and_a_cart_more_than_a_click() -> None:
    kinds: tuple[Kind, ...] = ("click", "add_to_cart", "purchase")
    showings = [
        Showing("tea", f"v{n}", n, ("a", "b", "c", "d")[n % 4 :] + ("a", "b", "c", "d")[: n % 4], acts)
        for n in range(40)
        for acts in [tuple(Act(id, kind, n) for id, kind in zip("abc", kinds, strict=True))]
    ]
    [learned] = learn(showings).queries
    gains = dict(zip(learned.ids, learned.gains, strict=True))
    assert gains["c"] == 1.0
    assert gains["c"] > gains["b"] > gains["a"] > gains["d"]


def test_of_one_showing_only_the_most_counts() -> None:
    acts = (Act("a", "click", 1), Act("a", "add_to_cart", 2), Act("a", "click", 3))
    counts = tally([Showing("tea", "v", 0, ("a", "b"), acts)])
    assert counts.clicks.tolist() == [1, 0]
    assert counts.worth.tolist() == [0.5, 0]


def test_further_pages_stand_below_the_first() -> None:
    counts = tally([Showing("tea", "v", 0, ("a", "b"), offset=10)])
    assert counts.place.tolist() == [10, 11]


def test_queries_of_few_visitors_and_products_shown_seldom_are_left_out() -> None:
    often = [Showing("tea", f"v{n}", n, ("a", "b"), (Act("a", "click", n),)) for n in range(10)]
    seldom = [Showing("tea", "v0", 99, ("rare", "a"), (Act("rare", "purchase", 99),))]
    private = [Showing("my own address", "v1", 10_000 * n, ("a", "b"), (Act("b", "click", n),)) for n in range(50)]
    lessons = learn([*often, *seldom, *private])

    assert [(one.query, one.ids) for one in lessons.queries] == [("tea", ("a", "b"))]
    assert (lessons.rare_queries, lessons.rare_products) == (1, 1)
    assert learn([*often, *private], Limits(visitors=1)).rare_queries == 0


def test_a_query_without_any_click_teaches_nothing() -> None:
    lessons = learn([Showing("tea", f"v{n}", n, ("a", "b")) for n in range(10)])
    assert (lessons.queries, lessons.unused_queries) == ((), 1)


def test_gains_and_weights_are_ready_for_training() -> None:
    for one in learn(visits(1.0)).queries:
        assert all(0 <= gain <= 1 for gain in one.gains)
        assert all(0 < weight <= 1 for weight in one.weights)


def test_a_query_that_found_nothing_good_has_no_gain_of_one() -> None:
    ids = ("a", "b")
    good = [
        Showing(f"q{q}", f"v{n}", n, ids, (Act("a", "purchase", n),) if n % 2 else ())
        for q in range(3)
        for n in range(20)
    ]
    poor = [Showing("poor", f"v{n}", n, ids, (Act("b", "click", n),) if n == 1 else ()) for n in range(20)]
    best = {one.query: max(one.gains) for one in learn([*good, *poor]).queries}
    assert best["q0"] == 1.0
    assert best["poor"] < 0.5


def test_a_list_loaded_again_is_one_showing_with_all_that_came_of_it() -> None:
    again = [
        Showing("tea", "v", 0, ("a", "b"), (Act("a", "click", 1),)),
        Showing("tea", "v", 60, ("a", "b"), (Act("b", "click", 61),)),
        Showing("tea", "v", 60, ("b", "a")),
        Showing("tea", "w", 60, ("a", "b")),
        Showing("tea", "v", 90_000, ("a", "b")),
    ]
    cleaned = clean(again)
    assert cleaned.repeats == 1
    assert [len(showing.acts) for showing in sorted(cleaned.showings, key=lambda one: one.at)] == [2, 0, 0, 0]


def test_programs_are_left_out() -> None:
    ids = tuple(f"p{number}" for number in range(25))
    everything = Showing("tea", "reads all", 0, ids, tuple(Act(id, "click", 600 * n) for n, id in enumerate(ids)))
    fast = [Showing("tea", "fast", n, ids, (Act(ids[0], "click", n),)) for n in range(200)]  # 200 clicks in 200 seconds
    people = [Showing("tea", f"v{n}", n, ids, (Act(ids[0], "click", n), Act(ids[1], "click", n))) for n in range(9)]
    cleaned = clean([everything, *fast, *people])

    assert {showing.visitor for showing in cleaned.showings} == {f"v{n}" for n in range(9)}
    assert (cleaned.bots, cleaned.bot_showings) == (2, 201)


def test_an_empty_log_teaches_nothing() -> None:
    assert learn([]).queries == ()
    assert clean([]).showings == ()
