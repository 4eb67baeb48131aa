"""Whether a new model may take the place of the one in use: on held-out histories, and only if it is not worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.columns import Columns
from ranker.behaviour.model import BehaviourError, BehaviourModel, HeldOut
from ranker.bootstrap import interval

DEPTH = 10
AT_ONCE = 256  # people
Gains = NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """How a challenger did beside the champion.

    Attributes:
        champion: its mean nDCG@10; ``None`` if there is none that works.
        low: of the 95 % interval of the difference, by paired bootstrap over people.
        high: its other end.
        replaces: whether the challenger is to serve.
        reason: why, in words.
    """

    challenger: float
    champion: float | None
    low: float | None
    high: float | None
    people: int
    replaces: bool
    reason: str


def ndcg(model: BehaviourModel, held: Sequence[HeldOut], *, again: bool = False) -> Gains:
    """Each person's nDCG@10 over all items; 0 where the model does not know what came next.

    Args:
        model: to judge.
        held: the histories.
        again: whether items that the person had before are ranked too, as for goods that are bought repeatedly.
    """
    columns = Columns(model.items)
    gains = np.zeros(len(held))
    for start in range(0, len(held), AT_ONCE):
        some = held[start : start + AT_ONCE]
        scores = model.score([each.history for each in some])
        for place, (row, each) in enumerate(zip(scores, some, strict=True), start):
            target = columns.place(each.target)
            if target is None:
                continue
            right = row[target]
            if not again:
                row[columns.places(each.history)] = -np.inf
            # Of equal scores half come before, on average: a model that cannot tell items apart gains nothing by it.
            ahead = float((row > right).sum()) + float((row == right).sum() - 1) / 2
            gains[place] = 1.0 / np.log2(ahead + 2) if 0 <= ahead < DEPTH else 0.0
    return gains


def challenge(
    champion: BehaviourModel | None,
    challenger: BehaviourModel,
    held: Sequence[HeldOut],
    *,
    margin: float = 0.0,
    again: bool = False,
    seed: int = 7,
) -> Verdict:
    """Lets a challenger replace the champion if it is not significantly worse.

    Args:
        champion: the model in use; ``None`` if there is none that works.
        challenger: the new one.
        held: what neither has learned from.
        margin: of nDCG by which the challenger may be worse for certain and still replace.
        again: whether items that a person had before are ranked too.
        seed: of the bootstrap.

    Raises:
        BehaviourError: if nobody is held out.
    """
    if not held:
        raise BehaviourError("There are no histories to compare models by.", "Hold out some people's last events.")
    new = ndcg(challenger, held, again=again)
    mean = float(new.mean())
    if champion is None:
        return Verdict(mean, None, None, None, len(held), replaces=True, reason="There is no model in use.")
    old = ndcg(champion, held, again=again)
    low, high = interval(new - old, seed)
    before = float(old.mean())
    replaces = high >= -margin
    said = "is not significantly worse" if replaces else "is significantly worse"
    reason = (
        f"The new model {said}: nDCG@10 {mean:.4f} against {before:.4f}, difference {low:+.4f} to {high:+.4f} "
        f"on {len(held)} people."
    )
    return Verdict(mean, before, low, high, len(held), replaces=replaces, reason=reason)
