"""``shopwise import beauty``: who bought what in what order in Amazon's Beauty reviews (5-core), from a path.

Source: the sequences of RUCAIBox/CIKM2020-S3Rec, with titles as agiresearch/IDGenRec and
dh-r/LLM-Sequential-Recommendation publish them; for research use. Published figures of
sequential recommendation are measured on it.

The data says in which order somebody reviewed, and not when: the events are given one day
after the other from a made-up first day on, which keeps the order and nothing else.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

from retriever.errors import BadInputError
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.lines import MAX_LINE, open_text, parse_json, raw_lines
from retriever.feeds.rows import Rejected

SEQUENCES = "s3rec_Beauty.txt"
NAMES, NUMBERS, TITLES = "user_sequence.txt", "item_id_to_int.json", "products_lookup.csv"
ATTRIBUTES = "s3rec_Beauty_item2attributes.json"
FIRST_DAY = datetime(2014, 1, 1, tzinfo=UTC)
REPORT_EVERY = 1_000


class BeautyFeed:
    """The folder of the data set.

    With all of its files items and people have the ids of the shop they come from, and items
    their titles; with the sequences alone both have numbers.

    Args:
        path: the folder, or the file of sequences in it.
    """

    name = "beauty"
    source = "beauty"

    def __init__(self, path: Path) -> None:
        self._folder = path if path.is_dir() else path.parent
        self._sequences = path / SEQUENCES if path.is_dir() else path

    def read(self, progress: Progress) -> Iterator[Item]:
        """Every item, then every person with what they did in order."""
        words = self._words()
        known: set[str] = set()
        for line, _person, items in self._people(words, progress):
            for item in items:
                if item not in known:
                    known.add(item)
                    yield row_of(line, words.product(item))
        for line, person, items in self._people(words, progress):
            yield row_of(line, {"type": "customer", "id": person})
            for place, item in enumerate(items):
                yield row_of(line, _event(person, place, words.name(item)))
        yield from self._refused(words)

    def _people(self, words: _Words, progress: Progress) -> Iterator[tuple[int, str, list[str]]]:
        for line, fields in _lines(self._sequences):
            if line % REPORT_EVERY == 0:
                progress("reading", line, 0)
            if len(fields) > 1:
                yield line, words.person(line, fields[0]), fields[1:]

    def _refused(self, words: _Words) -> Iterator[Rejected]:
        for line, fields in _lines(self._sequences):
            if len(fields) == 1:
                yield Rejected(line=line, id=words.person(line, fields[0]), reason="the person has no items")

    def _words(self) -> _Words:
        """What the other files say of the numbers."""
        named = self._folder / NAMES
        words = _Words(attributes=_object(self._folder / ATTRIBUTES))
        if not named.is_file():
            return words
        numbers, titles = _object(self._folder / NUMBERS), _titles(self._folder / TITLES)
        pairs = zip_longest(_lines(self._sequences), _lines(named), fillvalue=(0, []))
        for (line, fields), (_, names) in pairs:
            if len(fields) != len(names):
                raise BadInputError(
                    f"Line {line} of {self._sequences.name} and of {NAMES} are not of the same person.",
                    "Both files must come from the same release; without the second one, items have numbers.",
                )
            if names:
                words.people[line] = names[0]
                words.names.update(zip(fields[1:], names[1:], strict=True))
        words.titles.update({number: titles.get(str(numbers.get(name)), "") for number, name in words.names.items()})
        return words


@dataclass
class _Words:
    """Names of numbers."""

    attributes: dict[str, Any]
    people: dict[int, str] = field(default_factory=dict[int, str])
    names: dict[str, str] = field(default_factory=dict[str, str])
    titles: dict[str, str] = field(default_factory=dict[str, str])

    def person(self, line: int, number: str) -> str:
        return self.people.get(line, f"person-{number}")

    def name(self, item: str) -> str:
        return self.names.get(item, f"item-{item}")

    def product(self, item: str) -> dict[str, Any]:
        kinds = self.attributes.get(item)
        codes = " ".join(str(kind) for kind in cast("list[Any]", kinds)) if isinstance(kinds, list) else ""
        return {
            "id": self.name(item),
            "title": self.titles.get(item) or f"Item {item}",
            "categories": ["Beauty"],
            # The data set gives its attributes by number only; they are kept as what they are.
            "attributes": {"attribute_codes": codes} if codes else {},
        }


def _event(person: str, place: int, item: str) -> dict[str, Any]:
    at = FIRST_DAY + timedelta(days=place)
    id = f"{person}-{place + 1}"
    return {"type": "event", "id": id, "kind": "purchase", "at": at, "customer_id": person, "product_id": item}


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    with open_text(path) as file:
        for line, raw in raw_lines(file, path, MAX_LINE):
            fields = raw.decode("utf-8", "replace").split() if raw else []
            if fields:
                yield line, fields


def _object(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    with open_text(path) as file:
        try:
            value: object = parse_json(file.read().decode("utf-8"))
        except ValueError as error:
            raise BadInputError(f"{path} is not JSON: {error}", "Fetch the file again.") from error
    if not isinstance(value, dict):
        raise BadInputError(f"{path} holds no JSON object.", "Fetch the file again.")
    return cast("dict[str, Any]", value)


def _titles(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return {row.get("global_product_id") or "": row.get("name") or "" for row in csv.DictReader(file)}
