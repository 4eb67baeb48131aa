"""Dense vectors of the products in Chroma: embedded in a folder, or a Chroma server.

Chroma holds nothing but ids and vectors. What a product is, and whether a shopper may
see it, is in the records.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from ranker.blend import Scored
from ranker.encoder import Encoder, ModelMissingError, Progress, Vectors
from retriever.allowed import Chosen, Many, picked
from retriever.chroma import Chroma
from retriever.errors import UnavailableError
from retriever.product import Stamped

BATCH = 5_000  # Chroma refuses more than 5,461 rows at once
SAVED_EVERY = 1_000  # new vectors between two savings of the graph: what the next opening may have to add again
EF_SEARCH = 200  # wider than Chroma's 100: its recall at 100 candidates is otherwise visibly below an exact search
# What allowed products cost, measured (docs/experiments.md): to fetch one's vector 40 us, to tell its name 1.5; the
# graph is walked until it has met EF_SEARCH of them.
EXACT = 2_000  # allowed products whose vectors are all compared: the second time they are at hand
FETCHED_AT_ONCE = 15  # products times their share of the shop, up to which the same is done where that is known
NAMED = 364  # products times their share of the shop, up to which telling their names is quicker than to pick later
SPARE = 1.3  # times as many are looked at as would do if the allowed products were spread evenly
WIDER, DEEPEST = 4, 2_000  # how much more is looked at in a further round of that, and the most there is
DEEPEST_OF_MANY = 8_000  # the same where the allowed products are too many to be told by name
FETCHED = 16_384  # vectors kept in memory: 25 MB at 384 numbers each
TEXT_LENGTH = 200  # characters of a product that are embedded: longer ones cost time and gain nothing measurable


class VectorIndex(Protocol):
    """Nearest products by cosine. Every method raises UnavailableError when the store cannot be reached."""

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Set the vectors of these products."""
        ...

    def remove(self, ids: Collection[str]) -> None:
        """Forget these products; unknown ids do no harm."""
        ...

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """The nearest products, best first, scored by cosine; only ``allowed`` ones where that is given."""
        ...

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those of these products that have one, each of length one."""
        ...

    def count(self) -> int:
        """How many products have a vector."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


@runtime_checkable
class SearchingEach(Protocol):
    """Vectors that can be searched for several at once."""

    def search_each(self, vectors: Vectors, limit: int) -> list[list[Scored]]:
        """For each of these vectors, one a row, what ``search`` finds."""
        ...


