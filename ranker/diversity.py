"""Ten near-duplicates are one answer: maximal marginal relevance (Carbonell and Goldstein 1998).

A candidate that is nearly the same as one already taken moves down; one that is merely
alike stays, as people who ask for red mugs want to see red mugs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.blend import Scored
from ranker.encoder import Vectors

ALIKE = 0.9  # cosine from which two products count as nearly the same
STRENGTH = 0.5  # what a full likeness costs, in standard deviations of the scores
DEPTH = 30  # places that are rearranged


def diversified(
    candidates: Sequence[Scored],
    vectors: Mapping[str, Vectors],
    *,
    strength: float = STRENGTH,
    alike: float = ALIKE,
    depth: int = DEPTH,
) -> list[Scored]:
    """The same candidates; the next place goes to the best score less what it repeats of those above it.

    Args:
        candidates: best first.
        vectors: unit vectors of the candidates; one without a vector repeats nothing.
        strength: what being the same as one above costs, in standard deviations of the scores; 0 changes nothing.
        alike: the cosine at which a likeness begins to cost; the cost grows from there to 1.
        depth: only the first places are rearranged.
    """
    head = list(candidates[:depth])
    scores = np.array([candidate.score for candidate in head])
    spread = float(scores.std()) if len(head) else 0.0
    known = [candidate.id for candidate in head if candidate.id in vectors]
    if strength <= 0 or spread == 0 or len(known) < 2:
        return list(candidates)
    row = {id: at for at, id in enumerate(known)}
    stacked = np.stack([vectors[id] for id in known])
    excess = np.clip((stacked @ stacked.T - alike) / (1 - alike), 0.0, 1.0)
    repeated = np.zeros(len(known))
    taken: list[Scored] = []
    left = list(range(len(head)))
    while left:
        best = max(left, key=lambda at: (scores[at] - strength * spread * _of(repeated, row, head[at].id), -at))
        left.remove(best)
        taken.append(head[best])
        if head[best].id in row:
            repeated = np.maximum(repeated, excess[row[head[best].id]])
    # A list that is best first has scores that fall: who moved up has earned the place's score.
    placed = [Scored(item.id, score) for item, score in zip(taken, sorted(scores, reverse=True), strict=True)]
    return [*placed, *candidates[depth:]]


def _of(repeated: NDArray[Any], row: Mapping[str, int], id: str) -> float:
    return float(repeated[row[id]]) if id in row else 0.0
