"""The shops that are measured: the ESCI products, and larger ones made from them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sqlalchemy import text

from assistant.settings import Settings
from ranker.encoder import Encoder, Progress, SentenceEncoder, Vectors
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.feeds import feed as feeds
from retriever.feeds.esci import EsciFeed
from retriever.feeds.rows import ProductRow
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import LexicalIndex, document_of, lexical_for
from retriever.search import DEPTH, Searcher
from retriever.vectors import VectorIndex, collection_name, embedding_text, open_vectors
from retriever.writing import delete_rows, insert_rows, stamped_of

CURRENCY = "USD"
BASES = 2_000  # originals whose vectors the synthetic ones are near
NOISE = 0.3  # length of what is added to a vector of length one: a copy's cosine to its original is about 0.96
BATCH = 5_000  # products written at once
UPDATES = (1, 1_000)  # products changed at once
BUILT = "built.json"


@dataclass(frozen=True)
class Shop:
    """A filled shop and how to search it; ``built`` says what making and changing it took, in seconds."""

    home: Path
    database: Database
    catalogue: Catalogue
    lexical: LexicalIndex
    vectors: VectorIndex
    searcher: Searcher
    products: int
    built: Mapping[str, float] = field(default_factory=dict[str, float])

    def references(self) -> dict[str, Callable[[str], Any]]:
        """Plain engines over the same goods: Chroma with the encoder as it comes, and bm25s."""
        return {"plain Chroma": _chroma(self.home), "bm25s": _bm25s(self.database)}


@contextmanager
def esci_shop(data: Path, home: Path, progress: feeds.Progress = feeds.silent) -> Generator[Shop]:
    """The ESCI products, imported as ``shopwise import esci`` does. Embeddings are kept from run to run."""
    cache = Settings().cache
    encoder = SentenceEncoder(graphs=cache)
    with _parts(home, encoder) as (database, lexical, vectors):
        importer = Importer(database, lexical, vectors, encoder, EmbeddingCache(cache), CURRENCY)
        started = perf_counter()
        report = importer.run(EsciFeed(data, home), progress=progress)
        built = {"import, all of it": perf_counter() - started}
        yield _opened(home, database, lexical, vectors, encoder, report.counts.products, built)


@contextmanager
def enlarged_shop(data: Path, home: Path, size: int, progress: feeds.Progress = feeds.silent) -> Generator[Shop]:
    """A synthetic shop of ``size`` products: copies of the ESCI products with changed words, prices and vectors.

    Its vectors are those of original titles with noise, not encoded anew; queries are
    encoded by the real model. Good for speed, meaningless for quality. A ``home`` that
    was filled before is used again.
    """
    encoder = SentenceEncoder(graphs=Settings().cache)
    rows = [item[1] for item in EsciFeed(data, home).read(feeds.silent) if isinstance(item, tuple)]
    products = [row for row in rows if isinstance(row, ProductRow)]
    with _parts(home, encoder) as (database, lexical, vectors):
        if not (home / BUILT).is_file():
            noisy = NoisyVectors(encoder, encoder.encode([row.title for row in products[:BASES]]))
            filler = Filler(database, lexical, vectors)
            built = filler.fill(EnlargedFeed(products, size), noisy, size, progress)
            built |= filler.change(products, encoder)
            (home / BUILT).write_text(json.dumps(built), encoding="utf-8")
        built = json.loads((home / BUILT).read_text(encoding="utf-8"))
        yield _opened(home, database, lexical, vectors, encoder, size, built)


class Filler:
    """Writes goods into a shop's records and indexes, each part by itself and with a clock."""

    def __init__(self, database: Database, lexical: LexicalIndex, vectors: VectorIndex) -> None:
        self._database = database
        self._lexical = lexical
        self._vectors = vectors

    def fill(self, feed: EnlargedFeed, vectors: NoisyVectors, size: int, progress: feeds.Progress) -> dict[str, float]:
        """Seconds by part."""
        spent = {"records": 0.0, "words in the database": 0.0, "vectors": 0.0}
        done = 0
        products = feed.products()
        while batch := list(islice(products, BATCH)):
            started = perf_counter()
            with self._database.transaction() as session:
                insert_rows(session, [(row, done + at, "") for at, row in enumerate(batch)], feed.name, CURRENCY)
                spent["records"] += perf_counter() - started
                started = perf_counter()
                self._lexical.upsert(session, [document_of(stamped_of(row, CURRENCY)) for row in batch])
            spent["words in the database"] += perf_counter() - started
            made = vectors.encode([row.title for row in batch])
            started = perf_counter()
            self._vectors.upsert([row.id for row in batch], made)
            spent["vectors"] += perf_counter() - started
            done += len(batch)
            progress("filling", done, size)
        started = perf_counter()
        self._lexical.settle(progress)
        return {**spent, "words, the quick index": perf_counter() - started}

    def change(self, products: Sequence[ProductRow], encoder: Encoder) -> dict[str, float]:
        """Seconds to change some products, from their records to their encoded vectors."""
        spent: dict[str, float] = {}
        for many in UPDATES:
            rows = [
                row.model_copy(update={"id": f"{row.id}-{at}", "title": f"{row.title} anew"})
                for at, row in enumerate(products[:many])
            ]
            started = perf_counter()
            stamped = [stamped_of(row, CURRENCY) for row in rows]
            with self._database.transaction() as session:
                delete_rows(session, "product", [row.id for row in rows])
                insert_rows(session, [(row, at, "") for at, row in enumerate(rows)], EnlargedFeed.name, CURRENCY)
                self._lexical.upsert(session, [document_of(item) for item in stamped])
            self._lexical.settle()
            self._vectors.upsert([row.id for row in rows], encoder.encode([embedding_text(item) for item in stamped]))
            spent[f"changing {len(rows):,} products"] = perf_counter() - started
        return spent


