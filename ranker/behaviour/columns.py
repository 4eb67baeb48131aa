"""Histories as numbers: an item's column, sequences of columns, and the matrix of people by items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.model import BehaviourError, Event, History, Items

Places = NDArray[np.int64]


class Columns:
    """Where each item is among the scores."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._places = {id: place for place, id in enumerate(ids)}

    def __len__(self) -> int:
        return len(self._places)

    def known(self, history: History) -> list[Event]:
        """The events that say something of an item in the catalogue."""
        return [e for e in history if e.item in self._places and e.weight > 0 and math.isfinite(e.weight)]

    def places(self, history: History) -> Places:
        """The columns of a history's known events, in its order."""
        return np.array([self._places[event.item] for event in self.known(history)], dtype=np.int64)

    def place(self, item: str) -> int | None:
        """One item's column; ``None`` if it is not in the catalogue."""
        return self._places.get(item)

    def matrix(self, histories: Sequence[History], *, binary: bool = False) -> Any:
        """A sparse matrix, one row a person: the sum of the weights of the events with an item.

        ``binary`` counts an item once, however often and however much it was looked at.
        """
        from scipy.sparse import csr_matrix

        known = [self.known(history) for history in histories]
        starts = np.cumsum([0, *map(len, known)], dtype=np.int64)
        events = list(chain.from_iterable(known))
        places = np.array([self._places[event.item] for event in events], dtype=np.int64)
        weights = np.array([event.weight for event in events], dtype=np.float32)
        matrix = csr_matrix((weights, places, starts), shape=(len(histories), len(self)), dtype=np.float32)
        matrix.sum_duplicates()
        if binary:
            matrix.data[:] = 1.0
        return matrix


def learnable(histories: Sequence[History], items: Items, *, binary: bool = False) -> Any:
    """The matrix to learn from.

    Raises:
        BehaviourError: if no event is of any item.
    """
    matrix = Columns(items.ids).matrix(histories, binary=binary)
    if matrix.nnz == 0:
        raise BehaviourError("None of the events is of an item in the catalogue.", "Check the ids of the events.")
    return matrix


def dense(matrix: Any) -> NDArray[np.float32]:
    """A sparse product as plain scores."""
    rows = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    return np.ascontiguousarray(rows, dtype=np.float32)
