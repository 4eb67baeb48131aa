"""Judges one sentence, piece by piece: each by whoever keeps the records it speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.grounding.claims import NAMED, VALUE, Piece
from assistant.grounding.compare import Comparing
from assistant.grounding.finds import found
from assistant.grounding.goods import Hearing
from assistant.grounding.groups import Groups, distinct, once_less, states_nothing
from assistant.grounding.orders import ABOUT_CART, ABOUT_ORDER, TOTAL, cart_claims, deed, handoff_less, order_claims
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Thing
from assistant.grounding.rules import Ruling
from assistant.grounding.values import find_values
from assistant.grounding.words import canonical, is_free, is_negation, phrases, risky, stem, tokens
from retriever.text import fold

_PLURAL = re.compile(
    r"(?<![a-z])(?:they|them|these|those|both|all|each|here are|some)(?![a-z])|它们|这些|那些|两款"
    r"|两者|都|均|以下|每款|几款"
)
_BOTH = re.compile(r"(?<![a-z])both(?![a-z])|两款都|两者|两款均")
_PRONOUN = re.compile(r"(?<![a-z])(?:it|its|it's|this|that|this one|that one)(?![a-z])|它|这款|该款|此款|那款|这个")
_SOME = re.compile(r"(?<![a-z])(?:an?|one)(?![a-z])|一[款个件种条双把台只]")
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
NOT_FOUND = re.compile(
    r"(?<![a-z])(?:couldn't|could not|didn't|did not|don't|do not|can't|cannot"
    r"|can not) (?:\w+ )?(?:find|have|see|sell|carry|stock|offer)"
    r"|found (?:nothing|no)|no (?:results?|products?|matches|match)|nothing (?:matches|matched"
    r"|was found|found)|(?:have|has|there (?:is|are)) no(?:ne|thing)?(?![a-z])"
    r"|没有?(?:找到|搜到|查到)|未找到|找不到|暂无|没有符合|我们(?:店)?没有|没有"
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


class Hearings(Groups):
    """One sentence under judgement."""

    def hear(self) -> tuple[list[Claim], tuple[Thing, ...]]:
        """Every claim of the sentence, proved, and whom it spoke of."""
        if self._asks():
            return [], ()
        if not self.reading.mentions and NOT_FOUND.search(self.reading.text):
            if self._missed():
                return [], ()
            if self.checker.ledger.nearest:
                raise Unproved("it denies more than the search did")
        for piece in self.reading.pieces:
            self._piece(piece)
        found(self.reading.pieces, self.records, self.claims)
        return self.claims, self.waiting or self.things

    def _asks(self) -> bool:
        """Whether it is a question that asserts nothing: it names no thing, no value and no benefit."""
        if not self.reading.question or self.reading.mentions or self.reading.values:
            return False
        return not any(stem(token.text) in risky() for token in tokens(self.reading.text))

    def _missed(self) -> bool:
        """Whether it says that nothing was found, and the newest result says so of these words."""
        # Below the first line stands what comes nearest, which was found.
        newest = fold(self.checker.ledger.texts[0].partition("\n")[0]) if self.checker.ledger.texts else ""
        if not newest.startswith(("nothing found for", "the shop's policies say nothing", "there are no orders")):
            return False
        known = {canonical(token.text) for token in tokens(newest)}
        words = [t.text for t in tokens(self.reading.text) if not is_free(t.text) and not is_negation(t.text)]
        words = [
            word for word in words if not NOT_FOUND.search(word) and word not in ("符合", "符合条件", "条件", "sell")
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
        elif states_nothing(piece) and not (
            _BRAND.search(piece.text) and (self.waiting or len(piece.mentions) > 1 or not piece.comma)
        ):
            self._hold(piece)
        else:
            self._goods_or_rules(piece)

    def _of_cart(self, piece: Piece) -> bool:
        if ABOUT_CART.search(piece.text):
            return bool(piece.mentions) or not states_nothing(piece)
        total = TOTAL.search(piece.text) and not piece.mentions and self.records.lines_of("cart")
        return bool(total) and not states_nothing(piece)

    def _handed(self, piece: Piece) -> None:
        for token in tokens(handoff_less(piece.text)):
            if not is_free(token.text) and canonical(token.text) not in _PEOPLE:
                raise Unproved(f"no record says: {token.text}")

    # orders

    def _of_orders(self, piece: Piece) -> bool:
        if piece.things() or not self.records.orders or states_nothing(piece):
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

    def _each(self, piece: Piece, subjects: Sequence[Thing]) -> None:
        if not subjects:
            raise Unproved("it does not say which product it speaks of")
        if states_nothing(piece) and not piece.values:
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

    def _subjects(self, piece: Piece) -> tuple[Thing, ...]:
        named = piece.things()
        if piece.mentions and not named:
            raise Unproved("it does not say what it speaks of")
        if named or self.waiting:
            return distinct([*self.waiting, *named])
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

    def _brand(self, piece: Piece, match: re.Match[str]) -> Piece:
        """Prove a maker's name that reads like a product's: "it is made by Tidewater"."""
        sign = match[1] or match[2]
        makers = {
            fact.value
            for thing in self.reading.named(sign).things
            for fact in thing.all("attribute")
            if fact.field == "brand"
        }
        text = once_less(piece.text, match)
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
