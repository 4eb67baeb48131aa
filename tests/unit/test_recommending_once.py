"""What follows from things that do not change is worked out once."""

from __future__ import annotations

import gc
from dataclasses import dataclass

from retriever.recommending.once import Once


@dataclass(frozen=True, eq=False)
class Thing:
    size: int


def test_the_same_things_are_worked_out_once_and_others_anew() -> None:
    made: list[tuple[int, int]] = []

    @Once
    def total(one: Thing, other: Thing) -> int:
        made.append((one.size, other.size))
        return one.size + other.size

    goods, crowd = Thing(1), Thing(2)

    assert [total(goods, crowd), total(goods, crowd)] == [3, 3]
    assert made == [(1, 2)]
    assert total(Thing(5), crowd) == 7, "the crowd is the same, the goods are others"
    assert total(goods, Thing(2)) == 3
    assert made == [(1, 2), (5, 2), (1, 2)]


def test_it_is_forgotten_with_the_last_of_the_things() -> None:
    made: list[int] = []

    @Once
    def doubled(one: Thing) -> list[int]:
        made.append(one.size)
        return [2 * one.size]

    for size in range(3):
        assert doubled(Thing(size)) == [2 * size]
        gc.collect()

    assert made == [0, 1, 2], "a thing in the place of one that is gone is another one"
