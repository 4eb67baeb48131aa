"""Known items as if nobody had taken them yet: what the score of items that are really new is calibrated on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ranker.behaviour.borrowing import most_taken, moved, unit
from ranker.behaviour.calibrating import Calibration, Cases, Floats, calibrated
from ranker.behaviour.columns import Places
from ranker.behaviour.model import Scores, Vectors
from ranker.behaviour.network import Network
from ranker.behaviour.training import Held, last_states

if TYPE_CHECKING:
    from torch import Tensor

RECENT = 5  # last items of a person whose words a new item's are compared with
SHARE = 0.1  # of the items, taken for new: what is gained and what is lost grow with it alike
MOST_LENDERS = 20_000  # items that new ones are compared with
DRAWS = 5  # of items to be taken for new: a few that stand out would decide alone if there were one
MOST_RIVALS = 1_000  # items that are taken for new in one draw
MOST_CASES = 2_000
POWERS = 0.0, 4.0  # of two, between which the sharpness is looked for: to flatten scores cost known items their places
AT_ONCE = 256  # people
FEW = 32  # people whose likeness to all new items is held in memory
LEAST = -1e30  # logarithm of nothing


def likeness(vectors: Vectors, pasts: Sequence[Places], new: Vectors) -> Scores:
    """Of each person the largest cosine of each new item's words with those of the items taken last.

    Args:
        vectors: of all items.
        pasts: each person's items, none without any.
        new: words of the new items, of length 1.
    """
    found = np.zeros((len(pasts), len(new)), dtype=np.float32)
    if not len(new):
        return found
    for start in range(0, len(pasts), FEW):
        recent = [past[-RECENT:] for past in pasts[start : start + FEW]]
        starts = np.cumsum([0, *(len(past) for past in recent[:-1])])
        cosines = unit(vectors[np.concatenate(recent)]) @ new.T
        found[start : start + len(recent)] = np.maximum.reduceat(cosines, starts, axis=0)
    return found


def borrowed(network: Network, new: Vectors, known: Vectors, learned: Vectors, lend: Places, own: Places) -> Vectors:
    """What stands for new items in the network's table.

    Args:
        network: what has learned.
        new: the new items' words.
        known: the known items' words.
        learned: what the network learned of these.
        lend: the rows of those that lend.
        own: row of each new item itself, which does not lend to it; -1 where it is in none.
    """
    import torch

    with torch.inference_mode():
        words = network.texts(torch.from_numpy(new)).numpy()
    place = np.full(len(known) + 1, -1)
    place[lend] = np.arange(len(lend))
    return moved(words, new, learned[lend], known[lend], place[own])


def calibrate(network: Network, held: Sequence[Held], vectors: Vectors, taken: Scores) -> Calibration:
    """The calibration that fits a trained network, by what held-out people took next.

    Args:
        network: whose rows ``held`` has.
        held: people and what they took next, which was not learned.
        vectors: of the known items' words.
        taken: how many people took each of them.
    """
    import torch

    dice = np.random.default_rng(network.recipe.seed)
    some = [case for case in held if len(case.rows) and not (case.rows == case.target).any()]
    some = [some[place] for place in np.sort(dice.permutation(len(some))[:MOST_CASES])]
    with torch.inference_mode():
        table = network.table()
    making = _Making(network, table, vectors, taken)
    making.sharpen(some[: 2 * AT_ONCE])
    size = max(1, round(SHARE * len(vectors)))
    order = dice.permutation(len(vectors))
    parts: list[Cases] = []
    for draw in range(DRAWS):
        drawn = order[draw * size : (draw + 1) * size]
        rivals = making.rivals(np.sort(drawn[:MOST_RIVALS]), len(drawn) / max(1, min(len(drawn), MOST_RIVALS)))
        parts += [making.cases(some[start : start + AT_ONCE], rivals) for start in range(0, len(some), AT_ONCE)]
    found = calibrated(parts, SHARE)
    return Calibration(found.behaviour, found.likeness / making.sharpness, found.constant / making.sharpness)


@dataclass(frozen=True)
class _Rivals:
    """Items that are taken for new."""

    rows: Places
    borrowed: Vectors
    times: float


class _Making:
    """Makes cases of people."""

    def __init__(self, network: Network, table: Tensor, vectors: Vectors, taken: Scores) -> None:
        self._network, self._table, self._vectors = network, table, vectors
        self._learned = table.numpy()
        self._words = unit(vectors)
        self._lend = most_taken(np.arange(len(vectors)), taken, MOST_LENDERS)
        self.sharpness = 1.0

    def sharpen(self, held: Sequence[Held]) -> None:
        """Finds what scores are multiplied with to be logarithms of chances; 1 where they are as steep already.

        Training against sampled items leaves them too flat.
        """
        from scipy.optimize import minimize_scalar

        if not held:
            return
        states, targets = self._states(held), np.array([case.target for case in held])
        scores = self._scores(states, held)
        right = scores[np.arange(len(held)), targets]

        def surprise(power: float) -> float:
            times = np.float32(2.0**power)
            return float((_mass(times * scores) - times * right).sum())

        found: Any = minimize_scalar(surprise, bounds=POWERS, options={"xatol": 0.05})
        self.sharpness = float(2.0**found.x)

    def _states(self, held: Sequence[Held]) -> Scores:
        import torch

        with torch.inference_mode():
            states = last_states(self._network, self._table, [case.rows for case in held]).numpy()
        return np.asarray(states * np.float32(self.sharpness))

    def _scores(self, states: Scores, held: Sequence[Held]) -> Scores:
        """Of the known items that the people had not."""
        scores = states @ self._learned.T
        for row, case in zip(scores, held, strict=True):
            row[case.rows] = -np.inf
        return scores

    def rivals(self, rows: Places, times: float) -> _Rivals:
        """These items as if they were new, each standing for so many."""
        return _Rivals(rows, self._as_if_new(rows), times)

    def _as_if_new(self, rows: Places) -> Vectors:
        return borrowed(self._network, self._vectors[rows], self._vectors, self._learned, self._lend, rows)

    def cases(self, held: Sequence[Held], rivals: _Rivals) -> Cases:
        """Some people's."""
        pasts, targets = [case.rows for case in held], np.array([case.target for case in held])
        states, each = self._states(held), np.arange(len(held))
        scores = self._scores(states, held)
        score = scores[each, targets]
        there = np.isfinite(scores[:, rivals.rows]) & (rivals.rows != targets[:, None])
        scores[:, rivals.rows] = -np.inf
        scores[each, targets] = -np.inf
        return Cases(
            score=score.astype(np.float64),
            above=(scores > score[:, None]).sum(axis=1),
            mass=_mass(scores),
            taken=self._target_features(states, pasts, targets),
            rivals=np.stack(
                [states @ rivals.borrowed.T, likeness(self._vectors, pasts, self._words[rivals.rows])], axis=2
            ),
            there=there,
            times=rivals.times,
        )

    def _target_features(self, states: Scores, pasts: Sequence[Places], targets: Places) -> Floats:
        behaviour = (states * self._as_if_new(targets)).sum(axis=1)
        alike = [
            float((self._words[past[-RECENT:]] @ self._words[target]).max())
            for past, target in zip(pasts, targets, strict=True)
        ]
        return np.column_stack([behaviour, alike]).astype(np.float64)


def _mass(scores: Scores) -> Floats:
    highest = scores.max(axis=1)
    base = np.where(np.isfinite(highest), highest, 0.0)
    with np.errstate(divide="ignore"):
        total = np.log(np.exp(scores - base[:, None]).sum(axis=1, dtype=np.float64))
    return np.maximum(base + total, LEAST)
