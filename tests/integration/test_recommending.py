"""Recommendations of the demo store, from a request to an answer, as the page and the assistant get them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update

from assistant.build import open_store
from assistant.settings import Settings
from retriever.interactions.taking import EventTaker
from retriever.profiles.choices import Choices
from retriever.profiles.profile import Muted
from retriever.recommending.asking import GOALS, Asked, Context, Goal
from retriever.records import EventRecord, ProductRecord, RecommendationRecord, VariantRecord
from retriever.store import Store
from tests.support.shopfront import HashEncoder, imported

CUSTOMER = "fs-customer-carys-penhaligon"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    folder = Path(shutil.copytree(imported(), tmp_path / "shop"))
    opened = open_store(Settings(home=folder / "home", cache=folder / "cache"), encoder=HashEncoder())
    yield opened
    opened.close()


def bought(store: Store, customer: str) -> set[str]:
    with store.database.session() as session:
        rows = select(EventRecord.product_id).where(EventRecord.customer_id == customer, EventRecord.kind == "purchase")
        return set(session.scalars(rows))


@pytest.mark.parametrize("goal", [None, *GOALS])
def test_every_goal_gives_goods_that_can_be_bought_each_with_a_reason(store: Store, goal: Goal | None) -> None:
    like = tuple(sorted(bought(store, CUSTOMER)))[:1] if goal in ("similar", "complement") else ()
    found = store.recommender.recommend(Asked(goal=goal, customer_id=CUSTOMER, like=like, k=6))
    ids = [one.id for one in found.results]
    assert len(ids) == len(set(ids)) <= 6
    assert ids or goal == "again"
    assert all(one.product.availability.available and one.reasons for one in found.results)
    assert not set(ids) & set(like)
    if goal != "again":
        assert not {one.id for one in found.results if one.source != "again"} & bought(store, CUSTOMER)


def test_a_stranger_is_asked_two_or_three_questions_and_an_answer_turns_the_list(store: Store) -> None:
    stranger = store.recommender.recommend(Asked(k=8))
    assert len(stranger.results) == 8
    assert 2 <= len(stranger.questions) <= 3
    question = stranger.questions[0]
    option = next(one for one in question.options if one.id != "any")
    told = Asked(k=8, context=Context(answers={question.id: option.id}))
    assert [one.id for one in store.recommender.recommend(told).results] != [one.id for one in stranger.results]
    assert store.recommender.recommend(Asked(customer_id=CUSTOMER)).questions == ()


def test_one_more_event_changes_the_next_list(store: Store) -> None:
    tent = store.searcher.search("tent", k=1).results[0].id
    asked = Asked(session_id="visit-1", k=10)
    before = [one.id for one in store.recommender.recommend(asked).results]
    event = {"id": "e1", "kind": "view", "session_id": "visit-1", "product_id": tent, "at": datetime.now(UTC)}
    EventTaker(store.database).take([event])
    after = store.recommender.recommend(asked)
    assert [one.id for one in after.results] != before
    assert any(because.about == (tent,) for one in after.results for because in one.because)


def test_what_has_just_been_sold_out_or_become_dearer_is_not_shown(store: Store) -> None:
    asked = Asked(goal="popular", k=5, price_max=Decimal(40))
    first, second, *_ = [one.id for one in store.recommender.recommend(asked).results]
    with store.database.transaction() as session:
        session.execute(update(ProductRecord).where(ProductRecord.id == first).values(available=False))
        session.execute(
            update(ProductRecord).where(ProductRecord.id == second).values(price_min=99_00, price_max=99_00)
        )
        session.execute(update(VariantRecord).where(VariantRecord.product_id == second).values(price=99_00))
    found = store.recommender.recommend(asked)
    assert not {first, second} & {one.id for one in found.results}
    assert len(found.results) == 5


def test_nothing_on_record_is_used_of_a_person_who_wants_no_profile_and_nobody_is_named_in_the_log(
    store: Store,
) -> None:
    Choices(store.database).switch(CUSTOMER, on=False)
    found = store.recommender.recommend(Asked(customer_id=CUSTOMER, k=10))
    assert found.results
    assert not {"bought", "viewed", "taken", "due", "favourite"} & {
        b.kind for one in found.results for b in one.because
    }
    store.recommender.close()
    with store.database.session() as session:
        kept = session.get(RecommendationRecord, found.recommendation_id)
    assert kept is not None
    assert (kept.customer_id, [one["id"] for one in kept.shown]) == ("", [one.id for one in found.results])


def test_a_muted_brand_is_not_shown(store: Store) -> None:
    brand = store.recommender.recommend(Asked(customer_id=CUSTOMER, k=10)).results[0].product.brand
    Choices(store.database).mute(CUSTOMER, Muted(kind="brand", name=brand))
    again = store.recommender.recommend(Asked(customer_id=CUSTOMER, k=10)).results
    assert again
    assert brand not in {one.product.brand for one in again}


def test_the_list_is_in_the_language_asked_for(store: Store) -> None:
    found = store.recommender.recommend(Asked(customer_id=CUSTOMER, language="zh", k=5))
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in one.reasons[0]) for one in found.results)


def test_an_empty_shop_a_stranger_and_unknown_goods_are_no_error(tmp_path: Path) -> None:
    empty = open_store(Settings(home=tmp_path / "home", cache=tmp_path / "cache"), encoder=HashEncoder())
    asked = Asked(customer_id="nobody", like=("no-such",), history=("none",), context=Context(product_id="?"))
    assert empty.recommender.recommend(asked).results == ()
    empty.close()


def test_new_goods_are_recommended_as_new(store: Store) -> None:
    now = datetime.now(UTC)
    with store.database.transaction() as session:
        kinds = ("fs-tent-%", "fs-mug-%", "fs-backpack-%")
        some = [session.scalars(select(ProductRecord.id).where(ProductRecord.id.like(kind))).first() for kind in kinds]
        session.execute(
            update(ProductRecord).where(ProductRecord.id.in_(some)).values(published_at=now - timedelta(hours=1))
        )
    found = store.recommender.recommend(Asked(goal="new", k=3, upsell=False))
    assert {one.id for one in found.results} == set(some)
    assert all(one.source == "arrivals" and one.because[0].kind == "new" for one in found.results)
