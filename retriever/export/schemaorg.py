"""The shop's goods as schema.org JSON-LD: a Product, or a ProductGroup with its forms, each with offer and reviews."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from retriever.export.files import Write
from retriever.export.reading import Snapshot
from retriever.export.report import Tally
from retriever.feeds.feed import Progress
from retriever.feeds.rows import ProductRow, ReviewRow, VariantRow

CONTEXT = "https://schema.org"
OWN_PROPERTIES = ("color", "size", "material", "pattern", "gtin", "mpn")  # attributes schema.org has a property for
AVAILABILITY = {
    "in_stock": "InStock",
    "out_of_stock": "OutOfStock",
    "preorder": "PreOrder",
    "discontinued": "Discontinued",
}
BUYABLE = ("InStock", "PreOrder")

ADDRESS = ("http://", "https://")
NO_PRICE = "without a known price: the offer says none"
PART_ADDRESS = "with addresses that are not full: only pages of the shop itself can follow them"


def write_schemaorg(shop: Snapshot, write: Write, tally: Tally, progress: Progress) -> None:
    """Write all goods as one JSON array, a product a line."""
    before = "[\n"
    for _, text in _products(shop, tally, progress):
        write(f"{before}{text}")
        before = ",\n"
    write("[]\n" if before == "[\n" else "\n]\n")


def write_schemaorg_lines(shop: Snapshot, write: Write, tally: Tally, progress: Progress) -> None:
    """Write all goods as JSON Lines, which may have any length."""
    for _, text in _products(shop, tally, progress):
        write(f"{text}\n")


def write_schemaorg_files(shop: Snapshot, add: Callable[[str, str], object], tally: Tally, progress: Progress) -> None:
    """Write all goods, a file a product."""
    for id, text in _products(shop, tally, progress):
        add(id, f"{text}\n")


def _products(shop: Snapshot, tally: Tally, progress: Progress) -> Iterator[tuple[str, str]]:
    done, total = 0, shop.count("product")
    for batch in shop.batches("product"):
        rows = [row for row in batch if isinstance(row, ProductRow)]
        reviews = shop.reviews([row.id for row in rows])
        for row in rows:
            held = reviews.get(row.id, [])
            tally.count(row)
            for review in held:
                tally.count(review)
            if any(form.price is None for form in row.variants or [row]):
                tally.note(NO_PRICE, row.id)
            if any(address and not address.startswith(ADDRESS) for address in (row.url, *row.images)):
                tally.note(PART_ADDRESS, row.id)
            yield row.id, script_safe(json.dumps(json_ld(row, held), ensure_ascii=False))
        done += len(rows)
        progress("product rows", done, total)


def script_safe(text: str) -> str:
    """JSON that may be put between script tags: no ``<`` that could end them."""
    return text.replace("<", "\\u003c")


def json_ld(row: ProductRow, reviews: list[ReviewRow]) -> dict[str, Any]:
    """A product as a JSON-LD object."""
    node: dict[str, Any] = {"@context": CONTEXT}
    if row.variants:
        node |= {"@type": "ProductGroup", "productGroupID": row.id}
    else:
        node |= {"@type": "Product", "sku": row.id}
    node |= _words(row) | _given(row) | _properties(row.attributes)
    if row.variants:
        names = dict.fromkeys(name for form in row.variants for name in form.options)
        node["variesBy"] = [f"{CONTEXT}/{name}" if name in OWN_PROPERTIES else name for name in names]
        node["hasVariant"] = [_variant(form, row) for form in row.variants]
    else:
        node["offers"] = _offer(row, row.currency)
    if reviews:
        node["review"] = [_review(review) for review in reviews]
    return {name: value for name, value in node.items() if value}


def _words(row: ProductRow) -> dict[str, Any]:
    return {
        "name": _in_languages(row.title, {language: words.title for language, words in row.texts.items()}),
        "description": _in_languages(
            row.description, {language: words.description for language, words in row.texts.items()}
        ),
    }


def _in_languages(text: str, others: dict[str, str]) -> Any:
    """The shop's own words, and those of other languages beside them where there are any."""
    told = [{"@language": language, "@value": value} for language, value in others.items() if value]
    return [text, *told] if told else text


def _given(row: ProductRow) -> dict[str, Any]:
    rating = row.rating and {
        "@type": "AggregateRating",
        "ratingValue": row.rating.value,
        "ratingCount": row.rating.count,
        "bestRating": 5,
    }
    return {
        "url": row.url,
        "image": row.images,
        "brand": row.brand and {"@type": "Brand", "name": row.brand},
        "category": " > ".join(row.categories),
        "aggregateRating": rating,
        "releaseDate": row.published_at and row.published_at.isoformat(),
        "isRelatedTo": _references(row.related.get("goes_with", [])),
        "isAccessoryOrSparePartFor": _references(row.related.get("fits", [])),
    }


def _references(ids: list[str]) -> list[dict[str, str]]:
    return [{"@type": "Product", "productID": id} for id in ids]


def _properties(named: dict[str, str]) -> dict[str, Any]:
    """Attributes or options: what schema.org has a property for, and a PropertyValue for each of the others."""
    others = [
        {"@type": "PropertyValue", "name": name, "value": value}
        for name, value in named.items()
        if name not in OWN_PROPERTIES
    ]
    own = {name: value for name, value in named.items() if name in OWN_PROPERTIES}
    return own | ({"additionalProperty": others} if others else {})


def _variant(form: VariantRow, row: ProductRow) -> dict[str, Any]:
    title = form.title or ", ".join(form.options.values()) or row.title
    return {
        "@type": "Product",
        "sku": form.id,
        "name": row.title if title == row.title else f"{row.title} - {title}",
        **_properties(form.options),
        "offers": _offer(form, row.currency),
    }


def _offer(form: ProductRow | VariantRow, currency: str | None) -> dict[str, Any]:
    offer: dict[str, Any] = {"@type": "Offer", "availability": f"{CONTEXT}/{_availability(form)}"}
    if form.price is not None and currency:
        offer |= {"price": str(form.price), "priceCurrency": currency}
    if form.stock is not None:
        offer["inventoryLevel"] = {"@type": "QuantitativeValue", "value": form.stock}
    return offer


def _availability(form: ProductRow | VariantRow) -> str:
    """What cannot be bought is never offered as if it could, whatever its status says."""
    named = AVAILABILITY.get(form.status, "")
    if form.available:
        return named if named in BUYABLE else "InStock"
    return named if named and named not in BUYABLE else "OutOfStock"


def _review(row: ReviewRow) -> dict[str, Any]:
    """A review without its author: the shop knows a customer, whose name is nobody's business."""
    rating = None if row.rating is None else {"@type": "Rating", "ratingValue": row.rating, "bestRating": 5}
    node = {
        "@type": "Review",
        "identifier": row.id,
        "name": row.title,
        "reviewBody": row.body,
        "reviewRating": rating,
        "inLanguage": row.language,
        "datePublished": row.written_at and row.written_at.isoformat(),
    }
    return {name: value for name, value in node.items() if value}
