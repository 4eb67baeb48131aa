"""Judged queries with made-up signals, in which there is something that only trees can find."""

from __future__ import annotations

import numpy as np

from ranker.order_training import JudgedSignals
from ranker.signals import Column, Signals, Weights
from ranker.trees import Growth

SIZE = 24
WEIGHTS = Weights({"lexical": 1.0})
LETTERS = "abcdefghijklmnopqrstuvwxyz"
QUICK = Growth(trees=60, rows=1, least=10, rate=0.2)


def accessories(number: int, seed: int = 0) -> list[JudgedSignals]:
    """Queries whose answers have the words in the title's beginning or the asked colour, but never just one other."""
    dice = np.random.default_rng(seed)
    found: list[JudgedSignals] = []
    for query in range(number):
        values = {
            "lexical": dice.normal(size=SIZE),
            "opening": dice.random(SIZE),
            "colour": dice.choice([-1.0, 0.0, 1.0], SIZE),
        }
        # An exclusive or: no weighted sum orders by it.
        good = (values["opening"] > 0.5) != (values["colour"] > 0)
        signals = Signals(tuple(f"{query}-{place}" for place in range(SIZE)), values, (True,) * SIZE)
        found.append(JudgedSignals(f"{LETTERS[query % 26] * 9} number {query}", signals, good * 1.0))
    return found


def pairs(judged: list[JudgedSignals]) -> list[tuple[Signals, Column]]:
    return [(one.signals, one.gains) for one in judged]
