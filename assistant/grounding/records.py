"""The ledger's facts by the thing they are about, and its texts cut into clauses that a claim can be held against."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assistant.evidence import Fact, Ledger, money_of
from assistant.grounding.values import Value, find_values
from assistant.grounding.words import canonical, is_free, is_negation, lexicon, negated, tokens, unpossessed
from retriever.text import fold, holds_han

_CLAUSE = re.compile(
    r"(?<!\d)[,，](?!\d{3})|[;；:：。！？!?()（）]|\.(?:\s|$)|(?<![a-z])(?:but|while|which)(?![a-z])" r"|但是?|而(?!且)"
)
_STOP = re.compile(r"\.(?:\s|$)|[。！？!?]")
_VERB = re.compile(
    r"(?<![a-z])(?:is|are|was|were|be|has|have|had|do|does|can|cannot|may|must|will|take|takes|cost"
    r"|costs|comes?|covers?|ships?|gets?|pays?|leaves?|holds?|opens?|keeps?"
    r"|makes?|lasts?|fits?|stands?|weighs?)(?![a-z])|[是有可能会需为收请含退换发寄用带做]|提供|支持"
    r"|承担|适合|出库|保修|配送|运输"
)
_AND = re.compile(r"(?<![a-z])and(?![a-z])|并且|和")
_FREE_FIELDS = ("description", "body", "text")


@dataclass(frozen=True)
class Clause:
    """A piece of a record that states one thing."""

    text: str
    fact: Fact
    name: str = ""  # the attribute's name; empty in prose

    @cached_property
    def values(self) -> list[Value]:
        """The values in it."""
        return find_values(self.text)

    @cached_property
    def negated(self) -> bool:
        """Whether it denies."""
        return negated(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of all words, the attribute's name included."""
        return frozenset(canonical(token.text) for token in tokens(f"{self.name} {self.text}"))

    @cached_property
    def content(self) -> frozenset[str]:
        """Stems of the words that state something."""
        held = [token.text for token in tokens(self.text)]
        return frozenset(canonical(word) for word in held if not is_free(word) and not is_negation(word))

    def holds(self, word: str) -> bool:
        """Whether the clause has the word; a Chinese word also inside a longer one."""
        if canonical(word) in self.words:
            return True
        return holds_han(word) and (word in self.name or (len(word) > 1 and word in self.text))

    @property
    def prose(self) -> bool:
        """Whether it was cut from running text."""
        return self.fact.field in _FREE_FIELDS


def clauses_of(fact: Fact) -> list[Clause]:
    """A fact's text in clauses; an "and" between two values parts them too."""
    name = fold(fact.field.rpartition(".")[2].replace("_", " ")) if "." in fact.field else ""
    text = fold(str(fact.value))
    if fact.field not in _FREE_FIELDS:
        return [Clause(text, fact, name or fold(fact.field))]
    parts: list[str] = []
    for sentence in _STOP.split(text):
        for part in _joined([piece.strip() for piece in _CLAUSE.split(sentence) if piece.strip()]):
            parts += _halves(part, fact.field == "description")
    return [Clause(part.strip(), fact) for part in parts]


def _joined(pieces: list[str]) -> list[str]:
    """Pieces without a verb or a value belong to their neighbour: a list's items share what is said of the last."""
    joined: list[str] = []
    waiting = ""
    for piece in pieces:
        # A Chinese list has a sign of its own; its comma parts whole clauses.
        bare = not (holds_han(piece) or _VERB.search(piece) or find_values(piece))
        if bare and joined and not waiting and negated(joined[-1]):
            joined[-1] += ", " + piece
        elif bare:
            waiting += piece + ", "
        else:
            joined.append(waiting + piece)
            waiting = ""
    if waiting and (not joined or negated(waiting) != negated(joined[-1])):
        return [*joined, waiting.rstrip(", ")]
    return [*joined[:-1], f"{joined[-1]}, {waiting}"] if waiting else joined


def _halves(part: str, one_product: bool) -> list[str]:
    """Both sides of an "and", where each states a thing of its own."""
    halves = _AND.split(part, maxsplit=1)
    if len(halves) < 2:
        return [part]
    valued = [bool(find_values(half)) for half in halves]
    turned = negated(halves[1]) and not negated(halves[0]) and _VERB.search(halves[0]) is not None
    return halves if all(valued) or (one_product and any(valued)) or turned else [part]


