"""``shopwise train encoder`` as a person runs it, on a small shop, with a model made for the test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import Result
from import_fakes import ListFeed
from tiny_bert import COLOURS, GOODS, tiny_bert
from typer.testing import CliRunner

from assistant.build import open_store
from assistant.settings import Settings
from ranker.groups import Group, read_groups, split, write_groups
from retriever.errors import BadInputError, ShopwiseError, UnavailableError
from retriever.home import Home
from ui.cli.app import app


class Shop:
    """A shop's folder, its judgments, and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = tiny_bert(folder / "tiny")
        self.judgments = folder / "judgments.jsonl"
        self.goods = [f"{colour} {thing}" for colour in COLOURS for thing in GOODS]
        rows = [{"id": title.replace(" ", "-"), "title": title, "brand": "Steel", "price": 9} for title in self.goods]
        store = open_store(self.settings(self.base))
        store.importer.run(ListFeed(rows))
        store.close()
        lines = [
            {"query": title, "id": other.replace(" ", "-"), "gain": float(other == title)}
            for place, title in enumerate(self.goods)
            for other in (title, *self.goods[:place][-3:])
        ]
        self.judgments.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")

    def settings(self, encoder: Path) -> Settings:
        return Settings(home=self.folder / "home", cache=self.folder / "cache", encoder=str(encoder))

    def train(self, *words: str, home: str = "home") -> Result:
        given = ["train", "encoder", "--no-tensorboard", "--epochs", "1", *words, "--home", str(self.folder / home)]
        environment = {"SHOPWISE_CACHE": str(self.folder / "cache"), "SHOPWISE_ENCODER": str(self.base)}
        return CliRunner(env=environment | {"COLUMNS": "200"}).invoke(app, given)

    def by_judgments(self, *words: str) -> Result:
        return self.train("--judgments", str(self.judgments), *words)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    torch.set_num_threads(1)
    return Shop(tmp_path_factory.mktemp("train-encoder"))


def refused(result: Result, kind: type[ShopwiseError]) -> str:
    """What a command that ended with an error of a kind says to do, after what is wrong."""
    assert isinstance(result.exception, kind), result.output
    return f"{result.exception.message} {result.exception.hint}"


def test_a_tuned_encoder_is_used_by_setting_what_the_command_says(shop: Shop) -> None:
    ended = shop.by_judgments("--out", "run-first", "--force")
    assert ended.exit_code == 0, ended.output
    folder = (shop.folder / "home" / "encoder" / "run-first" / "model").resolve()
    assert f"SHOPWISE_ENCODER={folder}" in ended.output
    assert f"indexes all {len(shop.goods)} products anew" in ended.output
    assert f"Recall@50 among {len(shop.goods)} products" in ended.output
    # The groups have what the index embeds: the brand too, which is not in the title.
    taught = read_groups(folder.parent / "train.jsonl").groups
    assert all(text.endswith(". Steel") for group in taught for text in group.texts)

    store = open_store(shop.settings(folder))
    try:
        assert store.encoder.name.startswith("model-")
        assert store.vectors.count() == len(shop.goods)
    finally:
        store.close()


def test_it_learns_what_the_ranker_learned_and_holds_out_the_same(shop: Shop) -> None:
    ids = [title.replace(" ", "-") for title in shop.goods]
    groups = [
        Group(title, (ids[place], ids[place - 1]), (title, shop.goods[place - 1]), (1.0, 0.0), source="catalogue")
        for place, title in enumerate(shop.goods)
    ]
    taught, held_out = split(groups, 0.3, seed=5)
    of_ranker = shop.folder / "home" / "ranker" / "run-b"
    of_ranker.mkdir(parents=True)
    write_groups(of_ranker / "train.jsonl", taught)
    write_groups(of_ranker / "held_out.jsonl", held_out)
    ended = shop.train("--out", "run-same", "--json", "--among", "0")
    assert ended.exit_code == 0, ended.output
    outcome = json.loads(ended.stdout)
    assert (outcome["taught"]["groups"], outcome["judged"]["groups"]) == (len(taught), len(held_out))
    assert outcome["taught"]["sources"] == {"catalogue": len(taught)}
    assert outcome["found"]["recall"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--ranker-run", "run-gone"], "shopwise train ranker first"),
        (["--ranker-run", "run-b", "--clicks"], "brings its own data"),
        (["--clicks"], "Nothing can be learned from the shop's clicks"),
        (["--rate", "7"], "learning rate"),
        (["--out", "/elsewhere/run-1"], "Runs are kept in"),
        (["--resume", "--out", "run-never"], "no run that was interrupted"),
    ],
)
def test_what_cannot_be_done_is_refused(shop: Shop, words: list[str], told: str) -> None:
    assert told in refused(shop.train(*words), BadInputError)


def test_a_base_that_is_not_there_and_a_busy_shop_are_said(shop: Shop) -> None:
    gone = shop.by_judgments("--out", "run-nowhere", "--base", str(shop.folder / "nowhere"))
    assert "nowhere" in refused(gone, UnavailableError)
    with Home(shop.folder / "home").owned() as mine:
        assert mine
        assert "Stop it" in refused(shop.by_judgments("--out", "run-busy"), UnavailableError)


def test_a_shop_whose_encoder_is_gone_says_so(shop: Shop) -> None:
    with pytest.raises(UnavailableError, match="nowhere") as raised:
        open_store(shop.settings(shop.folder / "nowhere"))
    assert "SHOPWISE_ENCODER" in raised.value.hint


def test_a_run_that_was_interrupted_goes_on_as_it_was_asked_for(shop: Shop) -> None:
    assert "No training was interrupted" in refused(shop.train("--resume", home="other"), BadInputError)
    assert shop.by_judgments("--out", "run-z", "--rate", "0.002").exit_code == 0
    (shop.folder / "home" / "encoder" / "run-z" / "outcome.json").unlink()
    ended = shop.train("--resume", "--out", "run-z", "--json")
    assert ended.exit_code == 0, ended.output
    recipe = json.loads((shop.folder / "home" / "encoder" / "run-z" / "recipe.json").read_text())["encoder"]
    assert recipe["rate"] == 0.002
