"""Goods and judgments found in folders as other people's data sets come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from import_fakes import HashEncoder

from assistant.settings import Settings
from eval.retrieval.goods import NamedColumns, kind_of, tables
from eval.retrieval.shop import find_judgments, shop_from
from retriever.errors import BadInputError
from retriever.feeds.feed import silent
from retriever.feeds.rows import ProductRow, Rejected
from retriever.judgments import Judgments, read_judgments
from retriever.product import Product

WANDS_GOODS = (
    "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\tproduct_features\t"
    "rating_count\taverage_rating\treview_count\n"
    '1\t12" desk lamp\tLamps\tLighting / Table lamps\tA lamp.\t'
    "height:12|style : modern|style : classic\t15.0\t4.5\t15.0\n"
    "2\toak desk\tDesks\t\t\t\t\t\t\n"
)


def put(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        stem, _, ending = name.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def wands(tmp_path: Path) -> Path:
    labels = "id\tquery_id\tproduct_id\tlabel\n0\t0\t1\tExact\n1\t0\t2\tIrrelevant\n"
    queries = "query_id\tquery\tquery_class\n0\tdesk lamp\tLamps\n"
    return put(tmp_path, product_csv=WANDS_GOODS, label_csv=labels, query_csv=queries, README_txt="a note\n")


@pytest.fixture
def home_depot(tmp_path: Path) -> Path:
    judged = (
        "id,product_uid,product_title,search_term,relevance\n2,1,Angle bracket,bracket,3\n3,2,Deck paint,bracket,1\n"
    )
    return put(
        tmp_path,
        train_csv=judged,
        test_csv='id,product_uid,product_title,search_term\n9,3,"Shower, chrome",shower\n10,1,Angle bracket,angle\n',
        product_descriptions_csv='product_uid,product_description\n1,"Not only, but also"\n3,A shower.\n',
        attributes_csv="product_uid,name,value\n1,Material,Steel\n1,Bullet01,Strong\n,,\n",
    )


def rows(folder: Path) -> dict[str, ProductRow]:
    read = list(NamedColumns(tables(folder)).read(silent))
    assert not [row for row in read if isinstance(row, Rejected)]
    return {row[1].id: row[1] for row in read if isinstance(row, tuple) and isinstance(row[1], ProductRow)}


def imported(folder: Path, scratch: Path, source: str = "") -> dict[str, Product]:
    settings = Settings(home=scratch / "home", cache=scratch / "cache")
    with shop_from(folder, source, settings, silent, HashEncoder()) as store:
        return {product.id: product for product in store.catalogue.get(store.catalogue.all_ids())}


def test_a_table_with_tabs_and_features_as_in_wands(wands: Path) -> None:
    found = rows(wands)
    assert list(found) == ["1", "2"]
    lamp = found["1"]
    assert (lamp.title, lamp.description, lamp.categories) == ('12" desk lamp', "A lamp.", ["Lighting", "Table lamps"])
    assert lamp.attributes == {"height": "12", "style": "modern, classic"}
    assert lamp.rating is not None
    assert (lamp.rating.value, lamp.rating.count) == (4.5, 15)
    assert found["2"].rating is None


def test_goods_in_several_files_as_in_home_depot(home_depot: Path) -> None:
    found = rows(home_depot)
    assert sorted(found) == ["1", "2", "3"]
    assert found["1"].description == "Not only, but also"
    assert found["1"].attributes == {"Material": "Steel", "Bullet01": "Strong"}
    assert found["3"].title == "Shower, chrome"
    kinds = {path.name: kind_of(path) for path in tables(home_depot)}
    assert kinds == {
        "attributes.csv": "attributes",
        "product_descriptions.csv": "descriptions",
        "test.csv": "goods",
        "train.csv": "goods",
    }


def judged(folder: Path) -> Judgments:
    return read_judgments(find_judgments(folder))


def test_the_judgments_of_a_folder_are_found_by_their_columns(wands: Path) -> None:
    assert judged(wands) == {"desk lamp": {"1": 1.0, "2": 0.0}}


def test_judgments_that_hold_the_goods_too_are_found(home_depot: Path) -> None:
    assert judged(home_depot) == {"bracket": {"1": 1.0, "2": 0.0}}


def test_a_shop_is_made_of_such_a_folder(wands: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    goods = imported(wands, tmp_path_factory.mktemp("shop"))
    assert {id: product.title for id, product in goods.items()} == {"1": '12" desk lamp', "2": "oak desk"}


def test_json_lines_with_names_of_their_own(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    line = {"docid": 7, "product_name": "Mug", "product_bullet_point": ["blue", "large"], "price": "$1,299.50"}
    put(tmp_path, products_jsonl=json.dumps(line))
    assert rows(tmp_path)["7"].description == "blue; large"
    goods = imported(tmp_path, tmp_path_factory.mktemp("shop"))
    (form,) = goods["7"].variants
    assert form.price is not None
    assert form.price.amount == 129950  # cents


def test_trec_files_beside_a_table_of_goods(tmp_path: Path) -> None:
    put(tmp_path, products_tsv="id\ttitle\nL1\tDesk lamp\nM1\tMug\n", queries_tsv="7\tdesk lamp\n")
    put(tmp_path, qrels_txt="7 0 L1 2\n7 0 M1 0\n")
    assert sorted(rows(tmp_path)) == ["L1", "M1"]
    assert judged(tmp_path) == {"desk lamp": {"L1": 1.0, "M1": 0.0}}


def test_a_folder_as_in_beir(tmp_path: Path) -> None:
    put(tmp_path, corpus_jsonl=json.dumps({"_id": "L1", "title": "Desk lamp", "text": "Bright.", "metadata": {}}))
    put(tmp_path, queries_jsonl=json.dumps({"_id": "q1", "text": "desk lamp", "metadata": {}}))
    (tmp_path / "qrels").mkdir()
    put(tmp_path / "qrels", test_tsv="query-id\tcorpus-id\tscore\nq1\tL1\t1\n")
    assert rows(tmp_path)["L1"].description == "Bright."
    assert judged(tmp_path) == {"desk lamp": {"L1": 1.0}}


def test_a_format_can_be_named(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    put(
        tmp_path,
        products_export_csv="id,title,description,link,price,availability\n1,Mug,A mug,http://a.b,9 USD,in stock\n",
    )
    for source in ("google", "columns"):
        assert list(imported(tmp_path, tmp_path_factory.mktemp("shop"), source)) == ["1"]


def test_a_folder_without_goods_says_what_it_wants(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    put(tmp_path, label_csv="query,product_id,label\nlamp,1,Exact\n")
    with pytest.raises(BadInputError, match=r"no goods in label\.csv") as refused:
        imported(tmp_path, tmp_path_factory.mktemp("shop"))
    assert "product_id" in refused.value.hint
    with pytest.raises(BadInputError, match="does not hold one file of products, but 0"):
        imported(tmp_path, tmp_path_factory.mktemp("shop"), "google")


def test_two_tables_of_judgments_are_not_guessed_between(wands: Path) -> None:
    put(wands, other_csv="query,product_id,label\nlamp,1,Exact\n")
    with pytest.raises(BadInputError, match=r"2 files of judgments: label\.csv, other\.csv"):
        find_judgments(wands)
