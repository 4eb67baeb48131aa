"""What an export writes can be taken in again: the same shop from JSON Lines, the goods from the other formats."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from import_fakes import CountedVectors, HashEncoder, ListFeed, goods
from sqlalchemy import select

from retriever.database import Database
from retriever.errors import BadInputError, NotFoundError
from retriever.export import google, schemaorg
from retriever.export.exporter import Exporter
from retriever.export.files import file_name
from retriever.feeds.google import GoogleFeed
from retriever.feeds.jsonl import JsonlFeed
from retriever.feeds.schemaorg import SchemaOrgFeed
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.records import ProductRecord, Record, VariantRecord, VectorTask

SHOP = [
    *goods(3),
    {
        "id": "bulb",
        "title": "Bulb & <socket>",
        "description": "5 &lt; 6 &amp;amp; bright.\nScrews in.",
        "price": "4.50",
        "currency": "EUR",
        "stock": 0,
        "images": ["https://shop.example/bulb,1.jpg", "/bulb-2.jpg"],
        "url": "https://shop.example/bulb",
        "rating": {"value": 4.5, "count": 31},
        "texts": {"zh": {"title": "灯泡", "attributes": {"材质": "玻璃"}}},
        "published_at": "2026-03-01T01:00:00+01:00",
        "related": {"fits": ["p1", "p2"], "replaces": ["candle"]},
    },
    {"id": "secret", "title": "Secret lamp", "variants": [{"id": "s1", "status": "preorder", "available": False}]},
    {"type": "policy", "id": "returns", "title": "Returns", "body": "30 days.", "texts": {"zh": {"title": "退货"}}},
    {
        "type": "promotion",
        "id": "spring",
        "title": "Spring",
        "rules": {"percent": 10},
        "starts_at": "2026-03-01T00:00Z",
    },
    {
        "type": "customer",
        "id": "c1",
        "name": "Ada",
        "email": "ada@shop.example",
        "addresses": [{"city": "Bonn"}, {"city": "Kiel"}],
        "payment_methods": [{"id": "g1", "kind": "gift_card", "balance": "12.50"}],
    },
    {
        "type": "order",
        "id": "o1",
        "customer_id": "c1",
        "status": "delivered",
        "currency": "JPY",
        "address": {"city": "Bonn"},
        "lines": [{"product_id": "p1", "variant_id": "p1-s", "title": "Lamp", "quantity": 2, "price": 1990}],
        "fulfillments": [{"tracking_ids": ["357"], "shipped_at": "2026-02-04T08:00:00+02:00"}],
        "payments": [{"kind": "payment", "amount": 3980, "at": "2026-02-03T10:00:00Z"}],
        "returns": [{"variant_ids": ["p1-s"], "reason": "too bright", "fee": 500}],
        "promotion_ids": ["spring"],
        "total": 3500,
    },
    {"type": "review", "id": "r1", "product_id": "p1", "customer_id": "c1", "rating": 4, "body": "Bright <3"},
    {"type": "event", "id": "e1", "kind": "view", "at": "2026-02-01T09:00:00Z", "value": {"from": "search"}},
]

GOOD = {"@type": "Product", "sku": "good", "name": "Lamp", "offers": {"price": 5, "priceCurrency": "USD"}}
FORM = {**GOOD, "sku": "form"}
ODD = {"@type", "@id", "sku", "name", "offers", "hasVariant", "isVariantOf", "image", "brand", "category", "review"}
VALUES = [
    *(
        "good",
        "",
        "Product",
        "ProductGroup",
        "#a",
        None,
        5,
        -1,
        [],
        {},
        True,
        "<script>alert(1)</script>",
        "\0",
        "x" * 300,
    ),
    *(
        {"@id": "#a"},
        GOOD,
        [GOOD, {"sku": "y", "size": "L"}],
        {"price": "-5"},
        {"price": "free"},
        {"reviewBody": "\ud800"},
    ),
]


def importer_of(database: Database, folder: Path) -> Importer:
    cache = EmbeddingCache(folder / "cache")
    return Importer(database, lexical_for(database), CountedVectors(), HashEncoder(), cache, "USD")


def exported(database: Database, path: Path, kind: str = "jsonl", **options):
    return Exporter(database, "USD", print).run(kind, str(path), **options)


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the shop's tables but who brought it, and what was thought of it then."""
    own = {"feed", "content_hash", "position"}
    about = {"feed", "quality_score", "completion", "goods_change"}
    with database.session() as session:
        return {
            table.name: sorted(
                (tuple(row) for row in session.execute(select(*[c for c in table.c if c.name not in own]))), key=repr
            )
            for table in Record.metadata.sorted_tables
            if table.name not in about
        }


