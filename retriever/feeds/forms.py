"""What the feeds of rows share: several rows become the variants of one product, each checked by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from retriever.feeds.feed import reasons
from retriever.feeds.groups import GroupRow
from retriever.feeds.money import Price, PriceError, parse_price
from retriever.feeds.rows import Rejected, VariantRow

PATH = re.compile(r"\s*[>›»]\s*")


class RowError(ValueError):
    """A row that cannot be used; the message says why."""


class Currency:
    """The one currency of a product's prices."""

    def __init__(self) -> None:
        self.code: str | None = None
        self._line = 0

    def price(self, row: GroupRow, field: str) -> Decimal | None:
        """The price in a field of a row; empty is unknown.

        Raises:
            RowError: if it cannot be read, or is in another currency than the product's other prices.
        """
        try:
            price = parse_price(row.cells.get(field, ""))
        except PriceError as error:
            raise RowError(f"{field}: {error}") from error
        if price.amount is not None:
            self._agree(price, row.line)
        return price.amount

    def _agree(self, price: Price, line: int) -> None:
        if not self._line:
            self.code, self._line = price.currency, line
        elif price.currency != self.code:
            mine, theirs = (code or "no named currency" for code in (price.currency, self.code))
            raise RowError(f"the price is in {mine}, that of line {self._line} in {theirs}; a product has one currency")


def usable(
    rows: Iterable[GroupRow], form_of: Callable[[GroupRow], Mapping[str, Any]], id_of: Callable[[GroupRow], str]
) -> tuple[list[VariantRow], list[Rejected]]:
    """The variants that rows make, and the rows that make none."""
    variants: list[VariantRow] = []
    rejected: list[Rejected] = []
    for row in rows:
        try:
            variants.append(VariantRow.model_validate(form_of(row)))
        except ValidationError as error:
            rejected.append(Rejected(line=row.line, id=id_of(row), reason=reasons(error)))
        except RowError as error:
            rejected.append(Rejected(line=row.line, id=id_of(row), reason=str(error)))
    return variants, rejected


def path_of(text: str) -> list[str]:
    """``Home > Lamps`` as two names."""
    return [name for name in PATH.split(text.strip()) if name]


def span(amounts: Iterable[Decimal], currency: str | None) -> str:
    """Amounts as an attribute tells them: ``39.90 EUR``, or ``39.90 to 59.90 EUR``."""
    ordered = sorted(set(amounts))
    if not ordered:
        return ""
    text = f"{ordered[0]}" if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"
    return f"{text} {currency}" if currency else text
