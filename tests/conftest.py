"""What tests of every room share: empty databases of both kinds, and the real model server."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from assistant.model.serve import ModelServer
from assistant.settings import Settings
from retriever.database import Database

# A slow or busy machine is no failure: tests hold what is true, benchmarks say how fast. The same tree gives the same
# examples; to look for new ones: pytest --hypothesis-profile explore
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("steady")

# Processes of pytest-xdist are told a width, which Rich would hold on to when a test asks for another.
os.environ.pop("COLUMNS", None)

_numbers = count()

# The slow rooms first: the small files of the others fill both processes to the end.
SLOW_ROOMS = {"integration": 0, "browser": 1, "contracts": 2}


class FileByFile(LoadScopeScheduling):
    """With several processes a file's tests stay in one, as they share fixtures, and so do those of the real model.

    Two model servers at a time would start no sooner than one after the other.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the real model" if file.startswith("tests/integration/test_model_") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile:
    config.option.loadscopereorder = False  # not by the number of tests
    return FileByFile(config, log)


@pytest.hookimpl(trylast=True)  # after pytest-randomly
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: SLOW_ROOMS.get(item.path.parent.name, len(SLOW_ROOMS)))
    for item in items:
        # Hundreds of examples take twice as long when their lines are counted, and others cover the same lines.
        if isinstance(item, pytest.Function) and getattr(item.obj, "is_hypothesis_test", False):
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(scope="session")
def model_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    """The real model: a running server of ours, or one started without compiling, which is up sooner."""
    with ModelServer(Settings(home=tmp_path_factory.mktemp("model-home")), eager=True, port=0) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL of the tests' own, with ``{name}`` in the place of a database."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb and pg_ctl")
    # Under /tmp, because PostgreSQL refuses to run as root and its own user cannot reach root's folders.
    folder = Path(tempfile.mkdtemp(prefix="shopwise-pg-", dir="/tmp"))
    as_user = _as_postgres(folder)
    data, log = folder / "data", folder / "log"
    try:
        _run([*as_user, programs / "initdb", "-D", data, "-U", "shop", "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        _run([*as_user, programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"])
        try:
            yield f"postgresql://shop@/{{name}}?host={folder}"
        finally:
            _run([*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """Name of a migrated, empty database to copy."""
    _sql(postgres, "CREATE DATABASE template_shop")
    database = Database(postgres.format(name="template_shop"))
    database.migrate()
    database.close()
    return "template_shop"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database that holds the tables and nothing in them; one test with it runs on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "shop.sqlite"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    postgres, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_postgres")
    name = f"shop_{next(_numbers)}"
    _sql(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield postgres.format(name=name)
    _sql(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database; one test with it runs on SQLite and on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    opened.close()


def _postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps it out of PATH."""
    on_path = shutil.which("initdb")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


def _as_postgres(folder: Path) -> list[str]:
    """How to start a program as a user that PostgreSQL accepts, who then owns ``folder``."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
    pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")


def _run(command: list[str | Path]) -> None:
    # Output to a file: the server inherits it, and a pipe would then never end.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, cwd="/", timeout=120, check=False)
        said.seek(0)
        assert done.returncode == 0, said.read()


def _sql(postgres: str, statement: str) -> None:
    with psycopg.connect(postgres.format(name="postgres"), autocommit=True) as connection:
        connection.execute(statement)
