"""Decides in the model's place while no model answers: one call a turn, by patterns that hardly mean anything else.

What no pattern knows is searched for. Its calls pass the same guard as the model's, so that it can do
no more than a model could, and what is said of their results is composed from the records.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import AgentState
from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from assistant.bind import bound
from assistant.consent import cart_wish, wants_person
from assistant.conversation import latest_products, shown_products, this_turn
from assistant.narrow import ORDER_ID, ORDINALS, WORDS, meant_goods, own_words
from assistant.sure_calls import sure_call
from assistant.tools.context import TurnContext
from retriever.text import fold

COMPARED = 4  # goods side by side at most
QUERY = 80  # characters that the tools take
_ORDER = re.compile(r"\b(?:order|parcel|package|shipment)s?\b|\btrack(?:ing)?\b|订单|包裹|快递|物流")
_CART = re.compile(r"\b(?:cart|basket)\b|购物车")
_RULE = re.compile(
    r"\b(?:return|returns|returning|refunds?|exchanges?|deliver(?:y|ies)?|shipping|ship|warranty|guarantees?|payments?"
    r"|pay|polic(?:y|ies)|opening hours|opening times|open|gift ?wrap(?:ping)?|vouchers?)\b"
    r"|退货|换货|退换|退款|退回|运费|邮费|包邮|配送|送货|发货|保修|质保|支付|付款|发票|政策|规定|营业"
)
_COMPARED = re.compile(
    r"\b(?:compare|comparison|differ|differences?|different|versus|vs|which (?:one )?is (?:better|cheaper))\b"
    r"|比较|对比|区别|不同|哪个(?:更|好|便宜)"
)
_POINTED = re.compile(r"\b(?:it|its|this|that|these|those|them|they|both)\b|它|[这那两](?:一)?[个款件双些种]")


class StandIn(AgentMiddleware[AgentState[Any], TurnContext]):
    """Fills the model's place in a graph like the model's own."""

    async def awrap_model_call(
        self,
        request: ModelRequest[TurnContext],
        handler: Callable[[ModelRequest[TurnContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """The call that the message asks for; nothing once it was made."""
        messages, currency = request.messages, request.runtime.context.store.currency
        made = any(isinstance(message, ToolMessage) for message in this_turn(messages))
        decided = None if made else call_for(messages, currency)
        if decided is None:
            return ModelResponse([AIMessage("")])
        name, arguments = decided
        asked = AIMessage("", tool_calls=[{"name": name, "args": dict(arguments), "id": uuid4().hex}])
        return ModelResponse([bound(asked, messages, currency)])


def call_for(messages: Sequence[AnyMessage], currency: str) -> tuple[str, Mapping[str, Any]] | None:
    """The tool that the latest message wants and its arguments; ``None`` where it says nothing to search for.

    Args:
        messages: the conversation up to and with the shopper's message.
        currency: the shop's, for prices in the message.
    """
    text = str(this_turn(messages)[0].content)
    said, goods = fold(text), pointed_at(text, messages)
    sure = sure_call(messages, currency)
    if wants_person(messages):
        return "transfer_to_human_agents", {"reason": "the shopper asks for a person"}
    if sure is not None:
        return sure
    if cart_wish(messages).any and len(goods) == 1:  # of several nobody can tell which one goes into the cart
        return "update_cart", {"lines": [{"product_id": goods[0], "quantity": 1}]}
    if _CART.search(said):
        return "get_cart", {}
    return _looked_up(text, said, goods)


def _looked_up(text: str, said: str, goods: Sequence[str]) -> tuple[str, Mapping[str, Any]] | None:
    """The record that a message asks to see: an order, a rule of the shop, shown goods, else whatever is found."""
    if _ORDER.search(said):
        order = ORDER_ID.search(text)
        return ("get_order", {"order_id": order.group()}) if order else ("list_orders", {})
    if _RULE.search(said):
        return "search_shop_policies_and_faqs", {"query": text[:QUERY]}
    if len(goods) > 1 and _COMPARED.search(said):
        return "compare_products", {"product_ids": list(goods[:COMPARED])}
    if goods:
        return "get_product", {"product_id": goods[0]}
    if not own_words(text) or not WORDS.search(text):
        return None
    return "search_catalog", {"query": text[:QUERY]}


def pointed_at(text: str, messages: Sequence[AnyMessage]) -> list[str]:
    """Ids of the shown goods that a message counts out or points at ("the second", "it"), the likeliest first."""
    counted = any(re.search(pattern, text, re.IGNORECASE) for pattern in ORDINALS.values())
    if not counted and not _POINTED.search(fold(text)):
        return []
    return meant_goods(text, shown_products(messages), latest_products(messages))
