"""What the tools found, kept so that every later sentence can be held against it.

A tool returns a ``Finding``: the text the model reads, and the facts in that text with the
record each was read from. A ``Ledger`` is all the facts of a conversation, newest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from assistant.events import Corrected, Evidence, EvidenceKind, Source, SourceType
from retriever.product import Money, Product, Variant

DESCRIPTION_CHARS = 600  # as much as a tool result shows, and so as much as may be quoted
# A sum of money, with what stands beside it in brackets: "(today only $2.00)".
AMOUNT = re.compile(
    r"[(\[（【][^()\[\]（）【】]*(?:[$¥￥€£]\s?\d|\d\s?(?:dollars?|usd|元|美元))[^()\[\]（）【】]*[)\]）】]"
    r"|(?:US\$|[$¥￥€£])\s?\d[\d,.]*|\d[\d,.]*\s?(?:dollars?|usd|元|美元)",
    re.IGNORECASE,
)
TITLE_CHARS = 90  # real titles run to 200 characters; the model needs only enough to tell goods apart


@dataclass(frozen=True)
class Fact:
    """One value read from a record.

    ``about`` names the thing (a title, an order id) in the record's words; ``part_of`` is a variant's product.
    """

    kind: EvidenceKind
    value: Any
    about: str
    type: SourceType
    id: str
    field: str
    part_of: str = ""

    def evidence(self, claim: str) -> Evidence:
        """This fact as the proof of ``claim``."""
        return Evidence(
            claim=claim, kind=self.kind, value=self.value, source=Source(type=self.type, id=self.id, field=self.field)
        )

    def data(self) -> dict[str, Any]:
        """A JSON object that ``Fact(**data)`` reads back."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Given:
    """A reason that was given for recommending a product, proved from the records by whoever recommended it.

    Attributes:
        product: the id of the product that it speaks for, and
        title: its title.
        because: the kind of reason, such as ``bought``.
        text: the reason in words.
        about: title of the product that it rests on; empty where it rests on none.
        known_as: the same as people say it.
        kind: of evidence ...
        value: ... what the record says ...
        type: ... and which record and field that is.
    """

    product: str
    title: str
    because: str
    text: str
    about: str
    known_as: str
    kind: EvidenceKind
    value: Any
    type: SourceType
    id: str
    field: str

    def evidence(self, claim: str) -> Evidence:
        """This reason as the proof of ``claim``."""
        return Evidence(
            claim=claim, kind=self.kind, value=self.value, source=Source(type=self.type, id=self.id, field=self.field)
        )

    def data(self) -> dict[str, Any]:
        """A JSON object that ``Given(**data)`` reads back."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Finding:
    """A tool's result: ``text`` for the model, ``facts`` for the check, ``products`` to show as cards."""

    text: str
    facts: tuple[Fact, ...] = ()
    products: tuple[Product, ...] = ()
    note: dict[str, Any] = field(default_factory=dict[str, Any])

    def artifact(self) -> dict[str, Any]:
        """What the conversation's checkpoint keeps beside the text."""
        return {
            "facts": [fact.data() for fact in self.facts],
            "products": [product.id for product in self.products],
            "note": self.note,
        }


def given_by(note: dict[str, Any]) -> tuple[Given, ...]:
    """The reasons that a tool's result gives for its products; none where it recommends nothing."""
    return tuple(Given(**cast("dict[str, Any]", data)) for data in note.get("reasons", []))


def recommended_as(finding: Finding) -> str:
    """The name of the recommendation that a tool's result shows; empty where it recommends nothing."""
    return str(finding.note.get("recommendation_id", ""))


def corrected(findings: Iterable[Finding]) -> tuple[Corrected, ...]:
    """The words that searches mended, each once."""
    mended = (each for finding in findings for each in finding.note.get("corrected", ()))
    return tuple(dict.fromkeys(Corrected(said=each["from"], meant=each["to"]) for each in mended))


