"""The shape of an answer."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from retriever.product import Product, Shape
from retriever.recommending.candidate import Because, Ground


class Recommended(Shape):
    """One product, where it came from, and why it is shown.

    Attributes:
        reasons: in words, weightiest first; each was proved from the records.
        source: the candidate source.
        sponsored: paid for, to be labelled so wherever it is shown.
        because: what the reasons say, as data.
        grounds: for each of them the records that prove it.
        propensity: with which probability it was put here; 1 where chance had no part.
    """

    id: str
    score: float
    reasons: tuple[str, ...]
    source: str
    product: Product
    sponsored: bool = False
    because: tuple[Because, ...] = Field(default=(), exclude=True)
    grounds: tuple[tuple[Ground, ...], ...] = Field(default=(), exclude=True)
    propensity: float = Field(default=1.0, exclude=True)


class Option(Shape):
    """An answer to a quick question."""

    id: str
    text: str


class Question(Shape):
    """A quick question whose answer would help most."""

    id: str
    text: str
    options: tuple[Option, ...]


class Recommendation(Shape):
    """An answer to a request.

    Attributes:
        recommendation_id: clicks and purchases that name it are counted for it.
        questions: for a person of whom nothing is known; empty otherwise.
    """

    results: tuple[Recommended, ...]
    recommendation_id: str
    questions: tuple[Question, ...] = ()

    def json_dict(self) -> dict[str, Any]:
        """The contract's JSON object."""
        return self.model_dump(mode="json")
