"""The one file that wires: settings in, built parts out."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
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
from retriever.pictures.importing import PictureImporter
from retriever.pictures.index import PictureVectors, WithPictures, open_pictures
from retriever.policies import Policies
from retriever.profiles.choices import Choices
from retriever.quality.survey import Surveyor
from retriever.query import QueryReader
from retriever.recommending.explaining.reasons import Reasons
from retriever.recommending.knowledge.behaviour import behaviour_model
from retriever.recommending.knowledge.counted_apart import CountedApart
from retriever.recommending.knowledge.current import Current, Readings
from retriever.recommending.listing.belonging import RecordedBelonging
from retriever.recommending.listing.blending import LongTail
from retriever.recommending.listing.exploring import Explorer
from retriever.recommending.listing.filtering import Filter
from retriever.recommending.listing.on_sale import OnSale
from retriever.recommending.listing.promotions import Promotions
from retriever.recommending.listing.rules import Rules
from retriever.recommending.listing.rules_file import kept_rules
from retriever.recommending.listing.spreading import Spreading
from retriever.recommending.recommender import Parts, Recommender
from retriever.recommending.shown.clicks import RecentClicks
from retriever.recommending.shown.outcomes import evidence
from retriever.recommending.shown.served import Served
from retriever.recommending.situation_reading import Situations
from retriever.recommending.sources.again import Again
from retriever.recommending.sources.arrivals import Arrivals
from retriever.recommending.sources.complements import Complements
from retriever.recommending.sources.moment import Moment
from retriever.recommending.sources.personal import Personal
from retriever.recommending.sources.popular import Popular
from retriever.recommending.sources.promoted import Promoted
from retriever.recommending.sources.rated import Rated
from retriever.recommending.sources.similar import Similar
from retriever.recommending.sources.tail import LongTail as Tail
from retriever.recommending.sources.together import Together
from retriever.recommending.sources.trending import Trending
from retriever.recommending.visit.questions import Questions
from retriever.search import Searcher
from retriever.served_ranker import ServedCrossEncoder
from retriever.spelling import RecordedWords, Speller
from retriever.store import Store
from retriever.understanding.bridging import Bridge
from retriever.understanding.languages import RecordedLanguages, ShopLanguages
from retriever.understanding.names import RecordedNames, ShopNames
from retriever.understanding.own_synonyms import OwnSynonyms, SynonymFile
from retriever.understanding.recorded import RecordedGoods, Synonyms
from retriever.vectors import VectorIndex, open_vectors

if TYPE_CHECKING:
    from assistant.agent import Assistant
    from assistant.decide import Profile
    from assistant.model.client import Serving

CLICKS_COUNT = timedelta(days=30)  # clicks on recommendations tell for so long what is worth trying again


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
    pictures = open_pictures(settings.home / "vectors", settings.chroma_url)
    kept = WithPictures(vectors, pictures)
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
    drain_outbox(database, catalogue, kept, makes, cache, progress)
    searcher = Searcher(catalogue, lexical, vectors, makes, settings.currency, reader, ordering)
    return Store(
        database=database,
        catalogue=catalogue,
        searcher=searcher,
        recommender=_recommender(settings, database, catalogue, vectors, pictures, searcher),
        vectors=kept,
        carts=Carts(database, catalogue),
        orders=Orders(database),
        policies=Policies(database),
        handoffs=Handoffs(database),
        importer=Importer(database, lexical, kept, makes, cache, settings.currency, synonyms.learn),
        pictures=PictureImporter(database, catalogue, pictures),
        surveyor=Surveyor(database, makes, cache, settings.currency),
        encoder=makes,
        currency=settings.currency,
    )


def _recommender(
    settings: Settings,
    database: Database,
    catalogue: Catalogue,
    vectors: VectorIndex,
    pictures: PictureVectors,
    searcher: Searcher,
) -> Recommender:
    """Recommendations over the same records and vectors; nothing is read before the first request."""
    model = behaviour_model(settings.home, vectors.vectors)
    counted = CountedApart(database, settings.resolved_database_url)
    current = Current(Readings.of(database, settings.currency, lambda goods: model.over(goods.ids), counted))
    belonging, promotions = RecordedBelonging(database), Promotions(database)

    return Recommender(
        Parts(
            current=current,
            situations=Situations(database, Choices(database), time.time),
            sources=(
                Personal(vectors),
                Again(),
                Similar(vectors, pictures),
                Together(),
                Complements(lambda: current.known().relations, catalogue.get),
                Moment(searcher.ids, current.traits),
                Trending(),
                Popular(),
                Rated(),
                Arrivals(),
                Promoted(promotions, belonging),
            ),
            untried=(Arrivals(), Tail()),
            rules=Rules(kept_rules(settings.home), promotions, belonging),
            filter=Filter(belonging, settings.currency),
            on_sale=OnSale(database, catalogue),
            tail=LongTail(),
            spread=Spreading(vectors.vectors),
            explorer=Explorer(),
            clicks=RecentClicks(lambda: evidence(database, datetime.now(UTC) - CLICKS_COUNT)),
            reasons=Reasons(database, catalogue, pictures),
            questions=Questions(current.traits, settings.currency),
            served=Served(database),
            draw=random.Random(),  # noqa: S311 (what is drawn guards nothing)
        )
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
