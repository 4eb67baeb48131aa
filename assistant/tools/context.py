"""What a tool is given besides its arguments, and how it is marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import BaseTool, tool
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from assistant.events import Handoff, ToolCall
from assistant.evidence import Finding, recommended_as
from retriever.product import Product
from retriever.store import Store


@dataclass
class TurnLog:
    """What the turn has produced so far; one object a turn, read when the turn is over."""

    tool_calls: list[ToolCall] = field(default_factory=list[ToolCall])
    products: tuple[Product, ...] = ()
    recommendation_id: str = ""  # of the products; empty where they were searched for
    findings: list[Finding] = field(default_factory=list[Finding])
    may_ask: bool = True  # whether the reply may end with a question: never when the last one did
    refused: str = ""  # why the last call was not done, in words for a person; empty where it was
    handoff: Handoff | None = None
    tool_ms: int = 0
    model_ms: int = 0
    model_calls: int = 0

    def show(self, finding: Finding) -> None:
        """The products of a result are the ones that the shopper sees."""
        self.products, self.recommendation_id = finding.products, recommended_as(finding)


@dataclass(frozen=True)
class TurnContext:
    """Who asks, on whose data, and the shop."""

    store: Store
    conversation_id: str
    user_id: str | None
    cart_id: str
    language: str
    log: TurnLog
    session_id: str = ""  # of the visit; empty where the front end has none

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Passed through as it is: the tools' argument schema must not look into the shop's parts."""
        return core_schema.is_instance_schema(cls)


ToolContext = ToolRuntime[TurnContext, dict[str, Any]]
"""The type of every tool's ``runtime`` argument, which the agent fills in and the model does not see."""


def shop_tool(*, writes: bool = False, needs_customer: bool = False) -> Callable[[Callable[..., Finding]], BaseTool]:
    """Mark a typed function as a tool: its docstring is its schema, its ``Finding`` the model's text and the evidence.

    Args:
        writes: the call changes something; the guard and the evaluation both read this mark.
        needs_customer: the call reads or writes one customer's data.
    """

    def wrap(function: Callable[..., Finding]) -> BaseTool:
        def run(*args: Any, **kwargs: Any) -> tuple[str, Finding]:
            finding = function(*args, **kwargs)
            return finding.text, finding

        run.__name__ = function.__name__
        run.__doc__ = function.__doc__
        run.__annotations__ = {**function.__annotations__, "return": "tuple[str, Finding]"}
        run.__module__ = function.__module__
        run.__wrapped__ = function  # type: ignore[attr-defined]  # signature and type hints are the function's own
        made = tool(parse_docstring=True, response_format="content_and_artifact")(run)
        made.metadata = {"writes": writes, "needs_customer": needs_customer}
        return made

    return wrap
