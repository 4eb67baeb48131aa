"""A sentence encoder in PyTorch that learns: loaded, partly trained, encoded with, written down."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ranker.bi.recipe import EncoderRecipe
from ranker.cross.network import base_folder
from ranker.cross.scoring import RankerMissingError
from ranker.encoder import BUILT_IN, ModelMissingError, Vectors, adapt

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 32


class BiNetwork:
    """A sentence-transformers model, whatever its pooling, in training.

    Args:
        model: a ``SentenceTransformer``.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._prompt = cast("str | None", model.prompts.get(model.default_prompt_name))

    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors with their gradients, as the model's own ``encode`` would make them without."""
        import torch

        # Texts of like length share a batch: no time goes into padding.
        order = sorted(range(len(texts)), key=lambda row: (-len(texts[row]), row))
        parts: list[Tensor] = []
        for start in range(0, len(order), BATCH):
            features = self._model.preprocess([texts[row] for row in order[start : start + BATCH]], prompt=self._prompt)
            said = self._model({name: _moved(value, self._model.device) for name, value in features.items()})
            parts.append(torch.nn.functional.normalize(said["sentence_embedding"], dim=1))
        places = torch.empty(len(order), dtype=torch.long)
        places[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[places.to(self._model.device)]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors."""
        import torch

        with torch.inference_mode():
            return np.asarray(self.embed(texts).float().cpu().numpy(), dtype=np.float32)

    def train(self, on: bool = True) -> None:
        """Dropout on or off."""
        self._model.train(on)

    def trained(self) -> dict[str, Any]:
        """The parameters that training changes."""
        return {name: weight for name, weight in self._model.named_parameters() if weight.requires_grad}

    def put(self, values: dict[str, Any]) -> None:
        """Sets parameters to given values."""
        import torch

        own = dict(self._model.named_parameters())
        with torch.no_grad():
            for name, value in values.items():
                own[name].copy_(value)

    def save(self, folder: Path) -> None:
        """Writes a sentence-transformers folder, whole or not at all."""
        draft = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        self._model.save(str(draft), create_model_card=False)
        shutil.rmtree(folder, ignore_errors=True)
        draft.replace(folder)


def new_network(recipe: EncoderRecipe) -> BiNetwork:
    """The recipe's base, with only that to be trained which the recipe says.

    Raises:
        ModelMissingError: if there is no such base.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    torch.manual_seed(recipe.seed)
    try:
        base = base_folder(recipe.base)
        # A folder never asks the hub, whatever the environment says.
        model: Any = SentenceTransformer(base, local_files_only=Path(base).is_dir())
        if not recipe.base:
            adapt(model)
        model.max_seq_length = min(recipe.max_tokens, model.max_seq_length or recipe.max_tokens)
        _choose(model, recipe)
    except (OSError, ValueError, RankerMissingError) as error:
        raise ModelMissingError(f"The encoder '{recipe.base or BUILT_IN}' cannot be loaded: {error}") from error
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = recipe.dropout
    return BiNetwork(model)


def _choose(model: Any, recipe: EncoderRecipe) -> None:
    """Gradients where the recipe wants them."""
    import torch

    lists = [(name, module) for name, module in model.named_modules() if isinstance(module, torch.nn.ModuleList)]
    if not lists:
        raise ValueError("it has no list of layers")
    stack, layers = max(lists, key=lambda item: sum(weight.numel() for weight in item[1].parameters()))
    upper = tuple(f"{stack}.{number}." for number in range(max(0, len(layers) - recipe.layers), len(layers)))
    words = {id(weight) for weight in model.transformers_model.get_input_embeddings().parameters()}
    for name, weight in model.named_parameters():
        if id(weight) in words:
            wanted = recipe.method == "full" and recipe.embeddings
        else:
            wanted = recipe.method == "full" or name.startswith(upper)
        weight.requires_grad_(wanted)


def _moved(value: Any, device: Any) -> Any:
    return value.to(device) if hasattr(value, "to") else value
