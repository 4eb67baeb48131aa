"""New items stand near those that are described like them, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from ranker.behaviour.borrowing import most_taken, moved

TEXTS = np.eye(4, dtype=np.float32)
LEARNED = np.array([[5, 0], [0, 5], [-5, 0], [0, -5]], dtype=np.float32)


def one(text: list[float], own: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    return moved(np.array([own], np.float32), np.array([text], np.float32), LEARNED, TEXTS)[0]


def test_an_item_described_just_like_another_stands_where_that_one_does() -> None:
    assert one([0, 1, 0, 0]) == pytest.approx(LEARNED[1], abs=1e-3)


def test_of_two_that_are_as_alike_it_takes_the_middle() -> None:
    share = 0.5**0.5

    assert one([1, 1, 0, 0]) == pytest.approx((1 - share) * np.ones(2) + share * np.array([2.5, 2.5]), abs=1e-2)


@pytest.mark.parametrize("text", [[0, 0, 0, 0], [-1, -1, -1, -1]])
def test_an_item_without_words_or_unlike_all_others_stays_where_it_is(text: list[float]) -> None:
    assert one(text) == pytest.approx((1.0, 1.0))


def test_many_items_are_moved_as_each_is_alone() -> None:
    dice = np.random.default_rng(2)
    texts, own = dice.normal(size=(2500, 4)).astype(np.float32), dice.normal(size=(2500, 2)).astype(np.float32)

    together = moved(own, texts, LEARNED, TEXTS)

    for row in (0, 1023, 1024, 2499):
        assert together[row] == pytest.approx(one(texts[row].tolist(), tuple(own[row])), abs=1e-5)


def test_nothing_is_moved_where_nobody_lends() -> None:
    own = np.ones((1, 2), dtype=np.float32)

    assert moved(own, TEXTS[:1], LEARNED[:0], TEXTS[:0]) is own


def test_one_lender_is_enough() -> None:
    found = moved(np.ones((1, 2), dtype=np.float32), TEXTS[:1], LEARNED[:1], TEXTS[:1])

    assert found[0] == pytest.approx(LEARNED[0])


def test_the_most_taken_lend_where_there_are_too_many() -> None:
    known, taken = np.array([1, 3, 4, 6]), np.array([9, 1, 9, 8, 2, 9, 7], dtype=np.float32)

    assert most_taken(known, taken, 2).tolist() == [1, 3]
    assert most_taken(known, taken, 4).tolist() == [0, 1, 2, 3]


def test_an_item_lends_nothing_to_itself() -> None:
    own = np.zeros((2, 2), dtype=np.float32)
    texts = np.array([[1, 0.9, 0, 0], [1, 0.9, 0, 0]], dtype=np.float32)

    found = moved(own, texts, LEARNED, TEXTS, np.array([0, -1]))

    assert found[0] @ LEARNED[0] < found[1] @ LEARNED[0]
    assert found[0] @ LEARNED[1] > 0
