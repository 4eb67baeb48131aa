"""Intervals, the randomisation test and Holm's correction."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.significance import bootstrap, holm, paired_difference, randomisation


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_mean_lies_in_its_interval(values: list[float]) -> None:
    interval = bootstrap(values, resamples=300)
    assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9
    assert bootstrap(values, resamples=300) == interval


def test_the_interval_narrows_with_more_queries() -> None:
    rng = random.Random(0)
    few, many = ([rng.random() for _ in range(n)] for n in (20, 2000))
    assert bootstrap(many).high - bootstrap(many).low < (bootstrap(few).high - bootstrap(few).low) / 5


def test_a_steady_small_gain_shows_in_pairs_though_the_intervals_overlap() -> None:
    rng = random.Random(1)
    base = [rng.random() * 0.9 for _ in range(150)]
    better = [value + 0.02 for value in base]
    assert bootstrap(base).high > bootstrap(better).low
    assert paired_difference(better, base).low > 0.019
    assert randomisation(better, base) < 0.001


def test_nothing_to_resample_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        bootstrap([])


def test_the_p_value_of_few_queries_is_counted_out() -> None:
    better, base = [0.9, 0.8, 0.7, 0.4], [0.5, 0.5, 0.5, 0.5]
    differences = [0.4, 0.3, 0.2, -0.1]
    sums = [
        abs(sum(sign * d for sign, d in zip(signs, differences, strict=True))) for signs in product((1, -1), repeat=4)
    ]
    assert randomisation(better, base) == sum(total >= 0.8 - 1e-9 for total in sums) / 16 == 0.25


def test_all_flips_and_drawn_flips_agree() -> None:
    rng = random.Random(2)
    base = [rng.random() for _ in range(13)]
    better = [value + rng.gauss(0.05, 0.15) for value in base]
    exactly = randomisation(better, base)
    far = [1e-9 * rng.choice((-1, 1)) for _ in range(10)]  # as good as even: only makes the flips too many to try
    drawn = randomisation([*better, *far], [0.0 + value for value in [*base, *[0.0] * 10]])
    assert drawn == pytest.approx(exactly, abs=0.02)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=9))
def test_the_test_takes_no_side(pairs: list[tuple[float, float]]) -> None:
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    assert 0 < randomisation(one, other) <= 1
    assert randomisation(one, other) == randomisation(other, one)


def test_alike_rankers_are_told_apart_as_rarely_as_is_said() -> None:
    rng = random.Random(3)
    called = 0
    for _ in range(200):
        one, other = ([rng.random() for _ in range(12)] for _ in range(2))
        called += randomisation(one, other) < 0.05
    assert called <= 20  # 10 are expected; more than 20 have a chance below 1 in 1,000


def test_equal_rankers_have_a_p_of_one() -> None:
    assert randomisation([0.1, 0.2], [0.1, 0.2]) == 1.0


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


@given(st.dictionaries(st.integers(), st.floats(0, 1)))
def test_a_correction_never_helps_and_keeps_the_order(p_values: dict[int, float]) -> None:
    corrected = holm(p_values)
    assert all(1 >= corrected[name] >= p for name, p in p_values.items())
    by_p = sorted(p_values, key=lambda name: p_values[name])
    assert [corrected[name] for name in by_p] == sorted(corrected.values())


def test_many_values_that_repeat_have_the_interval_that_theory_gives_them() -> None:
    hits = [1.0] * 1_000 + [0.0] * 19_000
    interval = bootstrap(hits)
    spread = 1.96 * (0.05 * 0.95 / 20_000) ** 0.5
    assert interval.mean == pytest.approx(0.05)
    assert (interval.low, interval.high) == pytest.approx((0.05 - spread, 0.05 + spread), abs=1e-4)


def test_many_values_that_hardly_repeat_have_the_interval_that_theory_gives_them() -> None:
    rng = random.Random(4)
    interval = bootstrap([rng.random() for _ in range(5_000)])
    assert (interval.high - interval.low) / 2 == pytest.approx(1.96 * (1 / 12 / 5_000) ** 0.5, rel=0.1)


def test_many_differences_of_few_sizes_are_flipped_by_the_count() -> None:
    up, down = 1_300, 1_200  # two standard deviations of a fair coin's 2,500 throws apart
    assert randomisation([1.0] * up + [0.0] * down, [0.0] * up + [1.0] * down) == pytest.approx(0.0477, abs=0.006)
