"""The one file that wires: settings in, built parts out."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from assistant.settings import Settings
from ranker.cross.scoring import CrossEncoder
from ranker.cross.serving import LastGood
from ranker.cross.shelf import Shelf, shipped
from ranker.encoder import Encoder, SentenceEncoder
from ranker.signals import default_weights
from retriever.carts import Carts
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.feeds.feed import Progress, silent
from retriever.handoffs import Handoffs
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache, drain_outbox
from retriever.learned_order import LearnedOrder
from retriever.lexical import lexical_for
from retriever.ordering import Ordering
from retriever.orders import Orders
from retriever.policies import Policies
from retriever.quality.survey import Surveyor
from retriever.query import QueryReader
from retriever.search import Searcher
from retriever.served_ranker import ServedCrossEncoder
from retriever.spelling import RecordedWords, Speller
from retriever.store import Store
from retriever.understanding.bridging import Bridge
from retriever.understanding.languages import RecordedLanguages, ShopLanguages
from retriever.understanding.names import RecordedNames, ShopNames
from retriever.understanding.own_synonyms import OwnSynonyms, SynonymFile
from retriever.understanding.recorded import RecordedGoods, Synonyms
from retriever.vectors import open_vectors

if TYPE_CHECKING:
    from assistant.agent import Assistant
    from assistant.decide import Profile
    from assistant.model.client import Serving


def open_store(settings: Settings, *, encoder: Encoder | None = None, progress: Progress = silent) -> Store:
    """One shop's parts over its database and vector index, brought in line with each other.

    Args:
        settings: which shop.
        encoder: what makes vectors; by default the one that the settings name.
        progress: hears of indexing that an interrupted import left to do.

    Raises:
        UnavailableError: if the database or the vector store cannot be reached.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    makes = encoder or SentenceEncoder(settings.encoder, graphs=settings.cache)
    database = Database(settings.resolved_database_url)
    database.migrate()
    lexical = lexical_for(database)
    catalogue = Catalogue(database, lexical, settings.currency)
    vectors = open_vectors(makes, settings.home / "vectors", settings.chroma_url)
    cache = EmbeddingCache(settings.cache)
    synonyms = Synonyms(RecordedGoods(database), settings.home, OwnSynonyms(SynonymFile(settings.home)))
    reader = QueryReader(
        settings.currency,
        Speller(RecordedWords(database), lexical),
        ShopNames(RecordedNames(database)),
        Bridge(sold=lambda word: len(lexical.mentioning([word]))),
        ShopLanguages(RecordedLanguages(database)),
        synonyms,
    )
    learned = LearnedOrder(settings.home)
    ordering = Ordering(vectors, default_weights(), _reranker(settings), trees=learned.current)
    drain_outbox(database, catalogue, vectors, makes, cache, progress)
    return Store(
        database=database,
        catalogue=catalogue,
        searcher=Searcher(catalogue, lexical, vectors, makes, settings.currency, reader, ordering),
        vectors=vectors,
        carts=Carts(database, catalogue),
        orders=Orders(database),
        policies=Policies(database),
        handoffs=Handoffs(database),
        importer=Importer(database, lexical, vectors, makes, cache, settings.currency, synonyms.learn),
        surveyor=Surveyor(database, makes, cache, settings.currency),
        encoder=makes,
        currency=settings.currency,
    )


def served_ranker(settings: Settings) -> ServedCrossEncoder | None:
    """The cross-encoder on a server, where the settings name one; nothing is asked of it yet."""
    if not settings.ranker_url:
        return None
    return ServedCrossEncoder(
        settings.ranker_url, settings.ranker_model, key=settings.ranker_api_key, weight=settings.ranker_weight
    )


def _reranker(settings: Settings) -> Callable[[], CrossEncoder | None]:
    """What gives the cross-encoder in use: a server's, else the shop's own or the shipped one."""
    served = served_ranker(settings)
    if served is not None:
        return lambda: served
    return LastGood(Shelf(settings.home / "ranker").in_use, otherwise=shipped).current


@asynccontextmanager
async def open_assistant(
    settings: Settings, store: Store, server: Serving, profile: Profile | None = None
) -> AsyncGenerator[Assistant]:
    """The assistant over an open store and a model server, which may come up later and go away.

    Args:
        settings: which shop and model.
        store: the shop.
        server: where the model is served, for example a ``ModelServer``.
        profile: how to speak to the model; by default the one that fits the settings.
    """
    # LangChain takes seconds to import, which search and import need not wait for.
    from assistant.agent import Assistant
    from assistant.conversation import open_checkpointer
    from assistant.decide import LARGE, SMALL, TUNED
    from assistant.model.adapter import adapter_of
    from assistant.model.client import ServedModel

    # The built-in model knows the tools once it is tuned to them; untuned it needs its choices narrowed.
    small = TUNED if adapter_of(settings) else SMALL
    fitting = LARGE if settings.model or settings.model_url else small
    async with open_checkpointer(settings) as checkpointer:
        assistant = Assistant(store, ServedModel(server), profile or fitting, checkpointer, settings.locales)
        closing = threading.Event()
        warming = asyncio.create_task(asyncio.to_thread(_warm, assistant, closing.is_set))
        try:
            yield assistant
        finally:
            closing.set()
            await warming


def _warm(assistant: Assistant, stopped: Callable[[], bool]) -> None:
    assistant.warm_up(stopped)
    if not stopped():
        # What is known now stays. Looking through all of it for garbage holds up a turn for half a second in a shop
        # of a million products.
        gc.collect()
        gc.freeze()
