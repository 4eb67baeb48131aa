"""People whose next step is known: each walks around one of three circles of goods."""

from __future__ import annotations

import random

import numpy as np

from ranker.behaviour.model import Event, History, Items

CIRCLES = {kind: [f"{kind}{n}" for n in range(6)] for kind in ("lamp", "tent", "mug")}
FAVOURITE = "lamp0"  # that everybody of the lamps begins with, and there are twice as many of them
NEW = ("tent new", "mug new")  # that nobody has taken yet, described like the others of their kind
UNKNOWN = "gone long ago"
DAY = 86_400.0


def planted_items() -> Items:
    """The goods with vectors of their kind, each a little different."""
    dice = np.random.default_rng(3)
    ids = (*(id for circle in CIRCLES.values() for id in circle), *NEW)
    kinds = {kind: dice.normal(size=16) for kind in CIRCLES}
    vectors = np.array([next(v for kind, v in kinds.items() if id.startswith(kind)) for id in ids])
    vectors = vectors + 0.3 * dice.normal(size=vectors.shape)
    return Items(ids, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32))


def walk(kind: str, start: int, steps: int) -> History:
    """A step a day around a circle."""
    circle = CIRCLES[kind]
    return [Event(circle[(start + step) % len(circle)], step * DAY) for step in range(steps)]


def planted_histories(people: int = 40) -> list[History]:
    """Walks of up to four steps, so that nobody sees a whole circle."""
    dice = random.Random(5)
    walks = [walk(kind, dice.randrange(6), dice.randint(2, 4)) for kind in CIRCLES for _ in range(people)]
    return [*walks, *(walk("lamp", 0, dice.randint(1, 2)) for _ in range(people))]
