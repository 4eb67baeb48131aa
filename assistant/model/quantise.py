"""W8A8: int8 weights with one scale a row, activations quantised as they come, in the compressed-tensors layout.

Works on any Llama-style state dict (every linear layer's name ends in ``_proj.weight``), so that weights merged from a
trained adapter take the same way as the built-in ones. Why this format: docs/decisions/0010-model-serving.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINEAR_SUFFIX = "_proj.weight"
_LARGEST = 127

_INT8: dict[str, Any] = {"num_bits": 8, "type": "int", "symmetric": True}
SCHEME: dict[str, Any] = {
    "quant_method": "compressed-tensors",
    "format": "int-quantized",
    "quantization_status": "compressed",
    "ignore": ["lm_head"],
    "config_groups": {
        "group_0": {
            "targets": ["Linear"],
            "weights": {**_INT8, "strategy": "channel", "dynamic": False},
            "input_activations": {**_INT8, "strategy": "token", "dynamic": True},
            "output_activations": None,
        }
    },
}


def quantise_rows(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rounds every row to 255 levels between its largest magnitude and the negative of it.

    Returns:
        The int8 matrix and its scales, shaped ``(rows, 1)``: ``matrix * scales`` is the weight again, each entry off by
        at most half its row's scale.
    """
    peak = np.abs(weight).max(axis=1, keepdims=True)
    # A scale too small for a normal float would lose the bound, and a row of zeros has none at all.
    scale = np.maximum(peak / _LARGEST, np.finfo(np.float32).tiny).astype(np.float32)
    levels = np.clip(np.rint(weight / scale), -_LARGEST, _LARGEST)
    return levels.astype(np.int8), scale


def quantise_state(state: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
    """Quantises the linear layers of a model's state dict and passes everything else through."""
    out: dict[str, NDArray[Any]] = {}
    for name, tensor in state.items():
        if not name.endswith(LINEAR_SUFFIX):
            out[name] = np.ascontiguousarray(tensor)
            continue
        levels, scale = quantise_rows(np.asarray(tensor, dtype=np.float32))
        out[name] = levels
        out[f"{name}_scale"] = scale
    return out


def write_quantised(folder: Path, config: Mapping[str, Any], state: Mapping[str, NDArray[np.float32]]) -> None:
    """Writes ``config.json`` and ``model.safetensors`` of the quantised model into an existing folder.

    Args:
        folder: where to write; the tokenizer is the caller's business.
        config: the unquantised model's Transformers configuration.
        state: its weights by name; an output layer tied to the embeddings is left out, the server ties it again.
    """
    from safetensors.numpy import save_file  # confined: the library is wanted only when weights are made

    tied = bool(config.get("tie_word_embeddings"))
    kept = {name: tensor for name, tensor in state.items() if not (tied and name == "lm_head.weight")}
    save_file(quantise_state(kept), folder / "model.safetensors", metadata={"format": "pt"})
    described = {**config, "quantization_config": SCHEME}
    (folder / "config.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
