"""``shopwise export`` as a person runs it: where it writes, what it refuses, and beside a server."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retriever.database import Database
from retriever.feeds.rows import PolicyRow
from retriever.home import Home
from retriever.records import FeedRecord
from retriever.writing import insert_rows


def export(*words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", "from ui.cli import main; main()", "export", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a shop with one policy."""
    database = Database(f"sqlite:///{tmp_path / 'home' / 'shop.sqlite'}")
    database.migrate()
    with database.transaction() as session:
        session.add(FeedRecord(name="jsonl:x", source="jsonl", imported_at=datetime.now(UTC), report={}))
        policy = PolicyRow(type="policy", id="returns", title="Returns", body="30 days.")
        insert_rows(session, [(policy, 1, "hash")], "jsonl:x", "USD")
    database.close()
    return tmp_path / "home"


def test_goods_go_to_stdout_and_the_report_to_stderr(home: Path) -> None:
    ended = export("jsonl", "-", "--home", str(home))
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"type": "policy", "id": "returns", "title": "Returns", "body": "30 days."}
    assert "jsonl: 1 policies" in ended.stderr


def test_a_shop_that_is_being_served_can_be_exported(home: Path, tmp_path: Path) -> None:
    with Home(home).owned():
        ended = export("jsonl", str(tmp_path / "out.jsonl"), "--json", "--home", str(home))
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert (report["format"], report["counts"]["policies"], report["notes"]) == ("jsonl", 1, [])
    assert (tmp_path / "out.jsonl").read_text().startswith('{"type":"policy"')


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["csv", "out.csv"], "There is no export 'csv'"),
        (["jsonl", "-", "--json"], "Leave out --json"),
        (["jsonl", "-", "--feed", "nowhere"], "Its feeds: jsonl:x"),
    ],
)
def test_bad_words_exit_with_2_and_leave_stdout_empty(home: Path, words: list[str], told: str) -> None:
    ended = export(*words, "--home", str(home))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr


def test_a_folder_without_a_shop_is_said_and_not_made(tmp_path: Path) -> None:
    ended = export("jsonl", "-", "--home", str(tmp_path / "nowhere"))
    assert ended.returncode == 2
    assert "There is no shop" in ended.stderr
    assert not (tmp_path / "nowhere").exists()
