"""What is learned from records is read once, anew after an import, and never keeps a query waiting twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from retriever.errors import UnavailableError
from retriever.kept import Kept


class Shop:
    """Something to learn that counts its readings; ``slow`` holds a reading up until it is set."""

    def __init__(self) -> None:
        self.imports = 1
        self.reads = 0
        self.asked = 0
        self.slow = threading.Event()
        self.slow.set()
        self.reading = threading.Event()
        self.down = False

    def state(self) -> object:
        self.asked += 1
        return self.imports

    def read(self) -> str:
        if self.down:
            raise UnavailableError("The database does not answer.")
        self.reads += 1
        self.reading.set()
        assert self.slow.wait(10)
        return f"import {self.imports}"


def test_it_is_read_once_and_again_after_an_import() -> None:
    shop = Shop()
    kept = Kept(shop)
    assert [kept.get(), kept.get()] == ["import 1", "import 1"]
    shop.imports = 2
    assert [kept.get(), kept.get()] == ["import 2", "import 2"]
    assert shop.reads == 2


def test_nobody_asks_more_often_than_wanted() -> None:
    shop, now = Shop(), [0.0]
    kept = Kept(shop, every=1.0, clock=lambda: now[0])
    for _ in range(5):
        kept.get()
    assert shop.asked == 1
    now[0] = 1.0
    kept.get()
    assert shop.asked == 2


def test_while_a_new_one_is_read_the_others_go_on_with_the_old() -> None:
    shop = Shop()
    kept = Kept(shop)
    kept.get()
    shop.imports = 2
    shop.slow.clear()
    shop.reading.clear()
    with ThreadPoolExecutor(1) as pool:
        newer = pool.submit(kept.get)
        assert shop.reading.wait(10)
        assert kept.get() == "import 1"
        shop.slow.set()
        assert newer.result(10) == "import 2"
    assert kept.get() == "import 2"


def test_what_takes_long_is_read_in_the_background() -> None:
    shop, now = Shop(), [0.0]

    def clock() -> float:  # of each reading two seconds pass
        now[0] += 2.0
        return now[0]

    kept = Kept(shop, clock=clock, patience=1.0)
    assert kept.get() == "import 1", "the first one is waited for"
    shop.imports = 2
    shop.slow.clear()
    shop.reading.clear()
    assert kept.get() == "import 1"
    assert shop.reading.wait(10)
    assert [kept.get(), kept.get()] == ["import 1", "import 1"]
    shop.slow.set()
    kept.settled(10)
    assert kept.get() == "import 2"
    assert shop.reads == 2


def test_a_failed_reading_in_the_background_is_tried_again() -> None:
    shop = Shop()
    kept = Kept(shop, patience=-1.0)
    kept.get()
    shop.imports, shop.down = 2, True
    assert kept.get() == "import 1"
    kept.settled(10)
    shop.down = False
    assert kept.get() == "import 1"
    kept.settled(10)
    assert kept.get() == "import 2"


def test_the_first_one_is_waited_for_and_read_by_one_alone() -> None:
    shop = Shop()
    kept = Kept(shop)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: kept.get(), range(8))) == {"import 1"}
    assert shop.reads == 1


def test_a_failed_reading_leaves_the_old_and_is_tried_again() -> None:
    shop = Shop()
    kept = Kept(shop)
    kept.get()
    shop.imports, shop.down = 2, True
    with pytest.raises(UnavailableError):
        kept.get()
    shop.down = False
    assert kept.get() == "import 2"
