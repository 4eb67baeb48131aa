"""The shops that are measured: the ESCI products, and larger ones made from them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sqlalchemy import func, select, text

from assistant.build import open_store
from assistant.settings import Settings
from ranker.encoder import Encoder, Progress, SentenceEncoder, Vectors
from retriever import vectors as vector_store
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import BadInputError
from retriever.feeds import feed as feeds
from retriever.feeds.esci import EsciFeed
from retriever.feeds.rows import ProductRow
from retriever.indexing import EmbeddingCache
from retriever.lexical import LexicalIndex, document_of, lexical_for
from retriever.records import ProductRecord
from retriever.search import DEPTH, Searcher
from retriever.store import Store
from retriever.vectors import VectorIndex, collection_name, embedding_text, open_vectors
from retriever.writing import delete_rows, insert_rows

CURRENCY = "USD"
BASES = 2_000  # originals whose vectors the synthetic ones are near
NOISE = 0.3  # length of what is added to a vector of length one: a copy's cosine to its original is about 0.96
BATCH = 5_000  # products written at once
SAVED_EVERY = 50_000  # vectors between two savings while a shop is filled
UPDATES = (1, 1_000)  # products changed at once
BUILT, BEGUN = "built.json", "begun.json"


@dataclass(frozen=True)
class Shop:
    """A filled shop as the assistant opens it; ``built`` says what making and changing it took, in seconds."""

    home: Path
    store: Store
    products: int
    built: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def catalogue(self) -> Catalogue:
        """Its records."""
        return self.store.catalogue

    @property
    def searcher(self) -> Searcher:
        """Its search."""
        return self.store.searcher

    @property
    def lexical(self) -> LexicalIndex:
        """Its full-text index."""
        return lexical_for(self.store.database)

    def references(self, tell: Callable[[str], None]) -> dict[str, Callable[[str], Any]]:
        """Plain engines over the same goods: Chroma with the encoder as it comes, and bm25s.

        ``tell`` hears of each before it is made ready: of a million products bm25s takes minutes and gigabytes.
        """
        tell("opening plain Chroma")
        chroma = _chroma(self.home)
        return {"plain Chroma": chroma, "bm25s": _bm25s(self.store.database, tell)}


@contextmanager
def esci_shop(data: Path, home: Path, progress: feeds.Progress = feeds.silent) -> Generator[Shop]:
    """The ESCI products, imported as ``shopwise import esci`` does. Embeddings are kept from run to run."""
    with _opened(home) as store:
        started = perf_counter()
        report = store.importer.run(EsciFeed(data, home), progress=progress)
        yield Shop(home, store, report.counts.products, {"import, all of it": perf_counter() - started})


@contextmanager
def enlarged_shop(data: Path, home: Path, size: int, progress: feeds.Progress = feeds.silent) -> Generator[Shop]:
    """A synthetic shop of ``size`` products: copies of the ESCI products with changed words, prices and vectors.

    Its vectors are those of original titles with noise, not encoded anew; queries are
    encoded by the real model. Good for speed, meaningless for quality. A ``home`` that
    was filled before is used again, one that was filled in part is filled.
    """
    if not (home / BUILT).is_file():
        rows = [item[1] for item in EsciFeed(data, home).read(feeds.silent) if isinstance(item, tuple)]
        products = [row for row in rows if isinstance(row, ProductRow)]
        (home / BUILT).write_text(json.dumps(_fill(home, products, size, progress)), encoding="utf-8")
    progress(f"opening the shop of {size:,} products", 0, 0)
    with _parts(home, SentenceEncoder(graphs=Settings().cache)) as (_, _, vectors):
        _check_filled(home, size, vectors)
    started = perf_counter()
    with _opened(home) as store:
        store.vectors.count()
        opening = {"opening it": perf_counter() - started}
        yield Shop(home, store, size, json.loads((home / BUILT).read_text(encoding="utf-8")) | opening)


def _check_filled(home: Path, held: int, vectors: VectorIndex) -> None:
    """Opening a shop whose vectors are another encoder's would encode all of it, which takes hours."""
    if vectors.count() != held:
        raise BadInputError(
            f"The shop in {home} holds {held:,} products and {vectors.count():,} vectors of this encoder.",
            "It was filled with another encoder: delete the folder to have it filled anew.",
        )


def _fill(home: Path, products: Sequence[ProductRow], size: int, progress: feeds.Progress) -> dict[str, float]:
    encoder = SentenceEncoder(graphs=Settings().cache)
    with _parts(home, encoder, SAVED_EVERY) as (database, lexical, vectors):
        noisy = NoisyVectors(
            encoder, EmbeddingCache(Settings().cache).vectors(encoder, [row.title for row in products[:BASES]])
        )
        built = Filler(home, database, lexical, vectors).fill(EnlargedFeed(products, size), noisy, size, progress)
    with _parts(home, encoder) as (database, lexical, vectors):
        started = perf_counter()
        vectors.search(encoder.encode(["anything"])[0], 1)
        built["saving the last vectors"] = perf_counter() - started
        return built | Filler(home, database, lexical, vectors).change(products, encoder)


