"""Rows of recommended goods on the page: where they are, what a click tells the shop, and what a failure costs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from recommended import ScriptedRecommender, shown
from shopfront import served
from sqlalchemy import select
from talkers import Line, ScriptedTalker

from retriever.interactions.histories import recorded_history
from retriever.product import Product
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because, Kind
from retriever.recommending.recommendation import Option, Question, Recommendation, Recommended
from retriever.records import EventRecord
from retriever.store import Store
from ui.api import Shop, create_app
from ui.ports import Recommends

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
KINDS: dict[str, Kind] = {"again": "due", "complement": "goes_with", "new": "new"}
SPORT = Question(
    id="kind", text="What for?", options=(Option(id="camp", text="Camping"), Option(id="run", text="Runs"))
)


def goods(store: Store, *goals: str) -> ScriptedRecommender:
    """Recommends the first goods that were not shown yet, for these goals; the second one is paid for."""

    def found(asked: Asked) -> Sequence[Recommended]:
        if asked.goal not in goals:
            return []
        ids = [id for id in store.catalogue.all_ids() if id not in (*asked.exclude, *asked.like)]
        products = [each.localised(asked.language) for each in store.catalogue.stamped(ids[: asked.k])]
        kind = KINDS.get(asked.goal or "", "popular")
        return [
            shown(each, f"Because of {asked.goal}", sponsored=place == 1).model_copy(
                update={"because": (Because(kind=kind),)}
            )
            for place, each in enumerate(products)
        ]

    return ScriptedRecommender(found)


@contextmanager
def page_of(
    chromium: Browser, store: Store, recommender: Recommends, size: dict[str, int] = DESK, locale: str = "en-US"
) -> Iterator[Page]:
    """The page, opened, over an assistant that has one lamp to show."""
    lamp = store.searcher.search("desk lamp", k=1).results[0].product
    shop = Shop(store=store, talker=ScriptedTalker([Line("A lamp.", [lamp])]), recommends=recommender)
    with opened(chromium, shop, size, locale) as page:
        yield page


@contextmanager
def opened(chromium: Browser, shop: Shop, size: dict[str, int] = DESK, locale: str = "en-US") -> Iterator[Page]:
    """The page of a shop, opened; nothing in it may fail."""
    with served(create_app(shop)) as address:
        context = chromium.new_context(viewport=size, locale=locale)  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        expect(page.locator(".sw-hello")).to_be_visible(timeout=60_000)
        yield page
        context.close()
        assert faults == []


def session_of(page: Page) -> str:
    return page.locator(".sw-head").get_attribute("data-session") or ""


def recorded(store: Store, session: str, count: int) -> list[tuple[str, str, str]]:
    """What the shop was told of a visit, once it was told so many things: kind, product, recommendation."""
    query = select(EventRecord.kind, EventRecord.product_id, EventRecord.value).where(EventRecord.session_id == session)
    for _ in range(100):
        with store.database.session() as opened:
            rows = [(kind, id, str(value.get("recommendation_id", ""))) for kind, id, value in opened.execute(query)]
        if len(rows) >= count:
            break
        time.sleep(0.1)
    return sorted(rows)


def ask(page: Page, text: str) -> None:
    page.locator("#sw-write textarea").fill(text)
    page.keyboard.press("Enter")


def test_rows_open_the_page_with_reasons_and_paid_goods_are_labelled(chromium: Browser, store: Store) -> None:
    recommender = goods(store, "personal", "new")
    with page_of(chromium, store, recommender) as page:
        rails = page.locator(".sw-rail")
        expect(rails.locator("h2")).to_have_text(["For you", "New"], timeout=30_000)
        first = rails.first.locator(".sw-card").first
        expect(first.locator(".sw-reasons")).to_have_text("Because of personal")
        expect(rails.first.locator(".sw-sponsored")).to_have_text(["Sponsored"])
        shown_twice = [card.get_attribute("data-product") for card in page.locator(".sw-rail .sw-card").all()]
        assert len(set(shown_twice)) == len(shown_twice) == 24
        assert {asked.session_id for asked in recommender.asked} == {session_of(page)}

        ask(page, "a lamp")
        expect(page.locator(".sw-rail")).to_have_count(0, timeout=30_000)  # nothing is like it, nothing goes with it
        expect(page.locator(".sw-reply")).to_contain_text("A lamp.")


def test_what_is_clicked_and_taken_is_told_with_the_recommendation_that_showed_it(
    chromium: Browser, store: Store
) -> None:
    recommender = goods(store, "personal", "complement", "similar")
    with page_of(chromium, store, recommender) as page:
        card = page.locator(".sw-rail .sw-card").first
        product = card.get_attribute("data-product") or ""
        title = card.locator(".sw-about").inner_text()
        first = page.locator(".sw-rail").first.get_attribute("data-recommendation") or ""
        card.locator(".sw-about").click()
        expect(page.locator(".sw-said")).to_have_text(f"Tell me about {title}", timeout=30_000)
        rails = page.locator(".sw-rail")
        expect(rails.locator("h2")).to_have_text(
            [re.compile("^Goes with "), re.compile("^Similar to ")], timeout=30_000
        )
        like = recommender.asked[-1].like
        expect(page.locator(".sw-shelf .sw-card")).to_have_attribute("data-product", like[0])

        with_stock = rails.last.locator(".sw-card", has=page.locator(".sw-add:enabled")).first
        taken = with_stock.get_attribute("data-product") or ""
        second = rails.last.get_attribute("data-recommendation") or ""
        with_stock.locator(".sw-add").click()
        expect(page.locator(".sw-line")).to_have_count(1, timeout=20_000)
        told = recorded(store, session_of(page), 2)
        assert told == [("add_to_cart", taken, second), ("click", product, first)]
        assert first != second

        page.locator(".sw-shelf .sw-add:enabled").click()
        expect(page.locator(".sw-line")).to_have_count(2, timeout=20_000)
        assert ("add_to_cart", like[0], "") in recorded(store, session_of(page), 3)


def test_what_is_clicked_and_taken_of_a_recommendation_in_the_talk_is_told_with_its_name(
    chromium: Browser, store: Store
) -> None:
    goods_there = [each.product for each in store.searcher.search("desk lamp", k=5).results]
    lamp = next(each for each in goods_there if each.availability.available)
    lines = [Line("I recommend a lamp.", [lamp], recommendation="rec-42"), Line("A lamp.", [lamp])]
    shop = Shop(store=store, talker=ScriptedTalker(lines), recommends=goods(store))
    with opened(chromium, shop) as page:
        ask(page, "what do you recommend")
        shelf = page.locator("#sw-past .sw-shelf")  # where an answer stands once it is whole
        expect(shelf).to_have_attribute("data-recommendation", "rec-42", timeout=30_000)
        shelf.locator(".sw-add:enabled").click()
        expect(page.locator(".sw-line")).to_have_count(1, timeout=20_000)
        page.reload()  # what the browser kept of the talk names it still
        expect(page.locator(".sw-shelf .sw-about")).to_be_visible(timeout=60_000)
        page.locator(".sw-shelf .sw-about").click()
        expect(page.locator(".sw-said").last).to_have_text(f"Tell me about {lamp.title}", timeout=60_000)
        assert recorded(store, session_of(page), 2) == [
            ("add_to_cart", lamp.id, "rec-42"),
            ("click", lamp.id, "rec-42"),
        ]
        expect(page.locator(".sw-shelf")).to_have_count(2, timeout=30_000)
        page.locator(".sw-shelf").last.locator(".sw-about").click()  # that one was found by a search
        assert ("click", lamp.id, "") in recorded(store, session_of(page), 3)


def test_a_quick_question_is_asked_of_a_stranger_and_its_answer_counts(chromium: Browser, store: Store) -> None:
    recommender = goods(store, "personal")
    recommender.questions = [SPORT]
    with page_of(chromium, store, recommender) as page:
        expect(page.locator(".sw-rail h2")).to_have_text("To start with", timeout=30_000)
        page.get_by_role("group", name="What for?").get_by_role("button", name="Camping").click()
        expect(page.locator(".sw-rail h2")).to_have_text("For you", timeout=30_000)
        expect(page.locator(".sw-question")).to_have_count(0)
        expect(page.get_by_role("button", name="Forget this visit")).to_be_visible()
        assert dict(recommender.asked[-1].context.answers) == {"kind": "camp"}


def test_a_visit_is_forgotten_when_asked_to_be(chromium: Browser, store: Store) -> None:
    with page_of(chromium, store, goods(store, "personal")) as page:
        page.locator(".sw-rail .sw-add:enabled").first.click()
        expect(page.locator(".sw-line")).to_have_count(1, timeout=20_000)
        before = session_of(page)
        assert len(recorded(store, before, 1)) == 1

        page.get_by_role("button", name="Forget this visit").click()
        expect(page.locator(".sw-head")).not_to_have_attribute("data-session", before, timeout=20_000)
        assert recorded_history(store.database, f"session:{before}", now=2e10) == []
        expect(page.locator(".sw-line")).to_have_count(1)


def test_who_wants_no_extras_is_asked_for_none(chromium: Browser, store: Store) -> None:
    recommender = goods(store, "personal")
    with page_of(chromium, store, recommender) as page:
        switch = page.get_by_role("button", name="No extras")
        expect(switch).to_have_attribute("aria-pressed", "false", timeout=30_000)
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true", timeout=30_000)
        assert not recommender.asked[-1].upsell
        assert recommender.asked[0].upsell
        page.reload()
        expect(switch).to_have_attribute("aria-pressed", "true", timeout=60_000)


def test_a_row_is_worked_with_the_keyboard_and_fits_a_phone(chromium: Browser, store: Store) -> None:
    recommender = goods(store, "personal", "new")
    with page_of(chromium, store, recommender, PHONE, locale="zh-CN") as page:
        expect(page.locator(".sw-rail h2")).to_have_text(["为您推荐", "新品"], timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        row = page.get_by_role("list", name="为您推荐")
        row.focus()
        row.press("ArrowRight")
        page.wait_for_function("row => row.scrollLeft > 0", arg=row.element_handle())
        last = row.locator(".sw-about").last
        last.focus()
        expect(last).to_be_in_viewport()
        last.press("Enter")
        expect(page.locator(".sw-said")).to_contain_text("介绍一下", timeout=30_000)
    with page_of(chromium, store, recommender) as page:
        row = page.get_by_role("list", name="For you")
        page.get_by_role("button", name="Onward: For you").click(timeout=30_000)
        page.wait_for_function("row => row.scrollLeft > 100", arg=row.element_handle())


class Broken:
    """A recommender that cannot."""

    def recommend(self, asked: Asked) -> Recommendation:
        raise KeyError("inner-detail")


def test_a_recommender_that_fails_costs_the_page_nothing(chromium: Browser, store: Store) -> None:
    with page_of(chromium, store, Broken()) as page:
        ask(page, "a lamp")
        expect(page.locator(".sw-reply")).to_contain_text("A lamp.", timeout=30_000)
        expect(page.locator(".sw-shelf .sw-card")).to_have_count(1)
        expect(page.locator(".sw-rail")).to_have_count(0)
        expect(page.locator("body")).not_to_contain_text("inner-detail")


def test_a_row_shows_only_what_its_name_says(chromium: Browser, store: Store) -> None:
    popular: list[Product] = store.catalogue.get(store.catalogue.all_ids()[:6])
    recommender = ScriptedRecommender(
        lambda asked: [
            shown(each, "Much wanted").model_copy(update={"because": (Because(kind="popular"),)}) for each in popular
        ]
    )
    with page_of(chromium, store, recommender) as page:
        expect(page.locator(".sw-rail h2")).to_have_text(["For you"], timeout=30_000)
    assert {asked.goal for asked in recommender.asked} == {"personal", "again", "new"}
