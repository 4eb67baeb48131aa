"""A JSON Lines feed, as it should be and as it comes."""

from __future__ import annotations

import gzip
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from retriever.errors import BadInputError
from retriever.feeds.feed import ROW_TYPES, silent
from retriever.feeds.jsonl import JsonlFeed, default_name
from retriever.feeds.rows import PolicyRow, ProductRow, Rejected

LAMP = '{"id": "p1", "title": "Desk lamp", "price": "19.90", "stock": 3}'


@pytest.fixture
def read(tmp_path):
    """Reads the given bytes as a feed: the rows by line, and the rejections by line."""

    def read_bytes(content: bytes, name: str = "goods.jsonl", max_line: int = 10_000):
        path = tmp_path / name
        path.write_bytes(content)
        items = list(JsonlFeed(path, max_line=max_line).read(silent))
        rejected = {item.line: item for item in items if isinstance(item, Rejected)}
        return dict(item for item in items if not isinstance(item, Rejected)), rejected

    return read_bytes


def lines(*rows: str) -> bytes:
    return ("\n".join(rows) + "\n").encode()


def test_a_row_is_a_product_unless_it_says_otherwise(read):
    rows, rejected = read(lines(LAMP, '{"type": "policy", "id": "r", "title": "Returns", "body": "30 days."}'))
    assert rejected == {}
    assert isinstance(rows[1], ProductRow)
    assert rows[1].price == Decimal("19.90")
    assert isinstance(rows[2], PolicyRow)


@pytest.mark.parametrize("pack", [lambda raw: raw, gzip.compress])
def test_plain_and_gzipped_with_a_byte_order_mark_and_blank_lines(read, pack):
    rows, rejected = read(pack(b"\xef\xbb\xbf" + lines(LAMP, "", "   ") + b'{"id": "p2", "title": "\xe7\x81\xaf"}'))
    assert (sorted(rows), rejected) == ([1, 4], {})
    assert rows[4].title == "灯"


@pytest.mark.parametrize(
    ("line", "id", "reason"),
    [
        ('{"id": "p9"', "", "not JSON"),
        ('{"id": "p9", "title": "x", "price": NaN}', "", "NaN is not a JSON number"),
        ('{"id": "p9", "title": "x", "price": 1e999}', "", "too large"),
        ('{"id": "p9", "title": "x", "price": ' + "9" * 5_000 + "}", "", "not JSON"),
        ("[" * 9_000, "", "nested too deeply"),
        ('["p9"]', "", "a row must be a JSON object, not an array"),
        ("null", "", "not null"),
        ("true", "", "not true or false"),
        ('{"title": "x"}', "", "id: is missing"),
        ('{"id": "", "title": "x"}', "", "id: String should have at least 1 character"),
        ('{"id": "a\\u0000b", "title": "x"}', "a\0b", "id: String should match pattern"),
        ('{"id": 12, "title": "x"}', "", "id: Input should be a valid string (is 12)"),
        ('{"id": "p9"}', "p9", "title: is missing"),
        ('{"id": "p9", "title": ["x"]}', "p9", "title: Input should be a valid string"),
        ('{"id": "p9", "title": "x", "price": -3}', "p9", "price: Input should be greater than or equal to 0 (is -3)"),
        ('{"id": "p9", "title": "x", "price": "12,90"}', "p9", "price: Input should be a valid decimal"),
        ('{"id": "p9", "title": "x", "price": 1e12}', "p9", "price: Input should be less than or equal to"),
        ('{"id": "p9", "title": "x", "stock": 99999999999}', "p9", "stock: Input should be less than or equal to"),
        ('{"id": "p9", "title": "x", "colour": "red"}', "p9", "colour: is not a field of this row"),
        ('{"id": "p9", "title": "x", "variants": [{"price": 1}]}', "p9", "variants.0.id: is missing"),
        ('{"id": "p9", "title": "x", "type": "gadget"}', "p9", 'type: "gadget" is unknown; it is one of product,'),
        ('{"id": "p9", "title": "x", "type": ["product"]}', "p9", "type:"),
        ('{"id": "p9\\ud83d", "title": "x"}', "p9?", "id: Input should be a valid string"),
    ],
)
def test_a_row_that_cannot_be_read_is_listed_and_the_rest_goes_on(read, line, id, reason):
    rows, rejected = read(lines(line, LAMP) if not line.startswith("[") else lines(LAMP, line, LAMP))
    (refusal,) = rejected.values()
    assert reason in refusal.reason
    assert refusal.id == id
    assert len(refusal.reason) < 400
    assert rows


