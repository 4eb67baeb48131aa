"""What the shop itself says of products that belong together, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sqlalchemy import Text, cast, select

from retriever.database import Database
from retriever.recommending.knowledge.goods_reading import AT_ONCE
from retriever.records import ProductRecord

Tie = Literal["goes_with", "fits", "replaces"]
TIES: tuple[Tie, ...] = ("fits", "goes_with", "replaces")  # the firmest first
LONGEST = 200  # of one product, in one direction: a strap may fit everything that there is


class Tied(NamedTuple):
    """One product as another one's relation: ``told`` by that one itself, or else by the product."""

    id: str
    tie: Tie
    told: bool


@dataclass(frozen=True, eq=False)
class Relations:
    """The relations of products, by id.

    Args:
        held: plain tuples, of which there may be half a million: the garbage collector does not look at those.
    """

    held: Mapping[str, tuple[tuple[str, Tie, bool], ...]]

    def of(self, id: str) -> tuple[Tied, ...]:
        """What is tied to a product, the firmest ties first."""
        return tuple(Tied(*tied) for tied in self.held.get(id, ()))

    @classmethod
    def between(cls, told: Iterable[tuple[str, Mapping[str, Iterable[str]]]]) -> Relations:
        """The relations that products tell of, and the same seen from the other side.

        Args:
            told: a product's id, and the ids of others by the name of the relation.
        """
        held: dict[str, dict[tuple[str, Tie, bool], None]] = {}
        for id, related in told:
            for tie in TIES:
                for other in related.get(tie, ()):
                    held.setdefault(id, {})[other, tie, True] = None
                    held.setdefault(other, {})[id, tie, False] = None
        return cls({id: tuple(sorted(ties, key=_firmest)[:LONGEST]) for id, ties in held.items()})


def read_relations(database: Database) -> Relations:
    """The relations of all products of the shop.

    Raises:
        UnavailableError: if the database cannot be used.
    """
    record = ProductRecord
    # Most products of most shops have none: those are not even parsed.
    query = select(record.id, record.related).where(cast(record.related, Text) != "{}").order_by(record.id)
    with database.connection() as connection:
        rows = connection.execute(query.execution_options(yield_per=AT_ONCE))
        return Relations.between((id, related) for id, related in rows)


def _firmest(tied: tuple[str, Tie, bool]) -> tuple[int, bool]:
    _, tie, told = tied
    return TIES.index(tie), not told
