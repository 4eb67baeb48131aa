"""The crowd counted in a process of its own is the one that is counted here; where there is none it is counted here."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from recommended_goods import Good, goods_of

from retriever.database import Database
from retriever.errors import UnavailableError
from retriever.recommending.knowledge.counted_apart import CountedApart
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.crowd_counting import read_crowd
from retriever.records import EventRecord

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOODS = goods_of([Good("lamp"), Good("mug"), Good("tent")])


@pytest.fixture
def acted(database: Database) -> Database:
    """Four people who bought a mug with a tent, and one of them again."""
    bought = [(who, item, 40) for who in ("ann", "bob", "cyd", "dee") for item in ("mug", "tent")]
    with database.transaction() as session:
        for number, (who, item, days) in enumerate([*bought, ("ann", "mug", 3)]):
            at = NOW - timedelta(days=days)
            about = {"customer_id": who, "product_id": item, "at": at, "value": {}}
            session.add(EventRecord(id=str(number), feed="f", content_hash="", kind="purchase", **about))
    return database


def same(one: Any, other: Any) -> bool:
    """Whether two crowds, or parts of them, are the same number by number."""
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return np.array_equal(one, other, equal_nan=True) if isinstance(one, np.ndarray) else one == other


def here(database: Database) -> Crowd:
    return read_crowd(database, GOODS, now=NOW.timestamp())


def test_a_process_counts_what_would_be_counted_here(
    acted: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = CountedApart(acted, database_url, many=1).read(GOODS, NOW.timestamp())

    assert not caplog.records, "the process did it"
    assert found.people.tolist() == [0, 4, 4]
    assert len(found.together.row)
    assert same(found, here(acted))


def test_a_small_shop_needs_no_process(acted: Database, database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    counted = CountedApart(acted, database_url, command=["/no/such/program"])

    assert same(counted.read(GOODS, NOW.timestamp()), here(acted))
    assert not caplog.records


@pytest.mark.parametrize(
    "command",
    [
        ["/no/such/program"],
        [sys.executable, "-c", "raise SystemExit(3)"],
        [sys.executable, "-c", "import sys; sys.stdin.readline(); print('no columns')"],
        [sys.executable, "-c", "import sys; sys.stdin.readline()"],
    ],
)
def test_without_an_answer_the_crowd_is_counted_here_and_the_log_says_so(
    acted: Database, database_url: str, command: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    found = CountedApart(acted, database_url, many=1, command=command).read(GOODS, NOW.timestamp())

    assert same(found, here(acted))
    assert "counted beside the requests" in caplog.text


def test_stopping_ends_the_process_and_nothing_is_counted_any_more(acted: Database, database_url: str) -> None:
    endless = [sys.executable, "-c", "import time; time.sleep(60)"]
    counted = CountedApart(acted, database_url, many=1, command=endless)
    raised: list[BaseException] = []

    def read() -> None:
        try:
            counted.read(GOODS, NOW.timestamp())
        except UnavailableError as error:
            raised.append(error)

    reading = threading.Thread(target=read)
    reading.start()
    time.sleep(0.2)
    counted.stop()
    reading.join(timeout=30)

    assert not reading.is_alive()
    assert len(raised) == 1
    with pytest.raises(UnavailableError, match="closed"):
        counted.read(GOODS, NOW.timestamp())
