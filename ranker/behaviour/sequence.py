"""The sequence model: what a person wants next, from the order of what they did, for items old and new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ranker.behaviour.batches import Trail
from ranker.behaviour.borrowing import most_taken, unit
from ranker.behaviour.calibrating import Calibration
from ranker.behaviour.columns import Columns, Places, learnable
from ranker.behaviour.model import BehaviourError, HeldOut, History, Items, OtherShapeError, Scores, Vectors
from ranker.behaviour.network import Network
from ranker.behaviour.newcomers import MOST_LENDERS, borrowed, calibrate, likeness
from ranker.behaviour.recipe import Recipe
from ranker.behaviour.stored import Parts, check_encoder, fingerprint
from ranker.behaviour.training import Fitted, Held, Run, last_states, train
from ranker.cross.judging import Say

if TYPE_CHECKING:
    from torch import Tensor

PLAN = "plan.json"
AT_ONCE = 256  # people


class SequenceModel:
    """Causal self-attention over ids and texts.

    Args:
        ids: of the catalogue.
        network: whose items are those at ``known``.
        known: columns of the items that it learned of, ascending.
        vectors: of all items; ``None`` if it learned from ids alone.
        mute: columns of items of which neither id nor text is known: they get each row's lowest score.
        popular: how many people took each item, for histories that say nothing.
        calibration: of items that it has not learned of.
    """

    kind = "sequence"

    def __init__(
        self,
        name: str,
        ids: Sequence[str],
        network: Network,
        known: Places,
        vectors: Vectors | None,
        mute: Places,
        popular: Scores,
        calibration: Calibration | None = None,
    ) -> None:
        import torch

        self.name = name
        self.items = tuple(ids)
        self._columns = Columns(ids)
        self._network, self._known, self._vectors = network, known, vectors
        self._mute, self._popular = mute, popular
        self._calibration = calibration or Calibration()
        self._silent = np.isin(np.arange(len(ids)), mute)
        with torch.inference_mode():
            table = torch.zeros(len(ids), network.recipe.width)
            table[torch.from_numpy(known)] = learned = network.table()
            self._new = np.zeros(0, dtype=np.int64)
            if vectors is not None:
                self._new = new = np.setdiff1d(np.arange(len(ids)), known)
                lend, nowhere = most_taken(known, popular, MOST_LENDERS), np.full(len(new), -1)
                lent = borrowed(network, vectors[new], vectors[known], learned.numpy(), lend, nowhere)
                table[torch.from_numpy(new)] = torch.from_numpy(lent)
                self._new_words = unit(vectors[new])
        self._table = table

    def score(self, histories: Sequence[History]) -> Scores:
        """The products of each person's state with the items; for a history that says nothing, popularity."""
        import torch

        scores = np.tile(np.log1p(self._popular), (len(histories), 1))
        trails = [self._told(history) for history in histories]
        telling = [person for person, trail in enumerate(trails) if len(trail)]
        with torch.inference_mode():
            for start in range(0, len(telling), AT_ONCE):
                people = telling[start : start + AT_ONCE]
                states = last_states(self._network, self._table, [trails[person] for person in people])
                scores[people] = self._scored(states, [trails[person] for person in people])
        if len(self._mute) and len(self._mute) < len(self.items):
            scores[:, self._mute] = scores[:, ~self._silent].min(axis=1, keepdims=True)
        return scores

    def _scored(self, states: Tensor, trails: Sequence[Places]) -> Scores:
        scores = (states @ self._table.T).numpy()
        if self._vectors is not None and len(self._new):
            alike = likeness(self._vectors, trails, self._new_words)
            scores[:, self._new] = self._calibration.scores(scores[:, self._new], alike)
        return scores

    def _told(self, history: History) -> Places:
        places = self._columns.places(history)
        return places[~self._silent[places]]

    def parts(self) -> Parts:
        """Recipe, weights and vectors."""
        arrays = {f"weights.{name}": array for name, array in self._network.arrays().items()}
        arrays |= {"known": self._known, "mute": self._mute, "popular": self._popular}
        if self._vectors is not None:
            arrays["vectors"] = self._vectors
        facts = {"name": self.name, "recipe": self._network.recipe.json_dict()}
        return Parts(facts | {"calibration": asdict(self._calibration)}, arrays)

    @classmethod
    def of(cls, ids: Sequence[str], parts: Parts) -> SequenceModel:
        """The model of its parts."""
        arrays = parts.arrays
        weights = {name.removeprefix("weights."): array for name, array in arrays.items() if "weights." in name}
        vectors, known = arrays.get("vectors"), arrays["known"]
        network = Network.read(
            Recipe(**parts.facts["recipe"]), weights, None if vectors is None else np.ascontiguousarray(vectors[known])
        )
        calibration = Calibration(**parts.facts.get("calibration", {}))
        return cls(
            str(parts.facts["name"]), ids, network, known, vectors, arrays["mute"], arrays["popular"], calibration
        )

    def over(self, items: Items) -> SequenceModel:
        """The same model over another catalogue; new items are known by their vectors.

        Raises:
            UnfitError: if the vectors are not of the encoder that it learned with.
        """
        if items.ids == self.items:
            return self
        there = np.array([-1 if (place := self._columns.place(id)) is None else place for id in items.ids])
        shared = there >= 0
        rows = np.full(len(self.items), -1)
        rows[self._known] = np.arange(len(self._known))
        row = np.where(shared, rows[there], -1)
        known = np.flatnonzero(row >= 0)
        vectors = self._carried(items, there)
        unsaid = ~shared if self._vectors is None or items.vectors is None else np.zeros(len(shared), dtype=bool)
        unsaid |= shared & self._silent[there]
        popular = np.where(shared, self._popular[there], 0).astype(np.float32)
        weights = self._network.arrays()
        weights["ids"] = weights["ids"][row[known]]
        network = Network.read(self._network.recipe, weights, None if vectors is None else vectors[known])
        mute = np.flatnonzero(unsaid)
        return SequenceModel(self.name, items.ids, network, known, vectors, mute, popular, self._calibration)

    def _carried(self, items: Items, there: Places) -> Vectors | None:
        if self._vectors is None:
            return None
        given = items.vectors
        shared = there >= 0
        vectors = np.zeros((len(items.ids), self._vectors.shape[1]), dtype=np.float32)
        if given is not None:
            check_encoder(self._vectors[there[shared]], given[shared])
            vectors[~shared] = given[~shared]
        vectors[shared] = self._vectors[there[shared]]
        return vectors

    def warm(self, network: Network, ids: Sequence[str]) -> None:
        """Gives a network that has learned nothing what this one knows; ``ids`` are of the network's items.

        Raises:
            OtherShapeError: if the two are not of one shape.
        """
        mine = self._network.arrays()
        fresh = network.arrays()
        shapes = {name: array.shape for name, array in mine.items() if name != "ids"}
        if shapes != {name: array.shape for name, array in fresh.items() if name != "ids"}:
            raise OtherShapeError(
                "The earlier model has another shape, so that nothing can start from it.",
                "Use its width, layers, length and encoder, or start anew.",
            )
        rows = {self.items[column]: row for row, column in enumerate(self._known)}
        pairs = [(here, rows[id]) for here, id in enumerate(ids) if id in rows]
        table = fresh["ids"]
        table[[here for here, _ in pairs]] = mine["ids"][[row for _, row in pairs]]
        import torch

        network.put({name: torch.from_numpy(array) for name, array in (mine | {"ids": table}).items()})


