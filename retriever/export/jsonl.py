"""Every row of the shop in the documented schema, one JSON object a line."""

from __future__ import annotations

import json

from retriever.export.files import Write
from retriever.export.reading import Snapshot
from retriever.export.report import Tally
from retriever.export.rows import protected
from retriever.feeds.feed import Progress
from retriever.feeds.rows import AnyRow, PolicyRow, ProductRow, PromotionRow, ReviewRow
from retriever.writing import TABLES


def write_jsonl(shop: Snapshot, write: Write, tally: Tally, progress: Progress) -> None:
    """Write all rows of all kinds: goods first, so that what follows names what exists."""
    for kind in TABLES:
        done, total = 0, shop.count(kind)
        for batch in shop.batches(kind):
            for row in batch:
                write(line_of(row))
                tally.count(row)
            done += len(batch)
            progress(f"{kind} rows", done, total)


def line_of(row: AnyRow) -> str:
    """A row as its line."""
    if isinstance(row, ProductRow | PolicyRow | PromotionRow | ReviewRow):
        values = protected(row)
    else:
        values = row.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({"type": row.type, **values}, ensure_ascii=False, separators=(",", ":")) + "\n"
