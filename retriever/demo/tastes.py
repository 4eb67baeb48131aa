"""The hidden tastes of the shop's visitors: the ground truth behind the events, which no imported row shows.

A visitor has interests that sum to one, a purse (the grade of goods looked for), favourite
colours and a place in a space of styles which no attribute tells. A product is liked by the
interests its family appeals to, how far its grade is from the purse, colour, style and rating:

    liking = 3.2 interest + 1.4 (1 - |grade - purse|) + 0.5 colour + 0.5 style + 0.6 (rating - 4)

Interests are felt more in some months than in others, and now and then everybody wants one kind of thing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from retriever.demo.dice import Dice
from retriever.demo.family import Data, Family, families, read, shop
from retriever.demo.generate import SEED, Made
from retriever.demo.people import customers
from retriever.demo.stock import in_season

STYLES = 3  # dimensions of the hidden style
ANONYMOUS = 420  # visitors who never sign in
KEENNESS = (8, 100)  # sessions a year of a customer, the most of them few
PASSERS_BY = (1, 14)


@dataclass(frozen=True)
class Taste:
    """What one visitor likes. ``visitor`` is a customer's id, or a name of ours for one who never signs in."""

    visitor: str
    customer_id: str
    language: str
    regions: tuple[str, ...]  # where the visitor's parcels may go
    interests: dict[str, float]
    purse: float
    colors: frozenset[str]
    style: tuple[float, ...]
    sessions: int


class Trend(Data):
    """A kind of goods that is suddenly wanted, by everybody and for a while; most of all so many days ``ago``."""

    family: str
    ago: int
    days: int
    lift: float


class Crowd(Data):
    """What moves all visitors."""

    unmet: list[tuple[str, str]]
    newcomers: list[str]
    months: dict[str, list[float]]
    trends: list[Trend]


@cache
def crowd() -> Crowd:
    """The seasons and trends of ``tastes.toml``."""
    return Crowd.model_validate(read("tastes.toml"))


@cache
def tastes() -> dict[str, Taste]:
    """Everybody who visits the shop, by visitor."""
    known = [
        _taste(customer.id, customer.id, customer.locale, tuple(address.region for address in customer.addresses))
        for customer in customers()
    ]
    others = [_taste(f"anonymous-{number}", "", "zh" if number % 5 == 0 else "en", ()) for number in range(ANONYMOUS)]
    return {taste.visitor: taste for taste in (*known, *others)}


def liking(taste: Taste, made: Made) -> float:
    """How much a visitor likes a product; about -1 (not at all) to 5."""
    interest = sum(taste.interests.get(name, 0) * appeal for name, appeal in made.family.interests.items())
    purse = 1 - abs(made.grade - taste.purse)
    color = 0.5 if taste.colors & set(made.colors) else 0.0
    style = sum(one * other for one, other in zip(taste.style, _style(made.row.id), strict=True))
    rating = made.row.rating.value - 4 if made.row.rating else 0.0
    return 3.2 * interest + 1.4 * purse + color + 0.5 * style + 0.6 * rating


def wishes(taste: Taste, at: datetime, today: datetime) -> list[float]:
    """How likely the visitor is to come for each of ``wanted_families()`` at that time, as weights."""
    felt = _felt(taste.visitor, at.month)
    swayed = _swayed(at.date(), today.date())
    return [1e-6 + own * general for own, general in zip(felt, swayed, strict=True)]


@cache
def _felt(visitor: str, month: int) -> list[float]:
    """What each family is to a visitor in a month."""
    months = crowd().months
    interests = {
        name: weight * (months[name][month - 1] if name in months else 1)
        for name, weight in tastes()[visitor].interests.items()
    }
    return [sum(interests[name] * appeal for name, appeal in family.interests.items()) for family in wanted_families()]


@cache
def _swayed(day: date, today: date) -> list[float]:
    """By how much everybody wants each family more, or not at all out of its season."""
    return [trend(family.id, day, today) * in_season(family, day) for family in wanted_families()]


def trend(family: str, day: date, today: date) -> float:
    """By how much more a family is wanted that day than usual: a bell around each trend's peak."""
    factor = 1.0
    for each in crowd().trends:
        if each.family == family:
            apart = (today - day).days - each.ago
            factor += (each.lift - 1) * math.exp(-((apart / (each.days / 2)) ** 2))
    return factor


def _taste(visitor: str, customer_id: str, language: str, regions: tuple[str, ...]) -> Taste:
    dice = Dice(SEED, "taste", visitor)
    names = sorted(shop().interests)
    weights = {name: 1 / rank for rank, name in enumerate(dice.shuffled(names)[: dice.whole(2, 4)], start=1)}
    weights = {name: weights.get(name, 0) + 0.03 for name in names}  # anybody may want anything now and then
    total = sum(weights.values())
    low, high = KEENNESS if customer_id else PASSERS_BY
    return Taste(
        visitor=visitor,
        customer_id=customer_id,
        language=language,
        regions=regions,
        interests={name: weight / total for name, weight in weights.items()},
        purse=dice.share(),
        colors=frozenset(dice.some(sorted(shop().colors), 5)),
        style=tuple(dice.between(-1, 1) for _ in range(STYLES)),
        sessions=0 if visitor in crowd().newcomers else low + int((high - low) * dice.share() ** 2),
    )


@cache
def _style(product_id: str) -> tuple[float, ...]:
    dice = Dice(SEED, "style", product_id.removesuffix("-relisted"))
    return tuple(dice.between(-1, 1) for _ in range(STYLES))


@cache
def wanted_families() -> tuple[Family, ...]:
    """The families that visitors come for; the oddities are stumbled upon."""
    return tuple(family for family in families() if not family.oddity)
