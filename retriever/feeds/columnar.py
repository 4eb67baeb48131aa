"""Tables as other programs leave them: Parquet or CSV files in a folder, a zip file or a Python wheel."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from retriever.errors import BadInputError, UnavailableError

ENDINGS = (".parquet", ".csv")
AT_ONCE = 20_000  # rows that are held in memory
MOST_UNPACKED = 2_000_000_000  # bytes of one table; a zip file may claim to hold anything


class Tables:
    """Tables by name, read as a stream.

    Args:
        path: a folder, a zip file or a wheel; the tables may be anywhere in it, each once.

    Raises:
        BadInputError: if the path is none of these, or holds no table.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._unpacked: Path | None = None
        self._zip = None if path.is_dir() else self._opened(path)
        names = [file.relative_to(path).as_posix() for file in path.rglob("*")] if path.is_dir() else self._names()
        self._files = {PurePosixPath(name).stem: name for name in names if name.endswith(ENDINGS)}
        if not self._files:
            raise BadInputError(f"{path} holds no table.", f"Tables end in {' or '.join(ENDINGS)}.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def count(self, table: str) -> int:
        """Rows of a table; 0 where that is not known without reading it."""
        file = self._file(table)
        return int(_parquet(file).metadata.num_rows) if file.suffix == ".parquet" else 0

    def rows(self, table: str, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
        """The rows of a table in its order, with these columns or all.

        Raises:
            BadInputError: if there is no such table or column, or the file is damaged.
            UnavailableError: if the table is in Parquet, and pyarrow is not installed.
        """
        file = self._file(table)
        yield from (_parquet_rows if file.suffix == ".parquet" else _csv_rows)(file, columns)

    def _file(self, table: str) -> Path:
        name = self._files.get(table)
        if name is None:
            raise BadInputError(
                f"{self._path} holds no table '{table}'.", f"It holds: {', '.join(sorted(self._files))}."
            )
        return self._path / name if self._zip is None else self._unpack(self._zip, name)

    def _opened(self, path: Path) -> zipfile.ZipFile:
        try:
            return self._stack.enter_context(zipfile.ZipFile(path))
        except (OSError, zipfile.BadZipFile) as error:
            raise BadInputError(
                f"{path} is neither a folder nor a zip file: {error}", "Give a folder of tables, a wheel or a zip file."
            ) from error

    def _names(self) -> list[str]:
        return self._zip.namelist() if self._zip is not None else []

    def _unpack(self, source: zipfile.ZipFile, name: str) -> Path:
        """The table as a file of its own, which can be read piece by piece."""
        if self._unpacked is None:
            self._unpacked = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="shopwise-tables-")))
        file = self._unpacked / PurePosixPath(name).name
        if not file.exists():
            if source.getinfo(name).file_size > MOST_UNPACKED:
                raise BadInputError(f"{name} in {self._path} is larger than {MOST_UNPACKED:,} bytes.", "Unpack it.")
            try:
                with source.open(name) as packed, file.open("wb") as out:
                    while piece := packed.read(1 << 20):
                        out.write(piece)
            except (OSError, zipfile.BadZipFile) as error:
                raise BadInputError(f"{name} in {self._path} is damaged: {error}", "Fetch the file again.") from error
        return file


def open_tables(path: Path) -> Tables:
    """The tables at a path, to be used in a ``with``."""
    return Tables(path)


def _csv_rows(file: Path, columns: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    with io.TextIOWrapper(file.open("rb"), encoding="utf-8-sig", errors="replace", newline="") as text:
        reader = csv.DictReader(text)
        _check(file, columns, reader.fieldnames or ())
        for row in reader:
            # R writes NA where there is no value.
            yield {name: None if value in (None, "", "NA") else value for name, value in row.items() if name}


def _parquet_rows(file: Path, columns: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    table = _parquet(file)  # says so where pyarrow is missing

    pa: Any = importlib.import_module("pyarrow")
    _check(file, columns, table.schema_arrow.names)
    try:
        for batch in table.iter_batches(AT_ONCE, columns=None if columns is None else list(columns)):
            named = zip(batch.schema, batch.columns, strict=True)
            # Python's times have microseconds; nanoseconds would come as another library's objects.
            values = {
                one.name: (column.cast(pa.timestamp("us")) if pa.types.is_timestamp(one.type) else column).to_pylist()
                for one, column in named
            }
            for row in zip(*values.values(), strict=True):
                yield dict(zip(values, row, strict=True))
    except (OSError, pa.ArrowException) as error:
        raise BadInputError(f"{file.name} is damaged: {error}", "Fetch the file again.") from error


def _parquet(file: Path) -> Any:
    if importlib.util.find_spec("pyarrow") is None:
        raise UnavailableError(
            f"{file.name} is a Parquet file, and pyarrow, which reads them, is not installed.",
            "Install it (pip install pyarrow), or give the tables as CSV.",
        )
    pa: Any = importlib.import_module("pyarrow")
    pq: Any = importlib.import_module("pyarrow.parquet")
    try:
        return pq.ParquetFile(file)
    except (OSError, pa.ArrowException) as error:
        raise BadInputError(f"{file.name} is no Parquet file: {error}", "Fetch the file again.") from error


def _check(file: Path, columns: Sequence[str] | None, there: Sequence[str]) -> None:
    if missing := [name for name in columns or () if name not in there]:
        raise BadInputError(f"{file.name} has no column {', '.join(missing)}.", f"It has: {', '.join(there)}.")
