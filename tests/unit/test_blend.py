"""Fusing ranked lists, and means of few ratings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.blend import Scored, bayesian_rating, ranked, reciprocal_rank_fusion

Ids = st.lists(st.sampled_from("abcdefgh"), unique=True)


def listed(ids: str) -> list[Scored]:
    """A ranked list whose scores mean nothing outside it."""
    return [Scored(id, 100.0 - place) for place, id in enumerate(ids)]


def order(candidates: list[Scored]) -> str:
    return "".join(candidate.id for candidate in candidates)


def test_what_both_rankers_like_comes_first() -> None:
    assert order(reciprocal_rank_fusion([listed("abc"), listed("bdc")])) == "bcad"


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    fused = reciprocal_rank_fusion([listed("ab"), listed("b")], k=60)
    assert fused == [Scored("b", pytest.approx(1 / 62 + 1 / 61)), Scored("a", pytest.approx(1 / 61))]


def test_a_heavier_list_decides() -> None:
    assert order(reciprocal_rank_fusion([listed("ab"), listed("ba")], weights=[1, 2])) == "ba"
    with pytest.raises(ValueError, match="zip"):
        reciprocal_rank_fusion([listed("ab")], weights=[1, 2])


def test_equal_scores_are_ordered_by_id() -> None:
    assert order(ranked({"b": 1.0, "a": 1.0, "c": 2.0})) == "cab"


@given(Ids, Ids)
def test_fusion_keeps_every_candidate_once_and_does_not_care_which_list_came_first(a: list[str], b: list[str]) -> None:
    fused = reciprocal_rank_fusion([listed("".join(a)), listed("".join(b))])
    assert sorted(order(fused)) == sorted(set(a) | set(b))
    assert order(fused) == order(reciprocal_rank_fusion([listed("".join(b)), listed("".join(a))]))


@given(Ids)
def test_one_list_keeps_its_order(ids: list[str]) -> None:
    assert order(reciprocal_rank_fusion([listed("".join(ids))])) == "".join(ids)


def test_few_ratings_weigh_little() -> None:
    one_fan = bayesian_rating(5.0, 1, prior=4.0, prior_count=20)
    many = bayesian_rating(4.6, 2000, prior=4.0, prior_count=20)
    assert 4.0 < one_fan < many < 4.6
    assert bayesian_rating(None, 0, prior=4.0, prior_count=20) == 4.0
