"""A run over rankers that are made up: the figures, what is left out, and the page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from eval.retrieval.classes import Brands, ClassReader
from eval.retrieval.contest import Lineup, Plan, compare, drawn
from eval.retrieval.fusing import LearnedFusion
from eval.retrieval.page import page
from eval.retrieval.rankers import Found, Ranker, Remembered, SkippedError
from eval.retrieval.report import Evaluation, changes, class_rows, summary_rows
from retriever.errors import BadInputError
from retriever.feeds.feed import silent
from retriever.judgments import check_judgments
from retriever.product import Availability, PriceRange, Product
from retriever.spelling import Mended

QUERIES = [f"{colour} {thing}" for thing in ("mug", "lamp", "towel", "desk") for colour in ("red", "green", "blue")]
QUERIES += ["mug without handle", "???"]
JUDGMENTS = {query: {f"{query}: right": 1.0, f"{query}: near": 0.1, f"{query}: wrong": 0.0} for query in QUERIES}
JUDGMENTS["red mug"] |= {"gone": 1.0}
MARKUP = "<script>alert('mug')</script>"


class Ordered:
    """Answers every query with its judged products in one order; a query without words is refused."""

    def __init__(self, name: str, order: Sequence[str], why: tuple[str, ...] = (), bad: Sequence[str] = ()) -> None:
        self.name = name
        self.asked: list[str] = []
        self._order = order
        self._why = why
        self._bad = bad

    def search(self, query: str) -> list[Found]:
        if not any(map(str.isalpha, query)):
            raise BadInputError("The query has no words.")
        self.asked.append(query)
        order = reversed(self._order) if query in self._bad else self._order
        return [Found(f"{query}: {kind}", 1 / place, self._why) for place, kind in enumerate(order, 1)]


class NoSlips:
    """Finds no fault with any word."""

    def mend(self, text: str) -> Mended:
        return Mended(text)


def goods() -> list[Product]:
    stock = Availability(available=True, status="in_stock")
    titles = {id: f"{id} {MARKUP}" for gains in JUDGMENTS.values() for id in gains if id != "gone"}
    return [Product(id=id, title=title, price_range=PriceRange(), availability=stock) for id, title in titles.items()]


def lineup(*rankers: Ranker) -> Lineup:
    def absent() -> Ranker:
        raise SkippedError("it is not installed: pip install it")

    made = {ranker.name: (lambda held=ranker: held) for ranker in rankers}
    return Lineup({**made, "absent": absent})


GOOD = Ordered("good", ["right", "near", "wrong"], why=("has the words: <mug>",), bad=["blue desk"])
POOR = Ordered("poor", ["wrong", "unjudged", "near", "right"])


def run(plan: Plan, held: Lineup | None = None) -> Evaluation:
    products = goods()
    checked = check_judgments(JUDGMENTS, {product.id for product in products})
    reader = ClassReader(Brands(products), NoSlips())
    return compare(held or lineup(POOR, GOOD), checked, reader, products, plan, silent)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return run(Plan(["poor", "good", "absent"], baseline="poor", compare=("poor", "good")))


def test_better_lists_have_better_figures_and_the_difference_is_tested(evaluation: Evaluation) -> None:
    report = evaluation.report
    poor, good, absent = report.rankers
    assert good.groups["all"]["ndcg@10"].mean > poor.groups["all"]["ndcg@10"].mean
    assert good.groups["negated"]["mrr"].mean == 1.0
    assert poor.groups["negated"]["judged@10"].mean == 0.75
    assert (absent.skipped, absent.groups) == ("it is not installed: pip install it", {})
    (difference,) = report.comparisons
    assert (difference.ranker, difference.baseline) == ("good", "poor")
    assert difference.groups["all"]["ndcg@10"].p == difference.groups["all"]["ndcg@10"].p_holm < 0.05
    assert report.groups == {"all": 14, "plain": 13, "negated": 1}


def test_what_is_unknown_or_refused_is_counted_and_named(evaluation: Evaluation) -> None:
    report = evaluation.report
    assert report.unknown_products == ("gone",)
    assert [ranker.refused for ranker in report.rankers] == [("???",), ("???",), ()]
    assert report.queries[-1].scores["good"]["ndcg@10"] == 0.0


def test_json_holds_every_query_with_its_values(evaluation: Evaluation) -> None:
    document = json.loads(json.dumps(evaluation.report.json_dict()))
    assert document["suite"] == "retrieval"
    first = document["queries"][0]
    assert first["query"] == "red mug"
    assert first["scores"]["good"]["ndcg@10"] == pytest.approx(1.0)
    assert first["results"]["poor"][0] == "red mug: wrong"


def test_tables_have_a_cell_for_every_heading(evaluation: Evaluation) -> None:
    assert {len(row) for row in summary_rows(evaluation.report)} == {8}
    poor, good = class_rows(evaluation.report)
    assert len(poor) == len(good) == 1 + len(evaluation.report.groups)
    assert good[1].endswith("*)")


def test_changes_go_from_the_greatest_gain_to_the_greatest_loss(evaluation: Evaluation) -> None:
    found = changes(evaluation.report)
    assert [value for value, _ in found] == sorted((value for value, _ in found), reverse=True)
    assert found[-1][1].query in ("???", "blue desk")


class Links(HTMLParser):
    """Collects elements and whatever they would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [name for name, _ in attrs if name in ("src", "href", "srcset", "data")]


