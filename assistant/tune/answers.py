"""What a good clerk says of a tool's result: one or two short sentences, in many wordings, all provable."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from assistant.answer import phrase
from assistant.evidence import Finding, price_text, stock_text
from assistant.phrases import refusal
from assistant.shorthand import short_name
from assistant.tune.patterns import Language
from retriever.product import Product
from retriever.text import STOP_WORDS, exact, stem

CLAUSE = 5  # words of a query from which on it tells a need and names no goods
BRIEF = 160  # characters of a rule up to which two of its sentences are said
MANY = 3  # attributes that a general answer names


def answers_to(query: str, products: Sequence[Product]) -> bool:
    """Whether any of the goods is called what was asked for; of a whole clause nobody expects it."""
    asked = {stem(word) for word in exact(query)} - STOP_WORDS
    if len(asked) >= CLAUSE:
        return True
    called = {stem(w) for p in products for w in exact(" ".join([p.title, p.brand, *p.categories]))}
    # Chinese words may be parts of longer ones: 水壶 and 电热水壶.
    return any(word in called or (not word.isascii() and any(word in name for name in called)) for word in asked)


class Clerk:
    """Answers in one language.

    Args:
        language: the shopper's.
        dice: draws the wording.
    """

    def __init__(self, language: Language, dice: random.Random) -> None:
        self.language = language
        self.dice = dice

    def answer(self, tool: str, arguments: dict[str, Any], finding: Finding | None, refused: str) -> str:
        """Words for what a tool returned, or for why it did not."""
        if finding is None:
            return refusal(refused, self.language) if refused else ""
        match tool:
            case "search_catalog":
                return self._found(finding, arguments) if finding.products else self._nothing(finding)
            case "get_product":
                return self._about(finding.products[0])
            case "compare_products":
                return self._compared(finding.products)
            case "search_shop_policies_and_faqs":
                return self._policy(finding)
            case "update_cart" | "get_cart":
                return self._lines(finding.text, 2)
            case "get_order" | "list_orders":
                return self._lines(finding.text, 2)
            case "transfer_to_human_agents":
                return phrase("handoff", self.language)
            case _:
                return finding.text

    def _found(self, finding: Finding, arguments: dict[str, Any]) -> str:
        products = finding.products
        one, *rest = products
        if "nearest" in finding.note:  # what was not found is said before, from the records
            return self._pick([f"{self._the(one)} is {self._price(one)}."], [f"{self._the(one)}{self._price(one)}。"])
        sort, query = arguments.get("sort", ""), str(arguments.get("query", ""))
        if not answers_to(query, products):
            return self._pick(
                [
                    f"I found no {query}. The nearest is {self._priced(one)}.",
                    f"We do not seem to have {query}. {self._the(one)} at {self._price(one)} comes nearest.",
                ],
                [
                    f"没有找到{query}。最接近的是{self._priced(one)}。",
                    f"店里好像没有{query}，比较接近的有{self._priced(one)}。",
                ],
            )
        if sort in ("price_asc", "rating") and self.dice.random() < 0.6:
            return self._superlative(one, sort)
        first = self._priced(one)
        if not rest:
            return self._pick(
                [f"I found one: {first}.", f"There is one: {first}.", f"This one fits: {first}."],
                [f"找到一款：{first}。", f"有一款符合：{first}。", f"这款合适：{first}。"],
            )
        second = self._priced(rest[0])
        count = len(products)
        return self._pick(
            [
                f"I found {count}: {first}, and {second}.",
                f"{self._the(one)} is {self._price(one)}. {self._the(rest[0])} is {self._price(rest[0])}.",
                f"{first}, or {second}.",
                f"These fit: {first}, and {second}.",
                f"There are {count}, among them {first}.",
            ],
            [
                f"找到{count}款：{first}，还有{second}。",
                f"{self._the(one)}{self._price(one)}。{self._the(rest[0])}{self._price(rest[0])}。",
                f"可以看看{first}，或者{second}。",
                f"这几款符合：{first}，{second}。",
                f"有{count}款，比如{first}。",
            ],
        )

    def _superlative(self, one: Product, sort: str) -> str:
        name, price = self._the(one), self._price(one)
        if sort == "price_asc":
            return self._pick(
                [f"The cheapest is {name[0].lower() + name[1:]} at {price}.", f"{name} is the cheapest, at {price}."],
                [f"最便宜的是{name}，{price}。", f"{name}最便宜，{price}。"],
            )
        stars = f"{one.rating.value:.1f}" if one.rating else ""
        if not stars:
            return self._pick([f"{name} is {price}."], [f"{name}{price}。"])
        return self._pick(
            [
                f"The best rated is {name[0].lower() + name[1:]}, {stars} of 5, at {price}.",
                f"{name} is rated best, {stars}.",
            ],
            [f"评分最高的是{name}，{stars}分，{price}。", f"{name}评分最高，{stars}分。"],
        )

    def _nothing(self, finding: Finding) -> str:
        query = finding.note.get("query", "")
        return phrase("nothing_found", self.language, query=query)

    def _about(self, product: Product) -> str:
        name = self._the(product)
        facts = list(product.attributes.items())
        self.dice.shuffle(facts)
        price, stock = self._price(product), stock_text(product.availability.available, self.language)
        if self.language == "zh":
            named = "，".join(f"{key}{value}" for key, value in facts[:MANY])
            return f"{name}{price}，{stock}。{f'{named}。' if named else ''}"
        named = ", ".join(f"{key} {value}" for key, value in facts[:MANY])
        return f"{name} is {price} and {stock}. {f'Its facts: {named}.' if named else ''}".strip()

    def _compared(self, products: Sequence[Product]) -> str:
        priced = sorted(
            (product for product in products if product.price_range.min),
            key=lambda product: product.price_range.min.amount if product.price_range.min else 0,
        )
        if len(priced) == len(products) and priced[0].price_range.min != priced[-1].price_range.min:
            low, high = priced[0], priced[-1]
            return self._pick(
                [
                    f"{self._the(low)} is cheaper: {self._price(low)} against {self._price(high)}.",
                    f"{self._the(low)} costs {self._price(low)}, and t{self._the(high)[1:]} {self._price(high)}.",
                ],
                [f"{self._the(low)}更便宜：{self._price(low)}，{self._the(high)}{self._price(high)}。"],
            )
        first, second = products[0], products[1]
        return self._pick(
            [f"{self._the(first)} is {self._price(first)}, {self._the(second)} is {self._price(second)}."],
            [f"{self._the(first)}{self._price(first)}，{self._the(second)}{self._price(second)}。"],
        )

    def _policy(self, finding: Finding) -> str:
        """The rule's own first sentences: nobody says it better."""
        body = finding.text.splitlines()[0].split(": ", 1)[-1]
        end = "。" if self.language == "zh" else ". "
        sentences = [part for part in body.split(end) if part]
        few = 2 if sum(map(len, sentences[:2])) < BRIEF else 1
        return end.join(sentences[:few]).rstrip(". 。") + end.strip()

    def _lines(self, text: str, count: int) -> str:
        end = "。" if self.language == "zh" else "."
        return " ".join(f"{line.rstrip('.。')}{end}" for line in text.splitlines()[:count])

    def _the(self, product: Product) -> str:
        return short_name(product.title) if self.language == "zh" else f"The {short_name(product.title)}"

    def _price(self, product: Product) -> str:
        return price_text(product, self.language)

    def _priced(self, product: Product) -> str:
        if self.language == "zh":
            return f"{short_name(product.title)}，{self._price(product)}"
        return f"the {short_name(product.title)} at {self._price(product)}"

    def _pick(self, en: Sequence[str], zh: Sequence[str]) -> str:
        text = self.dice.choice(zh if self.language == "zh" else en)
        return text[:1].upper() + text[1:]
