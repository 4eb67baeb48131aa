"""The steps of an epoch: which queries, and which of their products. The same seed gives the same steps."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ranker.bi.recipe import EncoderRecipe
from ranker.cross.batches import sample
from ranker.groups import Group

Known = Mapping[str, Mapping[str, tuple[float, float]]]  # query, text: gain and weight


@dataclass(frozen=True, slots=True)
class Step:
    """What one step looks at: queries, and the different texts of the products drawn for them."""

    queries: tuple[str, ...]
    texts: tuple[str, ...]


def useful(groups: Sequence[Group], recipe: EncoderRecipe) -> list[Group]:
    """The groups that teach something: with a good product, and for the graded loss alone with a worse one too."""
    return [group for group in groups if max(group.gains) > 0 and (recipe.share < 1 or not group.flat)]


def known_gains(groups: Sequence[Group]) -> Known:
    """What is known of each query, in whichever groups: a product that answers it is never its negative.

    A text is known by its words: the same product may come under two names.
    """
    known: dict[str, dict[str, tuple[float, float]]] = {}
    for group in groups:
        of_query = known.setdefault(group.query, {})
        for text, gain, weight in zip(group.texts, group.gains, group.weights, strict=True):
            of_query[text] = max(of_query.get(text, (gain, weight)), (gain, weight))
    return known


def steps_an_epoch(groups: Sequence[Group], recipe: EncoderRecipe) -> int:
    """How many steps see every group once."""
    return -(-len(groups) // recipe.groups)


def step_at(groups: Sequence[Group], recipe: EncoderRecipe, number: int) -> Step:
    """A step, counted from 0 over all epochs; it depends on nothing but the groups, the recipe and the number."""
    epoch, place = divmod(number, steps_an_epoch(groups, recipe))
    order = list(range(len(groups)))
    random.Random(f"{recipe.seed} {epoch}").shuffle(order)  # noqa: S311 (no secret)
    rows = order[place * recipe.groups : (place + 1) * recipe.groups]
    texts: dict[str, None] = {}
    for row in rows:
        dice = random.Random(f"{recipe.seed} {epoch} {row}")  # noqa: S311 (no secret)
        texts |= dict.fromkeys(groups[row].texts[column] for column in sample(groups[row].gains, recipe.docs, dice))
    return Step(tuple(dict.fromkeys(groups[row].query for row in rows)), tuple(texts))
