"""The steps of an epoch: which groups, and which of their products. The same seed gives the same steps."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ranker.cross.recipe import Recipe
from ranker.cross.scoring import Pair, Pairs
from ranker.groups import Group


@dataclass(frozen=True, slots=True)
class Draw:
    """Some products of a group, ready for one step."""

    pairs: tuple[Pair, ...]
    gains: tuple[float, ...]
    weights: tuple[float, ...]


def useful(groups: Sequence[Group], recipe: Recipe) -> list[Group]:
    """The groups that the recipe's loss can learn from: only pointwise does one gain say anything."""
    return [group for group in groups if recipe.loss == "bce" or not group.flat]


def steps_an_epoch(groups: Sequence[Group], recipe: Recipe) -> int:
    """How many steps see every group once."""
    return -(-len(groups) // recipe.groups)


def epoch_order(count: int, recipe: Recipe, epoch: int) -> list[int]:
    """The groups of an epoch in the order they are learned."""
    order = list(range(count))
    random.Random(f"{recipe.seed} {epoch}").shuffle(order)  # noqa: S311 (no secret)
    return order


def step_draws(groups: Sequence[Group], pairs: Pairs, recipe: Recipe, step: int) -> list[Draw]:
    """What a step (counted from 0 over all epochs) learns from; it depends on nothing but the recipe and the step."""
    epoch, place = divmod(step, steps_an_epoch(groups, recipe))
    order = epoch_order(len(groups), recipe, epoch)
    rows = order[place * recipe.groups : (place + 1) * recipe.groups]
    return [_draw(groups[row], pairs, recipe, f"{recipe.seed} {epoch} {row}") for row in rows]


def sample(gains: Sequence[float], count: int, dice: random.Random) -> list[int]:
    """At most ``count`` products: up to half of them the good ones, so that there is something to tell apart."""
    if len(gains) <= count:
        return list(range(len(gains)))
    good = [row for row, gain in enumerate(gains) if gain > min(gains)]
    rest = [row for row, gain in enumerate(gains) if gain == min(gains)]
    dice.shuffle(good)
    dice.shuffle(rest)
    kept = max(count // 2, count - len(rest))
    chosen = good[:kept]
    return sorted([*chosen, *rest[: count - len(chosen)]])


def _draw(group: Group, pairs: Pairs, recipe: Recipe, seed: str) -> Draw:
    rows = sample(group.gains, recipe.docs, random.Random(seed))  # noqa: S311 (no secret)
    return Draw(
        pairs=tuple(pairs.encode(group.query, [group.texts[row] for row in rows])),
        gains=tuple(group.gains[row] for row in rows),
        weights=tuple(group.weights[row] for row in rows),
    )
