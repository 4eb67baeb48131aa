"""Which server runs on this machine, as one process tells another."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import filelock
import pytest

from assistant.model.registry import Registry


def elsewhere(cache: Path) -> None:
    Registry(cache, "model").write("http://127.0.0.1:1/v1", "name", 1)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path, "model")


def test_what_was_written_is_read(registry: Registry) -> None:
    written = registry.write("http://127.0.0.1:8010/v1", "small", 8010)
    assert registry.read() == written
    assert written.owner_lives()


def test_nothing_runs_at_first(registry: Registry) -> None:
    assert registry.read() is None


def test_a_record_dies_with_its_owner(tmp_path: Path, registry: Registry) -> None:
    other = multiprocessing.get_context("spawn").Process(target=elsewhere, args=(tmp_path,))
    other.start()
    other.join()
    assert list(tmp_path.glob("model-server-*.json"))
    assert registry.read() is None


def test_a_process_id_come_round_again_is_not_the_owner(tmp_path: Path, registry: Registry) -> None:
    registry.write("http://127.0.0.1:8010/v1", "small", 8010)
    (file,) = tmp_path.glob("model-server-*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"owner_started": 1.0}))
    assert registry.read() is None


def test_each_model_has_a_server_of_its_own(tmp_path: Path, registry: Registry) -> None:
    registry.write("http://127.0.0.1:8010/v1", "small", 8010)
    assert Registry(tmp_path, "another").read() is None


@pytest.mark.parametrize("damaged", ["", "{", "{}", "[]", "null", '{"url": 1, "surprise": 2}'])
def test_a_damaged_record_counts_as_none(tmp_path: Path, registry: Registry, damaged: str) -> None:
    registry.write("http://127.0.0.1:8010/v1", "small", 8010)
    (file,) = tmp_path.glob("model-server-*.json")
    file.write_text(damaged)
    assert registry.read() is None


def test_the_owner_takes_its_record_back(registry: Registry) -> None:
    registry.write("http://127.0.0.1:8010/v1", "small", 8010)
    registry.clear()
    assert registry.read() is None


def test_one_starts_at_a_time(tmp_path: Path, registry: Registry) -> None:
    with registry.lock(), pytest.raises(filelock.Timeout):
        Registry(tmp_path, "model").lock().acquire(timeout=0)
