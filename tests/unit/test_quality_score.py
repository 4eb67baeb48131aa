"""The score: between 0 and 100, down with every defect, up with every one mended."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from retriever.feeds.rows import ProductRow
from retriever.quality import CHECKS, Finding, QualityReport
from retriever.quality.report import NOT_RUN
from retriever.quality.rules import default_rules
from retriever.quality.score import score
from retriever.quality.store import scored

RULES = default_rules()
GOOD = {
    "title": "Oak desk",
    "description": "A desk of oak.",
    "brand": "Waldwerk",
    "categories": ["Desks"],
    "images": ["/desk.jpg"],
    "price": "240",
    "rating": {"value": 4.5, "count": 12},
}
DEFECTS = {
    "price": None,
    "description": "",
    "images": [],
    "categories": [],
    "title": "Oak <b>desk</b>",
    "attributes": {"weight": "0 kg"},
}


def shop_score(*defects: str) -> float:
    """The score of ten desks, of which the first few have these defects, one each."""
    report = QualityReport("USD")
    for number in range(10):
        change: dict[str, object] = {"id": str(number), "title": f"Oak desk {number}"}
        if number < len(defects):
            change[defects[number]] = DEFECTS[defects[number]]
        report.see(ProductRow.model_validate(GOOD | change))
    return scored(report, report.findings())


def test_a_shop_without_a_fault_has_100():
    assert shop_score() == 100


@given(st.lists(st.sampled_from(sorted(DEFECTS)), min_size=1, max_size=8))
def test_a_defect_more_lowers_it_and_one_mended_raises_it(defects):
    assert 0 <= shop_score(*defects) < shop_score(*defects[:-1]) <= 100


counted = st.dictionaries(st.sampled_from(CHECKS), st.integers(0, 2_000), max_size=len(CHECKS))


def of(counts: dict[str, int], products: int, texts: int) -> float:
    findings = [Finding(check=check, count=count, examples=()) for check, count in counts.items()]
    return score(findings, RULES, products, texts)


@given(counted, st.integers(0, 1_000), st.integers(0, 1_000))
def test_it_is_never_outside_0_and_100(counts, products, more):
    assert 0 <= of(counts, products, products + more) <= 100


@given(counted, st.sampled_from(CHECKS), st.integers(1, 1_000))
def test_it_never_rises_with_a_finding(counts, check, products):
    more = counts | {check: counts.get(check, 0) + 1}
    assume(counts.get(check, 0) < products)
    assert of(more, products, products) < of(counts, products, products)


def test_a_check_that_could_not_run_costs_nothing():
    assert score([Finding(check=NOT_RUN, count=1, examples=("category_outlier: no encoder",))], RULES, 10, 10) == 100


def test_an_empty_feed_has_nothing_wrong():
    assert of({"missing_price": 3}, 0, 0) == 100
