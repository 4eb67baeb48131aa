"""Near-duplicates do not fill the page; nothing gets lost for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.blend import Scored
from ranker.diversity import DEPTH, diversified
from ranker.encoder import Vectors


def unit(*values: float) -> Vectors:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def order(candidates: list[Scored]) -> str:
    return "".join(candidate.id for candidate in candidates)


FOUND = [Scored("a", 3.0), Scored("b", 2.9), Scored("c", 2.8), Scored("d", 1.0)]
SAME, OTHER = unit(1, 0), unit(0, 1)


def test_a_copy_of_the_first_gives_its_place_to_something_else() -> None:
    assert order(diversified(FOUND, {"a": SAME, "b": SAME, "c": OTHER, "d": OTHER})) == "acbd"


def test_what_is_merely_alike_stays() -> None:
    alike = unit(1, 0.6)  # cosine 0.86
    assert order(diversified(FOUND, {"a": SAME, "b": alike, "c": OTHER, "d": OTHER})) == "abcd"


def test_a_much_better_copy_still_comes_before_a_poor_match() -> None:
    assert order(diversified(FOUND, {"a": SAME, "b": SAME, "c": SAME, "d": OTHER}))[-1] == "d"


def test_without_vectors_or_strength_nothing_changes() -> None:
    assert diversified(FOUND, {}) == FOUND
    assert diversified(FOUND, {"a": SAME, "b": SAME, "c": OTHER, "d": OTHER}, strength=0) == FOUND
    assert diversified([], {}) == []


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=DEPTH + 5),
    st.lists(st.floats(-1, 1), min_size=1, max_size=DEPTH + 5),
    st.floats(0, 3),
)
def test_every_candidate_stays_and_scores_fall(scores: list[float], angles: list[float], strength: float) -> None:
    candidates = [Scored(f"p{at}", score) for at, score in enumerate(sorted(scores, reverse=True))]
    vectors = {f"p{at}": unit(1.0, angle) for at, angle in enumerate(angles)}
    found = diversified(candidates, vectors, strength=strength)
    assert sorted(item.id for item in found) == sorted(item.id for item in candidates)
    assert [item.score for item in found] == pytest.approx(sorted(scores, reverse=True))
    assert found[0].id == candidates[0].id
