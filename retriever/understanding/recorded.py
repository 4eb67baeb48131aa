"""Other words for those of a query: learned from a shop's records, and those that its owner has written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

from sqlalchemy import select
from sqlalchemy.orm import Session

from retriever.database import Database, among
from retriever.feeds.feed import Progress, silent
from retriever.kept import KeptFile, Source, imports
from retriever.records import EventRecord, ProductRecord
from retriever.understanding.own_synonyms import OwnSynonyms
from retriever.understanding.synonyms import Expansion, Goods, Table, learn

CLICKS = 50_000  # the latest ones that are read
READ = 5_000  # products that are read at once
MOST = 100_000  # products that are read: of more, as many at even distances
FRESH = 1.0  # seconds for which nobody asks again whether something was imported
LEARNED = "synonyms.json"  # in the shop's folder


class RecordedGoods:
    """The goods and clicks of a shop. Every method raises UnavailableError when they cannot be read.

    Args:
        database: the shop's records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> object:
        """How many feeds there are and when the last one was imported."""
        return imports(self._database)

    def read(self) -> Table:
        """Learn from the products and the latest clicks."""
        with self._database.session() as session:
            goods = list(self._goods(session))
            latest = (
                select(EventRecord.value, EventRecord.product_id)
                .where(EventRecord.kind == "click")
                .order_by(EventRecord.at.desc())
                .limit(CLICKS)
            )
            clicks = [(str(value.get("query", "")), product_id) for value, product_id in session.execute(latest)]
        return learn(goods, [click for click in clicks if click[0]])

    def _goods(self, session: Session) -> Iterator[Goods]:
        held = ProductRecord
        ids = list(session.scalars(select(held.id).order_by(held.id)))
        ids = ids[:: 1 + len(ids) // (MOST + 1)]
        for start in range(0, len(ids), READ):
            chosen = among(held.id, ids[start : start + READ], self._database.dialect)
            rows = session.connection().execute(select(held.title, held.description).where(chosen).order_by(held.id))
            yield from (Goods(title, description) for title, description in rows)


class Synonyms:
    """The other words of a shop as they are now: its owner's first. Safe to share; nobody waits for what is learned.

    Args:
        source: what is learned, for example ``RecordedGoods``.
        home: the shop's folder, where it is kept.
        own: what the shop's owner has written down.
        clock: seconds, for how often ``source`` is asked whether it has changed.
    """

    def __init__(
        self, source: Source[Table], home: Path, own: OwnSynonyms, clock: Callable[[], float] = monotonic
    ) -> None:
        self._own = own
        self._learned = KeptFile(source, home / LEARNED, Table.json, Table.from_json, FRESH, clock)

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """Other wordings of the phrases of a text.

        Raises:
            UnavailableError: if the database cannot be used.
        """
        learned = self._learned.get()
        own = self._own.expand(text)
        if learned is None:
            return own
        known = {(one.said, one.also) for one in own}
        return (*own, *(one for one in learned.expand(text) if (one.said, one.also) not in known))

    def learn(self, progress: Progress = silent) -> None:
        """Learn anew, as after an import, and keep it."""
        progress("learning synonyms", 0, 0)
        self._learned.learn()

    def settled(self, timeout: float | None = None) -> None:
        """Wait for what is being learned in the background."""
        self._learned.settled(timeout)
