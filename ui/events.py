"""Events as shops send them: the names that other trackers use, put into ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

NAMES = {
    "event_id": "id",
    "type": "kind",
    "event": "kind",
    "user_id": "customer_id",
    "item_id": "product_id",
    "timestamp": "at",
}
"""Other trackers' names of an event's fields."""


def listed(body: list[Any] | dict[str, Any]) -> list[Any]:
    """The events of a request: a list, ``{"events": [...]}``, or one alone."""
    if isinstance(body, list):
        return body
    events = body.get("events")
    return cast("list[Any]", events) if isinstance(events, list) else [body]


def event_of(given: object) -> object:
    """An event with our names; without a time it happened now. What is no object is left to the row's check."""
    if not isinstance(given, Mapping):
        return given
    fields = {NAMES.get(str(name), str(name)): value for name, value in cast("Mapping[str, Any]", given).items()}
    return {"at": datetime.now(UTC), **fields}
