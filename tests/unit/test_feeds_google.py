"""Merchant Center feeds: tables, RSS and Atom, groups of variants, sales, and files that mean harm."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest

from retriever.errors import BadInputError
from retriever.feeds.feed import silent
from retriever.feeds.google import GoogleFeed
from retriever.feeds.registry import source_feed
from retriever.feeds.rows import Rejected

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

# Every attribute of the product data specification.
PUBLISHED = [
    *("id", "title", "structured_title", "description", "structured_description", "link", "image_link"),
    *("additional_image_link", "virtual_model_link", "mobile_link", "availability", "availability_date"),
    *("cost_of_goods_sold", "expiration_date", "price", "sale_price", "sale_price_effective_date"),
    *("auto_pricing_min_price", "unit_pricing_measure", "unit_pricing_base_measure", "installment"),
    *("subscription_cost", "loyalty_program", "minimum_price", "google_product_category", "product_type", "brand"),
    *("gtin", "mpn", "identifier_exists", "condition", "adult", "multipack", "is_bundle", "certification"),
    *("energy_efficiency_class", "min_energy_efficiency_class", "max_energy_efficiency_class", "age_group"),
    *("color", "gender", "material", "pattern", "size", "size_type", "size_system", "item_group_id"),
    *("product_length", "product_width", "product_height", "product_weight", "product_detail", "product_highlight"),
    *("ads_redirect", "custom_label_0", "custom_label_1", "custom_label_2", "custom_label_3", "custom_label_4"),
    *("promotion_id", "lifestyle_image_link", "external_seller_id", "excluded_destination", "included_destination"),
    *("shopping_ads_excluded_country", "pause", "shipping", "carrier_shipping", "shipping_label"),
    *("shipping_weight", "shipping_length", "shipping_width", "shipping_height", "ships_from_country"),
    *("max_handling_time", "min_handling_time", "transit_time_label", "free_shipping_threshold", "tax"),
    "tax_category",
]

LAMP = {
    "id": "L1",
    "title": "Desk lamp Ara",
    "description": "Oak & steel, <5 W",
    "link": "https://example.org/l1",
    "image_link": "https://example.org/l1.jpg",
    "additional_image_link": "https://example.org/l1,b.jpg,https://example.org/l1c.jpg",
    "availability": "in_stock",
    "price": "19.99 USD",
    "google_product_category": "Home & Garden > Lighting > Lamps",
    "product_type": "Lamps > Desk",
    "brand": "Lumo",
    "gtin": "4006381333931",
    "mpn": "ARA-1",
    "condition": "new",
    "color": "oak",
}
TEE = {"title": "Linen tee - Red - S", "item_group_id": "TEE", "price": "20 EUR", "gender": "unisex"} | {
    "id": "t-r-s",
    "availability": "in stock",
    "color": "Red",
    "size": "S",
}
TEES = [
    TEE,
    TEE | {"id": "t-r-m", "title": "Linen tee - Red - M", "size": "M", "availability": "out of stock"},
    TEE | {"id": "t-b-m", "title": "Linen tee - Blue - M", "size": "M", "color": "Blue", "price": "22 EUR"},
]


def tsv(*rows: dict[str, str], columns=PUBLISHED, mark="\t") -> bytes:
    """A table of these rows."""
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    return "\n".join(mark.join(line) for line in lines).encode()


def rss(*rows: dict[str, str]) -> bytes:
    """The same as RSS 2.0, with title, link and description outside of Google's namespace."""
    items = []
    for row in rows:
        fields = "".join(_field(name, text) for name, text in row.items())
        items.append(f"<item>{fields}<g:shipping><g:price>5 USD</g:price></g:shipping></item>")
    channel = f"<channel><title>Shop</title><link>https://example.org</link>\n{chr(10).join(items)}</channel>"
    return f'<?xml version="1.0"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">{channel}</rss>'.encode()


def _field(name: str, text: str) -> str:
    name = name if name in ("title", "link", "description") else f"g:{name}"
    texts = text.split(",https") if name == "g:additional_image_link" else [text]
    written = [texts[0], *(f"https{rest}" for rest in texts[1:])]
    return "".join(f"<{name}>{escape(part)}</{name}>" for part in written)


def atom(*rows: dict[str, str]) -> bytes:
    """The same as Atom, with the link as an attribute."""
    entries = []
    for row in rows:
        link = f'<link href="{row["link"]}"/>' if "link" in row else ""
        fields = "".join(_field(name, text) for name, text in row.items() if name not in ("link", "description"))
        entries.append(f"<entry>{link}{fields}<summary>{escape(row.get('description', ''))}</summary></entry>")
    start = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">'
    return f"{start}<title>Shop</title>{''.join(entries)}</feed>".encode()


FORMATS = pytest.mark.parametrize("written", [tsv, rss, atom])


@pytest.fixture
def read(tmp_path):
    """Reads bytes as a feed: the products by id, and the rejections in order."""

    def read_bytes(content: bytes, now: datetime = NOW, **options):
        path = tmp_path / "feed"
        path.write_bytes(content)
        items = list(GoogleFeed(path, now=lambda: now, **options).read(silent))
        rejected = [item for item in items if isinstance(item, Rejected)]
        return {item[1].id: item[1] for item in items if not isinstance(item, Rejected)}, rejected

    return read_bytes


