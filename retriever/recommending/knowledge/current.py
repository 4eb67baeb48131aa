"""The goods and the crowd as they are now: read at first use, and again beside the requests when they have changed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ranker.behaviour.model import BehaviourError, BehaviourModel
from retriever.database import Database
from retriever.errors import ShopwiseError
from retriever.recommending.beside import Start, beside, started
from retriever.recommending.knowledge.counted_apart import CountedApart
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.goods_reading import Stamp, acts_stamp, goods_stamp, read_goods
from retriever.recommending.knowledge.relations import Relations, read_relations
from retriever.recommending.knowledge.traits import Trait, plain_traits, read_traits

EVERY = 60.0  # seconds between two looks at whether anything has changed
SHARE = 20.0  # times as long as the last renewal took, at least, until the next one: it takes a core from requests
LONGEST = 3_600.0  # seconds after which the crowd is counted again though nobody did anything: weights fade
logger = logging.getLogger(__name__)

Model = Callable[[Goods], BehaviourModel | None]


@dataclass(frozen=True, eq=False)
class Known:
    """What was known of the shop when it was read last; one whole, whose rows belong together."""

    goods: Goods
    crowd: Crowd
    relations: Relations
    traits: tuple[Trait, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """How each part is read.

    Attributes:
        goods, relations, traits, crowd: the parts.
        goods_stamp, acts_stamp: what differs from before when goods, or acts of people, have changed.
        model: that scores next products, if there is one for these goods; it may fail with a BehaviourError.
        stop: ends what is being read, as far as that takes long; nothing is read any more afterwards.
    """

    goods: Callable[[], Goods]
    relations: Callable[[], Relations]
    traits: Callable[[Goods], tuple[Trait, ...]]
    crowd: Callable[[Goods], Crowd]
    goods_stamp: Callable[[], Stamp]
    acts_stamp: Callable[[], Stamp]
    model: Model
    stop: Callable[[], None] = lambda: None

    @classmethod
    def of(
        cls,
        database: Database,
        currency: str,
        model: Model,
        counted: CountedApart,
        clock: Callable[[], float] = time.time,
    ) -> Readings:
        """Those of a shop's records, priced in its currency; ``clock`` gives seconds since 1970."""
        return cls(
            goods=lambda: read_goods(database, currency),
            relations=lambda: read_relations(database),
            traits=lambda goods: read_traits(database, goods),
            crowd=lambda goods: counted.read(goods, clock()),
            goods_stamp=lambda: goods_stamp(database),
            acts_stamp=lambda: acts_stamp(database),
            model=model,
            stop=counted.stop,
        )


@dataclass(frozen=True, eq=False)
class _Held:
    """What is known, of which state of the records, and when it was read."""

    known: Known
    goods_stamp: Stamp
    acts_stamp: Stamp
    read_at: float


class Current:
    """Holds what is known of a shop. Safe to share between threads; only the very first request waits for it.

    Args:
        readings: how its parts are read.
        clock: seconds that only ever grow.
        start: starts a job beside the caller, and returns at once.
        every: seconds between two looks at whether anything has changed.
    """

    def __init__(
        self,
        readings: Readings,
        *,
        clock: Callable[[], float] = time.monotonic,
        start: Start | None = None,
        every: float = EVERY,
    ) -> None:
        self._read = readings
        self._clock = clock
        self._start = start or beside("crowd")
        self._every = every
        self._building = threading.Lock()  # held by whoever reads, which is one at a time
        self._state = threading.Condition()  # guards what is below
        self._held: _Held | None = None
        self._next = 0.0
        self._under_way = False
        self._closed = False

    def known(self) -> Known:
        """What is known now; a renewal that is due is started, and not waited for.

        Raises:
            ShopwiseError: at first use, if the records cannot be read.
        """
        held = self._held
        if held is None:
            return self._first()
        with self._state:
            due = not (self._closed or self._under_way) and self._clock() >= self._next
            if due:
                self._under_way = True
        if due and not started(self._start, self._background, "the renewal of the crowd"):
            self._finished()
        return held.known

    def traits(self, goods: Goods) -> tuple[Trait, ...]:
        """The ways to divide these goods; only the plain ones while they are not the goods that are known."""
        known = self.known()
        return known.traits if known.goods is goods else plain_traits(goods)

    def renew(self) -> Known:
        """Read again what has changed, the model in any case, and wait for it: for use after training, and by tests.

        Raises:
            ShopwiseError: if the records cannot be read; what was known before stays.
        """
        with self._building:
            return self._renewed()

    def close(self) -> None:
        """Start no more renewals, and end the one that is under way, which uses the records."""
        with self._state:
            self._closed = True
        self._read.stop()
        with self._state:
            self._state.wait_for(lambda: not self._under_way)

    def _first(self) -> Known:
        with self._building:
            return self._held.known if self._held is not None else self._renewed()

    def _background(self) -> None:
        try:
            self.renew()
        except ShopwiseError as error:
            logger.warning("the goods and the crowd stay as they were: %s", error)
        finally:
            self._finished()

    def _finished(self) -> None:
        with self._state:
            self._next = max(self._next, self._clock() + self._every)
            self._under_way = False
            self._state.notify_all()

    def _renewed(self) -> Known:
        begun = self._clock()
        held = self._parts(self._held, begun)
        took = self._clock() - begun
        with self._state:
            self._held = held
            self._next = self._clock() + max(self._every, SHARE * took)
        return held.known

    def _parts(self, before: _Held | None, now: float) -> _Held:
        """Each part anew if it has changed. Stamps are read first: what changes meanwhile is seen the next time."""
        goods_stamp, acts_stamp = self._read.goods_stamp(), self._read.acts_stamp()
        if before is not None and before.goods_stamp == goods_stamp:
            goods, relations, traits = before.known.goods, before.known.relations, before.known.traits
        else:
            goods, relations = self._read.goods(), self._read.relations()
            traits = self._read.traits(goods)
        counted = before is not None and goods is before.known.goods and before.acts_stamp == acts_stamp
        if before is not None and counted and now - before.read_at < LONGEST:
            crowd, read_at = before.known.crowd, before.read_at
        else:
            crowd, read_at = self._read.crowd(goods), now
        crowd = replace(crowd, model=self._model(goods))
        return _Held(Known(goods, crowd, relations, traits), goods_stamp, acts_stamp, read_at)

    def _model(self, goods: Goods) -> BehaviourModel | None:
        try:
            model = self._read.model(goods)
        except (BehaviourError, ShopwiseError) as error:  # of the model, or of the vectors that it reads
            logger.warning("recommendations do without a behaviour model: %s", error)
            return None
        if model is not None and tuple(model.items) != goods.ids:
            logger.warning("the behaviour model %s is for other goods; recommendations do without it", model.name)
            return None
        return model
