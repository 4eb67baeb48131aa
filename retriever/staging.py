"""Where an import's rows wait until all of them are known to be good: a temporary SQLite file.

A feed may be larger than memory, and nothing of it may touch the shop before its last
line was read. The file also compares what came with what the shop holds.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from retriever.feeds.feed import ROW_TYPES
from retriever.feeds.rows import AnyRow, ProductRow, Rejected

HASH_VERSION = 2  # raised when the same row would make other records, so that the next import rewrites them
FETCH = 256
MAX_BATCH = 4_000_000  # characters; products with thousands of variants come in smaller batches

SCHEMA = """
CREATE TABLE staged (kind TEXT, id TEXT, line INTEGER, position INTEGER, hash TEXT, body TEXT, PRIMARY KEY (kind, id));
CREATE TABLE variant (id TEXT PRIMARY KEY, product TEXT);
CREATE TABLE kept (id TEXT PRIMARY KEY);
CREATE TABLE existing (kind TEXT, id TEXT, hash TEXT, feed TEXT, PRIMARY KEY (kind, id));
CREATE TABLE foreign_variant (id TEXT PRIMARY KEY, feed TEXT);
CREATE VIEW fresh AS SELECT s.*, e.hash AS was FROM staged s LEFT JOIN existing e USING (kind, id)
    WHERE e.hash IS NOT s.hash;
CREATE VIEW absent AS SELECT e.kind, e.id, e.id IN (SELECT id FROM kept) AS kept FROM existing e
    WHERE NOT EXISTS (SELECT 1 FROM staged s WHERE s.kind = e.kind AND s.id = e.id);
