"""The shops that are measured: the ESCI products, and a larger one made from them."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from assistant.settings import Settings
from ranker.encoder import Encoder, Progress, SentenceEncoder, Vectors
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.feeds import feed as feeds
from retriever.feeds.esci import EsciFeed
from retriever.feeds.rows import ProductRow
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import LexicalIndex, lexical_for
from retriever.search import Searcher
from retriever.vectors import open_vectors

CURRENCY = "USD"
BASES = 2_000  # originals whose vectors the synthetic ones are near
NOISE = 0.3  # length of what is added to a vector of length one: a copy's cosine to its original is about 0.96


@dataclass(frozen=True)
class Shop:
    """An imported shop and how to search it."""

    catalogue: Catalogue
    lexical: LexicalIndex
    searcher: Searcher
    products: int


def esci_shop(data: Path, home: Path, progress: feeds.Progress = feeds.silent) -> AbstractContextManager[Shop]:
    """The ESCI products, imported as ``shopwise import esci`` does. Embeddings are kept from run to run."""
    encoder = SentenceEncoder()
    return _shop(EsciFeed(data, home), home, encoder, encoder, Settings().cache, progress)


def enlarged_shop(
    data: Path, home: Path, size: int, progress: feeds.Progress = feeds.silent
) -> AbstractContextManager[Shop]:
    """A synthetic shop of ``size`` products: copies of the ESCI products with changed words, prices and vectors.

    Its vectors are those of original titles with noise, not encoded anew; queries are
    encoded by the real model. Good for speed, meaningless for quality.
    """
    encoder = SentenceEncoder()
    rows = [item[1] for item in EsciFeed(data, home).read(feeds.silent) if isinstance(item, tuple)]
    products = [row for row in rows if isinstance(row, ProductRow)]
    noisy = NoisyVectors(encoder, encoder.encode([row.title for row in products[:BASES]]))
    # Made-up vectors stay out of the cache that real shops share.
    return _shop(EnlargedFeed(products, size), home, encoder, noisy, home / "cache", progress)


@contextmanager
def _shop(
    feed: feeds.Feed, home: Path, asks: Encoder, fills: Encoder, cache: Path, progress: feeds.Progress
) -> Generator[Shop]:
    """A shop with this feed in it; queries and products may have different encoders of one name."""
    home.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{home / 'shop.sqlite'}")
    database.migrate()
    vectors = open_vectors(asks, home / "vectors")
    try:
        lexical = lexical_for(database)
        catalogue = Catalogue(database, lexical, CURRENCY)
        importer = Importer(database, lexical, vectors, fills, EmbeddingCache(cache), CURRENCY)
        report = importer.run(feed, progress=progress)
        yield Shop(catalogue, lexical, Searcher(catalogue, lexical, vectors, asks, CURRENCY), report.counts.products)
    finally:
        vectors.close()
        database.close()


class EnlargedFeed:
    """Copies of products: each loses a word, gains one of another product, and has another price."""

    name = "enlarged"
    source = "synthetic"

    def __init__(self, rows: Sequence[ProductRow], size: int, seed: int = 0) -> None:
        self._rows = rows
        self._size = size
        self._seed = seed

    def read(self, progress: feeds.Progress) -> Iterator[feeds.Item]:
        """``size`` product rows, the same in every run."""
        rng = random.Random(self._seed)
        for line in range(self._size):
            row = self._rows[line % len(self._rows)]
            words = row.title.split()
            words[rng.randrange(len(words))] = rng.choice(rng.choice(self._rows).title.split())
            price = (
                None
                if row.price is None
                else (row.price * Decimal(rng.randrange(60, 150)) / 100).quantize(Decimal("0.01"))
            )
            copy = {"id": f"{row.id}-{line}", "title": " ".join(words), "price": price}
            yield line + 1, row.model_copy(update=copy)
            if line % 1_000 == 0:
                progress("reading", line, self._size)


class NoisyVectors:
    """In an encoder's place: vectors of some texts, with noise, for any text. Same name, so the same index."""

    def __init__(self, encoder: Encoder, base: Vectors, seed: int = 0) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.languages = encoder.languages
        self.floor = encoder.floor
        self._base = base
        self._rng = np.random.default_rng(seed)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """One unit vector a text, near one of the base vectors."""
        picked = self._base[self._rng.integers(0, len(self._base), len(texts))]
        noise = self._rng.normal(size=picked.shape).astype(np.float32) * (NOISE / np.sqrt(self.dimension))
        vectors = picked + noise
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
