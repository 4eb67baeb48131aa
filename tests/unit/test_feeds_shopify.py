"""Shopify's product exports: both generations of columns, variants over several rows, and what goes wrong."""

from __future__ import annotations

import csv
import gzip
import io
from decimal import Decimal

import pytest

from retriever.errors import BadInputError
from retriever.feeds.feed import silent
from retriever.feeds.registry import source_feed
from retriever.feeds.rows import LeftOut, Rejected
from retriever.feeds.shopify import ShopifyFeed

# Every column that the help pages list for an export, in their order.
FIRST = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,"
    "Option1 Linked To,Option2 Name,Option2 Value,Option2 Linked To,Option3 Name,Option3 Value,Option3 Linked To,"
    "Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,"
    "Variant Fulfillment Service,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,"
    "Unit Price Total Measure,Unit Price Total Measure Unit,Unit Price Base Measure,Unit Price Base Measure Unit,"
    "Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,"
    "Google Shopping / Google Product Category,Google Shopping / Gender,Google Shopping / Age Group,"
    "Google Shopping / MPN,Google Shopping / AdWords Grouping,Google Shopping / AdWords Labels,"
    "Google Shopping / Condition,Google Shopping / Custom Product,Google Shopping / Custom Label 0,"
    "Google Shopping / Custom Label 1,Google Shopping / Custom Label 2,Google Shopping / Custom Label 3,"
    "Google Shopping / Custom Label 4,Fabric (product.metafields.custom.fabric),Variant Image,Variant Weight Unit,"
    "Variant Tax Code,Cost per item,Included / United States,Price / United States,"
    "Compare At Price / United States,Included / International,Price / International,"
    "Compare At Price / International,Status"
)
SECOND = (
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,"
    "Option1 name,Option1 value,Option1 Linked To,Option2 name,Option2 value,Option2 Linked To,Option3 name,"
    "Option3 value,Option3 Linked To,Price,Compare-at price,Cost per item,Charge tax,Tax code,"
    "Unit price total measure,Unit price total measure unit,Unit price base measure,Unit price base measure unit,"
    "Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),"
    "Weight unit for display,Requires shipping,Fulfillment service,Product image URL,Image position,Image alt text,"
    "Variant image URL,Gift card,SEO title,SEO description,Fabric (product.metafields.custom.fabric),"
    "Google Shopping / Google product category,Google Shopping / Gender,Google Shopping / Age group,"
    "Google Shopping / Manufacturer part number (MPN),Google Shopping / Ad group name,Google Shopping / Ads labels,"
    "Google Shopping / Condition,Google Shopping / Custom product,Google Shopping / Custom label 0,"
    "Google Shopping / Custom label 1,Google Shopping / Custom label 2,Google Shopping / Custom label 3,"
    "Google Shopping / Custom label 4"
)
BOTH = pytest.mark.parametrize("header", [FIRST, SECOND], ids=["first", "second"])

# One word for both generations; FIRST's headers in lower case are those of its own cells.
SECOND_OF = {
    "handle": "url handle",
    "body (html)": "description",
    "published": "published on online store",
    "variant sku": "sku",
    "variant barcode": "barcode",
    "variant price": "price",
    "variant compare at price": "compare-at price",
    "variant inventory tracker": "inventory tracker",
    "variant inventory qty": "inventory quantity",
    "variant inventory policy": "continue selling when out of stock",
    "image src": "product image url",
    "variant image": "variant image url",
}
TEE = {
    "handle": "tee",
    "title": "Linen Tee",
    "body (html)": "<p>Light.</p><ul><li>Washable</li></ul><script>steal()</script>",
    "vendor": "Ara",
    "product category": "Apparel & Accessories > Clothing > Shirts & Tops",
    "type": "Tee",
    "tags": "summer, linen",
    "published": "TRUE",
    "status": "active",
    "option1 name": "Color",
    "option1 value": "Red",
    "option2 name": "Size",
    "option2 value": "S",
    "variant sku": "TEE-R-S",
    "variant inventory tracker": "shopify",
    "variant inventory qty": "3",
    "variant inventory policy": "deny",
    "variant price": "19.90",
    "variant compare at price": "29.90",
    "image src": "https://example.org/2.jpg",
    "image position": "2",
    "variant image": "https://example.org/red.jpg",
    "google shopping / gender": "unisex",
    "fabric (product.metafields.custom.fabric)": "Linen",
}
TEE_M = {"handle": "tee", "option1 value": "Red", "option2 value": "M", "variant sku": "TEE-R-M"} | {
    "variant inventory tracker": "shopify",
    "variant inventory qty": "0",
    "variant inventory policy": "continue",
    "variant price": "21.90",
}
PICTURE = {"handle": "tee", "image src": "https://example.org/1.jpg", "image position": "1"}
MUG = {
    "handle": "mug",
    "title": "Mug",
    "option1 name": "Title",
    "option1 value": "Default Title",
    "variant sku": "MUG-1",
    "variant barcode": "'4006381333931",
    "variant price": "8.00",
    "variant inventory qty": "7",
}


