"""Lines of a text file that may be huge, gzipped, damaged or no text at all."""

from __future__ import annotations

import codecs
import gzip
import json
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from retriever.errors import BadInputError
from retriever.feeds.feed import Progress
from retriever.feeds.rows import Rejected

MAX_LINE = 10_000_000  # bytes; a longer line is refused without being held in memory
PROBE = 8_192
REPORT_EVERY = 1_000  # lines between two words of progress
DAMAGE = (EOFError, OSError, zlib.error)  # what reading a broken compressed file raises
WIDE_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def json_lines(path: Path, progress: Progress, max_line: int = MAX_LINE) -> Iterator[tuple[int, object] | Rejected]:
    """The JSON value of every line that is not blank, with its line number.

    A line that is too long, not UTF-8 or not JSON is a rejection; the rest goes on.

    Raises:
        BadInputError: if the file is missing, unreadable, no text, one JSON array, or ends in
            the middle of its compressed stream (half a feed would remove the other half's goods).
    """
    with open_text(path) as file:
        for number, raw in raw_lines(file, path, max_line):
            if number % REPORT_EVERY == 0:
                progress("reading", number, 0)
            if raw is None:
                yield Rejected(line=number, id="", reason=f"the line is longer than {max_line:,} bytes")
            elif raw.strip():
                if number == 1:
                    _refuse_array(path, raw)
                yield _value(number, raw)


def open_text(path: Path) -> IO[bytes]:
    """Open a plain or gzipped UTF-8 text file for reading bytes.

    Raises:
        BadInputError: if there is no such file, it cannot be read, or it is no text.
    """
    opened = open_bytes(path)
    try:
        _refuse_binary(path, opened)
    except BaseException:
        opened.close()
        raise
    return opened


def open_bytes(path: Path) -> IO[bytes]:
    """Open a plain or gzipped file of any content.

    Raises:
        BadInputError: if there is no such file, or it cannot be read.
    """
    try:
        if path.is_dir():
            raise BadInputError(f"{path} is a folder, not a file.", "Give the path of the file itself.")
        with path.open("rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"
        return cast("IO[bytes]", gzip.GzipFile(path)) if compressed else path.open("rb")
    except FileNotFoundError as error:
        raise BadInputError(f"There is no file {path}.", "Check the path.") from error
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror or error}.", "Check its permissions.") from error


def _refuse_binary(path: Path, file: IO[bytes]) -> None:
    try:
        probe = file.read(PROBE)
        file.seek(0)
    except DAMAGE as error:
        damaged(path, error)
    if probe.startswith(WIDE_BOMS):
        raise BadInputError(f"{path} is UTF-16 or UTF-32, not UTF-8.", "Convert it: iconv -f UTF-16 -t UTF-8.")
    if b"\0" in probe:
        raise BadInputError(f"{path} is a binary file, not text.", "A feed is UTF-8 text, one JSON object a line.")


def raw_lines(file: IO[bytes], path: Path, max_line: int) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number; ``None`` in place of one that is too long."""
    number = 0
    try:
        while raw := file.readline(max_line + 1):
            number += 1
            if len(raw) <= max_line or raw.endswith(b"\n"):
                yield number, raw
                continue
            while (rest := file.readline(max_line)) and not rest.endswith(b"\n"):
                pass
            yield number, None
    except DAMAGE as error:
        damaged(path, error, number)


def damaged(path: Path, error: BaseException, line: int = 0) -> NoReturn:
    """Refuse a file whose bytes cannot be read to the end."""
    after = f" after line {line}" if line else ""
    raise BadInputError(
        f"{path} is damaged{after}: {error}", "Fetch the file again; nothing of it was imported."
    ) from error


def _refuse_array(path: Path, raw: bytes) -> None:
    if raw.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"["):
        raise BadInputError(
            f"{path} holds a JSON array; a feed is JSON Lines, one object a line.",
            "Convert it: jq -c '.[]' FILE.json > FILE.jsonl.",
        )


def _value(number: int, raw: bytes) -> tuple[int, object] | Rejected:
    try:
        text = (raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw).decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"not UTF-8: byte 0x{raw[min(error.start, len(raw) - 1)]:02x} at place {error.start + 1}"
        return Rejected(line=number, id="", reason=reason)
    try:
        return number, parse_json(text)
    except RecursionError:
        return Rejected(line=number, id="", reason="not JSON that can be read: nested too deeply")
    except ValueError as error:
        return Rejected(line=number, id="", reason=f"not JSON: {error}")


def parse_json(text: str) -> Any:
    """Strict JSON: NaN, Infinity and numbers beyond what a float holds are refused with ValueError."""
    return json.loads(text, parse_constant=refuse_constant, parse_float=parse_number)


def refuse_constant(name: str) -> NoReturn:
    """``parse_constant`` of strict JSON."""
    raise ValueError(f"{name} is not a JSON number")


def parse_number(digits: str) -> float:
    """``parse_float`` of strict JSON."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"the number {digits[:40]} is too large")
    return number