@contextmanager
def _parts(home: Path, encoder: Encoder) -> Generator[tuple[Database, LexicalIndex, VectorIndex]]:
    home.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{home / 'shop.sqlite'}")
    database.migrate()
    vectors = open_vectors(encoder, home / "vectors")
    try:
        yield database, lexical_for(database), vectors
    finally:
        vectors.close()
        database.close()


def _opened(
    home: Path,
    database: Database,
    lexical: LexicalIndex,
    vectors: VectorIndex,
    encoder: Encoder,
    products: int,
    built: Mapping[str, float],
) -> Shop:
    catalogue = Catalogue(database, lexical, CURRENCY)
    searcher = Searcher(catalogue, lexical, vectors, encoder, CURRENCY)
    return Shop(home, database, catalogue, lexical, vectors, searcher, products, built)


def _chroma(home: Path) -> Callable[[str], Any]:
    """The query encoded by sentence-transformers and asked of the very collection, with nothing of ours between."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    encoder = SentenceEncoder()
    client: Any = chromadb.PersistentClient(str(home / "vectors"), settings=ChromaSettings(anonymized_telemetry=False))
    collection = client.get_collection(collection_name(encoder), embedding_function=None)
    return lambda query: collection.query(
        query_embeddings=[encoder.encode([query])[0]], n_results=DEPTH, include=["distances"]
    )


def _bm25s(database: Database) -> Callable[[str], Any]:
    """The same words in bm25s with its own settings."""
    import bm25s

    with database.connection() as connection:
        words = list(connection.scalars(text("SELECT title || ' ' || brand || ' ' || description FROM product_fts")))
    engine: Any = bm25s
    index = engine.BM25()
    index.index(engine.tokenize(words, stopwords="en", show_progress=False), show_progress=False)

    def ask(query: str) -> Any:
        asked = engine.tokenize([query], stopwords="en", show_progress=False)
        return index.retrieve(asked, k=min(DEPTH, len(words)), show_progress=False)

    return ask


class EnlargedFeed:
    """Copies of products: each loses a word, gains one of another product, and has another price."""

    name = "enlarged"

    def __init__(self, rows: Sequence[ProductRow], size: int, seed: int = 0) -> None:
        self._rows = rows
        self._size = size
        self._seed = seed

    def products(self) -> Iterator[ProductRow]:
        """``size`` products, the same in every run."""
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
            yield row.model_copy(update=copy)


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
