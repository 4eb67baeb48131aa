"""What a query says, read in a stated order; each step tells what it did.

1. prices ("under 20 dollars")   2. spelling   3. what is not wanted ("without mugs")
4. the other language ("无线耳机" over English goods)   5. other words for the same   6. names
of the shop, sizes, and whom it is for. What the steps read is checked on the products; only prices become conditions,
as all else may be meant otherwise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from retriever.filters import Filters
from retriever.product import Product
from retriever.spelling import Correction, Mended
from retriever.text import holds_han
from retriever.understanding.agreement import FIELDS, Agreement, Agreements, Question
from retriever.understanding.asserting import ExclusionFeatures, exclusion_features
from retriever.understanding.audience import Audience, read_audience
from retriever.understanding.bridging import Bridged, Pair
from retriever.understanding.exclusions import Exclusion
from retriever.understanding.measures import Measure, read_measures
from retriever.understanding.names import Slot
from retriever.understanding.negation import read_negations
from retriever.understanding.prices import Priced, priced
from retriever.understanding.synonyms import LEARNED, Expansion

MAX_LENGTH = 1_000
ANYONE = Audience()
MENTIONED = 0.3  # how much a mention in passing says that a product has the thing


class Spelling(Protocol):
    """Mends misspelt words."""

    def mend(self, text: str) -> Mended:
        """The text with its misspelt words mended."""
        ...


class Names(Protocol):
    """Knows what the shop's brands, categories, colours and other values are called."""

    def recognise(self, text: str) -> tuple[Slot, ...]:
        """What the text names, in its order."""
        ...


class Bridging(Protocol):
    """Puts a query into the language of the goods."""

    def bridge(self, text: str, languages_of_shop: Collection[str]) -> Bridged:
        """The text in a language the shop has, and which parts of it were put into other words."""
        ...


class OtherWords(Protocol):
    """Knows what else the shop's goods are called."""

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """Other wordings of the phrases of a text."""
        ...


class Languages(Protocol):
    """Knows in which languages the goods are described."""

    def languages(self) -> Collection[str]:
        """Codes such as ``en`` and ``zh``."""
        ...


@dataclass(frozen=True)
class Reading:
    """What was read of one query.

    Attributes:
        query: as it was typed.
        text: what is searched: without price words, spelt right, in the shop's language.
        priced: the prices that it names.
        exclusions: what is not wanted.
        corrections: misspelt words that were mended.
        bridged: parts that were put into the other language.
        synonyms: other words that are searched as well.
        slots: brands, categories, colours and other values of the shop that it names.
        measures: sizes, amounts and numbers.
        audience: whom it is for.
    """

    query: str
    text: str
    priced: Priced
    exclusions: tuple[Exclusion, ...] = ()
    corrections: tuple[Correction, ...] = ()
    bridged: tuple[Pair, ...] = ()
    synonyms: tuple[Expansion, ...] = ()
    slots: tuple[Slot, ...] = ()
    measures: tuple[Measure, ...] = ()
    audience: Audience = ANYONE

    @cached_property
    def named(self) -> Question:
        """What it asks of each product, beside the words."""
        return Question(self.slots, self.measures, self.audience)

    @property
    def price_min(self) -> Decimal | None:
        """In major units of the shop's currency."""
        return self.priced.price_min

    @property
    def price_max(self) -> Decimal | None:
        """In major units of the shop's currency."""
        return self.priced.price_max

    @property
    def conditions(self) -> list[str]:
        """The filters that the query itself set."""
        return self.priced.conditions

    def merged(self, filters: Filters) -> Filters:
        """The given filters with the query's prices where they leave room."""
        return self.priced.merged(filters)

    def steps(self) -> list[dict[str, Any]]:
        """What each step did, in their order, as JSON."""
        done: list[tuple[str, str, str]] = [
            ("price", name, str(getattr(self.priced, name))) for name in self.conditions
        ]
        done += [("exclusion", one.said, one.thing) for one in self.exclusions if one.sure]
        done += [("spelling", one.said, one.meant) for one in self.corrections]
        done += [("language", one.said, one.meant) for one in self.bridged]
        done += [("synonym", one.said, one.also) for one in self.synonyms if one.why != "exclusion"]
        done += [(slot.kind, slot.said, slot.value) for slot in self.slots]
        done += [("measure", one.said, one.dimension) for one in self.measures]
        done += [("audience", said, group) for said, group in _audience(self.audience)]
        return [{"step": step, "said": said, "meant": meant} for step, said, meant in done]


