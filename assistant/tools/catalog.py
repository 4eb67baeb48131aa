"""Tools over the catalogue: search, one product, several side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from langchain_core.messages import AnyMessage, HumanMessage
from pydantic import Field

from assistant.errors import ToolInputError
from assistant.evidence import Fact, Finding, price_text, product_facts, short_title, stock_text
from assistant.phrases import phrase
from assistant.plain import without_words
from assistant.tools.context import ToolContext, TurnContext, shop_tool
from assistant.tools.fitting import answering, near_enough, things
from assistant.tools.nearest import Offer, conditions_of, in_force, nearest, softest
from retriever.filters import Filters
from retriever.product import Product
from retriever.search import DEPTH, NO_FILTERS, Hit, SearchResult

Query = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[str, Field(min_length=1, max_length=40)]
Price = Annotated[int, Field(ge=0, le=1_000_000)]
ProductId = Annotated[str, Field(min_length=1, max_length=60)]

Search = Callable[..., tuple[SearchResult, list[Hit]]]
"""``_searched`` for one query: takes how many, and ``without`` which conditions."""

QUOTED = re.compile('["\u201c]([^"\u201c\u201d]{1,40})["\u201d]')
SHOWN = 5  # cards a search shows unless the model asks otherwise
WIDER = 3  # times as many are looked through for those that miss a limit by least


@shop_tool()
def search_catalog(
    query: Query,
    runtime: ToolContext,
    category: Word | None = None,
    brand: Word | None = None,
    price_min: Price | None = None,
    price_max: Price | None = None,
    attributes: dict[Word, Word] | None = None,
    exclude: Annotated[list[Word], Field(max_length=5)] | None = None,
    in_stock: bool | None = None,
    sort: Literal["relevance", "price_asc", "price_desc", "rating", "newest"] = "relevance",
    limit: Annotated[int, Field(ge=1, le=10)] = SHOWN,
) -> Finding:
    """Search the shop's products. Use it whenever the shopper looks for something to buy.

    Args:
        query: what is looked for, in the shopper's words.
        category: only this category.
        brand: only this brand.
        price_min: lowest price, in whole units of the shop's currency.
        price_max: highest price, in whole units of the shop's currency.
        attributes: only with these attributes, for example color: black.
        exclude: words the product must not have.
        in_stock: only what can be bought now.
        sort: the order.
        limit: how many.
    """
    filters = Filters(
        price_min=None if price_min is None else Decimal(price_min),
        price_max=None if price_max is None else Decimal(price_max),
        category=category,
        brand=brand,
        exclude=tuple(exclude or ()),
        in_stock=in_stock,
        attributes=attributes or {},
    )
    return look_for(runtime.context, as_quoted(query, said(runtime.state)), limit, filters, sort)


@shop_tool()
def get_product(
    product_id: ProductId,
    runtime: ToolContext,
    options: dict[Word, Word] | None = None,
) -> Finding:
    """Read everything about one product that was shown before: options, prices, stock, attributes, description.

    Args:
        product_id: its id.
        options: only the variants with these options, for example size: M.
    """
    product = known_product(product_id, runtime.context)
    language = runtime.context.language
    wanted = {name.casefold(): value.casefold() for name, value in (options or {}).items()}
    variants = [
        variant
        for variant in product.variants
        if all({k.casefold(): v.casefold() for k, v in variant.options.items()}.get(n) == v for n, v in wanted.items())
    ]
    if wanted and not variants:
        offered = sorted({f"{name}: {value}" for v in product.variants for name, value in v.options.items()})
        raise ToolInputError(f"No such variant. Options are {', '.join(offered)}.")
    lines = [line(product, language)]
    lines += [f"{name}: {value}" for name, value in product.attributes.items()]
    for variant in variants[:20] if len(product.variants) > 1 else []:
        price = variant.price.text(language) if variant.price else "price unknown"
        options_text = ", ".join(f"{name} {value}" for name, value in variant.options.items()) or variant.title
        lines.append(f"{options_text}: {price}, {stock_text(variant.availability.available, language)}")
    if product.description:
        lines.append(product.description[:600])
    return Finding("\n".join(lines), tuple(product_facts(product)), (product,))


@shop_tool()
def compare_products(
    product_ids: Annotated[list[ProductId], Field(min_length=2, max_length=4)],
    runtime: ToolContext,
) -> Finding:
    """Put products that were shown before side by side.

    Args:
        product_ids: two to four ids.
    """
    ids = list(dict.fromkeys(product_ids))
    if len(ids) < 2:
        raise ToolInputError("Comparing needs two different products.")
    language = runtime.context.language
    products = tuple(known_product(product_id, runtime.context) for product_id in ids)
    names = list(dict.fromkeys(name for product in products for name in product.attributes))
    lines = [line(product, language) for product in products]
    for name in names[:12]:
        values = " / ".join(product.attributes.get(name, "not stated") for product in products)
        lines.append(f"{name}: {values}")
    facts = [fact for product in products for fact in product_facts(product)]
    priced = [product for product in products if product.price_range.min is not None]
    if len(priced) == len(products):
        cheapest = min(priced, key=lambda product: product.price_range.min.amount if product.price_range.min else 0)
        facts.append(Fact("comparison", "lowest price", cheapest.title, "product", cheapest.id, "price_range.min"))
        lines.append(f"lowest price: {short_title(cheapest.title)}")
    return Finding("\n".join(lines), tuple(facts), products)


def as_quoted(query: str, words: str) -> str:
    """The query with the quotation marks that the shopper put around some of its words: those are meant as typed."""
    for quoted in QUOTED.findall(words):
        if f'"{quoted}"' not in query:
            query = re.sub(rf"(?<!\w){re.escape(quoted)}(?!\w)", f'"{quoted}"', query, count=1, flags=re.IGNORECASE)
    return query


def said(state: Mapping[str, Any]) -> str:
    """The shopper's latest message."""
    messages: Sequence[AnyMessage] = state.get("messages", ())
    return next((str(each.content) for each in reversed(messages) if isinstance(each, HumanMessage)), "")


