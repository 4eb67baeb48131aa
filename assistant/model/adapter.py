"""A trained adapter (LoRA) and its merging into the weights: served unmerged it halves the speed on a CPU."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.settings import Settings
from retriever.errors import UnavailableError

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
SHIPPED = Path(__file__).parent / "clerk"
PREFIX = "base_model.model."


@dataclass(frozen=True)
class Adapter:
    """A folder with ``adapter_model.safetensors`` and ``adapter_config.json``, as peft saves it."""

    folder: Path

    @property
    def digest(self) -> str:
        """A fingerprint of its weights."""
        with (self.folder / WEIGHTS).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def own_folder(settings: Settings) -> Path:
    """Where a shop keeps the adapter that it trained itself."""
    return settings.home / "clerk"


def adapter_of(settings: Settings) -> Adapter | None:
    """The shop's own adapter, else the shipped one, else none. Only the built-in model has one."""
    if settings.model or settings.model_url:
        return None
    for folder in (own_folder(settings), SHIPPED):
        if (folder / WEIGHTS).is_file() and (folder / CONFIG).is_file():
            return Adapter(folder)
    return None


def merged(state: Mapping[str, NDArray[np.float32]], adapter: Adapter) -> dict[str, NDArray[np.float32]]:
    """The weights with the adapter's change added: ``W + alpha / r * B A``.

    Raises:
        UnavailableError: if the adapter is damaged or was made for another model.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        config: dict[str, Any] = json.loads((adapter.folder / CONFIG).read_text(encoding="utf-8"))
        parts = load_file(adapter.folder / WEIGHTS)
        scale = np.float32(float(config["lora_alpha"]) / float(config["r"]))
    except (OSError, ValueError, KeyError, ZeroDivisionError, SafetensorError) as error:
        raise UnavailableError(
            f"The adapter in {adapter.folder} cannot be read: {error}",
            "Remove the folder to use the one that came with Shopwise, or train again: shopwise train assistant.",
        ) from error
    out = dict(state)
    for name, down in parts.items():
        if not name.endswith(".lora_A.weight"):
            continue
        target = name.removeprefix(PREFIX).replace(".lora_A.weight", ".weight")
        up = parts.get(name.replace(".lora_A.", ".lora_B."))
        weight = out.get(target)
        if up is None or weight is None or weight.shape != (up.shape[0], down.shape[1]):
            raise UnavailableError(
                f"The adapter in {adapter.folder} does not fit the built-in model (at {target}).",
                "Remove the folder, or train again: shopwise train assistant.",
            )
        change = scale * (up.astype(np.float32) @ down.astype(np.float32))
        out[target] = np.asarray(weight + change, dtype=np.float32)
    return out
