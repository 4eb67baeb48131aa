"""``shopwise train ranker`` as a person runs it, on a small shop, with a model made for the test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from import_fakes import ListFeed
from scripted import HashEncoder
from tiny_bert import COLOURS, GOODS, tiny_bert
from typer.testing import CliRunner, Result

from assistant.build import open_store
from assistant.settings import Settings
from ranker.cross.serving import OnnxCrossEncoder
from ranker.cross.shelf import Shelf
from retriever.errors import BadInputError, ShopwiseError, UnavailableError
from retriever.home import Home
from ui.cli.app import app

TITLES = [f"{colour} {thing}" for colour in COLOURS for thing in GOODS]


def visits() -> list[dict[str, Any]]:
    """Seven visitors each search for a product by its name, are shown six and click on the one they named."""
    rows: list[dict[str, Any]] = []
    for place, title in enumerate(TITLES[:24]):
        shown = [(TITLES * 2)[place + step].replace(" ", "-") for step in range(6)]
        for visitor in range(7):
            visit = {"type": "event", "session_id": f"{place}-{visitor}"}
            order = shown[visitor % 6 :] + shown[: visitor % 6]
            at = f"2026-01-{1 + place:02}T{visitor:02}:00"
            asked = {"kind": "search", "at": f"{at}:00Z", "value": {"query": title, "results": order}}
            clicked = {"kind": "click", "at": f"{at}:09Z", "product_id": shown[0]}
            rows += [visit | asked | {"id": f"s{place}-{visitor}"}, visit | clicked | {"id": f"c{place}-{visitor}"}]
    return rows


class Shop:
    """A shop's folder, its judgments, and the command on it."""

    def __init__(self, folder: Path, events: Sequence[dict[str, Any]] = ()) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.base = tiny_bert(folder / "tiny")
        self.judgments = folder / "judgments.jsonl"
        store = open_store(Settings(home=self.home, cache=folder / "cache"), encoder=HashEncoder())
        goods = [{"id": title.replace(" ", "-"), "title": title, "price": 9} for title in TITLES]
        store.importer.run(ListFeed([*goods, *events]))
        store.close()
        lines = [
            {"query": title, "id": other.replace(" ", "-"), "gain": float(other == title)}
            for place, title in enumerate(TITLES)
            for other in (title, *TITLES[:place][-3:])
        ]
        self.judgments.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    def train(self, *words: str, home: Path | None = None) -> Result:
        given = ["train", "ranker", "--no-tensorboard", "--base", str(self.base), "--epochs", "1", *words]
        runner = CliRunner(env={"SHOPWISE_CACHE": str(self.folder / "cache"), "COLUMNS": "200"})
        return runner.invoke(app, [*given, "--home", str(home or self.home)])

    def by_judgments(self, *words: str) -> Result:
        return self.train("--judgments", str(self.judgments), *words)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    torch.set_num_threads(1)
    return Shop(tmp_path_factory.mktemp("train-ranker"))


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("train-ranker-clicks"), visits())


def refused(result: Result, kind: type[ShopwiseError]) -> str:
    """What a command that ended with an error of a kind says to do, after what is wrong."""
    assert isinstance(result.exception, kind), result.output
    return f"{result.exception.message} {result.exception.hint}"


def test_judgments_make_a_ranker_that_is_put_in_use(shop: Shop) -> None:
    ended = shop.by_judgments("--out", "run-first", "--force", "--json")
    assert ended.exit_code == 0, ended.output
    outcome = json.loads(ended.stdout)
    assert outcome["kept"]
    assert outcome["taught"]["sources"] == {"judgments": outcome["taught"]["groups"]}
    in_use = Shelf(shop.home / "ranker").in_use()
    assert in_use == shop.home / "ranker" / "run-first" / "model"
    assert len(OnnxCrossEncoder(in_use).score("mug", ["a mug", "a tent"])) == 2
    card = (in_use / "README.md").read_text()
    assert "judgments" in card
    assert f"{outcome['ndcg']:.4f}" in card


def test_a_mix_is_asked_for_by_shares(shop: Shop) -> None:
    ended = shop.by_judgments("--mix", "judgments=2", "--out", "run-mixed", "--force", "--json")
    assert ended.exit_code == 0, ended.output
    assert "judgments 100%" in (shop.home / "ranker" / "run-mixed" / "model" / "README.md").read_text()
    assert json.loads((shop.home / "ranker" / "run-mixed" / "plan.json").read_text())["mix"] == {"judgments": 2.0}


def test_clicks_make_a_ranker(visited: Shop) -> None:
    ended = visited.train("--clicks", "--out", "run-clicks", "--force", "--json")
    assert ended.exit_code == 0, ended.output
    taught = json.loads(ended.stdout)["taught"]
    assert taught["sources"] == {"clicks": taught["groups"]}
    assert "clicks" in (visited.home / "ranker" / "run-clicks" / "model" / "README.md").read_text()


def test_clicks_and_judgments_are_mixed(visited: Shop) -> None:
    ended = visited.by_judgments("--clicks", "--mix", "judgments=3,clicks=1", "--out", "run-both", "--force", "--json")
    assert ended.exit_code == 0, ended.output
    taught = json.loads(ended.stdout)["taught"]["sources"]
    assert set(taught) == {"judgments", "clicks"}
    card = (visited.home / "ranker" / "run-both" / "model" / "README.md").read_text()
    assert "judgments 75%" in card
    assert "clicks 25%" in card


