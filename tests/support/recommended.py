"""A recommender that says what a test decides, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from retriever.product import Product
from retriever.recommending.asking import Asked
from retriever.recommending.recommendation import Question, Recommendation, Recommended


def shown(product: Product, *reasons: str, source: str = "popular", sponsored: bool = False) -> Recommended:
    """A product recommended for these reasons."""
    return Recommended(id=product.id, score=1.0, reasons=reasons, source=source, product=product, sponsored=sponsored)


@dataclass
class ScriptedRecommender:
    """Answers with what ``results`` makes of a request; ``asked`` keeps the requests."""

    results: Callable[[Asked], Sequence[Recommended]]
    questions: Sequence[Question] = ()
    asked: list[Asked] = field(default_factory=list)

    def recommend(self, asked: Asked) -> Recommendation:
        self.asked.append(asked)
        found = tuple(self.results(asked))[: asked.k]
        wanted = asked.goal in (None, "personal") and not asked.context.answers
        questions = tuple(self.questions) if wanted else ()
        return Recommendation(results=found, recommendation_id=f"rec-{len(self.asked)}", questions=questions)
