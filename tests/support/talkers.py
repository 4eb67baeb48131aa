"""An assistant that says what a test decides, as real turn events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from assistant.events import (
    Corrected,
    Evidence,
    ModelUse,
    ProductsFound,
    RunStarted,
    Source,
    TextDelta,
    Timing,
    ToolCall,
    ToolFinished,
    ToolStarted,
    Turn,
    TurnEvent,
    TurnFinished,
    TurnResult,
    Withheld,
)
from retriever.product import Product


@dataclass(frozen=True)
class Line:
    """One scripted answer. ``error`` is raised after the words; ``calls`` 0 means the model was down."""

    words: str = ""
    products: Sequence[Product] = ()
    evidence: Sequence[Evidence] = ()
    withheld: Sequence[Withheld] = ()
    corrected: Sequence[Corrected] = ()
    calls: int = 2
    recommendation: str = ""
    error: Exception | None = None


@dataclass
class ScriptedTalker:
    """Answers with its lines in order, the last one again and again; ``heard`` keeps the turns it was given."""

    lines: Sequence[Line]
    pause: float = 0.0
    heard: list[Turn] = field(default_factory=list)

    async def stream(self, turn: Turn) -> AsyncIterator[TurnEvent]:
        line = self.lines[min(len(self.heard), len(self.lines) - 1)]
        self.heard.append(turn)
        conversation = turn.conversation_id or "made-up"
        call = ToolCall(name="search_catalog", arguments={"query": turn.text}, ok=True, ms=3)
        yield RunStarted(conversation, "run-1")
        yield ToolStarted("call-1", call.name, call.arguments)
        yield ToolFinished("call-1", call, f"{len(line.products)} found")
        if line.products:
            yield ProductsFound(tuple(line.products), line.recommendation)
        for piece in line.words.split(" "):
            await asyncio.sleep(self.pause)
            yield TextDelta(piece if piece == line.words.split(" ")[-1] else f"{piece} ")
        if line.error is not None:
            raise line.error
        yield TurnFinished(
            TurnResult(
                conversation_id=conversation,
                reply=line.words,
                language="en",
                tool_calls=(call,),
                corrected=tuple(line.corrected),
                products=tuple(line.products),
                recommendation_id=line.recommendation,
                evidence=tuple(line.evidence),
                withheld=tuple(line.withheld),
                limited=line.calls == 0,
                model=ModelUse(name="scripted", prompt_tokens=11, completion_tokens=7, calls=line.calls),
                timing=Timing(first_text_ms=1, total_ms=2, model_ms=1, tool_ms=1),
            )
        )


def priced(product: Product) -> Evidence:
    """Evidence for a product's lowest price."""
    lowest = product.price_range.min
    return Evidence(
        claim=f"{product.title} costs {lowest.text() if lowest else 'an unknown price'}",
        kind="price",
        value=lowest.amount if lowest else None,
        source=Source(type="product", id=product.id, field="price_range.min"),
    )
