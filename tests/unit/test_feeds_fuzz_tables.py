"""Shopify and Google feeds of any bytes: rows, rejections, or a refusal of the whole; no crash, no half import."""

from __future__ import annotations

import csv
import io
import tempfile
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_fakes import CountedVectors, HashEncoder
from sqlalchemy import select

from retriever.errors import BadInputError
from retriever.feeds.clean import UncleanError, clean
from retriever.feeds.feed import silent
from retriever.feeds.google import READ, GoogleFeed
from retriever.feeds.rows import LeftOut, ProductRow, Rejected
from retriever.feeds.shopify import ShopifyFeed
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.records import FeedRecord, Record

SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Tags,Published,Status,Option1 Name,Option1 Value,\
Variant SKU,Variant Price,Variant Inventory Qty,Image Src
tee,Linen tee,"<p>Light,
""airy"".</p>",Ara,"a, b",TRUE,active,Size,S,T-S,19.90,3,https://example.org/1.jpg
tee,,,,,,,,M,T-M,"1.299,00",0,
tee,,,,,,,,,,,,https://example.org/2.jpg
mug,Mug,,,,,draft,Title,Default Title,,$8.00,,
vase,Größe 灯,,,,,,Title,Default Title,V,12,1,
"""
NEWER = (
    SHOPIFY.replace("Handle,", "URL handle,", 1)
    .replace("Body (HTML)", "Description")
    .replace("Variant Price", "Price")
    .replace("Variant SKU", "SKU")
    .replace("Variant Inventory Qty", "Inventory quantity")
    .replace("Image Src", "Product image URL")
)
TSV = """id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tsale_price\tbrand\titem_group_id\tcolor
a\tLamp 15"\tOak &amp; steel\thttps://example.org/a\thttps://example.org/a.jpg\tin stock\t19.99 USD\t15 USD\tLumo\t\t
b1\tTee - Red\t"Two
lines"\thttps://example.org/b\t\tpreorder\t5 EUR\t\tAra\tB\tRed
b2\tTee - 蓝\t\t\t\tout_of_stock\t5,50 EUR\t\tAra\tB\t蓝
"""
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>a</g:id><title>Lamp &amp; co</title>
<description><![CDATA[<p>Oak</p>]]></description><g:price>9 USD</g:price></item>
<item><g:id>b1</g:id><title>Tee Red</title><g:item_group_id>B</g:item_group_id><g:color>Red</g:color></item>
<item><g:id>b2</g:id><title>Tee 蓝</title><g:item_group_id>B</g:item_group_id><g:color>蓝</g:color></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><id>a</id><title>Lamp</title><link href="https://example.org/a"/><summary>Oak</summary><g:price>9</g:price></entry>
</feed>
"""
FORMATS = {
    "shopify": (ShopifyFeed, SHOPIFY),
    "shopify, newer": (ShopifyFeed, NEWER),
    "google table": (GoogleFeed, TSV),
    "google rss": (GoogleFeed, RSS),
    "google atom": (GoogleFeed, ATOM),
}
EACH = pytest.mark.parametrize(("feed", "valid"), FORMATS.values(), ids=FORMATS)

NASTY = [
    *(b'"', b'""', b",", b"\t", b";", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xe9", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"\x1f\x8b", b"<", b">", b"&", b"&x;", b"]]>", b"<![CDATA[", b"<!--", b"<?", b"</item>", b"<item>", b"<g:id>"),
    *(b'<!DOCTYPE x [<!ENTITY y "z">]>', b"free", b"-5", b"1.299", b"9e99", b"99999999999999999999", b"USD", b"EUR"),
    *(b"tee", b"B", b"b1", b"id", b"Title", b"active", b"TRUE", b"\xed\xa0\x80", b"\xc0\x80", b"x" * 2_500),
]
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 40),
        st.sampled_from(NASTY) | st.binary(max_size=4),
    ),
    min_size=1,
    max_size=6,
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "utf-16-le", "gb18030", "utf-8-sig"])


def changed(text: str, encoding: str, changes: list[tuple[float, int, bytes]]) -> bytes:
    """The file with stretches of it overwritten, taken out or put in."""
    content = text.encode(encoding)
    for place, length, bytes_ in changes:
        at = int(place * len(content))
        content = content[:at] + bytes_ + content[at + length :]
    return content


