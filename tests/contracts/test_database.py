"""What the database promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from retriever.database import Database, among
from retriever.errors import BadInputError, UnavailableError
from retriever.records import FeedRecord, Record, VectorTask


def tasks(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(VectorTask)) or 0


def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    def ours(name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and (name or "").startswith("product_fts"))  # the full-text index has no class

    with database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours, "compare_type": True})
        assert compare_metadata(context, Record.metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        session.add(VectorTask(product_id="a"))

    database.migrate()

    assert tasks(database) == 1


def test_tables_of_a_newer_version_are_left_alone(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(UnavailableError, match="newer version"):
        database.migrate()


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    def fail_half_way() -> None:
        with database.transaction() as session:
            session.add(VectorTask(product_id="lost"))
            session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail_half_way()
    assert tasks(database) == 0

    with database.transaction() as session:
        session.add(VectorTask(product_id="kept"))
    assert tasks(database) == 1


def test_a_reading_session_keeps_nothing(database: Database) -> None:
    with database.session() as session:
        session.add(VectorTask(product_id="a"))
        session.flush()

    assert tasks(database) == 0


def test_readers_see_the_last_whole_state_while_somebody_writes(database: Database) -> None:
    with database.transaction() as session:
        session.add(VectorTask(product_id="a"))
        session.flush()
        assert tasks(database) == 0

    assert tasks(database) == 1


def test_writers_wait_for_each_other(database: Database) -> None:
    def count_up(_: int) -> None:
        with database.transaction() as session:
            feed = session.scalars(select(FeedRecord).with_for_update()).one()
            feed.report = {"count": feed.report["count"] + 1}

    with database.transaction() as session:
        session.add(FeedRecord(name="f", source="s", imported_at=datetime.now(UTC), report={"count": 0}))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(40)))

    with database.session() as session:
        assert session.get_one(FeedRecord, "f").report == {"count": 40}


def test_times_are_utc_and_never_naive(database: Database) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    with database.transaction() as session:
        session.add(FeedRecord(name="f", source="s", imported_at=noon, report={}))
    with database.session() as session:
        read = session.get_one(FeedRecord, "f").imported_at
    assert (read, read.tzinfo) == (noon, UTC)

    with pytest.raises(StatementError, match="naive"), database.transaction() as session:
        session.add(FeedRecord(name="g", source="s", imported_at=datetime(2026, 5, 1), report={}))  # noqa: DTZ001


def test_foreign_keys_hold(database: Database) -> None:
    orphan = text("INSERT INTO product_category (product_id, key, name) VALUES ('nobody', 'k', 'K')")

    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(orphan)


@pytest.mark.parametrize("ids", [[], ["a"], ["a'; --", "b", '"', "蓝"], [f"x{n}" for n in range(70_000)] + ["b"]])
def test_any_number_of_values_can_be_asked_for(database: Database, ids: list[str]) -> None:
    with database.transaction() as session:
        session.add_all([VectorTask(product_id="a"), VectorTask(product_id="b"), VectorTask(product_id="蓝")])

    with database.session() as session:
        chosen = select(VectorTask.product_id).where(among(VectorTask.product_id, ids, database.dialect))
        assert set(session.scalars(chosen)) == {"a", "b", "蓝"} & set(ids)


def test_processes_may_migrate_one_new_file_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/folder/100%/shop.sqlite"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.map(migrate, [url] * 3)

    assert tasks(Database(url)) == 0


def migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "cannot be read"),
        ("shop.sqlite", "cannot be read"),
        ("mysql://u@h/db", "no support for a 'mysql' database"),
        ("postgresql://user@host", "names no database"),
        ("sqlite://", "names no database"),
        ("sqlite:///:memory:", "names no database"),
        ("postgresql://host:port/db", "cannot be read"),
    ],
)
def test_an_url_that_names_no_database_is_bad_input(url: str, message: str) -> None:
    with pytest.raises(BadInputError, match=message) as refused:
        Database(url)

    assert "sqlite:///FILE" in refused.value.hint


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    database = Database("postgresql://ann:secret@127.0.0.1:1/shop")

    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1") as refused:
        database.migrate()

    assert "secret" not in refused.value.message
    assert "PostgreSQL runs" in refused.value.hint


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_of_a_postgresql_url_will_do(scheme: str) -> None:
    assert Database(f"{scheme}://ann@db.example/shop").dialect == "postgresql"


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite").write_text("a letter to somebody" * 100)

    with pytest.raises(UnavailableError, match="not a database"):
        Database(f"sqlite:///{tmp_path}/shop.sqlite").migrate()


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UnavailableError, match="cannot be made"):
        Database(f"sqlite:///{tmp_path}/file/shop.sqlite").migrate()


def test_a_full_disk_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.transaction() as session:
        session.add(VectorTask(product_id="kept"))

    def fill_the_disk() -> None:
        with database.transaction() as session:
            pages = session.scalar(text("PRAGMA page_count"))
            session.execute(text(f"PRAGMA max_page_count = {pages}"))  # as a full disk: not one page more
            session.add_all(VectorTask(product_id=f"{n}-{'x' * 190}") for n in range(1_000))

    with pytest.raises(UnavailableError, match="full"):
        fill_the_disk()

    assert tasks(Database(f"sqlite:///{path}")) == 1
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_mistake_in_our_sql_is_not_blamed_on_the_operator(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as raised, database.session() as session:
        session.execute(text("SELECT * FROM no_such_table"))

    assert not isinstance(raised.value, UnavailableError)
