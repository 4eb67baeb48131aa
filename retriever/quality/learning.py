"""What a whole feed says about its products: brands it names, and vectors beside their categories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from ranker.encoder import Encoder, Vectors
from retriever.errors import UnavailableError
from retriever.feeds.rows import AnyRow, ProductRow
from retriever.indexing import EmbeddingCache
from retriever.quality.completing import Completer, Completion, lacks_category
from retriever.quality.neighbours import Neighbourhood
from retriever.quality.report import Finding, QualityReport
from retriever.vectors import embedding_text
from retriever.writing import stamped_of

CHECK = "category_outlier"


class FeedQuality:
    """The quality of one feed: each row by itself, then its products among the others.

    Args:
        report: looks at each row.
        encoder: makes the vectors.
        cache: keeps them.
        currency: the shop's own.
    """

    def __init__(self, report: QualityReport, encoder: Encoder, cache: EmbeddingCache, currency: str) -> None:
        self.report = report
        self._encoder = encoder
        self._cache = cache
        self._currency = currency
        self._limits = self.report.rules.outliers
        self._neighbourhood = Neighbourhood(self._limits.group)
        self._completer = Completer(self._neighbourhood)
        self._missing = ""

    def __enter__(self) -> Self:
        self._neighbourhood.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._neighbourhood.__exit__(kind, error, trace)

    def see(self, row: AnyRow) -> None:
        """Check one row as the feed gave it."""
        self.report.see(row)

    def learn(self, rows: Sequence[ProductRow]) -> None:
        """Take products in; their vectors are made where the cache does not hold them.

        Raises:
            UnavailableError: if they have to be made and cannot be.
        """
        self._completer.learn(rows, self._vectors(rows))

    def recall(self, rows: Sequence[ProductRow]) -> None:
        """The same for products that can do without: where there is no vector, only their words are taken in."""
        vectors: Vectors | None = None
        if not self._missing:
            try:
                vectors = self._vectors(rows)
            except UnavailableError as error:
                self._missing = error.message
        self._completer.learn(rows, vectors)

    def findings(self) -> tuple[Finding, ...]:
        """What was found, once every row was seen and every product learned."""
        if self._missing:
            self.report.leave_out(CHECK, self._missing)
        else:
            for found in self._neighbourhood.apart(self._limits.vector, self._limits.margin):
                self.report.add(CHECK, found.id, f"in {found.category}, but more like {found.nearer}")
        return self.report.findings()

    def complete(self, rows: Sequence[ProductRow]) -> Iterator[Completion]:
        """What is believed of these products, where their merchant said nothing."""
        bare = [row for row in rows if lacks_category(row)]
        vectors: dict[str, Vectors] = {}
        if bare and not self._missing:
            vectors = dict(zip((row.id for row in bare), self._vectors(bare), strict=True))
        for row in rows:
            yield from self._completer.complete(row, vectors.get(row.id))

    def _vectors(self, rows: Sequence[ProductRow]) -> Vectors:
        texts = [embedding_text(stamped_of(row, self._currency)) for row in rows]
        return self._cache.vectors(self._encoder, texts)
