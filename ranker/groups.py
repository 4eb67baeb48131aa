"""What a ranker learns from: a query, products' texts and how well each answers it.

All sources of training data (the catalogue alone, human judgments, the shop's clicks)
come in this one form, so that they can be mixed and one trainer serves them all.
"""

from __future__ import annotations

import json
import math
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, cast, get_args

Source = Literal["catalogue", "judgments", "clicks"]
SOURCES: tuple[Source, ...] = get_args(Source)
NAMED = 3  # examples in a message
SLIP_LENGTH = 8  # letters from which one left out makes a slip and not another word

_WORD = re.compile(r"[^\W_]+")


class TrainingDataError(Exception):
    """Training data from which nothing can be learned; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Group:
    """One query with its candidates. Whatever is wrong in it is refused when it is made.

    Args:
        query: what was asked.
        ids: the products, each once.
        texts: what the ranker reads of each; none is empty.
        gains: how well each answers the query, 0 to 1.
        weights: how much each counts, above 0: inverse propensities or the trust in the source.
            Empty stands for 1 each.
        source: where the group comes from.
    """

    query: str
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    gains: tuple[float, ...]
    weights: tuple[float, ...] = ()
    source: Source = "judgments"

    def __post_init__(self) -> None:
        """Checks the group.

        Raises:
            TrainingDataError: if a part is missing or out of its range.
        """
        if not self.weights:
            object.__setattr__(self, "weights", (1.0,) * len(self.ids))
        fault = _fault(self)
        if fault:
            raise TrainingDataError(f"Query '{self.query[:80]}': {fault}.")

    @property
    def flat(self) -> bool:
        """Whether all gains are the same, so that no order can be learned from it."""
        return len(set(self.gains)) < 2


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What there is to learn from.

    ``flat`` groups hold one gain only: a pointwise loss learns from them, a listwise one does not.
    """

    groups: int
    queries: int
    pairs: int  # of a query and a product
    flat: int
    sources: Mapping[str, int]
    mean_gain: float


@dataclass(frozen=True, slots=True)
class LineError:
    """A line of a file that is no group, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReadGroups:
    """The groups of a file and the lines that were left out."""

    groups: tuple[Group, ...]
    rejected: tuple[LineError, ...]


def check_groups(groups: Sequence[Group]) -> GroupReport:
    """Counts the training data.

    Raises:
        TrainingDataError: if nothing can be learned: no groups, or none with two different gains.
    """
    if not groups:
        raise TrainingDataError(
            "There is no training data.", "Give judgments, clicks, or a catalogue with titles to learn from."
        )
    gains = [gain for group in groups for gain in group.gains]
    flat = sum(group.flat for group in groups)
    if flat == len(groups):
        raise TrainingDataError(_one_class(groups, gains), "Add products that answer a query less well, with gain 0.")
    return GroupReport(
        groups=len(groups),
        queries=len({group.query for group in groups}),
        pairs=len(gains),
        flat=flat,
        sources=dict(Counter(group.source for group in groups)),
        mean_gain=math.fsum(gains) / len(gains),
    )


def split(groups: Sequence[Group], held_out: float = 0.1, *, seed: int) -> tuple[list[Group], list[Group]]:
    """Groups to train on and groups to measure on, in their given order.

    All groups of a query are on one side, and so are queries that differ by case, order of words,
    a plural or one slip: a ranker is not measured on what it has seen. Which side a query falls
    on hardly changes when others are added.

    Args:
        groups: the training data, of any sources.
        held_out: the share of the different queries to measure on.
        seed: another seed is another split.

    Raises:
        TrainingDataError: if there are not two queries that differ enough.
    """
    if not 0 < held_out < 1:
        raise TrainingDataError(f"The held-out share must be between 0 and 1, not {held_out}.")
    parts = sorted(clusters({group.query for group in groups}), key=lambda cluster: _lot(seed, min(cluster)))
    if len(parts) < 2:
        raise TrainingDataError(
            "There are not two different queries, so none can be held out.", "Give more queries with their products."
        )
    wanted = held_out * sum(map(len, parts))
    measured: set[str] = set()
    for cluster in parts[:-1]:
        if len(measured) >= wanted:
            break
        measured |= cluster
    train = [group for group in groups if group.query not in measured]
    return train, [group for group in groups if group.query in measured]


def by_source(groups: Iterable[Group]) -> dict[str, list[Group]]:
    """The groups of each source, in their given order."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.source, []).append(group)
    return found


def mix(
    sources: Mapping[str, Sequence[Group]], shares: Mapping[str, float], *, seed: int, repeats: int = 1
) -> list[Group]:
    """Groups of several sources in given shares, shuffled.

    The mix is as large as the smallest source allows when none of its groups comes more than
    ``repeats`` times, and never larger than it takes to use every source whole.

    Args:
        sources: groups by the source's name.
        shares: how much of the mix each source makes up; they are scaled to add up to 1. 0 leaves a source out.
        seed: of the draw and the order.
        repeats: how often a group of a small source may come.

    Raises:
        TrainingDataError: for a share that is not a number from 0 up, or of a source without groups.
    """
    wrong = [name for name, share in shares.items() if not (math.isfinite(share) and share >= 0)]
    if wrong:
        raise TrainingDataError(f"The share of '{wrong[0]}' must be a number from 0 up, not {shares[wrong[0]]}.")
    meant = {name: share for name, share in shares.items() if share > 0}
    missing = sorted(name for name in meant if not sources.get(name))
    if missing or not meant:
        raise TrainingDataError(
            f"There is nothing to learn from in: {', '.join(missing) or 'any source'}.",
            "Leave it out of the mix, or give it data.",
        )
    total = math.fsum(meant.values())
    whole = {name: len(sources[name]) * total / share for name, share in meant.items()}  # size at which each is whole
    size = min(max(whole.values()), repeats * min(whole.values()))
    dice = random.Random(seed)  # noqa: S311 (a draw, not a secret)
    drawn: list[Group] = []
    for name in sorted(meant):
        wanted = max(round(size * meant[name] / total), 1)
        copies, rest = divmod(wanted, len(sources[name]))
        drawn += [*sources[name]] * copies + dice.sample(list(sources[name]), rest)
    dice.shuffle(drawn)
    return drawn


