"""Which encoding a text file is in: UTF-8 first, then UTF-16 by its mark, GB18030 or Windows-1252.

A file is read in one encoding. Lines that are in another one are named, never guessed at.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, cast

from retriever.errors import BadInputError
from retriever.feeds.lines import DAMAGE, damaged, open_bytes, raw_lines

SAMPLE = 1 << 20
JUDGED = 2_000  # lines of a sample that decide
MAX_LINE = 1_000_000  # bytes
MOST_NULS = 10  # one in so many bytes is no slip any more
WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
NAMES = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "gb18030": "GB18030"} | dict.fromkeys(WIDE.values(), "UTF-16")


class TextLine(NamedTuple):
    """A line with its ending. One with a ``problem`` holds what could be made out, for finding where a row ends."""

    number: int
    text: str
    problem: str


def detect(path: Path, file: IO[bytes]) -> str:
    """Python's name of the encoding of an open file, which is then back at its start.

    Raises:
        BadInputError: if it is no text, or in an encoding that is not read.
    """
    try:
        sample = _sample(file)
        file.seek(0)
    except DAMAGE as error:
        damaged(path, error)
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise BadInputError(f"{path} is UTF-32.", "Convert it: iconv -f UTF-32 -t UTF-8.")
    for mark, name in WIDE.items():
        if sample.startswith(mark):
            return name
    probe = sample[:8_192]
    if b"\0" in probe.split(b"\n", 1)[0] or probe.count(b"\0") * MOST_NULS > len(probe):
        raise BadInputError(f"{path} is a binary file, not text.", "If it is UTF-16, save it with a byte order mark.")
    return encoding_of(sample)


def encoding_of(sample: bytes) -> str:
    """UTF-8, GB18030 or Windows-1252, by the lines that are not plain ASCII."""
    if len(sample) >= SAMPLE:  # it was cut, within a character perhaps
        sample = sample[: sample.rfind(b"\n")] if b"\n" in sample else sample.rstrip(bytes(range(0x80, 0x100)))
    lines = [line for line in sample.split(b"\n") if not line.isascii()][:JUDGED]
    if 2 * sum(map(_is_utf8, lines)) >= len(lines):
        return "utf-8"
    from charset_normalizer import from_bytes  # only files that are not UTF-8 need it

    odd = b"\n".join(lines)
    best = from_bytes(odd, cp_isolation=["gb18030", "cp1252"]).best()
    return "gb18030" if best is not None and best.encoding == "gb18030" and _is_chinese(odd) else "cp1252"


def text_lines(path: Path, told: Callable[[str], None], max_line: int = MAX_LINE) -> Iterator[TextLine]:
    """The lines of a text file, plain or gzipped.

    Args:
        path: the file.
        told: hears the encoding, in words, before the first line.
        max_line: longer lines (in bytes) come without their text, which is never held.

    Raises:
        BadInputError: if it cannot be read, is no text, or ends in the middle of its compressed stream.
    """
    with open_bytes(path) as file:
        encoding = detect(path, file)
        told(NAMES[encoding])
        narrow = _utf8(file, encoding) if encoding in WIDE.values() else file
        for number, raw in raw_lines(narrow, path, max_line):
            if raw is None:
                yield TextLine(number, "", f"the line is longer than {max_line:,} bytes")
            else:
                yield _line(number, raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw, encoding)


def _sample(file: IO[bytes]) -> bytes:
    """The start of the file and, where that is plain ASCII, the first stretch that is not."""
    start = file.read(SAMPLE)
    block = start
    while block and block.isascii():
        block = file.read(SAMPLE)
    # A stretch begins and ends within a line, and within a character perhaps.
    return start if block is start else start + b"\n" + b"\n".join(block.split(b"\n")[1:-1] or [block]) + b"\n"


def _is_chinese(odd: bytes) -> bool:
    """Whether most characters are everyday ones; Western letters read as GB18030 make rare ones."""
    characters = [character for character in odd.decode("gb18030", "replace") if not character.isascii()]
    everyday = "".join(characters).encode("gb2312", "ignore").decode("gb2312")
    return 2 * len(everyday) >= len(characters)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(number: int, raw: bytes, encoding: str) -> TextLine:
    codec = "utf-8" if encoding in WIDE.values() else encoding
    problem = ""
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        text = raw.decode(codec, "replace")
        problem = f"not {NAMES[encoding]}: byte 0x{raw[min(error.start, len(raw) - 1)]:02x} at place {error.start + 1}"
    else:
        if encoding == "cp1252" and not raw.isascii() and _is_utf8(raw):
            problem = "this line is UTF-8, the rest of the file Windows-1252"
    if "\0" in text:
        problem = problem or f"a NUL byte at place {text.index(chr(0)) + 1}"
        text = text.replace("\0", "\ufffd")
    return TextLine(number, text, problem)


def _utf8(file: IO[bytes], encoding: str) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(_Narrowed(file, encoding), SAMPLE))


class _Narrowed(io.RawIOBase):
    """A UTF-16 file as UTF-8; half a surrogate pair passes as bytes that are not UTF-8."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        super().__init__()
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        while not self._ready:
            wide = self._file.read(SAMPLE)
            try:
                self._ready = self._decoder.decode(wide, final=not wide).encode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                self._ready = b"\xff"  # the file ends in the middle of a character
                self._decoder.reset()
            if not wide:
                break
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
