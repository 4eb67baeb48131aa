"""A process of its own that imports a feed and can be made to wait at a marked moment, to be killed there.

Usage: import_worker.py HOME FEED [STAGE]. It writes the stage at each word of progress,
and waits for ever at the first word of the given one.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from import_fakes import HashEncoder

from retriever.database import Database
from retriever.feeds.jsonl import JsonlFeed
from retriever.importing import Importer
from retriever.indexing import EmbeddingCache
from retriever.lexical import lexical_for
from retriever.vectors import open_vectors


def main(home: Path, feed: Path, wait_at: str) -> None:
    """Import once, telling every word of progress on stdout."""

    def tell(stage: str, done: int, total: int) -> None:
        sys.stdout.write(f"{stage}\n")
        sys.stdout.flush()
        if stage == wait_at:
            threading.Event().wait()

    database, encoder = Database(f"sqlite:///{home / 'shop.sqlite'}"), HashEncoder()
    database.migrate()
    with_vectors = open_vectors(encoder, home / "chroma")
    importer = Importer(database, lexical_for(database), with_vectors, encoder, EmbeddingCache(home / "cache"), "USD")
    importer.run(JsonlFeed(feed, name="goods"), progress=tell)
    tell("done", 0, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
