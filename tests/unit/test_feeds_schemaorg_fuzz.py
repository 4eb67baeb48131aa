"""Whatever stands in a file of JSON-LD, what comes of it is rows and refusals."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retriever.errors import BadInputError
from retriever.feeds.feed import Item, silent
from retriever.feeds.rows import ProductRow, Rejected, ReviewRow
from retriever.feeds.schemaorg import SchemaOrgFeed

NAMES = [
    *("@id", "@graph", "@value", "@language", "@list", "@type", "sku", "productID", "productGroupID", "name", "url"),
    *("description", "image", "brand", "category", "offers", "price", "priceCurrency", "priceSpecification"),
    *("lowPrice", "highPrice", "availability", "inventoryLevel", "hasVariant", "isVariantOf", "variesBy", "color"),
    *("additionalProperty", "value", "unitText", "aggregateRating", "ratingValue", "ratingCount", "bestRating"),
    *("review", "reviewRating", "reviewBody", "datePublished", "itemOffered", "itemReviewed", "isRelatedTo"),
    *("inLanguage", "size", "weight", "releaseDate", "inProductGroupWithID"),
]
WORDS = ["#a", "-5", "free", "9.99", "EUR", "Product", "ProductGroup", "https://schema.org/InStock", "2026-02-30"]
LAMP = {"@type": "Product", "@id": "#a", "sku": "lamp", "name": "Lamp", "offers": {"price": 5, "priceCurrency": "EUR"}}
GROUP = {"@type": "ProductGroup", "@id": "#g", "productGroupID": "g", "name": "G", "hasVariant": [LAMP, {"@id": "#g"}]}

KEYS = st.sampled_from(NAMES) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([*WORDS, LAMP]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
NODES = st.builds(dict.__or__, st.sampled_from([{}, LAMP, GROUP]), st.dictionaries(KEYS, VALUES, max_size=4))
BYTES = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
FUZZ = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def page(*scripts: str) -> str:
    tags = "\n".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return f"<!doctype html>\n<html>{tags}</html>\n"


def fuzzed(path: Path, content: bytes) -> list[Item]:
    """All that comes of a file: rows, refusals, or one refusal of the whole."""
    path.write_bytes(content)
    try:
        return list(SchemaOrgFeed(path).read(silent))
    except BadInputError:
        return []


def is_told(item: Item) -> bool:
    """Whether it is a refusal with a reason, or a row of a kind that the feed brings."""
    if isinstance(item, Rejected):
        return bool(item.reason)
    return isinstance(item, tuple) and isinstance(item[1], ProductRow | ReviewRow)


@FUZZ
@given(st.lists(NODES, max_size=4), st.sampled_from(["goods.json", "goods.jsonl", "page.html"]))
def test_any_nodes_are_rows_or_refusals(tmp_path, nodes, name):
    text = json.dumps(nodes if name != "goods.jsonl" else {"@graph": nodes})
    assert all(map(is_told, fuzzed(tmp_path / name, (page(text) if name == "page.html" else text).encode())))


@FUZZ
@given(BYTES, BYTES, BYTES, st.sampled_from(["goods.json", "goods.jsonl", "page.html", "page"]))
def test_any_bytes_around_and_in_a_script_harm_nothing(tmp_path, before, within, after, name):
    script = page("WITHIN", json.dumps(LAMP)).encode().replace(b"WITHIN", within)
    assert all(map(is_told, fuzzed(tmp_path / name, before + script + after)))
