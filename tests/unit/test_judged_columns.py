"""Judgments as other people's data sets write them: their columns, their words and their scales."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retriever.errors import BadInputError
from retriever.judged_columns import read_gains
from retriever.judgments import Judgments, check_judgments, read_judgments

LAMPS = {"desk lamp": {"L1": 1.0, "L2": 0.5, "D1": 0.0}}


def written(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def table(folder: Path, *grades: str, name: str = "judgments.csv", head: str = "query,product_id,label") -> Path:
    ids = ("L1", "L2", "D1")
    rows = [f"desk lamp,{id},{grade}" for id, grade in zip(ids, grades, strict=False)]
    return written(folder, name, head, *rows)


def same(found: Judgments, wanted: Judgments) -> bool:
    return {query: pytest.approx(gains) for query, gains in wanted.items()} == found


def test_labels_apart_from_their_queries_as_in_wands(tmp_path: Path) -> None:
    written(tmp_path, "query.csv", "query_id\tquery\tquery_class", "0\tdesk lamp\tLamps")
    rows = [f"{row}\t0\t{id}\t{word}" for row, (id, word) in enumerate({"L1": "Exact", "L2": "Partial"}.items())]
    path = written(tmp_path, "label.csv", "id\tquery_id\tproduct_id\tlabel", *rows, "9\t0\tD1\tIrrelevant")
    assert same(read_judgments(path), LAMPS)


def test_terms_and_averages_from_one_to_three_as_in_home_depot(tmp_path: Path) -> None:
    rows = ["2,100001,desk lamp,3", "3,100002,desk lamp,2", "9,100003,desk lamp,1", "16,100004,lámpara,2.33"]
    head = "id,product_uid,search_term,relevance"
    found = read_judgments(written(tmp_path, "train.csv", head, *rows, encoding="latin-1"))
    wanted = {"desk lamp": {"100001": 1.0, "100002": 0.5, "100003": 0.0}, "lámpara": {"100004": 0.665}}
    assert same(found, wanted)


def test_letters_are_those_of_the_shopping_queries_data_set(tmp_path: Path) -> None:
    path = table(tmp_path, "E", "S", "I", head="query,product_id,esci_label")
    assert same(read_judgments(path), {"desk lamp": {"L1": 1.0, "L2": 0.1, "D1": 0.0}})


def test_qrels_with_headers_and_queries_in_json_as_in_beir(tmp_path: Path) -> None:
    written(tmp_path, "queries.jsonl", json.dumps({"_id": "7", "text": "desk lamp"}))
    path = written(tmp_path / "qrels", "test.tsv", "query-id\tcorpus-id\tscore", "7\tL1\t2", "7\tL2\t1", "7\tD1\t0")
    assert same(read_judgments(path), LAMPS)


def test_qrels_find_a_table_of_queries_with_headers(tmp_path: Path) -> None:
    written(tmp_path, "queries.tsv", "qid\tquery", "7\tdesk lamp")
    assert same(read_judgments(written(tmp_path, "qrels.txt", "7 0 L1 2", "7 0 L2 1", "7 0 D1 0")), LAMPS)


@pytest.mark.parametrize("form", ["array", "lines"])
def test_json_with_other_names_and_a_scale_of_its_own(form: str, tmp_path: Path) -> None:
    rows = [{"search_term": "desk lamp", "docId": id, "rating": rating} for id, rating in (("L1", 4), ("L2", 2))]
    rows.append({"search_term": "desk lamp", "docId": "D1", "rating": 0})
    text = json.dumps(rows) if form == "array" else "\n".join(map(json.dumps, rows))
    assert same(read_judgments(written(tmp_path, "judgments.json", text)), LAMPS)


@pytest.mark.parametrize(
    ("grades", "gains"),
    [
        (("great", "fair", "bad"), "great=1, fair=.5, bad=0"),
        (("3", "2", "1"), "1=0,3=1"),  # what lies between is worth what lies between
        (("5", "3", "1"), "1=0,5=1"),
        (("E", "S", "I"), "E=1,S=.5,I=0"),
    ],
)
def test_the_worth_of_grades_can_be_said(grades: tuple[str, ...], gains: str, tmp_path: Path) -> None:
    assert same(read_judgments(table(tmp_path, *grades), gains=read_gains(gains)), LAMPS)


def test_the_worth_of_our_own_gains_and_of_qrels_can_be_said_too(tmp_path: Path) -> None:
    line = json.dumps({"query": "desk lamp", "id": "L2", "gain": 2})
    assert same(read_judgments(written(tmp_path, "a.jsonl", line), gains=read_gains("1=0,3=1")), _half())
    written(tmp_path, "queries.tsv", "7\tdesk lamp")
    qrels = written(tmp_path, "qrels.txt", "7 0 L2 2")
    assert same(read_judgments(qrels, gains=read_gains("1=0,3=1")), _half())


def _half() -> Judgments:
    return {"desk lamp": {"L2": 0.5}}


def test_a_scale_that_does_not_begin_with_nothing_is_said(tmp_path: Path) -> None:
    heard: list[str] = []
    assert same(read_judgments(table(tmp_path, "2", "1"), hear=heard.append), {"desk lamp": {"L1": 1.0, "L2": 0.5}})
    assert "--gains 1=0,2=1" in heard[0]


def test_judges_who_disagree_are_averaged_and_said(tmp_path: Path) -> None:
    heard: list[str] = []
    rows = ["desk lamp,L1,Exact", "desk lamp,L1,Exact", "desk lamp,L1,Irrelevant", "desk lamp,L1,Irrelevant"]
    found = read_judgments(written(tmp_path, "j.csv", "query,product_id,label", *rows), hear=heard.append)
    assert found == {"desk lamp": {"L1": 0.5}}
    assert "1 products more than once" in heard[0]


def test_rows_that_are_broken_are_left_out_and_said(tmp_path: Path) -> None:
    heard: list[str] = []
    rows = ["desk lamp,L1,1", "desk lamp,L2", "desk lamp,D1,0"]
    found = read_judgments(written(tmp_path, "j.csv", "query,product_id,rating", *rows), hear=heard.append)
    assert found == {"desk lamp": {"L1": 1.0, "D1": 0.0}}
    assert "1 rows of j.csv could not be read" in heard[0]
    assert "line 3" in heard[0]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["query,product_id,label", "lamp,L1,lovely"], "the worth of the grade 'lovely' is not known"),
        (["query,product_id,label", "lamp,L1,"], "the worth of the grade '' is not known"),
        (["query,product_id,label", ",L1,Exact"], "line 2: the query or the product is missing"),
        (["query,product_id,rating", "lamp,L1,-1"], "grades from -1"),
        (["query_id,product_id,rating", "1,L1,1"], "no table of queries"),
        (["query,product_id,rating"], "holds no judgments"),
    ],
)
def test_what_cannot_be_understood_is_told(lines: list[str], told: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError) as refused:
        read_judgments(written(tmp_path, "judgments.csv", *lines))
    assert told in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("text", ["Exact", "Exact=2", "=1", "Exact=high"])
def test_gains_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="not a grade and its gain"):
        read_gains(text)


def test_clicks_without_anything_irrelevant_will_do_where_that_is_asked_for() -> None:
    clicked = {"desk lamp": {"L1": 1.0}, "mug": {"M1": 1.0}}
    assert check_judgments(clicked, ["L1", "M1"], positives_alone=True).judgments == clicked
    with pytest.raises(BadInputError, match="nothing to tell apart"):
        check_judgments({"mug": {"M1": 0.0}}, ["M1"], positives_alone=True)
