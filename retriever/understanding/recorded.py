"""Synonyms of a shop's records: learned at the first question and anew after an import."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Protocol

from sqlalchemy import select

from ranker.encoder import Encoder
from retriever.database import Database
from retriever.records import EventRecord, ProductRecord
from retriever.spelling import RecordedWords
from retriever.understanding.synonyms import Expansion, Goods, Table, learn

CLICKS = 50_000  # the latest ones that are read
FRESH = 1.0  # seconds for which nobody asks again whether something was imported


class Source(Protocol):
    """Where synonyms come from."""

    def state(self) -> object:
        """Something that is another one once there may be others; cheap to ask for."""
        ...

    def read(self) -> Table:
        """What can be learned now."""
        ...


class RecordedGoods:
    """The goods and clicks of a shop. Every method raises UnavailableError when they cannot be read.

    Args:
        database: the shop's records.
        encoder: what confirms alternatives; without it none are learned.
    """

    def __init__(self, database: Database, encoder: Encoder | None = None) -> None:
        self._database = database
        self._encoder = encoder

    def state(self) -> object:
        """How many feeds there are and when the last one was imported."""
        return RecordedWords(self._database).state()

    def read(self) -> Table:
        """Learn from all products and the latest clicks."""
        held = ProductRecord
        with self._database.session() as session:
            rows = session.execute(select(held.title, held.description, held.brand, held.texts))
            goods = [
                Goods(title, description, brand, {name: str(words.get("title", "")) for name, words in texts.items()})
                for title, description, brand, texts in rows
            ]
            latest = (
                select(EventRecord.value, EventRecord.product_id)
                .where(EventRecord.kind == "click")
                .order_by(EventRecord.at.desc())
                .limit(CLICKS)
            )
            clicks = [(str(value.get("query", "")), product_id) for value, product_id in session.execute(latest)]
        return learn(goods, [click for click in clicks if click[0]], self._encoder)


class Synonyms:
    """The synonyms of a shop as they are now. Safe to share.

    Args:
        source: where they come from, for example ``RecordedGoods``.
        clock: seconds, for how often ``source`` is asked whether it has changed.
    """

    def __init__(self, source: Source, clock: Callable[[], float] = monotonic) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[object, Table] | None = None
        self._asked = 0.0

    def expand(self, words: Sequence[str]) -> tuple[Expansion, ...]:
        """Other wordings of the phrases of a query, in its order.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        return self.table().expand(words)

    def translations(self, word: str) -> Sequence[str]:
        """A folded word or phrase in the other language, as the bilingual goods have it. Raises UnavailableError."""
        return self.table().translations(word)

    def languages(self) -> frozenset[str]:
        """The languages that the goods are written in. Raises UnavailableError."""
        return self.table().languages

    def table(self) -> Table:
        """What is known now. Raises UnavailableError."""
        known, now = self._known, self._clock()
        if known is not None and now - self._asked < FRESH:
            return known[1]
        state = self._source.state()
        if known is not None and known[0] == state:
            self._asked = now
            return known[1]
        # The first one is waited for; while a new one is made, the others go on with the old.
        if not self._lock.acquire(blocking=known is None):
            return known[1] if known else self.table()
        try:
            if self._known is None or self._known[0] != state:
                self._known = (state, self._source.read())
            self._asked = now
            return self._known[1]
        finally:
            self._lock.release()
