"""What import tests pass in: a quick encoder, a counting vector index, feeds held in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from ranker.blend import Scored, ranked
from ranker.encoder import Progress as EncoderProgress
from ranker.encoder import Vectors
from retriever.errors import UnavailableError
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.rows import Rejected


class HashEncoder:
    """A unit vector from the text's hash: deterministic, quick, and another for every text."""

    dimension = 16
    languages = None

    def __init__(self, name: str = "hash") -> None:
        self.name = name
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], progress: EncoderProgress | None = None) -> Vectors:
        self.encoded += texts
        rows = [
            np.frombuffer(hashlib.blake2b(text.encode(), digest_size=16).digest(), dtype=np.uint8) for text in texts
        ]
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), 16) - 127.5
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class CountedVectors:
    """A vector index in memory that remembers what was asked of it; ``down`` refuses everything."""

    def __init__(self) -> None:
        self.held: dict[str, Vectors] = {}
        self.upserted: list[str] = []
        self.removed: list[str] = []
        self.down = False

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        self._answer()
        self.upserted += ids
        self.held.update(zip(ids, vectors, strict=True))

    def remove(self, ids: Collection[str]) -> None:
        self._answer()
        self.removed += sorted(ids)
        for id in ids:
            self.held.pop(id, None)

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        self._answer()
        near = {id: float(held @ vector) for id, held in self.held.items() if allowed is None or id in allowed}
        return ranked(near)[:limit]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        self._answer()
        return {id: self.held[id] for id in ids if id in self.held}

    def count(self) -> int:
        self._answer()
        return len(self.held)

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self) -> None:
        if self.down:
            raise UnavailableError("The vector store does not answer.", "Start it.")


class ListFeed:
    """A feed of JSON objects, each in the line of its place."""

    source = "jsonl"

    def __init__(self, values: Iterable[object], name: str = "list") -> None:
        self.name = name
        self._values = list(values)

    def read(self, progress: Progress) -> Iterator[Item]:
        for line, value in enumerate(self._values, start=1):
            yield value if isinstance(value, Rejected) else row_of(line, value)


def goods(count: int, **change: object) -> list[dict[str, object]]:
    """So many different products with two variants each."""
    return [
        {
            "id": f"p{number}",
            "title": f"Lamp number{number}",
            "description": f"A lamp of series {number % 7}.",
            "brand": "Lumo",
            "categories": ["Home", "Lamps"],
            "attributes": {"material": "oak" if number % 2 else "steel"},
            "variants": [
                {"id": f"p{number}-s", "title": "Small", "price": "19.90", "options": {"size": "S"}},
                {"id": f"p{number}-l", "title": "Large", "price": "29.90", "options": {"size": "L"}, "stock": number},
            ],
            **change,
        }
        for number in range(1, count + 1)
    ]
