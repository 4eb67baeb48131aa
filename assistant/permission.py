"""Whether a call that changes something is what the shopper asked for: this thing, these goods, that many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AnyMessage, ToolMessage
from pydantic import TypeAdapter, ValidationError

from assistant.consent import CartWish, action_words, cart_wish, counted, finds, named, own_words, wants_person
from assistant.conversation import latest_products, shown_products, tool_results
from assistant.deciding import CHANGES, decision_of
from assistant.errors import UnaskedError
from assistant.tools.cart import CartLineArgument
from assistant.tools.context import TurnContext
from retriever.carts import Cart
from retriever.product import Stamped
from retriever.text import fold, stem, terms

LINES = TypeAdapter(list[CartLineArgument])


def authorise_write(
    tool: str, arguments: Mapping[str, Any], messages: Sequence[AnyMessage], context: TurnContext
) -> None:
    """Refuse a change that the shopper's message does not ask for. A tool without a rule of its own changes nothing.

    Raises:
        UnaskedError: with what the message would have to ask.
    """
    if tool == "update_cart":
        authorise_cart(arguments, messages, context)
    elif tool == "update_profile":
        authorise_decision(arguments, messages)
    elif tool != "transfer_to_human_agents":
        raise UnaskedError(f"Nothing allows {tool} to change anything.")
    elif not wants_person(messages) and any(isinstance(message, ToolMessage) for message in messages):
        # Before any record was read, nobody but the shopper can have made the model think of a person.
        raise UnaskedError("A person takes over only when you ask for one.", "Answer the shopper instead.")


def authorise_decision(arguments: Mapping[str, Any], messages: Sequence[AnyMessage]) -> None:
    """Refuse to decide about recommendations for a shopper whose message does not speak of it, or of another thing.

    Raises:
        UnaskedError: with what the message would have to say.
    """
    change, name = arguments.get("change"), str(arguments.get("name", ""))
    if change not in CHANGES:
        return  # the tool's own schema refuses it, and says why
    sure = decision_of(messages)
    if sure is not None and (sure.change, sure.name) == (change, name):
        return
    said = own_words(messages)
    told = {stem(word) for word in terms(said)}
    named = fold(name) in said or {stem(word) for word in terms(name)} <= told
    if not named or not finds(f"profile{change}", said):
        raise UnaskedError("Recommendations change only when you ask for it.", "Ask the shopper what they would like.")


def authorise_cart(arguments: Mapping[str, Any], messages: Sequence[AnyMessage], context: TurnContext) -> None:
    """Refuse to touch a cart that the message leaves alone, goods it cannot mean, and quantities it does not name.

    Raises:
        UnaskedError: with what is not clear.
    """
    wish = cart_wish(messages)
    if not wish.any:
        raise UnaskedError("The cart changes only when you ask for it.", "Ask the shopper whether it shall be done.")
    try:
        lines = LINES.validate_python(arguments.get("lines"))
    except ValidationError:
        return  # the tool's own schema refuses these arguments, and says why
    cart = context.store.carts.get(context.cart_id)
    meant = meant_goods(messages, wish, cart, context)
    for line in lines:
        owner = context.store.catalogue.variant(line.variant_id)[0].id if line.variant_id else line.product_id
        if owner not in meant:
            raise UnaskedError("It is not clear that you meant these goods.", "Ask the shopper which ones.")
        if not wish.allows(_held(cart, line), line.quantity):
            raise UnaskedError(f"You did not ask for {line.quantity} of them.", "Ask the shopper how many.")
    places = counted(own_words(messages), latest_products(messages))
    if len(lines) > (len(meant) if wish.several else max(1, len(places))):
        raise UnaskedError("You asked for fewer things than these.", "Change only what the shopper named.")


def meant_goods(messages: Sequence[AnyMessage], wish: CartWish, cart: Cart, context: TurnContext) -> set[str]:
    """The products that the message can mean: those it counts out, else those it names, else the latest shown."""
    said = own_words(messages)
    latest = latest_products(messages)
    held = list(dict.fromkeys(line.product_id for line in cart.lines))
    lists = [latest, next((some for some in _lists(messages) if len(some) > 1), [])]
    if wish.removes or wish.sets:
        lists.append(held)
    counts = {id for some in lists for id in counted(said, some)}
    words = {stem(word) for word in terms(said)} - action_words()
    known = context.store.catalogue.stamped([*shown_products(messages), *held])
    goods = {each.product.id: product_words(each) for each in known}
    names = named(words, goods)
    if counts:
        told = {word for id in counts for word in goods.get(id, ())}
        return counts | ({id for id in names if (goods[id] & words) - told} if wish.several else set())
    if names:
        return names
    return set(latest) | set(held) if wish.removes or wish.sets or not latest else set(latest)


def product_words(stamped: Stamped) -> set[str]:
    """The stems of everything by which a shopper may call a product, in the shop's languages."""
    names = [stamped.product.id]
    for product in (stamped.localised(language) for language in ("", *stamped.texts)):
        names += [product.title, product.brand, *product.categories, *product.attributes.values()]
        names += [text for variant in product.variants for text in (variant.title, *variant.options.values())]
    return {stem(word) for name in names for word in terms(name)}


def _lists(messages: Sequence[AnyMessage]) -> list[list[str]]:
    return [artifact["products"] for _, artifact in tool_results(messages) if artifact.get("products")]


def _held(cart: Cart, wanted: CartLineArgument) -> int:
    """How many of a line's goods the cart holds now."""
    return sum(
        line.quantity
        for line in cart.lines
        if wanted.variant_id in (None, line.variant_id) and wanted.product_id in (None, line.product_id)
    )
