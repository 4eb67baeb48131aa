"""HTML of the page's pieces. Everything that comes from a record, a shopper or a model is escaped here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from retriever.product import Money, Product, Variant
from ui.texts import Texts, texts

SHOWN_EVIDENCE = 12


def money_text(money: Money | None, language: str) -> str:
    """A price as the shopper reads it; an unknown one is said to be unknown."""
    return money.text(language) if money is not None else texts(language).price_unknown


def price_text(product: Product, language: str) -> str:
    """A product's price: one amount, or where it starts."""
    lowest, highest = product.price_range.min, product.price_range.max
    if lowest is None or lowest == highest:
        return money_text(lowest, language)
    return texts(language).price_from.format(lowest.text(language))


def stock_text(status: str, available: bool, words: Texts) -> str:
    """Availability in words."""
    known = {"in_stock": words.in_stock, "preorder": words.preorder, "discontinued": words.discontinued}
    if not available:
        return words.discontinued if status == "discontinued" else words.out_of_stock
    return known.get(status, words.in_stock)


def cards(products: Sequence[Product], language: str, recommendation: str = "") -> str:
    """The shelf of product cards under an answer, marked with the recommendation that it shows, if it shows one."""
    if not products:
        return ""
    named = f' data-recommendation="{escape(recommendation)}"' if recommendation else ""
    return f'<ul class="sw-shelf"{named}>{"".join(_card(product, language) for product in products)}</ul>'


def corrected(question: str, mended: Sequence[tuple[str, str]], language: str) -> str:
    """What was searched instead of misspelt words, and the way to search for them as they were typed."""
    if not mended:
        return ""
    words, typed = texts(language), question
    for said, _ in mended:
        typed = re.sub(rf'(?<![\w"]){re.escape(said)}(?![\w"])', f'"{said}"', typed)
    if typed == question:  # Chinese has no spaces, and the model may have put the words otherwise
        typed = " ".join(f'"{said}"' for said, _ in mended)
    said, meant = (", ".join(dict.fromkeys(column)) for column in zip(*mended, strict=True))
    return (
        f'<p class="sw-corrected">{escape(words.corrected.format(meant, said))} '
        f'<button type="button" class="sw-plain" data-do="ask" data-text="{escape(typed)}">'
        f"{escape(words.as_typed.format(said))}</button></p>"
    )


def related(searches: Sequence[str], language: str) -> str:
    """Other searches to go on with."""
    if not searches:
        return ""
    words = texts(language)
    buttons = "".join(
        f'<button type="button" data-do="ask" data-text="{escape(text)}">{escape(text)}</button>' for text in searches
    )
    return f'<nav class="sw-related" aria-label="{words.related}"><span>{words.related}</span>{buttons}</nav>'


def _card(product: Product, language: str) -> str:
    words = texts(language)
    stock = "in" if product.availability.available else "out"
    brand = f'<p class="sw-brand">{escape(product.brand)}</p>' if product.brand else ""
    return (
        f'<li class="sw-card" data-product="{escape(product.id)}">{picture(product, words)}'
        f'<div class="sw-card-body">{brand}{about(product, words)}'
        f'<p class="sw-price">{escape(price_text(product, language))}</p>'
        f'<p class="sw-facts"><span class="sw-stock sw-stock-{stock}">'
        f"{escape(stock_text(product.availability.status, product.availability.available, words))}</span>"
        f"{rating(product, words)}</p>{buy(product, language)}</div></li>"
    )


def about(product: Product, words: Texts) -> str:
    """A product's name, by which it is asked about."""
    title = escape(product.title)
    return (
        f'<h3><button type="button" class="sw-about" data-do="ask" '
        f'data-text="{escape(words.about.format(product.title))}" title="{title}">{title}</button></h3>'
    )


def picture(product: Product, words: Texts) -> str:
    """A product's picture, or a tile with its first letter."""
    # Only this shop's own pictures: a picture elsewhere would tell that host who looks at what.
    own = next((image for image in product.images if image.startswith("/") and not image.startswith("//")), None)
    if own is None:
        initial = escape(product.title[:1].upper() or "?")
        return f'<div class="sw-picture sw-no-picture" role="img" aria-label="{words.no_picture}">{initial}</div>'
    return f'<div class="sw-picture"><img src="{escape(own)}" alt="{escape(product.title)}" loading="lazy"></div>'


def rating(product: Product, words: Texts) -> str:
    """A product's stars; nothing where nobody rated it."""
    if product.rating is None or not product.rating.count:
        return ""
    value = f"{product.rating.value:.1f}"
    told = escape(words.ratings.format(value, product.rating.count))
    return (
        f'<span class="sw-rating" title="{told}" aria-label="{told}">★ {value} <i>({product.rating.count})</i></span>'
    )