@FORMATS
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_product_in_every_file_format(read, written, pack):
    products, rejected = read(pack(written(LAMP)))
    assert rejected == []
    lamp = products["L1"]
    assert (lamp.title, lamp.description, lamp.url) == ("Desk lamp Ara", "Oak & steel, <5 W", "https://example.org/l1")
    assert lamp.images == [f"https://example.org/l1{end}.jpg" for end in ("", ",b", "c")]
    assert lamp.categories == ["Home & Garden", "Lighting", "Lamps", "Desk"]
    assert lamp.attributes == {"color": "oak", "gtin": "4006381333931", "mpn": "ARA-1", "condition": "new"}
    assert (lamp.price, lamp.currency, lamp.available, lamp.status) == (Decimal("19.99"), "USD", True, "in_stock")
    assert lamp.variants == []


@FORMATS
def test_rows_of_a_group_are_one_product_wherever_they_stand(read, written):
    products, rejected = read(written(TEES[0], LAMP, *TEES[1:]))
    assert rejected == []
    assert list(products) == ["TEE", "L1"]
    tee = products["TEE"]
    assert (tee.title, tee.currency, tee.attributes) == ("Linen tee", "EUR", {"gender": "unisex"})
    assert [(form.id, form.options, form.price, form.available) for form in tee.variants] == [
        ("t-r-s", {"color": "Red", "size": "S"}, 20, True),
        ("t-r-m", {"color": "Red", "size": "M"}, 20, False),
        ("t-b-m", {"color": "Blue", "size": "M"}, 22, True),
    ]


def test_titles_that_differ_in_more_than_the_options_leave_the_first(read):
    rows = [TEE, TEE | {"id": "x", "title": "Another shirt", "size": "L"}]
    assert read(tsv(*rows))[0]["TEE"].title == "Linen tee - Red - S"


def test_a_parent_row_without_a_group_is_one_of_its_own_group(read):
    products, rejected = read(tsv({"id": "TEE", "title": "Linen tee"}, *TEES))
    assert rejected == []
    assert [form.id for form in products["TEE"].variants] == ["TEE", "t-r-s", "t-r-m", "t-b-m"]


def test_groups_that_run_in_a_circle_are_refused(read):
    circle = [TEE | {"id": "A", "item_group_id": "B"}, TEE | {"id": "B", "item_group_id": "A"}]
    own = TEE | {"id": "C", "item_group_id": "C"}
    products, rejected = read(tsv(*circle, own, LAMP))
    assert list(products) == ["C", "L1"]
    assert [(row.line, row.id) for row in rejected] == [(2, "B"), (3, "A")]
    assert rejected[0].reason == "item_group_id: B is itself the id of an item in another group"


def test_an_id_that_comes_twice_is_refused_the_second_time(read):
    products, rejected = read(tsv(LAMP, TEE, LAMP | {"item_group_id": "TEE"}, LAMP))
    assert list(products) == ["L1", "TEE"]
    assert sorted((row.line, row.reason) for row in rejected) == [
        (4, "id: it already came in line 2"),
        (5, "id: it already came in line 2"),
    ]


def test_an_id_that_comes_twice_in_one_line_of_xml_is_refused_too(read):
    products, (refused,) = read(rss(LAMP, LAMP | {"title": "Another"}).replace(b"\n", b""))
    assert products["L1"].title == "Desk lamp Ara"
    assert (refused.line, refused.reason) == (1, "id: it already came in line 1")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"price": "22 USD"}, "the price is in USD, that of line 2 in EUR; a product has one currency"),
        ({"price": "22"}, "the price is in no named currency, that of line 2 in EUR"),
        ({"price": "-5 EUR"}, "price: a price cannot be negative"),
        ({"price": "1.299 EUR"}, "price: '1.299 EUR' may be 1299 or 1 and a fraction"),
        ({"availability": "maybe"}, "availability: 'maybe' is unknown; it is one of in_stock,"),
        ({"sale_price": "30 EUR"}, "sale_price: 30 is above the price of 20"),
        ({"sale_price": "9 EUR", "sale_price_effective_date": "soon"}, "'soon' is not two ISO 8601 times"),
        (
            {"sale_price": "9 EUR", "sale_price_effective_date": "2026-03-02T00:00Z/2026-03-01T00:00Z"},
            "ends before it begins",
        ),
        ({"id": "x" * 201}, "id: String should have at most 200 characters"),
    ],
)
def test_a_row_that_cannot_be_used_costs_only_itself(read, change, reason):
    products, (refused,) = read(tsv(TEES[0], TEES[1] | change))
    assert refused.line == 3
    assert reason in refused.reason
    assert [form.id for form in products["TEE"].variants] == ["t-r-s"]


def test_a_group_without_a_usable_row_is_named_as_well(read):
    products, rejected = read(tsv(*(row | {"price": "free"} for row in TEES), LAMP))
    assert list(products) == ["L1"]
    assert [(row.line, row.id) for row in rejected] == [(2, "t-r-s"), (3, "t-r-m"), (4, "t-b-m"), (2, "TEE")]


