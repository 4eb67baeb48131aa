"""nDCG, and which products a step looks at."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.cross.batches import epoch_order, sample, steps_an_epoch, useful
from ranker.cross.judging import judge, ndcg
from ranker.cross.recipe import Recipe
from ranker.cross.scoring import Pair, Scores, by_length
from ranker.groups import Group

GAINS = st.lists(st.sampled_from([0.0, 0.01, 0.1, 1.0]), min_size=1, max_size=40)


class ByLength:
    """The longer a text, the better it is."""

    name = "length"

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        return np.array([len(text) for text in texts], dtype=np.float32)


def group(texts: Sequence[str], gains: Sequence[float]) -> Group:
    return Group("a query", tuple(texts), tuple(texts), tuple(gains))


def test_ndcg_by_hand() -> None:
    assert ndcg([3, 2, 1], [0.0, 1.0, 0.1]) == pytest.approx((1 / math.log2(3) + 0.1 / 2) / (1 + 0.1 / math.log2(3)))


@given(GAINS)
def test_the_ideal_order_is_one_and_no_order_is_better(gains: list[float]) -> None:
    ideal = ndcg(gains, gains)
    assert ideal == pytest.approx(1.0 if max(gains) else 0.0)
    assert ndcg([-gain for gain in gains], gains) <= ideal


def test_saying_the_same_of_everything_earns_nothing() -> None:
    assert ndcg([1.0] * 11, [1.0] + [0.0] * 10) == 0.0


def test_queries_with_nothing_to_find_are_left_out_of_the_mean() -> None:
    found = judge(ByLength(), [group(["aaa", "b"], [1.0, 0.0]), group(["aaa", "b"], [0.0, 0.0])])
    assert found.each == (1.0,)
    assert found.ndcg == 1.0


@given(GAINS, st.integers(2, 20), st.integers(0, 3))
def test_a_sample_has_good_and_bad_products(gains: list[float], count: int, seed: int) -> None:
    rows = sample(gains, count, random.Random(seed))
    assert len(rows) == len(set(rows)) == min(count, len(gains))
    if len(set(gains)) > 1:
        assert len({gains[row] for row in rows}) > 1


def test_every_epoch_sees_every_group_once_in_an_order_of_its_own() -> None:
    recipe = Recipe(groups=4)
    orders = [epoch_order(10, recipe, epoch) for epoch in range(3)]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert orders[0] != orders[1] != orders[2]
    assert steps_an_epoch([group(["a"], [1.0])] * 10, recipe) == 3


def test_only_a_pointwise_loss_learns_from_groups_of_one_gain() -> None:
    groups = [group(["a", "b"], [1.0, 0.0]), group(["a", "b"], [1.0, 1.0])]
    assert len(useful(groups, Recipe(loss="bce"))) == 2
    assert useful(groups, Recipe(loss="lambda")) == groups[:1]


@given(st.lists(st.integers(1, 96), max_size=80), st.integers(1, 40))
def test_batches_hold_every_pair_once_and_like_lengths_together(lengths: list[int], batch: int) -> None:
    pairs = [Pair((1,) * length, (0,) * length) for length in lengths]
    batches = list(by_length(pairs, batch))
    assert sorted(row for rows in batches for row in rows) == list(range(len(pairs)))
    assert [lengths[row] for rows in batches for row in rows] == sorted(lengths, reverse=True)
    assert all(len(rows) <= batch for rows in batches)
