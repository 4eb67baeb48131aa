"""Rows of recommended goods on the page. One that fails or has nothing to show is not there, and costs nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from retriever.product import Product
from retriever.recommending.asking import Asked, Context, Goal
from retriever.recommending.candidate import Kind
from retriever.recommending.recommendation import Question, Recommendation, Recommended
from ui.cards import about, buy, picture, price_text, rating
from ui.ports import Recommends
from ui.texts import texts
from ui.visit import Visit

log = logging.getLogger(__name__)

Wanted = tuple[str, Goal, dict[str, Any]]  # a row's title, and what is asked for it

LONG = 12  # goods in a row
LEAST = 2  # fewer are no row
REASONS = 2  # under a card
SURFACE = "page"
TRUE_TO: dict[Goal, frozenset[Kind]] = {
    "again": frozenset({"due", "bought"}),
    "complement": frozenset({"goes_with", "together"}),
    "new": frozenset({"new"}),
}
"""What moved the goods of a row whose name says why they are there; others would make the name untrue."""


@dataclass(frozen=True)
class Row:
    """A row before it is drawn."""

    title: str
    id: str
    goods: Sequence[Recommended]
    recommendation: Recommendation


class Rails:
    """The rows of a page.

    Args:
        recommender: gives who recommends.
    """

    def __init__(self, recommender: Callable[[], Recommends]) -> None:
        self._recommender = recommender

    def opening(self, visit: Visit, basket: Sequence[str]) -> str:
        """For the person, for the cart, what is due again and what is new: before anything was said."""
        words = texts(visit.language)
        wanted: list[Wanted] = [(words.for_you, "personal", {})]
        if basket:
            wanted.append((words.goes_with_cart, "complement", {"basket": basket}))
        wanted.extend([(words.again, "again", {}), (words.new_goods, "new", {})])
        rows = self._rows(visit, wanted, visit.language, list(basket))
        known = any(row.id == "personal" and not row.recommendation.questions for row in rows)
        return _drawn(rows, visit, visit.language, forgettable=known or bool(visit.answers))

    def beside(self, visit: Visit, shown: Sequence[Product], language: str) -> str:
        """What is like the first product of an answer, and what goes with it."""
        if not shown:
            return ""
        first, words = shown[0], texts(language)
        like: dict[str, Any] = {"like": (first.id,)}
        wanted: list[Wanted] = [
            (words.goes_with.format(first.title), "complement", like),
            (words.similar.format(first.title), "similar", like),
        ]
        rows = self._rows(visit, wanted, language, [product.id for product in shown])
        return _drawn(rows, visit, language)

    def _rows(self, visit: Visit, wanted: Sequence[Wanted], language: str, seen: list[str]) -> list[Row]:
        """The rows that have something to show; what is in one is in no later one."""
        rows: list[Row] = []
        for title, goal, more in wanted:
            row = self._row(visit, title, goal, {**more, "exclude": tuple(seen), "language": language})
            if row is not None:
                seen += [each.id for each in row.goods]
                rows.append(row)
        return rows

    def _row(self, visit: Visit, title: str, goal: Goal, more: dict[str, Any]) -> Row | None:
        context = Context(locale=visit.language, answers=visit.answers)
        try:
            asked = Asked(
                goal=goal,
                customer_id=visit.customer,
                session_id=visit.session,
                upsell=visit.upsell,
                k=LONG,
                surface=SURFACE,
                context=context,
                **more,
            )
            found = self._recommender().recommend(asked)
        except Exception:
            log.exception("The row '%s' of the page failed", goal)
            return None
        goods = [each for each in found.results if _true_to(goal, each)]
        if len(goods) < LEAST:
            return None
        if goal == "personal" and found.questions:  # nothing is known of this person yet
            title = texts(asked.language).to_start
        return Row(title, goal, goods, found)


def _true_to(goal: Goal, each: Recommended) -> bool:
    kinds = TRUE_TO.get(goal)
    return kinds is None or any(because.kind in kinds for because in each.because)


def _drawn(rows: Sequence[Row], visit: Visit, language: str, *, forgettable: bool = False) -> str:
    words = texts(language)
    forget = (
        f'<button type="button" class="sw-plain" data-do="forget">{words.forget}</button>'
        f"<span>{words.forget_more}</span>"
    )
    spared = (
        f'<button type="button" class="sw-plain" data-do="upsell" aria-pressed="{str(not visit.upsell).lower()}">'
        f"{words.no_extras}</button>"
    )
    if not rows and visit.upsell:
        return ""
    drawn = "".join(_row(row, language) for row in rows)
    return f'<div lang="{language}">{drawn}<p class="sw-say">{spared}{forget if forgettable else ""}</p></div>'


def _row(row: Row, language: str) -> str:
    words, title = texts(language), escape(row.title)
    steps = "".join(
        f'<button type="button" class="sw-scroll" data-do="scroll" data-by="{by}" '
        f'aria-label="{name.format(title)}">{sign}</button>'
        for by, name, sign in ((-1, words.back, "‹"), (1, words.onward, "›"))
    )
    # One at a time: what is asked next depends on the answer.
    questions = "".join(_question(question) for question in row.recommendation.questions[:1])
    cards = "".join(_card(each, language) for each in row.goods)
    return (
        f'<section class="sw-rail" aria-labelledby="sw-rail-{row.id}" '
        f'data-recommendation="{escape(row.recommendation.recommendation_id)}">'
        f'<header><h2 id="sw-rail-{row.id}" title="{title}">{title}</h2>{steps}</header>{questions}'
        f'<ul class="sw-row" tabindex="0" aria-labelledby="sw-rail-{row.id}">{cards}</ul></section>'
    )


def _question(question: Question) -> str:
    options = "".join(
        f'<button type="button" data-do="answer" data-question="{escape(question.id)}" '
        f'data-option="{escape(option.id)}">{escape(option.text)}</button>'
        for option in question.options
    )
    name = escape(question.text)
    return f'<div class="sw-question" role="group" aria-label="{name}"><span>{name}</span>{options}</div>'


def _card(each: Recommended, language: str) -> str:
    words, product = texts(language), each.product
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in each.reasons[:REASONS])
    told = f'<ul class="sw-reasons">{reasons}</ul>' if reasons else ""
    paid = f'<p class="sw-sponsored">{words.sponsored}</p>' if each.sponsored else ""
    return (
        f'<li class="sw-card" data-product="{escape(product.id)}">{picture(product, words)}{paid}'
        f'<div class="sw-card-body">{about(product, words)}'
        f'<p class="sw-price">{escape(price_text(product, language))}</p>'
        f'<p class="sw-facts">{rating(product, words)}</p>{told}{buy(product, language)}</div></li>'
    )