class Filler:
    """Writes goods into a shop's records and indexes, each part by itself and with a clock."""

    def __init__(self, home: Path, database: Database, lexical: LexicalIndex, vectors: VectorIndex) -> None:
        self._home = home
        self._database = database
        self._lexical = lexical
        self._vectors = vectors

    def fill(self, feed: EnlargedFeed, vectors: NoisyVectors, size: int, progress: feeds.Progress) -> dict[str, float]:
        """Seconds by part; vectors go in beside records. A filling that was killed goes on where it was."""
        begun = self._home / BEGUN
        spent: dict[str, float] = json.loads(begun.read_text(encoding="utf-8")) if begun.is_file() else {}
        done = self._held()
        _check_filled(self._home, done, self._vectors)
        products = islice(feed.products(), done, None)
        with ThreadPoolExecutor(1) as beside:
            while batch := list(islice(products, BATCH)):
                started = perf_counter()
                parts = self._put(batch, done, feed.name, beside.submit(self._put_vectors, batch, vectors))
                parts["all of these, side by side"] = perf_counter() - started
                spent = {part: spent.get(part, 0.0) + seconds for part, seconds in parts.items()}
                begun.write_text(json.dumps(spent), encoding="utf-8")
                done += len(batch)
                progress("filling", done, size)
        started = perf_counter()
        self._lexical.settle(progress)
        begun.unlink(missing_ok=True)
        return {**spent, "words, the quick index": perf_counter() - started}

    def _held(self) -> int:
        with self._database.session() as session:
            return session.scalar(select(func.count()).select_from(ProductRecord)) or 0

    def _put(self, batch: Sequence[ProductRow], done: int, feed: str, vectors: Future[float]) -> dict[str, float]:
        """Records and words, committed once the vectors are there: what is held after a kill has all of them."""
        started = perf_counter()
        with self._database.transaction() as session:
            shown = insert_rows(session, [(row, done + at, "") for at, row in enumerate(batch)], feed, CURRENCY)
            written = perf_counter()
            self._lexical.upsert(session, [document_of(product) for product in shown])
            worded = perf_counter()
            spent = {"vectors": vectors.result()}
        return {"records": written - started, "words in the database": worded - written, **spent}

    def _put_vectors(self, batch: Sequence[ProductRow], vectors: NoisyVectors) -> float:
        made = vectors.encode([row.title for row in batch])
        started = perf_counter()
        self._vectors.upsert([row.id for row in batch], made)
        return perf_counter() - started

    def change(self, products: Sequence[ProductRow], encoder: Encoder) -> dict[str, float]:
        """Seconds to change some products, from their records to their encoded vectors."""
        spent: dict[str, float] = {}
        for many in UPDATES:
            rows = [
                row.model_copy(update={"id": f"{row.id}-{at}", "title": f"{row.title} anew"})
                for at, row in enumerate(products[:many])
            ]
            started = perf_counter()
            with self._database.transaction() as session:
                delete_rows(session, "product", [row.id for row in rows])
                numbered = [(row, at, "") for at, row in enumerate(rows)]
                stamped = insert_rows(session, numbered, EnlargedFeed.name, CURRENCY)
                self._lexical.upsert(session, [document_of(item) for item in stamped])
            self._lexical.settle()
            self._vectors.upsert([row.id for row in rows], encoder.encode([embedding_text(item) for item in stamped]))
            spent[f"changing {len(rows):,} products"] = perf_counter() - started
        return spent


@contextmanager
def _parts(
    home: Path, encoder: Encoder, saved_every: int = vector_store.SAVED_EVERY
) -> Generator[tuple[Database, LexicalIndex, VectorIndex]]:
    home.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{home / 'shop.sqlite'}")
    database.migrate()
    vectors = open_vectors(encoder, home / "vectors", saved_every=saved_every)
    try:
        yield database, lexical_for(database), vectors
    finally:
        vectors.close()
        database.close()


@contextmanager
def _opened(home: Path) -> Generator[Store]:
    """A shop with all that its search has, by default settings."""
    home.mkdir(parents=True, exist_ok=True)
    store = open_store(Settings(home=home, database_url="", chroma_url="", currency=CURRENCY))
    try:
        yield store
    finally:
        store.close()


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


def _bm25s(database: Database, tell: Callable[[str], None]) -> Callable[[str], Any]:
    """The same words in bm25s with its own settings."""
    import bm25s

    tell("reading the words for bm25s")
    with database.connection() as connection:
        words = list(connection.scalars(text("SELECT title || ' ' || brand || ' ' || description FROM product_fts")))
    engine: Any = bm25s
    index, held = engine.BM25(), len(words)
    tell("bm25s takes the words apart")
    tokens = engine.tokenize(words, stopwords="en", show_progress=False)
    words.clear()  # a gigabyte of a million products
    tell("bm25s indexes them")
    index.index(tokens, show_progress=False)
    del tokens

    def ask(query: str) -> Any:
        asked = engine.tokenize([query], stopwords="en", show_progress=False)
        return index.retrieve(asked, k=min(DEPTH, held), show_progress=False)

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
