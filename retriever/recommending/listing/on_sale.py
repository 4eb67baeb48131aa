"""What can be bought now, at a price that was asked for: said by the records at the time of the answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from retriever.catalogue import Catalogue
from retriever.database import Database, among_given, given
from retriever.product import Money, Product, Stamped
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Candidate
from retriever.recommending.explaining.on_record import told_of
from retriever.records import ProductRecord

SPARE = 8  # candidates looked at beyond those that are shown, for those that have just been sold out

Records = dict[str, Stamped]


class OnSale:
    """Asks the records which candidates can be bought. Safe to share.

    Args:
        database: the records. Every method raises UnavailableError when they cannot be used.
        catalogue: reads whole products from them.
    """

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue
        record = ProductRecord
        self._available = select(record.id).where(among_given(record.id, database.dialect), record.available)

    def first(self, candidates: Sequence[Candidate], asked: Asked) -> tuple[list[Candidate], Records]:
        """As many as are asked for, in their order, and the records of these and of what they are shown because of.

        One reading does where all that come first can be bought, as nearly always.
        """
        left = list(candidates[: asked.k + SPARE])
        found: list[Candidate] = []
        read: Records = {}
        while left and (missing := asked.k - len(found)) > 0:
            some, left = left[:missing], left[missing:]
            read |= self.records(some, read)
            found += self.buyable(some, read, asked)
        return found, read

    def buyable(self, candidates: Sequence[Candidate], read: Records, asked: Asked) -> list[Candidate]:
        """Those of these candidates that can be bought by these records."""
        most = self._most(asked)
        return [one for one in candidates if (held := read.get(one.id)) and _buyable(held.product, most)]

    def records(self, candidates: Sequence[Candidate], known: Collection[str] = ()) -> Records:
        """The records of candidates and of what they are shown because of, but for those that are known."""
        about = told_of(because for one in candidates for because in one.because)
        ids = dict.fromkeys([*(one.id for one in candidates), *sorted(about)])
        read = self._catalogue.stamped([id for id in ids if id not in known])
        return {stamped.product.id: stamped for stamped in read}

    def among(self, ids: Sequence[str], asked: Asked) -> set[str]:
        """Those of these products that can be bought, in less time than it takes to read them."""
        query, most = self._available, self._most(asked)
        if most is not None:
            query = query.where(ProductRecord.price_min <= most)
        with self._database.connection() as connection:
            return set(connection.scalars(query, given(ids, self._database.dialect)))

    def _most(self, asked: Asked) -> int | None:
        return None if asked.price_max is None else Money.from_major(asked.price_max, self._catalogue.currency).amount


def _buyable(product: Product, most: int | None) -> bool:
    price = product.price_range.min
    return product.availability.available and (most is None or (price is not None and price.amount <= most))
