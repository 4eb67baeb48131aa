"""Tools over the catalogue: search, one product, several side by side."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from assistant.errors import ToolInputError
from assistant.evidence import Fact, Finding, price_text, product_facts, short_title, stock_text
from assistant.plain import phrase, without_words
from assistant.tools.context import ToolContext, TurnContext, shop_tool
from assistant.tools.nearest import conditions_of, nearest, softest
from retriever.filters import Filters
from retriever.product import Product
from retriever.search import NO_FILTERS

Query = Annotated[str, Field(min_length=1, max_length=80)]
Word = Annotated[str, Field(min_length=1, max_length=40)]
Price = Annotated[int, Field(ge=0, le=1_000_000)]
ProductId = Annotated[str, Field(min_length=1, max_length=60)]

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
    return look_for(runtime.context, query, limit, filters, sort)


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
    search = context.store.searcher.search
    result = search(query, limit, filters, sort=sort)
    note: dict[str, Any] = {"query": result.query}
    products = tuple(hit.stamped.localised(context.language) for hit in result.results)
    if products:
        facts = tuple(fact for product in products for fact in product_facts(product))
        return Finding(listing(products, context.language), facts, products, note)
    given_up = softest(result.relaxed)
    if given_up:
        near = search(query, WIDER * limit, filters, sort=sort, without=given_up).results
        goods = (hit.stamped.localised(context.language) for hit in near)
        products = nearest(tuple(goods), given_up, result.interpretation)[:limit]
    lines = [f"Nothing found for '{' '.join(result.query.split())}'."]
    if products:
        note["nearest"] = without_words(given_up, products, context.language)
        lines += [phrase("lead", context.language, without=note["nearest"]), listing(products, context.language)]
    note["relaxed"] = [said for said in result.relaxed if not products or conditions_of(said) != given_up]
    facts = tuple(fact for product in products for fact in product_facts(product))
    return Finding("\n".join([*lines, *note["relaxed"]]), facts, products, note)


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