def export(header: str, *rows: dict[str, str]) -> bytes:
    """An export of these rows under the headers of a generation."""
    names = [name.casefold() for name in header.split(",")]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header.split(","))
    for row in rows:
        cells = row if header == FIRST else {SECOND_OF.get(name, name): cell for name, cell in row.items()}
        assert cells.keys() <= set(names)
        writer.writerow([cells.get(name, "") for name in names])
    return text.getvalue().encode()


@pytest.fixture
def read(tmp_path):
    """Reads bytes as an export: the products by id, and the rest in order."""

    def read_bytes(content: bytes, **options):
        path = tmp_path / "export.csv"
        path.write_bytes(content)
        items = list(ShopifyFeed(path, **options).read(silent))
        rest = [item for item in items if isinstance(item, Rejected | LeftOut)]
        return {item[1].id: item[1] for item in items if isinstance(item, tuple)}, rest

    return read_bytes


@BOTH
def test_a_product_of_several_rows_in_either_generation(read, header):
    products, rest = read(export(header, TEE, TEE_M, PICTURE, MUG))
    assert rest == []
    tee = products["tee"]
    assert (tee.title, tee.brand, tee.currency) == ("Linen Tee", "Ara", None)
    assert tee.description == "Light.\nWashable"
    assert tee.categories == ["Apparel & Accessories", "Clothing", "Shirts & Tops", "Tee"]
    assert tee.images == [f"https://example.org/{name}.jpg" for name in ("1", "2", "red")]
    assert tee.attributes == {
        "fabric": "Linen",
        "tags": "summer, linen",
        "gender": "unisex",
        "compare at price": "29.90",
    }
    small, medium = tee.variants
    assert (small.id, small.options, small.price) == ("TEE-R-S", {"Color": "Red", "Size": "S"}, Decimal("19.90"))
    assert (small.stock, small.available) == (3, None)
    assert (medium.options, medium.stock, medium.available) == ({"Color": "Red", "Size": "M"}, 0, True)


@BOTH
def test_a_product_without_options_has_no_variants_and_uncounted_stock_is_unknown(read, header):
    mug = read(export(header, MUG))[0]["mug"]
    assert (mug.price, mug.stock, mug.variants) == (Decimal("8.00"), None, [])
    assert mug.attributes == {"sku": "MUG-1", "barcode": "4006381333931"}


def test_headers_in_any_case_and_order_with_columns_nobody_knows(read):
    products, rest = read(b"VARIANT PRICE, title ,Collection,HANDLE\n5,Lamp,New,lamp\n")
    assert rest == []
    assert (products["lamp"].title, products["lamp"].price) == ("Lamp", 5)


def test_rows_of_one_product_need_not_stand_together(read):
    products, rest = read(export(FIRST, TEE, MUG, TEE_M))
    assert rest == []
    assert list(products) == ["tee", "mug"]
    assert len(products["tee"].variants) == 2


@BOTH
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "draft"}, "a draft"),
        ({"status": "Archived"}, "archived"),
        ({"published": "FALSE"}, "not published in the online store"),
    ],
)
def test_what_is_not_for_sale_is_left_out_without_being_an_error(read, header, change, reason):
    products, rest = read(export(header, TEE | change, TEE_M, MUG))
    assert list(products) == ["mug"]
    assert rest == [LeftOut(line=2, id="tee", reason=reason)]


def test_a_sku_names_a_variant_only_where_it_is_its_own(read):
    other = TEE | {"handle": "vest", "title": "Vest", "option2 value": "L", "variant sku": "MUG"}
    products, _ = read(export(FIRST, TEE, TEE_M | {"variant sku": "TEE-R-S"}, other, MUG | {"handle": "MUG"}))
    assert [variant.id for variant in products["tee"].variants] == ["tee:red-s", "tee:red-m"]
    assert products["vest"].variants[0].id == "vest:red-l"  # another product is called MUG