"""


class Staging:
    """The rows of one import of one feed.

    Args:
        feed: the feed's name.
        currency: the shop's own, part of what a row means.
    """

    def __init__(self, feed: str, currency: str) -> None:
        self._feed = feed
        self._currency = currency
        self._folder = tempfile.TemporaryDirectory(prefix="shopwise-import-")
        self._file = sqlite3.connect(Path(self._folder.name) / "staging.sqlite", isolation_level=None)
        # Losing this file to a crash loses nothing: no journal, no waiting for the disk, one endless transaction.
        self._file.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {SCHEMA} BEGIN;")
        self._position = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._folder.cleanup()

    def add(self, line: int, row: AnyRow) -> Rejected | None:
        """Take a row in, or say why it cannot be: its id, or that of a variant, came before."""
        earlier = self._one("SELECT line FROM staged WHERE kind = ? AND id = ?", row.type, row.id)
        if earlier is not None:
            return Rejected(line=line, id=row.id, reason=f"id: this {row.type} already came in line {earlier}")
        if isinstance(row, ProductRow):
            variants = variant_ids(row)
            if reason := self._variant_conflict(variants):
                return Rejected(line=line, id=row.id, reason=reason)
            self._file.executemany("INSERT INTO variant VALUES (?, ?)", [(id, row.id) for id in variants])
        self._position += 1
        body = row.model_dump_json()
        staged = (row.type, row.id, line, self._position, self._hash(body), body)
        self._file.execute("INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?)", staged)
        return None

    def keep(self, id: str) -> None:
        """A row with this id came and was refused: what the shop has under it stays."""
        self._file.execute("INSERT OR IGNORE INTO kept VALUES (?)", (id,))

    def compare_with(
        self, existing: Iterable[tuple[str, str, str, str]], foreign_variants: Iterable[tuple[str, str]]
    ) -> list[Rejected]:
        """Learn what the shop holds, and give back the rows whose ids belong to another feed.

        Args:
            existing: (kind, id, content hash, feed) of every row in the shop.
            foreign_variants: (id, feed) of every variant of another feed.
        """
        self._file.executemany("INSERT INTO existing VALUES (?, ?, ?, ?)", existing)
        self._file.executemany("INSERT INTO foreign_variant VALUES (?, ?)", foreign_variants)
        owned = self._file.execute(
            "SELECT s.line, s.kind, s.id, e.feed FROM staged s JOIN existing e USING (kind, id) WHERE e.feed <> ?1 "
            "UNION SELECT s.line, 'variant', s.id, f.feed FROM staged s "
            "JOIN variant v ON v.product = s.id JOIN foreign_variant f ON f.id = v.id WHERE s.kind = 'product' "
            "AND NOT EXISTS (SELECT 1 FROM existing e WHERE e.kind = 'product' AND e.id = s.id AND e.feed <> ?1) "
            "ORDER BY 1, 3",
            (self._feed,),
        ).fetchall()
        rejected: dict[tuple[int, str], Rejected] = {}
        for line, kind, id, feed in owned:
            what = "a variant of this product" if kind == "variant" else f"this {kind}"
            rejected[line, id] = Rejected(line=line, id=id, reason=f"id: {what} belongs to the feed '{feed}'")
            self._file.execute("DELETE FROM staged WHERE kind = ? AND id = ?", (_owner(kind), id))
        self._file.execute("DELETE FROM existing WHERE feed <> ?", (self._feed,))
        return list(rejected.values())

    def count(self, kind: str) -> int:
        """Rows of a kind that the shop will hold of this feed."""
        return self.staged(kind) + self._one("SELECT COUNT(*) FROM absent WHERE kind = ? AND kept", kind)

    def staged(self, kind: str) -> int:
        """Rows of a kind that came and can be used."""
        return self._one("SELECT COUNT(*) FROM staged WHERE kind = ?", kind)

    def held(self, kind: str) -> int:
        """Rows of a kind that the shop holds of this feed."""
        return self._one("SELECT COUNT(*) FROM existing WHERE kind = ?", kind)

    def to_write(self, kind: str) -> int:
        """Rows of a kind that are new or changed."""
        return self._one("SELECT COUNT(*) FROM fresh WHERE kind = ?", kind)

    def added(self, kind: str) -> int:
        """Rows that are new."""
        return self._one("SELECT COUNT(*) FROM fresh WHERE kind = ? AND was IS NULL", kind)

    def changed(self, kind: str) -> Iterator[list[str]]:
        """Ids of rows that the shop holds in another form, in batches."""
        return self._ids("SELECT id FROM fresh WHERE kind = ? AND was IS NOT NULL", kind)

    def removed(self, kind: str) -> Iterator[list[str]]:
        """Ids that the shop holds and the feed no longer has, in batches."""
        return self._ids("SELECT id FROM absent WHERE kind = ? AND NOT kept", kind)

    def rows_to_write(self, kind: str) -> Iterator[list[tuple[AnyRow, int, str]]]:
        """New and changed rows with their position and content hash, in the feed's order, in batches."""
        adapter = ROW_TYPES[kind]
        rows = self._file.execute("SELECT body, position, hash FROM fresh WHERE kind = ? ORDER BY position", (kind,))
        batch: list[tuple[AnyRow, int, str]] = []
        characters = 0
        for body, position, content_hash in rows:
            batch.append((adapter.validate_json(body), position, content_hash))
            characters += len(body)
            if len(batch) == FETCH or characters > MAX_BATCH:
                yield batch
                batch, characters = [], 0
        if batch:
            yield batch

    def rows_unchanged(self, kind: str) -> Iterator[list[AnyRow]]:
        """Rows that the shop holds as they came, in the feed's order, in batches."""
        rows = self._file.execute(
            "SELECT s.body FROM staged s JOIN existing e USING (kind, id) "
            "WHERE s.kind = ? AND e.hash = s.hash ORDER BY s.position",
            (kind,),
        )
        while batch := rows.fetchmany(FETCH):
            yield [ROW_TYPES[kind].validate_json(body) for (body,) in batch]

    def positions(self) -> Iterator[list[tuple[str, int]]]:
        """(id, position) of the products that did not change: others may have come between them."""
        rows = self._file.execute(
            "SELECT s.id, s.position FROM staged s JOIN existing e USING (kind, id) "
            "WHERE s.kind = 'product' AND e.hash = s.hash"
        )
        while batch := rows.fetchmany(FETCH):
            yield batch

    def _variant_conflict(self, ids: list[str]) -> str:
        if len(set(ids)) < len(ids):
            twice = Counter(ids).most_common(1)[0][0]
            return f"variants: the id {twice} comes twice"
        for id in ids:
            owner = self._one("SELECT product FROM variant WHERE id = ?", id)
            if owner is not None:
                return f"variants: the id {id} is already one of product {owner}"
        return ""

    def _hash(self, body: str) -> str:
        return hashlib.sha256(f"{HASH_VERSION} {self._currency} {body}".encode()).hexdigest()

    def _one(self, query: str, *values: str) -> Any:
        row = self._file.execute(query, values).fetchone()
        return row[0] if row else None

    def _ids(self, query: str, kind: str) -> Iterator[list[str]]:
        rows = self._file.execute(query, (kind,))
        while batch := rows.fetchmany(FETCH):
            yield [id for (id,) in batch]


def variant_ids(row: ProductRow) -> list[str]:
    """Ids of the forms a product is sold in; a product without variants is one itself."""
    return [variant.id for variant in row.variants] or [row.id]


def _owner(kind: str) -> str:
    return "product" if kind == "variant" else kind
