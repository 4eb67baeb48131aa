"""What an import does to the shop, on both databases."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from import_fakes import CountedVectors, HashEncoder, ListFeed, goods
from sqlalchemy import func, select

from retriever.catalogue import Catalogue
from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.jsonl import JsonlFeed
from retriever.filters import Filters
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache, drain_outbox
from retriever.lexical import lexical_for
from retriever.locking import import_lock
from retriever.product import Money
from retriever.records import (
    CustomerRecord,
    FeedRecord,
    OrderRecord,
    ProductRecord,
    QualityScoreRecord,
    Record,
    VectorTask,
)

REST = [
    {"type": "policy", "id": "returns", "title": "Returns", "body": "30 days.", "topic": "returns"},
    {"type": "promotion", "id": "spring", "title": "Spring", "rules": {"percent": 10}},
    {
        "type": "customer",
        "id": "c1",
        "name": "Ada",
        "addresses": [{"city": "Bonn"}, {"city": "Kiel"}],
        "payment_methods": [{"id": "g1", "kind": "gift_card", "balance": "12.50"}],
    },
    {
        "type": "order",
        "id": "o1",
        "customer_id": "c1",
        "status": "delivered",
        "lines": [{"product_id": "p1", "variant_id": "p1-s", "title": "Lamp", "quantity": 2, "price": "19.90"}],
    },
    {"type": "review", "id": "r1", "product_id": "p1", "rating": 4, "body": "Bright."},
    {"type": "event", "id": "e1", "kind": "view", "at": "2026-02-01T09:00:00Z", "product_id": "p1"},
]


@pytest.fixture
def shop(database, tmp_path):
    """An empty shop: its parts, and ``take`` to import into it."""
    lexical, vectors, encoder = lexical_for(database), CountedVectors(), HashEncoder()
    cache = EmbeddingCache(tmp_path / "cache")
    importer = Importer(database, lexical, vectors, encoder, cache, "USD")
    catalogue = Catalogue(database, lexical, "USD")

    def take(values, name="list", **options):
        vectors.upserted, vectors.removed, encoder.encoded = [], [], []
        return importer.run(ListFeed(values, name), **options)

    def titled(word):
        return sorted(found.id for found in lexical.search(word, 100))

    return SimpleNamespace(**locals())


def content(database) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the shop's tables but what each import adds: its time and its score."""
    with database.session() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Record.metadata.sorted_tables
            if table.name not in (FeedRecord.__tablename__, QualityScoreRecord.__tablename__)
        }


def changes(report) -> tuple[int, int, int]:
    return report.added, report.updated, report.removed


def test_a_feed_arrives_in_records_and_both_indexes(shop):
    report = shop.take([*goods(3), *REST])
    assert changes(report) == (9, 0, 0)
    assert report.model_dump(mode="json") == {
        "source": "jsonl",
        "counts": {
            "products": 3,
            "variants": 6,
            "reviews": 1,
            "customers": 1,
            "orders": 1,
            "policies": 1,
            "promotions": 1,
            "events": 1,
        },
        "added": 9,
        "updated": 0,
        "removed": 0,
        "rejected": [],
        "quality": [
            {"check": "missing_image", "count": 3, "examples": ["p1", "p2", "p3"]},
            {"check": "missing_rating", "count": 3, "examples": ["p1", "p2", "p3"]},
        ],
    }
    (lamp,) = shop.catalogue.get(["p2"])
    assert [variant.price for variant in lamp.variants] == [
        Money(amount=1990, currency="USD"),
        Money(amount=2990, currency="USD"),
    ]
    assert shop.titled("number2") == ["p2"]
    assert sorted(shop.vectors.held) == ["p1", "p2", "p3"]
    with shop.database.session() as session:
        assert session.scalar(select(func.count()).select_from(VectorTask)) == 0
        customer = session.get(CustomerRecord, "c1")
        assert [address.city for address in customer.addresses] == ["Bonn", "Kiel"]
        assert customer.payment_methods[0]["balance"] == 1250
        assert session.get(OrderRecord, "o1").total == 3980
        assert session.get(FeedRecord, "list").report["added"] == 9


def test_a_second_run_changes_nothing(shop):
    shop.take([*goods(5), *REST])
    before = content(shop.database)
    assert changes(shop.take([*goods(5), *REST])) == (0, 0, 0)
    assert content(shop.database) == before
    assert (shop.vectors.upserted, shop.vectors.removed, shop.encoder.encoded) == ([], [], [])


