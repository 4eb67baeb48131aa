"""The evaluation's counts: rates with their intervals, and calls held against the ones that are wanted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from assistant.events import ToolCall
from eval.clerk.cases import Wanted, chosen, line_of, read_cases, unseen
from eval.clerk.judging import Judgement, judge
from eval.clerk.rates import Row, flat, percentile, tally, wilson
from eval.clerk.serving import Prefix, read_prefix
from retriever.errors import BadInputError


def called(name: str, **arguments: Any) -> list[ToolCall]:
    return [ToolCall(name=name, arguments=arguments, ok=True, ms=1)]


def shown(*ids: str) -> list[AnyMessage]:
    """A conversation in which these products were found."""
    facts = [
        {"kind": "price", "value": None, "about": f"Lamp {id}", "type": "product", "id": id, "field": ""} for id in ids
    ]
    return [
        HumanMessage("lamps"),
        AIMessage("", tool_calls=[{"name": "search_catalog", "args": {"query": "lamp"}, "id": "1"}]),
        ToolMessage("found", tool_call_id="1", artifact={"products": list(ids), "facts": facts, "note": {}}),
        AIMessage("Here."),
    ]


def judged(wanted: Wanted, calls: list[ToolCall], before: list[AnyMessage] | None = None) -> Judgement:
    return judge(wanted, calls, before or [])


LAMP = Wanted(tool="search_catalog", arguments={"price_max": 50}, query_has=(("lamp",),), query_not=("50",))


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(95, 100, 0.8882, 0.9785), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_wilson_interval_of_known_counts(right: int, of: int, low: float, high: float) -> None:
    assert wilson(right, of) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] + 1e-12
    assert counts[0] / counts[1] - 1e-12 <= high <= 1


def test_rates_are_counted_by_language_and_phenomenon() -> None:
    rows = [Row("tool", "en", "budget", 1), Row("tool", "en", "budget", 0), Row("tool", "zh", "budget", 1)]
    rates = tally([*rows, Row("tool", "zh", "cart", 0), Row("f1", "en", "cart", 1.0, 1.5)])
    counts = {group: (rate.right, rate.of) for group, rate in rates["tool"].items()}
    assert counts == {
        "all": (2, 4), "en": (1, 2), "zh": (1, 2), "budget": (2, 3), "cart": (0, 1),
        "en/budget": (1, 2), "zh/budget": (1, 1), "zh/cart": (0, 1),
    }  # fmt: skip
    assert flat(rates)["tool.budget"] == pytest.approx(2 / 3)
    assert flat(rates)["tool.budget.n"] == 3
    assert rates["f1"]["all"].rate == pytest.approx(2 / 3)


def test_percentiles_lie_between_neighbours() -> None:
    assert percentile([4, 1, 2, 3], 0.5) == 2.5
    assert percentile([10], 0.95) == 10
    assert percentile([], 0.5) == 0


def test_a_call_with_everything_right() -> None:
    found = judged(LAMP, called("search_catalog", query="desk lamp", price_max=50, sort="relevance"))
    assert found == Judgement(tool=True, arguments=True, hits=2)


@pytest.mark.parametrize(
    ("call", "hits", "extra", "missed"),
    [
        (called("search_catalog", query="desk lamp"), 1, 0, 1),
        (called("search_catalog", query="lamp under 50", price_max=50), 1, 1, 1),
        (called("search_catalog", query="lamp", price_max=60), 1, 1, 1),
        (called("search_catalog", query="lamp", price_max=50, brand="Alder"), 2, 1, 0),
        (called("search_catalog", query="chair", price_max=50.0), 1, 1, 1),
    ],
)
def test_a_call_with_something_wrong(call: list[ToolCall], hits: int, extra: int, missed: int) -> None:
    found = judged(LAMP, call)
    assert (found.tool, found.arguments) == (True, False)
    assert (found.hits, found.extra, found.missed) == (hits, extra, missed)
    assert found.faults


def test_the_wrong_tool_misses_every_argument_and_gives_too_many() -> None:
    found = judged(LAMP, called("get_product", product_id="a"))
    assert (found.tool, found.hits, found.extra, found.missed) == (False, 0, 1, 2)
    assert judged(LAMP, []).missed == 2


def test_no_call_is_right_where_no_tool_helps() -> None:
    nothing = Wanted(tool="")
    assert judged(nothing, []) == Judgement(tool=True, arguments=True)
    assert not judged(nothing, called("get_cart")).tool
    assert judged(Wanted(tool="", also=("get_cart",)), called("get_cart")).arguments


def test_slot_f1_is_hits_among_hits_and_half_of_the_rest() -> None:
    rows = {row.measure: row for row in Judgement(True, False, hits=2, extra=1, missed=2).rows("en", "budget")}
    assert (rows["slot_f1"].right, rows["slot_f1"].of) == (2, 3.5)
    assert "slot_f1" not in {row.measure for row in Judgement(True, True).rows("en", "small_talk")}


def test_products_are_compared_as_what_stood_at_the_place() -> None:
    before = shown("a", "b", "c")
    wanted = Wanted(tool="get_product", arguments={"product_id": "2"})
    assert judged(wanted, called("get_product", product_id="b"), before).arguments
    assert not judged(wanted, called("get_product", product_id="c"), before).arguments
    both = Wanted(tool="compare_products", arguments={"product_ids": ["1", "3"]})
    assert judged(both, called("compare_products", product_ids=["c", "a"]), before).arguments
    assert not judged(both, called("compare_products", product_ids=["a"]), before).arguments
    it = Wanted(tool="update_cart", arguments={"lines": [{"product_id": "it", "quantity": 2}]})
    right, wrong = ([{"product_id": "a", "quantity": n}] for n in (2, 3))
    assert judged(it, called("update_cart", lines=right), shown("a")).arguments
    assert not judged(it, called("update_cart", lines=wrong), shown("a")).arguments


def test_what_is_loose_may_stand_in_the_query_and_nowhere_else() -> None:
    red = Wanted(
        tool="search_catalog", arguments={"attributes": {"color": "red"}, "sort": "rating"}, query_has=(("mug",),),
        loose=("attributes.color", "sort"),
    )  # fmt: skip
    assert judged(red, called("search_catalog", query="red mug")).arguments
    assert judged(red, called("search_catalog", query="mug", attributes={"Color": "Red"}, sort="rating")).arguments
    assert not judged(red, called("search_catalog", query="mug")).arguments
    assert not judged(red, called("search_catalog", query="red mug", attributes={"color": "blue"})).arguments
    assert not judged(red, called("search_catalog", query="red mug", sort="newest")).arguments


@pytest.mark.parametrize(
    ("wanted", "given", "same"),
    [
        ({"exclude": ["feather"]}, {"exclude": ["Feathers"]}, True),
        ({"exclude": ["feather", "wool"]}, {"exclude": ["wool"]}, False),
        ({"attributes": {"color": "黑"}}, {"attributes": {"color": "黑色"}}, True),
        ({"price_max": 100}, {"price_max": "100.00"}, True),
        ({"in_stock": True}, {"in_stock": False}, False),
        ({}, {"limit": 5, "brand": None, "exclude": [], "attributes": {}}, True),
        ({"order_id": "FS-1"}, {"order_id": "FS-2"}, False),
    ],
)
def test_values_are_compared_not_spellings(wanted: dict[str, Any], given: dict[str, Any], same: bool) -> None:
    assert judged(Wanted(tool="t", arguments=wanted), called("t", **given)).arguments is same


@pytest.mark.parametrize(
    ("query", "right"),
    [("insulated bottles", True), ("bottle insulated", True), ("an insulated bottle", True), ("bottle", False)],
)
def test_a_query_known_exactly_is_compared_by_its_words(query: str, right: bool) -> None:
    assert judged(Wanted(tool="t", query="insulated bottle"), called("t", query=query)).arguments is right


@pytest.mark.parametrize(("query", "right"), [("lamp 150", True), ("lamp 50", False), ("lamp $50", False)])
def test_a_figure_is_not_found_inside_another(query: str, right: bool) -> None:
    wanted = Wanted(tool="t", query_has=(("lamp",),), query_not=("50",))
    assert judged(wanted, called("t", query=query)).arguments is right


def test_the_unseen_cases_read_and_judge_only_their_last_message() -> None:
    scripts = unseen()
    assert len(scripts) >= 300
    assert {script.language for script in scripts} == {"en", "zh"}
    for script in scripts:
        assert script.lines[-1].wanted is not None
        assert all(line.wanted is None for line in script.lines[:-1])
    assert (
        [s.id for s in unseen(20, seed=3)] == [s.id for s in unseen(20, seed=3)] != [s.id for s in unseen(20, seed=4)]
    )


def test_a_spoilt_case_is_named_with_its_line() -> None:
    good = json.dumps({"id": "a", "language": "en", "phenomenon": "plain", "text": "lamp", "tool": ""})
    with pytest.raises(BadInputError, match="line 2: phenomenon"):
        read_cases([good, '{"id": "b", "language": "en", "text": "x", "tool": ""}'], "cases.jsonl")
    with pytest.raises(BadInputError, match="twice"):
        read_cases([good, good], "cases.jsonl")


def test_an_example_of_a_decision_becomes_a_line() -> None:
    from assistant.tune.data import Example

    function = {"name": "search_catalog", "arguments": '{"query": "tent", "price_max": 90}'}
    answer = {"role": "assistant", "content": "", "tool_calls": [{"id": "1", "type": "function", "function": function}]}
    line = line_of(Example([{"role": "user", "content": "a tent, max 90"}], answer, "decide", "max", "en"))
    assert (line.text, line.phenomenon) == ("a tent, max 90", "max")
    assert line.wanted == Wanted(tool="search_catalog", arguments={"price_max": 90}, query="tent")


def test_a_lot_keeps_the_order() -> None:
    drawn = chosen(list(range(100)), 10, 1)
    assert drawn == sorted(drawn)
    assert len(set(drawn)) == 10
    assert chosen([1, 2], 0, 1) == chosen([1, 2], 5, 1) == [1, 2]


def test_the_prefix_cache_is_read_from_the_servers_counters() -> None:
    page = (
        "# TYPE vllm:prefix_cache_queries_total counter\n"
        'vllm:prefix_cache_queries_total{engine="0",model_name="m"} 1200.0\n'
        'vllm:prefix_cache_hits_total{engine="0",model_name="m"} 9e+02\n'
        'vllm:prefix_cache_queries_created{engine="0"} 1.7e+09\n'
    )
    assert read_prefix(page) == Prefix(1200, 900)
    assert Prefix(1200, 900).since(Prefix(200, 100)) == Prefix(1000, 800)
    assert read_prefix("vllm:num_requests_running 1.0") is None


def test_a_note_for_a_colleague_may_say_anything() -> None:
    person = Wanted(tool="transfer_to_human_agents", arguments={"reason": "asks for a person"})
    said = judged(person, called("transfer_to_human_agents", reason="wants help", summary="..."))
    assert said == Judgement(tool=True, arguments=True)


def test_cases_of_ones_own_take_the_place_of_the_projects(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    own.write_text('{"id": "a", "language": "en", "phenomenon": "plain", "text": "kites", "tool": "search_catalog"}')
    assert [script.id for script in unseen(file=own)] == ["a"]
    with pytest.raises(BadInputError, match="cannot be read"):
        unseen(file=tmp_path / "nowhere.jsonl")
