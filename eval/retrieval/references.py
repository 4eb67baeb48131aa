"""Rankers from outside, to have something to be better than: plain BM25 and a plain bi-encoder.

Both see what a shop has without effort, title, brand and description, and know no conditions, no floor and no index
of ours. ``bm25s`` is a package of its own and is left out, by name, where it is not installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from eval.retrieval.metrics import DEPTH
from eval.retrieval.rankers import Found, SkippedError
from ranker.encoder import Encoder
from retriever.feeds.feed import Progress
from retriever.indexing import EmbeddingCache
from retriever.product import Product
from retriever.vectors import embed

BATCH = 256  # products between two words of progress


class Bm25s:
    """Xing Han Lù's BM25 (arXiv 2407.03618) with its own settings: Lucene's formula, English stop words, no stemming.

    Args:
        products: the catalogue.

    Raises:
        SkippedError: the package is not installed.
    """

    name = "bm25s"

    def __init__(self, products: Sequence[Product]) -> None:
        if find_spec("bm25s") is None:
            raise SkippedError("the package bm25s is not installed: pip install bm25s (in a checkout: make setup-dev)")
        import bm25s

        self._ids = [product.id for product in products]
        self._tokens: Any = bm25s.tokenize
        self._index: Any = bm25s.BM25()
        self._index.index(self._words([outside_text(product) for product in products]), show_progress=False)

    def search(self, query: str) -> list[Found]:
        """The best matches that share a word with the query."""
        words = self._words([query])[0]
        if not words:
            return []
        found = self._index.get_scores(words)
        best = np.argsort(-found, kind="stable")[:DEPTH]
        return [Found(self._ids[place], float(found[place])) for place in best if found[place] > 0]

    def _words(self, texts: list[str]) -> list[list[str]]:
        return self._tokens(texts, stopwords="en", return_ids=False, show_progress=False)


class PlainEncoder:
    """An encoder as it comes off the shelf: exact cosine over title and description, nothing learned of the shop.

    Args:
        products: the catalogue.
        encoder: what makes the vectors; the texts are cut where it cuts them.
        cache: keeps the vectors from run to run.
        say: hears of the encoding.
    """

    name = "minilm"

    def __init__(self, products: Sequence[Product], encoder: Encoder, cache: EmbeddingCache, say: Progress) -> None:
        self._ids = [product.id for product in products]
        self._encoder = encoder
        rows: list[Any] = []
        for start in range(0, len(products), BATCH):
            texts = [outside_text(product) for product in products[start : start + BATCH]]
            rows.append(cache.vectors(encoder, texts))
            say(f"{self.name}: encoding the products", min(start + BATCH, len(products)), len(products))
        self._vectors = np.concatenate(rows)

    def search(self, query: str) -> list[Found]:
        """The nearest products."""
        cosines = self._vectors @ embed(self._encoder, [query])[0]
        best = np.argsort(-cosines, kind="stable")[:DEPTH]
        return [Found(self._ids[place], float(cosines[place])) for place in best]


def outside_text(product: Product) -> str:
    """Title, brand and description."""
    return " ".join(part for part in (product.title, product.brand, product.description) if part)
