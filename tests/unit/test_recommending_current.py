"""What is known of a shop is read once, renewed beside the requests, and never lost to a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from recommended_goods import Good, crowd_of, goods_of

from ranker.behaviour.model import BehaviourModel, UnfitError
from ranker.behaviour.popularity import Popular
from retriever.errors import UnavailableError
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.current import LONGEST, Current, Readings
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.relations import Relations
from retriever.recommending.knowledge.traits import Trait


@dataclass
class Shop:
    """Records that can change and fail, and how often each part of them was read."""

    goods: list[Good] = field(default_factory=lambda: [Good("mug")])
    acts: int = 0
    fails: bool = False
    fit: bool = True
    read: list[str] = field(default_factory=list[str])
    time: float = 1_000.0
    jobs: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def _goods(self) -> Goods:
        self.read.append("goods")
        return goods_of(self.goods)

    def _crowd(self, goods: Goods) -> Crowd:
        self.read.append("crowd")
        return crowd_of(self.goods, events=self.acts)

    def _stamp(self) -> tuple[object, ...]:
        if self.fails:
            raise UnavailableError("The database cannot be used.")
        return tuple(good.id for good in self.goods)

    def _model(self, goods: Goods) -> BehaviourModel | None:
        if not self.fit:
            raise UnfitError("The model was made for another catalogue.")
        return Popular("popular", goods.ids, np.zeros(len(goods), np.float32))

    def current(self, **more: Any) -> Current:
        readings = Readings(
            goods=self._goods,
            relations=lambda: Relations({}),
            traits=lambda goods: (Trait("audience", ("women",), np.zeros(len(goods), np.int32)),),
            crowd=self._crowd,
            goods_stamp=self._stamp,
            acts_stamp=lambda: (self.acts,),
            model=more.pop("model", self._model),
        )
        start = more.pop("start", self.jobs.append)
        return Current(readings, clock=lambda: self.time, start=start, every=60, **more)

    def run(self) -> None:
        """Do what was started beside the requests."""
        while self.jobs:
            self.jobs.pop(0)()


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_the_first_use_reads_and_the_next_ones_do_not(shop: Shop) -> None:
    current = shop.current()

    assert current.known() is current.known()
    assert current.known().goods.ids == ("mug",)
    assert shop.read == ["goods", "crowd"]
    assert not shop.jobs


def test_a_request_gets_what_there_is_while_a_renewal_is_under_way(shop: Shop) -> None:
    current = shop.current()
    before = current.known()
    shop.goods.append(Good("tent"))
    shop.time += 61

    assert current.known() is before
    assert current.known() is before
    assert len(shop.jobs) == 1, "one renewal at a time"
    shop.run()
    assert current.known().goods.ids == ("mug", "tent")


def test_only_what_changed_is_read_again(shop: Shop) -> None:
    current = shop.current()
    before = current.known()
    shop.read.clear()
    shop.time += 61
    current.known()
    shop.run()
    assert shop.read == [], "nothing changed"

    shop.acts = 7
    shop.time += 61
    current.known()
    shop.run()
    assert shop.read == ["crowd"]
    assert current.known().goods is before.goods
    assert current.known().crowd.events == 7


def test_the_crowd_is_counted_again_after_a_while_though_nobody_did_anything(shop: Shop) -> None:
    current = shop.current()
    current.known()
    shop.read.clear()
    shop.time += LONGEST
    current.known()
    shop.run()

    assert shop.read == ["crowd"]


def test_what_was_known_stays_when_a_renewal_fails_and_it_is_tried_again_later(shop: Shop) -> None:
    current = shop.current()
    before = current.known()
    shop.goods.append(Good("tent"))
    shop.fails = True
    shop.time += 61
    current.known()
    shop.run()
    assert current.known() is before
    assert not shop.jobs, "not at once"

    shop.fails = False
    shop.time += 61
    current.known()
    shop.run()
    assert current.known().goods.ids == ("mug", "tent")


def test_a_shop_that_cannot_be_read_at_first_can_be_later(shop: Shop) -> None:
    current = shop.current()
    shop.fails = True
    with pytest.raises(UnavailableError):
        current.known()
    shop.fails = False

    assert current.known().goods.ids == ("mug",)


def test_a_new_model_is_taken_up_at_once_by_renew(shop: Shop) -> None:
    shop.fit = False
    current = shop.current()
    assert current.known().crowd.model is None, "the last good state serves, without a model here"
    shop.fit = True

    assert current.renew().crowd.model is not None
    assert current.known().crowd.model is not None
    assert shop.read == ["goods", "crowd"]


def test_a_model_whose_vectors_cannot_be_read_costs_nobody_a_request(shop: Shop) -> None:
    def unreachable(_: Goods) -> BehaviourModel:
        raise UnavailableError("The vector store cannot be used.")

    assert shop.current(model=unreachable).known().crowd.model is None


def test_a_model_for_other_goods_is_not_used(shop: Shop) -> None:
    current = shop.current(model=lambda goods: Popular("other", ("x",), np.zeros(1, np.float32)))

    assert current.known().crowd.model is None


def test_a_slow_shop_is_read_less_often(shop: Shop) -> None:
    def slow(goods: Goods) -> None:
        shop.time += 100

    current = shop.current(model=slow)
    current.known()
    shop.time += 600
    current.known()
    assert not shop.jobs
    shop.time += 1_500
    current.known()
    assert len(shop.jobs) == 1


def test_closing_waits_for_the_renewal_under_way_and_lets_no_other_start(shop: Shop) -> None:
    current = shop.current()
    current.known()
    shop.time += 61
    current.known()
    closing = threading.Thread(target=current.close)
    closing.start()
    shop.run()
    closing.join(timeout=10)
    assert not closing.is_alive()

    shop.time += 61
    current.known()
    assert not shop.jobs


def test_a_renewal_that_cannot_be_started_is_tried_again_later(shop: Shop) -> None:
    threads = [0]

    def start(job: Callable[[], None]) -> None:
        if not threads[0]:
            raise RuntimeError("can't start new thread")
        shop.jobs.append(job)

    current = shop.current(start=start)
    before = current.known()
    shop.goods.append(Good("tent"))
    shop.time += 61
    assert current.known() is before
    threads[0] = 1
    shop.time += 61
    current.known()
    shop.run()
    assert current.known().goods.ids == ("mug", "tent")
    current.close()


def test_many_requests_at_the_start_read_once(shop: Shop) -> None:
    current = shop.current()
    threads = [threading.Thread(target=current.known) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert shop.read == ["goods", "crowd"]


def test_goods_that_are_not_the_known_ones_any_more_are_divided_by_what_their_columns_say(shop: Shop) -> None:
    current = shop.current()
    before = current.known().goods
    assert [trait.id for trait in current.traits(before)] == ["audience"]

    shop.goods.append(Good("tent"))
    after = current.renew().goods

    assert [trait.id for trait in current.traits(after)] == ["audience"]
    assert {len(trait.column) for trait in current.traits(before)} == {len(before)}
