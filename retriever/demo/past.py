"""A year of visits: what people searched, saw, clicked, put into their carts and bought.

A session begins with an interest and a kind of goods (``tastes.wishes``). The visitor searches,
opens a category or looks at what is popular, and sees a list of ten:

- popularity bias: the list is ordered by ``0.5 log(1 + clicks so far) + relevance + noise``, so
  that what was clicked is shown again, and what is new or rare has a hard time;
- position bias: the place ``r`` (from 1) is looked at with the probability ``r ** -0.7``;
- what is looked at is clicked by how much it is liked (``tastes.liking``), and what is clicked
  is put into the cart and bought by the same, on a steeper scale.

The list and the places stand in the events, so that a learner can correct for both.

Between the sessions customers come back for what they use up (``habits.refills``) and take the same form of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from retriever.demo.day import of_day
from retriever.demo.dice import Dice
from retriever.demo.generate import SEED, Made
from retriever.demo.habits import Refill, refills
from retriever.demo.relations import products
from retriever.demo.rules import ships_to
from retriever.demo.stock import in_season
from retriever.demo.tastes import Taste, crowd, liking, tastes, wanted_families, wishes
from retriever.demo.wording import query
from retriever.feeds.rows import EventRow

DAYS = 365
LISTED = 10
POSITION_BIAS = 0.7
LAST_DAYS, LAST_SHARE = 24, 0.12  # the shop is busier in its last days
SEARCH, BROWSE = 0.62, 0.2  # the rest looks at what is popular
STRAYS = 3  # of a list: goods of other kinds
CLICK_AT, CART_AT, BUY = 2.75, 3.1, 0.62  # liking at which half of what is looked at is clicked, carted; and bought
BOUGHT_BEFORE, BOUGHT_LIKE = 2.0, 0.7  # how much less is liked what one has, and what is like it

Kind = Literal["view", "search", "click", "add_to_cart", "purchase", "rate"]


@dataclass(frozen=True)
class Sold:
    """One line of a checkout: a buyable form with its known price."""

    made: Made
    variant_id: str
    options: Mapping[str, str]
    price: Decimal
    quantity: int


@dataclass(frozen=True)
class Checkout:
    """A cart that was paid."""

    order_id: str
    customer_id: str
    at: datetime
    lines: tuple[Sold, ...]


@dataclass
class Past:
    """What happened, in the order of time."""

    events: list[EventRow] = field(default_factory=list[EventRow])
    checkouts: list[Checkout] = field(default_factory=list[Checkout])


@dataclass
class _Visit:
    """One session while it goes on."""

    taste: Taste
    session_id: str
    dice: Dice
    at: datetime
    today: datetime
    clicks: Counter[str]  # of everybody, so far
    bought: Counter[str]  # of this visitor: ids of products and of families
    happened: list[EventRow]
    cart: list[Sold] = field(default_factory=list[Sold])

    def note(self, kind: Kind, product_id: str = "", **value: Any) -> None:
        """Write an event down; some seconds pass."""
        self.at += timedelta(seconds=self.dice.whole(4, 90))
        self.happened.append(
            EventRow(
                type="event",
                id=f"{self.session_id}-{len(self.happened)}",
                kind=kind,
                at=self.at,
                customer_id=self.taste.customer_id,
                session_id=self.session_id,
                product_id=product_id,
                value=value,
            )
        )

    def likes(self, made: Made) -> float:
        """How much the visitor likes a product now."""
        had = BOUGHT_BEFORE * self.bought[made.row.id] + BOUGHT_LIKE * min(self.bought[made.family.id], 2)
        return liking(self.taste, made) - had


@dataclass(frozen=True)
class _Coming:
    """Somebody comes: to look around, or for one more piece of the same."""

    at: datetime
    taste: Taste
    session_id: str
    dice: Dice
    refill: Refill | None = None


@of_day
def past(today: datetime) -> Past:
    """The year before a moment; the same goods have the same past."""
    shelves = _Shelves(products(today))
    result = Past()
    clicks: Counter[str] = Counter()
    bought: dict[str, Counter[str]] = {visitor: Counter() for visitor in tastes()}
    for coming in sorted([*_sessions(today), *_refilling(today)], key=lambda coming: (coming.at, coming.session_id)):
        visitor = coming.taste.visitor
        visit = _Visit(
            coming.taste, coming.session_id, coming.dice, coming.at, today, clicks, bought[visitor], happened=[]
        )
        if coming.refill:
            _take(visit, coming.refill.made)
        else:
            _session(visit, shelves)
        if visit.cart and (coming.refill or (coming.taste.customer_id and coming.dice.share() < BUY)):
            result.checkouts.append(_pay(visit, len(result.checkouts)))
        result.events += visit.happened
    return result


class _Shelves:
    """The goods as a visitor finds them."""

    def __init__(self, goods: Sequence[Made]) -> None:
        self._goods = {made.row.id: made for made in goods}
        self._families: dict[str, list[Made]] = {}
        for made in goods:
            self._families.setdefault(made.family.id, []).append(made)
        self._oddities = [made for made in goods if made.family.oddity]

    def family(self, family_id: str, at: datetime) -> list[Made]:
        """The goods of a family that the shop already had."""
        return [made for made in self._families[family_id] if _there(made, at)]

    def strays(self, made_for: str, dice: Dice, at: datetime) -> list[Made]:
        """Goods which a list shows beside what was meant: companions, and now and then an oddity."""
        family = self._families[made_for][0].family
        near = [made for other in family.goes_with for made in self._families.get(other, [])]
        found = dice.some(near, min(STRAYS, len(near))) + dice.some(self._oddities, min(1, len(self._oddities)))
        return [made for made in found if _there(made, at)]

    def popular(self, clicks: Counter[str], at: datetime) -> list[Made]:
        """What was clicked most."""
        return [made for id, _ in clicks.most_common(4 * LISTED) if _there(made := self._goods[id], at)]

    def companions(self, made: Made) -> list[Made]:
        """What goes with a product."""
        return [self._goods[id] for id in made.row.related.get("goes_with", [])]


def _refilling(today: datetime) -> Iterator[_Coming]:
    """The visits for one more piece of the same; a person's dice for it fall alike each time, and so does the form."""
    for number, refill in enumerate(refills(today), start=1):
        dice = Dice(SEED, "refill", refill.taste.visitor, refill.made.row.id)
        yield _Coming(refill.at, refill.taste, f"fs-refill-{number}", dice, refill)