@dataclass
class Thing:
    """What a sentence can speak of: a product, an order, a line of a cart or an order."""

    id: str
    title: str
    type: str
    facts: list[Fact] = field(default_factory=list[Fact])
    variants: dict[str, list[Fact]] = field(default_factory=dict[str, list[Fact]])

    @cached_property
    def clauses(self) -> list[Clause]:
        """All that its record states in words, one clause a fact or a piece of prose."""
        # A variant's options are the product's: "comes in black".
        facts = [*self.facts, *(fact for held in self.variants.values() for fact in held)]
        title = Fact("attribute", self.title, self.title, "product", self.id, "title")
        seen: dict[tuple[str, str], Clause] = {}
        for fact in (title, *facts):
            if fact.kind == "attribute" and fact.type != "cart" and isinstance(fact.value, str | int | float):
                for clause in clauses_of(fact):
                    seen.setdefault((clause.name, clause.text), clause)
        return list(seen.values())

    @cached_property
    def key(self) -> str:
        """Its title, folded."""
        return unpossessed(fold(self.title))

    @cached_property
    def words(self) -> list[str]:
        """The words of its title."""
        return [token.text for token in tokens(self.key)]

    @cached_property
    def names(self) -> frozenset[str]:
        """The words of its title that are its own: the first, and the one after the brand."""
        brand = next((tokens(fold(str(fact.value))) for fact in self.facts if fact.field == "brand"), [])
        if self.type == "line":
            return frozenset(self.words[:2])
        after = self.words[len(brand) : len(brand) + 1] if brand and self.words[:1] == [brand[0].text] else []
        return frozenset(word for word in [*self.words[:1], *after] if not word.isdigit())

    def all(self, kind: str) -> list[Fact]:
        """The facts of a kind about the thing itself."""
        return [fact for fact in self.facts if fact.kind == kind]

    def prices(self) -> tuple[Fact | None, Fact | None]:
        """The facts of its lowest and highest price."""
        held = {fact.field: fact for fact in reversed(self.all("price")) if fact.type == "product"}  # the newest stays
        low = held.get("price_range.min") or held.get("price")
        return low, held.get("price_range.max") or low

    def rating(self) -> Fact | None:
        """The fact of its mean rating."""
        return next((fact for fact in self.all("rating") if isinstance(fact.value, dict)), None)

    def measure(self, dimension: str) -> tuple[Any, Fact] | None:
        """What a comparison compares, and the fact it was read from."""
        if dimension == "price":
            low, _ = self.prices()
            money = money_of(low) if low else None
            return (money.major, low) if money and low else None
        if dimension in ("rating", "reviews"):
            rating = self.rating()
            return (rating.value["value" if dimension == "rating" else "count"], rating) if rating else None
        names = lexicon()["measures"].get(dimension, [dimension])
        held = [clause for clause in self.clauses if clause.name in names and len(clause.values) == 1]
        facts = {(clause.values[0].low, clause.values[0].unit): clause.fact for clause in held}
        return next(((low, fact) for (low, _), fact in facts.items()), None) if len(facts) == 1 else None


class Records:
    """A ledger's facts, ready to be asked."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.goods: dict[str, Thing] = {}
        self.orders: dict[str, Thing] = {}
        self.rules: list[Clause] = []
        self.lines: list[Fact] = []  # of the cart and of orders
        for fact in ledger.facts:
            self._sort(fact)
        self._join_lines()
        found = [thing for thing in self.goods.values() if ledger.found & {thing.id, *thing.variants}]
        self.shown = found or [thing for thing in self.goods.values() if thing.type == "product"]
        self.names = Counter(word for thing in self.goods.values() for word in set(thing.words))

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The words of the attributes' names."""
        return frozenset(t.text for thing in self.shown for c in thing.clauses if c.name for t in tokens(c.name))

    def _sort(self, fact: Fact) -> None:
        if fact.type in ("product", "review"):
            thing = self.goods.setdefault(
                fact.part_of or fact.id, Thing(fact.part_of or fact.id, fact.about, "product")
            )
            if fact not in thing.facts:
                thing.facts.append(fact)
        elif fact.type == "variant":
            owner = self._owner(fact)
            if owner is not None and fact not in owner.variants.setdefault(fact.id, []):
                owner.variants[fact.id].append(fact)
        elif fact.type == "order" and "lines." not in fact.field:
            thing = self.orders.setdefault(fact.id, Thing(fact.id, fact.about, "order"))
            if not any(held.field == fact.field and held.value == fact.value for held in thing.facts):
                thing.facts.append(fact)
        elif fact.type in ("policy", "promotion"):
            self.rules += clauses_of(fact) if fact.field in _FREE_FIELDS else [Clause(fold(str(fact.value)), fact)]
        else:
            self.lines.append(fact)

    def _owner(self, fact: Fact) -> Thing | None:
        if fact.part_of in self.goods:
            return self.goods[fact.part_of]
        fits = [thing for thing in self.goods.values() if fact.about.startswith(thing.title)]
        return max(fits, key=lambda thing: len(thing.title), default=None)

    def lines_of(self, type: str) -> list[Fact]:
        """The facts of the lines and the total of carts or of orders."""
        return [fact for fact in self.lines if fact.type == type]

    def _join_lines(self) -> None:
        """Goods that only a cart or an order names can be spoken of too."""
        titles = {thing.title for thing in self.goods.values()}
        for fact in self.lines:
            if ".quantity" not in fact.field and not fact.field.endswith("price"):
                continue
            if fact.about not in titles:
                titles.add(fact.about)
                self.goods[fact.about] = Thing(fact.about, fact.about, "line")
