"""What an export writes can be taken in again: the same shop from JSON Lines, the goods from the other formats."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from import_fakes import CountedVectors, HashEncoder, ListFeed, goods
from sqlalchemy import select

from retriever.database import Database
from retriever.export.exporter import Exporter
from retriever.feeds.jsonl import JsonlFeed
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.records import Record

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


def importer_of(database: Database, folder: Path) -> Importer:
    cache = EmbeddingCache(folder / "cache")
    return Importer(database, lexical_for(database), CountedVectors(), HashEncoder(), cache, "USD")


def exported(database: Database, path: Path, kind: str = "jsonl", **options):
    return Exporter(database, "USD", print).run(kind, str(path), **options)


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the shop's tables but who brought it, and what was thought of it then."""
    own = {"feed", "content_hash", "position"}
    about = {"feed", "quality_score", "completion"}
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
