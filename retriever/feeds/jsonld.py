"""JSON-LD out of files and saved pages: the values in a text with their lines, and one file's nodes by ``@id``.

Nothing is fetched: a context is not loaded, an address is not followed. Names are taken
without their ``https://schema.org/`` or ``schema:`` in front.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, cast

from retriever.feeds.lines import parse_number, refuse_constant

MAX_SCRIPT = 20_000_000  # characters of one script
MAX_DEPTH = 60
SAMPLE = 65_536  # bytes that an encoding is guessed from

OPENING = re.compile(r"<!--|<script\b([^<>]{0,1000}+)>", re.IGNORECASE)
CLOSING = re.compile(r"</script\b", re.IGNORECASE)
TYPE = re.compile(r"""(?:^|[\s"'])type\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
CHARSET = re.compile(rb"""<meta\b[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
BLANK = re.compile(r"[ \t\r\n]*")
VOCABULARY = re.compile(r"^(?:https?://(?:www\.)?schema\.org/|schema:)")
WRAPPERS_BEFORE = ("<!--", "//", "/*", "*/", "<![CDATA[")
WRAPPERS_AFTER = ("-->", "//", "/*", "*/", "]]>", ";")

Node = dict[str, Any]


class NotJsonLdError(ValueError):
    """A text that holds no JSON that can be read. ``line`` is where, within the text."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def decoded(raw: bytes) -> str:
    """Text of bytes in whatever encoding: by byte order mark, as UTF-8, as the page declares, else by its looks."""
    encoding = json.detect_encoding(raw[:4])
    if encoding != "utf-8":
        return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded_as_declared(raw) or raw.decode(_guessed(raw), "replace")


def _decoded_as_declared(raw: bytes) -> str:
    found = CHARSET.search(raw[:4_096])
    if found is None:
        return ""
    name = found[1].decode("ascii").lower()
    try:
        # Pages that say Latin-1 mean the Windows code page, which has quotes and the euro in the gaps.
        return raw.decode("cp1252" if name in ("iso-8859-1", "latin1", "latin-1") else name)
    except (LookupError, ValueError):
        return ""


def _guessed(raw: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:SAMPLE]).best()
    name = best.encoding if best is not None else "utf-8"
    return codecs.lookup(name).name


def scripts(page: str) -> Iterator[tuple[int, str]]:
    """The JSON-LD scripts of a page, each with the line it begins in; what is commented out is not there."""
    at, line, counted = 0, 1, 0
    while (opening := OPENING.search(page, at)) is not None:
        if opening[0] == "<!--":
            end = page.find("-->", opening.start() + 2)
            if end < 0:
                return
            at = end + 3
            continue
        closing = CLOSING.search(page, opening.end())
        at = closing.start() if closing else len(page)
        if _is_json_ld(opening[1]):
            line += page.count("\n", counted, opening.end())
            counted = opening.end()
            yield line, page[opening.end() : at]


def _is_json_ld(attributes: str) -> bool:
    found = TYPE.search(attributes)
    kind = next((part for part in found.groups() if part), "") if found else ""
    return kind.split(";")[0].strip().lower() == "application/ld+json"


def values_of(text: str, line: int = 1) -> list[tuple[int, Any]]:
    """The JSON values in a text with their lines, those of an array one by one.

    Args:
        text: one value, several after each other, or such within a comment or CDATA section.
        line: of the file in which the text begins.

    Raises:
        NotJsonLdError: if any of it cannot be read.
    """
    if len(text) > MAX_SCRIPT:
        raise NotJsonLdError(f"longer than {MAX_SCRIPT:,} characters", line)
    end = _end_of_json(text)
    found: list[tuple[int, Any]] = []
    at = _start_of_json(text)
    array = text.startswith("[", at)
    if array:
        at = _after_blank(text, at + 1)
    counted = 0
    while at < end and not (array and text[at] == "]"):
        line += text.count("\n", counted, at)
        counted = at
        value, at = _one(text, at, line)
        found.append((line, value))
        at = _after_blank(text, at)
        if array and text.startswith(",", at):
            at = _after_blank(text, at + 1)
        elif array and not text.startswith("]", at):
            raise NotJsonLdError("not JSON: the array breaks off", line + text.count("\n", counted, at))
    if array and _after_blank(text, at + 1) < end:
        raise NotJsonLdError("not JSON: something follows the array", line + text.count("\n", counted, at))
    return found


def _one(text: str, at: int, line: int) -> tuple[Any, int]:
    # Pages often have real line breaks within strings: that much is forgiven.
    decoder = json.JSONDecoder(strict=False, parse_float=parse_number, parse_constant=refuse_constant)
    try:
        value, end = decoder.raw_decode(text, at)
        return plain_names(value), end
    except json.JSONDecodeError as error:
        raise NotJsonLdError(f"not JSON: {error.msg}", line + text.count("\n", at, error.pos)) from error
    except RecursionError as error:
        raise NotJsonLdError("nested too deeply", line) from error
    except ValueError as error:
        raise NotJsonLdError(f"not JSON: {error}", line) from error


def plain_names(value: Any, depth: int = 0) -> Any:
    """The value with schema.org's own names short.

    Raises:
        RecursionError: if it is nested more deeply than any product is.
    """
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(value, list):
        return [plain_names(item, depth + 1) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {VOCABULARY.sub("", name): plain_names(item, depth + 1) for name, item in pairs}
    return value


def _after_blank(text: str, at: int) -> int:
    found = BLANK.match(text, at)
    return found.end() if found else at


def _start_of_json(text: str) -> int:
    at = _after_blank(text, 0)
    while wrapper := next((word for word in WRAPPERS_BEFORE if text.startswith(word, at)), ""):
        at = _after_blank(text, at + len(wrapper))
    return at


def _end_of_json(text: str) -> int:
    end = _before_blank(text, len(text))
    while wrapper := next((word for word in WRAPPERS_AFTER if text.endswith(word, 0, end)), ""):
        end = _before_blank(text, end - len(wrapper))
    return end


def _before_blank(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end


class Graph:
    """The nodes of one file, with those of the same ``@id`` made one.

    Args:
        values: the file's values with their lines.
    """

    def __init__(self, values: list[tuple[int, Any]]) -> None:
        self._by_id: dict[str, Node] = {}
        self.roots = values
        for _, value in values:
            self._index(value)

    def resolve(self, value: Any) -> Any:
        """The node that a reference stands for; anything else is itself."""
        if isinstance(value, dict):
            node = cast("Node", value)
            id = node.get("@id")
            return self._by_id.get(id, node) if isinstance(id, str) else node
        return value

    def items(self, value: Any) -> list[Any]:
        """A property's values, however it was written: none, one, a list, or references to them."""
        if value is None:
            return []
        if isinstance(value, dict) and ("@list" in value or "@set" in value):
            value = value.get("@list", value.get("@set"))
        many = cast("list[Any]", value) if isinstance(value, list) else [value]
        return [self.resolve(item) for item in many if item is not None]

    def nodes(self, value: Any) -> list[Node]:
        """Those of a property's values that are nodes."""
        return [cast("Node", item) for item in self.items(value) if isinstance(item, dict)]

    def _index(self, value: Any) -> None:
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, list):
                waiting += reversed(cast("list[Any]", item))
            elif isinstance(item, dict):
                node = cast("Node", item)
                id = node.get("@id")
                if isinstance(id, str) and len(node) > 1:
                    held = self._by_id.setdefault(id, {})
                    held.update({name: given for name, given in node.items() if name not in held})
                waiting += reversed(list(node.values()))


def types_of(node: Node) -> set[str]:
    """A node's types by their short names."""
    given = node.get("@type")
    many = cast("list[Any]", given) if isinstance(given, list) else [given]
    return {VOCABULARY.sub("", name) for name in many if isinstance(name, str)}
