"""What the front ends ask of the layers below, and the bounds they put on what comes in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from assistant.events import Turn, TurnEvent
from retriever.errors import BadInputError
from retriever.recommending.asking import Asked
from retriever.recommending.recommendation import Recommendation

MAX_MESSAGE = 2_000
MAX_QUERY = 10_000
MAX_RESULTS = 100
MAX_QUANTITY = 999


class Talker(Protocol):
    """Anything that holds a conversation: the assistant itself, or one behind a server."""

    def stream(self, turn: Turn) -> AsyncIterator[TurnEvent]:
        """The events of one turn; the last is ``TurnFinished``."""
        ...


class Recommends(Protocol):
    """Anything that recommends goods of the shop."""

    def recommend(self, asked: Asked) -> Recommendation:
        """The answer to a request; it may be empty."""
        ...


@dataclass(frozen=True)
class PartState:
    """Whether one part works, in words a person can act on."""

    ready: bool
    detail: str = ""


Check = Callable[[], Awaitable[PartState]]


def checked_message(text: str) -> str:
    """The shopper's words, trimmed.

    Raises:
        BadInputError: if there are none, or too many.
    """
    words = text.strip()
    if not words:
        raise BadInputError("The message is empty.", "Say what you are looking for.")
    if len(words) > MAX_MESSAGE:
        raise BadInputError(
            f"The message has {len(words)} characters; at most {MAX_MESSAGE} are read.", "Say it in fewer words."
        )
    return words
