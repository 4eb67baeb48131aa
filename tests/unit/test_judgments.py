"""Judgments read from every form of file, and what is wrong with them told."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from retriever.errors import BadInputError
from retriever.judgments import check_judgments, read_judgments

LAMP = {"desk lamp": {"lamp-1": 1.0, "lamp-2": 0.1, "desk-1": 0.0}}


def written(folder: Path, text: str, name: str = "judgments.jsonl") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def line(**values: object) -> str:
    return json.dumps({"query": "desk lamp", "id": "lamp-1", "gain": 1} | values)


def dashboards(rating: str) -> str:
    return json.dumps({"judgmentRatings": [{"query": "towel", "ratings": [{"docId": "A", "rating": rating}]}]})


def test_json_lines(tmp_path: Path) -> None:
    lines = [line(), "", line(id="lamp-2", gain=0.1), line(id="desk-1", gain=0)]
    assert read_judgments(written(tmp_path, "\r\n".join(lines))) == LAMP


def test_one_json_line_is_not_taken_for_a_document_of_ratings(tmp_path: Path) -> None:
    assert read_judgments(written(tmp_path, line(id=17))) == {"desk lamp": {"17": 1.0}}


def test_ratings_of_the_dashboards_become_gains(tmp_path: Path) -> None:
    ratings = [{"docId": "A", "rating": "100.000"}, {"docId": "B", "rating": "10.000"}, {"docId": "C", "rating": "0"}]
    document = json.dumps({"name": "ESCI", "judgmentRatings": [{"query": "towel", "ratings": ratings}]}, indent=1)
    assert read_judgments(written(tmp_path, document, "judgments.json")) == {"towel": {"A": 1.0, "B": 0.1, "C": 0.0}}


def test_qrels_with_grades_and_their_queries(tmp_path: Path) -> None:
    written(tmp_path, "7\tdesk lamp\n8\tmug\n", "queries.tsv")
    qrels = written(tmp_path, "7 0 lamp-1 3\n7 0 lamp-2 1\n7 0 desk-1 0\n", "qrels.txt")
    assert read_judgments(qrels) == {"desk lamp": {"lamp-1": 1.0, "lamp-2": pytest.approx(1 / 3), "desk-1": 0.0}}
    elsewhere = written(tmp_path, "7\treading lamp\n", "other.tsv")
    assert list(read_judgments(qrels, elsewhere)) == ["reading lamp"]


def test_qrels_with_gains_are_left_as_they_are(tmp_path: Path) -> None:
    written(tmp_path, "7\tdesk lamp\n", "queries.tsv")
    assert read_judgments(written(tmp_path, "7 0 lamp-1 0.5\n7 0 desk-1 0\n", "qrels.txt")) == {
        "desk lamp": {"lamp-1": 0.5, "desk-1": 0.0}
    }


def test_a_gzipped_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "judgments.jsonl.gz"
    path.write_bytes(gzip.compress(line().encode()))
    assert read_judgments(path) == {"desk lamp": {"lamp-1": 1.0}}


def test_the_same_line_twice_does_no_harm(tmp_path: Path) -> None:
    assert read_judgments(written(tmp_path, f"{line()}\n{line()}")) == {"desk lamp": {"lamp-1": 1.0}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("[3]", "a JSON array of other things"),
        ('{"judgments": []}', "without 'judgmentRatings'"),
        ('{"judgmentRatings": []}', "holds no judgments"),
        ('{"judgmentRatings": [3]}', "judgmentRatings 1: not a JSON object"),
        (dashboards("101"), "the gain 1.01 is not between 0 and 1"),
        (dashboards("exact"), "'exact' is no number"),
        (line(gain=1.5), "line 1: the gain 1.5 is not between 0 and 1"),
        (line(gain=-0.1), "the gain -0.1"),
        (line().replace("1}", "NaN}"), "NaN is not a JSON number"),
        (line(gain="nan"), "no number to count with"),
        (line(gain=None), "'gain' is missing"),
        (line(gain=True), "'gain' is missing or no number"),
        (line(query=" "), "'query' is missing or empty"),
        (line(id=[1]), "'id' is missing or empty"),
        (f"{line()}\n{{", "line 2: not JSON"),
        (f"{line()}\n3", "line 2: not a JSON object"),
        (f"{line()}\n{line(id='x')}\n{line(gain=0)}", "line 3: 'lamp-1' has the gain 0 for 'desk lamp' here and 1 in"),
        ("what is this?", "neither JSON nor the four columns"),
        ("7 0 lamp-1 high", "'high' is no number"),
        ("7 0 lamp-1 1.5", "not between 0 and 1"),
        ("7 0 lamp-1 -1", "the gain -1"),
        ("9 0 lamp-1 1", "the query '9' is not in"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place_and_a_way_out(text: str, told: str, tmp_path: Path) -> None:
    written(tmp_path, "7\tdesk lamp\n", "queries.tsv")
    with pytest.raises(BadInputError) as refused:
        read_judgments(written(tmp_path, text))
    assert told in refused.value.message
    assert refused.value.hint


def test_qrels_without_their_queries_say_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no table of queries .*queries\.tsv"):
        read_judgments(written(tmp_path, "7 0 lamp-1 1", "qrels.txt"))


@pytest.mark.parametrize("content", [b"\xff\xfe{\x00", b"\x1f\x8b\x08broken", b"{\x00}"])
def test_files_that_are_no_text_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "judgments"
    path.write_bytes(content)
    with pytest.raises(BadInputError):
        read_judgments(path)


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no file"):
        read_judgments(tmp_path / "nowhere")


def test_unknown_products_and_queries_are_left_out_and_listed() -> None:
    judgments = {**LAMP, "fish": {"gone": 1.0}}
    checked = check_judgments(judgments, ["lamp-1", "lamp-2", "desk-1", "unjudged"])
    assert checked.judgments == LAMP
    assert (checked.unknown_ids, checked.unknown_queries) == (("gone",), ("fish",))


def test_judgments_of_another_catalogue_are_refused() -> None:
    with pytest.raises(BadInputError, match=r"2 of the 3 judged products are not in the shop: lamp-2, desk-1\."):
        check_judgments(LAMP, ["lamp-1"])


@pytest.mark.parametrize("gain", [0.0, 1.0])
def test_one_class_only_is_refused(gain: float) -> None:
    with pytest.raises(BadInputError, match=f"Every judgment has the gain {gain:g}"):
        check_judgments({"desk lamp": {"lamp-1": gain, "lamp-2": gain, "gone": 0.5}}, ["lamp-1", "lamp-2"])
