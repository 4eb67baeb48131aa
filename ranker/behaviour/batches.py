"""Sequences in batches of like length, so that hardly any padding is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ranker.behaviour.columns import Places

if TYPE_CHECKING:
    from torch import Tensor

PLACES = 10  # of a person, on average, at most in one batch: bounds the memory that a batch of long histories takes
NEAR = 24  # batches that are sorted by length together: enough to save padding, few enough to stay random


@dataclass(frozen=True)
class Trail:
    """One person's items, as rows of the network's table, and how much each event says."""

    rows: Places
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Some people's sequences.

    Attributes:
        rows: people by places; 0 where padded.
        real: the places, in ``rows`` laid flat, whose next event is known.
        targets: that event's item.
        weights: of that event.
    """

    rows: Tensor
    real: Tensor
    targets: Tensor
    weights: Tensor


def padded(sequences: Sequence[Places]) -> Tensor:
    """Sequences in one array, filled up with 0 at the end."""
    import torch

    rows = np.zeros((len(sequences), max(map(len, sequences))), dtype=np.int64)
    for row, sequence in zip(rows, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(rows)


def batches(sequences: Sequence[Trail], size: int, length: int, seed: int) -> Iterator[Batch]:
    """One epoch, in an order that the seed decides; of a long sequence a stretch is drawn."""
    dice = np.random.default_rng(seed)
    order = dice.permutation(len(sequences))
    sizes = np.array([min(len(each.rows), length + 1) for each in sequences])
    groups: list[NDArray[np.int64]] = []
    for start in range(0, len(order), size * NEAR):
        near = order[start : start + size * NEAR]
        groups += _grouped(near[np.argsort(sizes[near], kind="stable")], sizes, size)
    for group in dice.permutation(len(groups)):
        yield _batch([_stretch(sequences[person], length + 1, dice) for person in groups[group]])


def _grouped(people: NDArray[np.int64], sizes: NDArray[np.int64], size: int) -> Iterator[NDArray[np.int64]]:
    start = 0
    while start < len(people):
        places = np.cumsum(sizes[people[start : start + size]])
        end = start + max(1, int((places <= size * PLACES).sum()))
        yield people[start:end]
        start = end


def _stretch(sequence: Trail, length: int, dice: np.random.Generator) -> Trail:
    over = len(sequence.rows) - length
    if over <= 0:
        return sequence
    start = int(dice.integers(over + 1))
    return Trail(sequence.rows[start : start + length], sequence.weights[start : start + length])


def _batch(sequences: Sequence[Trail]) -> Batch:
    import torch

    rows = padded([each.rows[:-1] for each in sequences])
    width = rows.shape[1]
    real = [start * width + np.arange(len(each.rows) - 1) for start, each in enumerate(sequences)]
    return Batch(
        rows,
        torch.from_numpy(np.concatenate(real)),
        torch.from_numpy(np.concatenate([each.rows[1:] for each in sequences])),
        torch.from_numpy(np.concatenate([each.weights[1:] for each in sequences])),
    )
