"""Rows of a feed, brought together by the product they belong to, in a temporary SQLite file.

The rows of a product may stand anywhere in a file that is larger than memory.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from retriever.feeds.feed import Progress

MAX_ROWS = 20_000  # of one product
MAX_CHARACTERS = 50_000_000  # of one product's rows together
REPORT_EVERY = 5_000

SCHEMA = """
CREATE TABLE product (key TEXT PRIMARY KEY, place INTEGER, line INTEGER, rows INTEGER, characters INTEGER);
CREATE TABLE row (place INTEGER, line INTEGER, label TEXT, body TEXT);
"""
INDEXES = """
CREATE INDEX row_place ON row (place);
CREATE TABLE label (label TEXT PRIMARY KEY, number INTEGER, line INTEGER, rows INTEGER, first INTEGER, last INTEGER)
    WITHOUT ROWID;
INSERT INTO label SELECT label, MIN(rowid), MIN(line), COUNT(*), MIN(place), MAX(place) FROM row
    WHERE label <> '' GROUP BY label;
"""


class GroupRow(NamedTuple):
    """One row of a product: its place among all rows, its line, what it calls itself, and its cells."""

    number: int
    line: int
    label: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """The rows of one product, in the file's order. One with a ``problem`` is too large and has no rows."""

    key: str
    line: int
    rows: Sequence[GroupRow]
    problem: str = ""


class Groups:
    """Takes rows in the file's order, then gives them back product by product, in the order of their first rows."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="shopwise-feed-")
        self._file = sqlite3.connect(Path(self._folder.name) / "rows.sqlite", isolation_level=None)
        # As with the staging file, a crash loses nothing that has to be kept.
        self._file.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; {SCHEMA} BEGIN;"
        )
        self._products = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._folder.cleanup()

    def add(self, key: str, line: int, label: str, cells: Mapping[str, str]) -> None:
        """Take a row of the product ``key`` in; ``label`` is what the row itself is known by, or empty."""
        body = json.dumps(dict(cells), ensure_ascii=False, separators=(",", ":"))
        (place,) = self._file.execute(
            "INSERT INTO product VALUES (?1, ?2, ?3, 1, ?4) "
            "ON CONFLICT (key) DO UPDATE SET rows = rows + 1, characters = characters + ?4 RETURNING place",
            (key, self._products, line, len(body)),
        ).fetchone()
        self._products += place == self._products
        self._file.execute("INSERT INTO row VALUES (?, ?, ?, ?)", (place, line, label, body))

    def close(self) -> None:
        """All rows came; now they can be given back."""
        self._file.executescript(INDEXES)

    def read(self, progress: Progress) -> Iterator[Group]:
        """Every product with its rows."""
        products = self._file.execute("SELECT key, place, line, rows, characters FROM product ORDER BY place")
        for done, (key, place, line, count, characters) in enumerate(products, start=1):
            if done % REPORT_EVERY == 0 or done == self._products:
                progress("grouping", done, self._products)
            problem = _too_large(count, characters)
            yield Group(key, line, [] if problem else self._rows(place), problem)

    def _rows(self, place: int) -> list[GroupRow]:
        rows = self._file.execute("SELECT rowid, line, label, body FROM row WHERE place = ? ORDER BY rowid", (place,))
        return [GroupRow(number, line, label, json.loads(body)) for number, line, label, body in rows]

    def earlier(self, row: GroupRow) -> int:
        """The line of an earlier row with the same label; 0 if there is none. Rows may share a line, in XML."""
        found = self._file.execute("SELECT number, line FROM label WHERE label = ?", (row.label,)).fetchone()
        return found[1] if found and found[0] < row.number else 0

    def is_repeated(self, label: str) -> bool:
        """Whether more than one row of the file bears the label."""
        return (self._one("SELECT rows FROM label WHERE label = ?", label) or 0) > 1

    def is_product(self, key: str) -> bool:
        """Whether there is a product of that key."""
        return self._one("SELECT 1 FROM product WHERE key = ?", key) is not None

    def is_in_another(self, label: str, key: str) -> bool:
        """Whether a row of another product than ``key`` bears the label."""
        query = "SELECT 1 FROM label JOIN product ON key = ?2 WHERE label = ?1 AND (first <> place OR last <> place)"
        return self._one(query, label, key) is not None

    def _one(self, query: str, *values: str) -> Any:
        found = self._file.execute(query, values).fetchone()
        return found[0] if found else None


def _too_large(rows: int, characters: int) -> str:
    if rows > MAX_ROWS:
        return f"the product has {rows:,} rows; at most {MAX_ROWS:,} can make one product"
    if characters > MAX_CHARACTERS:
        return f"the product's {rows:,} rows hold {characters:,} characters; at most {MAX_CHARACTERS:,} can"
    return ""