@dataclass
class SequenceTrainer:
    """Makes sequence models.

    Attributes:
        validation: histories to judge the epochs by; ``None`` holds out the last event of some people.
        start: an earlier model to go on from.
        run: folder of the run, which goes on where it was broken off; ``None`` keeps nothing.
        tensorboard: whether to log for it too.
        fitted: what came of the last training.
    """

    recipe: Recipe = field(default_factory=Recipe)
    validation: Sequence[HeldOut] | None = None
    start: SequenceModel | None = None
    run: Path | None = None
    tensorboard: bool = False
    name: str = "sequence"
    fitted: Fitted | None = None

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> SequenceModel:
        """The model of the epoch that did best.

        Raises:
            BehaviourError: if nobody has two events of known items, or the folder holds a run of something else.
        """
        import torch

        counts = np.asarray(learnable(histories, items, binary=True).sum(axis=0), dtype=np.float32)[0]
        known = np.flatnonzero(counts > 0)
        row = np.full(len(items.ids), -1)
        row[known] = np.arange(len(known))
        trails, held = self._parted(histories, Columns(items.ids), row)
        vectors = None if items.vectors is None else np.ascontiguousarray(items.vectors, dtype=np.float32)
        self._plan(items, trails)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            network = Network.fresh(self.recipe, len(known), None if vectors is None else vectors[known])
            if self.start is not None:
                self.start.warm(network, [items.ids[column] for column in known])
            self.fitted = train(network, trails, held, Run(self.run, tensorboard=self.tensorboard), say)
        if vectors is None:
            mute, calibration = np.flatnonzero(row < 0), Calibration()
        else:
            mute = np.zeros(0, dtype=np.int64)
            calibration = calibrate(network, held, vectors[known], counts[known])
        return SequenceModel(self.name, items.ids, network, known, vectors, mute, counts, calibration)

    def _parted(self, histories: Sequence[History], columns: Columns, row: Places) -> tuple[list[Trail], list[Held]]:
        trails = [
            Trail(row[columns.places(history)], np.array([e.weight for e in columns.known(history)], dtype=np.float32))
            for history in histories
        ]
        trails = [trail for trail in trails if len(trail.rows) > 1]
        if not trails:
            raise BehaviourError(
                "Nobody has two events of items in the catalogue: there is no order to learn from.",
                "Use popularity until there are more events.",
            )
        if self.validation is None:
            return _held_out(trails, self.recipe)
        held = [(_rows(each.history, columns, row), columns.place(each.target)) for each in self.validation]
        return trails, [
            Held(rows, int(row[column]))
            for rows, column in held
            if len(rows) and column is not None and row[column] >= 0
        ]

    def _plan(self, items: Items, trails: Sequence[Trail]) -> None:
        if self.run is None:
            return
        told = hashlib.sha256(b"".join(trail.rows.tobytes() + b"|" for trail in trails)).hexdigest()[:16]
        plan = {"recipe": self.recipe.json_dict(), "items": fingerprint(items.ids), "events": told}
        path = self.run / PLAN
        if path.exists() and json.loads(path.read_text(encoding="utf-8")) != plan:
            raise BehaviourError(
                f"{self.run} holds a run of another recipe or of other events.",
                "Give a new folder, or delete this one.",
            )
        self.run.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")


def _rows(history: History, columns: Columns, row: Places) -> Places:
    rows = row[columns.places(history)]
    return rows[rows >= 0]


def _held_out(trails: list[Trail], recipe: Recipe) -> tuple[list[Trail], list[Held]]:
    """The last events of some people apart: of a tenth at most, and only of those who have three."""
    able = [place for place, trail in enumerate(trails) if len(trail.rows) > 2]
    dice = np.random.default_rng(recipe.seed)
    chosen = dice.permutation(able)[: min(recipe.validation, len(trails) // 10)].astype(np.int64)
    held = [Held(trails[place].rows[:-1], int(trails[place].rows[-1])) for place in chosen]
    parted = list(trails)
    for place in chosen:
        parted[place] = replace(trails[place], rows=trails[place].rows[:-1], weights=trails[place].weights[:-1])
    return parted, held
