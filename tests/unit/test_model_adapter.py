"""A trained adapter is found, merged into the weights, and refused with a reason where it does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from assistant.model.adapter import CONFIG, SHIPPED, WEIGHTS, Adapter, adapter_of, merged, own_folder
from assistant.settings import Settings
from retriever.errors import UnavailableError

TARGET = "model.layers.0.self_attn.q_proj.weight"


def adapter(folder: Path, inputs: int = 6, *, up: bool = True) -> Adapter:
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(3)
    name = f"base_model.model.{TARGET.removesuffix('.weight')}"
    parts = {f"{name}.lora_A.weight": dice.normal(size=(2, inputs)).astype(np.float16)}
    if up:
        parts[f"{name}.lora_B.weight"] = dice.normal(size=(4, 2)).astype(np.float16)
    save_file(parts, folder / WEIGHTS)
    (folder / CONFIG).write_text(json.dumps({"r": 2, "lora_alpha": 4}))
    return Adapter(folder)


def test_the_change_is_scaled_and_added(tmp_path: Path):
    made = adapter(tmp_path / "a")
    state = {TARGET: np.ones((4, 6), np.float32), "model.norm.weight": np.ones(6, np.float32)}
    out = merged(state, made)
    dice = np.random.default_rng(3)
    down, up = dice.normal(size=(2, 6)).astype(np.float16), dice.normal(size=(4, 2)).astype(np.float16)
    np.testing.assert_allclose(out[TARGET], 1 + 2 * up.astype(np.float32) @ down.astype(np.float32), rtol=1e-5)
    np.testing.assert_array_equal(out["model.norm.weight"], 1)
    np.testing.assert_array_equal(state[TARGET], 1)  # what came in is left alone


@pytest.mark.parametrize("wrong", [{"inputs": 7}, {"up": False}])
def test_an_adapter_of_another_model_is_refused(tmp_path: Path, wrong: dict):
    made = adapter(tmp_path / "a", **wrong)
    with pytest.raises(UnavailableError, match="does not fit"):
        merged({TARGET: np.ones((4, 6), np.float32)}, made)


@pytest.mark.parametrize("damage", ["weights", "config"])
def test_a_damaged_adapter_is_refused(tmp_path: Path, damage: str):
    made = adapter(tmp_path / "a")
    (made.folder / (WEIGHTS if damage == "weights" else CONFIG)).write_text("{")
    with pytest.raises(UnavailableError, match="cannot be read") as refused:
        merged({TARGET: np.ones((4, 6), np.float32)}, made)
    assert "shopwise train assistant" in refused.value.hint


def test_a_shops_own_adapter_comes_before_the_shipped_one(tmp_path: Path):
    settings = Settings(home=tmp_path)
    shipped = adapter_of(settings)
    assert shipped is None or shipped.folder == SHIPPED
    adapter(own_folder(settings))
    assert adapter_of(settings) == Adapter(own_folder(settings))


def test_another_model_has_no_adapter_of_ours(tmp_path: Path):
    adapter(own_folder(Settings(home=tmp_path)))
    assert adapter_of(Settings(home=tmp_path, model="Qwen/Qwen3.5-4B")) is None
    assert adapter_of(Settings(home=tmp_path, model_url="http://127.0.0.1:1/v1")) is None


def test_adapters_are_told_apart_by_their_weights(tmp_path: Path):
    assert adapter(tmp_path / "a").digest == adapter(tmp_path / "b").digest != adapter(tmp_path / "c", 7).digest


def test_the_shipped_adapter_is_small_and_names_no_machine():
    shipped = adapter_of(Settings(home=Path("nowhere")))
    assert shipped == Adapter(SHIPPED)
    assert (SHIPPED / WEIGHTS).stat().st_size <= 25_000_000
    config = json.loads((SHIPPED / CONFIG).read_text())
    assert config["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert config["peft_type"] == "LORA"


def test_the_shipped_adapter_changes_every_linear_layer():
    parts = load_file(SHIPPED / WEIGHTS)
    layers = {name.split(".lora_")[0] for name in parts}
    assert len(layers) == 30 * 7  # layers of the model, linear ones of each
    for layer in layers:
        assert np.abs(parts[f"{layer}.lora_B.weight"]).max() > 0


def test_the_shipped_adapter_has_a_card_with_data_figures_and_licence():
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for part in ("## Data", "## Command", "## Figures", "## Licence", "Apache-2.0", "bitext", "clinc150"):
        assert part in card
