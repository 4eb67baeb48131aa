"""``shopwise train order`` as a person runs it: judged queries in, another order out, and back again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from import_fakes import ListFeed
from scripted import HashEncoder
from typer.testing import CliRunner, Result

from assistant.build import open_store
from assistant.settings import Settings
from retriever.errors import BadInputError
from retriever.learned_order import FILE
from retriever.store import Store
from ui.cli.app import app

THINGS = ("kettle", "lamp", "tent", "mug", "scarf", "drum", "rope", "clock")
KINDS = ("steel", "paper", "canvas", "glass")
QUERIES = [f"{kind} {thing}" for kind in KINDS for thing in THINGS]


class Shop:
    """A shop whose visitors want what the title begins with, and never the part or the book that is named behind."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.judgments = folder / "judgments.jsonl"
        goods = [
            {"id": f"{query}-{place}".replace(" ", "-"), "title": title, "price": 9}
            for query in QUERIES
            for place, title in enumerate(
                (f"Part, {query}", f"Book, {query}", f"{query} of the old make, for a long life")
            )
        ]
        store = self.opened()
        store.importer.run(ListFeed(goods))
        store.close()
        lines = [
            {"query": query, "id": f"{query}-{place}".replace(" ", "-"), "gain": float(place == 2)}
            for query in QUERIES
            for place in range(3)
        ]
        self.judgments.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    def opened(self) -> Store:
        return open_store(Settings(home=self.home, cache=self.home.parent / "cache"), encoder=HashEncoder())

    def run(self, *words: str) -> Result:
        runner = CliRunner(env={"SHOPWISE_CACHE": str(self.home.parent / "cache"), "COLUMNS": "200"})
        return runner.invoke(app, ["train", "order", *words, "--home", str(self.home)])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("order"))


def test_an_order_is_learned_used_and_given_up(shop: Shop) -> None:
    done = shop.run("--judgments", str(shop.judgments), "--trees", "40", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["kept"]
    assert said["after"] > said["before"]
    assert said["queries"] == len(QUERIES)
    assert (shop.home / FILE).is_file()
    store = shop.opened()
    try:
        firsts = [store.searcher.search(query).results[0].id for query in QUERIES[:8]]
    finally:
        store.close()
    assert sum(id.endswith("-2") for id in firsts) >= 7
    again = shop.run("--forget")
    assert "plain one" in again.stderr
    assert not (shop.home / FILE).exists()


def test_nothing_to_learn_from_is_said(shop: Shop, tmp_path: Path) -> None:
    none = shop.run()
    assert isinstance(none.exception, BadInputError)
    assert "--judgments" in none.exception.hint
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(shop.judgments.read_text().splitlines()[:6]), encoding="utf-8")
    refused = shop.run("--judgments", str(few))
    assert isinstance(refused.exception, BadInputError)
    assert "at least 20" in str(refused.exception)
    assert not (shop.home / FILE).exists()
