"""The web app: one FastAPI application over a shop's store and its assistant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from ag_ui.core import RunAgentInput
from fastapi import APIRouter, Body, FastAPI, Header, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from retriever.carts import CartChange
from retriever.errors import BadInputError, NotFoundError
from retriever.filters import parse_filters
from retriever.interactions.taking import EventTaker
from retriever.store import Store
from retriever.suggest import MAX_SUGGESTIONS
from ui import agui
from ui.docs import docs_page
from ui.events import event_of, listed, take
from ui.internal import internal_routes
from ui.openai import CompletionRequest, Completions
from ui.ports import MAX_QUANTITY, MAX_QUERY, MAX_RESULTS, Check, Recommends, Talker
from ui.problems import answer_with_problems, problem
from ui.recommendations import recommendation_routes
from ui.security import Guarded, Owner
from ui.shop import SuggestOrder, run_suggest

Mode = Literal["bm25", "dense", "hybrid", "full"]
Sort = Literal["relevance", "price_asc", "price_desc", "rating", "newest"]
SEARCH_WORDS = ("q", "k", "mode", "sort")
Id = Annotated[str, Path(min_length=1, max_length=200)]
Side = Annotated[int, Query(ge=16, le=1024, description="The side of the square in pixels.")]


@dataclass(frozen=True)
class Shop:
    """What the app is made of: built parts, handed in.

    Attributes:
        store: the shop's records and indexes.
        talker: who answers the shopper.
        name: the shop's name on the page.
        fictional: whether the goods are the made-up demo's, which the page then says.
        checks: what ``/readyz`` asks, by the part's name.
        owner_token: lets its bearer use ``/internal`` and speak for customers; empty closes that door.
        recommends: who recommends goods, if not the store's own recommender.
    """

    store: Store
    talker: Talker
    name: str = "Shopwise"
    fictional: bool = False
    checks: Mapping[str, Check] = field(default_factory=dict[str, Check])
    owner_token: str = ""
    recommends: Recommends | None = None

    @property
    def recommender(self) -> Recommends:
        """Who recommends goods."""
        return self.recommends or self.store.recommender


class CartLine(BaseModel):
    """One change of a cart: how many of a product or variant there shall be; 0 takes it out."""

    model_config = ConfigDict(extra="forbid")

    product_id: str | None = Field(default=None, max_length=200)
    variant_id: str | None = Field(default=None, max_length=200)
    quantity: int = Field(le=MAX_QUANTITY)


class CartUpdate(BaseModel):
    """The body of ``POST /api/carts/{id}``."""

    model_config = ConfigDict(extra="forbid")

    lines: list[CartLine] = Field(min_length=1, max_length=50)


def create_app(shop: Shop, *, page: bool = True) -> FastAPI:
    """The app, with every endpoint and, unless ``page`` is False, the chat page at ``/``.

    It starts and stops nothing: the parts in ``shop`` live as long as their owner says.
    """
    app = FastAPI(title=shop.name, version="1", docs_url=None, redoc_url=None, description=__doc__ or "")
    answer_with_problems(app)
    app.include_router(_health(shop))
    app.include_router(_chat(shop))
    app.include_router(_catalogue(shop))
    app.include_router(_carts(shop))
    app.include_router(_behaviour(shop))
    app.include_router(recommendation_routes(shop.store, lambda: shop.recommender, Owner(shop.owner_token)))
    app.include_router(_media())
    app.include_router(internal_routes(shop.store, shop.talker, shop.owner_token))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(app.openapi()))

    @app.api_route("/{area:path}", include_in_schema=False, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def nothing_here(request: Request) -> Response:
        raise NotFoundError(f"There is nothing at {request.url.path}.", "The endpoints are listed at /docs.")

    if page:
        app.router.routes.pop()  # what is behind the catch-all is the page's, save our own areas
        for area in ("api", "v1", "internal", "media", "gradio_api/upload"):
            app.add_api_route(f"/{area}", nothing_here, include_in_schema=False, methods=["GET", "POST"])
            app.add_api_route(f"/{area}/{{rest:path}}", nothing_here, include_in_schema=False, methods=["GET", "POST"])
        _mount_page(app, shop)
    app.add_middleware(Guarded)
    return app


def _mount_page(app: FastAPI, shop: Shop) -> None:
    from ui.chat import mount_page  # Gradio takes seconds to import: only an app with a page pays

    mount_page(
        app,
        store=shop.store,
        talker=shop.talker,
        recommender=lambda: shop.recommender,
        name=shop.name,
        fictional=shop.fictional,
    )


def _health(shop: Shop) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        """Every part works; else 503, with the state of each."""
        parts = {name: await check() for name, check in shop.checks.items()}
        ready = all(state.ready for state in parts.values())
        body = {
            "ready": ready,
            "parts": {name: {"ready": state.ready, "detail": state.detail} for name, state in parts.items()},
        }
        return JSONResponse(body, status_code=200 if ready else 503)

    return routes


def _chat(shop: Shop) -> APIRouter:
    routes = APIRouter(tags=["chat"])
    completions = Completions(shop.talker)

    def cart_now(cart_id: str) -> dict[str, Any]:
        return shop.store.carts.get(cart_id).model_dump(mode="json")

    @routes.post("/api/chat")
    async def chat(body: RunAgentInput) -> StreamingResponse:
        """One turn: AG-UI ``RunAgentInput`` in, AG-UI events out over server-sent events.

        ``threadId`` is the conversation; the last user message is the turn; ``forwardedProps.cart_id`` names the cart.
        ``CUSTOM`` events are ``products``, ``evidence`` and, last, ``turn_result`` with the whole turn.
        """
        turn = agui.turn_of(body)
        return _events(agui.events(shop.talker, body, turn, cart_now))

    @routes.get("/v1/models")
    def models() -> dict[str, Any]:
        """OpenAI-compatible: the one model here is ``shopwise``."""
        return completions.models()

    @routes.post("/v1/chat/completions", response_model=None)
    async def complete(body: CompletionRequest) -> Response | dict[str, Any]:
        """OpenAI-compatible chat completion, streamed or whole."""
        turn, history = completions.accept(body)
        if body.stream:
            usage = body.stream_options is not None and body.stream_options.include_usage
            return _events(completions.stream(turn, history, usage))
        return await completions.complete(turn, history)

    return routes


def _events(lines: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(
        lines, media_type="text/event-stream", headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    )


def _catalogue(shop: Shop) -> APIRouter:
    routes = APIRouter(tags=["catalogue"], prefix="/api")

    @routes.get("/search")
    def search(
        request: Request,
        q: Annotated[str, Query(max_length=MAX_QUERY, description="What to look for.")],
        k: Annotated[int, Query(ge=1, le=MAX_RESULTS)] = 10,
        mode: Mode = "full",
        sort: Sort = "relevance",
    ) -> dict[str, Any]:
        """Search. Every further parameter is a filter.

        Filters: ``price_min``, ``price_max`` (major units), ``category``, ``brand``, ``exclude`` (repeatable),
        ``in_stock``, ``attributes.NAME``.
        """
        pairs = [f"{name}={value}" for name, value in request.query_params.multi_items() if name not in SEARCH_WORDS]
        found = shop.store.searcher.search(q, k=k, filters=parse_filters(pairs), mode=mode, sort=sort)
        return found.json_dict()

    @routes.get("/suggest")
    def suggest(
        q: Annotated[
            str, Query(max_length=MAX_QUERY, description="What was typed so far; empty: what is popular.")
        ] = "",
        related: Annotated[str | None, Query(max_length=MAX_QUERY, description="A whole query, instead.")] = None,
        k: Annotated[int, Query(ge=1, le=MAX_SUGGESTIONS)] = 8,
        language: Literal["", "en", "zh"] = "",
    ) -> dict[str, Any]:
        """What to type next; with ``related`` what else to search for, and what was meant where little is found.

        ``ready`` is false until the shop's phrases have been read: the answer is then empty, and may be asked again.
        """
        order = SuggestOrder(
            text=q if related is None else related, related=related is not None, k=k, language=language
        )
        return run_suggest(shop.store, order, wait=False)

    @routes.get("/products/{product_id:path}")
    def product(product_id: Id) -> dict[str, Any]:
        """One product with its variants."""
        return shop.store.catalogue.product(product_id).json_dict()

    return routes


def _carts(shop: Shop) -> APIRouter:
    routes = APIRouter(tags=["cart"], prefix="/api/carts")

    @routes.get("/{cart_id}")
    def cart(cart_id: Id) -> dict[str, Any]:
        """A cart; one that was never used is empty. Whoever knows the id may use it: choose one nobody can guess."""
        return shop.store.carts.get(cart_id).model_dump(mode="json")

    @routes.post("/{cart_id}")
    def update(cart_id: Id, body: CartUpdate) -> dict[str, Any]:
        """Set quantities; the answer is the whole cart."""
        changes = [_change(line) for line in body.lines]
        return shop.store.carts.update(cart_id, changes).model_dump(mode="json")

    return routes


def _behaviour(shop: Shop) -> APIRouter:
    routes = APIRouter(tags=["events"], prefix="/api/events")
    taker, owner = EventTaker(shop.store.database), Owner(shop.owner_token)

    @routes.post("", response_model=None)
    def take_events(
        body: Annotated[list[Any] | dict[str, Any], Body()], authorization: Annotated[str, Header()] = ""
    ) -> Response | dict[str, Any]:
        """What visitors did: one event, a list, or ``{"events": [...]}``, at most 1,000; idempotent by ``event_id``.

        An event has ``event_id``, ``kind`` (view, search, click, add_to_cart, purchase, rate), ``customer_id`` or
        ``session_id``, ``product_id`` (but a search), ``at`` (now when left out) and ``value``, whose
        ``dwell_seconds``, ``rating``, ``query``, ``order_id`` and ``recommendation_id`` are read.
        One that cannot be read costs the others nothing; one of an unknown product or of the future waits.
        A ``customer_id`` is taken from the shop itself alone: with the owner's token, as ``Authorization: Bearer``.
        """
        taken = take(taker, [event_of(one) for one in listed(body)], owner=owner.sent(authorization))
        if taken.accepted or taken.duplicates or taken.set_aside:
            return taken.model_dump(mode="json")
        faults = [one.model_dump() for one in taken.refused]
        return problem(422, f"No event of the batch could be taken: {faults[0]['reason']}", errors=faults)

    return routes


def _change(line: CartLine) -> CartChange:
    if not (line.product_id or line.variant_id):
        raise BadInputError("A line names no product.", "Give it a product_id or a variant_id.")
    return CartChange(product_id=line.product_id, variant_id=line.variant_id, quantity=line.quantity)


def _media() -> APIRouter:
    from retriever.demo.pictures import picture, png  # reads the demo's families: only where pictures are served

    routes = APIRouter(tags=["media"])
    lasting = {"Cache-Control": "public, max-age=86400"}

    @routes.get("/media/demo/{name}.svg")
    def demo_picture(name: Id) -> Response:
        """The drawn picture of a product of the demo shop."""
        drawn = picture(name)
        if drawn is None:
            raise NotFoundError(f"There is no picture of '{name}'.")
        return Response(drawn, media_type="image/svg+xml", headers=lasting)

    @routes.get("/media/demo/{name}.png")
    def demo_png(name: Id, size: Side = 512) -> Response:
        """The same picture as a square PNG, for feeds, mail and chat clients that show no SVG."""
        drawn = png(name, size)
        if drawn is None:
            raise NotFoundError(f"There is no picture of '{name}'.")
        return Response(drawn, media_type="image/png", headers=lasting)

    return routes