def buy(product: Product, language: str) -> str:
    """The choice of a variant where there are several, and the button that puts it into the cart."""
    words = texts(language)
    buyable = [variant for variant in product.variants if variant.availability.available]
    choice = ""
    if len(product.variants) > 1:
        # Where nothing can be bought the choices stay open, so that their prices can be read.
        options = "".join(_option(variant, language, closed=bool(buyable)) for variant in product.variants)
        choice = f'<select class="sw-variant" aria-label="{words.choose}">{options}</select>'
    first = buyable[0].id if buyable else ""
    disabled = "" if buyable else " disabled"
    label = escape(f"{words.add if buyable else words.out_of_stock}: {product.title}")
    return (
        f'{choice}<button type="button" class="sw-add" data-do="add" data-variant="{escape(first)}" '
        f'aria-label="{label}"{disabled}>{words.add if buyable else words.out_of_stock}</button>'
    )


def _option(variant: Variant, language: str, *, closed: bool) -> str:
    name = ", ".join(variant.options.values()) or variant.title
    price = money_text(variant.price, language)
    gone = "" if variant.availability.available else f" ({texts(language).out_of_stock})"
    disabled = " disabled" if closed and not variant.availability.available else ""
    return f'<option value="{escape(variant.id)}"{disabled}>{escape(f"{name} · {price}{gone}")}</option>'


def cart_panel(cart: dict[str, Any], language: str, note: str = "") -> str:
    """The cart: its lines, quantities and total. ``note`` is what was just done, or why it was not."""
    words = texts(language)
    lines = "".join(_cart_line(line, language) for line in cart["lines"])
    body = f'<ul class="sw-lines">{lines}</ul>{_total(cart, language)}' if lines else f"<p>{words.cart_empty}</p>"
    said = f'<p class="sw-cart-note" role="status">{escape(note)}</p>' if note else ""
    return (
        f'<section class="sw-cart" aria-label="{words.cart}"><header><h2>{words.cart}</h2>'
        f'<button type="button" class="sw-plain sw-close" data-do="cart" aria-label="{words.close}">✕</button></header>'
        f'{said}{body}<p class="sw-small">{words.cart_note}</p></section>'
    )


def cart_count(cart: dict[str, Any]) -> int:
    """How many pieces are in the cart."""
    return sum(int(line["quantity"]) for line in cart["lines"])


def _cart_line(line: dict[str, Any], language: str) -> str:
    words = texts(language)
    variant, quantity = escape(str(line["variant_id"])), int(line["quantity"])
    options = ", ".join(str(value) for value in line["options"].values())
    detail = f'<p class="sw-small">{escape(options)}</p>' if options else ""
    gone = "" if line["available"] else f'<p class="sw-small sw-stock-out">{words.unavailable_line}</p>'
    total = escape(money_text(_money(line["line_total"]), language))

    def step(target: int, sign: str, label: str) -> str:
        return (
            f'<button type="button" class="sw-step" data-do="quantity" data-variant="{variant}" '
            f'data-quantity="{target}" aria-label="{label}">{sign}</button>'
        )

    return (
        f'<li class="sw-line" data-variant="{variant}"><div><p class="sw-line-title">{escape(str(line["title"]))}</p>'
        f'{detail}{gone}<p class="sw-steps">{step(quantity - 1, "−", words.fewer)}'
        f'<span class="sw-quantity">{quantity}</span>{step(quantity + 1, "+", words.more)}'
        f'<button type="button" class="sw-plain" data-do="quantity" data-variant="{variant}" data-quantity="0">'
        f'{words.remove}</button></p></div><p class="sw-line-total">{total}</p></li>'
    )


def _total(cart: dict[str, Any], language: str) -> str:
    words = texts(language)
    partly = "" if cart["complete"] else f'<p class="sw-small">{words.cart_partly_known}</p>'
    total = escape(money_text(_money(cart["total"]), language))
    return f'<p class="sw-total"><span>{words.cart_total}</span><strong>{total}</strong></p>{partly}'


def _money(value: dict[str, Any] | None) -> Money | None:
    return Money.model_validate(value) if value is not None else None


def prose(text: str) -> str:
    """A reply's plain text as paragraphs and lists; nothing in it is taken for markup."""
    blocks: list[str] = []
    for block in text.strip().split("\n\n"):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and all(line.startswith(("- ", "* ", "• ")) for line in lines):
            blocks.append("<ul>" + "".join(f"<li>{escape(line[2:])}</li>" for line in lines) + "</ul>")
        elif lines:
            blocks.append("<p>" + "<br>".join(escape(line) for line in lines) + "</p>")
    return "".join(blocks)


def proof(evidence: Sequence[dict[str, str]], withheld: int, language: str) -> str:
    """The discreet line under an answer: what was checked, and how much was left out."""
    words = texts(language)
    parts: list[str] = []
    if evidence:
        rows = "".join(
            f"<li>{escape(item['claim'])} <span>{escape(item['source'])}</span></li>"
            for item in evidence[:SHOWN_EVIDENCE]
        )
        parts.append(f'<details class="sw-proof"><summary>✓ {words.checked}</summary><ul>{rows}</ul></details>')
    if withheld:
        parts.append(f'<p class="sw-small sw-withheld">{escape(words.withheld.format(withheld))}</p>')
    return "".join(parts)
