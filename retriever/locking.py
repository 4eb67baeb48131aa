"""One import at a time: two that interleave would take each other's rows for removed ones."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import func, select

from retriever.database import Database
from retriever.errors import UnavailableError

_IMPORT_LOCK = 7_468_190_734  # any number, the same in every process, not the migrations' one


class ImportRunningError(UnavailableError):
    """Somebody else is importing into this shop right now."""


@contextmanager
def import_lock(database: Database) -> Generator[None]:
    """Hold the right to change the shop's goods and indexes; the lock of a killed process is free again.

    Raises:
        ImportRunningError: if another import holds it, in this process or elsewhere.
    """
    with database.connection() as connection:
        if database.dialect == "postgresql":
            # Held until this connection's transaction ends.
            if not connection.scalar(select(func.pg_try_advisory_xact_lock(_IMPORT_LOCK))):
                raise _busy()
            yield
            return
        (path,) = (row[2] for row in connection.exec_driver_sql("PRAGMA database_list") if row[1] == "main")
    lock = FileLock(f"{path}.import.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise _busy() from error
    try:
        yield
    finally:
        lock.release()


def _busy() -> ImportRunningError:
    return ImportRunningError(
        "Another import into this shop is running.", "Wait until it has finished, then try again."
    )
