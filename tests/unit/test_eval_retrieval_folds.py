"""Folds for cross-validation: near-duplicates together, and nothing learned from what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.retrieval.folds import cross_validate, folds, query_groups
from eval.retrieval.fusing import LearnedFusion
from eval.retrieval.rankers import Found, Ranker
from retriever.errors import BadInputError
from retriever.feeds.feed import Progress, silent
from retriever.judgments import Judgments


def of(*queries: str) -> dict[str, dict[str, float]]:
    """Judgments of queries that have no product in common."""
    return {query: {f"{query} {place}": gain for place, gain in enumerate((1.0, 0.0))} for query in queries}


class Listed:
    """Answers with the lists that it is given."""

    def __init__(self, name: str, lists: Mapping[str, Sequence[str]]) -> None:
        self.name = name
        self._lists = lists

    def search(self, query: str) -> list[Found]:
        return [Found(id, 1 / place) for place, id in enumerate(self._lists[query], 1)]


class Rote:
    """Learns the answers by heart, and so gives away whatever it was trained on."""

    name = "rote"

    def __init__(self) -> None:
        self.seen: list[set[str]] = []

    def train(self, judgments: Judgments, say: Progress) -> Ranker:
        self.seen.append(set(judgments))
        known = {query: sorted(gains, key=lambda id: -gains[id]) for query, gains in judgments.items()}
        return Listed("rote", _Empty(known))


class _Empty(dict[str, list[str]]):
    def __missing__(self, query: str) -> list[str]:
        return []


def test_near_duplicates_by_words_are_one_group() -> None:
    queries = ["kindle", "ugg slippers women", "towels", "kindle fire", "ugg dakota slippers women", "Kindles"]
    assert query_groups(of(*queries)) == [
        ["kindle", "kindle fire", "Kindles"],
        ["ugg slippers women", "ugg dakota slippers women"],
        ["towels"],
    ]


def test_queries_with_the_same_answers_are_one_group_and_shared_misses_are_nothing() -> None:
    judgments = {
        "sofa": {"a": 1.0, "b": 1.0, "x": 0.0},
        "couch": {"a": 1.0, "c": 0.1},
        "mug": {"x": 1.0},
        "cup": {"x": 0.0, "y": 1.0},
    }
    assert query_groups(judgments) == [["sofa", "couch"], ["mug"], ["cup"]]


def test_likeness_is_passed_on() -> None:
    assert len(query_groups(of("red mug", "mug", "mug set"))) == 1


@given(
    st.lists(st.sampled_from([f"{a} {b}" for a in "abcdef" for b in "uvwxyz"]), min_size=2, max_size=30, unique=True),
    st.integers(2, 4),
)
def test_every_query_is_in_one_fold_and_its_near_duplicates_with_it(queries: list[str], count: int) -> None:
    judgments = of(*queries)
    groups = query_groups(judgments)
    if len(groups) < count:
        with pytest.raises(BadInputError, match=f"too few for {count} folds"):
            folds(judgments, count)
        return
    held = folds(judgments, count)
    assert sorted(query for fold in held for query in fold) == sorted(queries)
    assert all(held)
    assert all(any(set(group) <= set(fold) for fold in held) for group in groups)
    assert folds(judgments, count) == held


def test_another_seed_parts_otherwise_and_folds_are_of_like_size() -> None:
    judgments = of(*(f"word{n}" for n in range(50)))
    assert [len(fold) for fold in folds(judgments, 5, seed=1)] == [10] * 5
    assert folds(judgments, 5, seed=1) != folds(judgments, 5, seed=2)


def test_nobody_is_asked_what_it_was_trained_on() -> None:
    judgments = of(*(f"word{n}" for n in range(12)), "kindle", "kindle fire")
    rote, parts = Rote(), folds(judgments, 4)
    rankings, refused = cross_validate(rote, judgments, parts, silent)
    assert rankings == {query: [] for query in judgments}  # what it had by heart was never asked
    assert not refused
    for part, seen in zip(parts, rote.seen, strict=True):
        assert seen == judgments.keys() - set(part)
    assert sum("kindle" in seen for seen in rote.seen) == sum("kindle fire" in seen for seen in rote.seen) == 3


def test_a_fusion_learns_which_of_two_lists_to_trust() -> None:
    # Of equal scores the smaller id comes first: it must not be the right one here.
    judgments = {f"word{n}": {f"right {n}": 1.0, f"bad {n}": 0.0} for n in range(10)}
    right = Listed("right", {query: list(gains) for query, gains in judgments.items()})
    wrong = Listed("wrong", {query: list(gains)[::-1] for query, gains in judgments.items()})
    for first, second, trusts_second in ((right, wrong, False), (wrong, right, True)):
        rankings, _ = cross_validate(LearnedFusion(first, second), judgments, folds(judgments, 5), silent)
        assert all(found[0].id.startswith("right") for found in rankings.values())
        learned = LearnedFusion(first, second).train(judgments, silent)
        assert (learned.share > 0.5) is trusts_second
