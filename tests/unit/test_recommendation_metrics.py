"""The metrics of recommendations: by hand, and against slow counting over every candidate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.recommendation.metrics import Shelf, accuracy, gini, lists, of_list
from eval.recommendation.placing import Ints, Placed, Placing

NOTHING = np.array([], dtype=np.int64)


def ints(*values: int) -> Ints:
    return np.asarray(values, dtype=np.int64)


def placed(scores: list[float], wanted: Ints, excluded: Ints = NOTHING, depth: int = 20, seed: int = 0) -> Placed:
    return Placing(len(scores), depth, seed).place(np.asarray(scores, dtype=np.float32), wanted, excluded)


def test_one_wanted_item_in_the_third_place() -> None:
    found = accuracy(placed([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], ints(2)))
    assert found["hr@5"] == 1
    assert found["ndcg@5"] == pytest.approx(1 / math.log2(4))
    assert found["mrr"] == pytest.approx(1 / 3)
    assert found["auc"] == pytest.approx(3 / 5)  # three of the five others stand below it
    assert found["precision@5"] == pytest.approx(1 / 5)
    assert found["recall@5"] == 1
    assert found["f1@5"] == pytest.approx(2 * 0.2 / 1.2)


def test_several_wanted_items_of_which_some_are_beyond_the_cutoff() -> None:
    scores = [1.0 - place / 100 for place in range(30)]
    found = accuracy(placed(scores, ints(0, 3, 25)))
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["ndcg@10"] == pytest.approx((1 + 1 / math.log2(5)) / ideal)
    assert found["recall@10"] == pytest.approx(2 / 3)
    assert found["precision@10"] == pytest.approx(0.2)
    assert found["f1@10"] == pytest.approx(2 * 0.2 * (2 / 3) / (0.2 + 2 / 3))
    assert found["auc"] == pytest.approx((27 + 25 + 4) / (3 * 27))


def test_what_is_excluded_takes_no_place() -> None:
    found = placed([0.9, 0.8, 0.7], ints(2), excluded=ints(0, 1))
    assert found.ranks.tolist() == [1]
    assert found.candidates == 1
    assert found.first.tolist() == [2]
    assert accuracy(found)["auc"] == 1


def test_a_model_that_scores_everything_alike_is_as_good_as_chance() -> None:
    ranks = [placed([0.5] * 100, ints(0), seed=seed).ranks[0] for seed in range(400)]
    assert np.mean(ranks) == pytest.approx(50.5, abs=5)
    assert accuracy(placed([0.5] * 100, ints(0)))["auc"] == pytest.approx(0.5)


def test_equal_scores_stand_in_one_order_for_all_models() -> None:
    one, other = (placed([value] * 50, ints(7), depth=10) for value in (0.1, 0.9))
    assert one.first.tolist() == other.first.tolist()
    assert one.ranks.tolist() == other.ranks.tolist()


scores_of_people = st.integers(2, 40).flatmap(
    lambda size: st.tuples(
        st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0, -math.inf]), min_size=size, max_size=size),
        st.sets(st.integers(0, size - 1), min_size=1),
        st.sets(st.integers(0, size - 1)),
        st.integers(1, 25),
    )
)


@given(scores_of_people)
def test_places_agree_with_counting(case: tuple[list[float], set[int], set[int], int]) -> None:
    scores, wanted, excluded, depth = case
    excluded -= wanted
    found = placed(scores, ints(*sorted(wanted)), ints(*sorted(excluded)), depth)
    candidates = [column for column in range(len(scores)) if column not in excluded]
    whole = placed(scores, ints(*sorted(wanted)), ints(*sorted(excluded)), len(scores)).first.tolist()

    assert sorted(whole) == candidates
    assert [scores[column] for column in whole] == sorted((scores[column] for column in candidates), reverse=True)
    assert found.first.tolist() == whole[:depth]
    assert found.ranks.tolist() == sorted(whole.index(column) + 1 for column in wanted)
    assert found.candidates == len(candidates)


@given(scores_of_people)
def test_metrics_agree_with_counting(case: tuple[list[float], set[int], set[int], int]) -> None:
    scores, wanted, excluded, _ = case
    excluded -= wanted
    held = placed(scores, ints(*sorted(wanted)), ints(*sorted(excluded)), len(scores))
    found, ranking = accuracy(held), held.first.tolist()
    for k in (5, 10, 20):
        hits = [column in wanted for column in ranking[:k]]
        ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(wanted))))
        assert found[f"hr@{k}"] == any(hits)
        assert found[f"precision@{k}"] == pytest.approx(sum(hits) / k)
        assert found[f"recall@{k}"] == pytest.approx(sum(hits) / len(wanted))
        gain = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits))
        assert found[f"ndcg@{k}"] == pytest.approx(gain / ideal)
    assert found["mrr"] == pytest.approx(1 / next(place for place, one in enumerate(ranking, 1) if one in wanted))
    pairs = [
        1.0 if scores[one] > scores[other] else 0.5 if scores[one] == scores[other] else 0.0
        for one in wanted
        for other in ranking
        if other not in wanted
    ]
    assert found["auc"] == pytest.approx(sum(pairs) / len(pairs) if pairs else 1.0)


def test_the_self_information_of_items() -> None:
    shelf = Shelf(counts=ints(3, 1, 0), people=3)
    assert shelf.surprise().tolist() == [0.0, 1.0, 2.0]  # everybody has it; half do; only the one who has everything


def test_the_long_tail_is_what_the_head_leaves() -> None:
    assert Shelf(counts=ints(50, 30, 15, 5, 0), people=60).tail().tolist() == [False, False, True, True, True]
    assert Shelf(counts=ints(0, 5, 15, 30, 50), people=60).tail().tolist() == [True, True, True, False, False]


def test_diversity_by_vectors_and_by_category() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    by_vectors = Shelf(ints(1, 1, 1), 3, vectors=vectors)
    assert by_vectors.diversity(ints(0, 1)) == pytest.approx(0)
    assert by_vectors.diversity(ints(0, 1, 2)) == pytest.approx(2 / 3)
    by_category = Shelf(ints(1, 1, 1, 1), 3, categories=ints(4, 4, 5, -1))
    assert by_category.diversity(ints(0, 1, 2)) == pytest.approx(2 / 3)
    assert by_category.diversity(ints(0, 3)) == 1
    assert math.isnan(Shelf(ints(1, 1), 3).diversity(ints(0, 1)))


def test_the_metrics_of_a_list_are_of_its_first_ten() -> None:
    shelf = Shelf(counts=np.arange(12)[::-1].copy(), people=11)
    found = of_list(np.arange(12), shelf, shelf.surprise(), shelf.tail())
    assert found["novelty@10"] == pytest.approx(np.mean([-math.log2((count + 1) / 12) for count in range(11, 1, -1)]))
    assert found["long-tail@10"] == pytest.approx(np.mean(shelf.tail()[:10]))


def test_ginis_coefficient() -> None:
    assert gini(ints(3, 3, 3)) == pytest.approx(0)
    assert gini(ints(0, 0, 0, 8)) == pytest.approx(0.75)
    assert gini(ints(1, 3)) == pytest.approx(0.25)
    assert gini(ints(0, 0)) == 0


@given(st.lists(st.integers(0, 20), min_size=1, max_size=20))
def test_ginis_coefficient_is_half_the_relative_mean_difference(counts: list[int]) -> None:
    if not sum(counts):
        return
    mean = sum(counts) / len(counts)
    apart = sum(abs(a - b) for a in counts for b in counts) / len(counts) ** 2
    assert gini(ints(*counts)) == pytest.approx(apart / (2 * mean))


def test_all_lists_together() -> None:
    shelf = Shelf(counts=ints(8, 4, 2, 2), people=8)
    found = lists([ints(0, 1), ints(0, 2)], [ints(2, 3), NOTHING], shelf)
    assert found.coverage == 0.75
    assert found.lift == pytest.approx((8 + 4) / 2 / 2 - 1)  # the person without a history says nothing
    assert found.gini == gini(ints(2, 1, 1, 0))
