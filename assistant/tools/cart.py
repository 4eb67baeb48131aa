"""Tools over the shopper's own cart."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assistant.evidence import Fact, Finding, short_title
from assistant.tools.context import ToolContext, shop_tool
from retriever.carts import Cart, CartChange


class CartLineArgument(BaseModel):
    """One line to set."""

    model_config = ConfigDict(extra="forbid")

    product_id: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    variant_id: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    quantity: Annotated[int, Field(ge=0, le=99)] = 1


@shop_tool()
def get_cart(runtime: ToolContext) -> Finding:
    """Read the shopper's cart: lines and total."""
    return cart_finding(runtime.context.store.carts.get(runtime.context.cart_id), runtime.context.language)


@shop_tool(writes=True)
def update_cart(
    lines: Annotated[list[CartLineArgument], Field(min_length=1, max_length=10)], runtime: ToolContext
) -> Finding:
    """Put products that were shown before into the cart, change how many, or take them out.

    Args:
        lines: each with a product_id or a variant_id and the quantity it shall have; 0 takes it out.
    """
    changes = [
        CartChange(product_id=line.product_id, variant_id=line.variant_id, quantity=line.quantity) for line in lines
    ]
    cart = runtime.context.store.carts.update(runtime.context.cart_id, changes)
    return cart_finding(cart, runtime.context.language)


def cart_finding(cart: Cart, language: str) -> Finding:
    """The cart as text and facts."""
    if not cart.lines:
        return Finding(
            "购物车是空的。" if language == "zh" else "The cart is empty.", note={"cart": cart.model_dump(mode="json")}
        )
    texts: list[str] = []
    facts: list[Fact] = []
    for line in cart.lines:
        unknown = "价格未知" if language == "zh" else "price unknown"
        price = line.line_total.text(language) if line.line_total else unknown
        texts.append(f"{line.quantity} x {short_title(line.title)}: {price}")
        facts.append(Fact("attribute", line.quantity, line.title, "cart", cart.id, f"lines.{line.variant_id}.quantity"))
        for name, money in (("price", line.price), ("line_total", line.line_total)):
            if money is not None:
                place = f"lines.{line.variant_id}.{name}"
                facts.append(Fact("price", money.model_dump(), line.title, "cart", cart.id, place))
    if cart.total is not None:
        facts.append(Fact("price", cart.total.model_dump(), "cart total", "cart", cart.id, "total"))
        texts.append(f"{'合计' if language == 'zh' else 'total'} {cart.total.text(language)}")
    head = "购物车：\n" if language == "zh" else "In the cart:\n"
    return Finding(head + "\n".join(texts), tuple(facts), note={"cart": cart.model_dump(mode="json")})
