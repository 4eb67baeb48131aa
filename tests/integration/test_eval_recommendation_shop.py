"""A shop's own events as what recommendations are evaluated on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from shopfront import small_demo_store
from sqlalchemy import delete

from eval.recommendation.own import shop_log
from eval.recommendation.run import Plan, evaluate
from eval.recommendation.splits import Options
from retriever.errors import BadInputError
from retriever.records import EventRecord, OrderRecord
from retriever.store import Store

START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS, PEOPLE = 30, 6


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(tmp_path_factory.mktemp("shop"))
    yield opened
    opened.close()


def record(store: Store, days: int) -> None:
    """Nothing but visitors who each look at one product a day and buy it."""
    ids = list(store.catalogue.all_ids())
    with store.database.transaction() as session:
        session.execute(delete(EventRecord))
        session.execute(delete(OrderRecord))
        session.add_all(
            EventRecord(
                id=f"{person}-{day}-{kind}",
                feed="test",
                content_hash="",
                kind=kind,
                session_id=f"visitor-{person}",
                product_id=ids[(person + day) % 9],
                at=START + timedelta(days=day, minutes=person * 7 + (kind == "purchase") * 3),
                value={},
            )
            for person in range(PEOPLE)
            for day in range(days)
            for kind in ("view", "purchase")
        )


def test_learned_is_what_came_before_and_asked_for_what_was_bought_after(store: Store) -> None:
    record(store, DAYS)
    log = shop_log(store)
    assert len(log.people) == PEOPLE
    assert set(log.items) == set(store.catalogue.all_ids())
    assert log.cut == pytest.approx((START + timedelta(days=24)).timestamp(), abs=86_400)
    assert log.least > 0
    assert set(log.categories) <= set(log.items)

    found = evaluate(log, Plan(("popularity", "frequency"), Options(cold=0)), None, lambda *_: None)
    assert found.trials[0].name == "later purchases"
    assert found.trials[0].groups["all"] == PEOPLE
    standings = {one.name: one for one in found.trials[0].models}
    assert standings["frequency"].groups["all"]["hr@10"].mean == 1


def test_a_shop_without_events_is_told_so(store: Store) -> None:
    record(store, 0)
    with pytest.raises(BadInputError, match="no events"):
        shop_log(store)
