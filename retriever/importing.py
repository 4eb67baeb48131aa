"""Importing a feed: read all of it, compare, then change the shop in one transaction or not at all.

1. Every row is read, checked and staged; what cannot be used is listed with its reason.
2. The staged rows are compared, by content, with those the feed brought before.
3. The vectors of new and changed products go into a cache that is no part of the shop.
4. One transaction writes records, full-text index, the outbox of the vector index and the report.
5. The outbox is drained into the vector index, and what is learned from goods is learned anew.

A process killed before the end of 4 leaves the shop as it was; one killed after it leaves
tasks in the outbox, which the next import or the next opening of the shop completes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ranker.encoder import Encoder
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.clean import UncleanError, clean
from retriever.feeds.feed import Feed, Progress, silent
from retriever.feeds.rows import AnyRow, LeftOut, ProductRow, Rejected
from retriever.indexing import EmbeddingCache, drain_locked
from retriever.interactions.consent import purge
from retriever.interactions.taking import EventTaker
from retriever.lexical import LexicalIndex, document_of
from retriever.locking import import_lock
from retriever.product import Shape
from retriever.quality import EXAMPLES, Finding, QualityReport
from retriever.quality.learning import FeedQuality
from retriever.quality.store import keep_completions, keep_score
from retriever.records import FeedRecord, ProductRecord, VariantRecord, VectorTask
from retriever.staging import Staging
from retriever.vectors import VectorIndex
from retriever.writing import TABLES, delete_rows, insert_rows

SHOWN_REJECTIONS = 5  # in the message of a refused import
STORED_REJECTIONS = 1_000  # in the feed's record; the report given back has all of them


class Counts(Shape):
    """Rows that the shop now holds of one feed."""

    products: int = 0
    variants: int = 0
    reviews: int = 0
    customers: int = 0
    orders: int = 0
    policies: int = 0
    promotions: int = 0
    events: int = 0


class ImportReport(Shape):
    """What an import did: the contract's JSON object."""

    source: str
    counts: Counts
    added: int
    updated: int
    removed: int
    rejected: tuple[Rejected, ...]
    quality: tuple[Finding, ...]


