"""What the vectors of a feed's products say about their categories: who stands apart, and who belongs where.

Every vector passes once; a file keeps them in half precision until the middles of the
categories are known. In memory stay the middles and a sample of categorised products.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ranker.encoder import Vectors
from retriever.quality.outliers import robust_z

NEIGHBOURS = 10
SAMPLE = 20_000  # categorised products that votes are taken from, and
SAMPLE_OF_ONE = 100  # of one category at most
CATEGORIES = 20_000  # whose middles are kept; products of further ones are left out
BLOCK = 4_096
SHARPNESS = 8.0  # a neighbour's vote is its cosine to this power: near ones count for more
LEAST_SPREAD = 0.01  # of cosines

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """A product that is far from the middle of its category and nearer to that of another."""

    id: str
    category: str
    nearer: str


@dataclass(frozen=True, slots=True)
class Vote:
    """A category path, the share of the votes for it, and how many neighbours gave them."""

    path: Path
    share: float
    voters: int


class Neighbourhood:
    """The vectors of a feed's products with their categories.

    Args:
        group: categories with fewer products have no middle.
        seed: which products are taken into the sample.
    """

    def __init__(self, group: int, seed: int = 0) -> None:
        self._group = group
        self._rng = np.random.default_rng(seed)
        self._file = tempfile.TemporaryFile(prefix="shopwise-vectors-")  # noqa: SIM115 - closed by __exit__
        self._ids: list[str] = []
        self._of = array("i")
        self._numbers: dict[str, int] = {}
        self._sums: list[NDArray[np.float64]] = []
        self._dimension = 0
        self._sample: list[tuple[Path, Vectors]] = []
        self._sampled: Counter[str] = Counter()
        self._offered = 0
        self._matrix: Vectors | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, ids: Sequence[str], paths: Sequence[Sequence[str]], vectors: Vectors) -> None:
        """Take products in: ids, category paths (empty: none) and unit vectors."""
        self._matrix = None
        self._file.seek(0, 2)
        for id, given, vector in zip(ids, paths, vectors, strict=True):
            path = tuple(name.strip() for name in given if name.strip())
            if not path:
                continue
            number = self._numbers.get(path[-1], -1)
            if number < 0 and len(self._numbers) < CATEGORIES:
                number = self._numbers[path[-1]] = len(self._numbers)
                self._sums.append(np.zeros(len(vector), dtype=np.float64))
            if number >= 0:
                self._sums[number] += vector
                self._ids.append(id)
                self._of.append(number)
                self._dimension = len(vector)
                self._file.write(vector.astype(np.float16).tobytes())
            self._offer(path, vector.copy())

    def apart(self, limit: float, margin: float) -> list[Apart]:
        """Products far from their category's middle (a robust z of ``limit``) and nearer to another by ``margin``."""
        of = np.frombuffer(self._of, dtype=np.int32)
        counts = np.bincount(of, minlength=len(self._numbers))
        large = np.flatnonzero(counts >= self._group)
        if len(large) < 2:
            return []
        middles = _unit(np.stack([self._sums[number] for number in large]))
        own = self._own_cosines(of, counts)
        far = self._far(of, own, large, limit)
        names = list(self._numbers)
        found: list[Apart] = []
        for at in far.tolist():
            cosines = middles @ self._vector(at)
            cosines[large == of[at]] = -1
            best = int(np.argmax(cosines))
            if cosines[best] - own[at] >= margin:
                found.append(Apart(self._ids[at], names[of[at]], names[large[best]]))
        return found

    def votes(self, vectors: Vectors) -> list[list[Vote]]:
        """For each vector the best category path at every depth, the deepest first, as its neighbours vote."""
        if not self._sample:
            return [[] for _ in vectors]
        if self._matrix is None:
            self._matrix = np.stack([vector for _, vector in self._sample])
        told: list[list[Vote]] = []
        for start in range(0, len(vectors), 256):
            for row in vectors[start : start + 256] @ self._matrix.T:
                nearest = np.argsort(-row, kind="stable")[:NEIGHBOURS]
                told.append(self._count(nearest.tolist(), np.clip(row[nearest], 0, 1) ** SHARPNESS))
        return told

    def _count(self, nearest: list[int], weights: NDArray[np.float32]) -> list[Vote]:
        total = float(weights.sum())
        if total <= 0:
            return []
        shares: dict[Path, float] = defaultdict(float)
        voters: Counter[Path] = Counter()
        for place, weight in zip(nearest, weights.tolist(), strict=True):
            path = self._sample[place][0]
            for depth in range(1, len(path) + 1):
                shares[path[:depth]] += weight / total
                voters[path[:depth]] += 1
        best: dict[int, Path] = {}
        for path, share in shares.items():
            if path and share > shares.get(best.get(len(path), ()), 0.0):
                best[len(path)] = path
        return [Vote(best[depth], shares[best[depth]], voters[best[depth]]) for depth in sorted(best, reverse=True)]

    def _offer(self, path: Path, vector: Vectors) -> None:
        """Into the sample, by chance once it is full."""
        if self._sampled[path[-1]] >= SAMPLE_OF_ONE:
            return
        self._sampled[path[-1]] += 1
        self._offered += 1
        if len(self._sample) < SAMPLE:
            self._sample.append((path, vector))
        elif (place := int(self._rng.integers(self._offered))) < SAMPLE:
            self._sample[place] = (path, vector)

    def _own_cosines(self, of: NDArray[np.int32], counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of each product, the cosine to the middle of the others of its category."""
        own = np.zeros(len(of))
        sums = np.stack(self._sums)
        self._file.seek(0)
        for start in range(0, len(of), BLOCK):
            block = of[start : start + BLOCK]
            vectors = self._read(len(block))
            own[start : start + len(block)] = np.einsum("ij,ij->i", _unit(sums[block] - vectors), vectors)
        return own

    def _far(
        self, of: NDArray[np.int32], own: NDArray[np.float64], large: NDArray[np.int64], limit: float
    ) -> NDArray[np.int64]:
        order = np.argsort(of, kind="stable")
        bounds = np.searchsorted(of[order], np.arange(len(self._numbers) + 1))
        far = [np.zeros(0, dtype=np.int64)]
        for number in large:
            inside = order[bounds[number] : bounds[number + 1]]
            far.append(inside[robust_z(own[inside], LEAST_SPREAD) <= -limit])
        return np.sort(np.concatenate(far))

    def _vector(self, place: int) -> NDArray[np.float64]:
        self._file.seek(place * self._dimension * 2)
        return self._read(1)[0]

    def _read(self, rows: int) -> NDArray[np.float64]:
        held = np.frombuffer(self._file.read(rows * self._dimension * 2), dtype=np.float16)
        return held.reshape(rows, self._dimension).astype(np.float64)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths == 0, 1, lengths)
