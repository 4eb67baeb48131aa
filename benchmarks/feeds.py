"""How quickly a feed of a million rows is read, and how much memory it takes.

``python -m benchmarks.feeds --rows 1000000 --format google --format shopify`` writes a synthetic file of each
format into a temporary folder and reads it: rows are parsed, grouped, cleaned, checked and staged. With
``--import`` they are imported into an empty shop as well, with vectors from a hash instead of a model.
Every format runs in a process of its own, so that each has a peak of memory of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TextIO

import numpy as np

from ranker.blend import Scored
from ranker.encoder import Progress as EncoderProgress
from ranker.encoder import Vectors
from retriever.database import Database
from retriever.feeds.clean import clean
from retriever.feeds.feed import Feed, Progress
from retriever.feeds.registry import source_feed
from retriever.feeds.rows import LeftOut, Rejected
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.quality import QualityReport
from retriever.staging import Staging

FORMATS = ("jsonl", "shopify", "google", "google-xml")
VARIANTS = 4  # rows of one product
SIZES = ("S", "M", "L", "XL")
WORDS = ("oak", "linen", "steel", "walnut", "wool", "cotton", "glass", "bamboo", "copper", "cork", "felt", "slate")
THINGS = ("lamp", "chair", "tee", "mug", "rug", "vase", "table", "scarf", "bowl", "shelf", "clock", "tray")
TEXT = "Made to last, with care for the small things: it fits where it should, cleans easily and ages well. "
TITLE_WORDS = 3


class HashEncoder:
    """A vector from a text's hash: what is measured is the import, not a model."""

    name = "hash"
    dimension = 16
    languages = None
    floor = 0.0

    def encode(self, texts: Sequence[str], progress: EncoderProgress | None = None) -> Vectors:
        """One unit vector a text."""
        digests = b"".join(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts)
        rows = np.frombuffer(digests, dtype=np.uint8).reshape(len(texts), 16).astype(np.float32) - 127.5
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class CountedVectors:
    """Takes vectors and keeps their number alone."""

    def __init__(self) -> None:
        self.held = 0

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Count them."""
        self.held += len(ids)

    def remove(self, ids: Collection[str]) -> None:
        """Nothing is removed from an empty shop."""

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """Nothing can be found."""
        return []

    def count(self) -> int:
        """How many came."""
        return self.held

    def close(self) -> None:
        """Nothing is open."""


def write(path: Path, form: str, rows: int) -> None:
    """A file of so many rows: products of four variants each; in Google's formats they stand far apart."""
    with path.open("w", encoding="utf-8") as file:
        WRITERS[form](file, rows)


def _title(product: int) -> str:
    digits = product
    words: list[str] = []
    for _ in range(TITLE_WORDS):
        digits, at = divmod(digits, len(WORDS))
        words.append(WORDS[at])
    return f"{' '.join(words)} {THINGS[product % len(THINGS)]} {product}"


def _write_jsonl(file: TextIO, rows: int) -> None:
    for row in range(rows):
        price = f"{5 + row % 300}.90"
        product = {"id": f"p{row}", "title": _title(row), "description": TEXT * 3, "brand": f"Brand {row % 997}"}
        product |= {"categories": ["Home", THINGS[row % 12]], "images": [f"https://example.org/{row}.jpg"]}
        file.write(
            json.dumps(product | {"price": price, "stock": row % 9, "attributes": {"size": SIZES[row % 4]}}) + "\n"
        )


def _write_shopify(file: TextIO, rows: int) -> None:
    file.write(
        "Handle,Title,Body (HTML),Vendor,Product Category,Tags,Published,Option1 Name,Option1 Value,Variant SKU,"
    )
    file.write(
        "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Status\n"
    )
    for row in range(rows):
        product, form = divmod(row, VARIANTS)
        path = f"Home > {THINGS[product % 12]}"
        first = f'{_title(product)},"<p>{TEXT * 3}</p>",Brand {product % 997},{path},"a, b",TRUE,Size'
        file.write(f"p{product},{first if form == 0 else ',,,,,,'},{SIZES[form]},SKU-{row},shopify,{row % 9},deny,")
        file.write(f"{5 + row % 300}.90,https://example.org/{row}.jpg,{'active' if form == 0 else ''}\n")


