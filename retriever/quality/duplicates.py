"""Titles that come twice: the same, the same words in another order, or nearly the same.

Of each title only hashes are kept: 12 bytes, and 4 for each word and pair of words. Near ones
are found with MinHash: titles that share most of their words and pairs agree in a band of
minima, so only those that agree are compared, by the true share of what they have in common.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from array import array
from collections.abc import Iterator
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BANDS = 8
ROWS = 3  # minima that a band takes together; with 8 bands of 3, 97 % of the pairs at 0.8 meet, 2 % of those at 0.2
BLOCK = 65_536  # titles whose minima are taken at once
DIGIT = re.compile(r"\d")
_ODD = np.random.default_rng(7).integers(1, 2**32, BANDS * ROWS, dtype=np.uint64) | np.uint64(1)

Duplicate = tuple[int, str, int, float]
"""(place of the later title, check, place of the earlier one, likeness)."""


class Titles:
    """Collects titles and finds those that repeat an earlier one.

    Args:
        similarity: the Jaccard likeness of words and pairs of words above which two titles are nearly the same.
        words: shorter titles are not compared in parts.
    """

    def __init__(self, similarity: float, words: int) -> None:
        self._similarity = similarity
        self._words = words
        self._exact = array("Q")
        self._alike = array("Q")
        self._numbers = array("I")
        self._shingles = array("I")
        self._ends = array("Q")

    def __len__(self) -> int:
        return len(self._exact)

    def add(self, title: str, brand: str) -> None:
        """The next title."""
        words = words_of(title)
        unique = sorted(set(words))
        self._exact.append(_digest(" ".join([*words, "/", *words_of(brand)])))
        self._alike.append(_digest(" ".join(unique)) if words else 0)
        # What differs in a number is another product, however like its title is.
        self._numbers.append(_hash(" ".join(filter(DIGIT.search, unique))) if DIGIT.search(title) else 0)
        if len(words) >= self._words:
            parts = {*unique, *map(" ".join, pairwise(words))}
            self._shingles.extend({*map(_hash, parts)})
        self._ends.append(len(self._shingles))

    def found(self) -> list[Duplicate]:
        """Each title that repeats an earlier one, in order, with the first it repeats and the strongest reason."""
        told: dict[int, Duplicate] = {}
        for later, earlier in _repeats(np.frombuffer(self._exact, dtype=np.uint64)):
            told[later] = (later, "duplicate", earlier, 1.0)
        alike = np.frombuffer(self._alike, dtype=np.uint64)
        for later, earlier in _repeats(alike):
            if alike[later]:
                told.setdefault(later, (later, "near_duplicate", earlier, 1.0))
        for later, earlier, likeness in self._near():
            told.setdefault(later, (later, "near_duplicate", earlier, likeness))
        return [told[place] for place in sorted(told)]

    def _near(self) -> Iterator[tuple[int, int, float]]:
        ends = np.frombuffer(self._ends, dtype=np.uint64).astype(np.int64)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]])
        places = np.flatnonzero(ends > starts)
        if not places.size:
            return
        shingles = np.frombuffer(self._shingles, dtype=np.uint32)
        numbers = np.frombuffer(self._numbers, dtype=np.uint32)
        best: dict[int, tuple[int, float]] = {}
        for band in range(BANDS):
            keys = _band(shingles, starts[places], band) ^ numbers[places].astype(np.uint64)
            for later, earlier in _repeats(keys):
                mine, other = int(places[later]), int(places[earlier])
                if mine in best and best[mine][0] == other:
                    continue
                likeness = _jaccard(shingles[starts[mine] : ends[mine]], shingles[starts[other] : ends[other]])
                if likeness >= self._similarity and numbers[mine] == numbers[other]:
                    best[mine] = max(best.get(mine, (other, likeness)), (other, likeness), key=lambda pair: pair[1])
        for place, (other, likeness) in best.items():
            yield place, other, likeness


def words_of(text: str) -> list[str]:
    """The words of a title, folded; each Chinese character is one."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return re.findall(r"[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]+", folded.casefold())


def _band(shingles: NDArray[np.uint32], starts: NDArray[np.int64], band: int) -> NDArray[np.uint64]:
    """One number a title out of ``ROWS`` minima over its shingles."""
    keys = np.zeros(len(starts), dtype=np.uint64)
    for block in range(0, len(starts), BLOCK):
        first = starts[block]
        last = starts[block + BLOCK] if block + BLOCK < len(starts) else len(shingles)
        part = shingles[first:last].astype(np.uint64)
        begins = starts[block : block + BLOCK] - first
        for row in range(ROWS):
            odd = _ODD[band * ROWS + row]
            mixed = part * odd
            mixed ^= mixed >> np.uint64(29)
            minima = np.minimum.reduceat(mixed * odd, begins)
            keys[block : block + BLOCK] = keys[block : block + BLOCK] * np.uint64(0x9E3779B97F4A7C15) + minima
    return keys


def _repeats(keys: NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """(place, first place with the same key) of every key that came before."""
    order = np.argsort(keys, kind="stable")
    same = keys[order[1:]] == keys[order[:-1]]
    first = 0
    for at in np.flatnonzero(same).tolist():
        if not at or not same[at - 1]:
            first = int(order[at])
        yield int(order[at + 1]), first


def _jaccard(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")
