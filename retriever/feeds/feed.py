"""What a feed is, and how one of its objects becomes a row or a rejection with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, cast

from pydantic import TypeAdapter, ValidationError

from retriever.feeds.rows import (
    AnyRow,
    CustomerRow,
    EventRow,
    LeftOut,
    OrderRow,
    PolicyRow,
    ProductRow,
    PromotionRow,
    Rejected,
    ReviewRow,
)

Progress = Callable[[str, int, int], None]
"""Hears (stage, done, total); a total of 0 is an unknown one."""

Item = tuple[int, AnyRow] | Rejected | LeftOut
"""A row with its line (1-based; 0 where the source has none), or why it could not be read or is not for sale."""

ROW_TYPES: Mapping[str, TypeAdapter[AnyRow]] = {
    "product": TypeAdapter(ProductRow),
    "policy": TypeAdapter(PolicyRow),
    "promotion": TypeAdapter(PromotionRow),
    "customer": TypeAdapter(CustomerRow),
    "order": TypeAdapter(OrderRow),
    "review": TypeAdapter(ReviewRow),
    "event": TypeAdapter(EventRow),
}

SHOWN_PROBLEMS = 5  # of one row; more would hide the rest of the report
SHOWN_VALUE = 60  # characters of a refused value


class Feed(Protocol):
    """One kind of source, read as a stream.

    ``name`` owns the imported rows: reading a feed of the same name again updates and
    removes its own rows and never those of another one.
    """

    @property
    def name(self) -> str:
        """The owner of the rows, at most 80 characters."""
        ...

    @property
    def source(self) -> str:
        """The kind of source, as on the command line."""
        ...

    def read(self, progress: Progress) -> Iterator[Item]:
        """Every row in the source's order.

        Raises:
            BadInputError: if the source as a whole cannot be read.
            UnavailableError: if it has to be fetched and cannot be.
        """
        ...


def silent(stage: str, done: int, total: int) -> None:
    """A Progress that nobody watches."""


def row_of(line: int, value: object) -> tuple[int, AnyRow] | Rejected:
    """A row from one JSON value. ``type`` says which row it is; without one it is a product."""
    if not isinstance(value, dict):
        return Rejected(line=line, id="", reason=f"a row must be a JSON object, not {_kind(value)}")
    fields = cast("dict[str, Any]", value)
    given = fields.get("id")
    id = printable(given.strip()) if isinstance(given, str) else ""
    kind = fields.get("type", "product")
    adapter = ROW_TYPES.get(kind) if isinstance(kind, str) else None
    if adapter is None:
        known = ", ".join(ROW_TYPES)
        return Rejected(line=line, id=id, reason=f"type: {shown(kind)} is unknown; it is one of {known}")
    try:
        return line, adapter.validate_python(fields)
    except ValidationError as error:
        return Rejected(line=line, id=id, reason=reasons(error))


def reasons(error: ValidationError) -> str:
    """What pydantic found, in one line: ``price: Input should be greater than or equal to 0 (is -3)``."""
    problems = error.errors(include_url=False, include_context=False)
    told = [_problem(dict(problem)) for problem in problems[:SHOWN_PROBLEMS]]
    if len(problems) > SHOWN_PROBLEMS:
        told.append(f"and {len(problems) - SHOWN_PROBLEMS} more")
    return "; ".join(told)


def shown(value: object) -> str:
    """A refused value, short enough for a message and without raw control characters."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = "a value that cannot be shown"
    text = printable(text)
    return text if len(text) <= SHOWN_VALUE else f"{text[:SHOWN_VALUE]}..."


def printable(text: str) -> str:
    """The text with halves of surrogate pairs replaced, which no output can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _problem(problem: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return f"{where}: is missing"
    if problem["type"] == "extra_forbidden":
        return f"{where}: is not a field of this row"
    return f"{where}: {problem['msg']} (is {shown(problem['input'])})"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names = ((list, "an array"), (str, "a string"))
    return next((name for type_, name in names if isinstance(value, type_)), "a number")
