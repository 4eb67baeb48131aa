"""Shopify and Google feeds through a whole import: many variants, again and again, and back to nothing on an error."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from import_fakes import CountedVectors, HashEncoder

from retriever.catalogue import Catalogue
from retriever.errors import BadInputError
from retriever.feeds.google import GoogleFeed
from retriever.feeds.shopify import ShopifyFeed
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for

EXPORT = """\
Handle,Title,Status,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Tracker,Variant Inventory Qty
tee,Linen tee,active,Size,S,T-S,19.90,shopify,3
tee,,,,M,T-M,21.90,shopify,0
mug,Mug,{status},Title,Default Title,MUG,8,,
"""


@pytest.fixture
def shop(database, tmp_path):
    """An empty shop of dollars, and ``take`` to import bytes as a feed."""
    lexical = lexical_for(database)
    importer = Importer(database, lexical, CountedVectors(), HashEncoder(), EmbeddingCache(tmp_path / "cache"), "USD")
    path = tmp_path / "goods"

    def take(feed, content: str | bytes, **options):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return importer.run(feed(path), **options)

    return SimpleNamespace(take=take, catalogue=Catalogue(database, lexical, "USD"))


def changes(report) -> tuple[int, int, int]:
    return report.added, report.updated, report.removed


def test_an_export_arrives_and_a_draft_leaves_the_shelf_without_being_an_error(shop):
    report = shop.take(ShopifyFeed, EXPORT.format(status="active"), strict=True)
    assert (changes(report), report.counts.variants) == ((2, 0, 0), 3)
    assert changes(shop.take(ShopifyFeed, EXPORT.format(status="active"))) == (0, 0, 0)
    report = shop.take(ShopifyFeed, EXPORT.format(status="draft"), strict=True)
    assert (changes(report), report.rejected) == ((0, 0, 1), ())
    (found,) = (finding for finding in report.quality if finding.check == "left_out")
    assert (found.count, found.examples) == (1, ("mug: a draft",))
    assert shop.catalogue.all_ids() == ["tee"]


def test_a_row_that_cannot_be_used_takes_no_product_off_the_shelf(shop):
    shop.take(ShopifyFeed, EXPORT.format(status="active"))
    report = shop.take(ShopifyFeed, EXPORT.format(status="active").replace("MUG,8", "MUG,free"))
    assert [(row.line, row.id) for row in report.rejected] == [(4, "mug")]
    assert shop.catalogue.all_ids() == ["tee", "mug"]


def test_nothing_for_sale_is_said_and_changes_nothing(shop):
    with pytest.raises(BadInputError, match="1 are not for sale, as the source says"):
        shop.take(ShopifyFeed, "Handle,Title,Status\nmug,Mug,draft\n")


def test_currencies_are_kept(shop):
    shop.take(GoogleFeed, "id\ttitle\tprice\na\tMug\t19,99 EUR\nb\tBowl\t1500 JPY\nc\tVase\t\n")
    prices = [shop.catalogue.product(id).price_range.min for id in "abc"]
    assert [price and (price.amount, price.currency) for price in prices] == [(1999, "EUR"), (1500, "JPY"), None]


def test_ten_thousand_variants_of_one_product(shop):
    rows = "".join(f"v{at}\tTee\tT\t{at}\t{at % 50 + 1} USD\n" for at in range(10_000))
    report = shop.take(GoogleFeed, f"id\ttitle\titem_group_id\tsize\tprice\n{rows}v0\tTee\tT\tx\t1 USD\n")
    assert (report.counts.products, report.counts.variants) == (1, 10_000)
    assert [(row.line, row.reason) for row in report.rejected] == [(10_002, "id: it already came in line 2")]
    assert len(shop.catalogue.product("T").variants) == 10_000


def test_xml_that_breaks_off_in_the_middle_leaves_the_shop_as_it_was(shop):
    item = "<item><id>{0}</id><title>Mug {0}</title></item>\n"
    feed = f"<rss><channel>{''.join(item.format(at) for at in range(2_000))}</channel></rss>"
    shop.take(GoogleFeed, feed)
    with pytest.raises(BadInputError, match="not well-formed XML in line 1501"):
        shop.take(GoogleFeed, feed.replace("<title>Mug 1500</title>", "<title>Cup</titel>"))
    assert len(shop.catalogue.all_ids()) == 2_000
