"""An import that is killed, or that runs out of disk, and what the shop is afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from import_fakes import HashEncoder, goods
from sqlalchemy import event, func, select

from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import UnavailableError
from retriever.feeds.jsonl import JsonlFeed
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache, drain_outbox
from retriever.lexical import lexical_for
from retriever.records import FeedRecord, QualityScoreRecord, Record, VectorTask
from retriever.vectors import embedding_text, open_vectors

ROWS = 600
ROOT = Path(__file__).parents[2]
WORKER = ROOT / "tests" / "support" / "import_worker.py"

BEFORE = [*goods(ROWS), {"type": "policy", "id": "returns", "title": "Returns", "body": "30 days."}]
# Every third product changed, every fifth gone, some new.
AFTER = [
    row | {"title": f"Lantern{row['id']}"} if n % 3 == 0 else row
    for n, row in enumerate(
        [*BEFORE, *({"id": f"new{n}", "title": f"New {n}", "description": "A lamp."} for n in range(50))]
    )
    if n % 5
]


class Home:
    """One shop in a folder, opened afresh for every question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.encoder = HashEncoder()
        self.database = Database(f"sqlite:///{folder / 'shop.sqlite'}")
        self.database.migrate()
        self.lexical = lexical_for(self.database)
        self.catalogue = Catalogue(self.database, self.lexical, "USD")
        self.vectors = open_vectors(self.encoder, folder / "chroma")
        self.cache = EmbeddingCache(folder / "cache")

    def __enter__(self) -> Home:
        return self

    def __exit__(self, *error: object) -> None:
        self.vectors.close()
        self.database.close()

    def take(self, rows: list[dict[str, object]]):
        importer = Importer(self.database, self.lexical, self.vectors, self.encoder, self.cache, "USD")
        return importer.run(JsonlFeed(write(self.folder / "feed.jsonl", rows), name="goods"))

    def open(self) -> int:
        """What opening the store does."""
        return drain_outbox(self.database, self.catalogue, self.vectors, self.encoder, self.cache)

    def records(self) -> dict[str, list[str]]:
        left_out = (FeedRecord.__tablename__, VectorTask.__tablename__, QualityScoreRecord.__tablename__)
        with self.database.session() as session:
            return {
                table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
                for table in Record.metadata.sorted_tables
                if table.name not in left_out
            }

    def words(self) -> dict[str, list[str]]:
        """The full-text index, asked for a word of all, a word of the changed, a word of one."""
        return {
            word: sorted(hit.id for hit in self.lexical.search(word, 10_000))
            for word in ("lamp", "number7", "lanternp3")
        }

    def state(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        return self.records(), self.words()

    def check_vectors(self) -> None:
        """Both indexes hold every product of the records and no other, and the vectors are of today's texts."""
        ids = self.catalogue.all_ids()
        assert self.vectors.count() == len(ids)
        assert {hit.id for hit in self.lexical.search("lamp", 10_000)} == set(ids)
        for product in self.catalogue.stamped(ids[:: len(ids) // 40]):
            (vector,) = self.encoder.encode([embedding_text(product)])
            (nearest,) = self.vectors.search(vector, 1)
            assert (nearest.id, round(nearest.score, 3)) == (product.product.id, 1.0)
        with self.database.session() as session:
            assert session.scalar(select(func.count()).select_from(VectorTask)) == 0


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """A shop of the old feed, to be copied; its state; the state of the new feed; and the new feed's file."""
    folder = tmp_path_factory.mktemp("killed")
    with Home(folder / "old") as home:
        home.take(BEFORE)
        old = home.state()
        home.check_vectors()
    shutil.copytree(folder / "old", folder / "new")
    with Home(folder / "new") as home:
        home.take(AFTER)
        new = home.state()
        home.check_vectors()
    # The cache would leave nothing to encode.
    shutil.rmtree(folder / "old" / "cache")
    return folder / "old", old, new, write(folder / "after.jsonl", AFTER)


def start(home: Path, feed: Path, wait_at: str = "") -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT), str(WORKER.parent)])
    command = [sys.executable, str(WORKER), str(home), str(feed), wait_at]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path})


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def heal_and_finish(folder: Path, new) -> None:
    """After a kill: opening brings the indexes in line, the next import completes it, another finds nothing to do."""
    with Home(folder) as home:
        home.open()
        home.check_vectors()
        home.take(AFTER)
        assert home.state() == new
        home.check_vectors()
        report = home.take(AFTER)
        assert (report.added, report.updated, report.removed) == (0, 0, 0)


@pytest.mark.parametrize("stage", ["comparing", "encoding", "writing", "committing", "indexing"])
def test_killed_at_a_marked_moment_it_is_the_old_shop_or_the_new_one(shops, tmp_path, stage):
    source, old, new, feed = shops
    home = shutil.copytree(source, tmp_path / "home")
    process = start(home, feed, stage)
    assert process.stdout is not None
    waits = any(line == f"{stage}\n" for line in process.stdout)
    kill(process)
    assert waits, "it ended before the moment to kill it"
    with Home(home) as shop:
        assert shop.state() == (new if stage == "indexing" else old)
    heal_and_finish(home, new)


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_it_is_the_old_shop_or_the_new_one(shops, tmp_path, seed):
    source, old, new, feed = shops
    home = shutil.copytree(source, tmp_path / "home")
    process = start(home, feed)
    assert process.stdout is not None
    process.stdout.readline()  # it has begun
    with suppress(subprocess.TimeoutExpired):
        process.wait(random.Random(seed).uniform(0, 1.2))
    kill(process)
    with Home(home) as shop:
        assert shop.state() in (old, new)
    heal_and_finish(home, new)


def test_a_full_disk_under_the_database_leaves_the_old_shop(shops, tmp_path):
    source, old, new, _ = shops
    folder = shutil.copytree(source, tmp_path / "home")
    with Home(folder) as home:

        @event.listens_for(home.database._engine, "connect")
        def no_more_pages(connection, record):
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")

        home.database.close()  # its next connection has no room
        with pytest.raises(UnavailableError, match=r"nothing was changed.*disk is full"):
            home.take(goods(ROWS, description="A lamp with a long story. " * 100))
        assert home.state() == old
    heal_and_finish(folder, new)


def test_a_really_full_disk_leaves_the_old_shop(shops, tmp_path):
    source, old, _, _ = shops
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in source.rglob("*") if path.is_file())
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size + 600_000}", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        folder = shutil.copytree(source, disk / "home")
        with Home(folder) as home:
            home.cache = EmbeddingCache(tmp_path / "cache")
            with pytest.raises(UnavailableError, match="nothing was changed") as caught:
                home.take(AFTER)
            assert caught.value.hint
        with Home(folder) as home:
            assert home.state() == old
    finally:
        subprocess.run(["umount", str(disk)], check=True)
