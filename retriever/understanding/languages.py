"""In which languages a shop's goods are described: a Chinese query over English goods has to be put into English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from time import monotonic

from sqlalchemy import select

from retriever.database import Database
from retriever.kept import Kept, Source, imports
from retriever.records import ProductRecord
from retriever.text import language_of

SAMPLE = 400  # products that are looked at
ENOUGH = 0.05  # share of them that makes a language one of the shop's
FRESH = 1.0  # seconds for which nobody asks again whether something was imported


class RecordedLanguages:
    """The languages of a shop's records: those of its titles and of its further texts.

    Args:
        database: the shop's records. Every method raises UnavailableError when they cannot be read.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> object:
        """How many feeds there are and when the last one was imported."""
        return imports(self._database)

    def read(self) -> Collection[str]:
        """Languages of at least ``ENOUGH`` of a sample of the goods."""
        with self._database.session() as session:
            rows = list(session.execute(select(ProductRecord.title, ProductRecord.texts).limit(SAMPLE)))
        counts: Counter[str] = Counter()
        for title, texts in rows:
            counts.update({language_of(title), *(language for language, words in texts.items() if words.get("title"))})
        return frozenset(language for language, count in counts.items() if count >= ENOUGH * len(rows))


class ShopLanguages:
    """The languages as they are now, read at the first question and again after an import. Safe to share.

    Args:
        source: where they come from.
        clock: seconds.
    """

    def __init__(self, source: Source[Collection[str]], clock: Callable[[], float] = monotonic) -> None:
        self._known = Kept(source, FRESH, clock)

    def languages(self) -> Collection[str]:
        """Codes such as ``en`` and ``zh``; empty for a shop without goods. Raises UnavailableError."""
        return self._known.get()
