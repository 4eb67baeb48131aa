"""The learned order in a shop's folder: taken up, given up, and never lost to a damaged file."""

from __future__ import annotations

import os
from pathlib import Path

from judged_trees import QUICK, WEIGHTS, accessories, pairs

from ranker.trees import Trees, grow
from retriever.learned_order import FILE, FRESH, LearnedOrder


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def some_trees(seed: int = 0) -> Trees:
    return grow(pairs(accessories(20, seed)), WEIGHTS, QUICK)


def test_a_shop_without_one_has_none(tmp_path: Path) -> None:
    assert LearnedOrder(tmp_path).current() is None


def test_another_process_takes_it_up_within_seconds_and_gives_it_up_again(tmp_path: Path) -> None:
    clock = Clock()
    serving = LearnedOrder(tmp_path, clock)
    assert serving.current() is None
    LearnedOrder(tmp_path).keep(some_trees())
    assert serving.current() is None
    clock.now += FRESH
    assert serving.current() is not None
    (tmp_path / FILE).unlink()
    clock.now += FRESH
    assert serving.current() is None


def test_a_damaged_file_changes_nothing_and_is_told(tmp_path: Path) -> None:
    clock = Clock()
    serving = LearnedOrder(tmp_path, clock)
    path = serving.keep(some_trees())
    good = serving.current()
    path.write_bytes(b"damaged")
    os.utime(path, (1, 1))
    clock.now += FRESH
    assert serving.current() is good
    assert "does not hold a learned order" in serving.fault
    LearnedOrder(tmp_path).keep(some_trees(1))
    clock.now += FRESH
    assert serving.current() is not good
    assert serving.fault == ""
