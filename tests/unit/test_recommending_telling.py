"""How much what a person took says of what they take next, beside what all people do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retriever.recommending.knowledge.co_occurrence import how_telling, nobody_together, taken_together

PRODUCTS = 120


def telling(taken: Sequence[tuple[int, int]]) -> float:
    """Of people and what each of them took, in this order."""
    person, row = (np.array([pair[place] for pair in taken], dtype=np.int64) for place in (0, 1))
    at = np.arange(len(taken), dtype=np.float64)
    return how_telling(person, row, at, PRODUCTS, taken_together(person, row, at, PRODUCTS))


def test_people_who_share_their_taste_with_few_tell_more_than_people_who_all_take_the_same() -> None:
    camps = [(person, 12 * (person % 10) + item) for person in range(300) for item in range(12)]
    alike = [(person, item) for person in range(300) for item in range(12)]

    assert telling(camps) > 0.9
    assert telling(alike) < 0.6


def test_where_all_take_milk_what_else_they_take_by_chance_tells_little() -> None:
    dice = np.random.default_rng(0)
    baskets = [(person, int(item)) for person in range(300) for item in [*range(10), *dice.integers(10, PRODUCTS, 40)]]

    assert telling(baskets) < 0.5


def test_nothing_is_held_against_anybody_where_nothing_was_counted() -> None:
    nobody = np.zeros(0, np.int64)

    assert how_telling(nobody, nobody, np.zeros(0), PRODUCTS, nobody_together(PRODUCTS)) == 1.0
    assert telling([(0, 1), (0, 2)]) == 1.0, "one person makes no pair"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), min_size=1, max_size=60))
def test_it_is_a_share(taken: list[tuple[int, int]]) -> None:
    assert 0 < telling(taken) <= 1