def _sessions(today: datetime) -> list[_Coming]:
    """When who comes to look around: more in the evening, and more from month to month."""
    starts: list[tuple[datetime, str]] = []
    first = datetime.combine(today.date(), time(), today.tzinfo) - timedelta(days=DAYS)
    for taste in tastes().values():
        dice = Dice(SEED, "visits", taste.visitor)
        for _ in range(taste.sessions):
            day = int((DAYS + 1) * dice.share() ** 0.8)
            if taste.customer_id and dice.share() < LAST_SHARE:
                day = DAYS - int(LAST_DAYS * dice.share() ** 2)
            start = first + timedelta(days=day, hours=24 * max(dice.share(), dice.share()))
            starts.append((start if start < today - timedelta(hours=1) else start - timedelta(days=1), taste.visitor))
    return [
        _Coming(start, tastes()[visitor], f"fs-session-{number}", Dice(SEED, "session", number))
        for number, (start, visitor) in enumerate(sorted(starts), start=1)
    ]


def _session(visit: _Visit, shelves: _Shelves) -> None:
    """One to three lists, and what comes of them."""
    for _ in range(1 + (visit.dice.share() < 0.45) + (visit.dice.share() < 0.2)):
        family = visit.dice.weighted(wanted_families(), wishes(visit.taste, visit.at, visit.today))
        if not in_season(family, visit.at.date()):
            continue
        way = visit.dice.share()
        if way < 0.03:
            unmet = visit.dice.one(crowd().unmet)
            visit.note("search", query=unmet[visit.taste.language == "zh"], results=[])
            continue
        meant = shelves.family(family.id, visit.at)
        popular = shelves.popular(visit.clicks, visit.at) if way >= SEARCH + BROWSE else []
        if len(popular) >= LISTED:
            _look(visit, shelves, visit.dice.some(popular, LISTED), {"list": "popular"})
            continue
        shown = _ranked(visit, meant, shelves.strays(family.id, visit.dice, visit.at))
        if way < SEARCH:
            words = query(family, visit.taste, meant, visit.dice)
            visit.note("search", query=words, results=[made.row.id for made in shown])
            _look(visit, shelves, shown, {"query": words})
        else:
            _look(visit, shelves, shown, {"category": family.categories[-1]})


