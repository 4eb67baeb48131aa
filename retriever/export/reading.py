"""The shop's records as rows, read in batches out of one moment of the database."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, collate, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from retriever.database import Database, among
from retriever.errors import NotFoundError
from retriever.export.rows import AnyRecord, row_from
from retriever.feeds.rows import AnyRow, ReviewRow
from retriever.records import FeedRecord, ProductRecord, ReviewRecord
from retriever.writing import TABLES, ImportedTable

BATCH = 200


class Snapshot:
    """What the shop held at one moment, as rows; use it inside ``snapshot`` only.

    Args:
        session: of one reading transaction.
        database: where it reads.
        currency: the shop's own.
        feed: only rows of this feed; empty: all.
    """

    def __init__(self, session: Session, database: Database, currency: str, feed: str) -> None:
        self._session = session
        self._database = database
        self._currency = currency
        self._feed = feed

    def count(self, kind: str) -> int:
        """How many rows of a kind there are."""
        query = self._owned(select(func.count()).select_from(TABLES[kind]), TABLES[kind])
        return self._session.scalar(query) or 0

    def batches(self, kind: str) -> Iterator[list[AnyRow]]:
        """All rows of a kind: products in the merchant's order, the others by id."""
        table = TABLES[kind]
        query = self._owned(select(table), table).order_by(*self._order(table)).execution_options(yield_per=BATCH)
        for records in self._session.scalars(query).partitions():
            yield [row_from(cast("AnyRecord", record), self._currency) for record in records]

    def reviews(self, products: Sequence[str]) -> dict[str, list[ReviewRow]]:
        """The reviews of these products, by product."""
        chosen = among(ReviewRecord.product_id, products, self._database.dialect)
        query = self._owned(select(ReviewRecord).where(chosen), ReviewRecord)
        found: dict[str, list[ReviewRow]] = {}
        for record in self._session.scalars(query.order_by(self._bytewise(ReviewRecord.id))):
            found.setdefault(record.product_id, []).append(cast("ReviewRow", row_from(record, self._currency)))
        return found

    def _owned(self, query: Select[Any], table: ImportedTable) -> Select[Any]:
        return query.where(table.feed == self._feed) if self._feed else query

    def _order(self, table: ImportedTable) -> list[Any]:
        if table is ProductRecord:
            feed, id = self._bytewise(ProductRecord.feed), self._bytewise(ProductRecord.id)
            return [feed, ProductRecord.position, id]
        return [self._bytewise(table.id)]

    def _bytewise(self, column: InstrumentedAttribute[str]) -> ColumnElement[str]:
        """The same order on every database, whatever language it sorts by."""
        return collate(column, "BINARY" if self._database.dialect == "sqlite" else "C")


@contextmanager
def snapshot(database: Database, currency: str, feed: str = "") -> Generator[Snapshot]:
    """The shop as it is now, however long the reading takes and whoever imports meanwhile.

    Raises:
        NotFoundError: if there is no such feed, or the shop holds nothing at all.
        UnavailableError: if the database cannot be used.
    """
    with database.session() as session:
        if database.dialect == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        feeds = sorted(session.scalars(select(FeedRecord.name)))
        if not feeds:
            raise NotFoundError("The shop is empty: there is nothing to export.", "Run: shopwise import demo")
        if feed and feed not in feeds:
            raise NotFoundError(f"The shop has no feed '{feed}'.", f"Its feeds: {', '.join(feeds)}.")
        yield Snapshot(session, database, currency, feed)
