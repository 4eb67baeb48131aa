"""One shop's parts, opened together. The wiring is in ``assistant/build.py``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ranker.encoder import Encoder
from retriever.carts import Carts
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.handoffs import Handoffs
from retriever.importing import Importer
from retriever.orders import Orders
from retriever.policies import Policies
from retriever.quality.survey import Surveyor
from retriever.search import Searcher
from retriever.suggest import Suggester
from retriever.suggesting.reading import RecordedPhrases
from retriever.vectors import VectorIndex


@dataclass(frozen=True)
class Store:
    """Everything the assistant and the front ends read and write of a shop."""

    database: Database
    catalogue: Catalogue
    searcher: Searcher
    vectors: VectorIndex
    carts: Carts
    orders: Orders
    policies: Policies
    handoffs: Handoffs
    importer: Importer
    surveyor: Surveyor
    encoder: Encoder
    currency: str

    @cached_property
    def suggester(self) -> Suggester:
        """Type-ahead and related searches over these records; they are read at the first question."""
        return Suggester(RecordedPhrases(self.database))

    def close(self) -> None:
        """Let go of the database and the vector index."""
        self.vectors.close()
        self.database.close()
