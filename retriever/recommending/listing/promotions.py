"""The shop's promotions, and which goods each is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select

from retriever.database import Database
from retriever.kept import Kept, imports
from retriever.recommending.candidate import Because
from retriever.recommending.listing.belonging import Applies
from retriever.records import PromotionRecord

FRESH = 1.0  # seconds for which nobody looks again whether something was imported


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion on goods.

    Attributes:
        applies: the goods that it is on.
        people: whom it is for; empty: everybody.
        starts_at: seconds since 1970; 0 for ever.
        ends_at: the first moment at which it is over; 0 for never.
    """

    id: str
    title: str
    applies: Applies
    people: frozenset[str] = frozenset()
    starts_at: float = 0.0
    ends_at: float = 0.0

    def running(self, now: float, customer: str) -> bool:
        """Whether it is on, for this customer."""
        begun = self.starts_at <= now and not 0 < self.ends_at <= now
        return begun and (not self.people or customer in self.people)

    @property
    def because(self) -> Because:
        """The reason that it gives."""
        return Because("promoted", (self.id,), self.title, until=self.ends_at)


class Promotions:
    """The promotions that are on goods, by id; one on whole orders is none. Safe to share.

    Args:
        database: the shop's records; UnavailableError is raised when they cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._kept = Kept(_Recorded(database), FRESH)

    def get(self) -> Mapping[str, Offer]:
        """Those of the last import, over and to come included."""
        return self._kept.get()


class _Recorded:
    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> object:
        return imports(self._database)

    def read(self) -> Mapping[str, Offer]:
        with self._database.session() as session:
            offers = [_offer(row) for row in session.scalars(select(PromotionRecord).order_by(PromotionRecord.id))]
        return {offer.id: offer for offer in offers if offer.applies}


def applies_of(rules: Mapping[str, Any]) -> Applies:
    """The goods that a promotion's rules name."""
    return Applies(
        ids=_listed(rules, "product", "product_id", "products", "product_ids"),
        categories=_listed(rules, "category", "categories"),
        brands=_listed(rules, "brand", "brands"),
        but=_listed(rules, "except_category", "except_categories"),
    )


def _offer(row: PromotionRecord) -> Offer:
    return Offer(
        id=row.id,
        title=row.title,
        applies=applies_of(row.rules),
        people=frozenset(_listed(row.rules, "customers", "households")),
        starts_at=_seconds(row.starts_at),
        ends_at=_seconds(row.ends_at),
    )


def _listed(rules: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        value = rules.get(name)
        values = cast("Sequence[object]", value) if isinstance(value, list) else [value]
        found += [str(one) for one in values if isinstance(one, str | int) and one]
    return tuple(found)


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
