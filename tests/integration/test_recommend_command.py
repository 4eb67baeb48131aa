"""``shopwise recommend`` as a person runs it: for a customer, for what somebody took, for a stranger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shopfront import small_demo_store
from typer.testing import CliRunner, Result

from retriever.errors import BadInputError, NotFoundError
from ui.cli.app import app


class Shop:
    """A few goods of the demo shop, and what the command says of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        store = small_demo_store(folder)
        self.ids = store.catalogue.all_ids()
        store.close()

    def run(self, *words: str) -> Result:
        runner = CliRunner(env={"SHOPWISE_CACHE": str(self.folder / "cache"), "COLUMNS": "300"})
        return runner.invoke(app, ["recommend", *words, "--home", str(self.folder / "home")])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("recommend"))


def test_a_stranger_is_shown_something_with_reasons(shop: Shop) -> None:
    done = shop.run("--new", "-k", "4", "--json")

    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert set(answer) == {"results", "recommendation_id", "questions"}
    assert len(answer["results"]) == 4
    assert all(each["reasons"] and each["id"] in shop.ids for each in answer["results"])


def test_a_table_for_people_names_goods_prices_and_reasons(shop: Shop) -> None:
    done = shop.run("--history", shop.ids[0], "-k", "3")

    assert done.exit_code == 0, done.output
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["id", "title", "price", "why"]
    assert len(rows) >= 3
    assert shop.ids[0] not in [row.split()[0] for row in rows]


def test_somebody_of_whom_nothing_is_known_is_said_to_be_unknown(shop: Shop) -> None:
    done = shop.run("--user", "nobody-yet")

    assert done.exit_code == 0, done.output
    assert "Nothing is known of the customer 'nobody-yet'" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Say for whom"),
        (["--new", "--user", "C-1"], "Say for whom"),
        (["--user", " "], "--user names nobody"),
        (["--history", ","], "--history names nobody"),
        (["--new", "--context", "{query"], "not JSON"),
        (["--new", "--context", "[1]"], "no JSON object"),
        (["--new", "--context", '{"mood": "good"}'], "mood"),
        (["--new", "--context", '{"adult": "perhaps"}'], "adult"),
        (["--new", "--goal", "wealth"], "goal"),
        (["--new", "--language", "fr"], "'fr'"),
        (["--new", "--price-max", "inf"], "price_max"),
    ],
)
def test_what_cannot_be_asked_is_said(shop: Shop, words: list[str], told: str) -> None:
    refused = shop.run(*words)

    assert isinstance(refused.exception, BadInputError)
    assert refused.exception.exit_code == 2
    assert told in refused.exception.message
    assert refused.exception.hint
    assert refused.stdout == ""


@pytest.mark.parametrize("words", [["--history", "unheard-of"], ["--new", "--like", "unheard-of"]])
def test_a_product_that_the_shop_does_not_have_is_named(shop: Shop, words: list[str]) -> None:
    refused = shop.run(*words)

    assert isinstance(refused.exception, NotFoundError)
    assert "'unheard-of'" in refused.exception.message
