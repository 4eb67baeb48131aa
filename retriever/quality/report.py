"""Looks at one row after the other and keeps what it finds: counts, a few examples, hashes and numbers, no texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from retriever.feeds.clean import CONTROL
from retriever.feeds.rows import AnyRow, PolicyRow, ProductRow, ReviewRow
from retriever.product import Shape
from retriever.quality.checks import MISSING, missing, product_findings, text_findings
from retriever.quality.duplicates import Titles
from retriever.quality.outliers import Prices
from retriever.quality.rules import CHECKS, Rules, default_rules
from retriever.quality.schema import CHUNK, RuleSchema, written_in

EXAMPLES = 5
SNIPPET = 80
MINORITY = 0.2  # above it, a shop simply speaks two languages
NOT_RUN = "not_run"
"""In a check's place: one that could not be run, with the reason."""


class Finding(Shape):
    """One check that found something: how often, and the first few, each as ``id`` or ``id: what is there``."""

    check: str
    count: int
    examples: tuple[str, ...]


@dataclass
class _Tally:
    count: int = 0
    examples: list[str] = field(default_factory=list[str])

    def add(self, example: str) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)


class QualityReport:
    """Looks at rows and keeps the findings. A product counts at most once in a check.

    Args:
        currency: the shop's own.
        rules: what to hold the rows to; by default the package's.
    """

    def __init__(self, currency: str, rules: Rules | None = None) -> None:
        self._currency = currency
        self.rules = rules or default_rules()
        self._required = frozenset(name for name, rule in self.rules.fields.items() if rule.required)
        self._majority = [name for name, rule in self.rules.fields.items() if rule.language == "majority"]
        self._tallies: dict[str, _Tally] = {}
        self._not_run: dict[str, str] = {}
        self._schema = RuleSchema(self.rules)
        self._ids: list[str] = []
        self._titles = Titles(self.rules.duplicates.similarity, self.rules.duplicates.words)
        self.prices = Prices(self.rules.outliers.group, self.rules.outliers.price)
        self._written: dict[tuple[str, str], _Tally] = {}
        self._filled: Counter[str] = Counter()
        self._texts = 0
        self._closed = False

    @property
    def products(self) -> int:
        """Products seen."""
        return len(self._ids)

    def id_at(self, place: int) -> str:
        """The id of a product by its place among those seen."""
        return self._ids[place]

    @property
    def texts(self) -> int:
        """Rows with texts seen: products, reviews and policies."""
        return self._texts

    @property
    def filled(self) -> Mapping[str, int]:
        """How many products have each field."""
        return self._filled

    def see(self, row: AnyRow) -> None:
        """Check one row as the feed gave it."""
        if isinstance(row, ProductRow):
            self._see_product(row)
        if isinstance(row, ProductRow | ReviewRow | PolicyRow):
            self._texts += 1
            for check, value in text_findings(row):
                self.add(check, row.id, value)

    def add(self, check: str, id: str, value: str) -> None:
        """Count a finding that was made elsewhere."""
        self._tallies.setdefault(check, _Tally()).add(_example(id, value))

    def leave_out(self, check: str, reason: str) -> None:
        """Say that a check could not be run."""
        self._not_run[check] = " ".join(reason.split())

    @property
    def not_run(self) -> Mapping[str, str]:
        """Checks that could not be run, with the reason."""
        return self._not_run

    def findings(self) -> tuple[Finding, ...]:
        """What was found, in the order of CHECKS, without those that found nothing; no row may be seen after it.

        A last finding, ``not_run``, names the checks that could not be run.
        """
        self._close()
        found = [
            Finding(check=check, count=tally.count, examples=tuple(tally.examples))
            for check in CHECKS
            if (tally := self._tallies.get(check))
        ]
        if self._not_run:
            said = tuple(f"{check}: {reason}" for check, reason in self._not_run.items())
            found.append(Finding(check=NOT_RUN, count=len(said), examples=said))
        return tuple(found)

    def _see_product(self, row: ProductRow) -> None:
        place = len(self._ids)
        self._ids.append(row.id)
        for check, value in missing(row, self._required):
            self.add(check, row.id, value)
        self._count_filled(row)
        for check, value in product_findings(row, self._currency):
            self.add(check, row.id, value)
        self._titles.add(row.title, row.brand)
        if row.currency in (None, self._currency) and (price := lowest_price(row)):
            self.prices.add(place, row.categories[-1].strip() if row.categories else "", price)
        for name in self._majority:
            if written := written_in(getattr(row, name)):
                self._written.setdefault((name, written), _Tally()).add(_example(row.id, f"{name} in {written}"))
        self._schema.take(row)
        if self._schema.rows >= CHUNK:
            self._hold_to_rules()

    def _count_filled(self, row: ProductRow) -> None:
        for name, (_, absent) in MISSING.items():
            if not absent(row):
                self._filled[name] += 1
        if row.attributes:
            self._filled["attributes"] += 1

    def _hold_to_rules(self) -> None:
        first = len(self._ids) - self._schema.rows
        for row, check, value in self._schema.failures():
            self.add(check, self._ids[first + row], value)

    def _close(self) -> None:
        """What can only be told when every row was seen."""
        if self._closed:
            return
        self._closed = True
        if self._schema.rows:
            self._hold_to_rules()
        for later, check, earlier, likeness in self._titles.found():
            self.add(check, self._ids[later], _repeated(check, self._ids[earlier], likeness))
        for outlier in self.prices.outliers():
            said = f"{outlier.price:,.2f} where the middle of {outlier.category} is {outlier.median:,.2f}"
            self.add("price_outlier", self._ids[outlier.place], said)
        for name in self._majority:
            self._tell_minority(name)

    def _tell_minority(self, name: str) -> None:
        tallies = [tally for (field_name, _), tally in self._written.items() if field_name == name]
        if len(tallies) < 2:
            return
        least = min(tallies, key=lambda tally: tally.count)
        if least.count <= MINORITY * sum(tally.count for tally in tallies):
            mine = self._tallies.setdefault("wrong_language", _Tally())
            mine.count += least.count
            mine.examples = [*mine.examples, *least.examples][:EXAMPLES]


def lowest_price(row: ProductRow) -> float | None:
    """The lowest known price of a product, in major units."""
    known = [price for price in (row.price, *(form.price for form in row.variants)) if price is not None]
    return float(min(known)) if known else None


def _repeated(check: str, earlier: str, likeness: float) -> str:
    if check == "duplicate":
        return f"same title and brand as {earlier}"
    return f"same words in the title as {earlier}" if likeness == 1 else f"nearly the same title as {earlier}"


def _example(id: str, value: str) -> str:
    shown = re.sub(r"\s+", " ", CONTROL.sub("�", value)).strip()
    snippet = shown if len(shown) <= SNIPPET else f"{shown[:SNIPPET]}..."
    return f"{id}: {snippet}" if snippet else id
