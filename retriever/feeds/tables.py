"""Delimited text as merchants save it: commas, semicolons or tabs, quoted cells over several lines, damaged rows.

One bad row costs itself alone. A quote that is opened and never closed would swallow the rest of
the file: the row it began is refused at a limit, and reading goes on with the line after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from retriever.errors import BadInputError
from retriever.feeds.encoding import MAX_LINE, TextLine, text_lines
from retriever.feeds.feed import Progress
from retriever.feeds.rows import Rejected

MAX_RECORD = 1_000_000  # characters of a row that runs over several lines
REPORT_EVERY = 1_000
SHOWN_COLUMNS = 60
DELIMITERS = ",\t;"

Cells = tuple[int, list[str]]
"""The line a row begins in, and its cells."""


class Table:
    """A file of rows under one line of headers.

    Args:
        path: the file, plain or gzipped.
        required: for each column that must be there, the names it may have.
        key: how headers are compared; two that are alike are refused.
        progress: hears the encoding unless it is UTF-8, and how many lines are read.
        max_line: longer lines (in bytes) are refused.

    Raises:
        BadInputError: if it cannot be read, is no text, or its headers do not do.
    """

    def __init__(
        self,
        path: Path,
        required: Sequence[Sequence[str]],
        key: Callable[[str], str],
        progress: Progress,
        max_line: int = MAX_LINE,
    ) -> None:
        def told(encoding: str) -> None:
            if encoding != "UTF-8":
                progress(f"reading as {encoding}", 0, 0)

        self._progress = progress
        self._records = _Records(text_lines(path, told, max_line))
        first = next(self._records, None)
        if isinstance(first, Rejected):
            raise BadInputError(f"The headers of {path} cannot be read: {first.reason}.", "Save the file again.")
        self.headers = [name.strip() for name in first[1]] if first else []
        self.columns = _columns(path, self.headers, required, key) if first else {}

    def rows(self, id_column: int) -> Iterator[Cells | Rejected]:
        """Every row that is not blank; a rejection bears what stands in the column of the id, if anything does."""
        self._records.expect(len(self.headers), id_column)
        for row in self._records:
            line = row.line if isinstance(row, Rejected) else row[0]
            if line % REPORT_EVERY == 0:
                self._progress("reading", line, 0)
            yield row


def _columns(
    path: Path, headers: Sequence[str], required: Sequence[Sequence[str]], key: Callable[[str], str]
) -> Mapping[str, int]:
    columns: dict[str, int] = {}
    twice: list[str] = []
    for at, header in enumerate(headers):
        name = key(header)
        if name and name in columns:
            twice.append(header)
        elif name:
            columns[name] = at
    missing = [" or ".join(f"'{name}'" for name in names) for names in required if not columns.keys() & set(names)]
    if missing:
        found = ", ".join(f"'{name[:SHOWN_COLUMNS]}'" for name in headers[:SHOWN_COLUMNS])
        raise BadInputError(
            f"{path} lacks the column {' and '.join(missing)}. Its first line has: {found}.",
            "The first line must hold the names of the columns, as the shop's export writes them.",
        )
    if twice:
        named = ", ".join(f"'{name[:SHOWN_COLUMNS]}'" for name in dict.fromkeys(twice))
        raise BadInputError(f"{path} has more than one column {named}.", "Remove or rename all but one.")
    return columns


class _TooLongError(Exception):
    """A row that is not read to its end; the message says why."""


class _Tape:
    """The lines, remembering those that the row at hand is made of, so that they can be read again."""

    def __init__(self, lines: Iterator[TextLine]) -> None:
        self._lines = lines
        self._again: deque[TextLine] = deque()
        self._size = 0
        self.taken: list[TextLine] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        self._size += len(line.text)
        if line.problem and not line.text:
            raise _TooLongError(line.problem)
        if self._size > MAX_RECORD and len(self.taken) > 1:
            raise _TooLongError("a quoted cell does not end; is a quote missing?")
        return line.text

    def begin(self) -> None:
        """The next line begins a row."""
        self.taken, self._size = [], 0

    def rewind(self) -> None:
        """Read the lines after the row's first one again."""
        self._again.extendleft(reversed(self.taken[1:]))

    def delimiter(self) -> str:
        """What separates the cells of the next line that is not blank."""
        for line in self._lines:
            if line.problem or line.text.strip():
                self._again.append(line)
                return max(DELIMITERS, key=line.text.count)
        return ","


class _Records:
    """Rows of cells, and rejections of what is none."""

    def __init__(self, lines: Iterator[TextLine]) -> None:
        self._tape = _Tape(lines)
        self._delimiter = self._tape.delimiter()
        self._csv = self._parser(self._tape)
        self._width, self._id_column = 0, -1

    def expect(self, width: int, id_column: int) -> None:
        """From now on every row has so many cells, and its id in one of them."""
        self._width, self._id_column = width, id_column

    def __iter__(self) -> Iterator[Cells | Rejected]:
        return self

    def __next__(self) -> Cells | Rejected:
        while True:
            self._tape.begin()
            try:
                cells = next(self._csv)
            except (csv.Error, _TooLongError) as error:
                return self._broken(error)
            if any(cell and not cell.isspace() for cell in cells):
                return self._checked(cells)

    def _parser(self, lines: Iterator[str]) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def _checked(self, cells: list[str]) -> Cells | Rejected:
        taken = self._tape.taken
        for line in taken:
            if line.problem:
                where = f"line {line.number}: " if line is not taken[0] else ""
                return self._rejected(f"{where}{line.problem}", cells)
        if self._width and len(cells) != self._width:
            if len(taken) > 1 and self._is_row(taken[1].text):
                self._tape.rewind()  # a stray quote had swallowed good rows
            return self._rejected(f"it has {len(cells)} cells where the headers are {self._width}", cells)
        if len(taken) > 1:
            cells = [cell.replace("\r\n", "\n") for cell in cells]
        return taken[0].number, cells

    def _broken(self, error: Exception) -> Cells | Rejected:
        """Give back a row that the rules of quoting do not fit, or its rejection."""
        first = self._tape.taken[0]
        self._tape.rewind()
        self._csv = self._parser(self._tape)
        plain = first.text.rstrip("\r\n").split(self._delimiter)
        # Tab-separated files often quote nothing, and a cell may then begin with an inch mark.
        if self._delimiter == "\t" and len(plain) == self._width and not first.problem:
            return first.number, plain
        return self._rejected(first.problem or _told(error), plain)

    def _is_row(self, text: str) -> bool:
        try:
            return len(next(self._parser(iter([text])), [])) == self._width
        except csv.Error:
            return False

    def _rejected(self, reason: str, cells: list[str]) -> Rejected:
        id = cells[self._id_column].strip() if 0 <= self._id_column < len(cells) else ""
        return Rejected(line=self._tape.taken[0].number, id=id[:200], reason=reason)


def _told(error: Exception) -> str:
    text = str(error)
    if isinstance(error, _TooLongError):
        return text
    if "unexpected end of data" in text:
        return "a quoted cell does not end; is a quote missing?"
    if "expected after" in text:
        return "a quote within a quoted cell; it must be written twice"
    if "field limit" in text:
        return f"a cell is longer than {csv.field_size_limit():,} characters; is a quote missing?"
    return f"not a row of a table: {text}"
