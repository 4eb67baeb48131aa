"""What an export wrote, and what its format could not hold."""

from __future__ import annotations

from retriever.feeds.rows import AnyRow, ProductRow
from retriever.product import Shape

EXAMPLES = 5

COUNTED = {
    "product": "products",
    "review": "reviews",
    "customer": "customers",
    "order": "orders",
    "policy": "policies",
    "promotion": "promotions",
    "event": "events",
}


class Note(Shape):
    """Something about the written goods that their reader will ask about."""

    note: str
    count: int
    examples: tuple[str, ...]


class ExportReport(Shape):
    """What an export did. ``counts`` are rows written; ``path`` is ``-`` for standard output."""

    format: str
    path: str
    feed: str
    counts: dict[str, int]
    notes: tuple[Note, ...]


class Tally:
    """Counts while an export is written."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("products", "variants", *list(COUNTED.values())[1:]), 0)
        self._notes: dict[str, tuple[int, list[str]]] = {}

    def count(self, row: AnyRow) -> None:
        """A row was written."""
        self.counts[COUNTED[row.type]] += 1
        if isinstance(row, ProductRow):
            self.counts["variants"] += len(row.variants) or 1

    def note(self, what: str, id: str) -> None:
        """Something is to be said about the goods with this id."""
        count, examples = self._notes.get(what, (0, []))
        self._notes[what] = (count + 1, [*examples, id] if len(examples) < EXAMPLES else examples)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was noted, the most frequent first."""
        told = sorted(self._notes.items(), key=lambda item: (-item[1][0], item[0]))
        return tuple(Note(note=what, count=count, examples=tuple(ids)) for what, (count, ids) in told)