def _ranked(visit: _Visit, meant: list[Made], strays: list[Made]) -> list[Made]:
    """The ten that a list shows: relevance, what was clicked before, and noise."""
    scored = [
        (0.5 * math.log1p(visit.clicks[made.row.id]) + relevance + visit.dice.between(0, 1.5), made)
        for relevance, part in ((2.0, meant), (0.0, strays))
        for made in part
    ]
    return [made for _, made in sorted(scored, key=lambda pair: (-pair[0], pair[1].row.id))[:LISTED]]


def _look(visit: _Visit, shelves: _Shelves, shown: list[Made], source: dict[str, str]) -> None:
    for position, made in enumerate(shown, start=1):
        looked_at = visit.dice.share() < position**-POSITION_BIAS
        if looked_at and visit.dice.share() < _chance(visit.likes(made), CLICK_AT):
            visit.clicks[made.row.id] += 1
            visit.note("click", made.row.id, position=position, **source)
            _open(visit, made)
            if visit.cart and visit.cart[-1].made is made and visit.dice.share() < 0.35:
                for companion in visit.dice.some(shelves.companions(made), min(1, len(shelves.companions(made)))):
                    if _there(companion, visit.at):
                        visit.note("click", companion.row.id, position=1, list="goes_with")
                        _open(visit, companion)


def _open(visit: _Visit, made: Made) -> None:
    visit.note("view", made.row.id)
    if not all(ships_to(made.family, region) for region in visit.taste.regions):
        return
    sold = next(iter(_forms(visit, made)), None)
    carted = {line.variant_id for line in visit.cart}
    if sold is not None and sold.variant_id not in carted and visit.dice.share() < _chance(visit.likes(made), CART_AT):
        visit.cart.append(sold)
        visit.note("add_to_cart", made.row.id, variant_id=sold.variant_id, quantity=sold.quantity)


def _take(visit: _Visit, made: Made) -> None:
    """Go straight to what one has had before, and into the cart with it."""
    visit.note("view", made.row.id)
    visit.cart += list(_forms(visit, made))[:1]
    for sold in visit.cart:
        visit.note("add_to_cart", made.row.id, variant_id=sold.variant_id, quantity=sold.quantity)


def _forms(visit: _Visit, made: Made) -> Iterator[Sold]:
    """The form the visitor would take: a favourite colour if there is one, else any. None without a known price."""
    quantity = 2 if visit.dice.share() < 0.1 else 1
    row = made.row
    if not row.variants and row.price is not None:
        yield Sold(made, row.id, {}, row.price, quantity)
    priced = [variant for variant in row.variants if variant.price is not None]
    favourite = [v for v in priced if v.options.get("color", "").lower() in visit.taste.colors]
    if priced:
        variant = visit.dice.one(favourite or priced)
        yield Sold(made, variant.id, variant.options, variant.price or Decimal(0), quantity)


def _pay(visit: _Visit, number: int) -> Checkout:
    order_id = f"FS-{10_401 + number}"
    for sold in visit.cart:
        visit.bought.update([sold.made.row.id, sold.made.family.id])
        visit.note("purchase", sold.made.row.id, variant_id=sold.variant_id, quantity=sold.quantity, order_id=order_id)
    return Checkout(order_id, visit.taste.customer_id, visit.at, tuple(visit.cart))


def _chance(liked: float, half: float) -> float:
    return 1 / (1 + math.exp(-1.6 * (liked - half)))


def _there(made: Made, at: datetime) -> bool:
    return made.row.published_at is not None and made.row.published_at < at
