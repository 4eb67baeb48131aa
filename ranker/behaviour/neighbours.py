"""Items that the same people took: cosines between items, shrunk so that a coincidence counts little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ranker.behaviour.columns import Columns, Places, dense, learnable
from ranker.behaviour.model import History, Items, Scores
from ranker.behaviour.stored import Parts
from ranker.cross.judging import Say

FEW = 8  # histories that are added up one by one
AT_ONCE = 1024  # items whose neighbours are found in one step


class ItemWeights:
    """Scores are a history times a matrix of items by items, sparse or dense.

    Args:
        taken: columns of the items that the matrix is about; the others score 0.
    """

    kind = "item-weights"

    def __init__(self, name: str, ids: Sequence[str], weights: Any, taken: Places) -> None:
        self.name = name
        self.items = tuple(ids)
        self._columns = Columns(ids)
        self._weights = weights
        self._taken = taken
        self._all = np.array_equal(taken, np.arange(len(self.items)))

    def score(self, histories: Sequence[History]) -> Scores:
        """The sum of what each item of a history says; 0 throughout for an empty one."""
        taken = self._columns.matrix(histories, binary=True)
        if self._all and len(histories) <= FEW and not isinstance(self._weights, np.ndarray):
            return self._added_up(taken)
        if self._all:  # as item-item has it: to pick and place 100,000 columns takes as long as to multiply them
            return dense(taken @ self._weights)
        scores = np.zeros((len(histories), len(self.items)), dtype=np.float32)
        scores[:, self._taken] = dense(taken[:, self._taken] @ self._weights)
        return scores

    def _added_up(self, taken: Any) -> Scores:
        """Of a few histories, which share most of their items where somebody waits for them: half the time."""
        items = np.unique(taken.indices)
        rows = self._weights[items]
        lengths, bounds = np.diff(rows.indptr), taken.indptr
        scores = np.zeros(taken.shape, dtype=np.float32)
        for person in range(len(scores)):
            held = np.zeros(len(items))
            held[np.searchsorted(items, taken.indices[bounds[person] : bounds[person + 1]])] = 1.0
            says = rows.data * np.repeat(held, lengths)
            scores[person] = np.bincount(rows.indices, says, minlength=taken.shape[1])
        return scores

    def parts(self) -> Parts:
        """The matrix."""
        if isinstance(self._weights, np.ndarray):
            arrays = {"dense": self._weights}
        else:
            arrays = {name: getattr(self._weights, name) for name in ("data", "indices", "indptr")}
        return Parts({"name": self.name}, arrays | {"taken": self._taken})

    @classmethod
    def of(cls, ids: Sequence[str], parts: Parts) -> ItemWeights:
        """The model of its parts."""
        from scipy.sparse import csr_matrix

        arrays = parts.arrays
        weights: Any = arrays.get("dense")
        if weights is None:
            parted = (arrays["data"], arrays["indices"], arrays["indptr"])
            weights = csr_matrix(parted, shape=(len(arrays["taken"]), len(arrays["taken"])))
        return cls(str(parts.facts["name"]), ids, weights, arrays["taken"])


@dataclass(frozen=True)
class ItemCosine:
    """Item-item cosines, the classic of "people who took this also took".

    Attributes:
        shrink: added below the fraction line, so that items that few people took are less sure neighbours.
        neighbours: kept of each item.
    """

    shrink: float = 10.0
    neighbours: int = 200
    name: str = "item-item cosine"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> ItemWeights:
        """The nearest neighbours of each item."""
        from scipy.sparse import vstack

        matrix = learnable(histories, items, binary=True)
        together = matrix.T.tocsr()
        lengths = np.sqrt(np.asarray(together.sum(axis=1), dtype=np.float32)[:, 0])
        rows: list[Any] = []
        for start in range(0, len(items.ids), AT_ONCE):
            rows.append(self._nearest(together[start : start + AT_ONCE] @ matrix, lengths, start))
            say("neighbours", min(start + AT_ONCE, len(items.ids)), len(items.ids))
        return ItemWeights(self.name, items.ids, vstack(rows, format="csr"), np.arange(len(items.ids)))

    def _nearest(self, counts: Any, lengths: Scores, start: int) -> Any:
        from scipy.sparse import csr_matrix

        counts = counts.tocoo()
        other = counts.row + start != counts.col
        row, column, count = counts.row[other], counts.col[other], counts.data[other]
        cosine = count / (lengths[row + start] * lengths[column] + self.shrink)
        order = np.lexsort((column, -cosine, row))
        row, column, cosine = row[order], column[order], cosine[order]
        first = np.searchsorted(row, row)  # where each row begins
        kept = np.arange(len(row)) - first < self.neighbours
        values = cosine[kept].astype(np.float32)
        return csr_matrix((values, (row[kept], column[kept])), shape=counts.shape, dtype=np.float32)
