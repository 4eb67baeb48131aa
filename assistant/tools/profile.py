"""Tools over a shopper's taste: what is known of it, what they decide about it, and why something was recommended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast

from langchain_core.messages import AIMessage, AnyMessage
from pydantic import Field

from assistant.conversation import latest_products, tool_results
from assistant.evidence import Finding, Given, given_by, short_title
from assistant.phrases import phrase
from assistant.tools.catalog import ProductId
from assistant.tools.context import ToolContext, TurnContext, shop_tool
from retriever.errors import NotFoundError
from retriever.interactions.recorded import SESSION
from retriever.profiles.building import Profiles
from retriever.profiles.naming import Meant, Naming
from retriever.profiles.wording import Language, in_words
from retriever.understanding.called import called

_SEVERAL = re.compile(r" (?:and|or|nor) |[和与跟或、]")
EXPLAINED = 3  # products whose reasons are said at once


@shop_tool()
def get_profile(runtime: ToolContext) -> Finding:
    """Read what the shop knows of this shopper's taste, and what they do not want to be recommended.

    For "what do you know about me", "what did I mute".
    """
    context = runtime.context
    language = _language(context)
    said = ("" if language == "zh" else " ").join(in_words(_profiles(context).of(person_of(context)), language))
    return Finding(said, note={"said": said})


@shop_tool(writes=True)
def update_profile(
    change: Literal["stop", "allow", "forget", "off", "on"],
    runtime: ToolContext,
    name: Annotated[str, Field(max_length=80)] = "",
) -> Finding:
    """Do what the shopper decides about recommendations. Use it only when they ask for it; searches stay as they are.

    For "stop recommending Alder", "no more perfume suggestions", "you can suggest Alder again", "forget that I looked
    at perfume", "stop personal recommendations", "turn them on again".

    Args:
        change: stop recommending what is named, allow it again, forget that the shopper looked at it (all they did,
            where nothing is named), personal recommendations off or on.
        name: a brand, a kind of goods or a product as the shopper calls it; empty for off and on.
    """
    context = runtime.context
    if change in ("off", "on"):
        _profiles(context).choices.switch(person_of(context), on=change == "on")
        return _settled("on" if change == "on" else _scoped("off", context), context)
    if change == "forget":
        return _forgotten(name, context)
    return _muted(name, context, on=change == "stop")


@shop_tool()
def explain_recommendation(runtime: ToolContext, product_id: ProductId | None = None) -> Finding:
    """Say why a product was recommended, with the reason that the records prove. For "why do you recommend this?".

    Args:
        product_id: id of a product that was shown; without one, why the latest ones were recommended.
    """
    context, messages = runtime.context, cast("Sequence[AnyMessage]", runtime.state.get("messages", ()))
    shown = latest_products(messages)
    ids = [product_id] if product_id else shown[:EXPLAINED]
    if not ids:
        return _settled("why_nothing", context)
    given = [each for id in ids for each in _given_for(id, messages)[:2]]
    parts = [_why(id, [each for each in given if each.product == id], messages, context) for id in ids]
    said = ("" if context.language == "zh" else " ").join(parts)
    return Finding(said, note={"said": said, "reasons": [each.data() for each in given]})


def person_of(context: TurnContext) -> str:
    """Whose profile it is: the customer's, or the visit's in which nobody has signed in."""
    return context.user_id or SESSION + (context.session_id or context.conversation_id)


def _profiles(context: TurnContext) -> Profiles:
    store = context.store
    return Profiles(store.database, store.catalogue, store.vectors.vectors)


def _language(context: TurnContext) -> Language:
    return "zh" if context.language == "zh" else "en"


def _scoped(name: str, context: TurnContext) -> str:
    """The phrase for a customer's own profile, or for a visit: what a stranger decides ends with it."""
    return name if context.user_id else f"{name}_visit"


def _settled(key: str, context: TurnContext, **values: object) -> Finding:
    said = phrase(key, context.language, **values)
    return Finding(said, note={"said": said})


