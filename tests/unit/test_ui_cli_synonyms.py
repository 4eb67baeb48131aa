"""The owner's synonyms on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from retriever.errors import NotFoundError
from retriever.understanding.own_synonyms import SynonymFile
from ui.cli.app import app


def run(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["synonyms", *words, "--home", str(home)])


def test_rules_are_added_listed_and_taken_out(tmp_path: Path) -> None:
    assert run(tmp_path, "add", "Couch = sofa").output == "Added: couch, sofa\n"
    run(tmp_path, "add", "bulb => lamp, light")

    assert run(tmp_path, "list").stdout == "couch, sofa\nbulb => lamp, light\n"
    assert json.loads(run(tmp_path, "list", "--json").stdout) == [
        {"said": ["couch", "sofa"], "also": []},
        {"said": ["bulb"], "also": ["lamp", "light"]},
    ]
    assert run(tmp_path, "remove", "light").output == "Removed 1 rule.\n"
    assert [str(rule) for rule in SynonymFile(tmp_path).rules()] == ["couch, sofa"]


def test_lines_that_are_no_rules_are_told(tmp_path: Path) -> None:
    SynonymFile(tmp_path).path.write_text("lamp\n")

    assert "is no rule" in " ".join(run(tmp_path, "list").output.split())


def test_what_is_not_there_cannot_be_taken_out(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path, "remove", "sofa").exception, NotFoundError)
