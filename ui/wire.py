"""Turn events as JSON lines: how a served assistant talks to a command on the same folder."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from assistant.events import (
    ProductsFound,
    RunStarted,
    TextDelta,
    ToolCall,
    ToolFinished,
    ToolStarted,
    TurnEvent,
    TurnFinished,
    TurnResult,
)
from retriever.errors import BadInputError, NotFoundError, ShopwiseError, UnavailableError
from retriever.product import Product

EVENTS = {
    kind.__name__: kind for kind in (RunStarted, ToolStarted, ToolFinished, ProductsFound, TextDelta, TurnFinished)
}
ERRORS = {kind.__name__: kind for kind in (BadInputError, NotFoundError, UnavailableError, ShopwiseError)}


def dump(event: TurnEvent) -> str:
    """One event as one line."""
    values = {field.name: _plain(getattr(event, field.name)) for field in fields(event)}
    return json.dumps({"event": type(event).__name__, **values}, ensure_ascii=False, default=str) + "\n"


def dump_error(error: ShopwiseError) -> str:
    """An error as one line, to be raised again at the other end."""
    return json.dumps({"error": type(error).__name__, "message": error.message, "hint": error.hint}) + "\n"


def load(line: str) -> TurnEvent:
    """The event of one line. Raises the error that a line carries instead of an event."""
    values = json.loads(line)
    raise_error(values)
    kind = EVENTS[values.pop("event")]
    if kind is ToolFinished:
        values["call"] = ToolCall.model_validate(values["call"])
    elif kind is ProductsFound:
        values["products"] = tuple(Product.model_validate(product) for product in values["products"])
    elif kind is TurnFinished:
        values["result"] = TurnResult.model_validate(values["result"])
    return kind(**values)


def raise_error(values: dict[str, Any]) -> None:
    """Raise what ``dump_error`` wrote; nothing happens for anything else."""
    if "error" in values:
        kind = ERRORS.get(str(values["error"]), ShopwiseError)
        raise kind(str(values.get("message", "The server failed.")), str(values.get("hint", "")))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value
