"""What a command on a served folder asks of the server that owns it: ``/internal``, for the owner's token only."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.events import Turn
from retriever.errors import ShopwiseError
from retriever.feeds.feed import Progress
from retriever.recommending.asking import Asked
from retriever.store import Store
from ui import wire
from ui.ports import Talker, checked_message
from ui.problems import UNEXPECTED
from ui.security import Owner
from ui.shop import (
    ImportOrder,
    QualityOrder,
    SearchOrder,
    SuggestOrder,
    run_import,
    run_quality,
    run_recommend,
    run_search,
    run_suggest,
)

log = logging.getLogger(__name__)

LINES = "application/x-ndjson"


class AskOrder(BaseModel):
    """One turn on behalf of a customer whom the owner vouches for."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=100_000)
    conversation_id: str = Field(default="", max_length=200)
    user_id: str | None = Field(default=None, max_length=200)
    cart_id: str | None = Field(default=None, max_length=200)


def internal_routes(store: Store, talker: Talker, owner_token: str) -> APIRouter:
    """The endpoints; with an empty token each refuses everybody."""
    known = Owner(owner_token)

    def owner(authorization: Annotated[str, Header()] = "") -> None:
        if not known.sent(authorization):
            raise HTTPException(401, "This is for the owner of the shop's folder.")

    routes = APIRouter(prefix="/internal", dependencies=[Depends(owner)], include_in_schema=False)

    @routes.post("/search")
    def search(order: SearchOrder) -> dict[str, Any]:
        return run_search(store, order)

    @routes.post("/suggest")
    def suggest(order: SuggestOrder) -> dict[str, Any]:
        return run_suggest(store, order, wait=True)

    @routes.post("/recommend")
    def recommend(asked: Asked) -> dict[str, Any]:
        return run_recommend(store, asked)

    @routes.post("/ask")
    async def ask(order: AskOrder) -> StreamingResponse:
        turn = Turn(checked_message(order.text), order.conversation_id, order.user_id, order.cart_id)
        return StreamingResponse(_turn_lines(talker, turn), media_type=LINES)

    @routes.post("/import")
    async def import_feed(order: ImportOrder) -> StreamingResponse:
        return StreamingResponse(_work_lines(lambda heard: run_import(store, order, heard)), media_type=LINES)

    @routes.post("/quality")
    async def quality(order: QualityOrder) -> StreamingResponse:
        return StreamingResponse(_work_lines(lambda heard: run_quality(store, order, heard)), media_type=LINES)

    return routes


async def _turn_lines(talker: Talker, turn: Turn) -> AsyncIterator[str]:
    try:
        async for event in talker.stream(turn):
            yield wire.dump(event)
    except ShopwiseError as error:
        yield wire.dump_error(error)
    except Exception:
        log.exception("A turn failed")
        yield wire.dump_error(ShopwiseError(UNEXPECTED))


async def _work_lines(work: Callable[[Progress], dict[str, Any]]) -> AsyncIterator[str]:
    """Progress lines while the work is done in a thread, then its report or its error."""
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def put(line: str | None) -> None:
        loop.call_soon_threadsafe(lines.put_nowait, line)

    def run() -> None:
        try:
            report = work(lambda stage, done, total: put(_line(progress=[stage, done, total])))
            put(_line(report=report))
        except ShopwiseError as error:
            put(wire.dump_error(error))
        except Exception:
            log.exception("The work of a command failed")
            put(wire.dump_error(ShopwiseError(UNEXPECTED)))
        finally:
            put(None)

    # An import that has begun goes on when the command goes away: it is atomic, and half of one is not wanted.
    task = asyncio.create_task(asyncio.to_thread(run))
    while (line := await lines.get()) is not None:
        yield line
    await task


def _line(**values: Any) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"