@pytest.fixture
def second(tmp_path, migrated_sqlite):
    """Another, empty shop."""
    shutil.copyfile(migrated_sqlite, tmp_path / "second.sqlite")
    opened = Database(f"sqlite:///{tmp_path / 'second.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def shop(database, tmp_path):
    """A shop with rows of every kind."""
    importer_of(database, tmp_path).run(ListFeed(SHOP))
    return database


def test_jsonl_makes_the_same_shop_elsewhere(shop, second, tmp_path):
    report = exported(shop, tmp_path / "one.jsonl")
    assert report.counts == {
        "products": 5,
        "variants": 8,
        "reviews": 1,
        "customers": 1,
        "orders": 1,
        "policies": 1,
        "promotions": 1,
        "events": 1,
    }
    taken = importer_of(second, tmp_path).run(JsonlFeed(tmp_path / "one.jsonl"))
    assert taken.rejected == ()
    assert content(second) == content(shop)
    exported(second, tmp_path / "two.jsonl")
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


def test_one_feed_alone_can_be_exported(shop, tmp_path):
    importer_of(shop, tmp_path).run(ListFeed([{"id": "x1", "title": "Other"}], "other"))
    assert exported(shop, tmp_path / "other.jsonl", feed="other").counts["products"] == 1
    assert exported(shop, tmp_path / "all.jsonl").counts["products"] == 6
    with pytest.raises(NotFoundError, match="no feed 'nowhere'") as refused:
        exported(shop, tmp_path / "none.jsonl", feed="nowhere")
    assert "list, other" in refused.value.hint
    assert not (tmp_path / "none.jsonl").exists()


@pytest.mark.parametrize(
    ("kind", "name", "feed"),
    [
        ("google", "goods.tsv", GoogleFeed),
        ("schemaorg", "goods.jsonld", SchemaOrgFeed),
        ("schemaorg", "goods.jsonl", SchemaOrgFeed),
        ("schemaorg", "pages/", SchemaOrgFeed),
    ],
)
def test_the_goods_can_be_taken_in_from_every_format(shop, second, tmp_path, kind, name, feed):
    exported(shop, f"{tmp_path}/{name}", kind)
    report = importer_of(second, tmp_path).run(feed(tmp_path / name))
    assert report.rejected == ()
    assert (report.counts.products, report.counts.variants) == (5, 8)
    assert report.counts.reviews == (1 if kind == "schemaorg" else 0)
    prices = {(v.id, v.price) for one in (shop, second) for v in all_variants(one)}
    assert len(prices) == 8


def all_variants(database: Database) -> list[VariantRecord]:
    with database.session() as session:
        return list(session.scalars(select(VariantRecord)))


def test_what_a_format_cannot_hold_is_noted(shop, tmp_path):
    notes = {note.note: note.examples for note in exported(shop, tmp_path / "goods.tsv", "google").notes}
    assert notes[google.NO_PRICE] == ("secret",)
    assert notes[google.NO_LINK] == ("p1", "p2", "p3", "secret")
    notes = {note.note: note.examples for note in exported(shop, tmp_path / "goods.jsonld", "schemaorg").notes}
    assert notes == {schemaorg.NO_PRICE: ("secret",), schemaorg.PART_ADDRESS: ("bulb",)}


def test_standard_output_gets_the_same(shop, tmp_path):
    written: list[str] = []
    Exporter(shop, "USD", written.append).run("jsonl", "-")
    exported(shop, tmp_path / "one.jsonl")
    assert "".join(written) == (tmp_path / "one.jsonl").read_text()


def test_what_is_there_is_only_overwritten_when_asked_to(shop, tmp_path):
    (tmp_path / "one.jsonl").write_text("precious")
    with pytest.raises(BadInputError, match="already a file"):
        exported(shop, tmp_path / "one.jsonl")
    assert (tmp_path / "one.jsonl").read_text() == "precious"
    exported(shop, tmp_path / "one.jsonl", force=True)
    assert (tmp_path / "one.jsonl").read_text() != "precious"


def test_a_folder_is_replaced_only_if_an_earlier_export_is_all_it_holds(shop, tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    exported(shop, pages, "schemaorg")
    assert len(list(pages.glob("*.jsonld"))) == 5
    with pytest.raises(BadInputError, match="not empty"):
        exported(shop, pages, "schemaorg")
    exported(shop, pages, "schemaorg", force=True)
    (pages / "diary.txt").write_text("mine")
    with pytest.raises(BadInputError, match=r"diary\.txt"):
        exported(shop, pages, "schemaorg", force=True)
    assert len(list(pages.iterdir())) == 6


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        ("csv", "goods.csv", "no export 'csv'"),
        ("jsonl", "nowhere/goods.jsonl", "no folder"),
        ("jsonl", ".", "is a folder"),
        ("jsonl", "/dev/null", "is no file"),
    ],
)
def test_places_and_formats_that_do_not_do_are_refused(shop, tmp_path, kind, name, told):
    with pytest.raises(BadInputError, match=told):
        exported(shop, tmp_path / name, kind)


