"""The rankers from outside, on a handful of goods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.retrieval.references import Bm25s, PlainEncoder
from retriever.feeds.feed import silent
from retriever.indexing import EmbeddingCache
from retriever.product import Availability, PriceRange, Product

TITLES = {"lamp": "Desk lamp", "mug": "Coffee mug", "desk": "Oak desk, desk for two", "towel": "Bath towel"}
WORDS = ("desk", "lamp", "coffee", "mug", "oak", "towel")


def goods() -> list[Product]:
    stock = Availability(available=True, status="in_stock")
    return [
        Product(id=id, title=title, description="Made well.", price_range=PriceRange(), availability=stock)
        for id, title in TITLES.items()
    ]


class CountedWords:
    """An encoder with a dimension a word."""

    name = "counted-words"
    dimension = len(WORDS)
    languages = None
    floor = 0.5

    def __init__(self) -> None:
        self.read = 0

    def encode(self, texts: Sequence[str], progress: object = None) -> np.ndarray:
        self.read += len(texts)
        rows = np.asarray([[text.lower().count(word) for word in WORDS] for text in texts], dtype=np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_bm25s_finds_what_shares_words_and_nothing_else() -> None:
    ranker = Bm25s(goods())
    assert [found.id for found in ranker.search("a desk lamp")] == ["lamp", "desk"]
    assert ranker.search("the") == []
    assert ranker.search("zebra") == []


def test_the_plain_encoder_ranks_everything_by_cosine_and_keeps_its_vectors(tmp_path: Path) -> None:
    encoder, cache = CountedWords(), EmbeddingCache(tmp_path)
    ranker = PlainEncoder(goods(), encoder, cache, silent)
    found = ranker.search("desk")
    assert [one.id for one in found[:2]] == ["desk", "lamp"]
    assert {one.id for one in found} == TITLES.keys()  # no floor: what is far comes last
    before = encoder.read
    PlainEncoder(goods(), encoder, cache, silent)
    assert encoder.read == before
