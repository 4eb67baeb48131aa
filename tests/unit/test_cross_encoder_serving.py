"""Bad model files and the ranker that keeps serving: what is said, and that nothing stops."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_bert import colour_groups, tiny_bert

from ranker.cross.export import export
from ranker.cross.network import TorchCrossEncoder, new_network
from ranker.cross.recipe import Recipe
from ranker.cross.scoring import RankerMissingError, Scores
from ranker.cross.serving import LastGood, OnnxCrossEncoder
from ranker.cross.shelf import Shelf
from ranker.fingerprint import file_digest


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of an exported ranker."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("whole")
    new_network(Recipe(base=str(tiny_bert(folder / "base")), max_tokens=24)).merged().save(folder / "torch")
    exported = export(folder / "torch", folder / "model", colour_groups(3), allowed=1.0)
    return {path.name: path.read_bytes() for path in exported.folder.iterdir()}


def laid_out(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_an_exported_folder_holds_what_serves_and_nothing_else(whole: dict[str, bytes]) -> None:
    assert set(whole) == {"model.onnx", "ranker.json", "tokenizer.json"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.onnx", None, "is missing"),
        ("model.onnx", b"half a graph", "checksum"),
        ("tokenizer.json", None, "cannot be read"),
        ("tokenizer.json", b"{", "broken"),
        ("ranker.json", None, "no ranker"),
        ("ranker.json", b'{"max_tokens": 9}', "no ranker"),
        ("ranker.json", b"[]", "no ranker"),
    ],
)
def test_a_broken_file_is_named(
    tmp_path: Path, whole: dict[str, bytes], name: str, content: bytes | None, said: str
) -> None:
    files = {each: kept for each, kept in whole.items() if each != name}
    folder = laid_out(tmp_path / "model", files if content is None else files | {name: content})
    with pytest.raises(RankerMissingError, match=said):
        OnnxCrossEncoder(folder).load()


def test_a_graph_that_is_no_graph_is_said(tmp_path: Path, whole: dict[str, bytes]) -> None:
    folder = laid_out(tmp_path / "model", whole | {"model.onnx": b"no graph at all"})
    described = json.loads((folder / "ranker.json").read_text())
    (folder / "ranker.json").write_text(
        json.dumps(described | {"sha256": file_digest(folder / "model.onnx")}), encoding="utf-8"
    )
    with pytest.raises(RankerMissingError, match="cannot be loaded"):
        OnnxCrossEncoder(folder).load()


def test_a_network_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(RankerMissingError, match="cannot be loaded"):
        TorchCrossEncoder.read(tmp_path)


def test_the_last_good_ranker_serves_when_the_new_one_is_broken(tmp_path: Path, whole: dict[str, bytes]) -> None:
    shelf = Shelf(tmp_path)
    serving = LastGood(shelf.in_use)
    assert serving.reload() is None
    laid_out(tmp_path / "run-1" / "model", whole)
    shelf.put_in_use(tmp_path / "run-1")
    good = serving.reload()
    assert good is not None

    laid_out(tmp_path / "run-2" / "model", whole | {"model.onnx": b"cut short"})
    shelf.put_in_use(tmp_path / "run-2")
    assert serving.reload() is good
    assert "checksum" in serving.fault
    assert "shopwise train ranker" in serving.fault

    (tmp_path / "run-2" / "model" / "model.onnx").write_bytes(whole["model.onnx"])
    assert serving.reload() is not good
    assert serving.fault == ""


class Named:
    """A ranker by its folder's name."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        return np.zeros(len(texts), dtype=np.float32)


def test_a_ranker_that_has_not_changed_is_not_read_again(tmp_path: Path) -> None:
    read: list[Path] = []

    def reading(folder: Path) -> Named:
        read.append(folder)
        return Named(folder)

    serving = LastGood(lambda: tmp_path, reading)
    assert serving.reload() is serving.reload() is serving.ranker
    assert read == [tmp_path]


def test_the_pointer_says_which_run_serves(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    run = shelf.new_run(datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    assert (run.name, shelf.in_use()) == ("run-20260501-093000", None)
    (run / "model").mkdir(parents=True)
    shelf.put_in_use(run)
    assert shelf.in_use() == run / "model"
    assert shelf.new_run(datetime(2026, 5, 1, 9, 30, tzinfo=UTC)).name == "run-20260501-093000-1"


@pytest.mark.parametrize("pointer", ["", "[]", "{}", '{"run": "gone"}', '{"run": "../elsewhere"}', '{"run": "run-9"}'])
def test_a_pointer_that_leads_nowhere_is_said(tmp_path: Path, pointer: str) -> None:
    (tmp_path / "current.json").write_text(pointer)
    with pytest.raises(RankerMissingError, match="current"):
        Shelf(tmp_path).in_use()


def test_the_newest_run_without_an_outcome_is_unfinished(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.unfinished() is None
    for name in ("run-1", "run-2", "run-3", "run-4"):
        (tmp_path / name).mkdir()
    for name in ("run-1", "run-2", "run-3"):
        (tmp_path / name / "plan.json").touch()
    (tmp_path / "run-3" / "outcome.json").touch()
    assert shelf.unfinished() == tmp_path / "run-2"
