"""What customers use up and buy again: which of the goods, and on which days.

A family that is used up says how long a piece ``lasts``. Somebody with a habit buys the same
product when the last one is nearly gone: a little early or late, now and then a whole piece late,
and some give it up. Nobody has a habit with what is sold out today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from retriever.demo.day import of_day
from retriever.demo.dice import Dice
from retriever.demo.generate import SEED, Made
from retriever.demo.relations import products
from retriever.demo.rules import ships_to
from retriever.demo.stock import for_sale
from retriever.demo.tastes import Taste, liking, tastes

SHARE = 0.3  # of the customers use something up and come back for it
MOST = 3  # things that one of them does so with
FIRST = (330, 60)  # days ago that the first piece was bought
PACE = (0.85, 1.2)  # how slowly a person uses things up
EARLY_OR_LATE = 0.12  # of the time that a piece lasts
SKIPS = 0.06  # share of the times that the next piece is bought elsewhere
GIVEN_UP, PIECES = 0.2, (3, 5)  # share of the habits that end, and after how many pieces


@dataclass(frozen=True)
class Refill:
    """One more piece of what a customer uses up."""

    taste: Taste
    made: Made
    at: datetime


@of_day
def refills(today: datetime) -> tuple[Refill, ...]:
    """Every piece bought out of habit, the first one included, in the order of time."""
    goods = [made for made in products(today) if made.family.lasts and for_sale(made)]
    people = [taste for taste in tastes().values() if taste.customer_id and taste.sessions]
    found = [refill for taste in people for refill in _of(taste, goods, today)]
    return tuple(sorted(found, key=lambda refill: (refill.at, refill.taste.visitor, refill.made.row.id)))


def _of(taste: Taste, goods: list[Made], today: datetime) -> Iterator[Refill]:
    dice = Dice(SEED, "habits", taste.customer_id)
    if dice.share() >= SHARE:
        return
    pace, families = dice.between(*PACE), set[str]()
    possible = [made for made in goods if all(ships_to(made.family, region) for region in taste.regions)]
    for _ in range(dice.whole(1, MOST)):
        others = [made for made in possible if made.family.id not in families]
        made = max(others, key=lambda made: (liking(taste, made) + dice.between(0, 1), made.row.id))
        families.add(made.family.id)
        yield from (Refill(taste, made, at) for at in _days(made, pace, dice, today))


def _days(made: Made, pace: float, dice: Dice, today: datetime) -> Iterator[datetime]:
    """When the pieces were bought: none before the product came, or later than an hour ago."""
    shortest, longest = made.family.lasts or (0, 0)
    lasts = pace * (shortest + (longest - shortest) * made.size)
    earliest, latest = FIRST
    ago = latest + (earliest - latest) * dice.share()
    pieces = dice.whole(*PIECES) if dice.share() < GIVEN_UP else None
    at = max(today - timedelta(days=ago), (made.row.published_at or today) + timedelta(days=1))
    number = 0
    while at < today - timedelta(hours=1) and (pieces is None or number < pieces):
        yield at
        number += 1
        wait = lasts * dice.between(1 - EARLY_OR_LATE, 1 + EARLY_OR_LATE) * (2 if dice.share() < SKIPS else 1)
        at += timedelta(days=wait, hours=dice.between(-4, 4))