class QueryReader:
    """Reads queries. A part that is not given does nothing. Safe to share between threads.

    Args:
        currency: the shop's.
        spelling: mends misspelt words.
        names: the shop's names.
        bridging: between languages.
        languages: of the goods.
        synonyms: other words for those of a query.
    """

    def __init__(
        self,
        currency: str,
        spelling: Spelling | None = None,
        names: Names | None = None,
        bridging: Bridging | None = None,
        languages: Languages | None = None,
        synonyms: OtherWords | None = None,
    ) -> None:
        self._currency = currency
        self._spelling = spelling
        self._names = names
        self._bridging = bridging
        self._languages = languages
        self._synonyms = synonyms
        self._agreements = Agreements()

    def read(self, query: str) -> Reading:
        """Everything that is read of a query."""
        price = priced(query, self._currency)
        if not price.text:
            return Reading(query, "", price)
        mended = self._spelling.mend(price.text) if self._spelling else Mended(price.text)
        negated = read_negations(mended.text)
        # Only words find Chinese goods, and 红色 in 不要红色 would find what is red. English is searched as it stands:
        # meaning and order make good for it (docs/experiments.md).
        searched = negated.text if holds_han(mended.text) else mended.text
        bridged = self._bridged(searched)
        # What is not wanted names nothing that is: "not Nike", "without red".
        wanted = self._bridged(negated.text).text if negated.sure else bridged.text
        exclusions = tuple(replace(one, thing=self._bridged(one.thing).text) for one in negated.exclusions)
        return Reading(
            query,
            bridged.text,
            price,
            exclusions,
            mended.corrections,
            bridged.pairs,
            self._other_words(wanted, exclusions),
            self._names.recognise(wanted) if self._names else (),
            tuple(read_measures(wanted)),
            read_audience(wanted),
        )

    def as_typed(self, reading: Reading) -> Reading:
        """The same reading with the words spelt as they were typed."""
        text = self._bridged(reading.priced.text).text
        return replace(reading, text=text, corrections=(), synonyms=self._other_words(text, reading.exclusions))

    def agreement(self, reading: Reading, product: Product) -> Agreement:
        """How well a product agrees with what the query names."""
        return self._agreements.of(reading.named, product)

    def signals(self, reading: Reading, product: Product) -> dict[str, float]:
        """The same in numbers, with what the query excludes: 1 agrees, -1 conflicts, 0 says nothing."""
        agreed = self.agreement(reading, product)
        values = {name: float(getattr(agreed, name)) for name in FIELDS}
        values["exclusion"] = _spared(exclusion_features(reading.exclusions, product))
        return values

    def _other_words(self, wanted: str, exclusions: Sequence[Exclusion]) -> tuple[Expansion, ...]:
        """What else goods may say of what is wanted, and that they do without what is not."""
        spared = [
            Expansion(one.said, form, LEARNED, "exclusion")
            for one in exclusions
            if one.sure and not one.kept
            for form in one.single_words
        ]
        return (*(self._synonyms.expand(wanted) if self._synonyms else ()), *spared)

    def _bridged(self, text: str) -> Bridged:
        if self._bridging is None or self._languages is None:
            return Bridged(text)
        return self._bridging.bridge(text, self._languages.languages())


def _spared(found: ExclusionFeatures) -> float:
    if found.has:
        return -1.0
    if found.says_without:
        return 1.0
    return -MENTIONED if found.mentions else 0.0


def _audience(audience: Audience) -> Sequence[tuple[str, str]]:
    return list(zip(audience.said, audience.groups, strict=False))
