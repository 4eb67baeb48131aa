"""What tuning changed, kept small: cut down, put back, and refused by a model it is not of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ranker.bi.adapter import ADAPTER, AdapterError, apply, difference, read_adapter, write_adapter

DICE = np.random.default_rng(0)
BASE = {
    "layer.weight": DICE.normal(size=(12, 8)).astype(np.float32),
    "layer.bias": DICE.normal(size=12).astype(np.float32),
    "words": DICE.normal(size=(30, 8)).astype(np.float32),
}


def tuned(directions: int) -> dict[str, np.ndarray]:
    change = sum(np.outer(DICE.normal(size=12), DICE.normal(size=8)) for _ in range(directions)) * 0.01
    return {
        "layer.weight": (BASE["layer.weight"] + change).astype(np.float32),
        "layer.bias": BASE["layer.bias"] + 0.5,
        "words": BASE["words"],
    }


def put_back(parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    weights = {name: torch.from_numpy(value.copy()) for name, value in BASE.items()}
    apply(parts, weights)
    return {name: value.numpy() for name, value in weights.items()}


@given(st.integers(1, 7))
def test_a_change_of_so_many_directions_comes_back_with_as_many(directions: int) -> None:
    model = tuned(directions)
    for name, value in put_back(difference(BASE, model, directions)).items():
        assert value == pytest.approx(model[name], abs=2e-3)


def test_fewer_directions_keep_the_most_of_it_and_take_less_room() -> None:
    model = tuned(6)
    gaps = [
        np.abs(put_back(difference(BASE, model, rank))["layer.weight"] - model["layer.weight"]).max() for rank in (1, 6)
    ]
    assert gaps[0] > gaps[1]
    sizes = [sum(part.nbytes for part in difference(BASE, model, rank).values()) for rank in (1, 6)]
    assert sizes[0] < sizes[1]


def test_what_did_not_change_is_not_kept() -> None:
    assert not [name for name in difference(BASE, tuned(2), 2) if name.startswith("words")]


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    parts = difference(BASE, tuned(2), 2)
    write_adapter(parts, tmp_path)
    again = read_adapter(tmp_path)
    assert {name: part.tolist() for name, part in again.items()} == {
        name: part.tolist() for name, part in parts.items()
    }


def test_a_missing_or_damaged_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="cannot be read"):
        read_adapter(tmp_path)
    (tmp_path / ADAPTER).write_bytes(b"no weights")
    with pytest.raises(AdapterError, match="cannot be read"):
        read_adapter(tmp_path)


def test_another_model_is_left_alone() -> None:
    parts = difference(BASE, tuned(2), 2)
    other = {"layer.weight": torch.zeros(3, 3)}
    with pytest.raises(AdapterError, match="another model"):
        apply(parts, other)
    assert not other["layer.weight"].any()
    with pytest.raises(AdapterError, match="where the base has"):
        difference(BASE, {"words": np.zeros((2, 2), np.float32)}, 2)
