"""One way to a shop for the command line and the server's owner: do it here, or ask the server that owns the folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.events import Turn, TurnEvent
from retriever.errors import BadInputError, NotFoundError, ShopwiseError, UnavailableError
from retriever.feeds.demo import demo_day
from retriever.feeds.feed import Feed, Item, Progress, reasons
from retriever.feeds.registry import source_feed
from retriever.filters import parse_filters
from retriever.home import Serving
from retriever.recommending.asking import Asked
from retriever.store import Store
from retriever.suggest import MAX_SUGGESTIONS
from ui import wire

CONNECT_SECONDS = 5.0
VECTORS = "vectors"  # what is imported that is no feed: vectors of the goods' pictures
RELATED_DEPTH = 20  # results that related searches are looked for in


class SearchOrder(BaseModel):
    """One search, as the command line gives it. ``filters`` are ``field=value`` words."""

    model_config = ConfigDict(extra="forbid")

    query: str
    k: int = Field(default=10, ge=1, le=1000)
    filters: list[str] = []
    mode: Literal["bm25", "dense", "hybrid", "full"] = "full"
    sort: Literal["relevance", "price_asc", "price_desc", "rating", "newest"] = "relevance"


class SuggestOrder(BaseModel):
    """What to type next or, for ``related``, what else to search for beside a whole query."""

    model_config = ConfigDict(extra="forbid")

    text: str = ""
    related: bool = False
    k: int = Field(default=8, ge=1, le=MAX_SUGGESTIONS)
    language: Literal["", "en", "zh"] = ""


class ImportOrder(BaseModel):
    """One import. ``path`` is absolute: the server has a working folder of its own."""

    model_config = ConfigDict(extra="forbid")

    source: str
    path: Path | None = None
    download: bool = False
    downloads: Path
    strict: bool = False
    feed: str = Field(default="", max_length=80)
    model: str = Field(default="", max_length=200)


class QualityOrder(BaseModel):
    """One look at the quality of the goods. ``rules`` is absolute, as an import's path is."""

    model_config = ConfigDict(extra="forbid")

    feed: str = Field(default="", max_length=80)
    rules: Path | None = None
    complete: bool = False


@dataclass(frozen=True)
class NamedFeed:
    """A feed under another name, so that two files of one source can be kept side by side."""

    feed: Feed
    name: str

    @property
    def source(self) -> str:
        """The kind of source, unchanged."""
        return self.feed.source

    def read(self, progress: Progress) -> Iterator[Item]:
        """The rows of the feed."""
        return self.feed.read(progress)


def run_search(store: Store, order: SearchOrder) -> dict[str, Any]:
    """The contract's search result."""
    found = store.searcher.search(
        order.query, k=order.k, filters=parse_filters(order.filters), mode=order.mode, sort=order.sort
    )
    return found.json_dict()


def run_suggest(store: Store, order: SuggestOrder, *, wait: bool) -> dict[str, Any]:
    """Suggestions, or related searches; unless it may ``wait``, nothing until the shop's phrases have been read."""
    suggester = store.suggester
    suggester.prepare(wait=wait)
    if not order.related:
        found = suggester.suggest(order.text, order.k, order.language)
        return {"query": order.text, "ready": suggester.ready, "suggestions": [each.json_dict() for each in found]}
    goods = [hit.product for hit in store.searcher.search(order.text, k=RELATED_DEPTH).results]
    meant = suggester.did_you_mean(order.text, goods)
    related = suggester.related(order.text, goods, order.k)
    return {
        "query": order.text,
        "ready": suggester.ready,
        "did_you_mean": meant.json_dict() if meant else None,
        "related": [each.json_dict() for each in related],
    }


def asked_of(values: Mapping[str, Any]) -> Asked:
    """A request for recommendations.

    Raises:
        BadInputError: if a value cannot be used.
    """
    try:
        return Asked.model_validate(values)
    except ValidationError as error:
        raise BadInputError(f"Recommendations cannot be asked for so: {reasons(error)}.", "Correct it.") from error


def run_recommend(store: Store, asked: Asked) -> dict[str, Any]:
    """The contract's recommendation result.

    Raises:
        NotFoundError: if a product that is named is not in the shop.
    """
    named = dict.fromkeys((*asked.history, *asked.like, *asked.basket))
    known = {product.id for product in store.catalogue.get(list(named))}
    if unknown := [id for id in named if id not in known]:
        raise NotFoundError(f"The shop has no product '{unknown[0]}'.", "shopwise search finds products and their ids.")
    return store.recommender.recommend(asked).json_dict()


def run_import(store: Store, order: ImportOrder, progress: Progress) -> dict[str, Any]:
    """The contract's import report."""
    if order.source == VECTORS:
        return _import_vectors(store, order, progress)
    if order.model:
        raise BadInputError(f"The source {order.source} has no image model.", f"Only {VECTORS} takes --model.")
    day = (
        demo_day(store.database, datetime.now(UTC).date(), order.feed or order.source)
        if order.source == "demo"
        else None
    )
    feed = source_feed(order.source, order.path, download=order.download, downloads=order.downloads, day=day)
    chosen = NamedFeed(feed, order.feed) if order.feed else feed
    return store.importer.run(chosen, strict=order.strict, progress=progress).model_dump(mode="json")


def _import_vectors(store: Store, order: ImportOrder, progress: Progress) -> dict[str, Any]:
    if order.feed or order.download:
        raise BadInputError("Vectors belong to no feed and are not downloaded.", "Leave --feed and --download out.")
    if order.path is None:
        raise BadInputError("The source vectors needs the path of a file.", "Run: shopwise import vectors FILE.jsonl")
    return store.pictures.run(order.path, order.model, progress).model_dump(mode="json")


