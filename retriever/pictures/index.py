"""Picture vectors in Chroma: one collection of them at a time, replaced as a whole.

An import fills a collection that nobody looks at. Only when it is complete it is marked so, with the model's name,
and the newest complete one counts: whatever an import that was killed left behind changes nothing, and is cleared away
by the next one.
"""

from __future__ import annotations

import logging
import math
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ranker.blend import Scored
from ranker.encoder import Vectors
from retriever.chroma import Chroma
from retriever.errors import UnavailableError
from retriever.feeds.feed import Progress, silent
from retriever.vectors import BATCH, ChromaVectors, VectorIndex

STEP = 1_000  # vectors between two words of progress
LOOKED_FOR = 60.0  # seconds between two looks for what another process may have imported
HALF = 0.5  # of the way from how alike any two pictures are to the same picture: from there on, two look alike
_NAME = re.compile(r"pictures-(\d+)")
logger = logging.getLogger(__name__)


class PictureModel(BaseModel):
    """Whose vectors a complete collection holds.

    Attributes:
        model: the name of the image model.
        dimension: numbers of a vector.
        usual: the mean cosine of two of the pictures. With some models any two have 0.1, with others 0.7.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str
    dimension: int = Field(ge=1)
    usual: float = Field(ge=-1, le=1, allow_inf_nan=False)


class Pictures(Protocol):
    """Picture vectors that can be asked. Every method raises UnavailableError when the store cannot be reached."""

    def search(self, vector: Vectors, limit: int) -> list[Scored]:
        """The nearest products, best first, scored by cosine; none where there are no vectors."""
        ...

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those of these products that have one, each of length one."""
        ...

    def alike(self, cosine: float) -> float:
        """How much two pictures look alike: 0 up to where one would say so, 1 for the same picture."""
        ...


@dataclass(frozen=True)
class Replaced:
    """What became of the vectors that were there: how many products got their first, another, or lost theirs."""

    added: int
    updated: int
    removed: int


@dataclass(frozen=True)
class _Held:
    """The collection that counts."""

    name: str
    of: PictureModel
    index: ChromaVectors