@pytest.mark.model
def test_a_catalogue_alone_makes_a_ranker_with_the_built_in_model_as_its_teacher(shop: Shop) -> None:
    ended = shop.train("--queries", "10", "--out", "run-alone", "--force", "--json")
    assert ended.exit_code == 0, ended.output
    assert set(json.loads(ended.stdout)["taught"]["sources"]) == {"catalogue"}


@pytest.mark.parametrize("words", [["--loss", "bce"], ["--loss", "listwise"], ["--method", "lora"], ["--search", "2"]])
def test_losses_ways_to_tune_and_the_search_of_recipes_are_chosen_at_the_command(shop: Shop, words: list[str]) -> None:
    run = f"run-{words[1]}"
    ended = shop.by_judgments(*words, "--out", run, "--force", "--json")
    assert ended.exit_code == 0, ended.output
    recipe = json.loads((shop.home / "ranker" / run / "recipe.json").read_text())["recipe"]
    chosen = {"--loss": recipe["loss"], "--method": recipe["method"], "--search": "2"}
    assert chosen[words[0]] == words[1]
    assert (shop.home / "ranker" / run / "search" / "study.sqlite").exists() == (words[0] == "--search")


def test_the_same_folder_is_not_trained_by_another_recipe(shop: Shop) -> None:
    assert shop.by_judgments("--out", "run-twice").exit_code == 0
    assert "--out" in refused(shop.by_judgments("--out", "run-twice", "--rate", "0.001"), BadInputError)
    assert shop.by_judgments("--out", "run-again", "--rate", "0.001").exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--no-catalogue"], "nothing to learn from"),
        (["--clicks"], "Nothing can be learned from the shop's clicks"),
        (["--judgments", "{judgments}", "--rate", "7"], "learning rates"),
        (["--judgments", "{judgments}", "--mix", "judgments=1,clicks=1"], "Give --clicks"),
        (["--judgments", "{judgments}", "--catalogue", "--mix", "judgments=1"], "'catalogue' no share"),
        (["--judgments", "{judgments}", "--mix", "judgments=many"], "a number above 0"),
        (["--judgments", "{judgments}", "--mix", "judgments=0"], "a number above 0"),
        (["--judgments", "{judgments}", "--mix", "judgment=1"], "The sources are catalogue, judgments, clicks"),
        (["--mix", "catalogue=1,judgments=3"], "Give --judgments FILE"),
        (["--judgments", "{judgments}", "--out", "/elsewhere/run-1"], "Runs are kept in"),
        (["--judgments", "{judgments}", "--out", "mine"], "Runs are kept in"),
    ],
)
def test_what_cannot_be_done_is_refused(shop: Shop, words: list[str], told: str) -> None:
    before = Shelf(shop.home / "ranker").in_use()
    given = [word.format(judgments=shop.judgments) for word in words]
    assert told in refused(shop.train(*given), BadInputError)
    assert Shelf(shop.home / "ranker").in_use() == before


def test_one_class_of_gains_is_refused(shop: Shop, tmp_path: Path) -> None:
    lines = [json.loads(line) | {"gain": 1.0} for line in shop.judgments.read_text().splitlines()]
    flat = tmp_path / "flat.jsonl"
    flat.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert "nothing to tell apart" in refused(shop.train("--judgments", str(flat)), BadInputError)


def test_what_is_assumed_of_grades_is_said(shop: Shop, tmp_path: Path) -> None:
    lines = map(json.loads, shop.judgments.read_text().splitlines())
    rows = [f"{line['query']},{line['id']},{1 + 2 * line['gain']:g}" for line in lines]
    rated = tmp_path / "rated.csv"
    rated.write_text("\n".join(["query,product_id,relevance", *rows]), encoding="utf-8")
    ended = shop.train("--judgments", str(rated), "--out", "run-rated")
    assert ended.exit_code == 0, ended.output
    assert "The lowest grade is 1 of 3" in ended.stderr


def test_an_encoder_that_is_not_there_is_said(shop: Shop) -> None:
    ended = shop.by_judgments("--out", "run-nowhere", "--base", str(shop.folder / "nowhere"))
    assert "nowhere" in refused(ended, UnavailableError)


def test_a_shop_in_use_by_another_command_is_left_alone(shop: Shop) -> None:
    with Home(shop.home).owned() as mine:
        assert mine
        assert "Stop it" in refused(shop.by_judgments("--out", "run-busy"), UnavailableError)


def test_a_run_that_was_interrupted_goes_on_as_it_was_asked_for(shop: Shop) -> None:
    assert "No training was interrupted" in refused(shop.train("--resume", home=shop.folder / "other"), BadInputError)
    assert shop.by_judgments("--out", "run-z-broken-off", "--rate", "0.002").exit_code == 0
    (shop.home / "ranker" / "run-z-broken-off" / "outcome.json").unlink()
    ended = shop.train("--resume", "--force", "--json")
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout)["run"].endswith("run-z-broken-off")
    recipe = json.loads((shop.home / "ranker" / "run-z-broken-off" / "recipe.json").read_text())["recipe"]
    assert recipe["rate"] == 0.002