def check(feed, content: bytes) -> list[ProductRow]:
    """Read bytes as a feed, look at everything that comes, and give back its products."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed"
        path.write_bytes(content)
        try:
            items = list(feed(path, max_line=50_000).read(silent))
        except BadInputError:
            return []
    products = []
    for item in items:
        if isinstance(item, Rejected | LeftOut):
            assert item.line >= 1
            assert item.reason
            item.model_dump_json().encode()
            continue
        line, row = item
        assert line >= 1
        assert isinstance(row, ProductRow)
        with suppress(UncleanError):
            clean(row).model_dump_json().encode()
        products.append(row)
    return products


@EACH
@settings(max_examples=500, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes(feed, valid, content):
    check(feed, content)


@EACH
@settings(max_examples=500, deadline=None)
@given(encoding=ENCODINGS, changes=CHANGES)
def test_a_damaged_feed(feed, valid, encoding, changes):
    check(feed, changed(valid, encoding, changes))


VALUES = st.sampled_from(
    [
        *(
            "a",
            "b",
            "B",
            "tee",
            "in stock",
            "active",
            "draft",
            "TRUE",
            "shopify",
            "continue",
            "Size",
            "S",
            "Default Title",
        ),
        *(
            "9 USD",
            "9",
            "1.299,00",
            "1.299",
            "free",
            "-5",
            "2,50 €",
            "7",
            "-3",
            "1e9",
            "9" * 30,
            "https://example.org/a,b",
        ),
        *(
            "2026-01-01T00:00Z/2026-12-31T00:00Z",
            "2026-01-01/never",
            "9999-12-31T23:59-2359/0001-01-01",
            "A > B",
            "> >",
        ),
        *("<script>x()</script>", "&lt;b&gt;", "x" * 2_100, " ", '"', "灯"),
    ]
) | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=6)


def records(names: list[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    return st.lists(st.dictionaries(st.sampled_from(names), VALUES, min_size=1), min_size=1, max_size=5)


def written(names: list[str], rows: list[dict[str, str]], mark: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark)
    writer.writerows([names, *([row.get(name, "") for name in names] for row in rows)])
    return text.getvalue().encode()


@pytest.mark.parametrize("names", [SHOPIFY, NEWER], ids=["shopify", "shopify, newer"])
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_any_values_in_a_shopify_export(names, data):
    columns = names.split("\n", 1)[0].split(",")
    check(ShopifyFeed, written(columns, data.draw(records([*columns, *columns[:1] * 5])), ","))


@settings(max_examples=500, deadline=None)
@given(records([*READ, *("id", "title", "item_group_id") * 5]))
def test_any_values_in_a_google_feed_come_out_alike_as_table_and_as_xml(rows):
    items = "".join(
        f"<item>{''.join(f'<g:{name}>{escape(text)}</g:{name}>' for name, text in row.items())}</item>" for row in rows
    )
    table = check(GoogleFeed, written(list(READ), rows, "\t"))
    xml = check(GoogleFeed, f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{items}</channel></rss>'.encode())
    assert xml == table


@pytest.fixture(params=["shopify", "google table", "google rss"])
def shop(request, database, tmp_path):
    """A shop that holds the valid feed, and ``take`` to import other bytes as that feed."""
    feed, valid = FORMATS[request.param]
    importer = Importer(
        database, lexical_for(database), CountedVectors(), HashEncoder(), EmbeddingCache(tmp_path / "cache"), "USD"
    )
    path = tmp_path / "feed"

    def take(content: bytes):
        path.write_bytes(content)
        return importer.run(feed(path))

    def content() -> dict[str, list[str]]:
        with database.session() as session:
            return {
                table.name: sorted(map(repr, session.execute(select(table))))
                for table in Record.metadata.sorted_tables
                if table.name != FeedRecord.__tablename__
            }

    return take, content, valid


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(encoding=ENCODINGS, changes=CHANGES)
def test_an_import_is_whole_or_nothing_and_a_second_one_changes_nothing(shop, encoding, changes):
    take, content, valid = shop
    take(valid.encode())
    before = content()
    try:
        first = take(changed(valid, encoding, changes))
    except BadInputError:
        assert content() == before
        return
    second = take(changed(valid, encoding, changes))
    assert (second.added, second.updated, second.removed) == (0, 0, 0)
    assert second.rejected == first.rejected
