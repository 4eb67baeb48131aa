"""Training data from products alone: invented queries, mined candidates, the teacher's opinion as gains."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pytest

from ranker.blend import Scored, ranked
from ranker.encoder import Progress, Vectors
from ranker.groups import check_groups
from retriever.product import Availability, PriceRange, Product, Stamped
from retriever.supervision.catalogue import FAR, HARD, MIDDLE, catalogue_groups
from retriever.text import stem, terms

BRANDS = "Alder Birch Cedar Elm Fir Hazel Larch Maple Oak Pine".split()  # noqa: SIM905
KINDS = ("Wireless Mouse", "Desk Lamp", "Tea Pot", "Travel Mug")


def stamped(id: str, title: str, brand: str, kind: str) -> Stamped:
    return Stamped(
        product=Product(
            id=id,
            title=title,
            brand=brand,
            categories=(kind,),
            price_range=PriceRange(),
            availability=Availability(available=True, status="in_stock"),
        )
    )


SHOP = [
    stamped(f"{kind}-{brand}", f"{brand} {kind}, {colour}", brand, kind)
    for kind in KINDS
    for brand, colour in zip(BRANDS, ["red", "blue"] * 5, strict=True)
]


def words(text: str) -> set[str]:
    return {stem(word) for word in terms(text)}


class Words:
    """Full text in memory: how many words of the query a title has."""

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        scores = {item.product.id: float(len(words(query) & words(item.product.title))) for item in SHOP}
        return ranked({id: score for id, score in scores.items() if score})[:limit]


class Bag:
    """An encoder over a fixed list of words."""

    name = "bag"
    languages = None
    floor = 0.0
    known = sorted({word for item in SHOP for word in words(item.product.title)})
    dimension = len(known)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        rows = np.array([[float(word in words(text)) for word in self.known] for text in texts], dtype=np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


class Knows:
    """A teacher that counts the query's words in a text; ``silent`` about one kind."""

    def __init__(self, silent: str = "") -> None:
        self.silent = silent
        self.asked = 0

    def score(
        self, asked: Mapping[str, Sequence[str]], progress: Progress | None = None
    ) -> dict[tuple[str, str], float]:
        self.asked = sum(len(queries) for queries in asked.values())
        return {
            (text, query): len(words(query) & words(text)) / len(words(query))
            for text, queries in asked.items()
            for query in queries
            if not self.silent or self.silent not in text
        }


def groups_of(teacher: Knows, queries: int = 30, heard: list[str] | None = None, seed: int = 1):
    return catalogue_groups(
        SHOP,
        Words(),  # type: ignore[arg-type]
        Bag(),
        lambda goods: Bag().encode([item.product.title for item in goods]),
        teacher,
        queries=queries,
        seed=seed,
        progress=lambda stage, done, total: (heard if heard is not None else []).append(stage),
    )


def test_a_query_comes_with_its_product_and_others_that_answer_it_less_well() -> None:
    groups = groups_of(Knows())
    assert check_groups(groups).sources == {"catalogue": len(groups)}
    for group in groups:
        assert 2 <= len(group.ids) <= HARD + MIDDLE + FAR + 1
        assert min(group.gains) == 0.0
        assert max(group.gains) == 1.0
        best = words(group.texts[group.gains.index(1.0)])
        worst = words(group.texts[group.gains.index(0.0)])
        asked = words(group.query)
        assert len(asked & best) >= len(asked & worst)


def test_candidates_are_hard_ones_of_the_same_kind() -> None:
    mice = [group for group in groups_of(Knows()) if "mouse" in group.query]
    assert mice
    assert all(sum("Mouse" in text for text in group.texts) >= HARD for group in mice)


def test_a_product_that_the_teacher_did_not_judge_teaches_nothing() -> None:
    judged = groups_of(Knows(silent="Lamp"))
    assert judged
    assert not any("Lamp" in text for group in judged for text in group.texts)


def test_the_same_seed_gives_the_same_groups_and_every_stage_is_heard() -> None:
    heard: list[str] = []
    assert groups_of(Knows(), heard=heard) == groups_of(Knows())
    assert groups_of(Knows(), seed=2) != groups_of(Knows())
    assert "mining candidates" in heard


@pytest.mark.parametrize("queries", [5, 20])
def test_no_more_queries_than_asked_for(queries: int) -> None:
    teacher = Knows()
    assert 0 < len(groups_of(teacher, queries)) <= queries
    assert teacher.asked <= queries * (HARD + MIDDLE + FAR + 1)
