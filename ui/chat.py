"""The chat page: a Gradio app whose every visible piece is drawn by ``cards.py`` and spoken by ``texts.py``."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from gradio.themes import Base

from assistant.events import ProductsFound, TextDelta, Turn, TurnFinished, TurnResult
from retriever.carts import CartChange
from retriever.errors import NotFoundError, ShopwiseError
from retriever.orders import Customers
from retriever.product import Product
from retriever.store import Store
from retriever.suggest import MAX_PREFIX, MAX_SUGGESTIONS
from retriever.text import language_of
from ui.cards import cards, cart_count, cart_panel, corrected, proof, prose, related
from ui.ports import MAX_QUANTITY, Recommends, Talker, checked_message
from ui.rails import Rails
from ui.texts import LANGUAGES, openers, preferred_language, texts
from ui.visit import KEPT_RELATED, Said, Visit

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
STORAGE_KEY = "shopwise.visit"
REDRAW_SECONDS = 0.08
TURNS_AT_ONCE = 16
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
HEAD = '<meta name="color-scheme" content="light dark">'

Drawn = dict[Any, Any]  # what a handler changes: component to value, as Gradio takes it


class ChatPage:
    """What the page does, apart from Gradio's wiring: reads the shop, talks, and draws HTML."""

    def __init__(self, store: Store, talker: Talker, rails: Rails, name: str, fictional: bool) -> None:
        self._store = store
        self._talker = talker
        self._rails = rails
        self._name = name
        self._fictional = fictional

    def visit(self, kept: Any, language: str = "en") -> Visit:
        """The visit that a browser kept; who it is by, only the demo store believes."""
        visit = Visit.read(kept, language)
        return visit if self._fictional or not visit.customer else visit.model_copy(update={"customer": ""})

    def played(self, visit: Visit, customer: str) -> Visit:
        """A new visit by one of the demo store's invented customers, or by a stranger where there is no such one."""
        if not self._fictional or customer == visit.customer:
            return visit
        return Visit(customer=customer if self._customer_name(customer) else "", language=visit.language)

    def _customer_name(self, id: str) -> str:
        try:
            return Customers(self._store.database).get(id).name
        except NotFoundError:
            return ""

    def head(self, visit: Visit, cart: dict[str, Any]) -> str:
        """The page's top: the shop's name, the languages, the theme, the way to the cart on a phone."""
        words, count = texts(visit.language), cart_count(cart)
        languages = "".join(
            f'<button type="button" data-do="language" data-language="{tag}" lang="{tag}" '
            f'aria-pressed="{str(tag == visit.language).lower()}">{texts(tag).tag}</button>'
            for tag in LANGUAGES
        )
        badge = f'<span class="sw-count">{count}</span>' if count else ""
        demo = f'<p class="sw-demo">{words.demo_note}</p>' if self._fictional else ""
        if visit.customer:
            played = escape(words.played.format(self._customer_name(visit.customer)))
            demo += f'<p class="sw-demo">{played} <a href="/?as=">{words.stop_playing}</a></p>'
        return (
            f'<header class="sw-head" lang="{visit.language}" data-suggestions="{words.suggestions}" '
            f'data-session="{visit.session}">'
            f"<h1>{escape(self._name)}</h1>"
            f'<button type="button" class="sw-icon sw-new-talk" data-do="new" aria-label="{words.new_talk}">+'
            f"<span> {words.new_talk}</span></button>"
            f'<div class="sw-languages" role="group">{languages}</div>'
            f'<button type="button" class="sw-icon" data-do="theme" aria-label="{words.theme}">◐</button>'
            f'<button type="button" class="sw-icon sw-cart-toggle" data-do="cart">{words.cart}{badge}</button>'
            f"</header>{demo}"
        )

    def log(self, visit: Visit) -> str:
        """Everything said so far, or the opening."""
        if not visit.said:
            return self._opening(visit.language)
        return "".join(self.turn(said, self.products(said.products, said.language)) for said in visit.said)

    def _opening(self, language: str) -> str:
        words = texts(language)
        names = [named.name for named in self._store.catalogue.categories()]
        starts = "".join(
            f'<button type="button" data-do="ask" data-text="{escape(text)}">{escape(text)}</button>'
            for text in openers(language, names, demo=self._fictional)
        )
        return (
            f'<section class="sw-hello" lang="{language}"><h2>{words.welcome}</h2><p>{words.welcome_more}</p>'
            f'<div class="sw-openers">{starts}</div></section>'
        )

    def rails(self, visit: Visit) -> str:
        """Recommendations: at the opening for the person, after an answer with goods beside the first of these."""
        if not visit.said:
            return self._rails.opening(visit, [str(line["product_id"]) for line in self.cart(visit)["lines"]])
        last = visit.said[-1]
        return self._rails.beside(visit, self.products(last.products, last.language), last.language)

    def products(self, ids: Sequence[str], language: str) -> list[Product]:
        """Products as they are now, in a language; what the shop no longer has is left out."""
        return [each.localised(language) for each in self._store.catalogue.stamped(ids)]

    def turn(self, said: Said, shelf: Sequence[Product], waiting: bool = False) -> str:
        """One question and its answer, finished or still growing."""
        words = texts(said.language)
        parts = [
            f'<div class="sw-reply{" sw-failed" if said.failed else ""}" lang="{said.language}">{prose(said.reply)}'
        ]
        if waiting and not said.reply:
            parts.append(f'<p class="sw-waiting">{words.looking}</p>')
        if said.limited:
            parts.append(f'<p class="sw-limited">{words.limited}</p>')
        if said.handed_over:
            parts.append(f'<p class="sw-limited">{words.handed_over}</p>')
        parts.append(corrected(said.question, [(each.said, each.meant) for each in said.corrected], said.language))
        parts.append(cards(shelf, said.language, said.recommendation))
        if said.waits_for_yes:
            parts.append(_confirmation(said.language))
        parts.append(proof([item.model_dump() for item in said.proofs], said.withheld, said.language))
        parts.append(related(said.related, said.language))
        return (
            f'<article class="sw-turn"><p class="sw-said">{escape(said.question)}</p>{"".join(parts)}</div></article>'
        )

    def cart(self, visit: Visit) -> dict[str, Any]:
        """The visit's cart."""
        return self._store.carts.get(visit.cart).model_dump(mode="json")

    def change_cart(self, visit: Visit, action: str, variant: str, quantity: int) -> tuple[dict[str, Any], str]:
        """Add one piece (``add``) or set a quantity; the cart after it and what to say about it."""
        words, before = texts(visit.language), self.cart(visit)
        held = next((int(line["quantity"]) for line in before["lines"] if line["variant_id"] == variant), 0)
        wanted = held + 1 if action == "add" else quantity
        try:
            change = CartChange(variant_id=variant, quantity=min(wanted, MAX_QUANTITY))
            after = self._store.carts.update(visit.cart, [change]).model_dump(mode="json")
        except ShopwiseError as error:
            return before, words.failed.format(error.message)
        title = next((str(line["title"]) for line in after["lines"] if line["variant_id"] == variant), "")
        return after, words.added.format(title) if action == "add" else ""

    async def answer(self, visit: Visit, text: str) -> AsyncIterator[tuple[Said, list[Product], bool]]:
        """The turn as it grows: what is said, the shelf, and whether it is finished."""
        said = Said(question=text[:4_000], language=language_of(text) if text else visit.language)
        shelf: list[Product] = []
        drawn = 0.0
        yield said, shelf, False
        try:
            turn = Turn(
                checked_message(text),
                conversation_id=visit.conversation,
                user_id=visit.customer or None,
                cart_id=visit.cart,
                session_id=visit.session,
            )
            async for event in self._talker.stream(turn):
                if isinstance(event, ProductsFound):
                    shelf = await self._shelf(event.products, said.language)
                    said.recommendation = event.recommendation_id
                elif isinstance(event, TextDelta):
                    said.reply += event.text
                elif isinstance(event, TurnFinished):
                    said = Said.of(said.question, said.language, event.result)
                    shelf = await self._shelf(event.result.products, said.language)
                    said.related = await asyncio.to_thread(self._related, event.result, shelf, said.language)
                if time.monotonic() - drawn >= REDRAW_SECONDS:  # a redraw a token would only flood the line
                    drawn = time.monotonic()
                    yield said, shelf, False
        except ShopwiseError as error:
            said = said.model_copy(update={"failed": True, "reply": f"{error.message} {error.hint}".strip()})
        except Exception:
            log.exception("A turn of the page failed")
            said = said.model_copy(update={"failed": True, "reply": texts(said.language).started_over})
        yield said, shelf, True

    async def _shelf(self, found: Sequence[Product], language: str) -> list[Product]:
        return await asyncio.to_thread(self.products, [product.id for product in found], language)

    def _related(self, result: TurnResult, shelf: Sequence[Product], language: str) -> list[str]:
        """Other searches about the goods of a turn that searched, in its language."""
        searched = [call for call in result.tool_calls if call.name == "search_catalog" and call.ok]
        if not searched:
            return []
        query = str(searched[-1].arguments.get("query", ""))[:MAX_PREFIX]
        found = self._store.suggester.related(query, shelf, MAX_SUGGESTIONS)
        fitting = (each.text for each in found if language_of(each.text) == language)
        return list(islice(fitting, KEPT_RELATED))

    def prepare(self) -> None:
        """Have the shop's phrases read, so that they are there when the shopper begins to type."""
        self._store.suggester.prepare()


