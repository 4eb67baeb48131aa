"""Two towers over text vectors: an item's and a person's, p = sigma(u.v).

The person's tower reads the mean of what they took, late events more, and so knows everybody with a history; the
item's reads the text and so knows every item. Trained by cross-entropy against items that are drawn as often as they
are taken, with the correction for that (X. Yi et al., "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
Recommendations", RecSys 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.columns import Columns, Places, learnable
from ranker.behaviour.model import BehaviourError, History, Items, Scores, UnfitError, Vectors
from ranker.behaviour.stored import Parts, check_encoder
from ranker.cross.judging import Say

if TYPE_CHECKING:
    from torch import Tensor

Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class TowerRecipe:
    """How to train.

    Attributes:
        width: of both towers' vectors.
        inner: width of the layer below.
        length: last events that are read.
        fade: how much less the event before counts than the one after it.
        negatives: items drawn for each step.
        people: events in one step.
    """

    width: int = 64
    inner: int = 128
    length: int = 50
    fade: float = 0.8
    negatives: int = 512
    epochs: int = 10
    people: int = 512
    rate: float = 1e-3
    dropout: float = 0.1
    seed: int = 7


class Towers:
    """The two towers and the items' vectors.

    Args:
        weights: of both towers, by name.
        vectors: of the items' texts.
    """

    kind = "towers"

    def __init__(self, name: str, ids: Sequence[str], recipe: TowerRecipe, weights: Arrays, vectors: Vectors) -> None:
        self.name = name
        self.items = tuple(ids)
        self._columns = Columns(ids)
        self._recipe, self._weights, self._vectors = recipe, weights, vectors
        self._table = _tower(vectors, weights, "item")

    def score(self, histories: Sequence[History]) -> Scores:
        """The products, whose sigmoid is how likely a person takes an item rather than one drawn at random."""
        means = np.zeros((len(histories), self._vectors.shape[1]), dtype=np.float32)
        for person, history in enumerate(histories):
            places = self._columns.places(history)[-self._recipe.length :]
            if len(places):
                means[person] = fading(len(places), self._recipe.fade) @ self._vectors[places]
        return np.asarray(_tower(means, self._weights, "person") @ self._table.T, dtype=np.float32)

    def parts(self) -> Parts:
        """Recipe, weights and vectors."""
        arrays = {f"weights.{name}": array for name, array in self._weights.items()}
        return Parts({"name": self.name, "recipe": asdict(self._recipe)}, arrays | {"vectors": self._vectors})

    @classmethod
    def of(cls, ids: Sequence[str], parts: Parts) -> Towers:
        """The model of its parts."""
        arrays = parts.arrays
        weights = {name.removeprefix("weights."): array for name, array in arrays.items() if "weights." in name}
        return cls(str(parts.facts["name"]), ids, TowerRecipe(**parts.facts["recipe"]), weights, arrays["vectors"])

    def over(self, items: Items) -> Towers:
        """The same towers over another catalogue.

        Raises:
            UnfitError: if it has no vectors, or they are of another encoder.
        """
        if items.ids == self.items:
            return self
        if items.vectors is None:
            raise UnfitError("The towers read vectors, which the catalogue does not have.", "Encode the items.")
        shared = [(here, there) for here, id in enumerate(items.ids) if (there := self._columns.place(id)) is not None]
        here, there = [each[0] for each in shared], [each[1] for each in shared]
        check_encoder(self._vectors[there], items.vectors[here])
        return Towers(self.name, items.ids, self._recipe, self._weights, items.vectors.astype(np.float32))


@dataclass(frozen=True)
class TowerTrainer:
    """Makes towers."""

    recipe: TowerRecipe = field(default_factory=TowerRecipe)
    name: str = "towers"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> Towers:
        """The towers after all epochs.

        Raises:
            BehaviourError: if the items have no vectors, or nobody has two events.
        """
        import torch

        if items.vectors is None:
            raise BehaviourError("The towers read vectors, which the items do not have.", "Encode the items first.")
        counts = np.asarray(learnable(histories, items).sum(axis=0), dtype=np.float64)[0]
        columns = Columns(items.ids)
        trails = [trail for history in histories if len(trail := columns.places(history)) > 1]
        if not trails:
            raise BehaviourError("Nobody has two events of items in the catalogue.", "Use popularity until then.")
        vectors = items.vectors.astype(np.float32)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            weights = _fresh(self.recipe, vectors.shape[1])
            self._train(weights, trails, torch.from_numpy(vectors), torch.from_numpy(counts / counts.sum()), say)
        arrays = {name: weight.detach().numpy().copy() for name, weight in weights.items()}
        return Towers(self.name, items.ids, self.recipe, arrays, vectors)

    def _train(self, weights: dict[str, Any], trails: list[Places], vectors: Tensor, drawn: Tensor, say: Say) -> None:
        import torch

        recipe = self.recipe
        optimiser = torch.optim.Adam(list(weights.values()), lr=recipe.rate)
        dice = np.random.default_rng(recipe.seed)
        steps = [(person, at) for person, trail in enumerate(trails) for at in range(1, len(trail))]
        for epoch in range(recipe.epochs):
            order = dice.permutation(len(steps))
            for start in range(0, len(order), recipe.people):
                some = [steps[place] for place in order[start : start + recipe.people]]
                pasts = [trails[person][max(0, at - recipe.length) : at] for person, at in some]
                targets = torch.tensor([int(trails[person][at]) for person, at in some])
                loss = self._loss(weights, _means(pasts, vectors, recipe.fade), targets, vectors, drawn)
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
            say("towers", epoch + 1, recipe.epochs)

    def _loss(self, weights: dict[str, Any], means: Tensor, targets: Tensor, vectors: Tensor, drawn: Tensor) -> Tensor:
        import torch
        from torch.nn.functional import logsigmoid, softplus

        wrong = torch.multinomial(drawn, self.recipe.negatives, replacement=True)
        # How much likelier than by chance an item is drawn: taken off, so that popular items are not held down.
        often = torch.log(drawn * len(drawn)).float()
        people = _torch_tower(means, weights, "person", self.recipe.dropout)
        right = _torch_tower(vectors[targets], weights, "item", self.recipe.dropout)
        others = _torch_tower(vectors[wrong], weights, "item", self.recipe.dropout)
        same = targets.unsqueeze(1) == wrong
        positive = logsigmoid((people * right).sum(dim=1) - often[targets])
        negative = softplus(people @ others.T - often[wrong]).masked_fill(same, 0.0).mean(dim=1)
        return (negative - positive).mean()


def fading(length: int, fade: float) -> NDArray[np.float32]:
    """The events' shares in the mean, which add up to 1; the last has the largest."""
    shares = fade ** np.arange(length - 1, -1, -1, dtype=np.float64)
    return (shares / shares.sum()).astype(np.float32)


