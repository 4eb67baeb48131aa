"""What pages tell search engines about goods, as rows: files, pages, references, prices, bad input."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from retriever.errors import BadInputError
from retriever.feeds.feed import silent
from retriever.feeds.rows import ProductRow, Rejected, ReviewRow
from retriever.feeds.schemaorg import SchemaOrgFeed

LAMP = {
    "@context": "https://schema.org/",
    "@type": "Product",
    "sku": "lamp-1",
    "name": "Desk lamp Ara",
    "offers": {"@type": "Offer", "price": "39.90", "priceCurrency": "EUR"},
}


def read(path: Path, **options):
    return list(SchemaOrgFeed(path, **options).read(silent))


def rows_of(tmp_path: Path, *nodes: object, name: str = "goods.jsonld"):
    """What a file of these nodes holds."""
    (tmp_path / name).write_text(json.dumps(nodes[0] if len(nodes) == 1 else nodes), encoding="utf-8")
    return [item if isinstance(item, Rejected) else item[1] for item in read(tmp_path / name)]


def product(tmp_path: Path, *nodes: object) -> ProductRow:
    """The one product that these nodes describe."""
    (row,) = rows_of(tmp_path, *nodes)
    assert isinstance(row, ProductRow), row
    return row


def page(*scripts: str, head: str = "") -> str:
    """A saved page with these scripts in it."""
    tags = "\n".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return f"<!doctype html>\n<html><head>{head}\n{tags}\n</head><body>Buy now</body></html>\n"


def test_a_product_with_all_that_a_page_says_of_it(tmp_path):
    found = rows_of(
        tmp_path,
        LAMP
        | {
            "description": "Oak and steel.",
            "url": "https://shop.example/ara",
            "image": [
                "https://shop.example/1.jpg",
                {"@type": "ImageObject", "contentUrl": "https://shop.example/2.jpg"},
            ],
            "brand": {"@type": "Brand", "name": "Lumo"},
            "manufacturer": {"@type": "Organization", "name": "Lumo GmbH"},
            "category": "Home > Lamps",
            "color": "black",
            "gtin13": "4006381333931",
            "releaseDate": "2026-03-01",
            "weight": {"@type": "QuantitativeValue", "value": 1.2, "unitCode": "KGM"},
            "additionalProperty": [
                {"@type": "PropertyValue", "name": "reach", "value": 60, "unitText": "cm"},
                {"@type": "PropertyValue", "name": "dimmable", "value": True},
            ],
            "aggregateRating": {"@type": "AggregateRating", "ratingValue": "9", "bestRating": 10, "reviewCount": 31},
            "review": {
                "@type": "Review",
                "name": "Bright",
                "reviewBody": "Lovely light.",
                "author": {"@type": "Person", "name": "A. Shopper"},
                "datePublished": "2026-02-20",
                "inLanguage": "en-GB",
                "reviewRating": {"@type": "Rating", "ratingValue": 5},
            },
        },
    )
    lamp, review = found
    assert lamp == ProductRow.model_validate(
        {
            "id": "lamp-1",
            "title": "Desk lamp Ara",
            "description": "Oak and steel.",
            "url": "https://shop.example/ara",
            "images": ["https://shop.example/1.jpg", "https://shop.example/2.jpg"],
            "brand": "Lumo",
            "categories": ["Home", "Lamps"],
            "attributes": {
                "color": "black",
                "gtin": "4006381333931",
                "weight": "1.2 kg",
                "manufacturer": "Lumo GmbH",
                "reach": "60 cm",
                "dimmable": "yes",
            },
            "rating": {"value": 4.5, "count": 31},
            "price": "39.90",
            "currency": "EUR",
            "published_at": "2026-03-01T00:00:00Z",
        }
    )
    assert isinstance(review, ReviewRow)
    assert (review.product_id, review.rating, review.title, review.language) == ("lamp-1", 5, "Bright", "en")
    assert review.customer_id == ""
    assert "Shopper" not in review.model_dump_json()


def test_a_group_is_one_product_with_its_forms(tmp_path):
    row = product(
        tmp_path,
        {
            "@type": "ProductGroup",
            "productGroupID": "coat",
            "name": "Wool coat",
            "variesBy": ["https://schema.org/size", "https://schema.org/color"],
            "brand": "Nord",
            "hasVariant": [
                {
                    "@type": "Product",
                    "sku": f"coat-{size}",
                    "name": f"Wool coat - green, {size}",
                    "size": {"@type": "SizeSpecification", "name": size},
                    "color": "green",
                    "material": "wool",
                    "gtin": gtin,
                    "offers": {"@type": "Offer", "price": price, "priceCurrency": "USD", "availability": stock},
                }
                for size, gtin, price, stock in (
                    ("S", "1", 119, "https://schema.org/InStock"),
                    ("L", "2", 129.5, "http://schema.org/BackOrder"),
                )
            ],
        },
    )
    assert (row.id, row.title, row.brand, row.currency) == ("coat", "Wool coat", "Nord", "USD")
    assert row.attributes == {"material": "wool", "gtin": "1, 2"}
    assert [(form.id, form.title, form.price, form.options) for form in row.variants] == [
        ("coat-S", "green, S", Decimal(119), {"size": "S", "color": "green"}),
        ("coat-L", "green, L", Decimal("129.5"), {"size": "L", "color": "green"}),
    ]
    assert [(form.available, form.status) for form in row.variants] == [(True, "in_stock"), (True, "preorder")]


def test_forms_that_name_their_group_are_brought_together_and_differ_by_what_differs(tmp_path):
    nodes = [
        {"@type": "Product", "sku": f"m-{color}", "name": f"Mug {color}", "color": color, "material": "clay"}
        | {"isVariantOf": {"@id": "#mug"}, "offers": {"price": 9, "priceCurrency": "USD"}}
        for color in ("red", "blue")
    ]
    row = product(
        tmp_path, {"@graph": [*nodes, {"@id": "#mug", "@type": "ProductGroup", "productGroupID": "mug", "name": "Mug"}]}
    )
    assert [form.options for form in row.variants] == [{"color": "red"}, {"color": "blue"}]
    assert row.attributes == {"material": "clay"}


def test_references_go_round_in_circles_without_harm(tmp_path):
    group = {
        "@type": "ProductGroup",
        "@id": "#g",
        "productGroupID": "g",
        "name": "Ring",
        "hasVariant": [{"@id": "#g"}, {"@id": "#v"}, {"@id": "#v"}],
        "isRelatedTo": {"@id": "#g"},
    }
    form = {"@type": "Product", "@id": "#v", "sku": "v", "isVariantOf": {"@id": "#g"}, "offers": {"@id": "#o"}}
    offer = {"@type": "AggregateOffer", "@id": "#o", "offers": [{"@id": "#o"}], "itemOffered": {"@id": "#v"}}
    row = product(tmp_path, {"@graph": [group, form, offer, {"@id": "#x", "@type": "Thing", "about": {"@id": "#x"}}]})
    assert [(row.id, [form.id for form in row.variants])] == [("g", ["v"])]


@pytest.mark.parametrize(
    ("offers", "price"),
    [
        ({"price": 39.9, "priceCurrency": "EUR"}, "39.9"),
        ({"price": "1,299.00", "priceCurrency": "EUR"}, "1299.00"),
        ({"price": "1.299", "priceCurrency": "EUR"}, "1.299"),
        ({"price": "€ 5", "priceCurrency": ""}, "5"),
        ({"priceSpecification": {"price": "7.50", "priceCurrency": "EUR"}}, "7.50"),
        (
            {
                "priceSpecification": [
                    {"priceType": "https://schema.org/StrikethroughPrice", "price": 20, "priceCurrency": "EUR"},
                    {"price": 15, "priceCurrency": "EUR"},
                ]
            },
            "15",
        ),
        ([{"availability": "InStock"}, {"price": 8, "priceCurrency": "EUR"}], "8"),
        ({"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 5, "priceCurrency": "EUR"}, "5"),
        ({"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 9, "priceCurrency": "EUR"}, None),
        ({"@type": "AggregateOffer", "lowPrice": 5, "priceCurrency": "EUR"}, None),
        ({"@type": "AggregateOffer", "lowPrice": 5, "offers": [{"price": 6, "priceCurrency": "EUR"}]}, "6"),
        ({"price": ""}, None),
        (None, None),
    ],
)
def test_the_price_of_a_form(tmp_path, offers, price):
    row = product(tmp_path, LAMP | {"offers": offers})
    assert row.price == (None if price is None else Decimal(price))
    assert row.currency == (None if price is None else "EUR")


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        ({"price": "free"}, "write 0 for what costs nothing"),
        ({"price": "-5", "priceCurrency": "EUR"}, "negative"),
        ({"price": -5, "priceCurrency": "EUR"}, "negative"),
        ({"price": 5, "priceCurrency": "dollars"}, "currency"),
        ({"price": 1e300, "priceCurrency": "EUR"}, "price"),
    ],
)
def test_a_price_that_is_none_costs_that_product_alone(tmp_path, offer, told):
    refused, kept = rows_of(tmp_path, LAMP | {"offers": offer}, LAMP | {"sku": "other"})
    assert isinstance(refused, Rejected)
    assert (refused.line, refused.id) == (1, "lamp-1")
    assert told in refused.reason
    assert kept.id == "other"


@pytest.mark.parametrize(
    ("word", "available", "status"),
    [
        ("https://schema.org/InStock", True, "in_stock"),
        ("http://schema.org/LimitedAvailability", True, "in_stock"),
        ("PreOrder", True, "preorder"),
        ("schema:OutOfStock", False, "out_of_stock"),
        ("in_stock", True, "in_stock"),
        ({"@id": "https://schema.org/Discontinued"}, False, "discontinued"),
        ("soon", None, ""),
        (None, None, ""),
    ],
)
def test_availability(tmp_path, word, available, status):
    row = product(tmp_path, LAMP | {"offers": {"price": 1, "priceCurrency": "EUR", "availability": word}})
    assert (row.available, row.status) == (available, status)


def test_offers_with_skus_of_their_own_are_forms_and_others_are_not(tmp_path):
    offers = [{"sku": sku, "name": sku.upper(), "price": 5, "priceCurrency": "EUR"} for sku in ("a", "b")]
    assert [form.title for form in product(tmp_path, LAMP | {"offers": offers}).variants] == ["A", "B"]
    sellers = [{"seller": {"name": name}, "price": 5, "priceCurrency": "EUR"} for name in ("One", "Two")]
    assert product(tmp_path, LAMP | {"offers": sellers}).variants == []


def test_two_currencies_in_one_product_are_refused(tmp_path):
    offers = [{"sku": code, "price": 5, "priceCurrency": code} for code in ("EUR", "USD")]
    (refused,) = rows_of(tmp_path, LAMP | {"offers": offers})
    assert "EUR and USD" in refused.reason


def test_names_in_full_and_words_in_languages(tmp_path):
    row = product(
        tmp_path,
        {
            "@type": ["http://schema.org/Product", "https://example.org/Thing"],
            "http://schema.org/sku": [{"@value": "k1"}],
            "https://schema.org/name": [
                {"@value": "Kettle", "@language": "en"},
                {"@value": "水壶", "@language": "zh-CN"},
            ],
            "schema:description": {"@value": "烧水", "@language": "zh"},
        },
    )
    assert (row.id, row.title, row.description) == ("k1", "Kettle", "烧水")
    assert {language: words.title for language, words in row.texts.items()} == {"zh": "水壶"}


def test_goods_are_found_in_lists_offers_and_reviews(tmp_path):
    listed = {
        "@type": "ItemList",
        "itemListElement": [{"@type": "ListItem", "item": LAMP}, {"@type": "ListItem", "item": LAMP | {"sku": "b"}}],
    }
    offer = {
        "@type": "Offer",
        "price": 3,
        "priceCurrency": "EUR",
        "itemOffered": {"@type": "Product", "sku": "c", "name": "C"},
    }
    review = {"@type": "Review", "reviewBody": "Good.", "itemReviewed": {"@id": "#lamp"}}
    found = rows_of(tmp_path, listed, offer, LAMP | {"@id": "#lamp", "sku": "d"}, review)
    assert [row.id for row in found if isinstance(row, ProductRow)] == ["lamp-1", "b", "c", "d"]
    assert next(row for row in found if row.id == "c").price == 3
    assert [row.product_id for row in found if isinstance(row, ReviewRow)] == ["d"]


def test_a_page_with_its_scripts_as_people_write_them(tmp_path):
    other = json.dumps(LAMP | {"sku": "two", "name": "Two\u2028lines"})
    text = (
        "<!doctype html><html><head><title>Shop</title>\n"
        f"<SCRIPT TYPE=application/ld+json>\n<!--\n{json.dumps(LAMP)}\n-->\n</SCRIPT>\n"
        f"<script id='x' type='application/ld+json; charset=utf-8'>//<![CDATA[\n{other};\n//]]></script>\n"
        "<script>var product = {'@type': 'Product'};</script>\n"
        f'<!-- <script type="application/ld+json">{json.dumps(LAMP | {"sku": "old"})}</script> -->\n'
        '<script type="application/ld+json">{"@type": "Product", "sku": "three",\n'
        ' "name": "Broken\n over lines"}</script>'
    )
    (tmp_path / "page.html").write_text(text)
    assert [(line, row.id) for line, row in read(tmp_path / "page.html")] == [(4, "lamp-1"), (8, "two"), (12, "three")]


def test_one_broken_script_is_named_with_its_line_and_the_rest_goes_on(tmp_path):
    (tmp_path / "page.html").write_text(page('{"@type": "Product",\n "sku": "gone",\n oops}', json.dumps(LAMP)))
    refused, (line, row) = read(tmp_path / "page.html")
    assert (refused.line, refused.id) == (5, "gone")
    assert "not JSON" in refused.reason
    assert (line, row.id) == (6, "lamp-1")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("[" * 100_000, "deep"),
        ('{"a":' * 100 + "1" + "}" * 100, "deep"),
        ("[" + json.dumps(LAMP), "breaks off"),
        (json.dumps([LAMP]) + "]", "follows"),
        ('{"price": NaN}', "NaN"),
        ('{"price": 1e999}', "too large"),
        ('{"price": ' + "9" * 5_000 + "}", "not JSON"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused(tmp_path, raw, told):
    (tmp_path / "goods.json").write_text(raw)
    refused = [item for item in read(tmp_path / "goods.json") if isinstance(item, Rejected)]
    assert told in refused[0].reason


def test_a_file_over_the_limit_is_refused(tmp_path):
    (tmp_path / "goods.json").write_text(json.dumps(LAMP))
    (refused,) = read(tmp_path / "goods.json", max_file=20)
    assert "larger than 20 bytes" in refused.reason


@pytest.mark.parametrize(
    ("encoding", "mark", "head"),
    [
        ("utf-8-sig", "", ""),
        ("utf-16", "", ""),
        ("cp1252", "", '<meta charset="iso-8859-1">'),
        ("gb18030", "", '<meta http-equiv=Content-Type content="text/html; charset=gb2312">'),
        ("utf-8", "\0", ""),
    ],
)
def test_pages_in_other_encodings(tmp_path, encoding, mark, head):
    title = "椅子" if encoding == "gb18030" else "Stühle für 5 €" if encoding == "cp1252" else "Stühle 椅子"
    script = json.dumps(LAMP | {"name": title}, ensure_ascii=False)
    (tmp_path / "page.html").write_bytes((page(script, head=head) + mark).encode(encoding))
    ((_, row),) = read(tmp_path / "page.html")
    assert row.title == title


def test_an_undeclared_encoding_is_guessed(tmp_path):
    words = "Größe, Übergröße und Füße: schöne Stühle für draußen. " * 5
    (tmp_path / "page.html").write_bytes(page(json.dumps(LAMP | {"name": words}, ensure_ascii=False)).encode("cp1252"))
    ((_, row),) = read(tmp_path / "page.html")
    assert row.title == words.strip()


def test_a_folder_is_read_in_order_and_its_files_are_named(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.html").write_text(page(json.dumps(LAMP), "{oops}"))
    (tmp_path / "a.jsonl").write_text(json.dumps(LAMP | {"sku": "a"}) + "\n" + json.dumps(LAMP) + "\n[\n")
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8")
    told: list[tuple[str, int, int]] = []
    items = list(SchemaOrgFeed(tmp_path).read(lambda *step: told.append(step)))
    assert [item.id if isinstance(item, Rejected) else item[1].id for item in items] == [
        "a",
        "lamp-1",
        "",
        "",
        "lamp-1",
    ]
    assert [item.reason.split(":")[0] for item in items if isinstance(item, Rejected)] == [
        "a.jsonl",
        "b/one.html",
        "b/one.html",
    ]
    assert "already came in a.jsonl" in items[-1].reason
    assert told[-1] == ("reading files", 2, 2)


def test_a_product_that_names_nothing_to_be_known_by_is_refused(tmp_path):
    refused, form = rows_of(
        tmp_path,
        {"@type": "Product", "@id": "#product", "name": "Nameless"},
        {
            "@type": "ProductGroup",
            "productGroupID": "g",
            "name": "G",
            "hasVariant": [{"@type": "Product", "name": "S"}],
        },
    )
    assert refused.reason.startswith("Nameless: it has no sku")
    assert (form.id, "variant" in form.reason) == ("g", True)


@pytest.mark.parametrize("name", ["", "nothing.json", "empty"])
def test_what_is_not_there_is_said(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError):
        read(tmp_path / "empty" / name if name != "empty" else tmp_path / "empty")
