"""Judgments from tables with columns of their own names, and what their grades are worth.

A grade is a word (``Exact``, ``Partial``; the letters E, S, C and I of the Shopping Queries data set, Reddy et
al. 2022, with the gains of that paper) or a number on the file's own scale. ``--gains`` says it where neither fits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from retriever.errors import BadInputError
from retriever.feeds.rows import Rejected
from retriever.named_columns import PRODUCT, column, column_names, records, said

QUERY = ("query", "search_term", "search_query", "query_text", "keywords", "keyword", "q")
QUERY_ID = ("query_id", "queryid", "qid", "topic_id", "topic")
GRADE = (
    *("gain", "rating", "label", "grade", "relevance", "esci_label", "relevance_score"),
    *("score", "judgment", "judgement"),
)
TEXT = (*QUERY, "text", "title")  # of a table of queries
NUMBER = (*QUERY_ID, "id")
QUERY_FILES = ("queries.tsv", "queries.csv", "query.csv", "query.tsv", "queries.txt", "queries.jsonl")
LETTERS = {"e": 1.0, "s": 0.1, "c": 0.01, "i": 0.0}
WORDS: Mapping[str, float] = LETTERS | {
    "exact": 1.0,
    "partial": 0.5,
    "substitute": 0.1,
    "complement": 0.01,
    "irrelevant": 0.0,
    "relevant": 1.0,
    "not relevant": 0.0,
    "true": 1.0,
    "false": 0.0,
}
FROM_ONE = {"1": 0.0, "3": 1.0}
RATED_FROM_ONE = frozenset({"product_uid", "search_term", "relevance"})  # Home Depot's: 1 irrelevant, 3 perfect
SHOWN = 5

Hear = Callable[[str], None]
Gains = Mapping[str, float]
"""What grades are worth: a word's gain, or the gains of some points of a scale of numbers."""


class Judged(NamedTuple):
    """One judgment; ``place`` is for messages."""

    place: str
    query: str
    id: str
    gain: float


class Columns(NamedTuple):
    """Which columns hold what; a name that is empty is not there."""

    product: str
    grade: str
    query: str
    query_id: str


def columns_of(names: Sequence[str]) -> Columns | None:
    """Where a table has its judgments; ``None`` if it holds none."""
    found = Columns(column(names, PRODUCT), column(names, GRADE), column(names, QUERY), column(names, QUERY_ID))
    return found if found.product and found.grade and (found.query or found.query_id) else None


def read_gains(text: str) -> dict[str, float]:
    """Gains as ``Exact=1,Partial=.5`` or ``1=0,3=1`` gives them.

    Raises:
        BadInputError: if they cannot be read, or one is not between 0 and 1.
    """
    gains: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, _, number = part.rpartition("=")
        gain = _number(number)
        if not word.strip() or not 0 <= gain <= 1:
            raise BadInputError(
                f"The part '{part}' of --gains is not a grade and its gain from 0 to 1.", "Write Exact=1,Partial=.5."
            )
        gains[word.strip().casefold()] = gain
    return gains


def judged_records(path: Path, columns: Columns, queries: Path | None, gains: Gains, hear: Hear) -> Iterator[Judged]:
    """The judgments of a table, several of one query and product as their mean.

    Raises:
        BadInputError: if a query, a product or a grade is missing or unknown.
    """
    names = {} if columns.query else read_queries(queries or beside(path))
    entries: list[tuple[str, str, str, object]] = []
    broken: list[Rejected] = []
    for row in records(path):
        if isinstance(row, Rejected):
            broken.append(row)
            continue
        line, record = row
        place = f"line {line}"
        query = said(record.get(columns.query or columns.query_id))
        product = said(record.get(columns.product))
        if not query or not product:
            raise BadInputError(f"{path}, {place}: the query or the product is missing.", "Correct it, or remove it.")
        if names and query not in names:
            raise BadInputError(
                f"{path}, {place}: the query '{query}' is not in the table of queries.", "Name it with --queries FILE."
            )
        entries.append((place, names.get(query, query), product, record.get(columns.grade)))
    if broken:
        first = f"line {broken[0].line}: {broken[0].reason}"
        hear(f"{len(broken):,} rows of {path.name} could not be read and were left out, the first in {first}.")
    meant = gains or (FROM_ONE if set(column_names(path)) >= RATED_FROM_ONE else {})
    worth = gains_of(path, [(place, grade) for place, _, _, grade in entries], meant, hear)
    yield from _once(path, [Judged(*entry[:3], gain) for entry, gain in zip(entries, worth, strict=True)], hear)