def known_product(product_id: str, context: TurnContext) -> Product:
    """The product in the shopper's language.

    Raises:
        NotFoundError: if the shop does not have it.
    """
    stamped = context.store.catalogue.stamped([product_id])
    return stamped[0].localised(context.language) if stamped else context.store.catalogue.product(product_id)


def look_for(
    context: TurnContext, query: str, limit: int = SHOWN, filters: Filters = NO_FILTERS, sort: str = "relevance"
) -> Finding:
    """What a search finds, in the shopper's language; where nothing fits, what comes nearest and what it misses."""
    search = partial(_searched, context, query, filters=filters, sort=sort)
    result, answers = search(limit)
    note: dict[str, Any] = {"query": result.query}
    if "corrected" in result.interpretation:
        note["corrected"] = result.interpretation["corrected"]
    if answers:
        products = _localised(answers[:limit], context)
        return Finding(listing(products, context.language), _facts(products), products, note)
    offers = _offers(result, search, limit, context)
    best = softest(offers, result.interpretation)
    note["relaxed"] = [offer.said for offer in offers if offer.answers and offer is not best]
    if best is not None and best.answers:
        products = best.products[:limit]
        note["nearest"] = without_words(best.given_up, products, context.language)
    else:  # whatever there is is something else, with the conditions and without
        alike = [hit for hit in result.results if hit.similarity is not None]
        alike.sort(key=lambda hit: -(hit.similarity or 0.0))
        products = _localised(alike[:limit], context) or (best.products[:limit] if best else ())
        note |= {"nearest": phrase("beside", context.language)} if products else {}
    lines = [f"Nothing found for '{' '.join(result.query.split())}'."]
    if products:
        lines += [phrase("lead", context.language, without=note["nearest"]), listing(products, context.language)]
    return Finding("\n".join([*lines, *note["relaxed"]]), _facts(products), products, note)


def _searched(
    context: TurnContext, query: str, limit: int, *, filters: Filters, sort: str, without: Sequence[str] = ()
) -> tuple[SearchResult, list[Hit]]:
    """A search's result, and those of its hits that answer to the query."""
    # What the query names may stand far behind: what can be bought comes before what is called so.
    k = max(limit, DEPTH) if things(query) else limit
    result = context.store.searcher.search(query, k, filters, sort=sort, without=without)
    least = near_enough(context.store.encoder)
    return result, answering(result.interpretation["text"], result.results, least, sort)


def _offers(result: SearchResult, search: Search, limit: int, context: TurnContext) -> list[Offer]:
    """What there would be without each of the conditions or, where that is never what was asked for, without any."""
    held, text = in_force(result.interpretation), result.interpretation["text"]
    # Where something was found that is not what was asked for, the search itself let go of nothing.
    said = [f"{name}: 0 results without it" for name in held] if result.results else result.relaxed
    offers = [
        _offer(each, result, search, limit, context)
        for each in said
        if text or len(conditions_of(each)) < len(held)  # without a word and a condition nothing is asked
    ]
    if things(text) and len(held) > 1 and not any(offer.answers or len(offer.given_up) > 1 for offer in offers):
        all_of_them = f"{', '.join(held)}: 0 results without all of them"
        offers.append(_offer(all_of_them, result, search, limit, context))
    return offers


def _offer(said: str, result: SearchResult, search: Search, limit: int, context: TurnContext) -> Offer:
    """What a search would find without the conditions that its sentence names."""
    given_up = conditions_of(said)
    wider, answers = search(WIDER * limit, without=given_up)
    goods = nearest(_localised(answers or wider.results[:limit], context), given_up, result.interpretation)
    if things(result.query):  # the search counts what is something else too
        count, all_of_it = len(answers), said.rpartition(" without ")[2]
        said = f"{', '.join(given_up)}: {count} result{'' if count == 1 else 's'} without {all_of_it}"
    return Offer(given_up, goods, bool(answers), said)


def _localised(hits: Sequence[Hit], context: TurnContext) -> tuple[Product, ...]:
    return tuple(hit.stamped.localised(context.language) for hit in hits)


def _facts(products: Sequence[Product]) -> tuple[Fact, ...]:
    return tuple(fact for product in products for fact in product_facts(product))


def listing(products: tuple[Product, ...], language: str) -> str:
    """Numbered lines, one a product."""
    return "\n".join(f"{number}. {line(product, language)}" for number, product in enumerate(products, 1))


def line(product: Product, language: str) -> str:
    """One product in one line: title, price, stock, rating."""
    price, stock = price_text(product, language), stock_text(product.availability.available, language)
    if language == "zh":
        rated = f"，{product.rating.count} 人评分 {product.rating.value:.1f}" if product.rating else ""
        return f"{short_title(product.title)}：{price}，{stock}{rated}"
    rated = f", rated {product.rating.value:.1f} by {product.rating.count}" if product.rating else ""
    return f"{short_title(product.title)}: {price}, {stock}{rated}"
