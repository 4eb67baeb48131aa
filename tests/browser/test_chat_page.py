"""The page as a shopper meets it, in a real browser over the real demo shop."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from shopfront import demo_store, served
from talkers import Line, ScriptedTalker, priced

from assistant.agent import Assistant
from assistant.build import open_assistant
from assistant.events import Corrected, Withheld
from assistant.model.serve import ModelServer
from assistant.settings import Settings
from ranker.encoder import SentenceEncoder
from retriever.errors import UnavailableError
from retriever.store import Store
from ui.api import Shop, create_app
from ui.ports import Talker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def page_of(
    chromium: Browser, store: Store, talker: Talker, size: dict[str, int] = DESK, locale: str = "en-US"
) -> Iterator[Page]:
    """The page of a shop, opened. Any request to another origin is recorded, refused, and fails the test."""
    with served(create_app(Shop(store=store, talker=talker, name="Fennel Street", fictional=True))) as address:
        context = chromium.new_context(viewport=size, locale=locale)  # pyright: ignore[reportArgumentType]
        strangers: list[str] = []

        def look(route: Route) -> None:
            if urlsplit(route.request.url).netloc != urlsplit(address).netloc:
                strangers.append(route.request.url)
                route.abort()
            else:
                route.continue_()

        context.route(re.compile("^(https?|wss?):"), look)
        faults: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        expect(page.locator(".sw-hello")).to_be_visible(timeout=60_000)
        yield page
        context.close()
        assert strangers == [], "the page asked another host"
        assert faults == []


def speakers(store: Store, words: str = "Here are two speakers.", calls: int = 2) -> ScriptedTalker:
    """An assistant that knows two speakers."""
    found = [hit.product for hit in store.searcher.search("bluetooth speaker", k=2).results]
    left_out = [Withheld(text="They sing.", why="no record")]
    return ScriptedTalker([Line(words, found, [priced(found[0])], left_out, calls=calls)])


def say(page: Page, text: str) -> None:
    page.locator("#sw-write textarea").fill(text)
    page.keyboard.press("Enter")


def test_asking_shows_cards_and_adding_one_changes_the_cart(chromium: Browser, store: Store) -> None:
    talker = speakers(store)
    first = talker.lines[0].products[0]
    with page_of(chromium, store, talker) as page:
        expect(page.locator(".sw-demo")).to_contain_text("fictional")
        say(page, "show me a bluetooth speaker")
        expect(page.locator(".sw-reply")).to_contain_text("Here are two speakers.", timeout=30_000)
        cards = page.locator(".sw-shelf .sw-card")
        expect(cards).to_have_count(2)
        expect(cards.first).to_contain_text(first.title)
        expect(cards.first).to_contain_text(first.price_range.min.text() if first.price_range.min else "unknown")
        picture = cards.first.locator("img")
        picture.scroll_into_view_if_needed()
        page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
        expect(page.locator(".sw-proof summary")).to_contain_text("Checked against the shop's records")
        expect(page.locator(".sw-withheld")).to_be_visible()

        expect(page.locator(".sw-line")).to_have_count(0)
        cards.first.locator(".sw-add").click()
        line = page.locator(".sw-line")
        expect(line).to_have_count(1, timeout=20_000)
        expect(line).to_contain_text(first.title)
        line.get_by_role("button", name="One more").click()
        expect(line.locator(".sw-quantity")).to_have_text("2", timeout=20_000)

        page.reload()
        expect(page.locator(".sw-line .sw-quantity")).to_have_text("2", timeout=60_000)
        expect(page.locator(".sw-said")).to_have_text("show me a bluetooth speaker")
        page.locator(".sw-line").get_by_role("button", name="Remove").click()
        expect(page.locator(".sw-line")).to_have_count(0, timeout=20_000)
    assert {turn.cart_id for turn in talker.heard} != {None}, "the assistant was not told whose cart it is"


def test_a_phone_scrolls_one_way_only_and_opens_the_cart(chromium: Browser, store: Store) -> None:
    with page_of(chromium, store, speakers(store), PHONE) as page:
        page.locator(".sw-openers button").first.click()
        expect(page.locator(".sw-shelf .sw-card").first).to_be_visible(timeout=30_000)
        expect(page.locator(".sw-proof")).to_be_visible(timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        add = page.locator(".sw-shelf .sw-card .sw-add").first
        expect(add).to_be_in_viewport()
        add.click()
        expect(page.locator(".sw-cart-toggle .sw-count")).to_have_text("1", timeout=20_000)
        expect(page.locator(".sw-cart")).not_to_be_visible()
        page.locator(".sw-cart-toggle").click()
        expect(page.locator(".sw-cart .sw-line")).to_be_visible()
        page.locator(".sw-close").click()
        expect(page.locator(".sw-cart")).not_to_be_visible()


def test_the_page_speaks_chinese_when_asked_to_and_when_the_browser_does(chromium: Browser, store: Store) -> None:
    with page_of(chromium, store, speakers(store)) as page:
        page.get_by_role("button", name="中文").click()
        expect(page.locator(".sw-hello h2")).to_have_text("您想找什么？", timeout=20_000)
        say(page, "有蓝牙音箱吗？")
        expect(page.locator(".sw-shelf .sw-card .sw-add").first).to_have_text("加入购物车", timeout=30_000)
        expect(page.locator(".sw-shelf .sw-card h3").first).to_contain_text("音箱")
    with page_of(chromium, store, speakers(store), locale="zh-CN") as page:
        expect(page.locator(".sw-cart h2")).to_have_text("购物车")


def test_a_limited_assistant_is_said_to_be_limited(chromium: Browser, store: Store) -> None:
    with page_of(chromium, store, speakers(store, calls=0)) as page:
        say(page, "a speaker")
        expect(page.locator(".sw-limited")).to_contain_text("limited", timeout=30_000)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnavailableError("The shop is closed.", "Come back."), "The shop is closed."),
        (KeyError("inner-detail"), "try again"),
    ],
)
def test_an_error_is_told_in_plain_words(chromium: Browser, store: Store, error: Exception, told: str) -> None:
    with page_of(chromium, store, ScriptedTalker([Line("So far", error=error)])) as page:
        say(page, "a speaker")
        expect(page.locator(".sw-failed")).to_contain_text(told, timeout=30_000)
        assert "inner-detail" not in page.content()
        assert "Traceback" not in page.content()


def test_what_is_written_is_text_and_never_markup(chromium: Browser, store: Store) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    with page_of(chromium, store, ScriptedTalker([Line(evil)])) as page:
        say(page, evil)
        expect(page.locator(".sw-reply")).to_contain_text("onerror", timeout=30_000)
        assert page.locator(".sw-turn img").count() == 0
        assert page.title() == "Fennel Street"


def test_typing_offers_what_the_shop_has_and_the_keyboard_chooses_it(chromium: Browser, store: Store) -> None:
    store.suggester.prepare(wait=True)
    talker = speakers(store)
    with page_of(chromium, store, talker) as page:
        box, options = page.locator("#sw-write textarea"), page.locator("#sw-suggestions [role=option]")
        box.press_sequentially("blu sp")
        expect(options.first).to_have_text("Bluetooth Speakers", timeout=30_000)
        expect(options.first.locator("b")).to_have_text(["Blu", "Sp"])
        expect(page.get_by_role("listbox")).to_have_attribute("aria-label", "Suggestions")
        expect(box).to_have_attribute("aria-expanded", "true")
        box.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", "sw-suggestion-0")
        box.press("ArrowUp")
        expect(options.first).to_have_attribute("aria-selected", "false")
        box.press("Escape")
        expect(page.get_by_role("listbox")).not_to_be_visible()
        expect(box).to_have_value("blu sp")
        box.press_sequentially("e")
        expect(options.first).to_be_visible(timeout=30_000)
        box.press("ArrowDown")
        box.press("Enter")
        expect(page.locator(".sw-said")).to_have_text("Bluetooth Speakers", timeout=30_000)
        expect(page.get_by_role("listbox")).not_to_be_visible()
        expect(page.locator(".sw-related button").first).to_be_visible(timeout=30_000)
    assert [turn.text for turn in talker.heard] == ["Bluetooth Speakers"]


def test_a_misspelt_word_can_be_searched_as_typed_and_chinese_is_completed(chromium: Browser, store: Store) -> None:
    store.suggester.prepare(wait=True)
    talker = ScriptedTalker([Line("Here.", corrected=[Corrected(said="speekr", meant="speaker")]), Line("Nothing.")])
    with page_of(chromium, store, talker) as page:
        say(page, "bluetooth speekr")
        told = page.locator(".sw-corrected")
        expect(told).to_contain_text("Showing results for speaker instead of speekr.", timeout=30_000)
        told.get_by_role("button", name="Search for speekr as typed").click()
        expect(page.locator(".sw-said").last).to_have_text('bluetooth "speekr"', timeout=30_000)
    with page_of(chromium, store, ScriptedTalker([Line("好。")]), PHONE, locale="zh-CN") as page:
        page.locator("#sw-write textarea").press_sequentially("蓝牙")
        option = page.locator("#sw-suggestions [role=option]").first
        expect(option).to_contain_text("蓝牙", timeout=30_000)
        expect(page.get_by_role("listbox")).to_have_attribute("aria-label", "搜索建议")
        expect(option).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        chosen = option.inner_text()
        option.click()
        expect(page.locator(".sw-said")).to_have_text(chosen, timeout=30_000)


@contextmanager
def real_assistant(folder: Path, store: Store, server: ModelServer) -> Iterator[Assistant]:
    """The assistant as it is wired for a shop, in an event loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opened = open_assistant(Settings(home=folder), store, server)
    try:
        yield asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(60)
    finally:
        asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@pytest.mark.model
def test_the_real_assistant_finds_goods_that_can_be_bought(
    chromium: Browser, model_server: ModelServer, tmp_path: Path
) -> None:
    store = demo_store(tmp_path, SentenceEncoder())
    with (
        closing(store),
        real_assistant(tmp_path, store, model_server) as assistant,
        page_of(chromium, store, assistant) as page,
    ):
        say(page, "show me a bluetooth speaker")
        expect(page.locator(".sw-said")).to_have_text("show me a bluetooth speaker")
        expect(page.locator(".sw-waiting")).to_have_count(0, timeout=300_000)
        expect(page.locator(".sw-limited, .sw-failed")).to_have_count(0)
        # Cards come before the words; what was checked comes last. Nobody leaves in the middle of the turn.
        expect(page.locator(".sw-proof")).to_have_count(1, timeout=300_000)
        card = page.locator(".sw-shelf .sw-card", has=page.locator(".sw-add:enabled")).first
        expect(card).to_contain_text(re.compile("speaker", re.IGNORECASE), timeout=300_000)
        title = card.locator("h3").inner_text()
        card.locator(".sw-add").click()
        expect(page.locator(".sw-line")).to_contain_text(title, timeout=30_000)
