"""The rules for recommendations on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner, Result

from retriever.database import Database
from retriever.errors import BadInputError
from retriever.records import ProductRecord
from ui.cli.rules import app

RULES = """
[[rules]]
name = "Tents first"
kind = "boost"
category = "Tents"
factor = 1.5
goals = ["personal", "popular"]

[[rules]]
name = "The lamp"
kind = "pin"
brand = "Glow"
"""


def run(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--home", str(home)])


def written(home: Path, text: str = RULES) -> Path:
    path = home / "recommendations.toml"
    path.write_text(text)
    return path


def test_rules_are_listed(tmp_path: Path) -> None:
    written(tmp_path)

    assert run(tmp_path, "list").stdout.splitlines() == [
        "Tents first: boost, category Tents, goals personal popular, factor 1.5",
        "The lamp: pin, brand Glow",
    ]
    assert json.loads(run(tmp_path, "list", "--json").stdout)[1] == {
        "name": "The lamp", "brand": "Glow", "kind": "pin",
    }  # fmt: skip


def test_a_shop_without_rules_is_told_where_they_would_be(tmp_path: Path) -> None:
    told = run(tmp_path, "list")

    assert told.stdout == ""
    assert "recommendations.toml" in "".join(told.output.split())


def test_a_good_file_is_said_to_be_good(tmp_path: Path) -> None:
    written(tmp_path)

    assert "can be used: 2 rules." in " ".join(run(tmp_path, "check").stdout.split())


def test_what_is_wrong_is_bad_input_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, RULES.replace("1.5", "0"))

    for words in (["list"], ["check"], ["check", str(path)]):
        error = run(tmp_path, *words).exception
        assert isinstance(error, BadInputError)
        assert "line 6: factor: Input should be greater than 1" in error.message
    assert isinstance(run(tmp_path, "check", str(tmp_path / "none.toml")).exception, BadInputError)


def test_rules_for_nothing_that_the_shop_has_are_named(tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copyfile(migrated_sqlite, tmp_path / "shop.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    with database.transaction() as session:
        session.add(
            ProductRecord(
                id="lamp", feed="f", content_hash="", title="Lamp", brand="Glow", brand_key="glow", images=[],
                categories=[], attributes={}, texts={}, available=True, status="in_stock", currency="USD",
            )
        )  # fmt: skip
    database.close()
    written(tmp_path, RULES + '\n[[rules]]\nname = "Sale"\nkind = "promotion"\npromotion = "gone"\n')

    assert json.loads(run(tmp_path, "check", "--json").stdout)["idle"] == ["Tents first", "Sale"]
