"""Product cards: what can be bought can be chosen, and what cannot is said to be gone."""

from __future__ import annotations

import re

from retriever.demo.relations import products
from retriever.product import Product
from retriever.writing import stamped_of
from ui.cards import cards, corrected, related

GOODS = {made.row.id: stamped_of(made.row, "USD").product for made in products()}


def card(product: Product) -> str:
    return cards([product], "en")


def some(*, available: bool, several: bool) -> Product:
    return next(p for p in GOODS.values() if p.availability.available == available and (len(p.variants) > 1) == several)


def test_a_card_of_what_is_gone_says_so_and_still_shows_its_choices():
    html = card(some(available=False, several=True))
    assert re.search(r"<button[^>]* disabled>Out of stock</button>", html)
    assert "<option" in html
    assert not re.search(r"<option[^>]* disabled", html)


def test_a_card_of_what_is_partly_gone_offers_the_rest():
    product = next(
        p
        for p in GOODS.values()
        if p.availability.available and any(not variant.availability.available for variant in p.variants)
    )
    html = card(product)
    assert "Add to cart" in html
    gone = [variant for variant in product.variants if not variant.availability.available]
    assert len(re.findall(r"<option[^>]* disabled", html)) == len(gone)


def test_a_product_in_one_form_has_nothing_to_choose():
    assert "<select" not in card(some(available=True, several=False))


def test_a_mended_word_is_told_and_can_be_searched_as_typed():
    html = corrected("black earbds, please", [("earbds", "earbuds")], "en")
    assert "Showing results for earbuds instead of earbds." in html
    assert 'data-text="black &quot;earbds&quot;, please"' in html
    assert ">Search for earbds as typed</button>" in html
    assert corrected("earbuds", [], "en") == ""


def test_in_chinese_too_and_where_the_model_put_the_words_otherwise():
    html = corrected("想买平地锅", [("平地锅", "平底锅")], "zh")
    assert "已改为搜索“平底锅”" in html
    assert 'data-text="&quot;平地锅&quot;"' in html


def test_related_searches_are_buttons_and_never_markup():
    assert related([], "en") == ""
    html = related(["desk lamps", "<b>"], "zh")
    assert 'aria-label="相关搜索"' in html
    assert 'data-text="desk lamps"' in html
    assert "<b>" not in html
