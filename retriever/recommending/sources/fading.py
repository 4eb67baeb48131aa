"""What a person did last says most, also to a model that forgets nothing.

Item-item models add up what each act says, however long ago it was. On the data that we know that is worse the longer
a history is. What the latest acts say can be told from the scores that are there anyhow, those of the history without
each of them, and counts the less the longer ago it was; all that is older counts as much as it does on average. Models
that read a history in its order, or make one person of it, weigh it by themselves and are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.model import BehaviourModel, History
from retriever.recommending.knowledge.past import DAY, DAYS, PLACES, Past
from retriever.recommending.situation import Situation

Scores = NDArray[np.float32]

ROUNDING = 1e-4  # of the greatest score: sums of so many numbers differ by that


class Fading:
    """Weighs the acts of a history for models that do not. Safe to share."""

    def __init__(self) -> None:
        self._asked: tuple[BehaviourModel, bool] | None = None

    def faded(self, model: BehaviourModel, situation: Situation, past: Past, scores: Scores) -> Scores:
        """The same scores, with what each act says weighed if the model does not do so.

        Args:
            model: that made the scores.
            situation: whose history they are of.
            past: that history, by goods.
            scores: of the whole history, and of it without each of the latest goods of the past.
        """
        history, tried = situation.history, len(scores) - 1
        if len(past) < 2 or not self._adds_up(model, history):
            return scores
        fades = _fades(history, [situation.goods.ids[row] for row in past.rows.tolist()])
        rest = float(fades[tried:].mean()) if len(past) > tried else 0.0
        says = scores[0] - scores[1:]
        weights = fades[:tried].astype(np.float32)
        whole = np.float32(rest) * (scores[0] - says.sum(axis=0)) + weights @ says
        np.multiply(says, -weights[:, None], out=says)
        says += whole
        return np.concatenate([whole[None], says])

    def _adds_up(self, model: BehaviourModel, history: History) -> bool:
        """Whether what a model says of two acts is the sum of what it says of each; asked once of each model."""
        asked = self._asked
        if asked is not None and asked[0] is model:
            return asked[1]
        found = adds_up(model, history)
        if found is None:
            return False
        self._asked = model, found
        return found


def _fades(history: History, items: Sequence[str]) -> NDArray[np.float64]:
    """How much each of these items still says, by when it was taken last; the latest 1."""
    latest = {event.item: event.at for event in history if event.weight > 0}
    moments = {at: place for place, at in enumerate(sorted(set(latest.values()), reverse=True))}
    newest = max(latest.values())
    ages = [(newest - latest[item]) / DAY / DAYS + moments[latest[item]] / PLACES for item in items]
    return 0.5 ** np.array(ages)


def adds_up(model: BehaviourModel, history: History) -> bool | None:
    """Whether a model adds up what two acts of a history say; ``None`` if one of these says nothing to it."""
    last = history[-1]
    other = next((event for event in reversed(history) if event.item != last.item), None)
    if other is None:
        return None
    nobody, one, two, both = np.asarray(model.score([(), (other,), (last,), (other, last)]), dtype=np.float64)
    if np.ptp(one - nobody) == 0 or np.ptp(two - nobody) == 0:
        return None
    most = np.abs(both).max()
    return bool(np.allclose(both + nobody, one + two, rtol=0.0, atol=ROUNDING * most))
