"""A recommender that says what a test decides, and a store with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because, Ground
from retriever.recommending.recommendation import Question, Recommendation, Recommended
from retriever.store import Store


@dataclass
class ScriptedRecommender:
    """Recommends these products with these reasons; ``asked`` keeps the requests.

    ``reasons`` are (words, data, records) by product.
    """

    store: Store
    ids: Sequence[str]
    reasons: dict[str, tuple[str, Because, tuple[Ground, ...]]] = field(default_factory=dict[str, Any])
    questions: tuple[Question, ...] = ()
    asked: list[Asked] = field(default_factory=list[Asked])

    def recommend(self, asked: Asked) -> Recommendation:
        self.asked.append(asked)
        found: list[Recommended] = []
        for product in self.store.catalogue.get(list(self.ids)):
            given = [self.reasons[product.id]] if product.id in self.reasons else []
            found.append(
                Recommended(
                    id=product.id,
                    score=1.0,
                    source="test",
                    product=product,
                    reasons=tuple(text for text, _, _ in given),
                    because=tuple(because for _, because, _ in given),
                    grounds=tuple(grounds for _, _, grounds in given),
                )
            )
        return Recommendation(results=tuple(found), recommendation_id="r1", questions=self.questions)


class ShopWith:
    """A store with another recommender in it."""

    def __init__(self, store: Store, recommender: Any) -> None:
        self._store = store
        self.recommender = recommender

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
