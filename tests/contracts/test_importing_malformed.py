"""Ten feeds as they should not be: each has a clear outcome, and what the shop had is not lost."""

from __future__ import annotations

import gzip
import json

import pytest
from import_fakes import CountedVectors, HashEncoder

from retriever.catalogue import Catalogue
from retriever.errors import BadInputError
from retriever.feeds.jsonl import JsonlFeed
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for

LAMP = {"id": "p1", "title": "Desk lamp", "price": "19.90"}
CHAIR = {"id": "p2", "title": "Chair", "price": "89.00"}


def lines(*rows: object) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


REFUSED = {
    "a gzip cut in two": (
        gzip.compress(lines(*({"id": f"x{n}", "title": f"{n}"} for n in range(2_000))))[:5_000],
        "is damaged",
    ),
    "a binary file": (b"\x7fELF\x02\x01\x01\0\0\0" * 500, "binary file"),
    "an empty file": (b"", "holds no row that can be used"),
    "a JSON array": (json.dumps([LAMP, CHAIR]).encode(), "JSON array"),
    "a pretty-printed object": (json.dumps(LAMP, indent=2).encode(), "no row that can be used. 5 were refused: line 1"),
    "UTF-16": ((json.dumps(LAMP) + "\n").encode("utf-16"), "UTF-16"),
    "HTML of a login page": (b"<!doctype html>\n<html><body>Log in</body></html>\n", "no row that can be used. 2 were"),
}

REJECTED = {
    "one line in Latin-1": (
        lines(LAMP) + '{"id": "p2", "title": "Caf\xe9"}\n'.encode("latin-1"),
        [(2, "", "not UTF-8: byte 0xe9")],
    ),
    "wrong types": (
        lines(
            LAMP, {"id": "p2", "title": 5}, {"id": "p3", "title": "x", "images": "a.png"}, {"id": ["p4"], "title": "x"}
        ),
        [(2, "p2", "title: "), (3, "p3", "images: "), (4, "", "id: ")],
    ),
    "a negative price": (lines(LAMP, CHAIR | {"price": -89}), [(2, "p2", "price: ")]),
    "one id twice": (lines(LAMP, CHAIR, LAMP | {"title": "Other"}), [(3, "p1", "already came in line 1")]),
    "no id": (lines(LAMP, {"title": "Nameless"}), [(2, "", "id: is missing")]),
    "numbers that are none": (
        lines(LAMP) + b'{"id": "p2", "title": "x", "price": NaN}\n{"id": "p3", "title": "x", "price": 1e400}\n'
        b'{"id": "p4", "title": "x", "price": 123456789012345}\n{"id": "p5", "title": "x", "stock": 9e18}\n'
        b'{"id": "p6", "title": "x", "rating": {"value": 4, "count": 99999999999999}}\n',
        [(2, "", "NaN"), (3, "", "too large"), (4, "p4", "price: "), (5, "p5", "stock: "), (6, "p6", "rating: ")],
    ),
    "unknown fields": (lines(LAMP, CHAIR | {"colour": "red"}), [(2, "p2", "colour: is not a field")]),
    "overlong texts": (
        lines(LAMP, CHAIR | {"status": "s" * 41}, {"id": "i" * 201, "title": "x"}),
        [(2, "p2", "status: "), (3, "i" * 201, "id: ")],
    ),
}


@pytest.fixture
def shop(database, tmp_path):
    """A shop with one product of the feed, and ``take`` to import bytes as that feed."""
    lexical, vectors = lexical_for(database), CountedVectors()
    importer = Importer(database, lexical, vectors, HashEncoder(), EmbeddingCache(tmp_path / "cache"), "USD")
    path = tmp_path / "goods.jsonl"

    class Shop:
        catalogue = Catalogue(database, lexical, "USD")

        @staticmethod
        def take(content: bytes):
            path.write_bytes(content)
            return importer.run(JsonlFeed(path))

        @staticmethod
        def ids() -> tuple[list[str], list[str]]:
            return Shop.catalogue.all_ids(), sorted(vectors.held)

    Shop.take(lines(LAMP))
    return Shop


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED)
def test_a_feed_that_cannot_be_used_changes_nothing(shop, content, message):
    with pytest.raises(BadInputError, match=message) as caught:
        shop.take(content)
    assert caught.value.hint
    assert shop.ids() == (["p1"], ["p1"])


@pytest.mark.parametrize(("content", "expected"), REJECTED.values(), ids=REJECTED)
def test_a_row_that_cannot_be_used_is_listed_and_the_rest_goes_in(shop, content, expected):
    report = shop.take(content)
    assert [(row.line, row.id) for row in report.rejected] == [(line, id) for line, id, _ in expected]
    for row, (_, _, reason) in zip(report.rejected, expected, strict=True):
        assert reason in row.reason
    kept = ["p1", "p2"] if "already" in expected[0][2] else ["p1"]
    assert shop.ids() == (kept, kept)
    assert shop.catalogue.product("p1").title == "Desk lamp"


def test_a_line_of_fifty_megabytes_is_one_rejected_row(shop):
    long = b'{"id": "p2", "title": "' + b"x" * 50_000_000 + b'"}\n'
    (refused,) = shop.take(lines(LAMP) + long + lines(CHAIR)).rejected
    assert (refused.line, refused.reason) == (2, "the line is longer than 10,000,000 bytes")
    assert shop.ids() == (["p1", "p2"], ["p1", "p2"])