def _google_rows(rows: int) -> Iterator[dict[str, str]]:
    products = max(1, rows // VARIANTS)
    for row in range(rows):
        form, product = divmod(row, products)
        yield {
            "id": f"v{row}",
            "title": _title(product),
            "description": TEXT * 3,
            "link": f"https://example.org/{product}",
            "image_link": f"https://example.org/{row}.jpg",
            "availability": "in_stock" if row % 9 else "out_of_stock",
            "price": f"{5 + row % 300}.90 USD",
            "brand": f"Brand {product % 997}",
            "google_product_category": f"Home > {THINGS[product % 12]}",
            "item_group_id": f"p{product}",
            "size": SIZES[form % 4],
        }


def _write_google(file: TextIO, rows: int) -> None:
    for at, row in enumerate(_google_rows(rows)):
        if at == 0:
            file.write("\t".join(row) + "\n")
        file.write("\t".join(row.values()) + "\n")


def _write_google_xml(file: TextIO, rows: int) -> None:
    file.write('<rss xmlns:g="http://base.google.com/ns/1.0"><channel>\n')
    for row in _google_rows(rows):
        fields = "".join(f"<g:{name}>{text.replace('>', '&gt;')}</g:{name}>" for name, text in row.items())
        file.write(f"<item>{fields}</item>\n")
    file.write("</channel></rss>\n")


WRITERS = {
    "jsonl": _write_jsonl,
    "shopify": _write_shopify,
    "google": _write_google,
    "google-xml": _write_google_xml,
}


def read(feed: Feed, progress: Progress) -> tuple[int, int]:
    """Read, clean, check and stage a feed: how many products could be used, and how many rows could not."""
    quality, rejected = QualityReport("USD"), 0
    with Staging(feed.name, "USD") as staging:
        for item in feed.read(progress):
            if isinstance(item, Rejected | LeftOut):
                rejected += 1
            elif (refused := staging.add(item[0], clean(item[1]))) is not None:
                sys.stderr.write(f"{refused}\n")
                rejected += 1
            else:
                quality.see(item[1])
        quality.findings()
        return staging.staged("product"), rejected


def bring_in(feed: Feed, folder: Path, progress: Progress) -> tuple[int, int]:
    """Import a feed into an empty shop: how many products it then has, and how many rows were refused."""
    database = Database(f"sqlite:///{folder / 'shop.sqlite'}")
    database.migrate()
    cache = EmbeddingCache(folder / "cache")
    importer = Importer(database, lexical_for(database), CountedVectors(), HashEncoder(), cache, "USD")
    report = importer.run(feed, progress=progress)
    return report.counts.products, len(report.rejected)


def one(form: str, rows: int, whole: bool) -> None:
    """Measure one format in this process; one JSON line tells the figures."""
    with tempfile.TemporaryDirectory(prefix="shopwise-feeds-") as name:
        folder = Path(name)
        path = folder / f"goods.{form}"
        write(path, form, rows)
        size, before = path.stat().st_size, _peak()
        feed = source_feed(form.split("-")[0], path, downloads=folder)
        started = perf_counter()
        products, rejected = bring_in(feed, folder, _tell) if whole else read(feed, _tell)
        spent = perf_counter() - started
    figures = {"format": form, "rows": rows, "megabytes": size / 1e6, "products": products, "rejected": rejected}
    figures |= {"seconds": spent, "rows_per_second": rows / spent, "peak_mb": _peak(), "peak_before_mb": before}
    sys.stdout.write(json.dumps(figures) + "\n")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(stage: str, done: int, total: int) -> None:
    if done % 50_000 == 0:
        sys.stderr.write(f"\r{stage}: {done:,}{f' of {total:,}' if total else ''}      ")
        sys.stderr.flush()


def main() -> int:
    """Every format in turn, then the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--format", action="append", choices=FORMATS, help="may be given several times; default: all")
    parser.add_argument("--import", action="store_true", dest="whole", help="the whole import, not reading alone")
    parser.add_argument("--here", action="store_true", help="in this process, one format: the figures as JSON")
    arguments = parser.parse_args()
    chosen: list[str] = arguments.format or list(FORMATS)
    if arguments.here:
        one(chosen[0], arguments.rows, arguments.whole)
        return 0
    lines = [
        "| format | rows | MB | products | rejected | seconds | rows/s | peak MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for form in chosen:
        command = [sys.executable, "-m", "benchmarks.feeds", "--here", "--rows", str(arguments.rows), "--format", form]
        answer = subprocess.run(command + ["--import"] * arguments.whole, stdout=subprocess.PIPE, check=True)
        lines.append(_row(json.loads(answer.stdout)))
        sys.stderr.write("\n")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _row(figures: dict[str, float]) -> str:
    cells = [figures["format"], *(f"{figures[key]:,.0f}" for key in ("rows", "megabytes", "products", "rejected"))]
    cells += [f"{figures[key]:,.0f}" for key in ("seconds", "rows_per_second", "peak_mb")]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())
