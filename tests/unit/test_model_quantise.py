"""Rounding a model's linear layers to int8 with one scale a row."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.numpy import load_file

from assistant.model.quantise import quantise_rows, quantise_state, write_quantised

finite = st.floats(-1e4, 1e4, width=32)
matrices = arrays(np.float32, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=finite)


@given(matrices)
def test_an_entry_is_off_by_at_most_half_its_rows_scale(weight: np.ndarray) -> None:
    levels, scale = quantise_rows(weight)
    assert levels.dtype == np.int8
    assert scale.shape == (weight.shape[0], 1)
    error = np.abs(levels.astype(np.float64) * scale - weight)
    assert np.all(error <= scale * (0.5 + 1e-4))


@given(matrices)
def test_signs_are_kept_and_the_largest_of_a_row_takes_the_last_level(weight: np.ndarray) -> None:
    levels, _ = quantise_rows(weight)
    assert np.all(levels * np.sign(weight) >= 0)
    rows = np.abs(weight).max(axis=1) > 1e-30
    assert np.all(np.abs(levels[rows].astype(int)).max(axis=1) == 127)


@given(matrices, st.floats(0.125, 8))
def test_a_rows_levels_do_not_depend_on_its_size(weight: np.ndarray, factor: float) -> None:
    weight = np.where(np.abs(weight) < 1e-3, 0, weight).astype(np.float32)
    power = np.float32(2.0 ** round(np.log2(factor)))  # exact in floating point
    assert np.array_equal(quantise_rows(weight)[0], quantise_rows(weight * power)[0])


def test_only_the_linear_layers_change() -> None:
    weight = np.array([[1.0, -0.5], [0.0, 0.0]], dtype=np.float32)
    state = {"model.layers.0.mlp.up_proj.weight": weight, "model.norm.weight": weight[0], "lm_head.weight": weight}

    quantised = quantise_state(state)

    assert set(quantised) == {*state, "model.layers.0.mlp.up_proj.weight_scale"}
    assert quantised["model.layers.0.mlp.up_proj.weight"].tolist() == [[127, -64], [0, 0]]
    assert quantised["lm_head.weight"].dtype == np.float32


def test_a_written_model_says_how_it_is_quantised_and_leaves_the_tied_layer_out(tmp_path: Path) -> None:
    weight = np.eye(3, dtype=np.float32)
    state = {"embed.weight": weight, "lm_head.weight": weight, "q_proj.weight": weight}

    write_quantised(tmp_path, {"model_type": "llama", "tie_word_embeddings": True}, state)

    config = json.loads((tmp_path / "config.json").read_text())
    assert config["model_type"] == "llama"
    assert config["quantization_config"]["quant_method"] == "compressed-tensors"
    assert set(load_file(tmp_path / "model.safetensors")) == {"embed.weight", "q_proj.weight", "q_proj.weight_scale"}