@dataclass(frozen=True)
class Ledger:
    """The facts and the words that the replies of a conversation may use.

    Attributes:
        facts: what the records hold, newest first.
        texts: what the tools returned.
        said: the shopper's own messages.
        done: whether a call that changes something succeeded in this turn.
        found: the products and variants that this turn found.
        nearest: what had to be given up to find them ("Without the highest price"); empty where they fit.
        refused: why calls of this turn were not done.
        reasons: for which products were recommended, newest first.
        question: the quick question of the newest result; empty where it has none.
    """

    facts: tuple[Fact, ...]
    texts: tuple[str, ...]
    said: tuple[str, ...]
    done: bool = False
    found: frozenset[str] = frozenset()
    nearest: str = ""
    refused: tuple[str, ...] = ()
    reasons: tuple[Given, ...] = ()
    question: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of(
        cls,
        findings: Iterable[tuple[str, dict[str, Any]]],
        said: Sequence[str],
        done: bool = False,
        found: frozenset[str] = frozenset(),
        nearest: str = "",
        refused: Sequence[str] = (),
    ) -> Ledger:
        """From ``(text, artifact)`` of each tool result and the shopper's own messages."""
        texts: list[str] = []
        facts: list[Fact] = []
        reasons: list[Given] = []
        question: dict[str, Any] = {}
        for text, artifact in findings:
            question = question if texts else artifact.get("note", {}).get("question") or {}
            texts.append(text)
            reasons.extend(given_by(artifact.get("note", {})))
            facts.extend(Fact(**cast("dict[str, Any]", data)) for data in artifact.get("facts", []))
        return cls(
            tuple(facts), tuple(texts), tuple(said), done, found, nearest, tuple(refused), tuple(reasons), question
        )


def short_title(title: str) -> str:
    """A title cut at a word to what fits a sentence, without sums of money: a price is said from its own field only."""
    title = " ".join(AMOUNT.sub(" ", title).split()) or title
    if len(title) <= TITLE_CHARS:
        return title
    return title[:TITLE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;-–|") + "…"


def price_text(product: Product, language: str = "en") -> str:
    """A product's price as a shopper reads it; an unknown one is said to be unknown."""
    low, high = product.price_range.min, product.price_range.max
    if low is None or high is None:
        return "price unknown" if language == "en" else "价格未知"
    if low == high:
        return low.text(language)
    return (
        f"{low.text(language)} to {high.text(language)}"
        if language == "en"
        else f"{low.text(language)}至{high.text(language)}"
    )


def stock_text(available: bool, language: str = "en") -> str:
    """Availability in words."""
    if language == "zh":
        return "有货" if available else "缺货"
    return "in stock" if available else "out of stock"


def product_facts(product: Product) -> list[Fact]:
    """Every fact the product's record holds, its variants' prices and stock included."""

    def fact(kind: EvidenceKind, value: Any, name: str) -> Fact:
        return Fact(kind=kind, value=value, about=product.title, type="product", id=product.id, field=name)

    facts = [fact("availability", product.availability.available, "availability")]
    for name, money in (("price_range.min", product.price_range.min), ("price_range.max", product.price_range.max)):
        if money is not None:
            facts.append(fact("price", money.model_dump(), name))
    if product.rating is not None:
        facts.append(fact("rating", product.rating.model_dump(), "rating"))
    if product.brand:
        facts.append(fact("attribute", product.brand, "brand"))
    facts.extend(fact("attribute", value, f"attributes.{name}") for name, value in product.attributes.items())
    facts.extend(fact("attribute", category, "categories") for category in product.categories)
    if product.description:
        facts.append(fact("attribute", product.description[:DESCRIPTION_CHARS], "description"))
    for variant in product.variants:
        facts.extend(variant_facts(product, variant))
    return facts


def variant_facts(product: Product, variant: Variant) -> list[Fact]:
    """Price, stock and options of one variant."""
    about = f"{product.title} {' '.join(variant.options.values())}".strip()
    facts = [
        Fact("availability", variant.availability.available, about, "variant", variant.id, "availability", product.id)
    ]
    if variant.price is not None:
        facts.append(Fact("price", variant.price.model_dump(), about, "variant", variant.id, "price", product.id))
    facts.extend(
        Fact("attribute", value, about, "variant", variant.id, f"options.{name}", product.id)
        for name, value in variant.options.items()
    )
    return facts


def money_of(fact: Fact) -> Money | None:
    """The amount a price fact states; ``None`` for other facts."""
    return Money.model_validate(fact.value) if fact.kind == "price" else None
