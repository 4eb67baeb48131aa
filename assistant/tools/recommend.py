"""The tool that recommends products, each with the reasons for which it is recommended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from langchain_core.messages import AnyMessage
from pydantic import Field

from assistant.evidence import Finding, Given, product_facts
from assistant.suggesting import answers_given, spared_upsell, turned_down
from assistant.tools.catalog import SHOWN, Price, ProductId, line
from assistant.tools.context import ToolContext, TurnContext, shop_tool
from retriever.product import Product
from retriever.recommending.asking import Asked, Context, Goal
from retriever.recommending.candidate import Because, Ground
from retriever.recommending.explaining.reasons import short_name
from retriever.recommending.recommendation import Recommendation, Recommended

KINDS: Mapping[str, Literal["order", "promotion", "rating", "comparison"]] = {
    "bought": "order", "due": "order", "promoted": "promotion", "rated": "rating",
    "together": "comparison", "popular": "comparison", "trending": "comparison", "favourite": "comparison",
}  # fmt: skip


@shop_tool()
def recommend_products(
    runtime: ToolContext,
    like: Annotated[list[ProductId], Field(max_length=10)] | None = None,
    goal: Literal["similar", "complement", "personal", "popular", "new", "again"] | None = None,
    price_max: Price | None = None,
) -> Finding:
    """Recommend products, with the reasons for each. Use it when the shopper does not name the goods they look for.

    For "what do you recommend", "anything for me", "what goes with this", "something like the second one", "what is
    popular", "what is new" and "what do I usually buy".

    Args:
        like: ids of products that were shown before, which the recommendations are to be like or to go with.
        goal: similar to those in like, complement for what goes with them or with the cart, personal for what suits
            this shopper, popular, new, or again for what they buy again and again.
        price_max: highest price, in whole units of the shop's currency.
    """
    messages: Sequence[AnyMessage] = runtime.state.get("messages", ())
    return recommend(runtime.context, messages, like or (), goal, price_max)


def recommend(
    context: TurnContext,
    messages: Sequence[AnyMessage],
    like: Sequence[str] = (),
    goal: Goal | None = None,
    price_max: int | None = None,
) -> Finding:
    """What the shop's recommender puts forward for this shopper, as lines and as facts.

    Args:
        context: who asks.
        messages: the conversation, the shopper's latest message included.
        like: products that it is to be like, or to go with.
        goal: what for.
        price_max: in major units.
    """
    cart = context.store.carts.get(context.cart_id)
    made = context.store.recommender.recommend(
        Asked(
            goal=goal or ("similar" if like else None),
            customer_id=context.user_id or "",
            session_id=context.session_id or context.conversation_id,
            like=tuple(like),
            exclude=turned_down(messages),
            basket=tuple(dict.fromkeys(each.product_id for each in cart.lines)),
            price_max=None if price_max is None else Decimal(price_max),
            upsell=not spared_upsell(messages),
            k=SHOWN,
            surface="chat",
            language=context.language,
            context=Context(answers=answers_given(messages)),
        )
    )
    return _finding(made, goal, context)


def _finding(made: Recommendation, goal: Goal | None, context: TurnContext) -> Finding:
    titles, products = _read(made, context)
    note: dict[str, Any] = {"recommendation_id": made.recommendation_id, "goal": goal or "", "reasons": []}
    if made.questions and context.log.may_ask:
        note["question"] = made.questions[0].model_dump(mode="json")
    lines: list[str] = []
    for number, (each, product) in enumerate(zip(made.results, products, strict=True), 1):
        why = "；".join(each.reasons) if context.language == "zh" else "; ".join(each.reasons)
        shown = line(product, context.language)
        lines.append(f"{number}. {shown}{f' ({why})' if why else ''}")
        note["reasons"] += [given.data() for given in _given(each, product, titles)]
    if not lines:
        lines.append("There is nothing to recommend.")
    facts = tuple(fact for product in products for fact in product_facts(product))
    return Finding("\n".join(lines), facts, products, note)


def _read(made: Recommendation, context: TurnContext) -> tuple[dict[str, str], tuple[Product, ...]]:
    """Titles of all products that are spoken of, and the recommended ones, in the shopper's language."""
    about = {id for each in made.results for because in each.because for id in because.about}
    ids = list(dict.fromkeys([*(each.id for each in made.results), *sorted(about)]))
    held = {each.product.id: each.localised(context.language) for each in context.store.catalogue.stamped(ids)}
    return {id: product.title for id, product in held.items()}, tuple(
        held.get(each.id, each.product) for each in made.results
    )


def _given(each: Recommended, product: Product, titles: Mapping[str, str]) -> list[Given]:
    """The reasons of a product that rest on a record, for the check to hold sentences against."""
    grounds = [*each.grounds, *[()] * len(each.reasons)]
    return [
        _one(product, text, because, held[0] if held else None, titles)
        for text, because, held in zip(each.reasons, each.because, grounds, strict=False)
    ]


def _one(product: Product, text: str, because: Because, ground: Ground | None, titles: Mapping[str, str]) -> Given:
    rests = ground or Ground("product", product.id, "id", product.id)
    about = "" if because.kind == "promoted" else next((titles[id] for id in because.about if id in titles), "")
    return Given(
        product=product.id,
        title=product.title,
        because=because.kind,
        text=text,
        about=about if about != product.title else "",
        known_as=short_name(about) if about else "",
        kind=KINDS.get(because.kind, "attribute"),
        value=rests.value,
        type=rests.type,
        id=rests.id,
        field=rests.field,
    )
