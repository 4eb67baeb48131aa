"""Relevance judgments of a shop's goods: how well a product answers a query, from files of several forms.

A judgment is a gain between 0 (irrelevant) and 1 (what was looked for). Read from:

- the judgments file of opensearch-project/dashboards-search-relevance (ratings 0 to 100, as in the ESCI sample)
- JSON lines ``{"query": "desk lamp", "id": "lamp-1", "gain": 1}``
- TREC qrels ``q1 0 lamp-1 3`` beside a table of queries ``q1<tab>desk lamp``
- tables and JSON with columns of other names and grades in words (``retriever.judged_columns``)

Any of them may be gzipped. Training and evaluation read the same way.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, cast

from retriever.errors import BadInputError
from retriever.feeds.encoding import SAMPLE, encoding_of
from retriever.feeds.lines import DAMAGE, open_bytes, parse_json
from retriever.judged_columns import (
    Columns,
    Gains,
    Hear,
    Judged,
    beside,
    columns_of,
    gains_of,
    has_headers,
    judged_records,
    read_queries,
)
from retriever.named_columns import column_names

Judgments = Mapping[str, Mapping[str, float]]
"""Query to product id to gain."""

MOST_UNKNOWN = 0.5  # of the judged products: with more unknown ones the judgments are of another catalogue
SHOWN = 5  # examples in a message
RATINGS = "judgmentRatings"
OURS = frozenset({"query", "id", "gain"})
FORMS = (
    'Write JSON lines {"query": "desk lamp", "id": "lamp-1", "gain": 1}, a table with the columns query, product_id '
    "and gain, TREC qrels with a queries.tsv beside them, or the judgments file of dashboards-search-relevance; "
    "docs/evaluation.md shows each."
)


@dataclass(frozen=True)
class CheckedJudgments:
    """Judgments of goods that the shop has.

    Attributes:
        judgments: without unknown products, and without queries of which none was left.
        unknown_ids: judged products that the shop does not have, in the order of the file.
        unknown_queries: queries whose judged products are all unknown.
    """

    judgments: Judgments
    unknown_ids: tuple[str, ...] = ()
    unknown_queries: tuple[str, ...] = ()


def nobody(said: str) -> None:
    """Hears what nobody wants to know."""


def read_judgments(
    path: Path, queries: Path | None = None, gains: Gains | None = None, hear: Hear = nobody
) -> Judgments:
    """The judgments of a file, in its order.

    Args:
        path: the file; its content says which form it has.
        queries: where queries are named by number, the table of them; by default ``queries.tsv`` or the like beside.
        gains: what the file's grades are worth, where neither its form nor the usual words say it.
        hear: hears what was assumed of the grades.

    Raises:
        BadInputError: the file cannot be read, is of no known form or empty, a gain is not within 0 to 1,
            a product is judged twice differently for one query, or a query is named that the table has not.
    """
    text = _text(path)
    head = text.lstrip()[:1]
    if not head:
        raise BadInputError(f"{path} is empty.", FORMS)
    columns = _columns(path, head, gains)
    if columns is not None:
        return _gathered(path, judged_records(path, columns, queries, gains or {}, hear))
    if head == "[":
        raise BadInputError(f"{path} holds a JSON array of other things than judgments.", FORMS)
    if head != "{":
        return _gathered(path, _qrels(path, text, queries or beside(path), gains or {}))
    whole = _dashboards(text)
    return _gathered(path, _rated(path, whole, gains or {}) if whole is not None else _lines(path, text))


def _columns(path: Path, head: str, gains: Gains | None) -> Columns | None:
    """Where a file has its judgments, unless it is of a form of its own."""
    names = column_names(path)
    if head == "{" and not gains and set(names) >= OURS:
        return None
    return columns_of(names)


def check_judgments(
    judgments: Judgments, known_ids: Collection[str], *, positives_alone: bool = False
) -> CheckedJudgments:
    """The judgments of goods that a shop has, with what is unknown listed.

    Args:
        judgments: as ``read_judgments`` gives them.
        known_ids: ids of the shop's products.
        positives_alone: whether one gain above 0 will do: what is not judged then counts as irrelevant.

    Raises:
        BadInputError: more than half of the judged products are unknown, or all that is left has one gain.
    """
    judged = dict.fromkeys(id for gains in judgments.values() for id in gains)
    known = known_ids if isinstance(known_ids, set | frozenset | dict) else set(known_ids)
    unknown = tuple(id for id in judged if id not in known)
    if not judged or len(unknown) > MOST_UNKNOWN * len(judged):
        raise BadInputError(
            f"{len(unknown):,} of the {len(judged):,} judged products are not in the shop: {_some(unknown)}.",
            "Import the catalogue that was judged, or name the judgments of this one.",
        )
    kept = {
        query: left
        for query, gains in judgments.items()
        if (left := {id: gain for id, gain in gains.items() if id in known})
    }
    grades = {gain for gains in kept.values() for gain in gains.values()}
    if len(grades) < 2 and not (positives_alone and any(grades)):
        raise BadInputError(
            f"Every judgment has the gain {next(iter(grades), 0.0):g}: there is nothing to tell apart.",
            "Judge goods that fit and goods that do not: gain 1 and gain 0, or between.",
        )
    return CheckedJudgments(kept, unknown, tuple(query for query in judgments if query not in kept))


def _text(path: Path) -> str:
    try:
        with open_bytes(path) as file:
            raw = file.read()
    except DAMAGE as error:
        raise BadInputError(f"{path} is damaged: {error}.", "Fetch or write the file again.") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode(encoding_of(raw[:SAMPLE]), errors="replace")
    if "\0" in text:
        raise BadInputError(f"{path} is a binary file, not text.", FORMS)
    return text


def _gathered(path: Path, entries: Iterable[Judged]) -> Judgments:
    found: dict[str, dict[str, float]] = {}
    places: dict[tuple[str, str], str] = {}
    for place, query, id, gain in entries:
        if not 0 <= gain <= 1:  # NaN is neither
            _refuse(path, place, f"the gain {gain:g} is not between 0 and 1")
        earlier = found.setdefault(query, {}).setdefault(id, gain)
        if earlier != gain:
            said = f"'{id}' has the gain {gain:g} for '{query}' here and {earlier:g} in {places[query, id]}"
            _refuse(path, place, said, "Keep one of the two lines.")
        places.setdefault((query, id), place)
    if not found:
        raise BadInputError(f"{path} holds no judgments.", FORMS)
    return found


def _dashboards(text: str) -> object | None:
    """The whole file as one document, where it is one that is meant to hold ratings."""
    try:
        whole = parse_json(text)
    except (ValueError, RecursionError):
        return None
    return None if isinstance(whole, dict) and {"query", "id"} & whole.keys() else whole


def _rated(path: Path, whole: object, gains: Gains) -> Iterator[Judged]:
    held = cast("dict[str, object]", whole).get(RATINGS)
    if not isinstance(held, list):
        raise BadInputError(f"{path} is JSON without '{RATINGS}'.", FORMS)
    for number, entry in enumerate(cast("list[object]", held), start=1):
        place = f"{RATINGS} {number}"
        given = _object(path, place, entry)
        query = _string(path, place, given, "query")
        ratings = given.get("ratings")
        if not isinstance(ratings, list):
            _refuse(path, place, "'ratings' is not a list")
        for rating in cast("list[object]", ratings):
            one = _object(path, place, rating)
            rated = _number(path, place, one.get("rating"), "rating")
            gain = gains_of(path, [(place, rated)], gains, nobody)[0] if gains else rated / 100
            yield Judged(place, query, _string(path, place, one, "docId"), gain)


def _lines(path: Path, text: str) -> Iterator[Judged]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            value: object = parse_json(line)
        except (ValueError, RecursionError) as error:
            _refuse(path, place, f"not JSON: {error}")
        given = _object(path, place, value)
        gain = _number(path, place, given.get("gain"), "gain")
        yield Judged(place, _string(path, place, given, "query"), _string(path, place, given, "id"), gain)


def _qrels(path: Path, text: str, table: Path, gains: Gains) -> Iterator[Judged]:
    """Grades that go beyond 1 are whole numbers on a scale of the file's own, whose highest is the gain 1."""
    rows: list[tuple[str, str, str, float]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 4:
            _refuse(path, f"line {number}", "neither JSON nor the four columns of TREC qrels", FORMS)
        grade = _number(path, f"line {number}", parts[3], "grade")
        rows.append((f"line {number}", parts[0], parts[2], grade))
    named = read_queries(table) if has_headers(table) else _queries(table)
    graded = all(row[-1].is_integer() for row in rows)
    scale = max(1.0, *(row[-1] for row in rows)) if graded else 1.0
    for place, name, id, grade in rows:
        if name not in named:
            _refuse(path, place, f"the query '{name}' is not in {table}", "Add it there, or take its lines out.")
        gain = gains_of(path, [(place, grade)], gains, nobody)[0] if gains else grade / scale
        yield Judged(place, named[name], id, gain)


def _queries(table: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(_text(table).split("\n"), start=1):
        name, _, query = line.strip("\r\n").partition("\t")
        if not line.strip():
            continue
        if not name.strip() or not query.strip():
            _refuse(table, f"line {number}", "not a number, a tab and a query")
        if found.setdefault(name.strip(), query.strip()) != query.strip():
            _refuse(table, f"line {number}", f"the query '{name.strip()}' is there twice with different words")
    return found


def _object(path: Path, place: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        _refuse(path, place, "not a JSON object")
    return cast("dict[str, object]", value)


def _string(path: Path, place: str, given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        _refuse(path, place, f"'{name}' is missing or empty")
    return value.strip()


def _number(path: Path, place: str, value: object, name: str) -> float:
    """Numbers may be written as text: the ESCI sample has ``"100.000"``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        _refuse(path, place, f"'{name}' is missing or no number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        _refuse(path, place, f"'{str(value)[:40]}' is no number")
    if not math.isfinite(number):
        _refuse(path, place, f"'{name}' is {number}, which is no number to count with")
    return number


def _refuse(path: Path, place: str, why: str, hint: str = "") -> NoReturn:
    raise BadInputError(f"{path}, {place}: {why}.", hint or "Correct it; gains go from 0 (irrelevant) to 1 (exact).")


def _some(names: Collection[str]) -> str:
    shown = ", ".join(list(names)[:SHOWN])
    return f"{shown}, ..." if len(names) > SHOWN else shown
