"""Every model that a shop can train, by its name on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ranker.behaviour.ease import MOST, Ease
from ranker.behaviour.factors import Als, Bpr
from ranker.behaviour.model import BehaviourError, BehaviourModel, HeldOut, Trainer
from ranker.behaviour.neighbours import ItemCosine
from ranker.behaviour.popularity import Popularity, RecentPopularity
from ranker.behaviour.recipe import Recipe
from ranker.behaviour.repeating import RepeatTrainer
from ranker.behaviour.sequence import SequenceModel, SequenceTrainer
from ranker.behaviour.towers import TowerRecipe, TowerTrainer

RIDGE = 50.0  # of EASE, for the few thousand people that a shop's own records have (docs/experiments.md)


@dataclass(frozen=True, slots=True)
class Wish:
    """How to train.

    Attributes:
        epochs: rounds of a model that is trained in rounds; 0: as many as usual.
        start: the model in use; a trainer that can goes on from it.
        run: a folder for what the training keeps on the way; ``None``: it keeps nothing.
        checked: what it may look at to see when to end; none: it holds out something itself.
    """

    epochs: int = 0
    seed: int = 7
    start: BehaviourModel | None = None
    run: Path | None = None
    checked: Sequence[HeldOut] = ()


def _ease(_: Wish) -> Trainer:
    return Ease(ridge=RIDGE)


def _item_item(_: Wish) -> Trainer:
    return ItemCosine()


def _als(wish: Wish) -> Trainer:
    return Als(seed=wish.seed, rounds=wish.epochs or Als.rounds)


def _bpr(wish: Wish) -> Trainer:
    return Bpr(seed=wish.seed, rounds=wish.epochs or Bpr.rounds)


def _towers(wish: Wish) -> Trainer:
    recipe = TowerRecipe(seed=wish.seed)
    return TowerTrainer(replace(recipe, epochs=wish.epochs or recipe.epochs))


def _sequence(wish: Wish) -> Trainer:
    recipe = Recipe(seed=wish.seed)
    start = wish.start if isinstance(wish.start, SequenceModel) else None
    recipe = replace(recipe, epochs=wish.epochs or recipe.epochs)
    return SequenceTrainer(recipe, validation=wish.checked or None, start=start, run=wish.run)


def _repeat(wish: Wish) -> Trainer:
    return RepeatTrainer(seed=wish.seed)


def _popularity(_: Wish) -> Trainer:
    return Popularity()


def _recent(_: Wish) -> Trainer:
    return RecentPopularity()


TRAINERS: Mapping[str, Callable[[Wish], Trainer]] = {
    "ease": _ease,
    "item-item": _item_item,
    "als": _als,
    "bpr": _bpr,
    "towers": _towers,
    "sequence": _sequence,
    "repeat": _repeat,
    "popularity": _popularity,
    "recent": _recent,
}
READ_VECTORS = frozenset({"towers", "sequence"})
NEED_VECTORS = frozenset({"towers"})
DATED = frozenset({"recent", "repeat"})  # that read the times of events, not their order alone
CHECK_THEMSELVES = frozenset({"sequence"})
OF_REPEATS = frozenset({"repeat"})  # that say when people take the same again
IN_ROUNDS = frozenset({"als", "bpr", "towers", "sequence"})


def usual(items: int) -> str:
    """The model for a shop that names none: the one that does best with few events, or that fits into memory.

    Args:
        items: how many have events.
    """
    return "ease" if items <= MOST else "item-item"


def trainer(name: str, wish: Wish) -> Trainer:
    """The trainer of this name.

    Raises:
        BehaviourError: if there is none, or it cannot be asked for that.
    """
    make = TRAINERS.get(name)
    if make is None:
        raise BehaviourError(f"There is no model '{name}'.", f"The models are {', '.join(TRAINERS)}.")
    if wish.epochs and name not in IN_ROUNDS:
        raise BehaviourError(f"{name} is not trained in epochs.", f"Those that are: {', '.join(sorted(IN_ROUNDS))}.")
    return make(wish)
