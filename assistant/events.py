"""What one turn of dialogue produces: a stream of events, the last of which is the whole result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from retriever.product import Product, Shape

EvidenceKind = Literal["price", "availability", "attribute", "rating", "order", "policy", "promotion", "comparison"]
SourceType = Literal["product", "variant", "order", "policy", "review", "cart", "promotion"]


class ToolCall(Shape):
    """A tool call of this turn as it was run."""

    name: str
    arguments: dict[str, Any]
    ok: bool
    error: str | None = None
    ms: int


class Corrected(Shape):
    """A misspelt word of a search, and what was searched instead of it."""

    said: str
    meant: str


class Source(Shape):
    """The record and field that a claim was read from."""

    type: SourceType
    id: str
    field: str


class Evidence(Shape):
    """A claim in the reply, and the record that proves it."""

    claim: str
    kind: EvidenceKind
    value: Any
    source: Source


class Withheld(Shape):
    """A sentence that the model wrote and the check refused."""

    text: str
    why: str


class PendingAction(Shape):
    """A write that waits for the shopper's yes."""

    id: str
    tool: str
    arguments: dict[str, Any]
    summary: str


class Handoff(Shape):
    """A recorded request for a human agent."""

    reason: str
    queue: str
    packet: dict[str, Any]


class ModelUse(Shape):
    """What the turn cost the model. ``calls`` is 0 where its server was down, and where nothing had to be asked."""

    name: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0


class Timing(Shape):
    """Milliseconds from the start of the turn."""

    first_text_ms: int
    total_ms: int
    model_ms: int
    tool_ms: int


class TurnResult(Shape):
    """The whole answer to one turn: the contract's JSON object.

    ``corrected`` are the words of the searches that were mended, so that the page can say so and offer them as typed.
    ``repaired`` counts the sentences that the model could prove at its second try; what it wrote at first is withheld.
    ``recommendation_id`` names the recommendation that the products come from, for the events that tell what became of
    them; it is empty where they were searched for. ``limited`` says that the model server was down.
    """

    conversation_id: str
    reply: str
    language: str
    tool_calls: tuple[ToolCall, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    products: tuple[Product, ...] = ()
    recommendation_id: str = ""
    evidence: tuple[Evidence, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    repaired: int = 0
    pending_action: PendingAction | None = None
    handoff: Handoff | None = None
    limited: bool = False
    model: ModelUse
    timing: Timing


@dataclass(frozen=True)
class Turn:
    """One message of a shopper. ``user_id`` is set only where the caller has authenticated the customer.

    ``session_id`` is the visit's, whose events the storefront records; without one the conversation stands for it.
    """

    text: str
    conversation_id: str = ""
    user_id: str | None = None
    cart_id: str | None = None
    session_id: str = ""


@dataclass(frozen=True)
class RunStarted:
    """The turn was accepted; ``conversation_id`` is settled."""

    conversation_id: str
    run_id: str


@dataclass(frozen=True)
class ToolStarted:
    """A tool is about to run."""

    call_id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class ToolFinished:
    """A tool has run; ``content`` is what the model reads of it."""

    call_id: str
    call: ToolCall
    content: str


@dataclass(frozen=True)
class ProductsFound:
    """The products to show as cards, in order, and the recommendation that they come from, if they come from one.

    A later event replaces an earlier one.
    """

    products: tuple[Product, ...]
    recommendation_id: str = ""


@dataclass(frozen=True)
class TextDelta:
    """A further piece of the reply, already checked."""

    text: str


@dataclass(frozen=True)
class TurnFinished:
    """Always the last event."""

    result: TurnResult


TurnEvent = RunStarted | ToolStarted | ToolFinished | ProductsFound | TextDelta | TurnFinished
