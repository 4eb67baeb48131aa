"""What training makes small. All take scores, gains and weights of groups in rows, and a mask of what is there.

``lambda``   NDCG-Loss2 of the LambdaLoss framework, Wang et al. 2018, doi 10.1145/3269206.3271784
``bce``      pointwise binary cross entropy with the gain as the probability
``listwise`` ListNet, Cao et al. 2007, doi 10.1145/1273496.1273513, with the gains as the teacher's distribution
``margin``   MarginMSE, Hofstätter et al. 2020, arXiv 2010.02666, with the logits of the gains as the teacher's scores

A pair of products weighs as much as its better one: that is where the inverse propensity of a click belongs
(Joachims et al. 2017, doi 10.1145/3018661.3018699).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ranker.cross.recipe import Loss

if TYPE_CHECKING:
    from torch import Tensor

NEVER, EVER = 0.02, 0.98  # gains nearer to 0 and 1 have logits too large to learn


def loss_of(kind: Loss) -> Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]:
    """The function of a kind of loss."""
    return {"lambda": lambda_loss, "bce": bce_loss, "listwise": listwise_loss, "margin": margin_loss}[kind]


def lambda_loss(scores: Tensor, gains: Tensor, weights: Tensor, mask: Tensor) -> Tensor:
    """A bound on 1 - nDCG that gets tighter as the order gets right; mean over the groups that have an order."""
    import torch

    with torch.no_grad():
        present = mask.to(scores.dtype)
        ranks = _ranks(scores, mask)
        places = torch.arange(1, scores.shape[1] + 1, dtype=scores.dtype, device=scores.device)
        discounts = torch.log2(1 + places)
        best = (gains * present).sort(dim=1, descending=True).values
        ideal = (best / discounts).sum(dim=1).clamp_min(1e-9)
        shares = gains / ideal[:, None]
        apart = (ranks[:, :, None] - ranks[:, None, :]).abs()
        step = apart.clamp_min(1)
        delta = (1 / torch.log2(1 + step) - 1 / torch.log2(2 + step)) * (apart > 0)
        counts = _better(gains, mask) * (shares[:, :, None] - shares[:, None, :]).abs() * delta * weights[:, :, None]
    differences = scores[:, :, None] - scores[:, None, :]
    losses = torch.nn.functional.softplus(-differences) / math.log(2)
    ordered = (counts > 0).flatten(1).any(dim=1)
    return (counts * losses).sum() / ordered.sum().clamp_min(1)


def bce_loss(scores: Tensor, gains: Tensor, weights: Tensor, mask: Tensor) -> Tensor:
    """Weighted mean over all products."""
    import torch

    counts = weights * mask
    losses = torch.nn.functional.binary_cross_entropy_with_logits(scores, gains, reduction="none")
    return (counts * losses).sum() / counts.sum().clamp_min(1e-9)


def listwise_loss(scores: Tensor, gains: Tensor, weights: Tensor, mask: Tensor) -> Tensor:
    """Cross entropy between the gains' shares and the softmax of the scores; mean over the groups with a gain."""
    import torch

    shares = gains * weights * mask
    total = shares.sum(dim=1)
    logs = torch.log_softmax(scores.masked_fill(~mask, float("-inf")), dim=1).masked_fill(~mask, 0.0)
    losses = -(shares * logs).sum(dim=1) / total.clamp_min(1e-9)
    return losses[total > 0].sum() / (total > 0).sum().clamp_min(1)


def margin_loss(scores: Tensor, gains: Tensor, weights: Tensor, mask: Tensor) -> Tensor:
    """Squared error of the score differences against the teacher's; weighted mean over the pairs of unlike gains."""
    teacher = gains.clamp(NEVER, EVER).logit()
    counts = _better(gains, mask) * weights[:, :, None]
    wanted = teacher[:, :, None] - teacher[:, None, :]
    errors = (scores[:, :, None] - scores[:, None, :] - wanted) ** 2
    return (counts * errors).sum() / counts.sum().clamp_min(1e-9)


def _better(gains: Tensor, mask: Tensor) -> Tensor:
    """Where the first of two products is there and better than the second."""
    there = mask[:, :, None] & mask[:, None, :]
    return (there & (gains[:, :, None] > gains[:, None, :])).to(gains.dtype)


def _ranks(scores: Tensor, mask: Tensor) -> Tensor:
    """Rank from 1 of each product by score; what is not there comes last."""
    import torch

    order = scores.masked_fill(~mask, float("-inf")).sort(dim=1, descending=True, stable=True).indices
    places = torch.arange(1, scores.shape[1] + 1, dtype=scores.dtype, device=scores.device).expand_as(scores)
    return torch.empty_like(scores).scatter_(1, order, places)
