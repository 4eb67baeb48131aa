"""The shop that is searched and the judgments it is searched for, from a folder of data or a home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from assistant.build import open_store
from assistant.settings import Settings
from eval.retrieval.goods import NamedColumns, tables
from ranker.encoder import Encoder
from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.feed import Feed, Progress, silent
from retriever.feeds.lines import json_lines
from retriever.feeds.registry import source_feed
from retriever.feeds.rows import ProductRow
from retriever.home import Home
from retriever.judged_columns import columns_of
from retriever.named_columns import column_names
from retriever.store import Store

PRODUCTS = ("products.jsonl", "products.jsonl.gz")
JUDGMENTS = (
    *("*judgments*.json", "*judgments*.jsonl", "*judgments*.csv", "*judgments*.tsv"),
    *("*qrels*.txt", "*qrels*.tsv", "*.qrels", "qrels/*.tsv"),
)
COLUMNS = NamedColumns.source
HOW = (
    "Put them there as products.jsonl or as a table with the columns product_id and title, say their format with "
    "--source, or name an imported shop with --home; docs/evaluation.md."
)
ESCI_ONLY = frozenset({"asin", "bullet_points", "rating_count"})  # fields of that data set which no row of ours has


def find_judgments(folder: Path) -> Path:
    """The file of judgments in a folder, plain or gzipped: by its name, else by its columns.

    Raises:
        BadInputError: there is none, or more than one.
    """
    patterns = [pattern + ending for pattern in JUDGMENTS for ending in ("", ".gz")]
    found = sorted({path for pattern in patterns for path in folder.glob(pattern)})
    if not folder.is_dir():
        raise BadInputError(f"There is no folder {folder}.", "Name the folder of the products and their judgments.")
    if not found:
        found = [path for path in tables(folder) if columns_of(column_names(path)) is not None]
    if len(found) != 1:
        told = f"{len(found)} files of judgments: {', '.join(path.name for path in found)}" if found else "no judgments"
        raise BadInputError(f"{folder} holds {told}.", "Name the file with --judgments FILE; docs/evaluation.md.")
    return found[0]


def stands(settings: Settings) -> bool:
    """Whether these settings name a shop that was made before."""
    return bool(settings.database_url) or (settings.home / "shop.sqlite").is_file()


@contextmanager
def shop_of(settings: Settings, say: Progress, encoder: Encoder | None = None) -> Iterator[Store]:
    """A shop that is there already, for this process alone.

    Raises:
        UnavailableError: another process has it open.
        BadInputError: there are no goods in it.
    """
    with Home(settings.home).owned() as mine:
        if not mine:
            raise UnavailableError(f"Another command or web app has {settings.home} open.", "Stop it, then evaluate.")
        store = open_store(settings, encoder=encoder, progress=say)
        try:
            if not store.catalogue.count():
                raise BadInputError(
                    f"The shop in {settings.home} has no goods.",
                    "Import some, or name a folder of products with --data.",
                )
            yield store
        finally:
            store.close()


@contextmanager
def shop_from(
    folder: Path, source: str, settings: Settings, say: Progress, encoder: Encoder | None = None
) -> Iterator[Store]:
    """A shop of its own, made from a folder's products and gone afterwards; vectors are kept in the cache.

    Args:
        folder: what holds the products.
        source: their format, as ``shopwise import`` names it, or ``columns`` for files with columns of other
            names; empty: ``esci``, ``jsonl`` or ``columns``, whichever they look like.
        settings: of the shop; its own home, database and vector server are left alone.
        say: hears of the import.
        encoder: another one than the settings name.

    Raises:
        BadInputError: there are no products, or they cannot be read.
    """
    with TemporaryDirectory(prefix="shopwise-eval-") as scratch:
        own = settings.model_copy(update={"home": Path(scratch), "database_url": "", "chroma_url": ""})
        feed = _feed(folder, source, Path(scratch))
        store = open_store(own, encoder=encoder)
        try:
            store.importer.run(feed, progress=say)
            if not store.catalogue.count():
                raise BadInputError(f"The products of {folder} could not be read as {feed.source}.", HOW)
            yield store
        finally:
            store.close()


def _feed(folder: Path, source: str, scratch: Path) -> Feed:
    """The goods of a folder as they are read."""
    named = next((folder / name for name in PRODUCTS if (folder / name).is_file()), None)
    chosen = source or (COLUMNS if named is None else _source(named))
    if chosen == COLUMNS:
        found = [named] if named is not None else tables(folder)
        if not found:
            raise BadInputError(f"{folder} holds neither {PRODUCTS[0]} nor a table of products.", HOW)
        return NamedColumns(found)
    if named is None:
        others = [path for path in sorted(folder.glob("product*")) if path.is_file()]
        if len(others) != 1:
            raise BadInputError(f"{folder} does not hold one file of products, but {len(others)}.", HOW)
        named = others[0]
    return source_feed(chosen, named, downloads=scratch)


def _source(products: Path) -> str:
    """Whose rows they are by their fields: rows of ours have no others."""
    first = next((entry[1] for entry in json_lines(products, silent) if isinstance(entry, tuple)), None)
    fields = frozenset(cast("dict[str, object]", first).keys() if isinstance(first, dict) else ())
    if ESCI_ONLY & fields:
        return "esci"
    return "jsonl" if "type" in fields or fields <= ProductRow.model_fields.keys() else COLUMNS
