"""A shop's own log of explored places, held against a simulated shop whose true rates of clicks are known."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.recommendation.explored import POLICIES, own_log
from eval.recommendation.ope import DR, IPS, SNIPS, estimate
from retriever.database import Database
from retriever.errors import BadInputError
from retriever.recommending.listing.exploring import Evidence, Exploration, Explorer, Slot
from retriever.recommending.shown.served import slot_row
from retriever.records import EventRecord, ProductRecord, RecommendationRecord
from ui.cli.app import app

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
RATES = {"usual": 0.10, "good": 0.30, "fair": 0.15, "poor": 0.02}
EVIDENCE = Evidence({"good": 40, "poor": 40, "usual": 200}, {"good": 10, "usual": 20, "poor": 1}, rate=0.1)
OPTIONS = Explorer(Exploration(share=0.6)).options(list(RATES), EVIDENCE)
LISTS, PEOPLE = 2_500, 400


def simulate(database: Database, lists: int = LISTS, *, explore: bool = True, click: bool = True) -> None:
    """A shop that shows lists of four, one place of which chance gives away; visitors click as often as RATES say."""
    rng = random.Random(11)
    with database.transaction() as session:
        for id in (*RATES, "other"):
            session.add(
                ProductRecord(
                    id=id, feed="f", content_hash="", title=id, images=[], categories=[], attributes={}, texts={},
                    available=True, status="in_stock", currency="USD",
                )
            )  # fmt: skip
        for number in range(lists):
            at = NOW - timedelta(days=25) + timedelta(minutes=10 * number)
            person = f"c{number % PEOPLE}"
            chosen = rng.choices(OPTIONS, [one.propensity for one in OPTIONS])[0].id if explore else "usual"
            session.add(
                RecommendationRecord(
                    id=f"r{number}", at=at, customer_id=person, surface="page", goal="", policy="p",
                    shown=[{"id": id, "source": "new"} for id in ("other", chosen)],
                    slot=slot_row(Slot(1, chosen, OPTIONS)) if explore else {},
                )
            )  # fmt: skip
            if click and rng.random() < RATES[chosen]:
                session.add(
                    EventRecord(
                        id=f"e{number}", feed="f", content_hash="", kind="click", customer_id=person,
                        product_id=chosen, at=at + timedelta(minutes=1), value={"recommendation_id": f"r{number}"},
                    )
                )  # fmt: skip


def true_value(policy: str) -> float:
    return sum(share * RATES[id] for id, share in POLICIES[policy](Slot(1, "usual", OPTIONS)).items())


def test_estimates_from_the_shops_log_hold_the_true_values(database: Database) -> None:
    simulate(database)
    assert (true_value("plain"), true_value("greedy")) == (0.10, 0.30)
    for policy in POLICIES:
        own = own_log(database, now=NOW, policy=policy)
        assert (own.lists, len(own.decisions), own.ignored) == (LISTS, LISTS, 0)
        found = estimate(own.decisions, resamples=500)
        assert found.people == PEOPLE
        assert found.mean_weight.low <= 1 <= found.mean_weight.high
        for name in (IPS, SNIPS, DR):
            value = found.estimates[name].value
            assert value.low <= true_value(policy) <= value.high, (policy, name, value)
            assert value.high - value.low < 0.2, "it says something"


def test_made_up_clicks_are_no_reward(database: Database) -> None:
    simulate(database, 300)
    honest = own_log(database, now=NOW)
    with database.transaction() as session:
        for number in range(300):
            session.add(
                EventRecord(
                    id=f"x{number}", feed="f", content_hash="", kind="click", customer_id="stranger",
                    product_id="poor", at=NOW - timedelta(days=20), value={"recommendation_id": f"r{number}"},
                )
            )  # fmt: skip
    again = own_log(database, now=NOW)
    assert again.decisions == honest.decisions
    assert again.ignored == 300


def test_decisions_that_may_still_earn_are_told_of(database: Database) -> None:
    simulate(database, 2_500)
    assert own_log(database, now=NOW).warnings == []
    assert "younger than 7 days" in own_log(database, now=NOW - timedelta(days=9)).warnings[0]


@pytest.mark.parametrize(
    ("lists", "explore", "click", "said"),
    [
        (0, True, True, "holds no recommendations"),
        (20, False, True, "none has a place that was given by chance"),
        (20, True, False, "none of them led to a click"),
    ],
    ids=["no lists", "no chance", "no clicks"],
)
def test_what_the_log_lacks_is_said(database: Database, lists: int, explore: bool, click: bool, said: str) -> None:
    simulate(database, lists, explore=explore, click=click)
    with pytest.raises(BadInputError, match=said) as raised:
        own_log(database, now=NOW)
    assert "--log" in raised.value.hint


def test_a_policy_and_a_reward_that_there_are_not_are_refused(database: Database) -> None:
    with pytest.raises(BadInputError, match="no policy 'best'"):
        own_log(database, now=NOW, policy="best")
    with pytest.raises(BadInputError, match="'view' cannot be a reward"):
        own_log(database, now=NOW, reward="view")


def test_the_command_reads_the_log_of_a_shop(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    database.migrate()
    simulate(database, 400)
    database.close()
    words = ["eval", "ope", "--home", str(tmp_path), "--days", "3650", "--policy", "even", "--resamples", "200"]

    found = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    assert (found["decisions"], found["log"]["policy"], found["log"]["total"]["shown"]) == (400, "even", 800)
    shown = CliRunner().invoke(app, words, catch_exceptions=False).stdout
    assert "doubly robust" in shown
    assert "clicked" in shown


def test_the_command_makes_no_shop_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no shop"):
        CliRunner().invoke(app, ["eval", "ope", "--home", str(tmp_path / "none")], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []
