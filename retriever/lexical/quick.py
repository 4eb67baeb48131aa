"""tantivy beside SQLite's FTS5: the best matches of a large catalogue without looking at all of them.

FTS5 ranks every product with any of a query's words, which among a million takes a
second. tantivy skips what cannot come among the best (block-max WAND: Ding and Suel,
"Faster top-k document retrieval using block-max indexes", 2011), which it does for a
query over one field only. So all words of a product are in one field, each as often as
its column weighs: the same weights as FTS5's, and no worse (docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retriever.lexical.documents import Document

COLUMNS = {"title": 8, "brand": 4, "categories": 3, "attributes": 3, "description": 1, "other": 2}
COMMIT = 50_000  # products between two commits: what a killed build has to do again
MEMORY = 100_000_000  # bytes that a writer may hold before it writes a segment


class BusyError(Exception):
    """Another process writes this index at the moment."""


class QuickIndex:
    """Products by number, in a folder. It can be made again from FTS5 at any time.

    What is no longer in the records may still be found here: the caller looks the numbers up there.
    Safe to share between threads; one of them may write at a time.

    Raises:
        ValueError, OSError: as tantivy does, if the folder cannot be used or holds something else.
    """

    def __init__(self, folder: Path) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", indexed=True, fast=True)
        builder.add_text_field("words", tokenizer_name="shop", index_option="freq")
        stemmer = tantivy.Filter.stemmer("english")
        self._analyser: Any = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(stemmer).build()
        self._index: Any = tantivy.Index(builder.build(), path=str(folder), reuse=True)
        self._index.register_tokenizer("shop", self._analyser)
        self._index.config_reader("manual")
        self.last = 0
        self.reload()

    def reload(self) -> None:
        """See what has been committed since, by whomever; ``last`` is the highest number there is."""
        import tantivy

        self._index.reload()
        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.all_query(), 1, count=False, order_by_field="number").hits
        self.last = int(hits[0][0]) if hits else 0

    def count(self) -> int:
        """How many products there are, those that are gone from the records included."""
        return int(self._index.searcher().num_docs)

    def search(
        self, words: Sequence[str], limit: int, numbers: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """The best matches' numbers and scores; only from ``numbers`` where that is given."""
        found, scores = self.best(words, limit, numbers)
        return list(zip(found.tolist(), scores.tolist(), strict=True))

    def best(
        self, words: Sequence[str], limit: int, numbers: Collection[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The same as two arrays: of a hundred thousand matches the quicker form."""
        from tantivy import Occur, Query

        schema = self._index.schema
        stems = [stem for word in words for stem in self._analyser.analyze(word)]
        query = Query.boolean_query([(Occur.Should, Query.term_query(schema, "words", stem)) for stem in stems])
        if numbers is not None:
            fitting = Query.const_score_query(Query.term_set_query(schema, "number", list(numbers)), 0.0)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, fitting)])
        searcher = self._index.searcher()
        # Without counting: to count it would have to look at every match.
        hits = searcher.search(query, limit, count=False).hits
        found = searcher.fast_field_values("number", [address for _, address in hits]) if hits else []
        return np.asarray(found, dtype=np.int64), np.asarray([score for score, _ in hits], dtype=np.float64)

    def write(self, documents: Iterable[tuple[int, Document]], gone: Collection[int] = ()) -> None:
        """Forget these numbers and add these products; what was added before a kill stays.

        Raises:
            BusyError: if another process is doing so.
        """
        from tantivy import Query

        try:
            writer = self._index.writer(MEMORY, 1)
        except ValueError as error:
            if "lock" in str(error).lower():
                raise BusyError from error
            raise
        if gone:
            # By query: by term, tantivy's binding takes every number for a signed one and finds nothing.
            writer.delete_documents_by_query(Query.term_set_query(self._index.schema, "number", list(gone)))
        for place, (number, document) in enumerate(documents, 1):
            writer.add_document(_entry(number, document))
            if place % COMMIT == 0:
                writer.commit()
        writer.commit()
        writer.wait_merging_threads()
        self.reload()


def _entry(number: int, document: Document) -> Any:
    import tantivy

    entry = tantivy.Document()
    entry.add_unsigned("number", number)
    for column, times in COLUMNS.items():
        if words := getattr(document, column):
            for _ in range(times):
                entry.add_text("words", words)
    return entry