def _muted(name: str, context: TurnContext, *, on: bool) -> Finding:
    choices, language = _profiles(context).choices, context.language
    meant = _all_meant(name, context)
    if not meant:
        return _settled("unknown_name", context, called=name)
    person = person_of(context)
    held = {(one.kind, one.name) for one in choices.of(person).muted}
    muted = [one for each in meant for one in each.muted]
    goods = phrase("and", language).join(_goods(each, context) for each in meant)
    if not on and held.isdisjoint((one.kind, one.name) for one in muted):
        return _settled("allow_none", context, goods=goods)
    choices.mute(person, *muted, on=on)
    return _settled(_scoped("stop", context) if on else "allow", context, goods=goods, called=name)


def _all_meant(name: str, context: TurnContext) -> list[Meant]:
    """What a name means, or each of several in it; nothing where the shop does not have one of them."""
    naming = Naming(context.store.database, context.store.catalogue)
    whole = naming.meant(name)
    found = [whole] if whole else [naming.meant(part) for part in _SEVERAL.split(name)]
    return [each for each in found if each] if all(found) else []


def _goods(meant: Meant, context: TurnContext) -> str:
    """What is muted, so that nobody takes a word of titles for a brand."""
    language, name = context.language, meant.name
    if any(one.kind == "brand" for one in meant.muted):
        return phrase("goods_of_brand", language, called=name)
    if name in {one.name for one in context.store.catalogue.categories()}:
        return phrase("goods_of_kind", language, called=called(name, language, quoted=False))
    return phrase("goods_called", language, called=name)


def _forgotten(name: str, context: TurnContext) -> Finding:
    profiles = _profiles(context)
    visit = context.session_id or context.conversation_id
    if not name:
        count = profiles.choices.forget_visit(visit)
        if context.user_id:
            count += profiles.choices.forget_everything(context.user_id)
        return _settled("forget_all", context, count=count)
    people = [SESSION + visit, *([context.user_id] if context.user_id else [])]
    meant = Naming(context.store.database, context.store.catalogue).meant(name)
    names = list(dict.fromkeys([name, *(one.name for one in (meant.muted if meant else ()))]))
    found = [gone for person in people for each in names if (gone := _forget(profiles, person, each)) is not None]
    return _settled("forget" if found else "forget_none", context, called=name, count=sum(found))


def _forget(profiles: Profiles, person: str, name: str) -> int | None:
    try:
        return profiles.forget(person, name)
    except NotFoundError:
        return None


def _given_for(id: str, messages: Sequence[AnyMessage]) -> list[Given]:
    """The reasons that the latest recommendation of a product gave for it."""
    for _, artifact in tool_results(messages):
        note = cast("dict[str, Any]", artifact.get("note", {}))
        if "recommendation_id" in note and id in artifact.get("products", []):
            return [each for each in given_by(note) if each.product == id]
    return []


def _why(id: str, given: Sequence[Given], messages: Sequence[AnyMessage], context: TurnContext) -> str:
    """Why one product was shown: what moved it, or the search that found it."""
    language = context.language
    product = next((each.localised(language) for each in context.store.catalogue.stamped([id])), None)
    title = short_title(product.title) if product else id
    if given:
        return phrase("because", language, title=title, why=phrase("list", language).join(each.text for each in given))
    query = _query_that_found(id, messages)
    return (
        phrase("why_search", language, title=title, query=query)
        if query
        else phrase("why_plain", language, title=title)
    )


def _query_that_found(id: str, messages: Sequence[AnyMessage]) -> str:
    """The words of the latest search that showed a product; empty where none did."""
    query = ""
    found = ""
    for message in messages:
        for call in message.tool_calls if isinstance(message, AIMessage) else []:
            query = str(call["args"].get("query", "")) if call["name"] == "search_catalog" else ""
        artifact = getattr(message, "artifact", None)
        if isinstance(artifact, dict) and id in cast("dict[str, Any]", artifact).get("products", []):
            found = query
    return found
