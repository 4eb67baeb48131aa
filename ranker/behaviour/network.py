"""A causal self-attention network over items, each known by its id and by its text.

The family of SASRec (W. Kang, J. McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018). An item's vector is
its text's, projected, mixed through a gate with one that is learned for its id; an item without a learned one is its
text's, moved towards the items that are described like it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor

Arrays = dict[str, NDArray[np.float32]]


@dataclass
class Network:
    """The weights, by name, and what is computed with them.

    Attributes:
        vectors: the known items' texts; ``None`` where there are none.
        training: whether parts are left out at random.
    """

    recipe: Recipe
    weights: dict[str, Tensor]
    vectors: Tensor | None
    training: bool = False

    @classmethod
    def fresh(cls, recipe: Recipe, items: int, vectors: NDArray[np.float32] | None) -> Network:
        """One that has learned nothing; random by PyTorch's dice."""
        import torch

        width, weights = recipe.width, dict[str, Any]()

        def drawn(name: str, *shape: int) -> None:
            weights[name] = torch.empty(*shape).normal_(0.0, 0.02)

        def norm(name: str) -> None:
            weights[f"{name}.scale"], weights[f"{name}.shift"] = torch.ones(width), torch.zeros(width)

        drawn("ids", items, width)
        drawn("places", recipe.length, width)
        if vectors is not None:
            drawn("text", vectors.shape[1], width)
            drawn("gate", vectors.shape[1], width)
            weights["text.shift"], weights["gate.shift"] = torch.zeros(width), torch.zeros(width)
        norm("first")
        norm("last")
        for layer in range(recipe.layers):
            for name in ("attention", "inner"):
                norm(f"{layer}.{name}")
            for name, rows, columns in (
                ("asked", width, 3 * width),
                ("told", width, width),
                ("up", width, 4 * width),
                ("down", 4 * width, width),
            ):
                drawn(f"{layer}.{name}", rows, columns)
                weights[f"{layer}.{name}.shift"] = torch.zeros(columns)
        for weight in weights.values():
            weight.requires_grad_()
        return cls(recipe, weights, None if vectors is None else torch.from_numpy(vectors))

    @classmethod
    def read(cls, recipe: Recipe, arrays: Arrays, vectors: NDArray[np.float32] | None) -> Network:
        """One of given weights."""
        import torch

        weights = {name: torch.from_numpy(np.array(array)).requires_grad_() for name, array in arrays.items()}
        return cls(recipe, weights, None if vectors is None else torch.from_numpy(vectors))

    def arrays(self) -> Arrays:
        """The weights."""
        return {name: weight.detach().numpy().copy() for name, weight in self.weights.items()}

    def trained(self) -> dict[str, Any]:
        """The weights, as a checkpoint keeps them."""
        return dict(self.weights)

    def put(self, values: dict[str, Any]) -> None:
        """Sets weights to given values."""
        import torch

        with torch.no_grad():
            for name, value in values.items():
                self.weights[name].copy_(value)

    def texts(self, vectors: Tensor) -> Tensor:
        """The text part of items with these vectors."""
        return vectors @ self.weights["text"] + self.weights["text.shift"]

    def table(self, rows: Tensor | None = None) -> Tensor:
        """The vectors of known items: of some, or of all."""
        import torch

        ids = self.weights["ids"] if rows is None else self.weights["ids"][rows]
        if self.vectors is None:
            return ids
        vectors = self.vectors if rows is None else self.vectors[rows]
        texts = self.texts(vectors)
        share = torch.sigmoid(vectors @ self.weights["gate"] + self.weights["gate.shift"])
        mixed = texts + share * ids
        if not self.training or not self.recipe.id_dropout:
            return mixed
        hidden = torch.rand(len(ids), 1) < self.recipe.id_dropout
        return torch.where(hidden, texts, mixed)

    def states(self, events: Tensor) -> Tensor:
        """What a person is after each event; ``events`` are items' vectors, padded at the end.

        Padding needs no mask: attention looks back only, and nobody asks for a state at a pad.
        """
        from torch.nn.functional import gelu

        state = events * self.recipe.width**0.5 + self.weights["places"][: events.shape[1]]
        state = self._dropped(self._norm(state, "first"))
        for layer in range(self.recipe.layers):
            state = state + self._attended(self._norm(state, f"{layer}.attention"), layer)
            inner = gelu(self._linear(self._norm(state, f"{layer}.inner"), f"{layer}.up"))
            state = state + self._dropped(self._linear(self._dropped(inner), f"{layer}.down"))
        return self._norm(state, "last")

    def _attended(self, state: Tensor, layer: int) -> Tensor:
        from torch.nn.functional import scaled_dot_product_attention as attention

        people, length, width = state.shape
        asked = self._linear(state, f"{layer}.asked").view(people, length, 3, self.recipe.heads, -1)
        query, key, value = asked.permute(2, 0, 3, 1, 4)
        dropout = self.recipe.dropout if self.training else 0.0
        told = attention(query, key, value, dropout_p=dropout, is_causal=True)
        return self._dropped(self._linear(told.transpose(1, 2).reshape(people, length, width), f"{layer}.told"))

    def _linear(self, state: Tensor, name: str) -> Tensor:
        return state @ self.weights[name] + self.weights[f"{name}.shift"]

    def _norm(self, state: Tensor, name: str) -> Tensor:
        from torch.nn.functional import layer_norm

        return layer_norm(
            state, (self.recipe.width,), self.weights[f"{name}.scale"], self.weights[f"{name}.shift"], 1e-8
        )

    def _dropped(self, state: Tensor) -> Tensor:
        from torch.nn.functional import dropout

        return dropout(state, self.recipe.dropout, training=self.training)
