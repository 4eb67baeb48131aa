"""The address of the demo store's page may name the customer whom the visitor plays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from recommended import ScriptedRecommender
from shopfront import served
from talkers import Line, ScriptedTalker

from retriever.demo.people import customers
from retriever.store import Store
from ui.api import Shop, create_app

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_the_address_says_whom_one_plays_until_one_stops(chromium: Browser, store: Store) -> None:
    customer, recommender = customers()[0], ScriptedRecommender(lambda asked: [])
    talker = ScriptedTalker([Line("Hello.")])
    shop = Shop(store=store, talker=talker, recommends=recommender, name="Fennel Street", fictional=True)
    with served(create_app(shop)) as address:
        page = chromium.new_page()
        page.goto(f"{address}/?as={customer.id}")
        expect(page.locator(".sw-demo a")).to_be_visible(timeout=60_000)
        expect(page.locator(".sw-demo", has_text=customer.name)).to_be_visible()
        page.locator("#sw-write textarea").fill("where is my order")
        page.locator("#sw-write textarea").press("Enter")
        expect(page.locator(".sw-reply")).to_contain_text("Hello.", timeout=30_000)
        assert talker.heard[-1].user_id == customer.id
        assert recommender.asked[-1].customer_id == customer.id
        page.locator(".sw-demo a").click()
        expect(page.locator(".sw-hello")).to_be_visible(timeout=60_000)
        expect(page.locator(".sw-demo a")).to_have_count(0)
        page.close()
