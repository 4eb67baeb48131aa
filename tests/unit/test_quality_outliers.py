"""Prices and vectors far from those of their category, and categories by vote."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.feeds.rows import ProductRow
from retriever.quality import QualityReport
from retriever.quality.neighbours import Neighbourhood
from retriever.quality.outliers import Prices, robust_z


def priced(prices, category="Tents") -> list[tuple[int, float]]:
    collected = Prices(group=8, limit=3.5)
    for place, price in enumerate(prices):
        collected.add(place, category, price)
    return [(outlier.place, round(outlier.price, 2)) for outlier in collected.outliers()]


def test_a_price_a_hundred_times_too_low_stands_out():
    assert priced([180, 220, 240, 199, 260, 310, 2.4, 205, 230]) == [(6, 2.4)]


def test_a_category_of_few_has_no_outliers():
    assert priced([180, 220, 240, 199, 2.4]) == []


def test_where_all_cost_the_same_a_little_more_is_no_outlier():
    assert priced([100.0] * 20 + [110.0]) == []
    assert priced([100.0] * 20 + [900.0]) == [(20, 900.0)]


def test_each_category_is_measured_by_itself():
    report = QualityReport("USD")
    for number in range(12):
        for category, price in (("Tents", 200 + number), ("Pegs", 2 + number / 10)):
            row = {"id": f"{category}{number}", "title": f"{category} {number}", "categories": [category]}
            report.see(ProductRow.model_validate(row | {"price": price}))
    row = {"id": "odd", "title": "Odd", "categories": ["Tents"], "price": "2.50"}
    report.see(ProductRow.model_validate(row))
    report.see(ProductRow.model_validate(row | {"id": "foreign", "title": "Foreign", "currency": "JPY"}))
    (found,) = (finding for finding in report.findings() if finding.check == "price_outlier")
    assert found.examples == ("odd: 2.50 where the middle of Tents is 205.00",)


def test_the_summaries_have_the_largest_category_first():
    collected = Prices(group=3, limit=3.5)
    for place, (category, price) in enumerate([("A", 1), ("A", 2), ("A", 4), *[("B", 10)] * 4, ("C", 5)]):
        collected.add(place, category, price)
    largest, other = collected.summaries()
    assert (largest.category, largest.count, largest.median) == ("B", 4, pytest.approx(10))
    assert (other.least, other.median, other.most) == pytest.approx((1, 2, 4))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_half_of_all_values_are_never_far(values):
    far = robust_z(np.array(values), least=1e-6)
    assert np.isfinite(far).all()
    assert np.median(np.abs(far)) <= 0.6745 + 1e-6


def around(direction: int, count: int, spread: float = 0.15, seed: int = 0):
    """Unit vectors around one axis of sixteen."""
    rng = np.random.default_rng(seed + direction)
    rows = np.eye(16, dtype=np.float32)[[direction] * count]
    rows = rows + rng.normal(size=rows.shape).astype(np.float32) * spread / 4
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def neighbourhood():
    with Neighbourhood(group=8) as held:
        held.add([f"tent{n}" for n in range(20)], [("Outdoor", "Tents")] * 20, around(0, 20))
        held.add([f"desk{n}" for n in range(20)], [("Home", "Desks")] * 20, around(1, 20))
        held.add([f"lamp{n}" for n in range(20)], [("Home", "Lamps")] * 20, around(2, 20))
        yield held


def test_a_desk_among_the_tents_stands_apart(neighbourhood):
    neighbourhood.add(["odd"], [("Outdoor", "Tents")], around(1, 1))
    assert [(found.id, found.category, found.nearer) for found in neighbourhood.apart(3.5, 0.1)] == [
        ("odd", "Tents", "Desks")
    ]


def test_where_everything_is_in_place_nothing_stands_apart(neighbourhood):
    assert neighbourhood.apart(3.5, 0.1) == []


def test_a_category_of_few_is_left_out(neighbourhood):
    neighbourhood.add(["a", "b"], [("Outdoor", "Pegs")] * 2, np.vstack([around(1, 1), around(5, 1)]))
    assert neighbourhood.apart(3.5, 0.1) == []


def test_products_may_be_added_after_a_look(neighbourhood):
    neighbourhood.apart(3.5, 0.1)
    neighbourhood.add(["odd"], [("Outdoor", "Tents")], around(1, 1))
    assert [found.id for found in neighbourhood.apart(3.5, 0.1)] == ["odd"]


def test_neighbours_vote_at_every_depth(neighbourhood):
    between = (around(1, 1) + around(2, 1)) / np.sqrt(2)
    desk, both = neighbourhood.votes(np.vstack([around(1, 1, seed=9), between]))
    assert [(vote.path, vote.share, vote.voters) for vote in desk] == [
        (("Home", "Desks"), pytest.approx(1), 10),
        (("Home",), pytest.approx(1), 10),
    ]
    assert both[0].share < 1
    assert both[1].path == ("Home",)
    assert both[1].share == pytest.approx(1)


def test_nobody_votes_where_nothing_is_known():
    with Neighbourhood(group=8) as empty:
        empty.add(["a"], [()], around(0, 1))
        assert empty.votes(around(0, 2)) == [[], []]
        assert empty.apart(3.5, 0.1) == []