class ChromaVectors:
    """A Chroma collection, connected at its first use.

    Args:
        name: gives the collection's name when it is opened.
        chroma: where it is.
        saved_every: new vectors between two savings of an embedded store's graph. Each saving writes
            the list of all ids anew, so that many make it slow to fill a large store.
    """

    def __init__(self, name: Callable[[], str], chroma: Chroma, saved_every: int = SAVED_EVERY) -> None:
        self._name = name
        self._chroma = chroma
        self._saved_every = saved_every
        self._lock = threading.Lock()
        self._client: Any = None
        self._opened: Any = None
        # Other processes change what a server holds, and nothing tells of it: nothing is kept of a server's vectors.
        self._fetched = _Fetched(0 if chroma.url else FETCHED)

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Set the vectors of these products; the last one counts where an id comes twice."""
        rows = {id: row for row, id in enumerate(ids)}
        names, picked = list(rows), np.asarray(vectors, dtype=np.float32)[list(rows.values())]
        with self._collection() as collection, self._fetched.changing(names):
            for start in range(0, len(names), BATCH):
                collection.upsert(ids=names[start : start + BATCH], embeddings=picked[start : start + BATCH])

    def remove(self, ids: Collection[str]) -> None:
        """Forget these products; unknown ids do no harm."""
        names = sorted(set(ids))
        with self._collection() as collection, self._fetched.changing(names):
            for start in range(0, len(names), BATCH):
                collection.delete(ids=names[start : start + BATCH])

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """The nearest products, best first, scored by cosine; only ``allowed`` ones where that is given."""
        if limit <= 0 or (not isinstance(allowed, Many) and allowed is not None and not allowed):
            return []
        if allowed is not None and _few(allowed):
            found = _compared(self.vectors(list(allowed)), vector)
        else:
            with self._collection() as collection:
                if isinstance(allowed, Many):
                    found = _among_many(collection, vector, limit, allowed)
                else:
                    found = _listed(collection, vector, limit, None if allowed is None else frozenset(allowed))
        return sorted(found, key=lambda near: (-near.score, near.id))[:limit]

    def search_each(self, vectors: Vectors, limit: int) -> list[list[Scored]]:
        """For each of these vectors, one a row, what ``search`` finds: three in half the time of three searches."""
        rows = list(np.asarray(vectors, dtype=np.float32))
        if limit <= 0 or not rows:
            return [[] for _ in rows]
        with self._collection() as collection:
            found = collection.query(query_embeddings=rows, n_results=limit, include=["distances"])
        each = (_scored(found, row) for row in range(len(rows)))
        return [sorted(one, key=lambda near: (-near.score, near.id)) for one in each]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The vectors of those of these products that have one, each of length one."""
        held = self._fetched.of(ids)
        missing = [id for id in dict.fromkeys(ids) if id not in held]
        if not missing:
            return held
        fetched: dict[str, Vectors] = {}
        with self._collection() as collection:
            changes = self._fetched.changes
            for start in range(0, len(missing), BATCH):
                found = collection.get(missing[start : start + BATCH], include=["embeddings"])
                rows = np.asarray(found["embeddings"], dtype=np.float32)
                fetched |= {id: row.copy() for id, row in zip(found["ids"], rows, strict=True)}
        self._fetched.keep(fetched, changes)
        return held | fetched

    def count(self) -> int:
        """How many products have a vector."""
        with self._collection() as collection:
            return int(collection.count())

    def close(self) -> None:
        """Let go of the store; a later call opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = self._opened = None
        self._fetched.forget()

    @contextmanager
    def _collection(self) -> Generator[Any]:
        """The open collection; what Chroma or the way to it refuses becomes UnavailableError."""
        try:
            with self._chroma.answering():
                yield self._open()
        except ModelMissingError as error:  # an encoder that must be loaded to know how wide its vectors are
            raise _no_encoder(error) from error

    def _open(self) -> Any:
        with self._lock:
            if self._opened is None:
                if self._client is None:
                    self._client = self._chroma.connect()
                self._opened = self._collection_of(self._client)
                if not self._chroma.url and self._opened.configuration["hnsw"]["sync_threshold"] != self._saved_every:
                    # It counts from the next opening on, which also saves what waits.
                    self._opened.modify(configuration={"hnsw": {"sync_threshold": self._saved_every}})
                    self._client.close()
                    self._client = self._chroma.connect()
                    self._opened = self._collection_of(self._client)
            return self._opened

    def _collection_of(self, client: Any) -> Any:
        return client.get_or_create_collection(
            self._name(),
            # Without this Chroma attaches a model of its own and downloads it.
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "sync_threshold": self._saved_every}},
        )


class _Fetched:
    """Vectors that were fetched, for the next search; the longest known are forgotten first."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._known: dict[str, Vectors] = {}
        self._lock = threading.Lock()
        self.changes = 0

    def of(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Those that are known."""
        with self._lock:
            return {id: self._known[id] for id in ids if id in self._known}

    def keep(self, fetched: dict[str, Vectors], changes: int) -> None:
        """Keep what was fetched, unless the store has changed since the given count of changes."""
        with self._lock:
            if changes != self.changes or not self._kept:
                return
            self._known |= fetched
            for id in list(self._known)[: max(0, len(self._known) - self._kept)]:
                del self._known[id]

    @contextmanager
    def changing(self, ids: Sequence[str]) -> Generator[None]:
        """While the store changes these; what is fetched meanwhile may be of before or after, and is not kept."""
        self._drop(ids)
        try:
            yield
        finally:
            self._drop(ids)

    def forget(self) -> None:
        """Keep nothing."""
        with self._lock:
            self.changes += 1
            self._known.clear()

    def _drop(self, ids: Sequence[str]) -> None:
        with self._lock:
            self.changes += 1
            for id in ids:
                self._known.pop(id, None)


def open_vectors(encoder: Encoder, folder: Path, url: str = "", saved_every: int = SAVED_EVERY) -> VectorIndex:
    """The vector index of an encoder: on the Chroma server at ``url``, or else embedded in ``folder``.

    The collection's name carries the encoder's name and width: another encoder gets
    another collection, never a mixture.
    """
    return ChromaVectors(lambda: collection_name(encoder), Chroma(folder, url), saved_every)


def search_each(index: VectorIndex, vectors: Vectors, limit: int) -> list[list[Scored]]:
    """For each of these vectors, one a row, the nearest products, best first: at once where the index can do so."""
    if isinstance(index, SearchingEach):
        return index.search_each(vectors, limit)
    return [index.search(vector, limit) for vector in vectors]


def collection_name(encoder: Encoder) -> str:
    """A name Chroma takes, different for every encoder: ``products-all-minilm-l6-v2-128-384-1a2b3c4d``."""
    identity = f"{encoder.name}-{encoder.dimension}"
    slug = re.sub(r"[^a-z0-9.-]+", "-", identity.lower())[-80:].strip("-.")
    return f"products-{slug}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


def embedding_text(stamped: Stamped) -> str:
    """The words of a product that are embedded.

    Title, brand and its most particular category; the lead of the description fills up
    what these leave of ``TEXT_LENGTH`` (docs/experiments.md has the alternatives).
    """
    product = stamped.product
    head = ". ".join(part for part in (product.title, product.brand, *product.categories[-1:]) if part)
    lead = " ".join(product.description.split())[: max(0, TEXT_LENGTH - len(head))]
    return f"{head}. {lead}" if lead else head


def embed(encoder: Encoder, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
    """Vectors of these texts. Raises UnavailableError when the encoder's model cannot be loaded."""
    try:
        return encoder.encode(texts, progress)
    except ModelMissingError as error:
        raise _no_encoder(error) from error


def _no_encoder(error: ModelMissingError) -> UnavailableError:
    return UnavailableError(
        str(error), "Set SHOPWISE_ENCODER to a sentence-transformers model or folder; empty is the built-in one."
    )


def _listed(collection: Any, vector: Vectors, limit: int, members: frozenset[str] | None) -> list[Scored]:
    """The nearest of all products, or of some that are known by name."""
    if members is not None:
        found = _among_many(collection, vector, limit, members)
        if len(found) >= limit:
            return found
    return _scored(_query(collection, vector, limit, None if members is None else list(members)))


def _few(allowed: Collection[str]) -> bool:
    """Whether to compare the vectors of all allowed products is quicker than to look for the nearest of them."""
    if isinstance(allowed, Chosen):
        return allowed.size * allowed.share <= FETCHED_AT_ONCE
    return not isinstance(allowed, Many) and len(allowed) <= EXACT


def _compared(held: dict[str, Vectors], vector: Vectors) -> list[Scored]:
    """All of some products whose vectors are at hand."""
    if not held:
        return []
    row = np.asarray(vector, dtype=np.float32).reshape(-1)
    cosines = np.stack(list(held.values())) @ (row / (np.linalg.norm(row) or 1.0))
    return [Scored(id, score) for id, score in zip(held, cosines.tolist(), strict=True)]


def _among_many(collection: Any, vector: Vectors, limit: int, members: frozenset[str] | Many) -> list[Scored]:
    """The nearest of many allowed products, picked from the nearest of all; fewer if too few of those are allowed.

    Telling Chroma a large part of the catalogue by name takes longer than the search.
    """
    depth, deepest = WIDER * limit, DEEPEST_OF_MANY if isinstance(members, Many) else DEEPEST
    if isinstance(members, Chosen):
        if members.size * members.share <= NAMED:
            names = list(members)
            return _scored(_query(collection, vector, limit, names)) if names else []
        depth = min(limit + int(SPARE * limit / members.share), deepest)
    while True:
        near = _scored(_query(collection, vector, depth, None))
        fitting = picked(members, [candidate.id for candidate in near])
        found = [candidate for candidate in near if candidate.id in fitting][:limit]
        depth *= WIDER
        if len(found) >= limit or len(near) < depth // WIDER or depth > deepest:
            return found


def _scored(found: Any, row: int = 0) -> list[Scored]:
    distances = found["distances"][row]
    return [Scored(id, 1.0 - float(distance)) for id, distance in zip(found["ids"][row], distances, strict=True)]


def _query(collection: Any, vector: Vectors, limit: int, names: list[str] | None) -> Any:
    from chromadb.errors import ChromaError

    row = np.asarray(vector, dtype=np.float32).reshape(-1)

    def ask(ids: list[str] | None) -> Any:
        return collection.query(query_embeddings=[row], ids=ids, n_results=limit, include=["distances"])

    try:
        return ask(names)
    except ChromaError:
        if names is None:
            raise
        # Chroma fails on an id it does not hold, and the records may be ahead of the vectors.
        known = [
            id for s in range(0, len(names), BATCH) for id in collection.get(names[s : s + BATCH], include=[])["ids"]
        ]
        if len(known) == len(names):
            raise
        return ask(known) if known else {"ids": [[]], "distances": [[]]}
