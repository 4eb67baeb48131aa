"""Events as shops send them: the names that other trackers use, put into ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from retriever.feeds.feed import printable
from retriever.interactions.taking import EventTaker, NotTaken, Taken

NAMES = {
    "event_id": "id",
    "type": "kind",
    "event": "kind",
    "user_id": "customer_id",
    "item_id": "product_id",
    "timestamp": "at",
}
"""Other trackers' names of an event's fields."""

UNVOUCHED = (
    "customer_id: only the shop itself can say which customer it was (Authorization: Bearer and the owner's token); "
    "send a session_id alone"
)


def take(taker: EventTaker, events: Sequence[object], *, owner: bool) -> Taken:
    """Take events of a request; those that name a customer only from the owner.

    Else anybody could put acts into somebody's profile, and read there what comes of them.
    """
    refused = [] if owner else [_unvouched(place, one) for place, one in enumerate(events) if _customer(one)]
    if not refused:
        return taker.take(events)
    places = [place for place, one in enumerate(events) if not _customer(one)]
    if not places:
        return Taken(accepted=0, duplicates=0, set_aside=(), refused=tuple(refused))
    taken = taker.take([events[place] for place in places])
    refused += _placed(taken.refused, places)
    return taken.model_copy(
        update={
            "set_aside": tuple(_placed(taken.set_aside, places)),
            "refused": tuple(sorted(refused, key=lambda one: one.index)),
        }
    )


def _customer(event: object) -> object:
    return cast("Mapping[str, Any]", event).get("customer_id") if isinstance(event, Mapping) else None


def _unvouched(place: int, event: object) -> NotTaken:
    given = cast("Mapping[str, Any]", event).get("id")
    id = printable(given)[:200] if isinstance(given, str) else ""
    return NotTaken(index=place, event_id=id, reason=UNVOUCHED)


def _placed(those: Sequence[NotTaken], places: Sequence[int]) -> list[NotTaken]:
    """With the places that they had in the request."""
    return [one.model_copy(update={"index": places[one.index]}) for one in those]


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
