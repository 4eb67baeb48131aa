"""What a step of the sequence model's training makes small."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def full_softmax(states: Tensor, table: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy of what came next against every item."""
    from torch.nn.functional import cross_entropy

    each = cross_entropy(states @ table.T, targets, reduction="none")
    return (each * weights).sum() / weights.sum()


def gbce(
    states: Tensor, right: Tensor, wrong: Tensor, same: Tensor, weights: Tensor, *, items: int, calibration: float
) -> Tensor:
    """Binary cross-entropy against sampled items, with the correction that undoes the overconfidence of sampling.

    A. Petrov, C. Macdonald, "gSASRec: Reducing Overconfidence in Sequential Recommendation Trained with Negative
    Sampling", RecSys 2023.

    Args:
        states: what each person is before an event.
        weights: of the events.
        right: what came next: one vector a state.
        wrong: the sampled items, the same for all states.
        same: states by sampled items: where the sampled item is what came next, and does not count.
        items: in the catalogue.
        calibration: 0 corrects nothing, 1 all.
    """
    from torch.nn.functional import logsigmoid, softplus

    share = min(1.0, len(wrong) / max(1, items - 1))
    power = share * (calibration * (1.0 - 1.0 / share) + 1.0 / share)
    positive = power * logsigmoid((states * right).sum(dim=1))
    negative = softplus(states @ wrong.T).masked_fill(same, 0.0).sum(dim=1)
    return ((negative - positive) * weights).sum() / weights.sum()
