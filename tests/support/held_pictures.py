"""Picture vectors in a dictionary, and pictures to make them of."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from held_vectors import HeldVectors
from PIL import Image

from ranker.blend import Scored
from ranker.encoder import Vectors
from retriever.pictures.index import beyond

BINS = 4  # of each of red, green and blue


class HeldPictures:
    """Picture vectors in a dictionary; ``searches`` counts how often they were searched."""

    def __init__(self, held: Mapping[str, Sequence[float]], *, usual: float = 0.0, fails: bool = False) -> None:
        self._held = HeldVectors(held, fails=fails)
        self._usual = usual
        self.searches = 0

    def search(self, vector: Vectors, limit: int) -> list[Scored]:
        self.searches += 1
        return self._held.search(vector, limit)

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        return self._held.vectors(ids)

    def alike(self, cosine: float) -> float:
        return beyond(cosine, self._usual)


def colours_of(png: bytes) -> list[float]:
    """The histogram of a picture's colours: the simplest image model there is."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3).astype(np.int64) * BINS // 256
    bins = pixels @ np.array([BINS * BINS, BINS, 1])
    return np.bincount(bins, minlength=BINS**3).astype(np.float64).tolist()