def _means(pasts: Sequence[Places], vectors: Tensor, fade: float) -> Tensor:
    import torch
    from torch.nn.functional import embedding_bag

    starts = np.cumsum([0, *(len(past) for past in pasts[:-1])])
    return embedding_bag(
        torch.from_numpy(np.concatenate(pasts)),
        vectors,
        torch.from_numpy(starts),
        mode="sum",
        per_sample_weights=torch.from_numpy(np.concatenate([fading(len(past), fade) for past in pasts])),
    )


def _fresh(recipe: TowerRecipe, width: int) -> dict[str, Any]:
    import torch

    weights: dict[str, Any] = {}
    for tower in ("item", "person"):
        for name, rows, columns in (("up", width, recipe.inner), ("out", recipe.inner, recipe.width)):
            weights[f"{tower}.{name}"] = torch.empty(rows, columns).normal_(0.0, rows**-0.5)
            weights[f"{tower}.{name}.shift"] = torch.zeros(columns)
    for weight in weights.values():
        weight.requires_grad_()
    return weights


def _torch_tower(vectors: Tensor, weights: dict[str, Any], tower: str, dropout: float) -> Tensor:
    from torch.nn import functional

    inner = functional.relu(vectors @ weights[f"{tower}.up"] + weights[f"{tower}.up.shift"])
    inner = functional.dropout(inner, dropout)
    return inner @ weights[f"{tower}.out"] + weights[f"{tower}.out.shift"]


def _tower(vectors: Vectors, weights: Arrays, tower: str) -> Vectors:
    inner = np.maximum(vectors @ weights[f"{tower}.up"] + weights[f"{tower}.up.shift"], 0)
    return np.asarray(inner @ weights[f"{tower}.out"] + weights[f"{tower}.out.shift"], dtype=np.float32)
