"""A learned order: boosted regression trees over the signals, beside their weighted sum.

Small trees, each fitted to what the ones before it leave unexplained of the judged gains (stochastic
gradient boosting, Friedman 2002), several such rows of trees with other draws averaged. Some hundred
judged queries are few, so the trees do not stand alone: their score is standardised and added to the
weighted sum of the signals.

Growing them needs scikit-learn; scoring is a few array operations.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ranker.blend import Scored
from ranker.cross.judging import Say, silent
from ranker.signals import SIGNALS, SMALLEST_SPREAD, Column, Signals, Weights, ordered

RAW = ("lexical", "dense", "coverage", "phrase", "centroid", "kind", "title", "opening")  # looked at as they are too
UNKNOWN = -3.0  # in place of a raw value that is not known
COLUMNS = (*SIGNALS, *(f"raw {name}" for name in RAW), "sum")
WEIGHT = 1.0  # of the trees beside the sum: as much as it
LEAST_QUERIES = 20
_ARRAYS = ("column", "threshold", "left", "right", "value")


class TreesError(Exception):
    """Trees that cannot be grown or read; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown.

    Attributes:
        trees: in a row.
        rows: rows that are averaged.
        leaves: of a tree.
        least: candidates in a leaf.
        rate: how much of what it explains a tree may say.
        columns: share of the columns that a split chooses from.
        share: of the candidates that a tree sees.
        seed: the same seed grows the same trees.
    """

    trees: int = 250
    rows: int = 3
    leaves: int = 4
    least: int = 60
    rate: float = 0.05
    columns: float = 0.3
    share: float = 0.7
    seed: int = 1


@dataclass(frozen=True)
class Trees:
    """Grown trees, one a line of each array; a leaf's ``left`` is itself.

    Attributes:
        column: which column a node asks about; shape (trees, nodes).
        threshold: up to which value it goes left.
        left: the next node.
        right: the other next node.
        value: what a leaf says.
        about: where they come from, for whoever reads the file.
    """

    column: NDArray[np.int16]
    threshold: NDArray[np.float64]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float32]
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def score(self, signals: Signals, weights: Weights) -> Column:
        """What the trees say of each candidate, standardised over them; shape (candidates,)."""
        return standardised(self._said(table(signals, weights)))

    def _said(self, rows: NDArray[np.float32]) -> Column:
        at = np.zeros((len(rows), len(self.column)), dtype=np.intp)
        every = np.arange(len(self.column))[None, :]
        while True:
            asked = np.take_along_axis(rows, self.column[every, at].astype(np.intp), axis=1)
            following = np.where(asked <= self.threshold[every, at], self.left[every, at], self.right[every, at])
            if (following == at).all():
                return self.value[every, at].sum(axis=1, dtype=np.float64)
            at = following.astype(np.intp)

    def write(self, path: Path) -> None:
        """Writes them; the file appears whole or not at all."""
        draft = path.with_name(f"{path.name}.partial")
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        about = np.frombuffer(json.dumps({**self.about, "columns": COLUMNS}).encode(), dtype=np.uint8)
        with draft.open("wb") as file:
            np.savez_compressed(file, **arrays, about=about)
        draft.replace(path)


def read_trees(path: Path) -> Trees:
    """Trees from a file.

    Raises:
        TreesError: if it cannot be read, is damaged, or was made for other signals.
    """
    again = "Train them anew: shopwise train order."
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
            arrays = {name: held[name] for name in _ARRAYS}
            about = cast("dict[str, Any]", json.loads(held["about"].tobytes()))
        trees = Trees(**arrays, about=about)
        faults = _faults(trees)
    except (OSError, ValueError, KeyError, TypeError, EOFError, IndexError, zipfile.BadZipFile) as error:
        raise TreesError(f"{path} does not hold a learned order: {error}", again) from error
    if faults:
        raise TreesError(f"{path} cannot be used: {faults}.", again)
    return trees


def learned_order(signals: Signals, weights: Weights, trees: Trees) -> list[Scored]:
    """Best first by the weighted sum and the trees, each standardised over the candidates."""
    summed = standardised(signals.matrix() @ weights.of())
    return ordered(signals, summed + WEIGHT * trees.score(signals, weights))


def table(signals: Signals, weights: Weights) -> NDArray[np.float32]:
    """What trees look at: signals on their common scale, some as they are, and the weighted sum.

    Returns:
        Shape (candidates, ``len(COLUMNS)``).
    """
    raw = [np.asarray(signals.values.get(name, np.full(len(signals.ids), np.nan))) for name in RAW]
    known = signals.matrix()
    summed = standardised(known @ weights.of())
    columns = [*known.T, *(np.where(np.isfinite(column), column, UNKNOWN) for column in raw), summed]
    return np.stack(columns, axis=1).astype(np.float32)


def standardised(values: Column) -> Column:
    """Mean 0 and deviation 1; all 0 where there is no difference."""
    if not len(values):
        return values
    spread = float(values.std())
    return np.zeros(len(values)) if spread < SMALLEST_SPREAD else (values - float(values.mean())) / spread


def grow(
    judged: Sequence[tuple[Signals, Column]],
    weights: Weights,
    growth: Growth | None = None,
    about: Mapping[str, Any] | None = None,
    say: Say = silent,
) -> Trees:
    """Grow trees on judged candidates.

    Args:
        judged: of each query the signals of its candidates and the gain of each, 0 to 1.
        weights: of the sum that the trees will stand beside.
        growth: how.
        about: written down with the trees.
        say: hears (what, done, total).

    Raises:
        TreesError: if there are too few queries, or all gains are the same.
    """
    from sklearn.ensemble import GradientBoostingRegressor

    growth = growth or Growth()
    telling = [(signals, gains) for signals, gains in judged if len(gains) and float(np.ptp(gains)) > 0]
    if len(telling) < LEAST_QUERIES:
        raise TreesError(
            f"{len(telling)} queries have candidates of different gains; at least {LEAST_QUERIES} are needed.",
            "Give more judged queries, or leave the order as it is.",
        )
    rows = np.concatenate([table(signals, weights) for signals, _ in telling])
    wanted = np.concatenate([gains for _, gains in telling])
    grown: list[Any] = []
    for row in range(growth.rows):
        say("growing trees", row, growth.rows)
        model: Any = GradientBoostingRegressor(
            n_estimators=growth.trees,
            learning_rate=growth.rate,
            max_leaf_nodes=growth.leaves,
            min_samples_leaf=min(growth.least, max(1, len(wanted) // 20)),
            max_features=growth.columns,
            subsample=growth.share,
            random_state=growth.seed + row,
        )
        grown += [one.tree_ for one in model.fit(rows, wanted).estimators_[:, 0]]
    say("growing trees", growth.rows, growth.rows)
    return _packed(grown, growth.rate / growth.rows, about or {})


def _packed(grown: Sequence[Any], rate: float, about: Mapping[str, Any]) -> Trees:
    nodes = max(tree.node_count for tree in grown)
    own = np.arange(nodes, dtype=np.int16)
    trees = len(grown)
    left, right = np.tile(own, (trees, 1)), np.tile(own, (trees, 1))
    column = np.zeros((trees, nodes), dtype=np.int16)
    threshold, value = np.zeros((trees, nodes)), np.zeros((trees, nodes), np.float32)
    for at, tree in enumerate(grown):
        inner = np.flatnonzero(tree.children_left >= 0)
        left[at, inner], right[at, inner] = tree.children_left[inner], tree.children_right[inner]
        column[at, inner], threshold[at, inner] = tree.feature[inner], tree.threshold[inner]
        leaves = np.flatnonzero(tree.children_left < 0)
        value[at, leaves] = tree.value[leaves, 0, 0] * rate
    return Trees(column, threshold, left, right, value, about)


def _faults(trees: Trees) -> str:
    """What is wrong with trees that were read; empty if nothing is."""
    if list(trees.about.get("columns", ())) != list(COLUMNS):
        return "it was learned from other signals than this version has"
    shape = trees.column.shape
    if len(shape) != 2 or not shape[0] or any(getattr(trees, name).shape != shape for name in _ARRAYS):
        return "its parts do not fit together"
    nodes = np.arange(shape[1])[None, :]
    downwards = all(
        bool(((nodes <= child) & (child < shape[1])).all()) for child in (trees.left, trees.right)
    )  # so that every walk ends
    known = bool(((trees.column >= 0) & (trees.column < len(COLUMNS))).all())
    finite = bool(np.isfinite(trees.value).all() and np.isfinite(trees.threshold).all())
    return "" if downwards and known and finite else "it is damaged"
