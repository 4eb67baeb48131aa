"""What tuning makes small: every product nearer to its query than whatever in the step answers it less well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ranker.bi.recipe import EncoderRecipe
from ranker.cross.losses import loss_of

if TYPE_CHECKING:
    from torch import Tensor


def tuning_loss(cosines: Tensor, gains: Tensor, weights: Tensor, known: Tensor, recipe: EncoderRecipe) -> Tensor:
    """The softmax over the step and the graded loss over each query's own products, in the recipe's shares.

    Args:
        cosines: of the queries, in rows, and all texts of the step, in columns.
        gains: how well each text answers each query; 0 where that is not known.
        weights: how much each pair counts.
        known: where the gain is known, rather than taken to be 0.
        recipe: has shares and scale.
    """
    scores = cosines * recipe.scale
    contrast = in_batch_loss(scores, gains, weights) if recipe.share < 1 else scores.new_zeros(())
    graded = loss_of(recipe.graded)(scores, gains, weights, known) if recipe.share > 0 else scores.new_zeros(())
    return (1 - recipe.share) * contrast + recipe.share * graded


def in_batch_loss(scores: Tensor, gains: Tensor, weights: Tensor) -> Tensor:
    """Multiple negatives: the softmax of a good product against all texts of the step that are worse for the query.

    Henderson et al. 2017, arXiv 1705.00652, with gains in grades: each product counts as much as its gain,
    against those of lower gain only, so that two good ones do not push each other away. Mean over the
    queries, each of which counts as much as its best product.
    """
    import torch

    own = torch.eye(scores.shape[1], dtype=torch.bool, device=scores.device)
    against = (gains[:, None, :] < gains[:, :, None]) | own
    totals = scores[:, None, :].masked_fill(~against, float("-inf")).logsumexp(dim=2)
    counts = gains * weights
    each = (counts * (totals - scores)).sum(dim=1) / counts.sum(dim=1).clamp_min(1e-9)
    best = counts.max(dim=1).values
    return (best * each).sum() / best.sum().clamp_min(1e-9)
