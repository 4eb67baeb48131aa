"""``shopwise import esci``: real Amazon products of the Shopping Queries data set (ESCI), as JSON lines.

Source: Amazon ESCI and ESCI-S, published as sample data by
opensearch-project/dashboards-search-relevance (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx

from retriever.errors import BadInputError
from retriever.feeds.download import download
from retriever.feeds.feed import Item, Progress, row_of
from retriever.feeds.lines import json_lines
from retriever.feeds.rows import Rejected

# One commit, so that the file behind the hash cannot change.
URL = (
    "https://raw.githubusercontent.com/opensearch-project/dashboards-search-relevance/"
    "8bcddd3aded3fb18d313413ce784961fa058c2dc/server/sample_data/data/ubi_ecommerce_products.json.gz"
)
SHA256 = "cfd3b04e069033fa1561e2985260c83a3cb8344ee549754edfd0574a4aa14a49"
FILES = ("products.jsonl.gz", "products.jsonl")


class EsciFeed:
    """The ESCI products from a file, a folder that holds one, or the net.

    Prices of the data set are US dollars; three in four are unknown and stay so. Stock is
    not in it: every product counts as available.

    Args:
        path: ``products.jsonl`` (or ``.gz``) or its folder; ``None`` downloads.
        downloads: folder that keeps a downloaded file.
        transport: another way to the net.
    """

    name = "esci"
    source = "esci"

    def __init__(self, path: Path | None, downloads: Path, transport: httpx.BaseTransport | None = None) -> None:
        self._path = path
        self._downloads = downloads
        self._transport = transport

    def read(self, progress: Progress) -> Iterator[Item]:
        """Every product as a row or a rejection."""
        for entry in json_lines(self._file(progress), progress):
            yield entry if isinstance(entry, Rejected) else _item(*entry)

    def _file(self, progress: Progress) -> Path:
        if self._path is None:
            return download(URL, self._downloads / "esci-us.jsonl.gz", SHA256, progress, self._transport)
        if not self._path.is_dir():
            return self._path
        for name in FILES:
            if (self._path / name).is_file():
                return self._path / name
        raise BadInputError(
            f"{self._path} holds neither {' nor '.join(FILES)}.", "Give the ESCI folder or file, or use --download."
        )


def _item(line: int, value: object) -> Item:
    if not isinstance(value, dict):
        return row_of(line, value)
    given = cast("dict[str, Any]", value)
    return row_of(
        line,
        {
            "id": given.get("id") or given.get("asin"),
            "title": given.get("title"),
            "description": _description(given),
            "images": [given["image"]] if given.get("image") else [],
            "brand": _text(given.get("brand")),
            "categories": given.get("category") or [],
            "attributes": {"color": given["color"]} if _text(given.get("color")) else {},
            "rating": _rating(given),
            "price": given.get("price"),
            "currency": "USD",
        },
    )


def _description(given: dict[str, Any]) -> object:
    """The bullet points, one a line, then the description: shops show them in this order."""
    parts = [given.get("bullet_points") or "", given.get("description") or ""]
    if not all(isinstance(part, str) for part in parts):
        return next(part for part in parts if not isinstance(part, str))  # for the row's own check to refuse
    return "\n".join(part.strip() for part in parts if part.strip())


def _text(value: object) -> object:
    """No value and white space alone are no text; anything else is left to the row's check."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else value


def _rating(given: dict[str, Any]) -> object:
    """A mean without its count stands on an unknown number of ratings: it is left out, like a missing one."""
    value, count = given.get("rating"), given.get("rating_count")
    return None if value is None or count is None else {"value": value, "count": count}
