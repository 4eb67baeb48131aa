"""Pictures of the demo goods, turned into vectors, imported by the command, and what they do to recommendations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from held_pictures import colours_of
from shopfront import small_demo_store
from typer.testing import CliRunner, Result

from retriever.demo.pictures import png
from retriever.errors import BadInputError
from ui.cli.app import app

Rows = Sequence[dict[str, object]]


class Shop:
    """A few goods of the demo shop, and the commands on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        store = small_demo_store(folder)
        self.ids = store.catalogue.all_ids()
        store.close()
        drawn = {id: png(id, 64) for id in self.ids}
        self.mug = next(id for id in self.ids if id.startswith("fs-mug-"))
        self.at_first, self.alike_at_first = self.part("picture vectors")["seen"], self.similar(self.mug)
        self.vectors: Rows = [{"id": id, "vector": colours_of(made)} for id, made in drawn.items() if made]

    def run(self, *words: str) -> Result:
        runner = CliRunner(env={"SHOPWISE_CACHE": str(self.folder / "cache"), "COLUMNS": "300"})
        return runner.invoke(app, [*words, "--home", str(self.folder / "home")])

    def bring(self, rows: Rows, *words: str, name: str = "colours.jsonl") -> Result:
        path = self.folder / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return self.run("import", "vectors", str(path), *words)

    def similar(self, id: str) -> list[dict[str, object]]:
        done = self.run("recommend", "--new", "--like", id, "--goal", "similar", "-k", "10", "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)["results"]

    def part(self, name: str) -> dict[str, object]:
        parts = json.loads(self.run("doctor", "--json").stdout)["parts"]
        return next(each for each in parts if each["part"] == name)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("vectors"))


def test_pictures_bring_goods_forward_that_look_alike_and_say_so(shop: Shop) -> None:
    before = shop.alike_at_first
    assert shop.at_first == "the shop has none"
    assert not any("looks like" in str(one["reasons"]) for one in before)

    done = shop.bring(shop.vectors, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    many = len(shop.vectors)
    assert (report["model"], report["dimension"]) == ("colours", 64)
    assert report["counts"] == {"vectors": many, "without": len(shop.ids) - many}
    assert f"{many} of colours, 64 numbers each" in str(shop.part("picture vectors")["seen"])

    after = shop.similar(shop.mug)
    assert [one["id"] for one in after] != [one["id"] for one in before]
    told = [one for one in after if any(str(why).startswith("looks like ") for why in one["reasons"])]
    assert told
    assert all(str(one["id"]).startswith("fs-mug-") for one in told)
    assert len(told) < len(after), "not everything that is alike looks alike"


def test_a_file_with_one_bad_row_changes_nothing(shop: Shop) -> None:
    shop.bring(shop.vectors)
    before = shop.part("picture vectors")
    refused = shop.bring([*shop.vectors[:3], {"id": "unheard-of", "vector": [1.0] * 64}], name="other.jsonl")

    assert isinstance(refused.exception, BadInputError)
    assert "line 4 (unheard-of): the shop has no such product" in refused.exception.message
    assert refused.stdout == ""
    assert shop.part("picture vectors") == before


def test_another_model_takes_the_place_of_the_first(shop: Shop) -> None:
    shop.bring(shop.vectors)
    some = [{"id": id, "vector": [1.0, float(place)]} for place, id in enumerate(shop.ids[:3])]
    done = shop.bring(some, "--model", "two-numbers")

    assert done.exit_code == 0, done.output
    assert "3 vectors" in done.stdout
    assert "of two-numbers, 2 numbers each" in done.stdout
    assert (
        shop.part("picture vectors")["seen"]
        == f"3 of two-numbers, 2 numbers each; {len(shop.ids) - 3} products have none"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["vectors"], "needs the path of a file"),
        (["vectors", "{file}", "--feed", "winter"], "belong to no feed"),
        (["vectors", "{file}", "--model", "m" * 201], "201 signs"),
        (["vectors", "no-such.jsonl"], "There is no file"),
        (["jsonl", "{file}", "--model", "clip"], "has no image model"),
    ],
)
def test_what_cannot_be_asked_is_said(shop: Shop, words: list[str], told: str) -> None:
    file = shop.folder / "one.jsonl"
    file.write_text('{"id": "x", "vector": [1]}\n', encoding="utf-8")
    refused = shop.run("import", *(word.format(file=file) for word in words))

    assert isinstance(refused.exception, BadInputError)
    assert told in refused.exception.message
    assert refused.exception.hint
