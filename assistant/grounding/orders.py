"""Whether the records of orders, of the cart and of this turn's deeds bear out a piece of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.evidence import Fact, Ledger, money_of
from assistant.grounding.claims import NAMED, VALUE, Piece
from assistant.grounding.proof import Claim, Unproved
from assistant.grounding.records import Records, Thing
from assistant.grounding.values import Value, find_values
from assistant.grounding.words import canonical, is_free, is_negation, lexicon, negated, phrases, tokens

ABOUT_ORDER = re.compile(
    r"(?<![a-z])(?:orders?|parcel|package|shipment|tracking|placed)(?![a-z])|订单|包裹|快递单号|物流" r"|下单"
)
ABOUT_CART = re.compile(r"(?<![a-z])(?:cart|basket|subtotal)(?![a-z])|购物车|购物袋")
TOTAL = re.compile(
    r"(?<![a-z])(?:totals?|sum|altogether|in all|comes to|amounts to|came to)(?![a-z])|合计|总计|总额"
    r"|总价|总共|一共|共计|金额"
)
_ONE = re.compile(r"(?<![a-z])(?:one|a single)(?![a-z])|一[个件顶款只双条把台]")
_EMPTY = re.compile(r"(?<![a-z])(?:is|looks) (?:now |currently )?empty|(?:是|为)?空的?|没有商品")
_ORDER_WORDS = frozenset(
    [
        "parcel",
        "package",
        "shipment",
        "tracking",
        "number",
        "placed",
        "total",
        "sum",
        "amount",
        "date",
        "包裹",
        "快递",
        "快递单号",
        "单号",
        "物流",
        "总额",
        "合计",
        "下单",
        "金额",
        "总计",
        "日期",
        "时间",
        "下",
        "编号",
        "状态",
        "显示",
        "于",
        "的",
    ]
)


def order_claims(piece: Piece, orders: Sequence[Thing], lines: Sequence[Fact]) -> list[Claim]:
    """The proof of what a piece says of each of the orders.

    Raises:
        Unproved: if a record says otherwise or nothing.
    """
    if not orders:
        raise Unproved("no order is on record here")
    return [claim for order in orders for claim in _order(piece, order, lines)]


def _order(piece: Piece, order: Thing, lines: Sequence[Fact]) -> list[Claim]:
    rest = re.sub(NAMED, " ", piece.text)
    claims: list[Claim] = []
    if goods := [thing for thing in piece.things() if thing.type != "order"]:
        return _order_lines(piece, goods, order, lines)
    pattern, meaning = phrases("orders")
    facts = {fact.field: fact for fact in reversed(order.facts)}
    while match := pattern.search(rest):
        status = facts.get("status")
        if status is None or negated(rest) or str(status.value).replace("_", " ") != meaning[match[0]]:
            held = f" (it is {status.value})" if status else ""
            raise Unproved(f"no record says that {order.title} is {match[0]}{held}")
        claims.append(Claim("order", piece.text, status))
        rest = rest[: match.start()] + " " + rest[match.end() :]
    for value in piece.values:
        claims.append(_order_value(value, order))
    rest = re.sub(VALUE, " ", rest)
    for fact in order.facts:
        if fact.field == "fulfillments" and str(fact.value).casefold() in rest:
            claims.append(Claim("order", piece.text, fact))
            rest = rest.replace(str(fact.value).casefold(), " ")
    _nothing_left(rest, f"no record of {order.title} says")
    return claims


def _order_lines(piece: Piece, goods: Sequence[Thing], order: Thing, lines: Sequence[Fact]) -> list[Claim]:
    """The proof that an order holds goods, at the price the piece gives."""
    claims: list[Claim] = []
    for thing in goods:
        held = [fact for fact in lines if fact.about == thing.title and fact.id == order.id]
        prices = [
            fact
            for fact in held
            if (money := money_of(fact)) and all(v.kind == "money" and v.admits(money.major) for v in piece.values)
        ]
        if not prices:
            raise Unproved(f"no record of {order.title} holds that of {thing.title}")
        claims.append(Claim("price", piece.text, prices[0]))
    _nothing_left(re.sub(f"{NAMED}|{VALUE}", " ", piece.text), f"no record of {order.title} says")
    return claims


def _order_value(value: Value, order: Thing) -> Claim:
    for fact in order.facts:
        if value.kind == "date" and fact.field.endswith("_at"):
            held = find_values(str(fact.value))
            if held and held[0].low == value.low and value.unit in ("", held[0].unit):
                return Claim("order", str(fact.value), fact)
        money = money_of(fact)
        if value.kind == "money" and money is not None and value.admits(money.major) and value.bound == "exact":
            return Claim("price", money.text(), fact)
        if value.kind == "count" and fact.field == "fulfillments" and str(fact.value) == f"{value.low:f}":
            return Claim("order", str(fact.value), fact)
    raise Unproved(f"no record of {order.title} holds {value.low.normalize():f}")


def cart_claims(piece: Piece, records: Records) -> list[Claim]:
    """The proof of what a piece says of the cart.

    Raises:
        Unproved: if the cart's record says otherwise or nothing.
    """
    rest = re.sub(NAMED, " ", piece.text)
    cart = records.lines_of("cart")
    lines = _lines(piece, cart)
    if _EMPTY.search(rest):
        if not any("cart is empty" in text or "购物车是空的" in text for text in records.ledger.texts[:1]):
            raise Unproved("no record says that the cart is empty")
        return []
    if negated(re.sub(VALUE, " ", rest)):
        raise Unproved("it denies, which the cart's record does not")
    total = TOTAL.search(rest)
    if _ONE.search(rest) and any(f.value != 1 for line in lines for f in line[:1] if f.field.endswith("quantity")):
        raise Unproved("the cart holds more than one of it")
    claims = [_cart_value(value, lines, cart, total is not None) for value in piece.values]
    claims += [Claim("attribute", piece.text, line[0]) for line in lines if not piece.values]
    if total and not claims:
        raise Unproved("no record holds that total")
    kinds = {canonical(word) for thing in piece.things() for word in thing.words}
    rest = TOTAL.sub(" ", re.sub(VALUE, " ", _deedless(rest)))
    rest = " ".join(token.text for token in tokens(rest) if canonical(token.text) not in kinds)
    _nothing_left(rest, "the cart's record does not say")
    return claims


def _lines(piece: Piece, cart: Sequence[Fact]) -> list[list[Fact]]:
    """The cart's facts about each thing that the piece names."""
    lines: list[list[Fact]] = []
    for thing in piece.things():
        held = [fact for fact in cart if fact.about == thing.title]
        if not held:
            raise Unproved(f"{thing.title} is not in the cart")
        newest = held[0].id
        lines.append([fact for fact in held if fact.id == newest])
    return lines


