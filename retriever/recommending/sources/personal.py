"""What this person is likely to want next: by the trained model, or else by what goes together in the crowd's baskets.

Scores are made with the history as it is now, so that an act counts at once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.model import BehaviourError, BehaviourModel
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.likely import highest_positive
from retriever.recommending.knowledge.past import Past, past_of
from retriever.recommending.situation import Situation
from retriever.recommending.sources.fading import Fading
from retriever.recommending.sources.lifted import SEEDS, Lifting
from retriever.vectors import VectorIndex

TRIED = 4  # goods of the history, the latest, that the model is asked to do without
SPARE = 2  # times as many goods as are wanted are looked at, for some have no reason that could be told

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Scored:
    """Scores of all goods, and what moved them.

    Attributes:
        values: from 0 to 1; what has 0 is not put forward.
        cause: of some goods, by row, the place in the past of what moved it most.
    """

    values: Floats
    cause: Mapping[int, int]


@dataclass(frozen=True, eq=False)
class _Aligned:
    """Where the model's columns are among the goods, kept for as long as these and the crowd are the same.

    Attributes:
        size: columns of the model.
        columns: of each row; -1 for what the model does not know yet.
        known: the rows of goods that the model knows ...
        tried: ... those of them that anybody had to do with ...
        untried: ... and the others.
    """

    model: BehaviourModel
    goods: Goods
    crowd: Crowd
    size: int
    columns: Rows
    known: Rows
    tried: Rows
    untried: Rows


class Personal:
    """The likeliest next goods. Those of the history itself are never among them: see ``again``.

    Args:
        texts: vectors of the goods' words, by which goods without events get a score; ``None``: they get none.
    """

    name = "personal"

    def __init__(self, texts: VectorIndex | None = None) -> None:
        self._lifting = None if texts is None else Lifting(texts)
        self._kept: _Aligned | None = None
        self._fading = Fading()

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The likeliest goods that the person has not had to do with yet; none for a stranger."""
        goods = situation.goods
        past = past_of(situation)
        if not len(past) or limit <= 0:
            return ()
        company = _by_company(situation, past)
        scored = self._by_model(situation, past, limit) or company
        values, near = scored.values.copy(), dict[int, int]()
        if self._lifting is not None:
            seeds = values.copy()
            seeds[past.rows] = past.weights
            lift = self._lifting.lift(goods, situation.crowd, seeds)
            better = lift.scores > values[lift.rows]
            values[lift.rows[better]] = lift.scores[better]
            near = dict(zip(lift.rows[better].tolist(), lift.near[better].tolist(), strict=True))
        values[goods.rows_of([event.item for event in situation.history])] = 0.0
        values *= goods.available
        reasons = _Reasons(situation, past, (scored.cause, company.cause))
        best = highest_positive(values, SPARE * limit).tolist()
        told = ((row, reasons.of(row, near.get(row, -1))) for row in best)
        found = (Candidate(goods.ids[row], float(values[row]), self.name, (why,)) for row, why in told if why)
        return list(islice(found, limit))

    def _by_model(self, situation: Situation, past: Past, limit: int) -> _Scored | None:
        """By the model; ``None`` if there is none, or it has nothing to say of this history."""
        model, goods = situation.crowd.model, situation.goods
        if model is None:
            return None
        tried = [goods.ids[row] for row in past.rows[:TRIED].tolist()]
        without = [[event for event in situation.history if event.item != id] for id in tried]
        try:
            scores = np.asarray(model.score([situation.history, *without]), dtype=np.float32)
        except BehaviourError as error:
            logger.warning("the behaviour model does not count: %s", error)
            return None
        aligned = self._align(model, goods, situation.crowd)
        if scores.shape != (len(tried) + 1, aligned.size) or not np.isfinite(scores).all():
            logger.warning("the behaviour model does not count: its scores are not one finite number an item")
            return None
        scores = self._fading.faded(model, situation, past, scores)
        values = _values(scores[0], aligned)
        if values is None:
            return None
        best = highest_positive(values, max(SPARE * limit, SEEDS))
        cause = _moved(scores, best, aligned)
        return _Scored(values, cause) if cause else None

    def _align(self, model: BehaviourModel, goods: Goods, crowd: Crowd) -> _Aligned:
        kept = self._kept
        if kept is None or kept.model is not model or kept.goods is not goods or kept.crowd is not crowd:
            found = (goods.rows.get(id, -1) for id in model.items)
            rows = np.fromiter(found, dtype=np.int64, count=len(model.items))
            columns = np.full(len(goods), -1)
            columns[rows[rows >= 0]] = np.flatnonzero(rows >= 0)
            known = np.flatnonzero(columns >= 0)
            people = crowd.people[known]
            parts = known, known[people > 0], known[people == 0]
            self._kept = kept = _Aligned(model, goods, crowd, len(model.items), columns, *parts)
        return kept


