"""What visitors searched, as far as others may be told of it.

A query is passed on only if at least ``VISITORS`` different visitors made it and found
something, and only if nothing in it could be about a person: no e-mail address, no handle
or link, no number of five digits and more (orders, cards, phones, postcodes), no id of an
order or a customer of this shop.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from retriever.suggesting.words import tidy, tokens

VISITORS = 3
MAX_CHARACTERS, MAX_WORDS = 60, 8
FOUND = 20  # products that are kept of what a query's searches showed

_PERSONAL = re.compile(
    r"@|://|\bwww\.|#\s*\w*\d|(?:\d[\s\-().+/]{0,2}){4}\d"  # five digits, however they are set apart
)


@dataclass
class Searched:
    """One query over all who made it."""

    text: str
    visitors: set[str] = field(default_factory=set[str])
    found: dict[str, None] = field(default_factory=dict[str, None])  # in the order of places


def personal(text: str) -> bool:
    """Whether a query may hold something about a person."""
    return _PERSONAL.search(text) is not None


def shared(events: Iterable[tuple[str, str, Mapping[str, Any]]]) -> list[Searched]:
    """The queries that may be passed on, of search events as (customer, session, value)."""
    made: dict[str, Searched] = {}
    for customer, session, value in events:
        raw, results = value.get("query"), value.get("results")
        if not isinstance(raw, str) or not results or not (customer or session):
            continue
        text = tidy(raw[: 2 * MAX_CHARACTERS]).casefold()
        held = made.setdefault(text, Searched(text))
        held.visitors.add(f"customer {customer}" if customer else f"session {session}")
        if isinstance(results, list):
            held.found.update(dict.fromkeys(map(str, results[:FOUND])))
    return [each for each in made.values() if len(each.visitors) >= VISITORS and _fit(each.text)]


def _fit(text: str) -> bool:
    return 1 < len(text) <= MAX_CHARACTERS and 0 < len(tokens(text)) <= MAX_WORDS and not personal(text)


def numbered(queries: Iterable[Searched]) -> set[str]:
    """The words of queries that may be ids: those with a digit, as they are written and in capitals."""
    words = {word for each in queries for word in (*each.text.split(), each.text) if any(map(str.isdigit, word))}
    return words | {word.upper() for word in words}


def without_ids(queries: Iterable[Searched], ids: Collection[str]) -> list[Searched]:
    """The queries in which none of the shop's ids stands."""
    known = {id.casefold() for id in ids}
    return [each for each in queries if not known.intersection((*each.text.split(), each.text))]