def test_a_line_in_another_encoding_is_rejected_alone(read):
    rows, rejected = read(lines(LAMP) + '{"id": "p2", "title": "Café"}\n'.encode("latin-1") + lines(LAMP))
    assert sorted(rows) == [1, 3]
    assert rejected[2].reason == "not UTF-8: byte 0xe9 at place 27"


def test_a_line_over_the_limit_is_rejected_and_counted_as_one(read):
    long = json.dumps({"id": "p2", "title": "x", "description": "y" * 50_000})
    rows, rejected = read(lines(LAMP, long, LAMP, "z" * 10_000, "z" * 10_001))
    assert sorted(rows) == [1, 3]
    assert rejected[2].reason == "the line is longer than 10,000 bytes"
    assert "not JSON" in rejected[4].reason
    assert "longer" in rejected[5].reason


def test_a_huge_line_is_not_held_in_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "goods.jsonl"
    with path.open("wb") as file:
        for _ in range(50):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + LAMP.encode())
    tracemalloc.start()
    items = list(JsonlFeed(path, max_line=1_000_000).read(silent))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(items[0], Rejected)
    assert items[1][0] == 2
    assert peak < 10_000_000


def test_a_truncated_gzip_is_refused_as_a_whole(read):
    packed = gzip.compress(lines(*[LAMP.replace("p1", f"p{number}") for number in range(3_000)]))
    with pytest.raises(BadInputError, match="is damaged") as caught:
        read(packed[: len(packed) // 2], "goods.jsonl.gz")
    assert "nothing of it was imported" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 20, "binary file"),
        (b"\x1f\x8b\x08\x00garbage that is no gzip", "is damaged"),
        (LAMP.encode("utf-16"), "UTF-16"),
        (b'[{"id": "p1", "title": "Desk lamp"}]', "JSON array"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_as_a_whole(read, content, message):
    with pytest.raises(BadInputError, match=message) as caught:
        read(content)
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    for path, message in ((tmp_path / "none.jsonl", "There is no file"), (tmp_path, "is a folder")):
        with pytest.raises(BadInputError, match=message):
            list(JsonlFeed(path).read(silent))


def test_an_empty_file_has_no_rows(read):
    assert read(b"") == ({}, {})


def test_the_file_names_the_feed(tmp_path):
    assert default_name(tmp_path / "goods.jsonl.gz") == "jsonl:goods"
    long_a, long_b = (default_name(tmp_path / f"{'x' * 150}{end}.jsonl") for end in "ab")
    assert len(long_a) == 80
    assert long_a != long_b


def documented_rows() -> list[dict[str, object]]:
    """Every example row of docs/import.md, from its section on the schema on."""
    schema = (
        (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8").split("## The jsonl schema")[1]
    )
    rows = []
    for block in re.findall(r"```json\n(.*?)```", schema, re.DOTALL):
        text = block.strip()
        while text:
            row, end = json.JSONDecoder().raw_decode(text)
            rows.append(row)
            text = text[end:].lstrip()
    return rows


def test_the_documented_examples_are_good_rows_of_every_type(read):
    rows, rejected = read(lines(*map(json.dumps, documented_rows())))
    assert rejected == {}
    assert {row.type for row in rows.values()} == set(ROW_TYPES)