def test_an_export_that_breaks_off_leaves_nothing_behind(shop, tmp_path):
    (tmp_path / "pages").mkdir()

    def breaks(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    for kind, name in (("jsonl", "one.jsonl"), ("schemaorg", "pages")):
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(KeyboardInterrupt):
            exported(shop, tmp_path / name, kind, progress=breaks)
        assert sorted(tmp_path.rglob("*")) == before


def test_an_export_is_the_shop_of_one_moment(shop, tmp_path):
    lines: list[str] = []
    changed = False

    def write(text: str) -> None:
        nonlocal changed
        lines.append(text)
        if not changed:
            changed = True
            importer_of(shop, tmp_path).run(ListFeed([{"id": "new", "title": "New"}]))

    report = Exporter(shop, "USD", write).run("jsonl", "-")
    assert report.counts["products"] == 5
    assert report.counts["events"] == 1
    assert sum('"type":"product"' in line for line in lines) == 5


def test_an_empty_shop_has_nothing_to_export(database, tmp_path):
    with pytest.raises(NotFoundError, match="empty"):
        exported(database, tmp_path / "one.jsonl")
    assert not (tmp_path / "one.jsonl").exists()


def test_ids_are_file_names_that_lead_nowhere_else():
    ids = ["../../etc/passwd", "..", ".hidden", "a/b", "a%2Fb", "x" * 200, "x" * 199 + "y", "灯" * 150]
    names = [file_name(id) for id in ids]
    assert len(set(names)) == len(ids)
    assert all("/" not in name and not name.startswith(".") and len(name) < 250 for name in names)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(nodes=[{"isVariantOf": GOOD, "@id": "good"}, {"isVariantOf": GOOD, "@id": ""}])
@given(nodes=st.lists(st.dictionaries(st.sampled_from(sorted(ODD)), st.sampled_from(VALUES)), max_size=4))
def test_whatever_stands_in_json_ld_nothing_is_half_imported(migrated_sqlite, nodes):
    """Every product of the shop has its forms, is in the index of texts and has its vector."""
    with tempfile.TemporaryDirectory() as folder:
        path, source = Path(folder) / "shop.sqlite", Path(folder) / "odd.json"
        shutil.copyfile(migrated_sqlite, path)
        source.write_text(json.dumps([GOOD, *[{**GOOD, "sku": "x", **node} for node in nodes]]))
        database, vectors = Database(f"sqlite:///{path}"), CountedVectors()
        lexical = lexical_for(database)
        cache = EmbeddingCache(Path(folder) / "cache")
        counted, rejected = 0, ["good"]
        with contextlib.suppress(BadInputError):  # nothing in the file could be used
            report = Importer(database, lexical, vectors, HashEncoder(), cache, "USD").run(SchemaOrgFeed(source))
            counted, rejected = report.counts.products, [row.id for row in report.rejected]
        with database.session() as session:
            products = {record.id: record for record in session.scalars(select(ProductRecord))}
            assert session.scalars(select(VectorTask)).all() == []
        database.close()
    assert "good" in products or "good" in rejected  # a node that calls itself a form of it may spoil it
    assert len(products) == counted
    assert all(record.variants for record in products.values())
    assert set(vectors.held) == set(products)