class PictureVectors:
    """A shop's picture vectors. Safe to share between threads.

    Args:
        chroma: where they are.
        clock: seconds, of any beginning.
    """

    def __init__(self, chroma: Chroma, clock: Callable[[], float] = time.monotonic) -> None:
        self._chroma = chroma
        self._clock = clock
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._again_at = -math.inf
        self._retired: list[ChromaVectors] = []

    def model(self) -> PictureModel | None:
        """Whose vectors they are; ``None`` where there are none."""
        held = self._current()
        return held.of if held else None

    def search(self, vector: Vectors, limit: int) -> list[Scored]:
        """The nearest products, best first, scored by cosine; none where there are no vectors."""
        held = self._current()
        return held.index.search(vector, limit) if held else []

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those of these products that have one, each of length one."""
        held = self._current()
        return held.index.vectors(ids) if held else {}

    def alike(self, cosine: float) -> float:
        """How much two pictures look alike: 0 up to where one would say so, 1 for the same picture.

        Cosines mean different things with different models, but any model's lie between that of two pictures at
        random and that of a picture with itself.
        """
        held = self._current()
        return beyond(cosine, held.of.usual) if held else 0.0

    def count(self) -> int:
        """How many products have a vector."""
        held = self._current()
        return held.index.count() if held else 0

    def remove(self, ids: Collection[str]) -> None:
        """Forget these products; unknown ids do no harm."""
        held = self._current()
        if held:
            held.index.remove(ids)

    def replace(self, of: PictureModel, ids: Sequence[str], rows: Vectors, progress: Progress = silent) -> Replaced:
        """Hold these vectors and no others. What was there stays until all of these are written.

        Args:
            of: whose they are.
            ids: of products, each once.
            rows: their vectors, of length one.
            progress: hears of each step.

        Raises:
            UnavailableError: if the store cannot be used; what was there before counts on.
        """
        with self._client() as client:
            names = _names(client)
            before = _newest(client)
            for name in names:
                if before is None or name != before[0]:
                    client.delete_collection(name)
            number = max((_number(name) for name in names), default=0) + 1
            new = self._index(f"pictures-{number}")
            try:
                for start in range(0, len(ids), STEP):
                    new.upsert(ids[start : start + STEP], rows[start : start + STEP])
                    progress("indexing", min(start + STEP, len(ids)), len(ids))
                replaced = _replaced(client, before[0] if before else None, ids)
                made = client.get_collection(f"pictures-{number}", embedding_function=None)
                made.modify(metadata=of.model_dump())
            finally:
                new.close()
            self._look(client)
            if before is not None:
                client.delete_collection(before[0])
            return replaced

    def close(self) -> None:
        """Let go of the store; a later call opens it again."""
        with self._lock:
            for index in [*self._retired, *([self._held.index] if self._held else [])]:
                index.close()
            self._retired.clear()
            self._held, self._again_at = None, -math.inf

    def _current(self) -> _Held | None:
        """The collection that counts, looked for at the first question and, on a server, now and then."""
        if self._clock() >= self._again_at:
            with self._client() as client:
                self._look(client)
        return self._held

    def _look(self, client: Any) -> None:
        found = _newest(client)
        with self._lock:
            # Nobody else writes into a folder; of what happens on a server nobody tells.
            self._again_at = self._clock() + LOOKED_FOR if self._chroma.url else math.inf
            if found is not None and self._held is not None and found[0] == self._held.name:
                return
            if self._held is not None:
                self._retired.append(self._held.index)  # a request may be using it
            self._held = _Held(found[0], found[1], self._index(found[0])) if found else None

    def _index(self, name: str) -> ChromaVectors:
        return ChromaVectors(lambda: name, self._chroma)

    @contextmanager
    def _client(self) -> Iterator[Any]:
        try:
            with self._chroma.answering():
                client = self._chroma.connect()
                try:
                    yield client
                finally:
                    client.close()
        except UnavailableError:
            with self._lock:
                self._again_at = self._clock() + LOOKED_FOR  # until then no request waits for it again
            raise


@dataclass(frozen=True)
class WithPictures:
    """The vector index of the words, whose products lose their picture's vector with their own."""

    words: VectorIndex
    pictures: PictureVectors

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Set the vectors of these products' words."""
        self.words.upsert(ids, vectors)

    def remove(self, ids: Collection[str]) -> None:
        """Forget these products. A picture's vector that cannot be removed is never shown: its product is gone."""
        self.words.remove(ids)
        try:
            self.pictures.remove(ids)
        except UnavailableError as error:
            logger.warning("the picture vectors of removed products stay until the next import of vectors: %s", error)

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """The nearest products by words."""
        return self.words.search(vector, limit, allowed)

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of these products' words."""
        return self.words.vectors(ids)

    def count(self) -> int:
        """How many products have a vector of their words."""
        return self.words.count()

    def close(self) -> None:
        """Let go of the stores."""
        self.words.close()
        self.pictures.close()


def open_pictures(folder: Path, url: str = "") -> PictureVectors:
    """The picture vectors on the Chroma server at ``url``, or else embedded in ``folder``."""
    return PictureVectors(Chroma(folder, url))


def beyond(cosine: float, usual: float) -> float:
    """How far a cosine lies beyond half the way from the usual one to 1, from 0 to 1."""
    if usual >= 1:
        return 0.0
    way = (cosine - usual) / (1 - usual)
    return float(min(max((way - HALF) / (1 - HALF), 0.0), 1.0))


def _names(client: Any) -> list[str]:
    return [str(each.name) for each in client.list_collections() if _NAME.fullmatch(str(each.name))]


def _number(name: str) -> int:
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else 0


def _newest(client: Any) -> tuple[str, PictureModel] | None:
    """The newest collection that is complete."""
    found: dict[int, tuple[str, PictureModel]] = {}
    for each in client.list_collections():
        name = str(each.name)
        if _NAME.fullmatch(name):
            try:
                found[_number(name)] = name, PictureModel.model_validate(each.metadata or {})
            except ValidationError:
                continue  # never completed
    return found[max(found)] if found else None


def _replaced(client: Any, before: str | None, ids: Sequence[str]) -> Replaced:
    if before is None:
        return Replaced(len(ids), 0, 0)
    old = client.get_collection(before, embedding_function=None)
    parts = (list(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))
    again = sum(len(old.get(part, include=[])["ids"]) for part in parts)
    return Replaced(len(ids) - again, again, int(old.count()) - again)
