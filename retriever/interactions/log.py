"""Acts of people as columns of numbers: a year of a shop's events fits into memory and is sorted in a second."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

KINDS = ("view", "click", "add_to_cart", "purchase", "rate")
"""The kinds of act that are about an item. A search is about none, and is kept for search."""

PURCHASE = KINDS.index("purchase")
RATE = KINDS.index("rate")
LOOKS = (KINDS.index("view"), KINDS.index("click"))

_CODES = {kind: code for code, kind in enumerate(KINDS)}
_UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did with an item.

    Attributes:
        person: a customer's id, or ``session:`` and the session's where nobody had signed in.
        kind: one of KINDS.
        at: seconds since 1970.
        dwell: seconds that a view lasted; ``None`` where nobody measured.
        stars: what a rating says, from 0 to 5.
    """

    person: str
    kind: str
    item: str
    at: float
    dwell: float | None = None
    stars: float | None = None


@dataclass(frozen=True, eq=False)
class Log:
    """Acts, ordered by person and time whatever order they came in. Acts of the same time are ordered by kind and item.

    ``person``, ``item`` and ``kind`` are places in ``people``, ``items`` and KINDS; unknown dwell and stars are NaN.
    """

    people: tuple[str, ...]
    items: tuple[str, ...]
    person: NDArray[np.int32]
    item: NDArray[np.int32]
    kind: NDArray[np.int8]
    at: NDArray[np.float64]
    dwell: NDArray[np.float32]
    stars: NDArray[np.float32]

    @classmethod
    def of(cls, acts: Iterable[Act]) -> Self:
        """The log of these acts."""
        people: dict[str, int] = {}
        items: dict[str, int] = {}
        person, item, kind, at, dwell, stars = (array(code) for code in "iibdff")
        for act in acts:
            person.append(people.setdefault(act.person, len(people)))
            item.append(items.setdefault(act.item, len(items)))
            kind.append(_CODES[act.kind])
            at.append(act.at)
            dwell.append(_UNKNOWN if act.dwell is None else act.dwell)
            stars.append(_UNKNOWN if act.stars is None else act.stars)
        log = cls(
            people=tuple(sorted(people)),
            items=tuple(sorted(items)),
            person=_by_name(np.frombuffer(person, np.int32), people),
            item=_by_name(np.frombuffer(item, np.int32), items),
            kind=np.frombuffer(kind, np.int8),
            at=np.frombuffer(at, np.float64),
            dwell=np.frombuffer(dwell, np.float32),
            stars=np.frombuffer(stars, np.float32),
        )
        # Of the same act told twice the one with the longer dwell comes first, and is the one that stays.
        order = np.lexsort((-np.nan_to_num(log.stars, nan=-1), -np.nan_to_num(log.dwell, nan=-1), log.item, log.kind))
        order = order[np.lexsort((log.at[order], log.person[order]))]
        return log.only(order)

    def __len__(self) -> int:
        return len(self.at)

    def only(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """The log of these rows alone, by mask or by place."""
        return type(self)(
            self.people,
            self.items,
            self.person[rows],
            self.item[rows],
            self.kind[rows],
            self.at[rows],
            self.dwell[rows],
            self.stars[rows],
        )

    def runs(self) -> list[tuple[str, slice]]:
        """Each person who has acts here, with the place of theirs."""
        bounds = [*np.flatnonzero(np.diff(self.person, prepend=-1)).tolist(), len(self)]
        return [(self.people[self.person[start]], slice(start, end)) for start, end in pairwise(bounds)]


def _by_name(codes: NDArray[np.int32], names: dict[str, int]) -> NDArray[np.int32]:
    """Codes in the order of the names, which is the same in whatever order the acts came."""
    place = np.empty(len(names), np.int32)
    for rank, name in enumerate(sorted(names)):
        place[names[name]] = rank
    return place[codes]
