"""What goes with, fits and replaces what; and goods that stand in the shop twice."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache

from retriever.demo.day import TODAY
from retriever.demo.dice import Dice
from retriever.demo.family import Fit, families
from retriever.demo.generate import SEED, Made, product, slug
from retriever.demo.stock import for_sale, share_of, stocked
from retriever.product import Rating, Relation

RELISTED = 0.015  # share of the products that somebody entered a second time, in other words
COMPANIONS = 3  # products of each family that something goes with


def products(today: datetime = TODAY, seed: str = SEED) -> tuple[Made, ...]:
    """Every product of the store, the same for the same moment and seed."""
    return _products(today, seed)


@cache
def _products(today: datetime, seed: str) -> tuple[Made, ...]:
    made = [product(family, name, seed, today) for family in families() for name in (*family.names, *family.twins)]
    goods = stocked(made, seed, today)
    relisted = share_of([item for item in goods if not item.family.oddity], RELISTED, "relisted", seed)
    goods += [_relisted(item, seed) for item in goods if item.row.id in relisted]
    groups: dict[str, list[Made]] = {}
    for item in goods:
        groups.setdefault(item.family.id, []).append(item)
    return tuple(item.shaped(related=_related(item, groups)) for item in goods)


def by_id(today: datetime = TODAY) -> dict[str, Made]:
    """The store's products by id."""
    return {item.row.id: item for item in products(today)}


def _related(item: Made, groups: dict[str, list[Made]]) -> dict[Relation, list[str]]:
    """Ids by relation: companions of a like price, everything that it fits, and what came before it."""
    companions = [
        id
        for family in item.family.goes_with
        for id in _nearest(item, [other for other in groups.get(family, []) if fit_each_other(item, other)], COMPANIONS)
    ]
    fitting = [
        other.row.id for fit in item.family.fits for other in groups.get(fit.family, []) if _fits(item, fit, other)
    ]
    older = item.family.twins.get(item.name)
    replaced = [f"fs-{item.family.id}-{slug(older)}"] if older else []
    replaced += [id for family in item.family.replaces for id in _nearest(item, groups.get(family, []), 1)]
    found: dict[Relation, list[str]] = {"goes_with": companions, "fits": fitting, "replaces": replaced}
    return {relation: ids for relation, ids in found.items() if ids}


def fit_each_other(one: Made, other: Made) -> bool:
    """Whether two products can be used together: their families say so, or say nothing of each other."""
    told = [(one, fit, other) for fit in one.family.fits if fit.family == other.family.id]
    told += [(other, fit, one) for fit in other.family.fits if fit.family == one.family.id]
    return all(_fits(part, fit, whole) for part, fit, whole in told)


def _fits(part: Made, fit: Fit, whole: Made) -> bool:
    return fit.same is None or whole.values[fit.same].en == part.values[fit.same].en


def _nearest(item: Made, others: list[Made], count: int) -> list[str]:
    """Ids of those that are as cheap or as fine as the item, and that can be bought if any can."""
    return [
        other.row.id
        for other in sorted(others, key=lambda other: (not for_sale(other), abs(other.grade - item.grade)))[:count]
    ]


def _relisted(item: Made, seed: str) -> Made:
    """The same goods entered again by somebody in a hurry: another id, the title turned round, another price."""
    dice = Dice(seed, "relisted", item.row.id)
    change = Decimal(dice.one(["0.96", "0.98", "1.03"]))
    row = item.row
    again = f"{row.id}-relisted"

    def priced(price: Decimal | None) -> Decimal | None:
        return None if price is None else (price * change).quantize(Decimal("0.01"))

    variants = [
        variant.model_copy(update={"id": variant.id.replace(row.id, again), "price": priced(variant.price)})
        for variant in row.variants
    ]
    zh = row.texts["zh"]
    zh = zh.model_copy(update={"title": _turned(zh.title, item.brand.name, "，{}")})
    return item.shaped(
        id=again,
        title=_turned(row.title, item.brand.name, " by {}"),
        texts={"zh": zh},
        variants=variants,
        price=priced(row.price),
        rating=row.rating and Rating(value=row.rating.value, count=max(1, row.rating.count // 9)),
    )


def _turned(title: str, brand: str, ending: str) -> str:
    """``Acme Larch Tent, Green`` as ``Larch Tent by Acme, Green``."""
    head, comma, tail = title.replace(f"{brand} ", "", 1).partition(",")
    return f"{head}{ending.format(brand)}{comma}{tail}"
