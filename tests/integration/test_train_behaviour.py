"""``shopwise train behaviour`` as a person runs it: a shop's own events in, a model in use, and out again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from import_fakes import ListFeed
from planted import CIRCLES, planted_histories
from scripted import HashEncoder
from typer.testing import CliRunner, Result

from assistant.build import open_store
from assistant.settings import Settings
from retriever.errors import BadInputError, UnavailableError
from retriever.home import Home
from retriever.interactions.taking import EventTaker
from retriever.recommending.knowledge.behaviour import behaviour_model
from retriever.store import Store
from ui.cli.app import app

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Shop:
    """A shop whose visitors walk around circles of goods."""

    def __init__(self, folder: Path, people: int) -> None:
        self.home = folder / "home"
        store = self.opened()
        goods = [{"id": id, "title": id, "price": 9} for circle in CIRCLES.values() for id in circle]
        store.importer.run(ListFeed(goods))
        taker = EventTaker(store.database)
        for person, history in enumerate(planted_histories()[:people]):
            taker.take(
                [
                    {
                        "id": f"{person}-{place}",
                        "kind": "view",
                        "session_id": str(person),
                        "product_id": event.item,
                        "at": LONG_AGO + timedelta(seconds=event.at),
                    }
                    for place, event in enumerate(history)
                ]
            )
        store.close()

    def opened(self) -> Store:
        return open_store(Settings(home=self.home, cache=self.home.parent / "cache"), encoder=HashEncoder())

    def run(self, *words: str) -> Result:
        runner = CliRunner(env={"SHOPWISE_CACHE": str(self.home.parent / "cache"), "COLUMNS": "200"})
        return runner.invoke(app, ["train", "behaviour", *words, "--home", str(self.home)])


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("behaviour"), 120)


@pytest.fixture
def shop(visited: Shop) -> Shop:
    """The shop without a model."""
    visited.run("--forget")
    return visited


def test_a_model_is_learned_used_and_given_up(shop: Shop) -> None:
    store = shop.opened()
    try:
        served = behaviour_model(shop.home, store.vectors.vectors)
        ids = tuple(sorted(store.catalogue.all_ids()))
        assert served.over(ids) is None

        with Home(shop.home).owned():  # as by a web app that serves the shop meanwhile
            done = shop.run("--json")
        assert done.exit_code == 0, done.output
        said = json.loads(done.stdout)
        assert (said["kept"], said["model"], said["items"]) == (True, "ease", 18)
        model = served.over(ids)
        assert model is not None
        assert model.name == "EASE"

        assert "out of use" in shop.run("--forget").stderr
        assert served.over(ids) is None
    finally:
        store.close()


def test_a_poorer_model_is_refused_and_said_to_be(shop: Shop) -> None:
    assert shop.run("--model", "item-item", "--held-out", "1").exit_code == 0

    refused = shop.run("--model", "popularity", "--held-out", "1")

    assert refused.exit_code == 0
    assert "Refused. The new model is significantly worse" in refused.stderr
    assert "trained: popularity" in refused.stdout


def test_a_model_that_reads_texts_is_trained_with_the_goods_vectors(shop: Shop) -> None:
    done = shop.run("--model", "towers", "--epochs", "1", "--json", "--force")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["kept"]
    with Home(shop.home).owned():
        refused = shop.run("--model", "sequence")
    assert isinstance(refused.exception, UnavailableError)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--model", "oracle"], "There is no model 'oracle'"),
        (["--epochs", "3"], "not trained in epochs"),
    ],
)
def test_what_cannot_be_trained_is_said(shop: Shop, words: list[str], told: str) -> None:
    refused = shop.run(*words)
    assert isinstance(refused.exception, BadInputError)
    assert told in refused.exception.message
    assert refused.exception.hint


def test_a_shop_with_next_to_no_visitors_learns_nothing(tmp_path: Path) -> None:
    refused = Shop(tmp_path, 5).run()
    assert isinstance(refused.exception, BadInputError)
    assert "Only 5 people" in refused.exception.message
    assert "/api/events" in refused.exception.hint
