"""What a new item's score is worth beside the scores of items that were learned.

Some known items are scored as if they were new, where it is known what people took next: once with the item they took
among them, once without. The weights are those that make what was taken likeliest (a multinomial logit, in which a
new item's score stands beside the learned ones). That is cautious, as of most new items little is known, and what is
never shown is never learned of: so all new items are raised, as far as that costs known ones hardly any nDCG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
DEPTH = 10
RIDGE = 1.0  # how strongly the weights are drawn to what holds without calibration, in cases
COST = 0.01  # share of the known items' nDCG that raising new ones above what is likeliest may take from them
SHIFTS = np.linspace(0.0, 4.0, 65)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a new item's score is made; as it comes, it is what lenders lent.

    Attributes:
        behaviour: weight of the product of a person's state with what the item borrowed.
        likeness: weight of the largest cosine of its words with those of what the person took last.
        constant: added.
    """

    behaviour: float = 1.0
    likeness: float = 0.0
    constant: float = 0.0

    def scores(self, behaviour: Floats, likeness: Floats) -> Floats:
        """New items' scores, to be compared with those of known ones."""
        return self.behaviour * behaviour + self.likeness * likeness + self.constant


@dataclass(frozen=True)
class Cases:
    """What people took next, and some known items as if they were new.

    Attributes:
        score: of what was taken, as it was learned.
        above: how many of the known items have a higher score.
        mass: logarithm of the sum of the known items' exponentials, what was taken apart.
        taken: what was taken, as if it were new: one row a case of what the person's state and the words' likeness say.
        rivals: the same of other items, the same ones in all cases.
        there: which of these can be taken: not those that the person had, nor what was taken.
        times: how many new items each of them stands for.
    """

    score: Floats
    above: Floats
    mass: Floats
    taken: Floats
    rivals: Floats
    there: NDArray[np.bool_]
    times: float

    def __len__(self) -> int:
        return len(self.score)


def calibrated(parts: Sequence[Cases], share: float) -> Calibration:
    """The calibration that would have served best; without cases the one that holds as it comes.

    Args:
        parts: batches of cases.
        share: of the items that are new.
    """
    if not any(map(len, parts)):
        return Calibration()
    likely = _likeliest(parts, share)
    return replace(likely, constant=likely.constant + _raise(parts, likely))


def _likeliest(parts: Sequence[Cases], share: float) -> Calibration:
    from scipy.optimize import minimize

    belief = np.array([1.0, 0.0, 0.0])
    spread = np.concatenate([part.taken for part in parts]).std(axis=0)
    drawn = RIDGE * np.append(np.where(spread > 0, spread, 1.0) ** 2, 0.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        away = weights - belief
        value, slope = 0.5 * float((drawn * away**2).sum()), drawn * away
        for part in parts:
            more, steeper = _surprise(part, weights, share)
            value, slope = value + more, slope + steeper
        return value, slope

    bounds = [(0.0, None), (0.0, None), (None, None)]
    found = minimize(loss, belief, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100}).x
    return Calibration(*(float(weight) for weight in found))


def _surprise(cases: Cases, weights: Floats, share: float) -> tuple[float, Floats]:
    """Of what was taken, new in a share of the cases and known in the others; and how it changes with the weights."""
    rivals = cases.rivals @ weights[:2] + weights[2] + np.log(cases.times)
    rivals = np.where(cases.there, rivals, -np.inf)
    among = np.logaddexp(cases.mass, _log_sum(rivals))
    own = cases.taken @ weights[:2] + weights[2]
    either = np.logaddexp(among, own), np.logaddexp(among, cases.score)
    value = share * (either[0] - own) + (1 - share) * (either[1] - cases.score)
    chances = np.exp(rivals - among[:, None])
    pull = np.column_stack([np.einsum("pr,prf->pf", chances, cases.rivals), chances.sum(axis=1)])
    right = np.exp(own - either[0])
    moved = np.column_stack([cases.taken, np.ones(len(own))]) * (right - 1)[:, None] + pull * (1 - right)[:, None]
    slope = share * moved + (1 - share) * pull * np.exp(among - either[1])[:, None]
    return float(value.sum()), slope.sum(axis=0)


def _log_sum(scores: Floats) -> Floats:
    if not scores.shape[1]:
        return np.full(len(scores), -np.inf)
    highest = scores.max(axis=1)
    base = np.where(np.isfinite(highest), highest, 0.0)
    with np.errstate(divide="ignore"):
        return base + np.log(np.exp(scores - base[:, None]).sum(axis=1))


def _raise(parts: Sequence[Cases], likely: Calibration) -> float:
    """By how much new items can be raised, for what known ones may lose."""
    known = np.zeros(len(SHIFTS))
    for part in parts:
        listed = part.above < DEPTH
        rivals = likely.scores(part.rivals[listed, :, 0], part.rivals[listed, :, 1])
        rivals = np.where(part.there[listed], rivals, -np.inf)
        for place, shift in enumerate(SHIFTS):
            over = (rivals + shift > part.score[listed, None]).sum(axis=1)
            known[place] += _gain(part.above[listed] + part.times * over).sum()
    return float(SHIFTS[known >= (1 - COST) * known[0]].max())


def _gain(places: Floats) -> Floats:
    return np.where(places < DEPTH, 1 / np.log2(places + 2), 0.0)