class Importer:
    """Brings feeds into one shop.

    Args:
        database: the shop's records.
        lexical: its full-text index, which lives in the same database.
        vectors: its vector index.
        encoder: makes the vectors.
        cache: keeps vectors from one import to the next.
        currency: the shop's own, for rows that name none.
        afterwards: learns from the goods that the shop now has; it says how it gets on, and raises nothing.
    """

    def __init__(
        self,
        database: Database,
        lexical: LexicalIndex,
        vectors: VectorIndex,
        encoder: Encoder,
        cache: EmbeddingCache,
        currency: str,
        afterwards: Callable[[Progress], None] | None = None,
    ) -> None:
        self._database = database
        self._lexical = lexical
        self._vectors = vectors
        self._encoder = encoder
        self._cache = cache
        self._currency = currency
        self._afterwards = afterwards
        self._catalogue = Catalogue(database, lexical, currency)

    def run(self, feed: Feed, strict: bool = False, progress: Progress = silent) -> ImportReport:
        """Make the shop hold exactly what the feed says, as far as the feed is concerned.

        Args:
            feed: what to read.
            strict: refuse the whole feed when one row is rejected.
            progress: hears each stage: reading, comparing, encoding, writing, indexing, learning.

        Raises:
            BadInputError: if nothing in the feed can be used, or it is strict and a row was
                rejected. The shop is as it was.
            UnavailableError: if a part or the disk's room is missing. Unless the message says
                otherwise, the shop is as it was.
        """
        with import_lock(self._database):
            with (
                _nothing_changed(),
                Staging(feed.name, self._currency) as staging,
                FeedQuality(QualityReport(self._currency), self._encoder, self._cache, self._currency) as quality,
            ):
                left_out = _LeftOut()
                rejected = self._stage(feed, staging, quality, left_out, progress)
                progress("comparing", 0, 0)
                with self._database.session() as session:
                    rejected += staging.compare_with(_existing(session), _foreign_variants(session, feed.name))
                rejected.sort(key=lambda row: row.line)
                _refuse_if_unusable(feed, staging, rejected, left_out, strict)
                self._encode(staging, quality, progress)
                report = self._write(feed, staging, rejected, left_out, quality, progress)
            self._index(progress)
            EventTaker(self._database).retry()
            if self._afterwards:
                self._afterwards(progress)
            return report

    def _stage(
        self, feed: Feed, staging: Staging, quality: FeedQuality, left_out: _LeftOut, progress: Progress
    ) -> list[Rejected]:
        rejected: list[Rejected] = []
        for item in feed.read(progress):
            if isinstance(item, LeftOut):
                left_out.add(item)
                continue
            refusal = _stage_item(item, staging, quality)
            if refusal is not None:
                rejected.append(refusal)
                if refusal.id:
                    staging.keep(refusal.id)
        return rejected

    def _encode(self, staging: Staging, quality: FeedQuality, progress: Progress) -> None:
        done, total = 0, staging.to_write("product")
        for batch in staging.rows_to_write("product"):
            quality.learn([row for row, _, _ in batch if isinstance(row, ProductRow)])
            done += len(batch)
            progress("encoding", done, total)
        for rows in staging.rows_unchanged("product"):
            quality.recall([row for row in rows if isinstance(row, ProductRow)])

    def _write(
        self,
        feed: Feed,
        staging: Staging,
        rejected: list[Rejected],
        left_out: _LeftOut,
        quality: FeedQuality,
        progress: Progress,
    ) -> ImportReport:
        findings = quality.findings()
        with self._database.transaction() as session:
            added = updated = removed = 0
            for kind in TABLES:
                for ids in staging.removed(kind):
                    self._delete(session, kind, ids)
                    removed += len(ids)
                for ids in staging.changed(kind):
                    self._delete(session, kind, ids)
                    updated += len(ids)
                self._insert(session, feed, staging, kind, quality, progress)
                added += staging.added(kind)
            _move(session, staging)
            purge(session)
            report = ImportReport(
                source=feed.source,
                counts=_counts(session, feed, staging),
                added=added,
                updated=updated,
                removed=removed,
                rejected=tuple(rejected),
                quality=(*findings, *left_out.findings()),
            )
            at = datetime.now(UTC)
            _record(session, feed, report, at)
            keep_score(session, feed.name, at, quality.report, findings)
            progress("committing", 0, 0)
        return report

    def _delete(self, session: Session, kind: str, ids: list[str]) -> None:
        delete_rows(session, kind, ids)
        if kind == "product":
            self._lexical.remove(session, ids)
            _ask_for_vectors(session, ids)

    def _insert(
        self, session: Session, feed: Feed, staging: Staging, kind: str, quality: FeedQuality, progress: Progress
    ) -> None:
        done, total = 0, staging.to_write(kind)
        for batch in staging.rows_to_write(kind):
            shown = insert_rows(session, batch, feed.name, self._currency)
            if kind == "product":
                products = [row for row, _, _ in batch if isinstance(row, ProductRow)]
                self._lexical.upsert(session, [document_of(product) for product in shown])
                _ask_for_vectors(session, [row.id for row in products])
                keep_completions(session, quality.complete(products))
            done += len(batch)
            progress("writing", done, total)

    def _index(self, progress: Progress) -> None:
        try:
            drain_locked(self._database, self._catalogue, self._vectors, self._encoder, self._cache, progress)
        except (UnavailableError, OSError) as error:
            raise UnavailableError(
                f"The rows were imported, but the vector index could not be brought in line: {error}",
                f"{getattr(error, 'hint', '')} The next start or import completes it.".strip(),
            ) from error


