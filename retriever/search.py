"""One search: understand the words, find candidates, enforce the conditions, order, explain.

Modes: ``bm25`` (full text), ``dense`` (nearest vectors), ``hybrid`` (both, fused by
reciprocal rank), ``full`` (hybrid and the last order of ``retriever.ordering``).
Conditions are enforced on the records in every mode, before and after candidates are found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol, get_args

from ranker.blend import Scored
from ranker.cross.scoring import CrossEncoder
from ranker.encoder import Encoder
from ranker.signals import default_weights
from retriever.candidates import DEPTH, Legs, Lexical, Run
from retriever.conditions import SortKey, passes
from retriever.errors import BadInputError
from retriever.explaining import interpretation, why
from retriever.facets import facets
from retriever.filters import Filters
from retriever.ordering import Asked, Ordering
from retriever.product import Product, Stamped
from retriever.query import MAX_LENGTH, QueryReader, Reading
from retriever.remembered import KEPT
from retriever.text import terms
from retriever.understanding.relaxing import relax
from retriever.vectors import VectorIndex

Mode = Literal["bm25", "dense", "hybrid", "full"]
Sort = Literal["relevance", "price_asc", "price_desc", "rating", "newest"]
MODES: tuple[str, ...] = get_args(Mode)
SORTS: tuple[str, ...] = get_args(Sort)

SORTED_DEPTH = 50  # candidates that any other order than relevance may rearrange
MAX_RESULTS = 1_000
NO_FILTERS = Filters()


class Records(Protocol):
    """What search needs of the catalogue."""

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        """These products in this order; missing ones are left out."""
        ...

    def first(self, limit: int) -> list[str]:
        """The ids of so many products, in the merchant's own order."""
        ...

    def matching(self, filters: Filters) -> Collection[str] | None:
        """Products that satisfy the conditions; ``None`` when there is no condition."""
        ...

    def sort_keys(self, ids: Collection[str] | None = None) -> Mapping[str, SortKey]:
        """What these products (``None``: all) are ordered by."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """One product found, its score (comparable within one result) and why it is there.

    ``similarity`` is the cosine of query and product; ``None`` where search by meaning did not find it.
    """

    id: str
    score: float
    stamped: Stamped
    why: tuple[str, ...]
    similarity: float | None = None

    @property
    def product(self) -> Product:
        """The product in the shop's own language."""
        return self.stamped.product


@dataclass(frozen=True)
class SearchResult:
    """The contract's search result.

    ``relaxed`` is filled only when nothing was found: for each condition without which
    there are results one sentence that starts with its name, ``price_max: 12 results
    without it``, the softest condition first; or, where no single one is to blame, one for
    the fewest that have to go together (``retriever.understanding.relaxing``).
    """

    query: str
    interpretation: dict[str, Any]
    results: tuple[Hit, ...]
    relaxed: tuple[str, ...]
    facets: dict[str, Any]
    timing: dict[str, float]

    def json_dict(self) -> dict[str, Any]:
        """The contract's JSON object."""
        return {
            "query": self.query,
            "interpretation": self.interpretation,
            "results": [
                {"id": hit.id, "score": hit.score, "product": hit.product.json_dict(), "why": list(hit.why)}
                for hit in self.results
            ],
            "relaxed": list(self.relaxed),
            "facets": self.facets,
            "timing": self.timing,
        }