def test_one_changed_product_costs_one_upsert(shop):
    rows = goods(20)
    shop.take(rows)
    rows[4] = rows[4] | {"title": "Lantern", "attributes": {"material": "brass"}, "categories": ["Garden"]}
    assert changes(shop.take(rows)) == (0, 1, 0)
    assert shop.vectors.upserted == ["p5"]
    assert len(shop.encoder.encoded) == 1
    assert shop.titled("lantern") == ["p5"]
    assert shop.titled("number5") == []
    assert shop.catalogue.matching(Filters(category="Garden")) == {"p5"}
    assert "p5" not in shop.catalogue.matching(Filters(category="Lamps"))


def test_a_changed_price_encodes_nothing(shop):
    rows = goods(3)
    shop.take(rows)
    rows[0]["variants"][0]["price"] = "17.50"
    assert changes(shop.take(rows)) == (0, 1, 0)
    assert shop.encoder.encoded == []
    assert shop.vectors.upserted == ["p1"]
    assert shop.catalogue.product("p1").variants[0].price.amount == 1750


def test_what_is_gone_from_the_feed_goes(shop):
    shop.take([*goods(5), *REST])
    report = shop.take([*goods(3), *REST[:2]])
    assert changes(report) == (0, 0, 6)
    assert shop.catalogue.count() == 3
    assert shop.titled("lamp") == ["p1", "p2", "p3"]
    assert shop.vectors.removed == ["p4", "p5"]
    assert sorted(shop.vectors.held) == ["p1", "p2", "p3"]
    fresh = content(shop.database)
    assert len(fresh["product_category"]) == 6
    assert fresh["customer"] == fresh["address"] == fresh["order_line"] == []


def test_feeds_leave_each_other_alone(shop):
    shop.take(goods(4), "a")
    mine = [
        {"id": "x1", "title": "Chair"},
        {"id": "p2", "title": "Thief"},
        {"id": "x2", "title": "T", "variants": [{"id": "p3-s"}]},
    ]
    report = shop.take(mine, "b")
    assert [(row.line, row.id, row.reason) for row in report.rejected] == [
        (2, "p2", "id: this product belongs to the feed 'a'"),
        (3, "x2", "id: a variant of this product belongs to the feed 'a'"),
    ]
    assert changes(report) == (1, 0, 0)
    assert report.counts.products == 1
    assert shop.catalogue.count() == 5
    assert changes(shop.take(goods(4), "a")) == (0, 0, 0)


def test_bad_rows_are_listed_and_the_rest_goes_in(shop):
    rows = goods(2)
    report = shop.take(
        [
            rows[0],
            {"id": "b", "title": "x", "price": -1},
            "nonsense",
            rows[1],
            rows[0] | {"title": "Again"},
            {"id": "n", "title": "<p>"},
        ]
    )
    assert [(row.line, row.id) for row in report.rejected] == [(2, "b"), (3, ""), (5, "p1"), (6, "n")]
    assert "already came in line 1" in report.rejected[2].reason
    assert shop.catalogue.count() == 2
    assert shop.catalogue.product("p1").title == "Lamp number1"


@pytest.mark.parametrize(
    ("variants", "reason"),
    [
        ([{"id": "v"}, {"id": "v"}], "variants: the id v comes twice"),
        ([{"id": "p1-s"}], "variants: the id p1-s is already one of product p1"),
    ],
)
def test_a_variant_id_is_one_product_s(shop, variants, reason):
    report = shop.take([*goods(1), {"id": "q", "title": "Q", "variants": variants}])
    assert [row.reason for row in report.rejected] == [reason]


def test_a_variant_may_move_to_another_product(shop):
    shop.take([{"id": id, "title": id, "variants": [{"id": v} for v in ids]} for id, ids in (("a", "12"), ("b", "3"))])
    shop.take([{"id": id, "title": id, "variants": [{"id": v} for v in ids]} for id, ids in (("a", "1"), ("b", "23"))])
    assert [variant.id for variant in shop.catalogue.product("b").variants] == ["2", "3"]


def test_a_row_that_broke_stays_as_it_was(shop):
    rows = goods(3)
    shop.take(rows)
    report = shop.take([rows[0], rows[1] | {"price": "a lot"}])
    assert changes(report) == (0, 0, 1)
    assert report.counts.products == 2
    assert shop.catalogue.all_ids() == ["p1", "p2"]


def test_a_new_order_of_the_feed_is_no_update(shop):
    rows = goods(3)
    shop.take(rows)
    assert changes(shop.take(rows[::-1])) == (0, 0, 0)
    with shop.database.session() as session:
        ordered = list(session.scalars(select(ProductRecord.id).order_by(ProductRecord.position)))
    assert ordered == ["p3", "p2", "p1"]


