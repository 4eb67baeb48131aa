"""Synonyms of a shop's records: learned at the first question and anew after an import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from sqlalchemy import select

from ranker.encoder import Encoder
from retriever.database import Database
from retriever.kept import Kept, Source, imports
from retriever.records import EventRecord, ProductRecord
from retriever.understanding.synonyms import Expansion, Goods, Table, learn

CLICKS = 50_000  # the latest ones that are read
FRESH = 1.0  # seconds for which nobody asks again whether something was imported


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
        return imports(self._database)

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

    def __init__(self, source: Source[Table], clock: Callable[[], float] = monotonic) -> None:
        self._known = Kept(source, FRESH, clock)

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
        return self._known.get()
