"""The encoder and its head in PyTorch: made from any encoder, partly trained, scored, written down."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ranker.cross.recipe import Pooling, Recipe
from ranker.cross.scoring import BATCH, TOKENIZER, Inputs, Pairs, RankerMissingError, Scores, score_pairs
from ranker.encoder import BUILT_IN, BUILT_IN_PACKAGE
from ranker.fingerprint import fingerprint

if TYPE_CHECKING:
    from torch import Tensor

HEAD = "head.safetensors"
DESCRIPTION = "cross_encoder.json"


@dataclass
class Network:
    """An encoder that reads pairs, and what makes one number of it.

    Attributes:
        encoder: a Transformers model; with pooling ``cls`` it has a head of its own.
        head: the linear layer over the mean of the tokens; ``None`` with pooling ``cls``.
        pairs: its tokenizer.
        fresh: whether the head has learned nothing yet.
    """

    encoder: Any
    head: Any
    pooling: Pooling
    pairs: Pairs
    dropout: float = 0.0
    fresh: bool = False

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> Tensor:
        """One score a row."""
        import torch

        given = {"input_ids": ids, "attention_mask": mask}
        if getattr(self.encoder.config, "type_vocab_size", 0) > 1:
            given["token_type_ids"] = types
        said = self.encoder(**given)
        if self.head is None:
            return said.logits[:, 0]
        present = mask.unsqueeze(-1).to(said.last_hidden_state.dtype)
        mean = (said.last_hidden_state * present).sum(dim=1) / present.sum(dim=1)
        mean = torch.nn.functional.dropout(mean, self.dropout, training=self.encoder.training)
        return self.head(mean)[:, 0]

    def run(self, inputs: Inputs) -> Tensor:
        """The scores of padded arrays."""
        import torch

        arrays = (torch.from_numpy(inputs[name]) for name in ("input_ids", "attention_mask", "token_type_ids"))
        return self.forward(*(array.to(self.device) for array in arrays))

    @property
    def device(self) -> Any:
        """Where it computes."""
        return next(self.encoder.parameters()).device

    @property
    def modules(self) -> list[Any]:
        """The encoder and the head, if it has one."""
        return [self.encoder] if self.head is None else [self.encoder, self.head]

    def train(self, on: bool = True) -> None:
        """Dropout on or off."""
        for module in self.modules:
            module.train(on)

    def weights(self) -> Iterator[tuple[str, Any]]:
        """All parameters, by names that last."""
        for name, weight in self.encoder.named_parameters():
            yield f"encoder.{name}", weight
        if self.head is not None:
            for name, weight in self.head.named_parameters():
                yield f"head.{name}", weight

    def trained(self) -> dict[str, Any]:
        """The parameters that training changes."""
        return {name: weight for name, weight in self.weights() if weight.requires_grad}

    def put(self, values: dict[str, Any]) -> None:
        """Sets parameters to given values."""
        import torch

        own = dict(self.weights())
        with torch.no_grad():
            for name, value in values.items():
                own[name].copy_(value)

    def merged(self) -> Network:
        """A copy for use, with what LoRA has learned worked into the weights."""
        encoder = copy.deepcopy(self.encoder)
        if hasattr(encoder, "merge_and_unload"):
            encoder = encoder.merge_and_unload()
        copied = Network(encoder, copy.deepcopy(self.head), self.pooling, self.pairs)
        copied.train(False)
        return copied

    def save(self, folder: Path) -> None:
        """Writes a merged network as a Transformers folder, with its head beside it."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        self.encoder.save_pretrained(folder)
        self.pairs.tokenizer.save(str(folder / TOKENIZER))
        if self.head is not None:
            save_file(self.head.state_dict(), folder / HEAD)
        described = {"pooling": self.pooling, "max_tokens": self.pairs.max_tokens}
        (folder / DESCRIPTION).write_text(json.dumps(described) + "\n", encoding="utf-8")


class TorchCrossEncoder:
    """A trained network in PyTorch: to judge while training, and to compare with what is exported."""

    languages = None

    def __init__(self, network: Network, name: str, batch: int = BATCH, weight: float = 1.0) -> None:
        self._network = network
        self._name = name
        self._batch = batch
        self.weight = weight

    @classmethod
    def read(cls, folder: Path) -> TorchCrossEncoder:
        """A network that was saved.

        Raises:
            RankerMissingError: if it cannot be loaded.
        """
        return cls(read_network(folder), f"{folder.name}-{fingerprint(folder)}-torch")

    @property
    def name(self) -> str:
        """What the scores are bound to."""
        return self._name

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """One score a text, in the given order."""
        import torch

        def run(inputs: Inputs) -> Scores:
            return cast("Scores", self._network.run(inputs).float().cpu().numpy())

        with torch.inference_mode():
            return score_pairs(self._network.pairs, query, texts, run, self._batch)


def read_network(folder: Path) -> Network:
    """A network that was saved, for use.

    Raises:
        RankerMissingError: if it cannot be loaded.
    """
    import torch
    from safetensors.torch import load_file

    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        pooling = cast("Pooling", described["pooling"])
        encoder = _encoder(str(folder), pooling, 0.0)
        head = None
        if pooling == "mean":
            head = torch.nn.Linear(encoder.config.hidden_size, 1)
            head.load_state_dict(load_file(folder / HEAD))
        pairs = Pairs.read(folder, int(described["max_tokens"]))
    except (OSError, ValueError, KeyError) as error:
        raise RankerMissingError(f"The cross-encoder in {folder} cannot be loaded: {error}.") from error
    network = Network(encoder, head, pooling, pairs)
    network.train(False)
    return network


