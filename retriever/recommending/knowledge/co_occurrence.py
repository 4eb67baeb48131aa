"""Which products the same people took: counted over pairs, and a few neighbours kept of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.knowledge.crowd import Together

AT_ONCE = 2_048  # products whose neighbours are found in one step
TOLD_BY = 10  # products of a list by which it is told how much it finds

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Caps:
    """What keeps the pairs few, and worth keeping.

    Attributes:
        last: products of each person that count, the last ones: who takes thousands says little of any two of them.
        neighbours: kept of each product.
        people: fewer of them are a coincidence.
        shrink: added below the cosine's fraction line, so that pairs of few people are less near.
    """

    last: int = 50
    neighbours: int = 50
    people: int = 2
    shrink: float = 10.0


def nobody_together(products: int) -> Together:
    """No neighbours at all."""
    return Together(
        np.zeros(products + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32)
    )


def taken_together(
    person: Rows, row: Rows, at: NDArray[np.float64], products: int, caps: Caps | None = None
) -> Together:
    """The nearest neighbours of each product.

    Args:
        person: who took something: any numbers, one an act.
        row: what was taken.
        at: when.
        products: how many there are.
        caps: what keeps the pairs few.
    """
    from scipy.sparse import csr_matrix

    caps = caps or Caps()
    person, row = _last_of_each(person, row, at, products, caps.last)
    if not len(row):
        return nobody_together(products)
    people, place = np.unique(person, return_inverse=True)
    ones = np.ones(len(row), np.int32)
    taken = csr_matrix((ones, (place, row)), shape=(len(people), products))
    by_product = taken.T.tocsr()
    many = np.bincount(row, minlength=products).astype(np.float64)
    known = np.flatnonzero(many >= caps.people)
    parts = [
        _nearest(by_product[some] @ taken, some, many, caps)
        for some in (known[start : start + AT_ONCE] for start in range(0, len(known), AT_ONCE))
    ]
    if not parts:
        return nobody_together(products)
    first, second, count, score = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    start = np.zeros(products + 1, np.int64)
    np.cumsum(np.bincount(first, minlength=products), out=start[1:])
    return Together(start, second.astype(np.int32), count.astype(np.int32), score.astype(np.float32))


def how_telling(
    person: Rows, row: Rows, at: NDArray[np.float64], products: int, together: Together, caps: Caps | None = None
) -> float:
    """How much a product says of what else its takers take, beside what everybody takes: from 0 to 1.

    Of the ten nearest neighbours of a product its takers took so many, and of the ten products that most people took
    anybody took so many; it is the odds of the squares of the two. Where all buy milk and bread it is near 0.

    Args:
        person: who took something, one an act, as for ``taken_together``.
        row: what was taken.
        at: when.
        products: how many there are.
        together: what ``taken_together`` made of them.
        caps: the same as there.

    Returns:
        1 where no product has neighbours, as nothing is known of it then.
    """
    caps = caps or Caps()
    if not len(together.row):
        return 1.0
    person, row = _last_of_each(person, row, at, products, caps.last)
    many = np.bincount(row, minlength=products).astype(np.float64)
    first = np.repeat(np.arange(products), np.diff(together.start))
    near = np.arange(len(first)) - together.start[first] < TOLD_BY
    first, count = first[near], together.count[near]
    by_product = np.bincount(first, count / (many[first] + caps.shrink), minlength=products)
    own = float(by_product @ many) / float(many.sum())
    common = float(np.sort(many)[-TOLD_BY:].sum()) / len(np.unique(person))
    return own**2 / (own**2 + common**2)


def _last_of_each(person: Rows, row: Rows, at: NDArray[np.float64], products: int, last: int) -> tuple[Rows, Rows]:
    """Each person's last products, each product once."""
    order = np.lexsort((row, -at, person))  # a person's latest acts come first
    person, row = person[order], row[order]
    first = np.sort(np.unique(person * products + row, return_index=True)[1])
    person, row = person[first], row[first]
    rank = np.arange(len(person)) - np.searchsorted(person, person)
    return person[rank < last], row[rank < last]


def _nearest(counts: Any, rows: Rows, many: NDArray[np.float64], caps: Caps) -> tuple[Rows, Rows, Rows, NDArray[Any]]:
    """Row, neighbour, people and score, ordered by row and nearness."""
    pairs = counts.tocoo()
    first, second, count = rows[pairs.row], pairs.col.astype(np.int64), pairs.data.astype(np.int64)
    kept = (first != second) & (count >= caps.people)
    first, second, count = first[kept], second[kept], count[kept]
    score = count / (np.sqrt(many[first] * many[second]) + caps.shrink)
    order = np.lexsort((second, -score, first))
    first, second, count, score = first[order], second[order], count[order], score[order]
    near = np.arange(len(first)) - np.searchsorted(first, first) < caps.neighbours
    return first[near], second[near], count[near], score[near]
