"""The columns of a shop's goods, kept in line with its records.

What has changed since they were read is asked for in each search, so that none relies on
something old; new columns are made beside the searches.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from retriever.changed_goods import ChangedGoods
from retriever.columns import Columns, read
from retriever.database import Database
from retriever.errors import ShopwiseError
from retriever.records import ProductRecord

log = logging.getLogger(__name__)

LARGE = 5_000  # products from which on a shop has columns; what a smaller one has is listed as quickly
RENEWED = 200  # changed products from which on they are brought in
BEHIND = 5_000  # changed products from which on the columns help no more
SPARE = 1.5  # rows for each product, gone ones included, from which on all is read anew

Numbers = Callable[[Connection, frozenset[str] | None], Iterable[tuple[str, int]]]


@dataclass(frozen=True)
class _Known:
    mark: int
    columns: Columns


class CurrentColumns:
    """What is known of the goods of a large shop. Safe to share between threads.

    Args:
        database: the shop's records.
        currency: the shop's.
        numbers: gives the numbers that full text knows products by, of all or of some.
        large: products from which on a shop has columns.
    """

    def __init__(self, database: Database, currency: str, numbers: Numbers, large: int = LARGE) -> None:
        self._database = database
        self._currency = currency
        self._numbers = numbers
        self._large = large
        self._changes = ChangedGoods(database)
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._reader: threading.Thread | None = None

    def current(self) -> tuple[Columns, frozenset[str]] | None:
        """The columns and what has changed since they were read; ``None`` while there are none to rely on.

        Raises:
            UnavailableError: if the records cannot be read.
        """
        known = self._known
        with self._database.connection() as connection:
            if known is None:
                if self._is_large(connection):
                    self._begin()
                return None
            changed = self._changes.since(connection, known.mark, BEHIND)
        if len(changed) >= RENEWED:
            self._begin()
        return (known.columns, changed) if len(changed) < BEHIND else None

    def prepare(self) -> None:
        """Read the columns of a large shop now, or bring them in line with the records.

        Raises:
            UnavailableError: if the records cannot be read.
        """
        with self._lock, self._database.connection() as connection:
            if self._known is None and not self._is_large(connection):
                return
            mark = self._changes.mark(connection)
            known = self._known
            changed = frozenset[str]() if known is None else self._changes.since(connection, known.mark, BEHIND)
            if known is None or len(changed) >= BEHIND or len(known.columns.ids) > SPARE * known.columns.living:
                self._known = _Known(mark, self._read(connection, None))
            elif changed:
                self._known = _Known(mark, known.columns.renewed(changed, self._read(connection, changed)))

    def settled(self, timeout: float | None = None) -> None:
        """Wait for what is being read in the background."""
        if self._reader is not None:
            self._reader.join(timeout)

    def _read(self, connection: Connection, ids: frozenset[str] | None) -> Columns:
        numbers = self._numbers(connection, ids)
        return read(connection, self._database.dialect, self._currency, numbers, ids)

    def _is_large(self, connection: Connection) -> bool:
        """Whether there are so many products; they are not counted to the end."""
        beyond = select(ProductRecord.id).limit(1).offset(max(0, self._large - 1))
        return connection.scalar(beyond) is not None

    def _begin(self) -> None:
        if self._reader is None or not self._reader.is_alive():
            self._reader = threading.Thread(target=self._beside, name="columns", daemon=True)
            self._reader.start()

    def _beside(self) -> None:
        try:
            self.prepare()
        except ShopwiseError as error:
            log.warning("Conditions are asked of the database: %s", error.message)
