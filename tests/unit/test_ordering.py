"""The last order: which signals come from where, and what happens where a part is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from ranker.blend import Scored
from ranker.cross.scoring import RankerMissingError, Scores
from ranker.encoder import Vectors
from ranker.signals import Signals, Weights
from retriever.candidates import Run
from retriever.errors import UnavailableError
from retriever.ordering import FEEDBACK, Asked, Ordering
from retriever.product import Availability, PriceRange, Product, Rating, Stamped

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def stamped(
    id: str,
    title: str = "Thing",
    *,
    kind: str = "",
    rating: tuple[float, int] | None = None,
    available: bool = True,
    published: datetime | None = None,
) -> Stamped:
    return Stamped(
        product=Product(
            id=id,
            title=title,
            categories=(kind,) if kind else (),
            price_range=PriceRange(),
            rating=Rating(value=rating[0], count=rating[1]) if rating else None,
            availability=Availability(available=available, status="in_stock" if available else "out_of_stock"),
        ),
        published_at=published,
    )


class Held:
    """Vectors in memory; ``down`` is a store that does not answer."""

    def __init__(self, held: Mapping[str, Vectors] | None = None, *, down: bool = False) -> None:
        self.held = held or {}
        self.down = down

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        if self.down:
            raise UnavailableError("The vector store does not answer.")
        return {id: self.held[id] for id in ids if id in self.held}

    def search(self, vector: Vectors, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        raise NotImplementedError

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        raise NotImplementedError

    def remove(self, ids: Collection[str]) -> None:
        raise NotImplementedError

    def count(self) -> int:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class Likes:
    """A cross-encoder with a taste of its own, which remembers what it read; ``broken`` cannot be loaded."""

    name = "likes"
    languages: frozenset[str] | None = None

    def __init__(self, taste: Mapping[str, float] | None = None, *, weight: float = 1.0, broken: bool = False) -> None:
        self.weight = weight
        self.taste = taste or {}
        self.broken = broken
        self.read: list[str] = []

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        if self.broken:
            raise RankerMissingError("The model file is damaged.")
        self.read += texts
        return np.array([self.taste.get(text, 0.0) for text in texts], dtype=np.float32)


def found(
    goods: Sequence[Stamped], run: Run, ordering: Ordering, text: str = "thing", **agrees: dict[str, float]
) -> str:
    """The ids in their last order; ``agrees`` has by product id what it says of what the query names."""
    candidates = [Scored(item.product.id, 1.0) for item in goods]
    records = {item.product.id: item for item in goods}
    asked = Asked(text, lambda product: agrees.get(product.id, {}))
    return "".join(item.id for item in ordering.order(asked, candidates, records, run))


def run_of(lexical: Mapping[str, float] | None = None, dense: Mapping[str, float] | None = None) -> Run:
    run = Run("full", lexical=dict(lexical or {}), dense=dict(dense or {}))
    run.vector = np.array([1.0, 0.0], dtype=np.float32) if dense else None
    return run


def test_a_product_that_agrees_with_what_was_named_comes_first() -> None:
    ordering = Ordering(Held(), Weights({"lexical": 0.1, "brand": 1.0, "exclusion": 1.0}))
    goods = [stamped("a"), stamped("b"), stamped("c")]
    said = {"a": {"exclusion": -1.0}, "c": {"brand": 1.0}}
    assert found(goods, run_of({"a": 3.0, "b": 2.0, "c": 1.0}), ordering, **said) == "cba"


def test_what_only_the_words_found_has_its_cosine_too() -> None:
    held = Held({"a": np.array([0.0, 1.0]), "b": np.array([1.0, 0.0])})
    goods = [stamped("a"), stamped("b")]
    ordering = Ordering(held, Weights({"dense": 1.0}))
    assert found(goods, run_of({"a": 2.0, "b": 1.0}, {"x": 0.9}), ordering) == "ba"


def test_the_kind_of_the_first_candidates_decides_between_equals() -> None:
    goods = [stamped("a", kind="Brush"), stamped("b", kind="Poster"), stamped("c", kind="Brush")]
    assert found(goods, run_of(), Ordering(Held(), Weights({"kind": 1.0}))) == "acb"
    assert len(goods) <= FEEDBACK


def test_many_good_ratings_beat_a_single_perfect_one() -> None:
    goods = [stamped("a", rating=(5.0, 1)), stamped("b", rating=(4.8, 900)), stamped("c", rating=(2.0, 900))]
    assert found(goods, run_of(), Ordering(Held(), Weights({"rating": 1.0}))) == "bac"
    assert found(goods, run_of(), Ordering(Held(), Weights({"popularity": 1.0}))) == "bca"


def test_the_newer_one_first_where_freshness_counts_and_no_date_in_the_middle() -> None:
    old, new = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    goods = [stamped("a", published=old), stamped("b"), stamped("c", published=new)]
    assert found(goods, run_of(), Ordering(Held(), Weights({"freshness": 1.0}), now=lambda: NOW)) == "cba"


def test_sold_out_comes_last_however_well_it_matches() -> None:
    goods = [stamped("a", available=False), stamped("b")]
    assert found(goods, run_of({"a": 9.0, "b": 1.0}), Ordering(Held(), Weights({"lexical": 1.0}))) == "ba"


def test_the_cross_encoder_reads_only_the_best_and_decides_among_them() -> None:
    likes = Likes({"Mug": 5.0}, weight=3.0)
    goods = [stamped("a", "Cup"), stamped("b", "Mug"), stamped("c", "Mug")]
    ordering = Ordering(Held(), Weights({"lexical": 1.0}), lambda: likes, reranked=2)
    assert found(goods, run_of({"a": 3.0, "b": 2.9, "c": 1.0}), ordering, "mug") == "bac"
    assert likes.read == ["Cup", "Mug"]


def test_a_cross_encoder_that_does_not_count_is_not_asked() -> None:
    likes = Likes(weight=0.0)
    found([stamped("a")], run_of({"a": 1.0}), Ordering(Held(), Weights({"lexical": 1.0}), lambda: likes))
    assert likes.read == []


def test_a_cross_encoder_is_not_asked_in_a_language_that_it_has_not_learned() -> None:
    likes = Likes()
    likes.languages = frozenset({"en"})
    ordering = Ordering(Held(), Weights({"lexical": 1.0}), lambda: likes)
    found([stamped("a")], run_of({"a": 1.0}), ordering, "无线耳机")
    assert likes.read == []
    found([stamped("a")], run_of({"a": 1.0}), ordering, "earphones")
    assert likes.read


@pytest.mark.parametrize("part", ["vectors", "ranker"])
def test_without_a_part_the_others_order_and_the_run_says_so(part: str) -> None:
    likes = Likes(broken=part == "ranker")
    ordering = Ordering(Held(down=part == "vectors"), Weights({"lexical": 1.0}), lambda: likes)
    run = run_of({"a": 1.0, "b": 2.0}, {"a": 0.5})
    assert found([stamped("a"), stamped("b")], run, ordering) == "ba"
    assert len(run.limited) == 1
    assert "ordered without" in run.limited[0]


def test_nothing_found_is_nothing_ordered() -> None:
    assert Ordering(Held(), Weights({})).order(Asked("x", lambda _: {}), [], {}, run_of()) == []


def test_signals_are_of_every_candidate() -> None:
    goods = [stamped("a"), stamped("b", rating=(4.0, 2))]
    signals = Ordering(Held(), Weights({})).signals(Asked("thing", lambda _: {}), goods, {}, run_of({"a": 1.0}))
    assert isinstance(signals, Signals)
    assert signals.ids == ("a", "b")
    assert {len(column) for column in signals.values.values()} == {2}