def write_groups(path: Path, groups: Iterable[Group]) -> int:
    """Writes one group a line; the file appears whole or not at all. Returns how many were written."""
    count = 0
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        for group in groups:
            file.write(json.dumps(asdict(group), ensure_ascii=False, allow_nan=False) + "\n")
            count += 1
    partial.replace(path)
    return count


def read_groups(path: Path) -> ReadGroups:
    """The groups of a file of JSON lines; lines that are no group are left out and said.

    Raises:
        TrainingDataError: if there is no such file.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise TrainingDataError(f"'{path}' cannot be read: {error.strerror}.") from error
    groups: list[Group] = []
    rejected: list[LineError] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            groups.append(_group(json.loads(line)))
        except TrainingDataError as error:
            rejected.append(LineError(number, str(error)))
        except (ValueError, OverflowError) as error:  # no JSON, no UTF-8, no float
            rejected.append(LineError(number, f"This is not JSON: {error}."))
    return ReadGroups(tuple(groups), tuple(rejected))


def _fault(group: Group) -> str:
    """What is wrong with a group; empty if nothing is."""
    size = len(group.ids)
    lengths = {"texts": len(group.texts), "gains": len(group.gains), "weights": len(group.weights)}
    other = [f"{count} {name}" for name, count in lengths.items() if count != size]
    checks = (
        (not group.query.strip(), "the query is empty"),
        (not size, "there are no products"),
        (bool(other), f"{size} ids but {', '.join(other)}"),
        (len(set(group.ids)) < size, "a product is named twice"),
        (not all(text.strip() for text in group.texts), "a product's text is empty"),
        (not all(0 <= gain <= 1 for gain in group.gains), "a gain is not between 0 and 1"),  # NaN is not either
        (not all(0 < weight < math.inf for weight in group.weights), "a weight is not a number above 0"),
        (group.source not in SOURCES, f"the source is not one of {', '.join(SOURCES)}"),
    )
    return next((fault for wrong, fault in checks if wrong), "")


def _one_class(groups: Sequence[Group], gains: Sequence[float]) -> str:
    if len(set(gains)) == 1:
        return f"All {len(gains)} gains are {gains[0]:g}: no order can be learned from one class."
    named = ", ".join(f"'{group.query}'" for group in groups[:NAMED])
    return f"No query has products of different gains ({named}): no order can be learned."


def _group(line: Any) -> Group:
    """A group as a JSON object gives it."""
    if not isinstance(line, dict):
        raise TrainingDataError("This is not an object.")
    given = cast("dict[str, Any]", line)
    return Group(
        query=_text(given.get("query"), "query"),
        ids=tuple(_text(id, "ids") for id in _list(given, "ids")),
        texts=tuple(_text(text, "texts") for text in _list(given, "texts")),
        gains=tuple(_number(gain, "gains") for gain in _list(given, "gains")),
        weights=tuple(_number(weight, "weights") for weight in _list(given, "weights")) if "weights" in given else (),
        source=cast("Source", _text(given.get("source"), "source")),
    )


def _list(given: Mapping[str, Any], name: str) -> list[Any]:
    value = given.get(name)
    if not isinstance(value, list):
        raise TrainingDataError(f"'{name}' is not a list.")
    return cast("list[Any]", value)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise TrainingDataError(f"'{name}' holds something that is not text.")
    return value


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TrainingDataError(f"'{name}' holds something that is not a number.")
    return float(value)


def clusters(queries: Iterable[str]) -> list[set[str]]:
    """Queries that are nearly the same, together: by case, order of words, a plural or one slip."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    own: dict[str, str] = {}
    for query in sorted(queries):
        spelt = " ".join(sorted({_singular(word) for word in _words(query)})) or query
        own[query] = spelt
        for key in _slips(spelt):
            parent[root(key)] = root(spelt)
    found: dict[str, set[str]] = {}
    for query, spelt in own.items():
        found.setdefault(root(spelt), set()).add(query)
    return list(found.values())


def _words(query: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", query).casefold())


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.isascii() and word.endswith("s") and word[-2] != "s" else word


def _slips(spelt: str) -> list[str]:
    """What is left of a query without one of its letters: two that share a rest are one slip apart.

    Digits are never left out: a size 12 is not a size 13. Nor is anything of a short query.
    """
    if len(spelt) < SLIP_LENGTH or not spelt.isascii():
        return [spelt]
    rests = [spelt[:place] + spelt[place + 1 :] for place, letter in enumerate(spelt) if letter.isalpha()]
    return [spelt, *rests]


def _lot(seed: int, name: str) -> str:
    return sha256(f"{seed}:{name}".encode()).hexdigest()
