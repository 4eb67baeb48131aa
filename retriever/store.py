"""One shop's parts, opened together. The wiring is in ``assistant/build.py``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from ranker.encoder import Encoder
from retriever.carts import Carts
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import ShopwiseError
from retriever.handoffs import Handoffs
from retriever.importing import Importer
from retriever.orders import Orders
from retriever.pictures.importing import PictureImporter
from retriever.policies import Policies
from retriever.quality.survey import Surveyor
from retriever.recommending.recommender import Recommender
from retriever.search import Searcher
from retriever.suggest import Suggester
from retriever.suggesting.reading import RecordedPhrases
from retriever.vectors import VectorIndex

# Asks every part of a search, and everything of the goods, for something.
WARMING = "2 pack red leather running shoes for women 10 inch without laces under 50"


@dataclass(frozen=True)
class Store:
    """Everything the assistant and the front ends read and write of a shop."""

    database: Database
    catalogue: Catalogue
    searcher: Searcher
    recommender: Recommender
    vectors: VectorIndex
    carts: Carts
    orders: Orders
    policies: Policies
    handoffs: Handoffs
    importer: Importer
    pictures: PictureImporter
    surveyor: Surveyor
    encoder: Encoder
    currency: str

    @cached_property
    def suggester(self) -> Suggester:
        """Type-ahead and related searches over these records; they are read at the first question."""
        return Suggester(RecordedPhrases(self.database))

    def warm_up(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Read what the first search and suggestion would wait for: in a large shop that takes a minute.

        What cannot be read now is read, or reported, when it is asked for.

        Args:
            stopped: asked between two parts; the rest is left undone once it says so.
        """
        parts = (
            self.catalogue.prepare,
            lambda: self.searcher.search(WARMING),
            lambda: self.searcher.read_ahead(WARMING, stopped),
            lambda: self.suggester.prepare(wait=True),
            self.recommender.prepare,
        )
        for part in parts:
            if not stopped():
                with suppress(ShopwiseError):
                    part()

    def close(self) -> None:
        """Let go of the database and the vector index."""
        self.recommender.close()
        self.vectors.close()
        self.database.close()
