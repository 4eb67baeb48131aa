"""``shopwise eval retrieval`` as a person runs it, on a shop of eight goods."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from retriever.errors import BadInputError
from ui.cli.app import app

GOODS = {
    "lamp": "Desk lamp with a dimmer",
    "floor-lamp": "Floor lamp in brass",
    "mug": "Coffee mug, blue",
    "mugs": "Set of 4 mugs without handles",
    "kettle": "Electric kettle 1.7 l",
    "towel": "Bath towel, white",
    "towels": "Kitchen towels, 6 pieces",
    "desk": "Oak desk",
}
JUDGED = {
    "desk lamp": {"lamp": 1, "floor-lamp": 0.1, "desk": 0.01, "mug": 0},
    "mugs without handles": {"mugs": 1, "mug": 0},
    "kitchen towels": {"towels": 1, "towel": 0.1},
    "Brightwell kettle": {"kettle": 1, "mug": 0},
    "kettel": {"kettle": 1},
    "gone": {"sold-out": 1},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of products and their judgments."""
    folder = tmp_path_factory.mktemp("data")
    goods = [{"id": id, "title": title, "brand": "Brightwell", "price": 9} for id, title in GOODS.items()]
    (folder / "products.jsonl").write_text("\n".join(map(json.dumps, goods)), encoding="utf-8")
    lines = [{"query": query, "id": id, "gain": gain} for query, gains in JUDGED.items() for id, gain in gains.items()]
    (folder / "judgments.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return folder


def shopwise(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, with a home and a cache of its own."""
    line = [sys.executable, "-c", "from ui.cli import main; main()", *words]
    values = os.environ | {
        "SHOPWISE_CACHE": str(folder / "cache"),
        "COLUMNS": "200",
        "SHOPWISE_HOME": str(folder / "x"),
    }
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=280, env=values)


@pytest.fixture(scope="module")
def ended(data: Path) -> subprocess.CompletedProcess[str]:
    """One run of everything."""
    return shopwise(data, "eval", "retrieval", "--data", str(data), "--json", "--html", str(data / "page.html"))


def test_json_is_all_there_is_on_stdout(ended: subprocess.CompletedProcess[str], data: Path) -> None:
    assert ended.returncode == 0, ended.stderr
    document: dict[str, Any] = json.loads(ended.stdout)
    assert [ranker["name"] for ranker in document["rankers"]] == ["bm25", "dense", "hybrid", "full", "bm25s", "minilm"]
    assert all(not ranker["skipped"] for ranker in document["rankers"])
    for ranker in document["rankers"]:
        assert ranker["groups"]["all"]["mrr"]["mean"] > 0.5, ranker["name"]
    classes = {held["query"]: held["classes"] for held in document["queries"]}
    assert classes == {
        "desk lamp": ["plain"],
        "mugs without handles": ["negated"],
        "kitchen towels": ["plain"],
        "Brightwell kettle": ["brand"],
        "kettel": ["misspelt"],
    }
    assert document["unknown_products"] == ["sold-out"]
    assert document["unknown_queries"] == ["gone"]
    assert document["products"] == len(GOODS)


def test_the_page_is_written_and_no_shop_is_left_behind(ended: subprocess.CompletedProcess[str], data: Path) -> None:
    assert ended.returncode == 0, ended.stderr
    shown = (data / "page.html").read_text(encoding="utf-8")
    assert shown.startswith("<!doctype html>")
    assert "mugs without handles" in shown
    assert not (data / "x" / "shop.sqlite").exists()


def test_what_cannot_be_used_exits_with_2(data: Path) -> None:
    bad = data / "bad.jsonl"
    bad.write_text(json.dumps({"query": "mug", "id": "mug", "gain": 2}), encoding="utf-8")
    ended = shopwise(data, "eval", "retrieval", "--data", str(data), "--judgments", str(bad), "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "the gain 2 is not between 0 and 1" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "nothing to evaluate on"),
        (["--data", "nowhere"], "There is no folder nowhere"),
        (["--data", "{empty}"], "holds no judgments"),
        (["--data", "{data}", "--ranker", "magic"], "There is no ranker 'magic'"),
        (["--data", "{data}", "--baseline", "learned fusion"], "no ranker 'learned fusion'"),
        (["--data", "{data}", "--html", "nowhere/page.html"], "There is no folder nowhere for the page"),
        (["--data", "{empty}", "--judgments", "{data}/judgments.jsonl"], "holds neither products.jsonl nor"),
        (["--home", "{empty}/shop", "--judgments", "{data}/judgments.jsonl"], "has no goods"),
        (["--data", "{data}", "--source", "magic"], "There is no source 'magic'"),
    ],
)
def test_wrong_words_are_told_before_anything_is_measured(
    words: list[str], told: str, data: Path, tmp_path: Path
) -> None:
    given = [word.format(data=data, empty=tmp_path) for word in words]
    ended = CliRunner().invoke(app, ["eval", "retrieval", *given])
    assert isinstance(ended.exception, BadInputError)
    assert told in ended.exception.message
    assert ended.exception.hint
    assert ended.stdout == ""


def test_clicks_on_a_table_of_goods_are_evaluated_and_what_they_cannot_say_is_said(tmp_path: Path) -> None:
    rows = [f"{id},{title}" for id, title in {"1": "Desk lamp", "2": "Floor lamp", "3": "Coffee mug"}.items()]
    (tmp_path / "goods.csv").write_text("\n".join(["sku,name", *rows]), encoding="utf-8")
    clicks = ["query,sku,label", "desk lamp,1,clicked", "mug,3,clicked"]
    (tmp_path / "clicks.csv").write_text("\n".join(clicks), encoding="utf-8")
    words = ["eval", "retrieval", "--data", str(tmp_path), "--ranker", "bm25", "--ranker", "hybrid"]
    unsaid = shopwise(tmp_path, *words)
    assert unsaid.returncode == 2
    assert "--gains" in unsaid.stderr
    ended = shopwise(tmp_path, *words, "--gains", "clicked=1")
    assert ended.returncode == 0, ended.stderr
    assert "2 queries, 2 judgments, 3 products" in ended.stdout
    assert "Nothing was judged irrelevant" in ended.stderr
