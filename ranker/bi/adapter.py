"""What tuning changed in an encoder, small enough to come with a package.

Tuning moves a weight matrix mostly in few directions, so its change is kept as the product of two
narrow matrices, as LoRA (Hu et al. 2021) trains it from the start; here it is cut down afterwards, by
a singular value decomposition. Vectors (biases, norms) are kept whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ADAPTER = "adapter.safetensors"
UP, DOWN, WHOLE = ".up", ".down", ".whole"
Weights = Mapping[str, NDArray[Any]]


class AdapterError(Exception):
    """An adapter that cannot be read, or that is of another model."""


def difference(base: Weights, tuned: Weights, rank: int) -> dict[str, NDArray[np.float16]]:
    """What changed from one model to the other, cut down to ``rank`` directions a matrix.

    Weights that only one of them has, or that are the same in both, are left out.

    Raises:
        AdapterError: if a weight has another shape.
    """
    parts: dict[str, NDArray[np.float16]] = {}
    for name in sorted(set(base) & set(tuned)):
        if base[name].shape != tuned[name].shape:
            raise AdapterError(f"{name} is {tuned[name].shape} where the base has {base[name].shape}.")
        change = tuned[name].astype(np.float32) - base[name].astype(np.float32)
        if not change.any():
            continue
        if change.ndim != 2 or rank >= min(change.shape):
            parts[name + WHOLE] = change.astype(np.float16)
            continue
        left, values, right = np.linalg.svd(change, full_matrices=False)
        scale = np.sqrt(values[:rank])
        parts[name + UP] = (left[:, :rank] * scale).astype(np.float16)
        parts[name + DOWN] = (scale[:, None] * right[:rank]).astype(np.float16)
    return parts


def apply(parts: Weights, weights: Mapping[str, Any]) -> None:
    """Adds the changes to a model's weights, in place.

    Args:
        parts: of ``difference``.
        weights: PyTorch tensors by name, the base's.

    Raises:
        AdapterError: if the changes are of another model.
    """
    import torch

    changes = {name.removesuffix(WHOLE): part for name, part in parts.items() if name.endswith(WHOLE)}
    for name in (name.removesuffix(UP) for name in parts if name.endswith(UP)):
        if name + DOWN not in parts:
            raise AdapterError(f"Half of the change of {name} is missing.")
        changes[name] = parts[name + UP].astype(np.float32) @ parts[name + DOWN].astype(np.float32)
    wrong = [name for name, change in changes.items() if name not in weights or weights[name].shape != change.shape]
    if wrong or not changes:
        raise AdapterError(f"The adapter is of another model: {wrong[0] if wrong else 'it changes nothing'}.")
    with torch.no_grad():
        for name, change in changes.items():
            weights[name].add_(torch.from_numpy(change.astype(np.float32)))


def read_adapter(folder: Path) -> dict[str, NDArray[Any]]:
    """The adapter in a folder.

    Raises:
        AdapterError: if there is none, or it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(folder / ADAPTER)
    except (OSError, ValueError, SafetensorError) as error:
        raise AdapterError(f"{folder / ADAPTER} cannot be read: {error}") from error


def write_adapter(parts: Weights, folder: Path) -> Path:
    """Writes an adapter into a folder; returns its file."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(dict(parts), folder / ADAPTER)
    return folder / ADAPTER