def test_options_that_look_alike_as_an_id_stay_apart(read):
    rows = [
        TEE | {"variant sku": "", "option1 value": "A/B"},
        {"handle": "tee", "option1 value": "A B", "option2 value": "S"},
    ]
    first, second = read(export(FIRST, *rows))[0]["tee"].variants
    assert first.id == "tee:a-b-s"
    assert second.id.startswith("tee:")
    assert second.id != first.id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"variant price": "-5"}, "Price: a price cannot be negative ('-5')"),
        ({"variant price": "free"}, "Price: 'free' is no amount; write 0"),
        ({"variant price": "1.299"}, "Price: '1.299' may be 1299 or 1 and a fraction"),
        ({"variant price": "21.90 EUR"}, "the price is in EUR, that of line 2 in no named currency"),
        ({"variant compare at price": "?"}, "Compare-at price: '?' is no price"),
        ({"variant inventory qty": "many"}, "Inventory quantity: 'many' is no whole number"),
        ({"variant inventory qty": "99999999999"}, "stock: Input should be less than or equal to"),
        ({"option2 value": "S"}, "options Red / S already came in line 2"),
        ({"option1 value": "", "option2 value": ""}, "no option value tells this variant"),
    ],
)
def test_a_variant_that_cannot_be_used_costs_only_itself(read, change, reason):
    products, (refused,) = read(export(FIRST, TEE, TEE_M | change, MUG))
    assert (refused.line, refused.id) == (3, "tee")
    assert reason in refused.reason
    assert [variant.id for variant in products["tee"].variants] == ["TEE-R-S"]


@pytest.mark.parametrize(
    ("row", "id", "reason"),
    [
        (MUG | {"title": ""}, "mug", "title: is missing"),
        (MUG | {"handle": ""}, "", "the handle is missing"),
        (MUG | {"status": "sold"}, "mug", "Status: 'sold' is unknown; it is one of active, draft"),
        (MUG | {"variant price": "-1"}, "mug", "cannot be negative"),
        (MUG | {"title": "x" * 3_000}, "mug", "title: String should have at most 2000"),
    ],
)
def test_a_product_that_cannot_be_used_is_listed_and_the_rest_goes_on(read, row, id, reason):
    products, (refused,) = read(export(FIRST, row, TEE))
    assert (refused.line, refused.id) == (2, id)
    assert reason in refused.reason
    assert list(products) == ["tee"]


def test_prices_as_people_write_them(read):
    rows = [MUG | {"handle": f"m{at}", "variant price": price} for at, price in enumerate(("1.299,00 €", "$19.99", ""))]
    products, rest = read(export(FIRST, *rows))
    assert rest == []
    assert [(row.price, row.currency) for row in products.values()] == [
        (Decimal("1299.00"), "EUR"),
        (Decimal("19.99"), "USD"),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Handle,Body (HTML)\nx,y\n", "lacks the column 'title'. Its first line has: 'Handle', 'Body"),
        (b"Title,Price\nx,1\n", "lacks the column 'handle' or 'url handle'"),
        (b"Handle,Title,Tags,TAGS\nx,y,,\n", "more than one column 'TAGS'"),
        (b"\x89PNG\0\0\r\n\x1a\n\0\0\0", "binary file"),
        (gzip.compress(b"Handle,Title\n" + b"a,b\n" * 9_000, mtime=0)[:60], "is damaged"),
    ],
)
def test_a_file_that_is_no_export_is_refused_as_a_whole(read, content, message):
    with pytest.raises(BadInputError, match=message) as caught:
        read(content)
    assert caught.value.hint


def test_a_product_of_ten_thousand_variants_and_one_of_too_many(read):
    rows = "".join(f"big,,Size,{at},5\n" for at in range(10_000))
    header = "Handle,Title,Option1 Name,Option1 Value,Price\n"
    products, rest = read(f"{header}big,Big,Size,x,5\n{rows}mug,Mug,,,1\n".encode())
    assert (len(products["big"].variants), rest) == (10_001, [])
    products, (refused,) = read(f"{header}big,Big,Size,x,5\n{rows}{rows}mug,Mug,,,1\n".encode())
    assert list(products) == ["mug"]
    assert (refused.line, refused.id) == (2, "big")
    assert refused.reason == "the product has 20,001 rows; at most 20,000 can make one product"


def test_the_command_finds_the_feed_and_names_it_after_the_file(tmp_path):
    path = tmp_path / "products_export_1.csv.gz"
    path.write_bytes(gzip.compress(export(FIRST, MUG)))
    feed = source_feed("shopify", path, downloads=tmp_path)
    assert (feed.name, feed.source) == ("shopify:products_export_1", "shopify")
    assert [item[1].id for item in feed.read(silent)] == ["mug"]
    with pytest.raises(BadInputError, match="needs the path of a file"):
        source_feed("shopify", downloads=tmp_path)
