"""Clicks are counted beside the requests, and a count that fails costs nothing."""

from __future__ import annotations

from collections.abc import Callable

from retriever.errors import UnavailableError
from retriever.recommending.listing.exploring import Evidence
from retriever.recommending.shown.clicks import RecentClicks


class Later:
    """Holds jobs until they are run."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def run(self) -> None:
        while self.jobs:
            self.jobs.pop()()


def test_a_request_gets_the_last_count_and_starts_the_next_one_when_it_is_due() -> None:
    later, now, counts = Later(), [0.0], iter([Evidence(rate=0.1), Evidence(rate=0.2)])
    clicks = RecentClicks(lambda: next(counts), every=60, clock=lambda: now[0], start=later.jobs.append)
    assert clicks() == Evidence()
    assert clicks() == Evidence()
    assert len(later.jobs) == 1
    later.run()
    assert clicks().rate == 0.1
    now[0] = 61
    assert clicks().rate == 0.1
    later.run()
    assert clicks().rate == 0.2


def test_a_count_that_fails_leaves_the_last_one_and_is_tried_again() -> None:
    later, now = Later(), [0.0]
    outcomes: list[Evidence | None] = [Evidence(rate=0.1), None, Evidence(rate=0.3)]

    def count() -> Evidence:
        found = outcomes.pop(0)
        if found is None:
            raise UnavailableError("The database is away.", "Start it.")
        return found

    clicks = RecentClicks(count, every=60, clock=lambda: now[0], start=later.jobs.append)
    rates: list[float] = []
    for turn in range(3):
        now[0] = 61.0 * turn
        clicks()
        later.run()
        rates.append(clicks().rate)
    assert rates == [0.1, 0.1, 0.3]


def test_once_closed_nothing_is_counted_any_more() -> None:
    later = Later()
    clicks = RecentClicks(Evidence, start=later.jobs.append)
    clicks.close()
    clicks.close()
    clicks()
    assert later.jobs == []


def test_a_count_that_cannot_be_started_is_tried_again_when_the_next_one_is_due() -> None:
    later, now, threads = Later(), [0.0], [0]

    def start(job: Callable[[], None]) -> None:
        if not threads[0]:
            raise RuntimeError("can't start new thread")
        later.jobs.append(job)

    clicks = RecentClicks(lambda: Evidence(rate=0.1), every=60, clock=lambda: now[0], start=start)
    assert clicks() == Evidence()
    threads[0] = 1
    assert clicks() == Evidence()
    assert later.jobs == [], "not at once"
    now[0] = 61
    clicks()
    later.run()
    assert clicks().rate == 0.1
