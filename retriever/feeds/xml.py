"""The items of an RSS or Atom file, read as a stream.

A document type, an entity or a reference to another file is refused at its first word: nothing is
expanded and nothing fetched. What a hostile file can make the parser hold is bounded.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn
from xml.parsers import expat

from retriever.errors import BadInputError
from retriever.feeds.encoding import NAMES, SAMPLE, WIDE, encoding_of
from retriever.feeds.lines import DAMAGE, damaged, open_bytes
from retriever.feeds.rows import Rejected

CHUNK = 1 << 16
MAX_TOKEN = 4 << 20  # bytes of one tag or comment, which the parser holds as a whole
MAX_ITEM = 1_000_000  # characters of one item
MAX_DEPTH = 60
GOOGLE = "http://base.google.com/ns/1.0"
ATOM = "http://www.w3.org/2005/Atom"
ITEMS = ("item", "entry")
ROOTS = ("rss", "feed", "RDF", "channel", "products")
BREAKS = ("p", "br", "li", "div", "tr")
DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
OWN = {"utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1"}  # what the parser reads by itself
OTHERS = re.compile(r"cp\d+|iso8859-\d+|gbk|gb2312|gb18030|big5|shift_jis|euc_jp|euc_kr|koi8-[ru]|mac-\w+")

XmlItem = tuple[int, dict[str, list[str]]]
"""The line an item begins in, and its fields by name; one that comes several times has several texts."""


def xml_items(path: Path) -> Iterator[XmlItem | Rejected]:
    """Every item of a feed. Names of Google's namespace go before plain ones.

    Raises:
        BadInputError: if it cannot be read, is not well formed, no feed, or declares a document type.
    """
    with open_bytes(path) as file:
        reader = _Reader(path)
        for chunk, last in _chunks(path, file, reader):
            reader.feed(chunk, last)
            yield from reader.take()


def _chunks(path: Path, file: IO[bytes], reader: _Reader) -> Iterator[tuple[bytes, bool]]:
    """The bytes as the parser can read them, and whether they are the last."""
    try:
        start = file.read(SAMPLE)
        decoder = _decoder(path, start)
        if decoder is not None:
            reader.is_utf8()
        chunk = start
        while True:
            following = file.read(CHUNK)
            yield chunk if decoder is None else decoder.decode(chunk, final=not following).encode(), not following
            if not following:
                return
            chunk = following
    except UnicodeDecodeError as error:
        line = reader.line
        raise BadInputError(f"{path} is not in the encoding it says, near line {line}: {error}.", HINT) from error
    except DAMAGE as error:
        damaged(path, error, reader.line)


HINT = "Save the feed again; nothing of it was imported."


def _decoder(path: Path, start: bytes) -> codecs.IncrementalDecoder | None:
    """How to read an encoding that the parser does not know; ``None`` where it does."""
    if start.startswith(tuple(WIDE)):
        return None
    declared = DECLARED.match(start)
    if declared is None:
        name = encoding_of(start)
        return None if name == "utf-8" else codecs.getincrementaldecoder(name)()
    written = declared[1].decode()
    try:
        name = codecs.lookup(written).name
    except LookupError:
        name = ""
    if name in OWN:
        return None
    if not OTHERS.fullmatch(name):
        known = ", ".join(NAMES.values())
        raise BadInputError(f"{path} is in the encoding {written}, which is not read.", f"Save it as one of: {known}.")
    return codecs.getincrementaldecoder(name)()


class _Reader:
    """Collects items while the parser reads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ready: list[XmlItem | Rejected] = []
        self._fed = 0
        self._depth = 0
        self._item_depth = 0  # of the item at hand; 0 outside of one
        self._line = 0
        self._size = 0
        self._fields: dict[str, list[str]] = {}
        self._plain: dict[str, list[str]] = {}
        self._text: list[str] | None = None
        self._start(None)

    def _start(self, encoding: str | None) -> None:
        parser = expat.ParserCreate(encoding, namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.UnparsedEntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        self._parser = parser

    def is_utf8(self) -> None:
        """The bytes to come are UTF-8, whatever the file declares."""
        self._start("utf-8")

    @property
    def line(self) -> int:
        """Where the parser is."""
        return self._parser.CurrentLineNumber

    def feed(self, chunk: bytes, last: bool) -> None:
        """Read on.

        Raises:
            BadInputError: if what comes is not well formed or not allowed.
        """
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            said = expat.errors.messages[error.code]
            raise BadInputError(f"{self._path} is not well-formed XML in line {error.lineno}: {said}.", HINT) from error
        except ValueError as error:  # an encoding that the parser cannot take
            raise BadInputError(f"{self._path} cannot be read as XML: {error}.", HINT) from error
        if self._fed - max(0, self._parser.CurrentByteIndex) > MAX_TOKEN:
            raise BadInputError(f"{self._path} has a tag longer than {MAX_TOKEN:,} bytes in line {self.line}.", HINT)

    def take(self) -> list[XmlItem | Rejected]:
        """The items that are complete."""
        ready, self._ready = self._ready, []
        return ready

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        space, _, local = name.rpartition(" ")
        if self._depth == 1 and local not in ROOTS:
            raise BadInputError(
                f"{self._path} is XML, but no feed: it begins with <{local[:40]}>.", "A feed is RSS or Atom."
            )
        if self._depth > MAX_DEPTH:
            raise BadInputError(f"{self._path} is nested deeper than {MAX_DEPTH} in line {self.line}.", HINT)
        if not self._item_depth:
            if local in ITEMS:
                self._item_depth, self._line, self._size = self._depth, self.line, 0
                self._fields, self._plain = {}, {}
        elif self._depth == self._item_depth + 1:
            self._text = []
            if space == ATOM and local == "link" and attributes.get("rel", "alternate") == "alternate":
                self._characters(attributes.get("href", ""))

    def _characters(self, text: str) -> None:
        if self._text is None:
            return
        self._size += len(text)
        if self._size <= MAX_ITEM:
            self._text.append(text)

    def _close(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        if self._text is not None:
            if self._depth == self._item_depth + 1:
                fields = self._fields if space.rstrip("/") == GOOGLE else self._plain
                fields.setdefault(local, []).append("".join(self._text).strip())
                self._text = None
            elif local in BREAKS:
                self._characters("\n")
        if self._depth == self._item_depth:
            self._end_item()
        self._depth -= 1

    def _end_item(self) -> None:
        fields = self._plain | self._fields
        if self._size > MAX_ITEM:
            id = next(iter(fields.get("id", [])), "")[:200]
            reason = f"the item is longer than {MAX_ITEM:,} characters"
            self._ready.append(Rejected(line=self._line, id=id, reason=reason))
        else:
            self._ready.append((self._line, fields))
        self._item_depth = 0

    def _refuse(self, *_: object) -> NoReturn:
        raise BadInputError(
            f"{self._path} declares a document type or entities in line {self.line}, which a feed has no need of.",
            "Nothing was expanded or imported. If it is a saved web page, save the feed itself.",
        )
