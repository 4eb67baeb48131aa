"""On the demo store's page a visitor may play one of its customers; elsewhere an address lets nobody in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from recommended import ScriptedRecommender
from shopfront import small_demo_store
from talkers import Line, ScriptedTalker

from retriever.demo.people import customers
from retriever.store import Store
from ui.chat import ChatPage
from ui.rails import Rails
from ui.visit import Visit

CUSTOMER = customers()[0]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = small_demo_store(tmp_path_factory.mktemp("played"))
    yield opened
    opened.close()


class Opened:
    """A page, what its recommender was asked, and what its assistant heard."""

    def __init__(self, store: Store, *, fictional: bool) -> None:
        self.recommender = ScriptedRecommender(lambda asked: [])
        self.talker = ScriptedTalker([Line("Hello.")])
        self.page = ChatPage(store, self.talker, Rails(lambda: self.recommender), "Shop", fictional)

    def used(self, visit: Visit) -> None:
        async def talk() -> None:
            async for _ in self.page.answer(visit, "where is my order"):
                pass

        self.page.rails(visit)
        asyncio.run(talk())


def test_who_plays_a_customer_gets_their_recommendations_and_speaks_as_them(store: Store) -> None:
    opened, stranger = Opened(store, fictional=True), Visit()
    visit = opened.page.visit(opened.page.played(stranger, CUSTOMER.id).keep())
    opened.used(visit)
    assert {asked.customer_id for asked in opened.recommender.asked} == {CUSTOMER.id}
    assert [turn.user_id for turn in opened.talker.heard] == [CUSTOMER.id]
    assert f"You are here as {CUSTOMER.name}" in opened.page.head(visit, opened.page.cart(visit))
    assert not {visit.cart, visit.session, visit.conversation} & {
        stranger.cart,
        stranger.session,
        stranger.conversation,
    }
    assert opened.page.played(visit, CUSTOMER.id) is visit, "loaded again it is the same visit"
    assert visit.afresh().customer == CUSTOMER.id


def test_one_stops_by_being_nobody_and_a_made_up_customer_is_nobody(store: Store) -> None:
    opened = Opened(store, fictional=True)
    visit = opened.page.played(Visit(language="zh"), CUSTOMER.id)
    for customer in ("", "no-such-customer"):
        left = opened.page.played(visit, customer)
        assert (left.customer, left.language) == ("", "zh")
        assert left.session != visit.session
    assert "sw-demo" in opened.page.head(left, opened.page.cart(left))
    assert "?as=" not in opened.page.head(left, opened.page.cart(left))


def test_in_a_real_shop_neither_an_address_nor_the_browsers_memory_makes_a_customer(store: Store) -> None:
    opened = Opened(store, fictional=False)
    assert opened.page.played(Visit(), CUSTOMER.id).customer == ""
    visit = opened.page.visit(Visit(customer=CUSTOMER.id).keep())
    opened.used(visit)
    assert {asked.customer_id for asked in opened.recommender.asked} == {""}
    assert [turn.user_id for turn in opened.talker.heard] == [None]
