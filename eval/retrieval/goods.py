"""The goods of other people's data sets: tables and JSON with columns of their own names, in one file or several.

A file with ids and titles has the goods; others beside it with the same ids add descriptions (``product_id,
description``) or attributes (``product_id, name, value``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from retriever.errors import BadInputError
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.rows import Rejected
from retriever.judged_columns import QUERY_FILES
from retriever.named_columns import JSON_ENDINGS, PRODUCT, TABLE_ENDINGS, Record, column, column_names, records, said

Kind = Literal["goods", "attributes", "descriptions", ""]

TITLE = ("title", "product_title", "product_name", "name")
DESCRIPTION = ("description", "product_description", "text", "body")
BULLETS = ("bullet_points", "product_bullet_point", "product_features", "features")
BRAND = ("brand", "product_brand", "manufacturer")
CATEGORY = ("category_hierarchy", "categories", "category", "product_class", "product_category", "category_name")
COLOUR = ("color", "colour", "product_color")
PRICE = ("price", "product_price")
RATING = ("average_rating", "rating", "stars")
RATED = ("rating_count", "review_count", "ratings_count", "num_ratings", "reviews")
ATTRIBUTE = ("name", "value")
HIGHEST = 5.0
STEP = re.compile(r"\s*(?:\s/\s|>|\|)\s*")  # between a category and the one below it
AMOUNT = re.compile(r"\d+(?:\.\d+)?")


class NamedColumns:
    """Goods by the usual names of columns; a product that stands in several rows is read from the first.

    Args:
        paths: the files.

    Raises:
        BadInputError: if none of them has both ids and titles.
    """

    source = "columns"

    def __init__(self, paths: Sequence[Path]) -> None:
        kinds = {path: kind_of(path) for path in paths}
        self._goods = [path for path, kind in kinds.items() if kind == "goods"]
        self._more = [path for path, kind in kinds.items() if kind in {"attributes", "descriptions"}]
        if not self._goods:
            named = ", ".join(path.name for path in paths)
            raise BadInputError(
                f"There are no goods in {named}: no table has columns for ids and titles.",
                f"Name them product_id and title, or as one of {', '.join((*PRODUCT, *TITLE))}.",
            )
        self.name = f"columns:{self._goods[0].name}"[:80]

    def read(self, progress: Progress) -> Iterator[Item]:
        """Every product once, with what the other files say of it."""
        added: dict[str, dict[str, str]] = {}
        described: dict[str, str] = {}
        for path in self._more:
            _add(path, added, described, progress)
        seen: set[str] = set()
        for path in self._goods:
            for row in records(path, progress):
                if isinstance(row, Rejected):
                    yield row
                    continue
                line, record = row
                fields = _fields(record)
                id = str(fields["id"])
                if id in seen:
                    continue
                seen.add(id)
                fields["description"] = fields["description"] or described.get(id, "")
                fields["attributes"] = fields["attributes"] | added.get(id, {})
                yield row_of(line, fields)


def kind_of(path: Path) -> Kind:
    """What a file says of products.

    Raises:
        BadInputError: if it cannot be read.
    """
    names = column_names(path)
    if not column(names, PRODUCT):
        return ""
    if set(names) >= set(ATTRIBUTE):
        return "attributes"
    if column(names, TITLE):
        return "goods"
    return "descriptions" if column(names, DESCRIPTION) else ""


def tables(folder: Path) -> list[Path]:
    """The files of a folder that may have columns with names, but for tables of queries."""
    endings = tuple(ending + packed for ending in (*JSON_ENDINGS, *TABLE_ENDINGS) for packed in ("", ".gz"))
    found = [path for path in sorted(folder.glob("*")) if path.is_file() and path.name.lower().endswith(endings)]
    return [path for path in found if path.name.removesuffix(".gz") not in QUERY_FILES and _has_columns(path)]


def _has_columns(path: Path) -> bool:
    try:
        return bool(column_names(path))
    except BadInputError:  # a note or an archive that lies beside the data
        return False


def _add(path: Path, added: dict[str, dict[str, str]], described: dict[str, str], progress: Progress) -> None:
    names = column_names(path)
    key, text = column(names, PRODUCT), column(names, DESCRIPTION)
    are_attributes = set(names) >= set(ATTRIBUTE)
    for record in (row[1] for row in records(path, progress) if not isinstance(row, Rejected)):
        id = said(record.get(key))
        if are_attributes:
            name, value = (said(record.get(each)) for each in ATTRIBUTE)
            if name and value:
                added.setdefault(id, {}).setdefault(name, value)
        else:
            described.setdefault(id, said(record.get(text)))


def _fields(record: Record) -> dict[str, Any]:
    """A row as the documented schema has it; what is missing stays empty."""

    def text(known: Sequence[str]) -> str:
        return said(record.get(column(record, known)))

    bullets = text(BULLETS)
    attributes = _pairs(bullets)
    if text(COLOUR):
        attributes.setdefault("color", text(COLOUR))
    parts = [text(DESCRIPTION), "" if _pairs(bullets) else bullets]
    fields: dict[str, Any] = {
        "id": text(PRODUCT),
        "title": text(TITLE),
        "description": "\n".join(filter(None, parts)),
        "brand": text(BRAND),
        "categories": [part for part in STEP.split(text(CATEGORY)) if part],
        "attributes": attributes,
    }
    amount = AMOUNT.search(text(PRICE).replace(",", ""))
    stars, count = AMOUNT.fullmatch(text(RATING)), AMOUNT.fullmatch(text(RATED))
    if amount:
        fields["price"] = amount.group()
    if stars and count and float(stars.group()) <= HIGHEST:
        fields["rating"] = {"value": float(stars.group()), "count": int(float(count.group()))}
    return fields


def _pairs(text: str) -> dict[str, str]:
    """Attributes written as ``width:64.7|style : modern|style : classic``; empty if these are none."""
    parts = [part.partition(":") for part in text.split("|") if part.strip()]
    if not parts or any(not between for _, between, _ in parts):
        return {}
    pairs: dict[str, list[str]] = {}
    for name, _, value in parts:
        if name.strip() and value.strip():
            pairs.setdefault(name.strip(), []).append(value.strip())
    return {name: ", ".join(dict.fromkeys(values)) for name, values in pairs.items()}
