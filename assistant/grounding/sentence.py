"""Judges one sentence, piece by piece: each by whoever keeps the records it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from assistant.evidence import Ledger
from assistant.grounding.claims import NAMED, VALUE, Piece, Reading
from assistant.grounding.compare import Comparing
from assistant.grounding.goods import Hearing
from assistant.grounding.orders import ABOUT_CART, ABOUT_ORDER, TOTAL, cart_claims, deed, order_claims
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Records, Thing
from assistant.grounding.rules import Ruling
from assistant.grounding.values import find_values
from assistant.grounding.words import canonical, is_free, is_negation, lexicon, negated, phrases, risky, stem, tokens
from retriever.text import fold

_PLURAL = re.compile(
    r"(?<![a-z])(?:they|them|these|those|both|all|each|here are|some)(?![a-z])|它们|这些|那些|两款"
    r"|两者|都|均|以下|每款|几款"
)
_BOTH = re.compile(r"(?<![a-z])both(?![a-z])|两款都|两者|两款均")
_PRONOUN = re.compile(r"(?<![a-z])(?:it|its|it's|this|that|this one|that one)(?![a-z])|它|这款|该款|此款|那款|这个")
_SOME = re.compile(r"(?<![a-z])(?:an?|one)(?![a-z])|一[款个件种条双把台只]")
_COUNTING = re.compile(
    rf"(?:found|have|has|got|there are|there're|here are|showing|see|of|matched|list|找到了?|有|共|显示"
    rf"|推荐|以下|这|搜到了?|其中)\s*(?:the|these|you|us|for you|为您|一共)?\s*({VALUE})"
    rf"|^\s*({VALUE})\s*(?:of (?:them|these|the)|(?=有|是))|({VALUE})\s*(?:results?|products?|items?"
    rf"|options|models|matches)(?![a-z])"
)
_ONLY = re.compile(
    r"(?<![a-z])(?:the )?only (?:one|option|product|model|choice)?(?: of (?:these|them"
    r"|the \w+))?(?: that(?: is|'s)?)?|(?<![a-z])the only|唯一一?[款个件]?的?|(?:只有|仅有"
    r"|唯有)(?=\s*[\ue000-\ue3ff])|(?<![a-z])only (?=(?:the )?\s*[\ue000-\ue3ff])"
)
_MERE = re.compile(rf"(?<![a-z])(?:only|just|merely) (?={VALUE})|(?:只|仅)(?=\s*{VALUE})")
_ECHO = re.compile(
    r"you (?:asked|said|wanted|mentioned|are looking|were looking|need|want|searched)|you're looking"
    r"|your (?:search|request|budget|wish|question|limit)"
    r"|您(?:要|想|说|提到|搜索|需要|想找|要找|想要)的?|您的(?:预算|要求|搜索|需求)"
)
_NOT_FOUND = re.compile(
    r"(?<![a-z])(?:couldn't|could not|didn't|did not|don't|do not|can't|cannot"
    r"|can not) (?:\w+ )?(?:find|have|see|sell|carry|stock|offer)"
    r"|found (?:nothing|no)|no (?:results?|products?|matches|match)|nothing (?:matches|matched"
    r"|was found|found)|(?:have|has|there (?:is|are)) no(?:ne|thing)?(?![a-z])"
    r"|没有?(?:找到|搜到|查到)|未找到|找不到|暂无|没有符合|我们(?:店)?没有|没有"
)
_MORE = re.compile(
    r"(?<![a-z])(?:more|further) (?:details?|information|about)(?![a-z])|更多(?:信息|详情|细节)?|最后" r"|最近|最好"
)
_IF = re.compile(r"(?:if|in case|whenever) you(?![a-z])|如果|要是|若")
_ORDER_HOLDS = re.compile(
    r"(?<![a-z])(?:your|the|this) (?:orders?|parcel|package)(?![a-z])|订单(?:里|中|包含|含|有)|您订"
)
_PEOPLE = frozenset(
    canonical(word)
    for word in [
        "person",
        "human",
        "people",
        "colleague",
        "team",
        "agent",
        "staff",
        "member",
        "take",
        "over",
        "request",
        "人工",
        "客服",
        "同事",
        "请求",
    ]
)
_BRAND = re.compile(
    rf"(?:(?:made|sold|built) by|by|brand(?: is|:)?|品牌(?:是|为)?|出自|来自)\s*({NAMED})|(?:是|为"
    rf"|属于)?\s*({NAMED})\s*(?:品牌|牌子|出品)的?"
)
_ALL = re.compile(
    rf"(?<![a-z])(?:all|these|those|the)\s+({VALUE})(?:\s+of them)?|({VALUE})\s*[款个件种顶]?(?=都|均" rf"|全)"
)


class Speaker(Protocol):
    """What a sentence must know of the reply it stands in."""

    records: Records
    ledger: Ledger
    last: tuple[Thing, ...]

    def said(self, word: str) -> bool:
        """Whether the shopper used the word."""
        ...


class Hearings:
    """One sentence under judgement."""

    def __init__(self, checker: Speaker, reading: Reading) -> None:
        self.checker = checker
        self.records = checker.records
        self.reading = reading
        self.claims: list[Claim] = []
        self.things: tuple[Thing, ...] = ()  # the subject so far
        self.waiting: tuple[Thing, ...] = ()  # named, and nothing said of them yet
        self.stocked: bool | None = None

    def hear(self) -> tuple[list[Claim], tuple[Thing, ...]]:
        """Every claim of the sentence, proved, and whom it spoke of."""
        if self._asks():
            return [], ()
        if not self.reading.mentions and _NOT_FOUND.search(self.reading.text) and self._missed():
            return [], ()
        for piece in self.reading.pieces:
            self._piece(piece)
        return self.claims, self.waiting or self.things

    def _asks(self) -> bool:
        """Whether it is a question that asserts nothing: it names no thing, no value and no benefit."""
        if not self.reading.question or self.reading.mentions or self.reading.values:
            return False
        return not any(stem(token.text) in risky() for token in tokens(self.reading.text))

    def _missed(self) -> bool:
        """Whether it says that nothing was found, and the newest result says so of these words."""
        newest = fold(self.checker.ledger.texts[0]) if self.checker.ledger.texts else ""
        if not newest.startswith(("nothing found for", "the shop's policies say nothing", "there are no orders")):
            return False
        known = {canonical(token.text) for token in tokens(newest)}
        words = [t.text for t in tokens(self.reading.text) if not is_free(t.text) and not is_negation(t.text)]
        words = [
            word for word in words if not _NOT_FOUND.search(word) and word not in ("符合", "符合条件", "条件", "sell")
        ]
        given = [value for text in (newest, *map(fold, self.checker.ledger.said)) for value in find_values(text)]
        values = all(any(held.low == value.low for held in given) for value in self.reading.values)
        texts = (newest, *map(fold, self.checker.ledger.said))
        return values and all(
            canonical(w) in known or self.checker.said(w) or any(w in t for t in texts) for w in words
        )

    def _piece(self, piece: Piece) -> None:
        if _IF.match(piece.text) and not piece.mentions and not piece.values:
            return  # a condition states nothing; what follows from it is a piece of its own
        kind = "" if self.reading.question else deed(piece.text, self.checker.ledger)
        piece = self._echoed(piece)
        things = piece.things()
        orders = [thing for thing in things if thing.type == "order"]
        if kind == "handoff":
            self._handed(piece)
        elif orders or self._of_orders(piece) or self._in_order(piece):
            self._orders(piece, orders)
        elif not self.reading.question and (kind or self._of_cart(piece)):
            self.claims += cart_claims(piece, self.records)
            self.things = things or self.things
        elif _states_nothing(piece) and not (
            _BRAND.search(piece.text) and (self.waiting or len(piece.mentions) > 1 or not piece.comma)
        ):
            self._hold(piece)
        else:
            self._goods_or_rules(piece)

    def _of_cart(self, piece: Piece) -> bool:
        if ABOUT_CART.search(piece.text):
            return bool(piece.mentions) or not _states_nothing(piece)
        total = TOTAL.search(piece.text) and not piece.mentions and self.records.lines_of("cart")
        return bool(total) and not _states_nothing(piece)

    def _handed(self, piece: Piece) -> None:
        for token in tokens(piece.text):
            if (
                not is_free(token.text)
                and canonical(token.text) not in _PEOPLE
                and not deed(token.text, self.checker.ledger)
            ):
                raise Unproved(f"no record says: {token.text}")

    # orders

    def _of_orders(self, piece: Piece) -> bool:
        if piece.things() or not self.records.orders or _states_nothing(piece):
            return False
        if TOTAL.search(piece.text) and not self.records.lines_of("cart"):
            return True
        spoken = self.things or self.checker.last
        if spoken and all(thing.type == "order" for thing in spoken):
            return True
        return ABOUT_ORDER.search(piece.text) is not None or (
            not self.records.shown and phrases("orders")[0].search(piece.text) is not None
        )

    def _in_order(self, piece: Piece) -> bool:
        """Whether it says what an order holds."""
        if not piece.things() or not _ORDER_HOLDS.search(piece.text):
            return False
        if not self.records.orders:
            raise Unproved("no order is on record here")
        return True

    def _orders(self, piece: Piece, named: Sequence[Thing]) -> None:
        spoken = [thing for thing in self.things or self.checker.last if thing.type == "order"]
        orders = list(named) or spoken or list(self.records.orders.values())
        try:
            self.claims += order_claims(piece, orders, self.records.lines_of("order"))
        except Unproved:
            if named or not self.records.rules:
                raise
            self.claims += Ruling(piece, self.reading, self.records.rules).hear()
        self.things = tuple(orders)

    # goods and rules

    def _hold(self, piece: Piece) -> None:
        """Remember what a piece names that says nothing of it yet."""
        if len(piece.mentions) > 1 and not piece.comma and len(piece.things()) > 1:
            raise Unproved("it names two things and says of neither what the other is to it")
        named = piece.things()
        if len(piece.mentions) == 1 and not named:
            raise Unproved("it does not say what it speaks of")
        pronoun = _PRONOUN.search(piece.text) and not re.search(
            rf"(?:this|that|这款|该款|此款|那款)\s*{NAMED}", piece.text
        )
        if named and pronoun and self.checker.last and set(map(id, named)) != set(map(id, self.checker.last)):
            raise Unproved("it calls one thing by the name of another")
        self._this_turn(named)
        if named:
            self.waiting = (
                *self.waiting,
                *(thing for thing in named if all(thing is not held for held in self.waiting)),
            )

    def _this_turn(self, things: Sequence[Thing]) -> None:
        goods = [thing for thing in things if thing.type != "order"]
        found = self.checker.ledger.found
        if goods and found and not any(found & {thing.id, *thing.variants} for thing in goods):
            raise Unproved("it speaks of other goods than this turn found")

    def _goods_or_rules(self, piece: Piece) -> None:
        ruled = (
            self.records.rules
            and not piece.mentions
            and not (self.checker.ledger.found and _PRONOUN.search(piece.text))
        )
        reason: Unproved | None = None
        if ruled:
            try:
                self.claims += Ruling(piece, self.reading, self.records.rules).hear()
            except Unproved as why:
                reason = why
            else:
                return
        if reason is not None and not self.records.shown:
            raise reason
        self._goods(piece)

    def _goods(self, piece: Piece) -> None:
        piece = replace(piece, text=_MERE.sub(" ", piece.text))
        if brand := _BRAND.search(piece.text):
            piece = self._brand(piece, brand)
        piece = self._all_of(piece)
        counted = self._count(piece)
        if counted is not None:
            self.things, self.waiting = counted, ()
            return
        subjects = self._subjects(piece)
        self._this_turn(subjects)
        only = _ONLY.search(piece.text)
        if only:
            self.claims += self._alone(replace(piece, text=_ONLY.sub(" ", piece.text)), subjects)
        else:
            piece, subjects, claims = Comparing(piece, self.reading, subjects, self.records.shown).hear()
            self.claims += claims
            if len(piece.mentions) > 1 and not claims and len(piece.things()) > 1:
                raise Unproved("it names two things in one breath")
            self._each(piece, subjects)
        self.things, self.waiting = subjects, ()

    def _all_of(self, piece: Piece) -> Piece:
        """The piece without "all three", which must be as many as are spoken of."""
        match = _ALL.search(piece.text)
        sign = match and (match[1] or match[2])
        if not sign or self.reading.value(sign).kind != "count" or piece.mentions:
            return piece
        group = self.checker.last if len(self.checker.last) > 1 else self.records.shown
        value = self.reading.value(sign)
        if value.low != len(group):
            raise Unproved(f"there are {len(group)}, not {value.low.normalize():f}")
        return replace(
            piece, text=piece.text.replace(sign, " these "), values=[held for held in piece.values if held is not value]
        )

    def _each(self, piece: Piece, subjects: Sequence[Thing]) -> None:
        if not subjects:
            raise Unproved("it does not say which product it speaks of")
        if _states_nothing(piece) and not piece.values:
            return
        proved: list[Claim] = []
        for thing in subjects:
            self._absolute(piece, thing)
            proved += Hearing(thing, piece, self.reading, self._goes_on(piece)).hear()
        stock = [claim for claim in proved if claim.kind == "availability" and claim.fact]
        self.stocked = bool(stock[0].fact.value) if stock and stock[0].fact else None
        self.claims += proved

    def _goes_on(self, piece: Piece) -> bool | None:
        """What was said of stock, where the piece only adds an option to it: "in stock in black and blue"."""
        return self.stocked if not piece.mentions and not piece.values and len(tokens(piece.text)) <= 3 else None

    def _absolute(self, piece: Piece, thing: Thing) -> None:
        words = lexicon()["unprovable"]
        for match in re.finditer(f"{words['en']}|{words['zh']}", _MORE.sub(" ", _opinionless(piece.text))):
            if is_free(match[0]):  # "suggest" ends like a superlative and is none
                continue
            if not any(clause.holds(match[0]) or match[0] in clause.text.split() for clause in thing.clauses):
                raise Unproved(f"'{match[0]}' compares or makes absolute what the records do not state")

    def _subjects(self, piece: Piece) -> tuple[Thing, ...]:
        named = piece.things()
        if piece.mentions and not named:
            raise Unproved("it does not say what it speaks of")
        if named or self.waiting:
            return _distinct([*self.waiting, *named])
        if self.things:
            return self.things
        return self._unnamed(piece)

    def _unnamed(self, piece: Piece) -> tuple[Thing, ...]:
        last, shown = self.checker.last, tuple(self.records.shown)
        if _PLURAL.search(piece.text):
            group = last if len(last) > 1 else shown
            if _BOTH.search(piece.text) and len(group) != 2:
                raise Unproved("it says both, and there are not two")
            return group
        if last and all(thing.type != "order" for thing in last) and not _SOME.search(piece.text):
            return last
        if len(shown) > 1 and _SOME.search(piece.text) and not _PRONOUN.search(piece.text):
            return self._some(piece, shown)
        return shown

    def _some(self, piece: Piece, shown: Sequence[Thing]) -> tuple[Thing, ...]:
        """The first of the shown of which "a merino beanie" is true."""
        reason = Unproved("no record of what was shown says so")
        for thing in shown:
            try:
                Hearing(thing, piece, self.reading).hear()
            except Unproved as why:
                reason = why
            else:
                return (thing,)
        raise reason

    def _count(self, piece: Piece) -> tuple[Thing, ...] | None:
        """The shown ones of which "I found three" is true, as many as it says; ``None`` if the piece counts none."""
        match = _COUNTING.search(piece.text)
        if match is None or piece.mentions:
            return None
        sign = next(group for group in match.groups() if group)
        value = self.reading.value(sign)
        if value.kind != "count" or self.things or self.waiting:
            return None
        bare = Piece(piece.text.replace(sign, " "), [], [held for held in piece.values if held is not value])
        fits, claims = self._fitting(bare)
        if value.bound != "exact" or value.low != len(fits) or not fits:
            raise Unproved(f"{value.low.normalize():f} is not how many there are: {len(fits)} of those shown fit")
        self.claims += claims
        return tuple(fits)

    def _fitting(self, piece: Piece) -> tuple[list[Thing], list[Claim]]:
        if _states_nothing(piece) and not piece.values:
            return list(self.records.shown), []
        fits: list[Thing] = []
        claims: list[Claim] = []
        for thing in self.records.shown:
            try:
                self._absolute(piece, thing)
                claims += Hearing(thing, piece, self.reading).hear()
            except Unproved:
                continue
            fits.append(thing)
        return fits, claims

    def _alone(self, piece: Piece, subjects: Sequence[Thing]) -> list[Claim]:
        """What proves "the only one in stock": it is true of it, and by their records not of the others."""
        if len(subjects) != 1 or len(self.records.shown) < 2:
            raise Unproved("'only' needs one product and others beside it")
        claims = Hearing(subjects[0], piece, self.reading).hear()
        kinds = {claim.kind for claim in claims}
        if not kinds or not kinds <= {"price", "availability", "rating"}:
            raise Unproved("'only' cannot be proved of what not all records state")
        for rival in self.records.shown:
            if rival is subjects[0]:
                continue
            if any(not rival.all(kind) for kind in kinds):
                raise Unproved(f"'only' needs a record of {rival.title}")
            try:
                Hearing(rival, piece, self.reading).hear()
            except Unproved:
                continue
            raise Unproved(f"'only' is not so: it is true of {rival.title} too")
        return claims

    def _brand(self, piece: Piece, match: re.Match[str]) -> Piece:
        """Prove a maker's name that reads like a product's: "it is made by Tidewater"."""
        sign = match[1] or match[2]
        makers = {
            fact.value
            for thing in self.reading.named(sign).things
            for fact in thing.all("attribute")
            if fact.field == "brand"
        }
        text = _once_less(piece.text, match)
        bare = Piece(text, [self.reading.named(sign) for sign in re.findall(NAMED, text)], piece.values)
        said = self.reading.named(sign).text
        for thing in self._subjects(bare):
            fact = next((fact for fact in thing.all("attribute") if fact.field == "brand"), None)
            if fact is None or fact.value not in makers or fold(str(fact.value)) not in said:
                raise Unproved(f"no record says that {thing.title} is by {said}")
            self.claims.append(Claim("attribute", piece.text, fact))
        self.things = self._subjects(bare)
        return bare

    def _echoed(self, piece: Piece) -> Piece:
        """The piece without the shopper's own words, where it only repeats what they asked for."""
        if piece.mentions or not _ECHO.search(piece.text):
            return piece
        text = _ECHO.sub(" ", piece.text)
        for token in tokens(text):
            if self.checker.said(token.text):
                text = text.replace(token.text, " ", 1)
        given = [value for said in self.checker.ledger.said for value in find_values(fold(said))]
        kept = [
            value
            for value in piece.values
            if not any(value.kind == held.kind and value.low == held.low for held in given)
        ]
        for sign in re.findall(VALUE, text):
            if self.reading.value(sign) not in kept:
                text = text.replace(sign, " ")
        return replace(piece, text=text, values=kept)


def _distinct(things: Sequence[Thing]) -> tuple[Thing, ...]:
    return tuple({thing.id: thing for thing in things}.values())


def _once_less(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _opinionless(text: str) -> str:
    return phrases("opinions")[0].sub(" ", text)


def _states_nothing(piece: Piece) -> bool:
    """Whether all of its words are free, and no value is given."""
    text = re.sub(NAMED, " ", piece.text)
    if piece.values or negated(text):
        return False
    held = "|".join(lexicon()["stock"].values())
    if re.search(rf"(?<![a-z])(?:{held})(?![a-z])", text) or any(
        phrases(t)[0].search(text) for t in ("superlatives", "comparatives", "opinions")
    ):
        return False
    words = lexicon()["unprovable"]
    if re.search(f"{words['en']}|{words['zh']}", _MORE.sub(" ", text)):
        return False
    return all(is_free(token.text) for token in tokens(text))
