"""What is on record about the products of one request and about what is claimed of them, read in a few queries."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, cast

from sqlalchemy import select

from retriever.database import Database, among
from retriever.errors import UnavailableError
from retriever.interactions.log import Act
from retriever.interactions.recorded import UNDONE
from retriever.pictures.index import Pictures
from retriever.product import Product, Stamped
from retriever.recommending.candidate import Because, Kind
from retriever.recommending.situation import Situation
from retriever.records import OrderLineRecord, OrderRecord, PromotionRecord
from retriever.text import fold

logger = logging.getLogger(__name__)
PERSONAL: frozenset[Kind] = frozenset({"bought", "viewed", "taken", "due", "favourite"})
LOOK, LOOKS = "look", frozenset({"view", "click"})


class Catalogue(Protocol):
    """Where products are read, with what they are related to and their dates."""

    def stamped(self, ids: Sequence[str]) -> list[Stamped]:
        """These products; missing ones are left out."""
        ...


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion as the records hold it; its last moment is ``ends_at``, seconds since 1970, 0 for none."""

    id: str
    title: str
    titles: Mapping[str, str]
    code: str
    rules: Mapping[str, Any]
    starts_at: float
    ends_at: float


@dataclass(frozen=True)
class Evidence:
    """What the records say of all that one request claims.

    Attributes:
        products: those recommended and those that reasons are about.
        acts: of the person, as far as they may be used.
        orders: for each product that the person ordered, the order and the place in it.
        promotions: those that were claimed.
        looks: how much the pictures of two products look alike, above 0, of those of which it was claimed.
    """

    products: Mapping[str, Stamped]
    acts: tuple[Act, ...] = ()
    orders: Mapping[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    promotions: Mapping[str, Promotion] = field(default_factory=dict[str, Promotion])
    looks: Mapping[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])

    @cached_property
    def done(self) -> Mapping[tuple[str, str], list[float]]:
        """When the person did what with which product, by (product, kind of act), oldest first."""
        found: dict[tuple[str, str], list[float]] = {}
        for act in sorted(self.acts, key=lambda act: act.at):
            found.setdefault((act.item, LOOK if act.kind in LOOKS else act.kind), []).append(act.at)
        return found


def read_evidence(
    database: Database,
    catalogue: Catalogue,
    situation: Situation,
    goods: Mapping[str, Stamped],
    claims: Iterable[Because],
    looks: Mapping[tuple[str, str], float],
) -> Evidence:
    """What is on record about these claims, in a handful of queries.

    Args:
        database: the shop's records.
        catalogue: reads products that claims are about.
        situation: whom claims are about.
        goods: those that claims are made of, and others that have just been read.
        claims: what is to be proved.
        looks: what ``read_looks`` found of them.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    held = list(claims)
    about = told_of(held)
    products = {**goods, **{each.product.id: each for each in catalogue.stamped(sorted(about - goods.keys()))}}
    acts = situation.acts if situation.chosen.enabled and any(claim.kind in PERSONAL for claim in held) else ()
    bought = sorted({act.item for act in acts if act.kind == "purchase"} & about)
    offered = sorted({id for claim in held if claim.kind == "promoted" for id in claim.about})
    return Evidence(
        products,
        acts,
        _orders(database, situation.asked.customer_id, bought) if bought else {},
        _promotions(database, offered) if offered else {},
        looks,
    )


def read_looks(pictures: Pictures | None, claims: Mapping[str, Sequence[Because]]) -> dict[tuple[str, str], float]:
    """How much products look like those that they are said to look like; nothing where nobody can tell."""
    pairs = [
        (id, other) for id, held in claims.items() for one in held if one.kind == "looks_like" for other in one.about
    ]
    if pictures is None or not pairs:
        return {}
    try:
        rows = pictures.vectors(list(dict.fromkeys(id for pair in pairs for id in pair)))
        known = [(one, other) for one, other in pairs if one in rows and other in rows]
        alike = {pair: pictures.alike(float(rows[pair[0]] @ rows[pair[1]])) for pair in known}
    except UnavailableError as error:
        logger.warning("no reason is given by pictures: %s", error)
        return {}
    return {pair: much for pair, much in alike.items() if much > 0}


def told_of(claims: Iterable[Because]) -> set[str]:
    """The products that claims are about."""
    return {id for claim in claims if claim.kind != "promoted" for id in claim.about}


def covers(rules: Mapping[str, Any], product: Product) -> bool:
    """Whether a promotion is on this product: one that names no goods is on orders, and no reason for any product."""
    names = {fold(name) for name in product.categories}
    kinds = [fold(str(each)) in names for each in _listed(rules, "category", "categories")]
    brands = [fold(str(each)) == fold(product.brand) for each in _listed(rules, "brand", "brands")]
    ids = [str(each) == product.id for each in _listed(rules, "product", "product_id", "products", "product_ids")]
    if not kinds and not brands and not ids:
        return False
    spared = any(fold(str(each)) in names for each in _listed(rules, "except_category", "except_categories"))
    return not spared and all(any(given) for given in (kinds, brands, ids) if given)


def _listed(rules: Mapping[str, Any], *names: str) -> list[Any]:
    found: list[Any] = []
    for name in names:
        value = rules.get(name)
        found += cast("list[Any]", value) if isinstance(value, list) else [value] if value else []
    return found


def _orders(database: Database, customer: str, products: Sequence[str]) -> dict[str, tuple[str, int]]:
    """For each of these products the customer's latest order with it, as long as the order stands."""
    order, line = OrderRecord, OrderLineRecord
    query = (
        select(line.product_id, order.id, line.position)
        .join(order, order.id == line.order_id)
        .where(order.customer_id == customer, order.status.not_in(UNDONE))
        .where(among(line.product_id, products, database.dialect))
        .order_by(order.placed_at, order.id, line.position)
    )
    with database.session() as session:
        return {product: (id, position) for product, id, position in session.execute(query)} if customer else {}


def _promotions(database: Database, ids: Sequence[str]) -> dict[str, Promotion]:
    with database.session() as session:
        rows = session.scalars(select(PromotionRecord).where(PromotionRecord.id.in_(ids)))
        return {
            row.id: Promotion(
                id=row.id,
                title=row.title,
                titles={name: str(words.get("title", "")) for name, words in row.texts.items()},
                code=str(row.rules.get("code") or ""),
                rules=dict(row.rules),
                starts_at=_seconds(row.starts_at),
                ends_at=_seconds(row.ends_at),
            )
            for row in rows
        }


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