class _LeftOut:
    """What the source itself marks as not for sale: counted, with the first few."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[str] = []

    def add(self, item: LeftOut) -> None:
        self.count += 1
        if len(self._first) < EXAMPLES:
            self._first.append(f"{item.id}: {item.reason}")

    def findings(self) -> tuple[Finding, ...]:
        return (Finding(check="left_out", count=self.count, examples=tuple(self._first)),) if self.count else ()


def _stage_item(item: tuple[int, AnyRow] | Rejected, staging: Staging, quality: FeedQuality) -> Rejected | None:
    if isinstance(item, Rejected):
        return item
    line, row = item
    try:
        cleaned = clean(row)
    except UncleanError as error:
        return Rejected(line=line, id=row.id, reason=str(error))
    refusal = staging.add(line, cleaned)
    if refusal is None:
        quality.see(row)
    return refusal


def _refuse_if_unusable(
    feed: Feed, staging: Staging, rejected: list[Rejected], left_out: _LeftOut, strict: bool
) -> None:
    if strict and rejected:
        raise BadInputError(
            f"{len(rejected)} rows of the feed '{feed.name}' cannot be read: {_listed(rejected)}",
            "Nothing was imported. Correct the rows, or import without --strict to take the others.",
        )
    if not any(staging.staged(kind) for kind in TABLES):
        why = f" {len(rejected)} were refused: {_listed(rejected)}" if rejected else ""
        why += f" {left_out.count} are not for sale, as the source says." if left_out.count else ""
        raise BadInputError(
            f"The feed '{feed.name}' holds no row that can be used.{why}",
            "Nothing was changed. See docs/import.md for what a row looks like.",
        )
    if staging.held("product") and not staging.count("product"):
        raise BadInputError(
            f"The feed '{feed.name}' no longer holds any product, and would empty the shop of its own.",
            "Nothing was changed. Check that the source is complete.",
        )


def _listed(rejected: list[Rejected]) -> str:
    shown = "; ".join(f"line {row.line} ({row.id or 'no id'}): {row.reason}" for row in rejected[:SHOWN_REJECTIONS])
    more = len(rejected) - SHOWN_REJECTIONS
    return f"{shown}; and {more} more" if more > 0 else shown


def _existing(session: Session) -> Iterator[tuple[str, str, str, str]]:
    for kind, table in TABLES.items():
        rows = session.execute(select(table.id, table.content_hash, table.feed).execution_options(yield_per=5_000))
        for id, content_hash, feed in rows:
            yield kind, id, content_hash, feed


def _foreign_variants(session: Session, feed: str) -> Iterator[tuple[str, str]]:
    query = select(VariantRecord.id, ProductRecord.feed).join(ProductRecord).where(ProductRecord.feed != feed)
    yield from session.execute(query.execution_options(yield_per=5_000))


def _ask_for_vectors(session: Session, ids: list[str]) -> None:
    session.execute(delete(VectorTask).where(VectorTask.product_id.in_(ids)))
    session.add_all(VectorTask(product_id=id) for id in ids)
    session.flush()


def _move(session: Session, staging: Staging) -> None:
    """Bring unchanged products to their place in the feed; that alone does not count as an update."""
    for batch in staging.positions():
        wanted = dict(batch)
        query = select(ProductRecord.id, ProductRecord.position).where(ProductRecord.id.in_(wanted))
        moved = [{"id": id, "position": wanted[id]} for id, at in session.execute(query) if at != wanted[id]]
        if moved:
            session.execute(update(ProductRecord), moved)


def _counts(session: Session, feed: Feed, staging: Staging) -> Counts:
    variants = select(func.count(VariantRecord.id)).join(ProductRecord).where(ProductRecord.feed == feed.name)
    return Counts(
        products=staging.count("product"),
        variants=session.scalar(variants) or 0,
        reviews=staging.count("review"),
        customers=staging.count("customer"),
        orders=staging.count("order"),
        policies=staging.count("policy"),
        promotions=staging.count("promotion"),
        events=staging.count("event"),
    )


def _record(session: Session, feed: Feed, report: ImportReport, at: datetime) -> None:
    stored = report.model_dump(mode="json")
    stored["rejected"] = stored["rejected"][:STORED_REJECTIONS]
    session.merge(FeedRecord(name=feed.name, source=feed.source, imported_at=at, report=stored))
    session.flush()


@contextmanager
def _nothing_changed() -> Generator[None]:
    """A missing part or a full disk, said with its consequence. What was begun has been rolled back by then."""
    try:
        yield
    except UnavailableError as error:
        raise UnavailableError(f"The import stopped and nothing was changed. {error.message}", error.hint) from error
    except (sqlite3.OperationalError, OSError) as error:
        raise UnavailableError(
            f"The import stopped and nothing was changed: {error}", "Make room on the disk and run it again."
        ) from error
