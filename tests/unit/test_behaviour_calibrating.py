"""What a new item's score is worth is learned from known items that are scored as if they were new."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ranker.behaviour.calibrating import Calibration, Cases, calibrated
from ranker.behaviour.newcomers import likeness

ITEMS, RIVALS = 60, 12
RIGHT = Calibration(behaviour=0.5, likeness=2.0, constant=-1.0)


def cases(people: int = 3000, seed: int = 0, right: Calibration = RIGHT) -> Cases:
    """People who take items as often as these items' learned scores say, which the right calibration finds out."""
    dice = np.random.default_rng(seed)
    scores, alike = dice.normal(scale=1.5, size=(people, ITEMS)), dice.random((people, ITEMS))
    behaviour = (scores - right.likeness * alike - right.constant) / right.behaviour
    features = np.stack([behaviour, alike], axis=2)
    targets = (scores + dice.gumbel(size=scores.shape)).argmax(axis=1)
    each = np.arange(people)
    there = np.tile(np.arange(ITEMS) < RIVALS, (people, 1))
    there[each, targets] = False
    rest = np.where(there, -np.inf, scores)
    rest[each, targets] = -np.inf
    rest[:, :RIVALS] = -np.inf
    score = scores[each, targets]
    return Cases(
        score=score,
        above=(rest > score[:, None]).sum(axis=1),
        mass=np.log(np.exp(rest).sum(axis=1)),
        taken=features[each, targets],
        rivals=features[:, :RIVALS],
        there=there[:, :RIVALS],
        times=1.0,
    )


def test_it_finds_the_weights_that_make_new_items_stand_where_they_would_if_they_were_known() -> None:
    found = calibrated([cases(), cases(seed=1)], share=RIVALS / ITEMS)

    assert found.behaviour == pytest.approx(RIGHT.behaviour, abs=0.05)
    assert found.likeness == pytest.approx(RIGHT.likeness, abs=0.25)
    assert found.constant == pytest.approx(RIGHT.constant, abs=0.6)  # lists gain by another one than the likeliest


def test_what_says_nothing_weighs_nothing() -> None:
    one = cases(right=Calibration(0.5, 0.0, 0.0))
    noise = np.random.default_rng(5)
    one.rivals[..., 1], one.taken[:, 1] = noise.random(one.there.shape), noise.random(len(one))

    assert calibrated([one], share=0.2).likeness == pytest.approx(0.0, abs=0.2)


def test_new_items_that_would_crowd_out_the_others_are_lowered() -> None:
    one = cases()
    louder = np.array([8.0, 0.0])
    loud = replace(one, rivals=one.rivals + louder, taken=one.taken + louder)

    assert calibrated([loud], 0.2).constant < calibrated([one], 0.2).constant - 2.0


def test_an_item_that_stands_for_two_counts_for_two() -> None:
    one = cases()
    twice = replace(one, rivals=np.repeat(one.rivals, 2, axis=1), there=np.repeat(one.there, 2, axis=1))

    assert calibrated([replace(one, times=2.0)], 0.2).constant == pytest.approx(calibrated([twice], 0.2).constant)


def test_without_cases_a_new_item_is_worth_what_it_was_lent() -> None:
    found = calibrated([], share=0.1)

    assert found == Calibration()
    assert found.scores(np.array([3.0]), np.array([0.9])).tolist() == [3.0]


def test_the_most_alike_of_the_last_items_counts() -> None:
    vectors = np.array([[2, 0], [0, 3], [1, 1], [0, 0]], dtype=np.float32)
    pasts = [np.array([0, 1]), np.array([3]), np.array([0, 3, 3, 3, 3, 3])]

    found = likeness(vectors, pasts, np.array([[1, 0], [0, 1]], dtype=np.float32))

    assert found.tolist() == [[1, 1], [0, 0], [0, 0]]  # what was taken six items ago is forgotten
    assert likeness(vectors, pasts, np.zeros((0, 2), dtype=np.float32)).shape == (3, 0)
