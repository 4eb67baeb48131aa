"""The shop's database: SQLite in a file, or PostgreSQL by URL.

Readers and one writer work side by side in both: SQLite keeps a write-ahead log, and its
write transactions take the lock at their start, so that none fails half-way for it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Literal, cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    Text,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    literal,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import OperationalError as SqlOperationalError
from sqlalchemy.orm import InstrumentedAttribute, Session

from retriever.errors import BadInputError, UnavailableError

Dialect = Literal["sqlite", "postgresql"]

WAIT = 30  # seconds a writer waits for another one
RETRY = 0.02  # seconds between two tries where SQLite itself does not wait
CONNECT = 10  # seconds a PostgreSQL server has to answer
_MIGRATION_LOCK = 7_468_190_733  # any number, the same in every process
_WRITES = "shopwise_writes"
_GIVEN = "given"
_BUGS = ("no such", "near ", "syntax error", "SQL logic error")


class Database:
    """One shop's records. Safe to share between threads; a session belongs to one.

    Opening connects to nothing; the first use does.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``.

    Raises:
        BadInputError: if the URL names neither.
    """

    def __init__(self, url: str) -> None:
        self._url = _checked(url)
        self.dialect: Dialect = "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"
        self._engine = _sqlite(self._url) if self.dialect == "sqlite" else _postgresql(self._url)
        # Made once, over the same connections: to make one takes a third of the time of a short reading.
        self._engines = {writes: self._engine.execution_options(**{_WRITES: writes}) for writes in (False, True)}

    def migrate(self) -> None:
        """Bring the tables to this version's form; nothing happens where they have it.

        Raises:
            UnavailableError: if the database cannot be used, or a newer version has changed it.
        """
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        with self.connection() as connection:
            if self._revision(connection, scripts) == scripts.get_current_head():
                return
        with self.connection(writes=True) as connection:
            if self.dialect == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def connection(self, *, writes: bool = False) -> Generator[Connection]:
        """A connection in one transaction; committed at the end if it ``writes``, rolled back if not.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        with self._named_errors(), self._engines[writes].connect() as connection, connection.begin() as transaction:
            yield connection
            if not writes:
                transaction.rollback()

    @contextmanager
    def session(self) -> Generator[Session]:
        """A session to read in.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        with self.connection() as connection, Session(connection, autoflush=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Generator[Session]:
        """A session to write in: all of it is kept at the end, or, after an error, none.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        with self.connection(writes=True) as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _revision(self, connection: Connection, scripts: ScriptDirectory) -> str | None:
        revision = MigrationContext.configure(connection).get_current_revision()
        if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
            raise UnavailableError(
                f"The database {self._shown} has tables of a newer version ({revision}).",
                "Use the version of Shopwise that made them, or a newer one.",
            )
        return revision

    @property
    def _shown(self) -> str:
        return str(self._url.database) if self.dialect == "sqlite" else self._url.render_as_string(hide_password=True)

    @contextmanager
    def _named_errors(self) -> Generator[None]:
        """Turn what an operator has to mend into an UnavailableError; bugs stay what they are."""
        try:
            yield
        except DBAPIError as error:
            if not _operators(error):
                raise
            hint = (
                "Check the file, its folder's permissions and the room on the disk."
                if self.dialect == "sqlite"
                else "Check that PostgreSQL runs, and the host, name and password in SHOPWISE_DATABASE_URL."
            )
            cause = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            raise UnavailableError(f"The database {self._shown} cannot be used: {cause[0]}.", hint) from error


def among(
    column: InstrumentedAttribute[str] | ColumnElement[str], values: Collection[str], dialect: Dialect
) -> ColumnElement[bool]:
    """``column`` is one of ``values``, however many: they travel as one parameter."""
    if dialect == "sqlite":
        listed = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(list(values), ARRAY(Text)))


def among_given(column: InstrumentedAttribute[str] | ColumnElement[str], dialect: Dialect) -> ColumnElement[bool]:
    """As ``among``, for a statement that is built once and executed often: with what ``given`` makes of the values."""
    if dialect == "sqlite":
        listed = func.json_each(bindparam(_GIVEN, type_=Text)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(bindparam(_GIVEN, type_=ARRAY(Text)))


def given(values: Collection[str], dialect: Dialect) -> dict[str, Any]:
    """The parameters of a statement with ``among_given``."""
    return {_GIVEN: json.dumps(list(values)) if dialect == "sqlite" else list(values)}


def _checked(url: str) -> URL:
    hint = "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME."
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadInputError("The database URL cannot be read.", hint) from error
    backend = parsed.get_backend_name()
    if backend == "postgres":  # as libpq and hosting services write it
        backend = "postgresql"
    if backend not in ("sqlite", "postgresql"):
        raise BadInputError(f"There is no support for a '{backend}' database.", hint)
    if not parsed.database or parsed.database == ":memory:":
        raise BadInputError("The database URL names no database.", hint)
    return parsed.set(drivername="sqlite" if backend == "sqlite" else "postgresql+psycopg")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": WAIT, "check_same_thread": False})
    event.listen(engine, "do_connect", _make_folder)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(_dialect: Any, _record: Any, args: tuple[Any, ...], _options: dict[str, Any]) -> None:
    try:
        Path(args[0]).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            f"The folder of the database, {Path(args[0]).parent}, cannot be made: {error.strerror}.",
            "Choose another folder with --home, or mend its permissions.",
        ) from error


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    connection = cast("sqlite3.Connection", raw)
    connection.isolation_level = None  # transactions begin where _begin_sqlite says, not where the driver guesses
    _write_ahead(connection)
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Give the file its write-ahead log. SQLite does not wait for another process that is doing so just then."""
    until = monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(RETRY)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT})


def _operators(error: DBAPIError) -> bool:
    if isinstance(error, SqlOperationalError):
        return not (isinstance(error.orig, sqlite3.Error) and str(error.orig).startswith(_BUGS))
    # SQLite says of a file that is none, or damaged, just "DatabaseError".
    return type(error) is SqlDatabaseError and isinstance(error.orig, sqlite3.DatabaseError)
