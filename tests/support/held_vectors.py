"""Vectors in a dictionary, searched one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ranker.blend import Scored, ranked
from ranker.encoder import Vectors
from retriever.errors import UnavailableError


class HeldVectors:
    """Vectors in a dictionary."""

    def __init__(self, held: Mapping[str, Sequence[float]], *, fails: bool = False) -> None:
        rows = {id: np.array(row, dtype=np.float32) for id, row in held.items()}
        self._held: dict[str, Vectors] = {id: row / np.float32(np.linalg.norm(row)) for id, row in rows.items()}
        self._fails = fails

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        if self._fails:
            raise UnavailableError("The store does not answer.", "Start it.")
        return {id: self._held[id] for id in ids if id in self._held}

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        return ranked({id: float(own @ vector) for id, own in self._held.items()})[:limit]

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None: ...

    def remove(self, ids: Collection[str]) -> None: ...

    def count(self) -> int:
        return len(self._held)

    def close(self) -> None: ...