def _confirmation(language: str) -> str:
    words = texts(language)
    return (
        f'<p class="sw-confirm"><button type="button" class="sw-add" data-do="ask" data-text="{words.yes}">'
        f'{words.confirm_yes}</button><button type="button" class="sw-plain" data-do="ask" data-text="{words.no}">'
        f"{words.confirm_no}</button></p>"
    )


def mount_page(
    app: FastAPI, *, store: Store, talker: Talker, recommender: Callable[[], Recommends], name: str, fictional: bool
) -> None:
    """Put the page at ``/`` of the app."""
    blocks = _blocks(ChatPage(store, talker, Rails(recommender), name, fictional), name)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        theme=Base(font=FONTS, font_mono=("ui-monospace", "monospace")),
        head=f"{HEAD}<style>{(HERE / 'page.css').read_text(encoding='utf-8')}</style>",  # Gradio would rewrite css=
    )


class Wiring:
    """The page's Gradio components and what happens to them. Each handler names what it changes."""

    def __init__(self, page: ChatPage) -> None:
        self._page = page
        # Gradio wants a key for what the browser stores; the browser's owner may read it anyway.
        self.browser = gr.BrowserState(None, storage_key=STORAGE_KEY, secret=STORAGE_KEY)
        with gr.Column(elem_id="sw-shop"):
            self.head = gr.HTML()
            with gr.Row(elem_id="sw-columns"):
                with gr.Column(elem_id="sw-talk"):
                    self.past = gr.HTML(elem_id="sw-past")
                    self.live = gr.HTML(elem_id="sw-live")
                    self.rails = gr.HTML(elem_id="sw-rails")
                    self.box = gr.Textbox(
                        elem_id="sw-write", show_label=False, container=False, submit_btn=True, max_lines=6
                    )
                with gr.Column(elem_id="sw-side"):
                    self.cart = gr.HTML()
            self.bus = gr.HTML(elem_id="sw-bus", js_on_load=(HERE / "page.js").read_text(encoding="utf-8"))

    def connect(self, blocks: gr.Blocks) -> None:
        """Tie what the browser does to the handlers."""
        everything = [self.browser, self.head, self.past, self.live, self.rails, self.cart, self.box]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        talk: dict[str, Any] = {
            **quiet,
            "outputs": everything,
            "concurrency_limit": TURNS_AT_ONCE,
            "trigger_mode": "once",
        }
        for drawn in (
            blocks.load(self.arrive, self.browser, everything, **quiet),
            self.box.submit(self.typed, [self.browser, self.box], **talk),
            self.bus.submit(self.picked, [self.browser], **talk),
            self.bus.select(self.choose, [self.browser], everything, **quiet),
        ):  # recommendations come when all else stands
            drawn.then(self.recommend, [self.browser], [self.rails], **quiet)
        self.bus.click(self.change, [self.browser], [self.browser, self.cart, self.head], **quiet)

    def draw(self, visit: Visit) -> Drawn:
        """The whole page as the visit stands."""
        held = self._page.cart(visit)
        return {
            self.browser: visit.keep(),
            self.head: self._page.head(visit, held),
            self.past: self._page.log(visit),
            self.live: "",
            self.cart: cart_panel(held, visit.language),
            self.box: gr.update(placeholder=texts(visit.language).ask),
        }

    def arrive(self, kept: Any, request: gr.Request) -> Drawn:
        """A browser opens the page, for the first time or again."""
        self._page.prepare()
        visit = self._page.visit(kept, preferred_language(request.headers.get("accept-language", "")))
        customer = request.query_params.get("as")
        return self.draw(visit if customer is None else self._page.played(visit, customer))

    def choose(self, kept: Any, event: gr.EventData) -> Drawn:
        """Another language, a new conversation, or what the shopper decides about recommendations."""
        visit, action = self._page.visit(kept), getattr(event, "action", "")
        if action == "new":
            return self.draw(visit.afresh())
        if action == "forget":
            return self.draw(visit.unknown())
        if action == "upsell":
            return self.draw(visit.model_copy(update={"upsell": not visit.upsell}))
        if action == "answer":
            return self.draw(visit.answered(str(getattr(event, "question", "")), str(getattr(event, "option", ""))))
        return self.draw(self._page.visit({**visit.keep(), "language": getattr(event, "language", "en")}))

    def recommend(self, kept: Any) -> str:
        """The recommendations that fit the page as it stands."""
        return self._page.rails(self._page.visit(kept))

    def change(self, kept: Any, event: gr.EventData) -> Drawn:
        """Something was added to the cart, or a quantity set."""
        visit, quantity = self._page.visit(kept), getattr(event, "quantity", 0)
        held, note = self._page.change_cart(
            visit,
            str(getattr(event, "action", "")),
            str(getattr(event, "variant", ""))[:200],
            quantity if isinstance(quantity, int) else 0,
        )
        return {
            self.browser: visit.keep(),
            self.cart: cart_panel(held, visit.language, note),
            self.head: self._page.head(visit, held),
        }

    async def typed(self, kept: Any, text: str) -> AsyncIterator[Drawn]:
        """The shopper wrote something."""
        async for drawn in self._converse(kept, text):
            yield drawn

    async def picked(self, kept: Any, event: gr.EventData) -> AsyncIterator[Drawn]:
        """The shopper took one of the sentences offered."""
        async for drawn in self._converse(kept, str(getattr(event, "text", ""))):
            yield drawn

    async def _converse(self, kept: Any, text: str) -> AsyncIterator[Drawn]:
        visit = self._page.visit(kept)
        if not text.strip():
            return
        said_before = await asyncio.to_thread(self._page.log, visit) if visit.said else ""
        yield {self.box: "", self.past: said_before, self.live: "", self.rails: ""}
        async for said, shelf, finished in self._page.answer(visit, text):
            if not finished:
                yield {self.live: self._page.turn(said, shelf, waiting=True)}
                continue
            visit = visit.model_copy(update={"said": [*visit.said, said]})
            yield await asyncio.to_thread(self.draw, visit)


def _blocks(page: ChatPage, name: str) -> gr.Blocks:
    with gr.Blocks(title=name, analytics_enabled=False) as blocks:
        Wiring(page).connect(blocks)
    blocks.queue(default_concurrency_limit=TURNS_AT_ONCE)
    return blocks