@pytest.mark.parametrize("values", [[], [{"id": "p1"}], ["x", 3], [REST[0]]])
def test_a_feed_that_would_empty_the_shop_is_refused(shop, values):
    shop.take(goods(3))
    before = content(shop.database)
    with pytest.raises(BadInputError):
        shop.take(values)
    assert content(shop.database) == before
    assert len(shop.vectors.held) == 3


def test_strict_refuses_all_for_one(shop):
    shop.take(goods(1))
    before = content(shop.database)
    with pytest.raises(BadInputError, match=r"1 rows .* line 3 .no id.: a row must be") as caught:
        shop.take([*goods(2), "nonsense"], strict=True)
    assert "Nothing was imported" in caught.value.hint
    assert content(shop.database) == before


def test_a_damaged_file_changes_nothing(shop, tmp_path):
    shop.take(goods(1))
    before = content(shop.database)
    (tmp_path / "goods.jsonl").write_bytes(b"\x1f\x8b\x08\x00cut off")
    with pytest.raises(BadInputError, match="is damaged"):
        shop.importer.run(JsonlFeed(tmp_path / "goods.jsonl"))
    assert content(shop.database) == before


def test_markup_and_control_characters_stay_outside(shop):
    report = shop.take([{"id": "a", "title": "Oak <b>desk</b>\x00", "description": "<script>x()</script>5 &lt; 6"}])
    assert {finding.check for finding in report.quality} >= {
        "html_in_title",
        "html_in_description",
        "control_characters",
    }
    product = shop.catalogue.product("a")
    assert (product.title, product.description) == ("Oak desk", "5 < 6")


def test_another_currency_makes_other_records(shop, tmp_path):
    rows = [{"id": "a", "title": "Desk", "price": 1500}]
    shop.take(rows)
    yen = Importer(shop.database, shop.lexical, shop.vectors, shop.encoder, shop.cache, "JPY")
    assert changes(yen.run(ListFeed(rows))) == (0, 1, 0)
    assert shop.catalogue.product("a").variants[0].price == Money(amount=1500, currency="JPY")


def test_an_unreachable_vector_store_is_completed_later(shop):
    shop.take(goods(3))
    shop.vectors.down = True
    with pytest.raises(UnavailableError, match="rows were imported, but the vector index"):
        shop.take(goods(5)[1:])
    assert shop.catalogue.count() == 4
    shop.vectors.down = False
    assert drain_outbox(shop.database, shop.catalogue, shop.vectors, shop.encoder, shop.cache) == 3
    assert sorted(shop.vectors.held) == ["p2", "p3", "p4", "p5"]
    assert drain_outbox(shop.database, shop.catalogue, shop.vectors, shop.encoder, shop.cache) == 0


def test_an_index_of_another_encoder_is_filled_when_the_shop_opens(shop):
    shop.take(goods(3))
    vectors, encoder = CountedVectors(), HashEncoder("another")
    assert drain_outbox(shop.database, shop.catalogue, vectors, encoder, shop.cache) == 3
    assert sorted(vectors.upserted) == ["p1", "p2", "p3"]
    assert len(encoder.encoded) == 3


def test_an_encoder_that_cannot_load_changes_nothing(shop):
    class Missing(HashEncoder):
        def encode(self, texts, progress=None):
            raise UnavailableError("The encoder is missing.", "Install it.")

    shop.take(goods(1))
    before = content(shop.database)
    broken = Importer(shop.database, shop.lexical, shop.vectors, Missing("missing"), shop.cache, "USD")
    with pytest.raises(UnavailableError, match=r"nothing was changed\. The encoder is missing"):
        broken.run(ListFeed(goods(2)))
    assert content(shop.database) == before


def test_two_imports_do_not_interleave(shop):
    with import_lock(shop.database), pytest.raises(UnavailableError, match="Another import"):
        shop.take(goods(1))
    assert changes(shop.take(goods(1))) == (1, 0, 0)


def test_a_shop_opens_while_an_import_runs(shop):
    shop.take(goods(1))
    shop.vectors.held.clear()
    with import_lock(shop.database):
        assert drain_outbox(shop.database, shop.catalogue, shop.vectors, shop.encoder, shop.cache) == 0
    assert drain_outbox(shop.database, shop.catalogue, shop.vectors, shop.encoder, shop.cache) == 1


def test_progress_names_the_stages_in_order(shop):
    heard = []
    shop.take(goods(2), progress=lambda stage, done, total: heard.append(stage))
    assert list(dict.fromkeys(heard)) == ["comparing", "encoding", "writing", "committing", "indexing"]
