"""The shop's own behaviour model, over its goods as they are now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ranker.behaviour.model import Vectors
from ranker.behaviour.serving import ServedModel
from ranker.cross.shelf import Shelf

FOLDER = "behaviour"  # in the shop's home
Embeddings = Callable[[Sequence[str]], Mapping[str, Vectors]]


def behaviour_model(home: Path, embeddings: Embeddings) -> ServedModel:
    """What ``shopwise train behaviour`` put in use: ``over(ids)`` gives the model, or ``None``.

    Args:
        home: the shop's folder.
        embeddings: gives the text vectors of products.
    """
    return ServedModel(Shelf(home / FOLDER).in_use, vectors_of(embeddings))


def vectors_of(embeddings: Embeddings) -> Callable[[Sequence[str]], Vectors | None]:
    """Vectors as a behaviour model takes them: a row a product, zeros for one that has none."""

    def vectors(ids: Sequence[str]) -> Vectors | None:
        found = embeddings(ids)
        if not found:
            return None
        rows = np.zeros((len(ids), len(next(iter(found.values())))), dtype=np.float32)
        for row, id in enumerate(ids):
            if (vector := found.get(id)) is not None:
                rows[row] = vector
        return rows

    return vectors
