"""What a browser keeps of a visit: whose cart, which conversation, what was said. The server keeps nothing of it."""

from __future__ import annotations

import secrets
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.events import TurnResult

KEPT_TURNS = 20
KEPT_CARDS = 10
KEPT_RELATED = 4
KEPT_ANSWERS = 5
ID = r"^[A-Za-z0-9_-]{16,64}$"


class Proof(BaseModel):
    """One checked claim, and the record it was read from."""

    claim: str = Field(max_length=500)
    source: str = Field(max_length=300)


class Mended(BaseModel):
    """A word that was searched as another one."""

    said: str = Field(max_length=80)
    meant: str = Field(max_length=80)


class Said(BaseModel):
    """One finished turn, small enough for the browser: products by id, so that they show today's price."""

    model_config = ConfigDict(extra="ignore")

    question: str = Field(max_length=4_000)
    reply: str = Field(default="", max_length=20_000)
    language: str = Field(default="en", max_length=10)
    products: list[str] = Field(default=[], max_length=KEPT_CARDS)
    recommendation: str = Field(default="", max_length=64)
    proofs: list[Proof] = Field(default=[], max_length=20)
    corrected: list[Mended] = Field(default=[], max_length=8)
    related: list[str] = Field(default=[], max_length=KEPT_RELATED)
    withheld: int = 0
    limited: bool = False
    handed_over: bool = False
    waits_for_yes: bool = False
    failed: bool = False

    @classmethod
    def of(cls, question: str, language: str, result: TurnResult) -> Said:
        """What is kept of a turn's result."""
        return cls(
            question=question,
            reply=result.reply[:20_000],
            language=language,
            products=[product.id for product in result.products[:KEPT_CARDS]],
            recommendation=result.recommendation_id[:64],
            proofs=[
                Proof(claim=item.claim[:500], source=f"{item.source.type} {item.source.id}, {item.source.field}"[:300])
                for item in result.evidence[:20]
            ],
            corrected=[Mended(said=each.said[:80], meant=each.meant[:80]) for each in result.corrected[:8]],
            withheld=len(result.withheld),
            limited=result.limited,
            handed_over=result.handoff is not None,
            waits_for_yes=result.pending_action is not None,
        )


def _new_id() -> str:
    return secrets.token_urlsafe(18)


class Visit(BaseModel):
    """One browser's visit. The ids are capabilities: nobody can guess them.

    Attributes:
        session: what is looked at is recorded under it; it stands for the person in recommendations.
        answers: to the quick questions, by the question's id.
        customer: of the demo store, whom the visitor plays; believed there alone, for a browser can say anything.
        upsell: whether dearer goods, things that go along and paid placements may be shown.
    """

    model_config = ConfigDict(extra="ignore")

    cart: str = Field(default_factory=_new_id, pattern=ID)
    session: str = Field(default_factory=_new_id, pattern=ID)
    customer: str = Field(default="", max_length=200)
    answers: dict[str, str] = Field(default={}, max_length=KEPT_ANSWERS)
    upsell: bool = True
    conversation: str = Field(default_factory=_new_id, pattern=ID)
    language: Literal["en", "zh"] = "en"
    said: list[Said] = []

    @classmethod
    def read(cls, kept: Any, language: str = "en") -> Visit:
        """The visit a browser kept, or a new one where there is none or it cannot be read."""
        try:
            return cls.model_validate(kept)
        except ValidationError:
            return cls.model_validate({"language": language})

    def keep(self) -> dict[str, Any]:
        """What the browser is given to keep."""
        return {
            **self.model_dump(mode="json"),
            "said": [said.model_dump(mode="json") for said in self.said[-KEPT_TURNS:]],
        }

    def afresh(self) -> Visit:
        """The same cart, taste and language, a new conversation."""
        lasting = {"cart", "session", "customer", "answers", "upsell", "language"}
        return Visit.model_validate(self.model_dump(include=lasting))

    def unknown(self) -> Visit:
        """The same cart and conversation for somebody of whom nothing is known."""
        return self.model_copy(update={"session": _new_id(), "answers": {}})

    def answered(self, question: str, option: str) -> Visit:
        """With an answer to a quick question; the oldest ones give way."""
        answers = {**self.answers, question[:200]: option[:200]}
        return self.model_copy(update={"answers": dict(list(answers.items())[-KEPT_ANSWERS:])})
