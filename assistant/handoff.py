"""What a customer-service agent needs to take a conversation over."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AnyMessage, HumanMessage

from assistant.events import Handoff
from assistant.tools.context import TurnContext

QUEUE = "general"


def handoff_packet(reason: str, summary: str, context: TurnContext, messages: Sequence[AnyMessage]) -> Handoff:
    """The request with everything known: what was said, what was shown, the cart, who it is."""
    said = [str(message.content) for message in messages if isinstance(message, HumanMessage)]
    return Handoff(
        reason=reason,
        queue=QUEUE,
        packet={
            "summary": summary or (said[-1] if said else ""),
            "customer_id": context.user_id,
            "language": context.language,
            "shopper_messages": said[-20:],
            "products_shown": [product.id for product in context.log.products],
            "cart": context.store.carts.get(context.cart_id).model_dump(mode="json"),
        },
    )