class Searcher:
    """Search over one shop's records and indexes. Safe to share between threads."""

    def __init__(
        self,
        catalogue: Records,
        lexical: Lexical,
        vectors: VectorIndex,
        encoder: Encoder,
        currency: str,
        reader: QueryReader | None = None,
        ordering: Ordering | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._legs = Legs(lexical, vectors, encoder)
        self._currency = currency
        self._reader = reader or QueryReader(currency)
        self._ordering = ordering or Ordering(vectors, default_weights())
        self._parts = (catalogue, lexical, vectors, encoder, currency, self._reader)

    @property
    def ordering(self) -> Ordering:
        """What gives the last order."""
        return self._ordering

    def with_reranker(self, reranker: CrossEncoder | None) -> Searcher:
        """The same search with another cross-encoder in its last order; this one stays as it is."""
        return self.with_ordering(self._ordering.with_reranker(reranker))

    def with_ordering(self, ordering: Ordering) -> Searcher:
        """The same search with another last order."""
        return Searcher(*self._parts, ordering)

    def read_ahead(self, query: str, stopped: Callable[[], bool]) -> None:
        """Read what searches would read of the goods they find, of as many goods as are kept in memory.

        Args:
            query: one that asks goods for everything that is ever asked of them.
            stopped: asked every now and then; the rest is left unread once it says so.

        Raises:
            UnavailableError: when a part does not answer.
        """
        reading = self._reader.read(query)
        asked, ordering = (
            Asked(reading.text, partial(self._reader.signals, reading)),
            self._ordering.with_reranker(None),
        )
        ids = self._catalogue.first(KEPT)
        for start in range(0, len(ids), DEPTH):
            if stopped():
                return
            records = {stamped.product.id: stamped for stamped in self._catalogue.stamped(ids[start : start + DEPTH])}
            run = Run("full")
            run.dense = dict.fromkeys(records, 0.0)
            ordering.order(asked, [Scored(id, 0.0) for id in records], records, run)
            facets([stamped.product for stamped in records.values()], self._currency)

    def search(
        self,
        query: str,
        k: int = 10,
        filters: Filters = NO_FILTERS,
        mode: str = "full",
        sort: str = "relevance",
        without: Collection[str] = (),
    ) -> SearchResult:
        """The best ``k`` products for a query, or for its conditions alone where it has no words.

        ``without`` names conditions to let go of, whether a filter or the query's own words set them.

        Raises:
            BadInputError: for an empty, wordless or overlong query, an unknown mode or order, or a bad ``k``.
            UnavailableError: when a part the mode cannot do without does not answer.
        """
        _check(query, k, mode, sort)
        run = Run(mode)
        with run.clock("total_ms"):
            with run.clock("reading_ms"):
                reading = self._reader.read(query)
            wanted = reading.merged(filters)
            for condition in without:
                wanted = wanted.without(condition)
            _check_words(reading, wanted)
            found, products = self._find(reading, wanted, k, sort, run)
            if reading.corrections and not found:
                reading = self._reader.as_typed(reading)
                found, products = self._find(reading, wanted, k, sort, run)
            hits = tuple(
                Hit(
                    candidate.id,
                    candidate.score,
                    stamped,
                    why(reading, self._reader.agreement(reading, stamped.product), stamped, wanted, run),
                    run.dense.get(candidate.id),
                )
                for candidate, stamped in found[:k]
            )
            relaxed = () if hits else self._relaxed(reading, wanted, mode)
            counted = facets(products, self._currency)
        return SearchResult(
            query, interpretation(reading, wanted, run, sort, self._currency), hits, relaxed, counted, run.timing
        )

    def ids(self, query: str, k: int) -> list[str]:
        """The best ``k`` products by words and vectors, as the indexes know them: nothing is read of the products.

        For who looks at their records anyhow: it takes a third of the time of ``search`` in the mode ``hybrid``, whose
        order this is.

        Raises:
            BadInputError: for an empty, wordless or overlong query, or a bad ``k``.
            UnavailableError: when neither of the indexes answers, or the records do not.
        """
        _check(query, k, "hybrid", "relevance")
        reading = self._reader.read(query)
        _check_words(reading, reading.merged(NO_FILTERS))
        found = self._listed(reading, k)
        if reading.corrections and not found:
            found = self._listed(self._reader.as_typed(reading), k)
        return found

    def _listed(self, reading: Reading, k: int) -> list[str]:
        wanted, run = reading.merged(NO_FILTERS), Run("hybrid")
        allowed = self._catalogue.matching(wanted)
        if not reading.text:
            return [candidate.id for candidate, _ in self._browse(allowed, wanted, k, "relevance", run)[0]][:k]
        candidates = self._legs.candidates(reading.text, max(k, DEPTH), allowed, run, reading.synonyms)
        return [candidate.id for candidate in candidates[:k]]

    def _find(
        self, reading: Reading, wanted: Filters, k: int, sort: str, run: Run
    ) -> tuple[list[tuple[Scored, Stamped]], list[Product]]:
        """Candidates in their last order beside their records, and the products that facets count."""
        with run.clock("filter_ms"):
            allowed = self._catalogue.matching(wanted)
        if not reading.text:
            return self._browse(allowed, wanted, k, sort, run)
        candidates = self._legs.candidates(reading.text, max(k, DEPTH), allowed, run, reading.synonyms)
        with run.clock("records_ms"):
            records = self._records(candidates, wanted)
        with run.clock("order_ms"):
            candidates = [candidate for candidate in candidates if candidate.id in records]
            if run.mode == "full":
                asked = Asked(reading.text, partial(self._reader.signals, reading))
                candidates = self._ordering.order(asked, candidates, records, run)
            if sort != "relevance":
                # A cheap thing that hardly matches is no answer: only the best matches are rearranged.
                candidates = candidates[: max(k, SORTED_DEPTH)]
                keys = {id: SortKey.of(stamped) for id, stamped in records.items()}
                candidates.sort(key=lambda candidate: keys[candidate.id].place(sort))
        return [(candidate, records[candidate.id]) for candidate in candidates], [s.product for s in records.values()]

    def _browse(
        self, allowed: Collection[str] | None, wanted: Filters, k: int, sort: str, run: Run
    ) -> tuple[list[tuple[Scored, Stamped]], list[Product]]:
        """No words, only conditions: everything that satisfies them, in the asked order."""
        with run.clock("records_ms"):
            keys = self._catalogue.sort_keys(allowed)
            ids = sorted(keys, key=lambda id: (keys[id].place(sort), keys[id].position, id))
            # All are equally relevant: the score says the place and nothing else.
            candidates = [Scored(id, 1 / place) for place, id in enumerate(ids[: max(k, DEPTH)], 1)]
            records = self._records(candidates, wanted)
        found = [(candidate, records[candidate.id]) for candidate in candidates if candidate.id in records]
        return found, [stamped.product for stamped in records.values()]

    def _records(self, candidates: Sequence[Scored], wanted: Filters) -> dict[str, Stamped]:
        """The candidates' records that satisfy the conditions now, whatever the indexes believed a moment ago."""
        records = self._catalogue.stamped([candidate.id for candidate in candidates])
        return {s.product.id: s for s in records if passes(s.product, wanted, self._currency)}

    def _relaxed(self, reading: Reading, wanted: Filters, mode: str) -> tuple[str, ...]:
        return tuple(one.said for one in relax(wanted, lambda filters: self._count(reading, filters, mode)))

    def _count(self, reading: Reading, wanted: Filters, mode: str) -> int:
        allowed = self._catalogue.matching(wanted)
        if not reading.text:
            return len(self._catalogue.sort_keys(None)) if allowed is None else len(allowed)
        candidates = self._legs.candidates(reading.text, DEPTH, allowed, Run(mode), reading.synonyms)
        return len(self._records(candidates, wanted))


def _check(query: str, k: int, mode: str, sort: str) -> None:
    if len(query) > MAX_LENGTH:
        raise BadInputError(
            f"The query has {len(query):,} characters; at most {MAX_LENGTH:,} are read.",
            "Name the product and what matters about it in a sentence.",
        )
    if not 1 <= k <= MAX_RESULTS:
        raise BadInputError(f"{k} results were asked for.", f"Ask for 1 to {MAX_RESULTS:,}.")
    if mode not in MODES:
        raise BadInputError(f"There is no search mode '{mode}'.", f"Modes are: {', '.join(MODES)}.")
    if sort not in SORTS:
        raise BadInputError(f"There is no order '{sort}'.", f"Orders are: {', '.join(SORTS)}.")


def _check_words(reading: Reading, wanted: Filters) -> None:
    if reading.text and not terms(reading.text):
        raise BadInputError(f"There are no words to search for in '{reading.text}'.", "Describe the product in words.")
    if not reading.text and wanted.empty:
        raise BadInputError("The query is empty.", "Say what to look for, or give at least one filter.")