@pytest.mark.parametrize(
    ("day", "price", "told"),
    [
        (1, 20, {"sale price": "15 EUR from 2026-03-10 to 2026-03-20"}),
        (15, 15, {"compare at price": "20 EUR"}),
        (25, 20, {}),
    ],
)
def test_a_sale_price_is_the_price_while_the_sale_runs(read, day, price, told):
    sale = {"sale_price": "15 EUR", "sale_price_effective_date": "2026-03-10T00:00+0100/2026-03-20T23:59+0100"}
    row = {"id": "a", "title": "Mug", "price": "20 EUR"} | sale
    mug = read(tsv(row), now=NOW.replace(day=day))[0]["a"]
    assert (mug.price, mug.attributes) == (price, told)


def test_a_sale_price_without_dates_is_the_price(read):
    mug = read(tsv({"id": "a", "title": "Mug", "price": "20 EUR", "sale_price": "15 EUR"}))[0]["a"]
    assert (mug.price, mug.attributes) == (15, {"compare at price": "20 EUR"})


@pytest.mark.parametrize(
    ("availability", "available", "status"),
    [
        ("in stock", True, "in_stock"),
        ("Out Of Stock", False, "out_of_stock"),
        ("preorder", True, "preorder"),
        ("backorder", True, "preorder"),
        ("", None, ""),
    ],
)
def test_availability(read, availability, available, status):
    lamp = read(tsv(LAMP | {"availability": availability}))[0]["L1"]
    assert (lamp.available, lamp.status) == (available, status)


def test_headers_as_spreadsheets_and_exports_write_them(read):
    content = b'ID,g:title,"Image Link",google product category\r\na,"Mug, blue",https://example.org/a.png,2169\r\n'
    mug = read(content)[0]["a"]
    assert (mug.title, mug.images, mug.categories) == ("Mug, blue", ["https://example.org/a.png"], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id\tname\na\tb\n", "lacks the column 'title'. Its first line has: 'id', 'name'"),
        (b"id\ttitle\timage link\timage_link\n", "more than one column 'image_link'"),
        (rss(LAMP)[:-40], "is not well-formed XML in line 3: unclosed token"),
        (rss(LAMP, TEE).replace(b"<g:size>S</g:size>", b"<g:size>S</g:sizes>"), "in line 4: mismatched tag"),
        (b'<?xml version="1.0" encoding="utf-7"?><rss></rss>', "encoding utf-7, which is not read"),
        (b"<html><body>Log in</body></html>", "is XML, but no feed: it begins with <html>"),
        (b"<!DOCTYPE html><html></html>", "declares a document type"),
        (b"<rss>" + b"<a>" * 100, "nested deeper than 60"),
        (b"<rss><item><x " + b"a" * 6_000_000, "has a tag longer than"),
        (b'<?xml version="1.0" encoding="gb2312"?><rss>\xff\xff</rss>', "is not in the encoding it says"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_as_a_whole(read, content, message):
    with pytest.raises(BadInputError, match=message) as caught:
        read(content)
    assert caught.value.hint


LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))


@pytest.mark.parametrize(
    "declaration",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "https://example.org/feed.dtd">',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "https://example.org/p"> %p;]>',
    ],
    ids=["billion laughs", "external entity", "external subset", "parameter entity"],
)
def test_entities_and_document_types_are_refused_at_their_first_word(read, declaration):
    with pytest.raises(BadInputError, match="declares a document type or entities in line 1") as caught:
        read(f"{declaration}<rss><channel><item><title>&l9;</title></item></channel></rss>".encode())
    assert "Nothing was expanded" in caught.value.hint


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252"])
@pytest.mark.parametrize("written", [tsv, rss])
def test_encodings_are_found_out(read, written, encoding):
    title = "Größe für Café" if encoding == "cp1252" else "橡木书桌 可调光"
    content = written(LAMP | {"title": title}).decode().replace('<?xml version="1.0"?>\n', "")
    products, rejected = read(content.encode(encoding))
    assert (products["L1"].title, rejected) == (title, [])


def test_a_declared_encoding_is_obeyed(read):
    content = rss(LAMP | {"title": "橡木"}).decode().replace('"1.0"?', '"1.0" encoding="GBK"?')
    assert read(content.encode("gbk"))[0]["L1"].title == "橡木"


def test_an_item_over_the_limit_is_refused_and_the_rest_goes_on(read):
    products, (refused,) = read(rss(LAMP | {"description": "x" * 1_100_000}, TEE))
    assert list(products) == ["TEE"]
    assert (refused.line, refused.id, refused.reason) == (3, "L1", "the item is longer than 1,000,000 characters")


def test_the_command_finds_the_feed_and_names_it_after_the_file(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_bytes(rss(LAMP))
    feed = source_feed("google", path, downloads=tmp_path)
    assert (feed.name, feed.source) == ("google:feed", "google")
    assert [item[1].id for item in feed.read(silent)] == ["L1"]
