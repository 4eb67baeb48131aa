"""Customers of the demo store use some things up, and buy the same again when it is time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from retriever.demo.day import TODAY
from retriever.demo.family import families
from retriever.demo.habits import EARLY_OR_LATE, PACE, refills
from retriever.demo.orders import orders
from retriever.demo.past import past
from retriever.demo.relations import by_id
from retriever.demo.rules import ships_to
from retriever.demo.tastes import tastes

DAY = timedelta(days=1)
GOODS = by_id()


def bought() -> Iterator[tuple[tuple[str, str], list[datetime]]]:
    """When each customer bought each product out of habit, with who and what."""
    found: dict[tuple[str, str], list[datetime]] = {}
    for refill in refills():
        found.setdefault((refill.taste.customer_id, refill.made.row.id), []).append(refill.at)
    yield from found.items()


def test_what_is_used_up_is_bought_again_and_nothing_else():
    used_up = {family.id for family in families() if family.lasts}
    assert {"face-cream", "shampoo-bar", "scented-candle", "notebook"} <= used_up
    assert {refill.made.family.id for refill in refills()} == used_up
    assert len({refill.taste.customer_id for refill in refills()}) >= 25
    assert max(len(times) for _, times in bought()) >= 6


def test_it_is_bought_when_the_last_piece_is_nearly_gone():
    soonest, latest = 1 - EARLY_OR_LATE, 1 + EARLY_OR_LATE
    for (_, product), times in bought():
        made = GOODS[product]
        shortest, longest = made.family.lasts
        lasts = shortest + (longest - shortest) * made.size
        waits = [(later - earlier) / DAY for earlier, later in pairwise(times)]
        assert all(wait >= PACE[0] * soonest * lasts - 1 for wait in waits), "never before"
        if len(waits) >= 4:  # and one that was bought elsewhere makes no other habit
            assert median(waits) <= PACE[1] * latest * lasts + 1


def test_a_habit_is_with_what_can_be_bought_sent_and_liked():
    for refill in refills():
        row = refill.made.row
        assert row.published_at < refill.at < TODAY
        assert all(ships_to(refill.made.family, region) for region in refill.taste.regions)
        assert any(form.stock and form.price is not None for form in row.variants or [row])
        assert tastes()[refill.taste.customer_id].sessions


def test_each_piece_is_looked_at_put_into_the_cart_and_ordered_in_the_same_form():
    happened: dict[str, list[str]] = {}
    forms: dict[tuple[str, str], set[str]] = {}
    for event in past().events:
        if event.session_id.startswith("fs-refill-"):
            happened.setdefault(event.session_id, []).append(event.kind)
        if event.kind == "purchase" and event.session_id.startswith("fs-refill-"):
            forms.setdefault((event.customer_id, event.product_id), set()).add(event.value["variant_id"])
    assert len(happened) == len(refills())
    assert set(map(tuple, happened.values())) == {("view", "add_to_cart", "purchase")}
    assert all(len(taken) == 1 for taken in forms.values())
    ordered = {(order.customer_id, line.product_id) for order in orders() for line in order.lines}
    assert set(forms) <= ordered


def test_some_habits_are_due_today_some_are_not_yet_and_some_were_given_up():
    states = set()
    for (_, product), times in bought():
        made = GOODS[product]
        shortest, longest = made.family.lasts
        waited = (TODAY - times[-1]) / DAY / (shortest + (longest - shortest) * made.size)
        states.add("not yet" if waited < 0.8 else "due" if waited < 1.3 else "over" if waited > 2.5 else "late")
    assert states >= {"not yet", "due", "over"}
