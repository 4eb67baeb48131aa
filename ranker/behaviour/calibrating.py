"""What a new item's score is worth beside the scores of items that were learned.

Some known items are scored as if they were new, where it is known what people took next: once with the item they took
among them, once without. The weights are those that make what was taken likeliest (a multinomial logit, in which a
new item's score stands beside the learned ones); then all new items are raised or lowered by as much as gives the
best nDCG over both questions, in the shares that new and known items have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
DEPTH = 10
RIDGE = 1.0  # how strongly the weights are drawn to what holds without calibration, in cases
SHIFTS = np.linspace(-3.0, 3.0, 49)


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
        best: the highest scores of known items, as many as make a list, what was taken apart.
        mass: logarithm of the sum of the known items' exponentials, what was taken apart.
        taken: what was taken, as if it were new: one row a case of what the person's state and the words' likeness say.
        rivals: the same of other items, the same ones in all cases.
        there: which of these can be taken: not those that the person had, nor what was taken.
        times: how many new items each of them stands for.
    """

    score: Floats
    above: Floats
    best: Floats
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
    return replace(likely, constant=likely.constant + _shift(parts, likely, share))


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


def _shift(parts: Sequence[Cases], likely: Calibration, share: float) -> float:
    """By how much new items are best raised; of equals the least."""
    gains = np.zeros(len(SHIFTS))
    for part in parts:
        rivals = np.where(part.there, likely.scores(part.rivals[..., 0], part.rivals[..., 1]), -np.inf)
        own = likely.scores(part.taken[:, 0], part.taken[:, 1])
        ahead = part.times * (rivals > own[:, None]).sum(axis=1)
        listed = part.above < DEPTH
        for place, shift in enumerate(SHIFTS):
            new = _gain(ahead + (part.best > own[:, None] + shift).sum(axis=1))
            over = (rivals[listed] + shift > part.score[listed, None]).sum(axis=1)
            known = _gain(part.above[listed] + part.times * over)
            gains[place] += share * new.sum() + (1 - share) * known.sum()
    order = np.lexsort((np.abs(SHIFTS), -gains.round(9)))
    return float(SHIFTS[order[0]])


def _gain(places: Floats) -> Floats:
    return np.where(places < DEPTH, 1 / np.log2(places + 2), 0.0)