class _Reasons:
    """What moved each good: an act of the person, else the kind of goods that the person is most about."""

    def __init__(self, situation: Situation, past: Past, causes: Sequence[Mapping[int, int]]) -> None:
        self._situation = situation
        self._past = past
        self._causes = causes
        self._places = {row: place for place, row in enumerate(past.rows.tolist())}
        self._favourite = past.favourite(situation)

    def of(self, row: int, near: int) -> Because | None:
        """The reason for a good, whose score was lifted from another one's if ``near`` is that one's row."""
        source = near if near >= 0 else row
        place = self._places.get(source, self._cause(source))
        if place is not None:
            return self._past.because(place, self._situation)
        goods = self._situation.goods
        if self._favourite is not None and goods.category[row] == self._favourite:
            return Because("favourite", name=goods.categories[self._favourite])
        return None

    def _cause(self, row: int) -> int | None:
        return next((cause[row] for cause in self._causes if row in cause), None)


def _by_company(situation: Situation, past: Past) -> _Scored:
    """By the neighbours of each good of the past, as far as that still says something: an item-item model."""
    together = situation.crowd.together
    parts = [slice(int(together.start[row]), int(together.start[row + 1])) for row in past.rows.tolist()]
    counts = np.array([part.stop - part.start for part in parts])
    rows = np.concatenate([together.row[part] for part in parts]).astype(np.int64)
    place = np.repeat(np.arange(len(past)), counts)
    parted = np.concatenate([together.score[part] for part in parts]) * past.weights[place]
    values = np.bincount(rows, parted, minlength=len(situation.goods)).astype(np.float64)
    order = np.argsort(parted, kind="stable")  # the last to be set is what moved it most
    cause = dict(zip(rows[order].tolist(), place[order].tolist(), strict=True))
    return _Scored(values / max(values.max(initial=0.0), 1e-12), cause)


def _values(scores: NDArray[np.float32], aligned: _Aligned) -> Floats | None:
    """A model's scores from 0, their mean, to 1; ``None`` if all are alike.

    A model that gives all goods without events the same score knows nothing of them: they have 0 then.
    """
    alike = aligned.untried.size and np.ptp(scores[aligned.columns[aligned.untried]]) == 0
    rows = aligned.tried if alike else aligned.known
    if not rows.size:
        return None
    held = scores[aligned.columns[rows]].astype(np.float64)
    middle, top = float(held.mean()), float(held.max())
    if not top > middle:
        return None
    above = held > middle
    values = np.zeros(aligned.columns.size)
    values[rows[above]] = (held[above] - middle) / (top - middle)
    return values


def _moved(scores: NDArray[np.float32], rows: Rows, aligned: _Aligned) -> dict[int, int]:
    """For each good the act without which its score would fall most, measured against all goods' scores."""
    means = scores.mean(axis=1, keepdims=True)
    held = scores[:, aligned.columns[rows]] - means
    fall = held[0] - held[1:]
    return {
        row: int(place)
        for row, place, much in zip(rows.tolist(), fall.argmax(axis=0), fall.max(axis=0), strict=True)
        if much > 0
    }