def new_network(recipe: Recipe) -> Network:
    """The recipe's base with a head, and only that to be trained which the recipe says.

    The head is a fresh one, unless the base is a cross-encoder of ours.

    Raises:
        RankerMissingError: if there is no such base.
    """
    import torch

    base = base_folder(recipe.base)
    torch.manual_seed(recipe.seed)
    try:
        encoder = _encoder(base, recipe.pooling, recipe.dropout, recipe.depth)
        pairs = Pairs(_tokenizer(base), recipe.max_tokens)
    except (OSError, ValueError) as error:
        raise RankerMissingError(
            f"The encoder '{recipe.base or BUILT_IN}' cannot be loaded: {error}.",
            "Name a Transformers folder, a Hugging Face id that is in the local cache, or leave the base out.",
        ) from error
    network = Network(_trainable(encoder, recipe), None, recipe.pooling, pairs, recipe.dropout, fresh=True)
    if recipe.pooling == "mean":
        network.head = torch.nn.Linear(encoder.config.hidden_size, 1)
        torch.nn.init.normal_(network.head.weight, std=0.02)
        torch.nn.init.zeros_(network.head.bias)
    _learn_on(network, Path(base))
    processor = "cuda" if torch.cuda.is_available() else "cpu"
    for module in network.modules:
        module.to(processor)
    return network


def learned(folder: Path, pooling: Pooling) -> bool:
    """Whether a folder holds a cross-encoder of ours with a head of this kind, which can learn on."""
    try:
        return json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))["pooling"] == pooling
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _learn_on(network: Network, base: Path) -> None:
    """Takes over the head of a cross-encoder of ours; with pooling ``cls`` it came with the encoder."""
    from safetensors.torch import load_file

    if not learned(base, network.pooling):
        return
    network.fresh = False
    if network.head is not None:
        try:
            network.head.load_state_dict(load_file(base / HEAD))
        except OSError as error:
            raise RankerMissingError(f"The cross-encoder in {base} has lost its head: {error}.") from error


def base_folder(base: str) -> str:
    """The folder of the built-in encoder, or what was named.

    Raises:
        RankerMissingError: if the built-in encoder's package is missing.
    """
    if base not in ("", BUILT_IN):
        return base
    try:
        return str(resources.files(BUILT_IN_PACKAGE) / "model")
    except ModuleNotFoundError as error:
        raise RankerMissingError(
            f"The package of the built-in encoder, {BUILT_IN_PACKAGE}, is missing.", "Run make setup."
        ) from error


def _encoder(base: str, pooling: Pooling, dropout: float, depth: int = 0) -> Any:
    from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()  # that the head is new is meant
    config = AutoConfig.from_pretrained(base)
    for name in ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"):
        if hasattr(config, name):
            setattr(config, name, dropout)
    config.num_labels = 1
    if depth:
        config.num_hidden_layers = min(depth, config.num_hidden_layers)
    kind: Any = AutoModelForSequenceClassification if pooling == "cls" else AutoModel
    return kind.from_pretrained(base, config=config)


def _tokenizer(base: str) -> Any:
    path = Path(base) / TOKENIZER
    if path.is_file():
        return Pairs.read(Path(base)).tokenizer
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(base, use_fast=True)
    return tokenizer.backend_tokenizer


def _trainable(encoder: Any, recipe: Recipe) -> Any:
    """The encoder with gradients where the recipe wants them."""
    stack_name, stack = _stack(encoder)
    if recipe.method == "lora":
        return _with_lora(encoder, stack_name, recipe)
    embeddings = {id(weight) for weight in _embeddings(encoder).parameters()}
    upper = tuple(f"{stack_name}.{number}." for number in range(max(0, len(stack) - recipe.layers), len(stack)))
    for name, weight in encoder.named_parameters():
        if recipe.method == "full":
            weight.requires_grad_(recipe.embeddings or id(weight) not in embeddings)
        else:
            inside = name.startswith(f"{stack_name}.")
            weight.requires_grad_(name.startswith(upper) if inside else id(weight) not in embeddings)
    return encoder


def _with_lora(encoder: Any, stack_name: str, recipe: Recipe) -> Any:
    """LoRA (Hu et al. 2021, arXiv 2106.09685) on every linear layer of the stack; a head is trained whole."""
    import torch
    from peft import LoraConfig, get_peft_model

    names = {name: module for name, module in encoder.named_modules() if name}
    linears = [
        name
        for name, module in names.items()
        if isinstance(module, torch.nn.Linear) and name.startswith(f"{stack_name}.")
    ]
    heads = [name for name in ("pooler", "classifier", "pre_classifier", "score") if name in names]
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=2 * recipe.rank,
        lora_dropout=recipe.dropout,
        target_modules=linears,
        modules_to_save=heads if recipe.pooling == "cls" else None,
    )
    return get_peft_model(encoder, config)


def _embeddings(encoder: Any) -> Any:
    """The module that holds the word embeddings and what goes with them."""
    inner = getattr(encoder, encoder.base_model_prefix, encoder)
    return getattr(inner, "embeddings", None) or encoder.get_input_embeddings()


def _stack(encoder: Any) -> tuple[str, Any]:
    """The list of layers, with its name."""
    import torch

    lists = [(name, module) for name, module in encoder.named_modules() if isinstance(module, torch.nn.ModuleList)]
    if not lists:
        raise ValueError("it has no list of layers")
    return max(lists, key=lambda item: sum(weight.numel() for weight in item[1].parameters()))
