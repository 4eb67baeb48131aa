"""What a format carries comes back: products through records, a format and its feed.

- ``jsonl`` carries everything.
- ``schemaorg`` carries all but ``replaces``, names of attributes and options in other languages,
  categories with a ``>``, and a status that contradicts availability.
- ``google`` carries id, title, description without line breaks, address, pictures, brand, categories,
  prices, availability, the options and attributes it has columns for. Options that all forms have
  in common come back as attributes; a form's title is that of its options, in the columns' order.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retriever.export.google import COLUMNS, google_lines
from retriever.export.google import line_of as google_line
from retriever.export.jsonl import line_of
from retriever.export.rows import product_row
from retriever.export.schemaorg import json_ld, script_safe
from retriever.feeds.clean import UncleanError, clean
from retriever.feeds.feed import Feed, row_of, silent
from retriever.feeds.google import GoogleFeed
from retriever.feeds.rows import ProductRow
from retriever.feeds.schemaorg import SchemaOrgFeed
from retriever.product import Product, Stamped
from retriever.product_records import ProductRows
from retriever.records import ProductRecord, VariantRecord
from retriever.writing import stamped_of

ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WORDS = st.text(st.characters(categories=["L", "N", "Pd", "Po"], exclude_characters="<>&"), min_size=1, max_size=12)
IDS = st.text(st.characters(categories=["L", "N"], include_characters="-_./ "), min_size=1, max_size=12).filter(
    lambda id: id == id.strip()
)
PRICES = st.none() | st.decimals(0, 10_000, places=2)
PICTURES = st.lists(st.sampled_from([f"https://shop.example/{number}.jpg" for number in range(9)]), unique=True)
STATES = st.sampled_from([(True, "in_stock"), (False, "out_of_stock"), (True, "preorder"), (False, "discontinued")])
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@st.composite
def products(draw, words=ANY, options=ANY, states=STATES, distinct=False):
    """A product in one form or in several."""
    (available, status), stock = draw(states), draw(st.none() | st.integers(0, 99))
    values = {
        "id": draw(IDS),
        "title": draw(words),
        "description": draw(words),
        "url": draw(st.sampled_from(["", "https://shop.example/goods?a=1"])),
        "images": draw(PICTURES),
        "brand": draw(words),
        "categories": draw(st.lists(words, max_size=3, unique=True)),
        "currency": draw(st.sampled_from(["USD", "JPY", "KWD"])),
    }
    if draw(st.booleans()):
        return values | {"price": draw(PRICES), "available": available, "status": status, "stock": stock}
    ids = draw(st.lists(IDS, min_size=2 if distinct else 1, max_size=4, unique=True))
    names = draw(st.lists(options, max_size=2, unique=True, min_size=1 if distinct else 0))
    choices = {name: draw(st.lists(words, min_size=len(ids), max_size=len(ids), unique=distinct)) for name in names}
    values["variants"] = []
    for place, id in enumerate(ids):
        available, status = draw(states)
        form = {"id": id, "price": draw(PRICES), "available": available, "status": status}
        form["options"] = {name: choices[name][place] for name in names}
        values["variants"].append(form if distinct else form | {"title": draw(words), "stock": stock})
    return values


def held(values: dict[str, object]) -> tuple[ProductRow, Stamped] | None:
    """A product as an export finds it in the records, and as the shop shows it; None for one the import refuses."""
    given = row_of(1, values)
    if not isinstance(given, tuple):
        return None
    try:
        row = clean(given[1])
    except UncleanError:
        return None
    assert isinstance(row, ProductRow)
    stocks = {form.id: form.stock for form in row.variants} or {row.id: row.stock}
    shown = stamped_of(row, "USD")
    rows = ProductRows("feed")
    rows.add(shown, "hash", 1, stocks)
    variants = [VariantRecord(**values) for values in rows.variants]
    return product_row(ProductRecord(**rows.products[0], variants=variants)), shown


def taken(feed: Feed) -> ProductRow:
    """The one product of a feed."""
    (item,) = feed.read(silent)
    assert isinstance(item, tuple), item
    row = clean(item[1])
    assert isinstance(row, ProductRow)
    return row


def stocks_of(row: ProductRow) -> dict[str, int | None]:
    return {form.id: form.stock for form in row.variants} or {row.id: row.stock}


@UNTIMED
@given(
    products(),
    st.dictionaries(ANY, ANY, max_size=3),
    st.dictionaries(
        st.sampled_from(["zh", "de"]), st.fixed_dictionaries({"title": ANY, "options": st.just({"a": "b"})})
    ),
    st.none() | st.integers(1, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.dictionaries(st.sampled_from(["goes_with", "fits", "replaces"]), st.lists(IDS, max_size=2)),
)
@example(
    {"id": "1", "title": "&amp;lt;b&amp;gt; 5 < 6 &amp;amp; <i>x</i>", "price": "5"}, {"&amp;lt;": "<"}, {}, None, {}
)
@example({"id": "1", "title": "A", "variants": [{"id": "1", "title": "A"}]}, {}, {}, None, {})
def test_jsonl_carries_everything(values, attributes, texts, published_at, related):
    extra = {"attributes": attributes, "texts": texts, "published_at": published_at, "related": related}
    known = held(values | extra)
    if known is None:
        return
    row, shown = known
    item = row_of(1, json.loads(line_of(row)))
    assert isinstance(item, tuple), item
    again = clean(item[1])
    assert stamped_of(again, "USD") == shown
    assert stocks_of(again) == stocks_of(row)


@UNTIMED
@given(
    products(words=WORDS, options=st.sampled_from(["color", "size", "wattage", "gtin"])),
    st.dictionaries(st.sampled_from(["color", "material", "gtin", "mpn", "weight", "sku", "Fits"]), WORDS),
    st.dictionaries(st.sampled_from(["zh", "de"]), st.fixed_dictionaries({"title": WORDS, "description": WORDS})),
    st.none() | st.fixed_dictionaries({"value": st.floats(0, 5), "count": st.integers(1, 10**9)}),
    st.dictionaries(st.sampled_from(["goes_with", "fits"]), st.lists(IDS, min_size=1, max_size=2)),
)
def test_schemaorg_carries_what_it_has_words_for(tmp_path: Path, values, attributes, texts, rating, related):
    extra = {"attributes": attributes, "texts": texts, "rating": rating, "related": related}
    known = held(values | extra | {"published_at": "2026-03-01T12:00:00Z"})
    assert known is not None
    row, shown = known
    (tmp_path / "one.jsonld").write_text(json.dumps(json_ld(row, [])))
    again = taken(SchemaOrgFeed(tmp_path / "one.jsonld"))
    assert stamped_of(again, "USD") == shown
    assert stocks_of(again) == stocks_of(row)


SIMPLE = st.text("abcdefghij0123456789äß椅", min_size=1, max_size=8)
SOLD = st.sampled_from([(True, "in_stock"), (False, "out_of_stock"), (True, "preorder")])


def untitled(product: Product) -> Product:
    """A product without the titles of its forms."""
    forms = tuple(form.model_copy(update={"title": ""}) for form in product.variants)
    return product.model_copy(update={"variants": forms})


@UNTIMED
@given(
    products(words=SIMPLE, options=st.sampled_from(["color", "size", "age group"]), states=SOLD, distinct=True),
    st.dictionaries(st.sampled_from(["material", "gtin", "mpn", "product weight"]), SIMPLE),
)
def test_google_carries_what_it_has_columns_for(tmp_path: Path, values, attributes):
    known = held(values | {"attributes": attributes, "description": 'Two\nlines, a\ttab and "quotes"'})
    assert known is not None
    row, shown = known
    lines = StringIO()
    lines.write(google_line(list(COLUMNS)))
    lines.writelines(google_line([cells.get(name, "") for name in COLUMNS]) for cells in google_lines(row))
    (tmp_path / "one.tsv").write_text(lines.getvalue())
    again = stamped_of(taken(GoogleFeed(tmp_path / "one.tsv")), "USD").product
    wanted = shown.product.model_copy(update={"description": 'Two lines, a tab and "quotes"'})
    assert untitled(again) == untitled(wanted)


def test_what_cannot_be_bought_is_never_offered(tmp_path: Path):
    row = ProductRow.model_validate(
        {"id": "a", "title": "A", "price": Decimal(1), "currency": "USD", "available": False, "status": "preorder"}
    )
    assert json_ld(row, [])["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert next(google_lines(row))["availability"] == "out_of_stock"


def test_json_ld_can_stand_in_a_page():
    text = script_safe(json.dumps({"name": "</script><script>alert(1)"}))
    assert "<" not in text
    assert json.loads(text)["name"] == "</script><script>alert(1)"
