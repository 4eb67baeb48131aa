"""What is missing, duplicate or suspicious in a feed: said with counts and examples, never silently mended.

The checks see the rows as the feed gave them, before markup and control characters are
taken out on the way into the records.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from retriever.feeds.clean import CONTROL, has_markup, safe_address, texts_of
from retriever.feeds.rows import AnyRow, PolicyRow, ProductRow, ReviewRow
from retriever.product import Shape

EXAMPLES = 5
SNIPPET = 80

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


class Finding(Shape):
    """One check that found something: how often, and the first few, each as ``id`` or ``id: what is there``."""

    check: str
    count: int
    examples: tuple[str, ...]


@dataclass
class _Tally:
    count: int = 0
    examples: list[str] = field(default_factory=list[str])

    def add(self, example: str) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)


class QualityReport:
    """Looks at one row after the other and keeps the findings.

    Args:
        currency: the shop's own.
    """

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._tallies: dict[str, _Tally] = {}
        self._exact: dict[bytes, str] = {}
        self._alike: dict[bytes, str] = {}

    def see(self, row: AnyRow) -> None:
        """Check one row as the feed gave it."""
        if isinstance(row, ProductRow):
            for check, value in _product_findings(row, self._currency):
                self._add(check, row.id, value)
            self._see_duplicates(row)
        if isinstance(row, ProductRow | ReviewRow | PolicyRow):
            for check, value in _text_findings(row):
                self._add(check, row.id, value)

    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, in the order of CHECKS; checks that found nothing are left out."""
        return tuple(
            Finding(check=check, count=tally.count, examples=tuple(tally.examples))
            for check in CHECKS
            if (tally := self._tallies.get(check))
        )

    def _see_duplicates(self, row: ProductRow) -> None:
        words = _words(row.title)
        exact = self._exact.setdefault(_digest(" ".join([*words, "/", *_words(row.brand)])), row.id)
        # The same words in another order, and the same title under another brand.
        alike = self._alike.setdefault(_digest(" ".join(sorted(set(words)))), row.id)
        if exact != row.id:
            self._add("duplicate", row.id, f"same title and brand as {exact}")
        elif alike != row.id and words:
            self._add("near_duplicate", row.id, f"same words in the title as {alike}")

    def _add(self, check: str, id: str, value: str) -> None:
        shown = re.sub(r"\s+", " ", CONTROL.sub("�", value)).strip()
        snippet = shown if len(shown) <= SNIPPET else f"{shown[:SNIPPET]}..."
        self._tallies.setdefault(check, _Tally()).add(f"{id}: {snippet}" if snippet else id)


def _prices_unknown(row: ProductRow) -> bool:
    return row.price is None and all(variant.price is None for variant in row.variants)


MISSING: Mapping[str, Callable[[ProductRow], bool]] = {
    "missing_price": _prices_unknown,
    "missing_description": lambda row: not row.description.strip(),
    "missing_image": lambda row: not any(image.strip() for image in row.images),
    "missing_brand": lambda row: not row.brand.strip(),
    "missing_category": lambda row: not row.categories,
    "missing_rating": lambda row: row.rating is None,
}

CHECKS = (
    *MISSING,
    "duplicate",
    "near_duplicate",
    "price_zero",
    "wrong_currency",
    "empty_category",
    "html_in_title",
    "html_in_description",
    "unsafe_address",
    "control_characters",
    "mojibake",
    "instructions_to_a_model",
)
"""Every check, in the order of the report."""


def _product_findings(row: ProductRow, currency: str) -> Iterator[tuple[str, str]]:
    for check, missing in MISSING.items():
        if missing(row):
            yield check, ""
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


def _text_findings(row: AnyRow) -> Iterator[tuple[str, str]]:
    text = "\n".join(texts_of(row))
    if match := CONTROL.search(text):
        yield "control_characters", _around(text, match)
    if not text.isascii() and (match := MOJIBAKE.search(text)):
        yield "mojibake", _around(text, match)
    plain = " ".join(text.lower().split())
    if any(word in plain for word in INSTRUCTION_WORDS) and (match := INSTRUCTIONS.search(plain)):
        yield "instructions_to_a_model", _around(plain, match)


def _around(text: str, match: re.Match[str]) -> str:
    return text[max(0, match.start() - 20) : match.end() + 40]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def _digest(text: str) -> bytes:
    """Eight bytes in place of a title: a million of them fit in memory."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
