"""Models on disk: arrays and a description in a folder, never code; and models over a catalogue that has changed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.columns import Columns
from ranker.behaviour.model import BehaviourModel, History, Items, Scores, UnfitError, Vectors
from ranker.fingerprint import file_digest

ARRAYS, DESCRIPTION = "model.npz", "behaviour.json"
IDS = "item_ids"
SHARED = 0.5  # of a model's items; with fewer left it is another shop's model, or one of long ago
ALIKE = 0.9  # cosine between items' vectors of then and of now, below which another encoder made them
AGAIN = "Train again, or copy the whole folder once more."


@dataclass(frozen=True)
class Parts:
    """What a model consists of.

    Attributes:
        facts: what JSON can hold.
    """

    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


@runtime_checkable
class Storable(BehaviourModel, Protocol):
    """A model that can be written down. Its class is made again by ``of(ids, parts)``."""

    kind: str

    def parts(self) -> Parts:
        """What it consists of, but for the ids."""
        ...


@runtime_checkable
class Extending(Protocol):
    """A model that can score items that it has never seen."""

    def over(self, items: Items) -> BehaviourModel:
        """The same model over another catalogue.

        Raises:
            UnfitError: if the vectors are not of the encoder that it learned with.
        """
        ...


Making = Callable[[Sequence[str], Parts], BehaviourModel]  # makes a model of its ids and parts


def fingerprint(ids: Sequence[str]) -> str:
    """Sixteen hex digits over ids and their order."""
    return hashlib.sha256("\0".join(ids).encode()).hexdigest()[:16]


def write(model: Storable, folder: Path) -> None:
    """Writes a model into a folder; one that is there is replaced, description last."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = model.parts()
    draft = folder / f".{ARRAYS}"
    with draft.open("wb") as file:
        arrays: Any = {IDS: np.array(model.items, dtype=np.str_), **parts.arrays}
        np.savez(file, **arrays)
    said = {
        "kind": model.kind,
        "items": fingerprint(model.items),
        "sha256": file_digest(draft),
        "facts": dict(parts.facts),
    }
    draft.replace(folder / ARRAYS)
    description = folder / f".{DESCRIPTION}"
    description.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    description.replace(folder / DESCRIPTION)


def read(folder: Path, kinds: Mapping[str, Making], items: Items | None = None) -> BehaviourModel:
    """The model of a folder, over a catalogue if one is given.

    Raises:
        UnfitError: if a file is missing or damaged, or the model was made for another catalogue.
    """
    said = _description(folder)
    path = folder / ARRAYS
    if not path.is_file():
        raise UnfitError(f"The model's file {path} is missing.", AGAIN)
    if file_digest(path) != said.get("sha256"):
        raise UnfitError(f"The model's file {path} is damaged: its checksum is another.", AGAIN)
    making = kinds.get(str(said.get("kind")))
    if making is None:
        raise UnfitError(f"{folder / DESCRIPTION} names the kind '{said.get('kind')}', which is unknown.", AGAIN)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        ids = tuple(str(id) for id in arrays.pop(IDS))
        model = making(ids, Parts(said["facts"], arrays))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UnfitError(f"The model in {folder} cannot be understood: {error}.", AGAIN) from error
    if said.get("items") != fingerprint(ids):
        raise UnfitError(f"{folder / DESCRIPTION} is of other items than {ARRAYS} beside it.", AGAIN)
    return model if items is None else over(model, items)


def over(model: BehaviourModel, items: Items) -> BehaviourModel:
    """A model's scores for a catalogue as it is now.

    Items that are gone are left out. New ones get what a model that reads vectors says of them, else each row's lowest
    score.

    Raises:
        UnfitError: if less than half of the model's items are left, or the vectors are of another encoder.
    """
    left = len(set(model.items) & set(items.ids))
    if left < SHARED * len(model.items):
        raise UnfitError(
            f"The model is of another catalogue: of its {len(model.items)} items, {left} are left.",
            "Train a model for this catalogue.",
        )
    if isinstance(model, Extending):
        return model.over(items)
    return model if tuple(model.items) == items.ids else Recast(model, items)


def check_encoder(then: Vectors, now: Vectors) -> None:
    """Compares the vectors of the same items.

    Raises:
        UnfitError: if they are not of one encoder.
    """
    encoder = "Use the encoder that it was trained with, or train again."
    if then.shape[1] != now.shape[1]:
        raise UnfitError(
            f"The model learned from vectors {then.shape[1]} wide; these are {now.shape[1]} wide.", encoder
        )
    lengths = np.linalg.norm(then, axis=1) * np.linalg.norm(now, axis=1)
    some = lengths > 0
    if some.any() and float(np.mean((then * now).sum(axis=1)[some] / lengths[some])) < ALIKE:
        raise UnfitError("The model learned from vectors of another encoder.", encoder)


class Recast:
    """A model whose columns are those of another catalogue."""

    def __init__(self, model: BehaviourModel, items: Items) -> None:
        self.name = model.name
        self.items = items.ids
        self._model = model
        columns = Columns(model.items)
        found = [(here, there) for here, id in enumerate(items.ids) if (there := columns.place(id)) is not None]
        self._here = np.array([here for here, _ in found], dtype=np.int64)
        self._there = np.array([there for _, there in found], dtype=np.int64)

    def score(self, histories: Sequence[History]) -> Scores:
        """The model's own scores; an item that it does not know gets each row's lowest."""
        scores = self._model.score(histories)
        lowest = scores.min(axis=1, keepdims=True) if scores.size else np.zeros((len(histories), 1), np.float32)
        cast = np.repeat(lowest, len(self.items), axis=1).astype(np.float32)
        cast[:, self._here] = scores[:, self._there]
        return cast

    def __repr__(self) -> str:
        return f"Recast({self.name}, {len(self.items)} items)"


def _description(folder: Path) -> dict[str, Any]:
    path = folder / DESCRIPTION
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnfitError(f"There is no model in {folder}: {DESCRIPTION}: {error}.", AGAIN) from error
    if not isinstance(said, dict):
        raise UnfitError(f"There is no model in {folder}: {DESCRIPTION} holds no object.", AGAIN)
    return dict(said)
