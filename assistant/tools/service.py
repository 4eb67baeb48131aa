"""Tools over policies, orders and the way to a person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from assistant.evidence import Fact, Finding, short_title
from assistant.fence import rules_only
from assistant.handoff import handoff_packet
from assistant.tools.context import ToolContext, shop_tool


@shop_tool()
def search_shop_policies_and_faqs(
    query: Annotated[str, Field(min_length=1, max_length=80)], runtime: ToolContext
) -> Finding:
    """Look up the shop's rules and answers: delivery, returns, payment, warranty, opening hours.

    Args:
        query: what the shopper wants to know.
    """
    found = runtime.context.store.policies.search(query, limit=2)
    policies = [policy.model_copy(update={"body": body}) for policy in found if (body := rules_only(policy.body))]
    if not policies:
        return Finding(f"The shop's policies say nothing about '{query}'.", note={"query": query})
    return Finding(
        "\n".join(f"{policy.title}: {policy.body}" for policy in policies),
        tuple(Fact("policy", policy.body, policy.title, "policy", policy.id, "body") for policy in policies),
        note={"query": query},
    )


@shop_tool(needs_customer=True)
def get_order(order_id: Annotated[str, Field(min_length=1, max_length=40)], runtime: ToolContext) -> Finding:
    """Read one of the signed-in customer's own orders: state, lines, delivery.

    Args:
        order_id: its number.
    """
    order = runtime.context.store.orders.get(order_id, runtime.context.user_id or "")
    language = runtime.context.language
    about = f"order {order.id}"
    facts = [Fact("order", order.status, about, "order", order.id, "status")]
    texts = [f"Order {order.id}: {order.status}"]
    if order.placed_at is not None:
        day = order.placed_at.date().isoformat()
        facts.append(Fact("order", day, about, "order", order.id, "placed_at"))
        texts[0] += f", placed {day}"
    for position, line in enumerate(order.lines):
        price = line.price.text(language) if line.price else "price unknown"
        texts.append(f"{line.quantity} x {short_title(line.title)}: {price}")
        if line.price is not None:
            place = f"lines.{position}.price"
            facts.append(Fact("price", line.price.model_dump(), line.title, "order", order.id, place))
    if order.total is not None:
        texts.append(f"total {order.total.text(language)}")
        facts.append(Fact("price", order.total.model_dump(), about, "order", order.id, "total"))
    for tracking in order.tracking_ids:
        texts.append(f"tracking {tracking}")
        facts.append(Fact("order", tracking, about, "order", order.id, "fulfillments"))
    return Finding("\n".join(texts), tuple(facts), note={"order_id": order.id})


@shop_tool(needs_customer=True)
def list_orders(runtime: ToolContext) -> Finding:
    """List the signed-in customer's own orders, the latest first."""
    orders = runtime.context.store.orders.list(runtime.context.user_id or "")[:10]
    if not orders:
        return Finding("There are no orders yet.", note={"orders": []})
    facts = [Fact("order", order.status, f"order {order.id}", "order", order.id, "status") for order in orders]
    lines = [
        f"Order {order.id}: {order.status}, {len(order.lines)} lines"
        + (f", placed {order.placed_at.date().isoformat()}" if order.placed_at else "")
        for order in orders
    ]
    return Finding("\n".join(lines), tuple(facts), note={"orders": [order.id for order in orders]})


@shop_tool(writes=True)
def transfer_to_human_agents(
    reason: Annotated[str, Field(min_length=1, max_length=80)],
    runtime: ToolContext,
    summary: Annotated[str, Field(max_length=200)] = "",
) -> Finding:
    """Ask a person of the shop to take over. Use it when the shopper asks for a person or needs what no tool does.

    Args:
        reason: why, in a few words.
        summary: what the person should know.
    """
    context = runtime.context
    handoff = handoff_packet(reason, summary, context, runtime.state["messages"])
    number = context.store.handoffs.record(
        conversation_id=context.conversation_id,
        customer_id=context.user_id or "",
        reason=handoff.reason,
        queue=handoff.queue,
        packet=handoff.packet,
    )
    context.log.handoff = handoff
    return Finding("The request for a person was recorded.", note={"handoff_id": number})
