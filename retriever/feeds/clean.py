"""What of a row's text may enter the records: plain text, no markup, no control characters, no script addresses.

The pages escape what they show all the same; here it is about what a shopper or a model
would otherwise have to read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from retriever.feeds.feed import reasons
from retriever.feeds.rows import AnyRow, ProductRow, Row

RowType = TypeVar("RowType", bound=Row)

# Controls, and what nobody sees: direction marks (text that reads otherwise than it is written) and tag characters.
CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
BREAKS = frozenset({"br", "p", "li", "div", "tr", "dt", "dd", *(f"h{level}" for level in range(1, 7))})
CELLS = frozenset({"td", "th"})
UNREAD = frozenset({"script", "style", "iframe", "object", "template", "noscript"})
KEPT_TAG = re.compile(r"</?(\w+)>")  # as the sanitizer writes the few it keeps
TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--.*?(?:-->|$)|<![A-Za-z][^<>]{0,200}>", re.DOTALL)
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# A "<" that opens no tag, as in "5 < 6"; one of an element that is never closed opens one all the same.
STRAY = re.compile(rf"({TAG.pattern}|<(?:script|style|img|svg|iframe|object|embed|a)\b)|<", re.IGNORECASE | re.DOTALL)
SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
SURROGATE = re.compile(r"[\ud800-\udfff]")
SAFE_SCHEMES = ("http", "https")
PASSES = 3


class UncleanError(ValueError):
    """A row that has no usable form; the message says why."""


def plain_text(text: str) -> str:
    """Text without markup: ``<b>5 &lt; 6</b><br>AT&amp;T`` becomes ``5 < 6`` and ``AT&T`` on two lines."""
    if "<" not in text and "&" not in text:
        return text.strip()
    # Feeds often escape their markup once; tags that only show after unescaping are markup too.
    plain = ENTITY.sub(lambda match: html.unescape(match[0]), text)
    for _ in range(PASSES):
        if "<" not in plain:
            break
        stripped = _without_tags(plain)
        if stripped == plain:
            break
        plain = stripped  # the text of a <textarea> may itself be markup
    return re.sub(r"[ \t\r]*\n\s*", "\n", TAG.sub("", plain)).strip()


def _without_tags(text: str) -> str:
    """One pass of the sanitizer, to which entities are plain text."""
    import nh3  # a compiled library that only texts with markup need

    escaped = STRAY.sub(lambda match: match[1] or "&lt;", text.replace("&", "&amp;"))
    kept = nh3.clean(escaped, tags=set(BREAKS | CELLS), clean_content_tags=set(UNREAD), attributes={}, link_rel=None)
    return html.unescape(KEPT_TAG.sub(_space_for, kept))


def _space_for(tag: re.Match[str]) -> str:
    if tag[1] in BREAKS:
        return "\n"
    return " " if tag[0].startswith("</") else ""  # between two cells of a table


def has_markup(text: str) -> bool:
    """Whether there is a tag or an entity in it."""
    return bool(TAG.search(text) or ENTITY.search(text))


def safe_address(address: str) -> bool:
    """Whether an address of a picture or page is http(s) or relative; ``javascript:`` and its like are not."""
    scheme = SCHEME.match(CONTROL.sub("", address))
    return scheme is None or scheme[1].lower() in SAFE_SCHEMES


def clean(row: RowType) -> RowType:
    """The row as it may enter the records.

    Raises:
        UncleanError: if nothing usable is left of it.
    """
    values = cast("dict[str, Any]", _walk(row.model_dump(), _characters))
    if isinstance(row, ProductRow):
        values = _product(values)
    elif "title" in values or "body" in values:
        values = {
            key: _plain(value) if key in ("title", "body", "description") else value for key, value in values.items()
        }
    try:
        return type(row).model_validate(values)
    except ValidationError as error:
        raise UncleanError(f"without markup and control characters: {reasons(error)}") from error


def _product(values: dict[str, Any]) -> dict[str, Any]:
    values |= {key: _plain(values[key]) for key in ("title", "description", "brand", "attributes", "texts")}
    values["categories"] = list(dict.fromkeys(name for name in _plain(values["categories"]) if name))
    values["attributes"] = {name: value for name, value in values["attributes"].items() if name and value}
    values["images"] = [image for image in values["images"] if image and safe_address(image)]
    values["url"] = values["url"] if safe_address(values["url"]) else ""
    values["variants"] = [
        variant | {"title": _plain(variant["title"]), "options": _plain(variant["options"])}
        for variant in values["variants"]
    ]
    return values


def _plain(value: Any) -> Any:
    return _walk(value, plain_text)


def _characters(text: str) -> str:
    if SURROGATE.search(text):
        raise UncleanError("text with half of a surrogate pair, which is no character")
    return CONTROL.sub("", text)


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    """``value`` with every string in it changed, keys too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return {_walk(key, change): _walk(item, change) for key, item in pairs}
    if isinstance(value, list | tuple):
        return [_walk(item, change) for item in cast("list[Any]", value)]
    return value


def texts_of(row: AnyRow) -> list[str]:
    """Every string of a row, for looking through."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    for value in row.model_dump().values():
        _walk(value, keep)
    return found
