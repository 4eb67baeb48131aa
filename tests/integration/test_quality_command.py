"""``shopwise quality`` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOODS = [
    {"id": f"desk-{n}", "title": f"Oak desk number {n}", "categories": ["Desks"], "price": 200 + n} for n in range(9)
]
ODD = {"id": "odd", "title": "Oak <b>desk</b> odd", "categories": ["Desks"], "price": "2.00"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with ten desks, one of them too cheap and with markup in its title."""
    folder = tmp_path_factory.mktemp("home")
    feed = folder / "goods.jsonl"
    feed.write_text("\n".join(map(json.dumps, [*GOODS, ODD])), encoding="utf-8")
    ended = shopwise(folder, "import", "jsonl", str(feed))
    assert ended.returncode == 0, ended.stderr
    return folder


def shopwise(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command on a shop whose cache is its own."""
    line = [sys.executable, "-c", "from ui.cli import main; main()", *words, "--home", str(home / "shop")]
    values = os.environ | {"SHOPWISE_CACHE": str(home / "cache"), "COLUMNS": "160"}
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=240, env=values)


def test_json_is_all_there_is_on_stdout_and_the_page_is_written(home: Path) -> None:
    ended = shopwise(home, "quality", "--json", "--html", str(home / "quality.html"))
    assert ended.returncode == 0, ended.stderr
    survey = json.loads(ended.stdout)
    assert survey["products"] == 10
    assert [found["id"] for found in survey["price_outliers"]] == ["odd"]
    assert [held["score"] for held in survey["history"]] == [survey["score"]]
    assert "html_in_title" in {found["check"] for found in survey["findings"]}
    shown = (home / "quality.html").read_text(encoding="utf-8")
    assert shown.startswith("<!doctype html>")
    assert "<b>desk" not in shown


def test_a_person_reads_score_findings_and_completions(home: Path) -> None:
    ended = shopwise(home, "quality", "--complete")
    assert ended.returncode == 0, ended.stderr
    for told in ("10 products", "price_outlier", "odd: 2.00 where the middle of Desks is", "material", "oak"):
        assert told in ended.stdout


def test_rules_that_cannot_be_used_exit_with_2(home: Path) -> None:
    rules = home / "rules.toml"
    rules.write_text("[fields.prize]\ntype = 'number'\n", encoding="utf-8")
    ended = shopwise(home, "quality", "--rules", str(rules), "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "fields.prize" in ended.stderr


def test_a_page_that_cannot_be_written_exits_with_2(home: Path) -> None:
    ended = shopwise(home, "quality", "--html", str(home / "nowhere" / "quality.html"))
    assert ended.returncode == 2
    assert "cannot be written" in ended.stderr
    assert "Traceback" not in ended.stderr
