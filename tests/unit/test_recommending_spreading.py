"""A list repeats itself little, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import Good, candidate, ids, situation

from ranker.encoder import Vectors
from retriever.errors import UnavailableError
from retriever.recommending.candidate import Candidate
from retriever.recommending.listing.rules_file import Lists
from retriever.recommending.listing.spreading import Spreading

GOODS = [
    *(Good(f"mug-{number}", "Mugs", "Elm") for number in range(5)),
    *(Good(f"lamp-{number}", "Lamps", f"Brand {number}") for number in range(5)),
    *(Good(f"odd-{number}") for number in range(3)),
]
NAMES = [good.id for good in GOODS]
TIGHT = Lists(per_brand=4, per_category=4)


def listed(named: Sequence[str]) -> list[Candidate]:
    return [candidate(id, 1 / place) for place, id in enumerate(named, start=1)]


def by_kind(ids: Sequence[str]) -> Mapping[str, Vectors]:
    """The same vector for goods of a kind; none for odd ones."""
    axes = {"mug": 0, "lamp": 1}
    return {id: np.eye(2, dtype=np.float32)[axes[kind]] for id in ids if (kind := id.split("-")[0]) in axes}


def unreachable(ids: Sequence[str]) -> Mapping[str, Vectors]:
    raise UnavailableError("The vectors are not there.")


SHOWN = ["mug-0", "mug-1", "mug-2", "lamp-0", "lamp-1", "odd-0"]


def test_what_is_the_same_again_moves_down() -> None:
    found = Spreading(by_kind).applied(listed(SHOWN), situation(GOODS), Lists(per_brand=10, per_category=10), 6)

    assert ids(found)[0] == "mug-0"
    assert ids(found).index("lamp-0") < ids(found).index("mug-2")


@pytest.mark.parametrize("vectors", [None, unreachable])
@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ({}, ["mug-0", "mug-1", "lamp-0", "lamp-1", "odd-0"]),
        ({"context": {"category": "Mugs"}}, ["mug-0", "mug-1", "lamp-0", "lamp-1", "odd-0"]),
        ({"goal": "again"}, ["mug-0", "mug-1", "mug-2", "lamp-0", "lamp-1"]),
    ],
)
def test_no_brand_fills_a_list_unless_that_is_the_point(vectors: Any, asked: dict[str, Any], first: list[str]) -> None:
    found = Spreading(vectors).applied(listed(SHOWN), situation(GOODS, **asked), TIGHT, 5)

    assert ids(found)[:5] == first


def test_no_kind_fills_a_list_unless_it_is_asked_for() -> None:
    lamps = listed(["lamp-0", "lamp-1", "lamp-2", "odd-0", "odd-1"])
    spread = Spreading()

    assert ids(spread.applied(lamps, situation(GOODS), TIGHT, 4)) == ["lamp-0", "lamp-1", "odd-0", "odd-1", "lamp-2"]
    for asked in ({"goal": "similar"}, {"like": ["lamp-4"]}, {"context": {"query": "lamp"}}):
        assert ids(spread.applied(lamps, situation(GOODS, **asked), TIGHT, 4)) == ids(lamps)


@given(
    st.lists(st.sampled_from([*NAMES, "gone"]), unique=True),
    st.integers(1, 12),
    st.integers(1, 10),
    st.booleans(),
)
def test_a_list_is_only_rearranged(named: list[str], k: int, cap: int, vectors: bool) -> None:
    shown = listed(named)

    found = Spreading(by_kind if vectors else None).applied(
        shown, situation(GOODS), Lists(per_brand=cap, per_category=cap), k
    )

    assert sorted(ids(found)) == sorted(named)
    assert [one.score for one in found] == [one.score for one in shown]
