"""The losses: small where the order is right, with the gradients the papers give."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ranker.cross.losses import bce_loss, lambda_loss, listwise_loss, loss_of, margin_loss
from ranker.cross.recipe import Loss

KINDS: tuple[Loss, ...] = ("lambda", "bce", "listwise", "margin")


def loss(kind: Loss, scores: list[float], gains: list[float], weights: list[float] | None = None) -> float:
    here = torch.ones(1, len(scores), dtype=torch.bool)
    counts = torch.tensor([weights or [1.0] * len(scores)])
    return float(loss_of(kind)(torch.tensor([scores]), torch.tensor([gains]), counts, here))


@pytest.mark.parametrize("kind", KINDS)
def test_the_right_order_costs_less_than_the_wrong_one(kind: Loss) -> None:
    gains = [1.0, 0.5, 0.0, 0.0]
    assert loss(kind, [3.0, 1.0, -1.0, -3.0], gains) < loss(kind, [-3.0, -1.0, 1.0, 3.0], gains)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_masked_counts_for_nothing(kind: Loss) -> None:
    scores, gains, weights = torch.tensor([[2.0, 0.5, 9.0]]), torch.tensor([[0.0, 1.0, 1.0]]), torch.ones(1, 3)
    masked = loss_of(kind)(scores, gains, weights, torch.tensor([[True, True, False]]))
    assert float(masked) == pytest.approx(loss(kind, [2.0, 0.5], [0.0, 1.0]))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_lift_the_better_product(kind: Loss) -> None:
    scores = torch.zeros(1, 2, requires_grad=True)
    here = torch.ones(1, 2, dtype=torch.bool)
    loss_of(kind)(scores, torch.tensor([[0.0, 1.0]]), torch.ones(1, 2), here).backward()
    assert scores.grad is not None
    assert scores.grad[0, 1] < 0


def test_lambda_loss_by_hand() -> None:
    # Two products in the wrong order: delta = 1/log2(2) - 1/log2(3), the gain's share of the ideal is 1.
    delta = 1 - 1 / math.log2(3)
    assert loss("lambda", [1.0, 0.0], [0.0, 1.0]) == pytest.approx(delta * math.log2(1 + math.e), rel=1e-5)


def test_lambda_loss_cares_more_about_the_top() -> None:
    good = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    scores = torch.tensor([[0.0, 5.0, 4.0, 3.0, 2.0, 1.0]], requires_grad=True)
    lambda_loss(scores, torch.tensor([good]), torch.ones(1, 6), torch.ones(1, 6, dtype=torch.bool)).backward()
    assert scores.grad is not None
    just_above, far_above = float(scores.grad[0, 5]), float(scores.grad[0, 1])
    assert just_above > far_above > 0


def test_a_group_of_one_gain_has_no_order_to_learn() -> None:
    for kind in ("lambda", "margin"):
        assert loss(kind, [1.0, 2.0], [1.0, 1.0]) == 0.0
    assert loss("listwise", [1.0, 2.0], [0.0, 0.0]) == 0.0


def test_weights_are_those_of_the_better_product() -> None:
    once = loss("lambda", [0.0, 1.0], [1.0, 0.0])
    assert loss("lambda", [0.0, 1.0], [1.0, 0.0], [3.0, 1.0]) == pytest.approx(3 * once)
    assert loss("lambda", [0.0, 1.0], [1.0, 0.0], [1.0, 3.0]) == pytest.approx(once)


def test_bce_is_the_weighted_mean() -> None:
    expected = (2 * math.log(1 + math.exp(-1.0)) + math.log(1 + math.exp(1.0))) / 3
    assert loss("bce", [1.0, 1.0], [1.0, 0.0], [2.0, 1.0]) == pytest.approx(expected, rel=1e-5)


def test_margin_is_nothing_at_the_teachers_scores() -> None:
    gains = torch.tensor([0.8, 0.3, 0.1])
    assert loss("margin", gains.logit().tolist(), gains.tolist()) == pytest.approx(0, abs=1e-6)


@given(st.lists(st.tuples(st.floats(-20, 20), st.sampled_from([0.0, 0.01, 0.1, 1.0])), min_size=2, max_size=16))
def test_losses_are_finite_and_not_negative(products: list[tuple[float, float]]) -> None:
    scores = torch.tensor([[score for score, _ in products]], requires_grad=True)
    gains = torch.tensor([[gain for _, gain in products]])
    here = torch.ones(1, len(products), dtype=torch.bool)
    for function in (lambda_loss, bce_loss, listwise_loss, margin_loss):
        value = function(scores, gains, torch.ones_like(gains), here)
        assert value >= 0
        (gradient,) = torch.autograd.grad(value, scores)
        assert torch.isfinite(gradient).all()
