"""Keeping the vector index in line with the records.

The vector store is outside the database's transaction. So an import writes, with the
records, one VectorTask for each product that changed, and draining that outbox comes
after: what a killed process leaves undone, the next one does. A task may be done twice.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from sqlalchemy import delete, func, insert, select

from ranker.encoder import Encoder, Vectors
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import UnavailableError
from retriever.feeds.feed import Progress, silent
from retriever.locking import ImportRunningError, import_lock
from retriever.records import ProductRecord, VectorTask
from retriever.vectors import VectorIndex, embed, embedding_text

BATCH = 256  # products between two commits: what a kill can cost


class EmbeddingCache:
    """Vectors by encoder and text, in a SQLite file of their own.

    It is no part of the shop: deleting it costs time only. Homes may share it; a killed
    import finds in it what it had already encoded.

    Args:
        folder: where the file goes.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "embeddings.sqlite"

    def vectors(self, encoder: Encoder, texts: Sequence[str]) -> Vectors:
        """The vectors of these texts in order; only those that are new are encoded.

        Raises:
            UnavailableError: if the encoder cannot be loaded or the file cannot be used.
        """
        keys = [_key(encoder, text) for text in texts]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=30)
            try:
                return self._complete(connection, encoder, dict(zip(keys, texts, strict=True)), keys)
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise UnavailableError(
                f"The cache of vectors, {self._path}, cannot be used: {error}",
                "Make room on the disk and check the permissions; the file itself may be deleted.",
            ) from error

    def _complete(
        self, connection: sqlite3.Connection, encoder: Encoder, wanted: dict[bytes, str], keys: Sequence[bytes]
    ) -> Vectors:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
        found = _read(connection, list(wanted))
        missing = [key for key in wanted if key not in found]
        if missing:
            # Bytes are read back as float32, whatever an encoder returns.
            made = np.asarray(embed(encoder, [wanted[key] for key in missing]), dtype=np.float32)
            found |= {key: made[row] for row, key in enumerate(missing)}
            with connection:
                connection.executemany(
                    "INSERT OR REPLACE INTO vector VALUES (?, ?)", [(key, found[key].tobytes()) for key in missing]
                )
        if not keys:
            return np.zeros((0, encoder.dimension), dtype=np.float32)
        return np.stack([found[key] for key in keys])


def drain_outbox(
    database: Database,
    catalogue: Catalogue,
    vectors: VectorIndex,
    encoder: Encoder,
    cache: EmbeddingCache,
    progress: Progress = silent,
) -> int:
    """Complete what an interrupted import left undone; the number of products it took.

    To be called whenever a store opens. It also notices an index that does not hold one
    vector a product (another encoder, or a lost folder) and fills it.

    Raises:
        UnavailableError: if the encoder or the vector store cannot be used; the tasks stay.
    """
    try:
        with import_lock(database):
            if not _work_waits(database, vectors):
                catalogue.settle(progress)
                return 0
            return drain_locked(database, catalogue, vectors, encoder, cache, progress)
    except ImportRunningError:
        return 0  # the import drains the outbox itself, and nobody has to wait for it to open the shop


def drain_locked(
    database: Database,
    catalogue: Catalogue,
    vectors: VectorIndex,
    encoder: Encoder,
    cache: EmbeddingCache,
    progress: Progress = silent,
) -> int:
    """Bring the vector index in line with the records, for a caller that holds the import lock.

    Raises:
        UnavailableError: if the encoder or the vector store cannot be used; the tasks stay.
    """
    done = 0
    with database.session() as session:
        total = session.scalar(select(func.count()).select_from(VectorTask)) or 0
    while True:
        with database.session() as session:
            ids = list(session.scalars(select(VectorTask.product_id).order_by(VectorTask.product_id).limit(BATCH)))
        if not ids:
            catalogue.settle(progress)
            return done
        _bring_in_line(ids, catalogue, vectors, encoder, cache)
        with database.transaction() as session:
            session.execute(delete(VectorTask).where(VectorTask.product_id.in_(ids)))
        done += len(ids)
        progress("indexing", done, max(done, total))


def _work_waits(database: Database, vectors: VectorIndex) -> bool:
    """Whether there are tasks; all products become tasks where the index does not hold one vector each."""
    with database.session() as session:
        products = session.scalar(select(func.count()).select_from(ProductRecord)) or 0
        waiting = session.scalar(select(func.count()).select_from(VectorTask)) or 0
    if waiting or vectors.count() == products:
        return waiting > 0
    with database.transaction() as session:
        session.execute(delete(VectorTask))
        session.execute(insert(VectorTask).from_select(["product_id"], select(ProductRecord.id)))
    return True


def _bring_in_line(
    ids: Sequence[str], catalogue: Catalogue, vectors: VectorIndex, encoder: Encoder, cache: EmbeddingCache
) -> None:
    products = catalogue.stamped(ids)
    known = [product.product.id for product in products]
    if gone := sorted(set(ids) - set(known)):
        vectors.remove(gone)
    if known:
        vectors.upsert(known, cache.vectors(encoder, [embedding_text(product) for product in products]))


def _key(encoder: Encoder, text: str) -> bytes:
    return hashlib.sha256(f"{encoder.name}\0{encoder.dimension}\0{text}".encode()).digest()


def _read(connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
    found: dict[bytes, Vectors] = {}
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        marks = ",".join("?" * len(part))
        rows = connection.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608 (only marks)
        for key, value in rows:
            found[cast("bytes", key)] = np.frombuffer(cast("bytes", value), dtype=np.float32)
    return found
