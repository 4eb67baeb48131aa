"""A file of picture vectors, read to its end and checked as a whole before anything is done with it."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from ranker.encoder import Vectors
from retriever.errors import BadInputError
from retriever.feeds.feed import Progress
from retriever.feeds.lines import json_lines
from retriever.feeds.rows import Rejected

SHOWN = 5  # faults in the message of a refused file
EVERY = 1_000  # rows between two words of progress
NUMBERS = "iuf"  # kinds of numpy's types that are numbers
DAMAGE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)
FORMS = 'Files are JSON lines of {"id": ..., "vector": [...]}, or .npz with the arrays ids and vectors.'


@dataclass(frozen=True, eq=False)
class Read:
    """What a file holds.

    Attributes:
        ids: of products, each once.
        rows: a vector for each, of length one.
    """

    ids: tuple[str, ...]
    rows: Vectors


@contextmanager
def read_vectors(path: Path, known: Collection[str], progress: Progress) -> Generator[Read]:
    """The vectors of a file, which wait in a temporary file as long as they are used.

    Args:
        path: JSON lines, plain or gzipped, or ``.npz``.
        known: ids of all products.
        progress: hears of reading.

    Raises:
        BadInputError: if there is anything wrong with any of them; the first few faults are named by line.
    """
    rows = _npz(path, progress) if path.suffix.lower() == ".npz" else _lines(path, progress)
    with tempfile.TemporaryFile(prefix="shopwise-vectors-") as waiting:
        checked = _Checked(known, waiting)
        for line, id, vector in rows:
            checked.add(line, id, vector)
        yield checked.read(path)


class _Checked:
    """Rows as they are checked: good ones wait in the file."""

    def __init__(self, known: Collection[str], waiting: IO[bytes]) -> None:
        self._known = known
        self._waiting = waiting
        self._lines: dict[str, int] = {}
        self._dimension = 0
        self._first = 0  # the line that the dimension is from
        self._faults = 0
        self._told: list[str] = []

    def add(self, line: int, id: object, vector: object) -> None:
        """Keep a row, or the reason why it cannot be used."""
        fault = self._keep(line, id, vector)
        if fault:
            self._faults += 1
            if len(self._told) < SHOWN:
                self._told.append(f"line {line}{f' ({id})' if id and isinstance(id, str) else ''}: {fault}")

    def read(self, path: Path) -> Read:
        """All of it.

        Raises:
            BadInputError: if any row was wrong, or there is none.
        """
        if self._faults:
            more = f"; and {self._faults - len(self._told)} more" if self._faults > len(self._told) else ""
            raise BadInputError(
                f"{self._faults} of the vectors in {path} cannot be used: {'; '.join(self._told)}{more}.",
                "Nothing was imported; the vectors that were there stay. Correct these rows, or leave them out.",
            )
        if not self._lines:
            raise BadInputError(f"{path} holds no vector.", f"Nothing was changed. {FORMS}")
        self._waiting.flush()
        shape = (len(self._lines), self._dimension)
        return Read(tuple(self._lines), np.memmap(self._waiting, dtype=np.float32, mode="r", shape=shape))

    def _keep(self, line: int, id: object, vector: object) -> str:
        if isinstance(vector, Rejected):
            return vector.reason
        if not isinstance(id, str) or not id:
            return "it has no id, which is a text"
        if id in self._lines:
            return f"line {self._lines[id]} has a vector for it already"
        if id not in self._known:
            return "the shop has no such product"
        numbers = _numbers(vector)
        if isinstance(numbers, str):
            return numbers
        if self._dimension and len(numbers) != self._dimension:
            return f"{len(numbers)} numbers, where line {self._first} has {self._dimension}"
        length = np.linalg.norm(numbers)
        self._dimension, self._first = len(numbers), self._first or line
        self._lines[id] = line
        self._waiting.write((numbers / length).astype(np.float32).tobytes())
        return ""


def _numbers(vector: object) -> np.ndarray[Any, np.dtype[np.float64]] | str:
    """The numbers of a vector, the largest 1 so that none is too large to be squared; or what is wrong with them."""
    try:
        found = np.asarray(vector)
    except ValueError:  # lists of several lengths
        return "the vector is no list of numbers"
    if found.ndim != 1 or found.dtype.kind not in NUMBERS:
        return "the vector is empty" if found.size == 0 else "the vector is no list of numbers"
    if not np.isfinite(found).all():
        return "the vector holds NaN or infinity"
    numbers = found.astype(np.float64)
    largest = np.abs(numbers).max(initial=0.0)
    if largest == 0:
        return "the vector is all zeros" if found.size else "the vector is empty"
    return numbers / largest


def _lines(path: Path, progress: Progress) -> Iterator[tuple[int, object, object]]:
    for item in json_lines(path, progress):
        if isinstance(item, Rejected):
            yield item.line, "", item
            continue
        line, value = item
        fields = cast("dict[str, object]", value) if isinstance(value, dict) else {}
        if fields.keys() == {"id", "vector"}:
            yield line, fields["id"], fields["vector"]
        else:
            yield line, fields.get("id"), Rejected(line=line, id="", reason="not one object with id and vector alone")


def _npz(path: Path, progress: Progress) -> Iterator[tuple[int, object, object]]:
    """The rows of an archive of arrays; a row's number stands for its line."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            ids, rows = np.asarray(arrays["ids"]), np.asarray(arrays["vectors"])
    except FileNotFoundError as error:
        raise BadInputError(f"There is no file {path}.", "Check the path.") from error
    except DAMAGE as error:
        raise BadInputError(f"{path} cannot be read as .npz: {error}", FORMS) from error
    if ids.ndim != 1 or rows.ndim != 2 or len(ids) != len(rows):
        raise BadInputError(
            f"{path} has ids of the shape {ids.shape} and vectors of {rows.shape}: there is to be one vector an id.",
            FORMS,
        )
    for number, (id, row) in enumerate(zip(ids.tolist(), rows, strict=True), start=1):
        yield number, id, row
        if number % EVERY == 0:
            progress("reading", number, len(ids))