def gains_of(path: Path, grades: Sequence[tuple[str, object]], meant: Gains, hear: Hear) -> list[float]:
    """What grades are worth, each with its place: as is said, by the known words, or by the highest number.

    Raises:
        BadInputError: if a grade is neither a number nor a word whose worth is known.
    """
    numbers = [_number(said(grade)) for _, grade in grades]
    if any(math.isnan(number) for number in numbers):
        return [_word(path, place, grade, meant or WORDS) for place, grade in grades]
    if meant:
        return _between(path, grades, numbers, meant)
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if low < 0 or math.isinf(high):
        raise BadInputError(f"{path} has grades from {low:g} to {high:g}.", 'Say their worth: --gains "-1=0,1=1".')
    if high > 1 and low > 0:
        hear(
            f"The lowest grade is {low:g} of {high:g} and counts {low / high:.2f}; "
            f"if it means irrelevant, say --gains {low:g}=0,{high:g}=1."
        )
    return [number / max(1.0, high) for number in numbers]


def read_queries(path: Path) -> dict[str, str]:
    """Queries by their number, from a table with headers or JSON lines.

    Raises:
        BadInputError: if it is no such table.
    """
    names = column_names(path)
    number, text = column(names, NUMBER), column(names, TEXT)
    if not number or not text:
        raise BadInputError(f"{path} is no table of queries.", "Give it the columns query_id and query.")
    rows = (row[1] for row in records(path) if not isinstance(row, Rejected))
    return {said(record.get(number)): said(record.get(text)) for record in rows}


def beside(path: Path) -> Path:
    """The table of queries that belongs to a file of judgments.

    Raises:
        BadInputError: if there is none.
    """
    places = [folder / name for folder in (path.parent, path.parent.parent) for name in QUERY_FILES]
    for place in places:
        if place.is_file():
            return place
    raise BadInputError(
        f"{path} names queries by number, and there is no table of queries {places[0]}.",
        "Name it with --queries FILE, or write one, a line a query: the number, a tab, the query.",
    )


def has_headers(path: Path) -> bool:
    """Whether a table of queries says which column is which."""
    names = column_names(path)
    return bool(column(names, NUMBER) and column(names, TEXT))


def _once(path: Path, judged: Iterable[Judged], hear: Hear) -> Iterator[Judged]:
    found: dict[tuple[str, str], list[Judged]] = {}
    for each in judged:
        found.setdefault((each.query, each.id), []).append(each)
    disputed = sum(len({each.gain for each in several}) > 1 for several in found.values())
    if disputed:
        hear(f"{path.name} judges {disputed:,} products more than once for a query: the mean counts.")
    for several in found.values():
        yield several[0]._replace(gain=math.fsum(each.gain for each in several) / len(several))


def _word(path: Path, place: str, grade: object, meant: Gains) -> float:
    word = said(grade)
    if word.casefold() not in meant:
        known = ", ".join(list(meant)[:SHOWN])
        raise BadInputError(
            f"{path}, {place}: the worth of the grade '{word[:40]}' is not known, only that of {known}.",
            'Say what each is worth: --gains "Exact=1,Partial=.5,Irrelevant=0".',
        )
    return meant[word.casefold()]


def _between(path: Path, grades: Sequence[tuple[str, object]], numbers: Sequence[float], meant: Gains) -> list[float]:
    """Numbers between two points that were said are worth what lies between their gains."""
    points = sorted((_number(point), gain) for point, gain in meant.items())
    if any(math.isnan(point) for point, _ in points):
        return [_word(path, place, grade, meant) for place, grade in grades]
    return [float(gain) for gain in np.interp(numbers, [at for at, _ in points], [gain for _, gain in points])]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
