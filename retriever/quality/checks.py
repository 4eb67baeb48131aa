"""Checks on one row by itself, on the text as the feed gave it.

They see a row before markup and control characters are taken out on the way into the
records. What they find is said, never silently mended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from retriever.feeds.clean import CONTROL, has_markup, safe_address, texts_of
from retriever.feeds.rows import AnyRow, ProductRow

# UTF-8 read as Latin-1 or Windows-1252, and the mark of a lost character.
MOJIBAKE = re.compile(r"\ufffd|â€[\u0080-\u2122]?|[ÃÂ][\u0080-\u00bf\u0152-\u2122]|ï»¿|锟斤拷")
# On lower-case text with single spaces. The words before it are looked for first: they are quick to rule out.
INSTRUCTION_WORDS = (
    *("ignore", "disregard", "forget", "system prompt", "you are", "an ai", "tell the", "instruct the"),
    *("<|", "<im_", "<system", "<endoftext", "inst]", "忽略", "无视", "忘记", "系统提示词"),
)
INSTRUCTIONS = re.compile(
    r"(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?(?:previous|prior|above|earlier|system)\b"
    r"|\bsystem prompt\b|<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?inst\]"
    r"|\byou are (?:now )?an? (?:ai|assistant|language model|chatbot)\b"
    r"|\bas an ai\b|\b(?:tell|instruct) the (?:user|shopper|customer) (?:to|that)\b"
    r"|(?:忽略|无视|忘记)[^。]{0,8}(?:指令|指示|提示|规则)|系统提示词"
)

Found = Iterator[tuple[str, str]]
"""(check, what is there), the second empty where the check says it all."""


def _prices_unknown(row: ProductRow) -> bool:
    return row.price is None and all(variant.price is None for variant in row.variants)


MISSING: Mapping[str, tuple[str, Callable[[ProductRow], bool]]] = {
    "price": ("missing_price", _prices_unknown),
    "description": ("missing_description", lambda row: not row.description.strip()),
    "images": ("missing_image", lambda row: not any(image.strip() for image in row.images)),
    "brand": ("missing_brand", lambda row: not row.brand.strip()),
    "categories": ("missing_category", lambda row: not row.categories),
    "rating": ("missing_rating", lambda row: row.rating is None),
    "url": ("missing_field", lambda row: not row.url.strip()),
    "status": ("missing_field", lambda row: not row.status and not any(form.status for form in row.variants)),
    "stock": ("missing_field", lambda row: row.stock is None and all(form.stock is None for form in row.variants)),
}
"""Of each field that may be required: the check that counts its absence, and how absence is told."""

AS_GIVEN = frozenset(("empty_category", "html_in_title", "html_in_description", "unsafe_address", "control_characters"))
"""Checks that only the feed itself can answer: the way into the records mends what they look for."""


def missing(row: ProductRow, required: frozenset[str]) -> Found:
    """Required fields that the merchant left empty."""
    for field, (check, absent) in MISSING.items():
        if field in required and absent(row):
            yield check, field if check == "missing_field" else ""


def product_findings(row: ProductRow, currency: str) -> Found:
    """What is wrong with a product's fields whatever the rules say."""
    if row.price == 0 or any(variant.price == 0 for variant in row.variants):
        yield "price_zero", row.title
    if row.currency not in (None, currency):
        yield "wrong_currency", f"{row.currency} in a shop of {currency}"
    if any(not category.strip() for category in row.categories):
        yield "empty_category", row.title
    if has_markup(row.title):
        yield "html_in_title", row.title
    if has_markup(row.description):
        yield "html_in_description", row.description
    for address in (row.url, *row.images):
        if not safe_address(address):
            yield "unsafe_address", address
            break
    if row.variants and (fault := _variants(row)):
        yield "variants_inconsistent", fault


def text_findings(row: AnyRow) -> Found:
    """What is wrong with the characters and the words of any row."""
    text = "\n".join(texts_of(row))
    if match := CONTROL.search(text):
        yield "control_characters", _around(text, match)
    if not text.isascii() and (match := MOJIBAKE.search(text)):
        yield "mojibake", _around(text, match)
    plain = " ".join(text.lower().split())
    if any(word in plain for word in INSTRUCTION_WORDS) and (match := INSTRUCTIONS.search(plain)):
        yield "instructions_to_a_model", _around(plain, match)


def _variants(row: ProductRow) -> str:
    """Why a shopper could not tell the variants apart, or nothing."""
    first = row.variants[0]
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    for form in row.variants:
        if form.options.keys() != first.options.keys():
            mine, others = " and ".join(form.options) or "none", " and ".join(first.options) or "none"
            return f"options {mine} of {form.id}, {others} of {first.id}"
        chosen = tuple(sorted(form.options.items()))
        earlier = seen.setdefault(chosen, form.id)
        if earlier != form.id and (chosen or form.title == first.title):
            return f"{', '.join(value for _, value in chosen) or 'no options'} twice: {earlier} and {form.id}"
    return ""


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 20) : match.end() + 40]
