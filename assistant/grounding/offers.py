"""Whether the record of one product bears out what is said of its price, stock and rating."""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.evidence import Fact, money_of
from assistant.grounding.claims import NAMED, VALUE, Piece, Reading
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Clause, Thing
from assistant.grounding.values import Value, find_values
from assistant.grounding.words import is_free, lexicon, negated, phrases, spoken, tokens

_UNPRICED = re.compile(
    r"(?:price|cost)s?(?: \w+)?\s+(?:is |are )?(?:unknown|not (?:known|listed|stated|given|available))"
    r"|价格(?:未知|不详|暂无|未定)|没有价格|unknown price|no (?:known )?price"
)
_UNRATED = re.compile(
    r"(?:no|not any|without) (?:reviews?|ratings?)(?: yet)?|not (?:yet )?(?:been )?(?:rated"
    r"|reviewed)(?: yet)?|没有(?:评价|评分|评论)|暂无(?:评价|评分|评论)|尚无(?:评价|评分|评论)"
)


class Offer:
    """What a piece of a sentence says of one product's price, stock and rating, held against its record."""

    def __init__(self, thing: Thing, piece: Piece, reading: Reading, stocked: bool | None = None) -> None:
        self.thing = thing
        self.piece = piece
        self.reading = reading
        self.rest = re.sub(NAMED, " ", piece.text)
        self.claims: list[Claim] = []
        self.sized: list[Value] = []  # measures that name an option: "the 1.7 l version"
        self.variants = self._variants()
        self.stocked = stocked  # what the piece before said of stock, if this one goes on with options alone

    # what is not known

    def _unknowns(self) -> None:
        if match := _UNPRICED.search(self.rest):
            if self.thing.all("price"):
                raise Unproved(f"the price of {self.thing.title} is on record")
            self._consume(match)
            self.claims.append(Claim("price", match[0]))
        if match := _UNRATED.search(self.rest):
            if self.thing.rating() is not None:
                raise Unproved(f"{self.thing.title} has a rating on record")
            self._consume(match)
            self.claims.append(Claim("rating", match[0]))

    # stock

    def _stock(self) -> None:
        stocked = self.stocked
        for name, said in (("gone_en", False), ("gone_zh", False), ("available_en", True), ("available_zh", True)):
            if match := re.search(rf"(?<![a-z])(?:{lexicon()['stock'][name]})(?![a-z])", self.rest):
                if negated(self.rest[: match.start()]):
                    raise Unproved(f"'{match[0]}' is denied in a way that no record settles")
                self._consume(match)
                stocked = said
        if stocked is None or (self.stocked is not None and not self.variants):
            return
        facts = [fact for facts in self.variants for fact in facts if fact.kind == "availability"]
        facts = facts or self.thing.all("availability")
        if not facts:
            raise Unproved(f"no record holds the stock of {self.thing.title}")
        proof = next((fact for fact in facts if bool(fact.value)), None)
        if (proof is not None) != stocked:
            raise Unproved(f"the record of {self.thing.title} says it is {'out of' if stocked else 'in'} stock")
        self.claims.append(Claim("availability", self.piece.text, proof or facts[0]))

    # options

    def _variants(self) -> list[list[Fact]]:
        """The variants that the piece speaks of: those with the options it names; none where it names no option."""
        options = {
            id: " ".join(str(f.value).casefold() for f in facts if f.field.startswith("options."))
            for id, facts in self.thing.variants.items()
        }
        held = set(" ".join(options.values()).split())
        text = self.rest
        whole = {
            str(f.value).casefold()
            for facts in self.thing.variants.values()
            for f in facts
            if f.field.startswith("options.")
        }
        named = [value for value in sorted(whole, key=len, reverse=True) if spoken(value, text)]
        if not named:
            words = [t.text for t in tokens(text) if t.text in held and not is_free(t.text)]
            named = words
        kept = [id for id, words in options.items() if all(spoken(name, words) for name in named)]
        for value in self.piece.values:
            fits = [id for id in options if any(_same(value, held) for held in find_values(options[id]))]
            if value.kind == "measure" and fits:
                self.sized.append(value)
                kept = [id for id in kept if id in fits]
        return [self.thing.variants[id] for id in kept] if named or self.sized else []

    # values

    def _values(self, denied: bool) -> list[Value]:
        """Prove money, ratings and review counts; returns the measures and counts, which the words decide about."""
        left: list[Value] = []
        for sign in re.findall(VALUE, self.rest):
            value = self.reading.value(sign)
            judge = {"money": self._price, "rating": self._rating, "reviews": self._reviews}.get(value.kind)
            if judge is None:
                left += [] if value in self.sized and self.variants else [value]
                continue
            if denied:
                raise Unproved("a value that is denied proves nothing")
            judge(value)
        self.rest = re.sub(VALUE, " ", self.rest)
        return left

    def _price(self, value: Value) -> None:
        said = self.reading.text
        if self.variants:
            facts = [fact for facts in self.variants for fact in facts if fact.kind == "price"]
            low = min(facts, key=lambda f: f.value["amount"], default=None)
            high = max(facts, key=lambda f: f.value["amount"], default=None)
        else:
            low, high = self.thing.prices()
        least, most = (money_of(fact) if fact else None for fact in (low, high))
        if least is None or most is None or low is None or high is None:
            raise Unproved(f"no record gives a price of {self.thing.title}")
        if value.unit and least.currency not in value.unit.split():
            raise Unproved(f"the prices are in {least.currency}")
        if re.search(r"(?<![a-z])(?:up to|最高)", said) and value.bound == "most" and value.low == most.major:
            self.claims.append(Claim("price", self.piece.text, high))
        elif value.admits(least.major, most.major):
            self.claims += [Claim("price", self.piece.text, fact) for fact in _pair(low, high)]
        else:
            shown = least.text() if least == most else f"{least.text()} to {most.text()}"
            raise Unproved(f"{plain(value)} is not the price of {self.thing.title}, which is {shown}")

    def _rating(self, value: Value) -> None:
        fact = self.thing.rating()
        if fact is None:
            raise Unproved(f"no record rates {self.thing.title}")
        held = Decimal(str(fact.value["value"]))
        places = (
            Decimal(1).scaleb(int(value.low.as_tuple().exponent)) if value.low.as_tuple().exponent else Decimal("0.1")
        )
        if not (value.admits(held) or (value.bound == "exact" and value.low == held.quantize(places))):
            raise Unproved(f"{self.thing.title} is rated {held}, not {plain(value)}")
        self.claims.append(Claim("rating", self.piece.text, fact))

    def _reviews(self, value: Value) -> None:
        fact = self.thing.rating()
        if fact is None or not value.admits(Decimal(fact.value["count"])):
            raise Unproved(f"{plain(value)} is not the number of ratings of {self.thing.title}")
        self.claims.append(Claim("rating", self.piece.text, fact))

    # opinions

    def _opinions(self, denied: bool) -> None:
        pattern, least = phrases("opinions")
        while match := pattern.search(self.rest):
            fact = self.thing.rating()
            if denied or fact is None or fact.value["value"] < float(least[match[0]]):
                raise Unproved(f"'{match[0]}' is an opinion, and no rating of {self.thing.title} bears it out")
            self._consume(match)
            self.claims.append(Claim("rating", self.piece.text, fact))

    def _cite(self, clause: Clause) -> None:
        self.claims.append(Claim("attribute", self.piece.text, clause.fact))

    def _consume(self, match: re.Match[str]) -> None:
        self.rest = self.rest[: match.start()] + " " * len(match[0]) + self.rest[match.end() :]


def _same(value: Value, held: Value) -> bool:
    return (value.kind, value.unit, value.low, value.high) == (held.kind, held.unit, held.low, held.high)


def _pair(low: Fact, high: Fact) -> list[Fact]:
    return [low] if low is high or low.value == high.value else [low, high]


def plain(value: Value) -> str:
    """A value as a reason names it."""
    low, high = (f"{number.normalize():f}" for number in (value.low, value.high))
    return low if low == high else f"{low} to {high}"