def _cart_value(value: Value, lines: Sequence[Sequence[Fact]], cart: Sequence[Fact], total: bool) -> Claim:
    pool = [fact for line in lines for fact in line]
    if total or not pool:
        pool = [fact for fact in cart if fact.field == "total"][:1] if value.kind == "money" else []
    seen: set[str] = set()
    for fact in pool:
        if fact.field in seen:  # an older state of the cart
            continue
        seen.add(fact.field)
        money = money_of(fact)
        if value.kind == "money" and money is not None and value.admits(money.major):
            return Claim("price", money.text(), fact)
        if value.kind == "count" and fact.field.endswith("quantity") and value.admits(Decimal(int(fact.value))):
            return Claim("attribute", str(fact.value), fact)
    raise Unproved(f"the cart's record does not hold {value.low.normalize():f}")


def deed(text: str, ledger: Ledger) -> str:
    """Which kind of deed a piece claims: ``cart``, ``handoff`` or none.

    Raises:
        Unproved: if nothing in this turn did it.
    """
    words = lexicon()["deeds"]
    for kind in ("never", "cart", "handoff"):
        match = re.search(f"{words[f'{kind}_en']}|{words[f'{kind}_zh']}", text)
        if match is None:
            continue
        done = ledger.done and kind != "never" and _kind_done(ledger) == kind
        if not done:
            raise Unproved(f"'{match[0]}' claims a deed, and none was done in this turn")
        return kind
    return ""


def _kind_done(ledger: Ledger) -> str:
    newest = ledger.texts[0] if ledger.texts else ""
    return "handoff" if newest.startswith("The request for a person") else "cart"


def _deedless(text: str) -> str:
    words = lexicon()["deeds"]
    return re.sub(f"{words['cart_en']}|{words['cart_zh']}", " ", text)


def handoff_less(text: str) -> str:
    """The text without its claim that a person was asked to take over."""
    words = lexicon()["deeds"]
    return re.sub(f"{words['handoff_en']}|{words['handoff_zh']}", " ", text)


def _nothing_left(rest: str, why: str) -> None:
    """Refuse words that no record accounts for."""
    rest = ABOUT_CART.sub(" ", ABOUT_ORDER.sub(" ", rest))  # before it is cut into words: 快递单号 is one here
    left = [t.text for t in tokens(rest) if not is_free(t.text) and t.text not in _ORDER_WORDS]
    if left or any(is_negation(t.text) for t in tokens(rest)):
        raise Unproved(f"{why}: {', '.join(left) or rest.strip()}")