def test_the_page_stands_alone_and_shows_both_sides(evaluation: Evaluation) -> None:
    shown = page(evaluation, datetime(2026, 1, 2, tzinfo=UTC))
    links = Links()
    links.feed(shown)
    assert "script" not in links.tags
    assert not links.loads
    assert "url(" not in shown
    assert links.tags.count("rect") == len(QUERIES)
    for told in (
        "absent</strong> took no part: it is not installed",
        "has the words: &lt;mug&gt;",
        "mug without handle",
        'class="gain exact">1<',
        'class="gain some">0.1<',
        'class="gain none">0<',
        'class="gain unjudged">not judged<',
        "<code>gone</code>",
    ):
        assert told in shown
    assert not re.search(r"\$[a-z{]", shown)


def test_only_what_a_plan_asks_for_is_asked() -> None:
    idle = Ordered("idle", ["right"])
    run(Plan(["good"], baseline="poor"), lineup(POOR, GOOD, idle))
    assert idle.asked == []


def test_a_limit_draws_queries_by_lot_and_keeps_their_order() -> None:
    some = list(drawn(JUDGMENTS, 5, seed=1))
    assert some == [query for query in JUDGMENTS if query in some]
    assert len(some) == 5
    assert some == list(drawn(JUDGMENTS, 5, seed=1)) != list(drawn(JUDGMENTS, 5, seed=2))
    assert drawn(JUDGMENTS, 0, seed=1) == drawn(JUDGMENTS, 99, seed=1) == JUDGMENTS


def test_what_learns_is_cross_validated_and_asks_its_parts_once() -> None:
    poor, good = Ordered("poor", ["wrong", "right"]), Ordered("good", ["right", "wrong"])
    legs = [Remembered(poor), Remembered(good)]
    held = replace(lineup(*legs), trainables=[LearnedFusion(*legs)])
    plan = Plan(["poor", "good", "learned fusion"], baseline="poor", train=True, folds=3)
    judgments = {query: gains for query, gains in JUDGMENTS.items() if query != "???"}
    products = goods()
    checked = check_judgments(judgments, {product.id for product in products})
    report = compare(held, checked, ClassReader(Brands(products), NoSlips()), products, plan, silent).report
    by_name = {standing.name: standing for standing in report.rankers}
    assert by_name["learned fusion"].groups["all"]["mrr"].mean == 1.0
    assert report.pair == ("poor", "learned fusion")
    assert report.folding is not None
    assert sum(report.folding.sizes) == len(judgments)
    assert len(good.asked) == len(judgments)


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (Plan(["best"], baseline="poor"), "There is no ranker 'best'"),
        (Plan(["good"], baseline="worst"), "There is no ranker 'worst'"),
        (Plan(["good"], baseline="poor", compare=("poor", "learned fusion")), "no ranker 'learned fusion'"),
        (Plan(["good"], baseline="poor", compare=("good", "good")), "compared with itself"),
        (Plan(["good"], baseline="absent"), "absent cannot be compared: it is not installed"),
    ],
)
def test_plans_that_cannot_be_followed_are_refused(plan: Plan, told: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(told)):
        run(plan)