def run_quality(store: Store, order: QualityOrder, progress: Progress) -> dict[str, Any]:
    """The survey of the goods, as JSON."""
    found = store.surveyor.survey(order.feed, order.rules, order.complete, progress)
    return found.model_dump(mode="json")


class ShopDoor(Protocol):
    """What a command can do with a shop, wherever it is open."""

    def search(self, order: SearchOrder) -> dict[str, Any]:
        """The contract's search result."""
        ...

    def suggest(self, order: SuggestOrder) -> dict[str, Any]:
        """Suggestions, or related searches."""
        ...

    def recommend(self, asked: Asked) -> dict[str, Any]:
        """The contract's recommendation result."""
        ...

    def import_feed(self, order: ImportOrder, progress: Progress) -> dict[str, Any]:
        """The contract's import report."""
        ...

    def quality(self, order: QualityOrder, progress: Progress) -> dict[str, Any]:
        """The survey of the goods."""
        ...


@dataclass(frozen=True)
class LocalShop:
    """The shop is open in this process."""

    store: Store

    def search(self, order: SearchOrder) -> dict[str, Any]:
        """Search the open store."""
        return run_search(self.store, order)

    def suggest(self, order: SuggestOrder) -> dict[str, Any]:
        """Suggest from the open store, whose phrases are read first."""
        return run_suggest(self.store, order, wait=True)

    def recommend(self, asked: Asked) -> dict[str, Any]:
        """Recommend from the open store."""
        return run_recommend(self.store, asked)

    def import_feed(self, order: ImportOrder, progress: Progress) -> dict[str, Any]:
        """Import into the open store."""
        return run_import(self.store, order, progress)

    def quality(self, order: QualityOrder, progress: Progress) -> dict[str, Any]:
        """Look at the open store."""
        return run_quality(self.store, order, progress)


class RemoteShop:
    """The shop is open in a server on this machine, which does the work."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._headers = {"Authorization": f"Bearer {serving.token}"}

    def search(self, order: SearchOrder) -> dict[str, Any]:
        """Search through the server."""
        return self._ask("search", order)

    def suggest(self, order: SuggestOrder) -> dict[str, Any]:
        """Suggest through the server."""
        return self._ask("suggest", order)

    def recommend(self, asked: Asked) -> dict[str, Any]:
        """Recommend through the server."""
        return self._ask("recommend", asked)

    def _ask(self, name: str, order: BaseModel) -> dict[str, Any]:
        with self._reaching():
            answer = httpx.post(
                f"{self._serving.address}/internal/{name}",
                json=order.model_dump(mode="json"),
                headers=self._headers,
                timeout=_patience(120),
                trust_env=False,
            )
        _raise_problem(answer.status_code, answer.content)
        return dict(answer.json())

    def import_feed(self, order: ImportOrder, progress: Progress) -> dict[str, Any]:
        """Import through the server, hearing its progress."""
        return self._work("import", order, progress)

    def quality(self, order: QualityOrder, progress: Progress) -> dict[str, Any]:
        """Look through the server, hearing its progress."""
        return self._work("quality", order, progress)

    def _work(self, name: str, order: BaseModel, progress: Progress) -> dict[str, Any]:
        request: dict[str, Any] = {
            "json": order.model_dump(mode="json"),
            "headers": self._headers,
            "timeout": _patience(None),
        }
        url = f"{self._serving.address}/internal/{name}"
        with self._reaching(), httpx.Client(trust_env=False) as client, client.stream("POST", url, **request) as answer:
            if answer.is_error:
                _raise_problem(answer.status_code, answer.read())
            for line in answer.iter_lines():
                values = json.loads(line)
                wire.raise_error(values)
                if "report" in values:
                    return dict(values["report"])
                progress(*values["progress"])
        raise UnavailableError(f"The server ended the {name} without a report.", "Read its log, then run it again.")

    async def stream(self, turn: Turn) -> AsyncIterator[TurnEvent]:
        """One turn of the server's assistant."""
        order = {
            "text": turn.text,
            "conversation_id": turn.conversation_id,
            "user_id": turn.user_id,
            "cart_id": turn.cart_id,
        }
        url = f"{self._serving.address}/internal/ask"
        request: dict[str, Any] = {"json": order, "headers": self._headers, "timeout": _patience(600)}
        with self._reaching():
            async with httpx.AsyncClient(trust_env=False) as client, client.stream("POST", url, **request) as answer:
                if answer.is_error:
                    _raise_problem(answer.status_code, await answer.aread())
                async for line in answer.aiter_lines():
                    yield wire.load(line)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise UnavailableError(
                f"The server at {self._serving.address} (process {self._serving.pid}) owns the folder "
                f"but does not answer: {type(error).__name__}.",
                "Wait a moment if it is starting, else stop that process and run the command again.",
            ) from error


def _patience(seconds: float | None) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=CONNECT_SECONDS)


def _raise_problem(status: int, body: bytes) -> None:
    """Raise a problem document as the error it was made from."""
    if status < 400:
        return
    try:
        values = json.loads(body)
        detail, hint = str(values["detail"]), str(values.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        detail, hint = f"The server answered {status}.", ""
    kinds: dict[int, Callable[[str, str], ShopwiseError]] = {
        404: NotFoundError,
        422: BadInputError,
        503: UnavailableError,
    }
    raise kinds.get(status, ShopwiseError)(detail, hint)
