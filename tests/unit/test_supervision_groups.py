"""The form of training data: what is refused, how it is split and mixed, and its file."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.groups import Group, TrainingDataError, check_groups, mix, read_groups, split, write_groups


def group(query: str = "mugs", gains: tuple[float, ...] = (1.0, 0.0), **changed: Any) -> Group:
    """A group of as many products as there are gains."""
    ids = tuple(f"p{place}" for place in range(len(gains)))
    given: dict[str, Any] = {"ids": ids, "texts": tuple(f"product {id}" for id in ids), "gains": gains}
    return Group(query=query, **{**given, **changed})


def test_weights_are_one_unless_given() -> None:
    assert group().weights == (1.0, 1.0)
    assert group(weights=(2.0, 1.0)).weights == (2.0, 1.0)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"query": "  "}, "query is empty"),
        ({"ids": (), "texts": (), "gains": ()}, "no products"),
        ({"texts": ("one",)}, "2 ids but 1 texts"),
        ({"ids": ("p0", "p0")}, "named twice"),
        ({"texts": ("a mug", " ")}, "text is empty"),
        ({"gains": (1.2, 0.0)}, "between 0 and 1"),
        ({"gains": (math.nan, 0.0)}, "between 0 and 1"),
        ({"weights": (1.0, 0.0)}, "weight is not"),
        ({"weights": (1.0, math.inf)}, "weight is not"),
        ({"source": "hearsay"}, "source is not one of"),
    ],
)
def test_a_group_that_cannot_be_learned_from_is_refused_by_name(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(TrainingDataError, match=said):
        group(**changed)


def test_the_report_counts_what_there_is() -> None:
    report = check_groups([group(gains=(1, 0, 0, 1)), group("cups", (1.0, 1.0), source="clicks")])

    assert (report.groups, report.queries, report.pairs, report.flat) == (2, 2, 6, 1)
    assert report.sources == {"judgments": 1, "clicks": 1}
    assert report.mean_gain == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([], "no training data"),
        ([group(gains=(1, 1)), group("cups", (1,))], "All 3 gains are 1"),
        ([group(gains=(1, 1)), group("cups", (0, 0))], "No query has products of different gains"),
    ],
)
def test_nothing_to_learn_from_is_an_error_with_advice(groups: list[Group], said: str) -> None:
    with pytest.raises(TrainingDataError, match=said) as caught:
        check_groups(groups)
    assert caught.value.hint


def test_a_query_and_its_near_duplicates_are_on_one_side() -> None:
    same = ["Running Shoes", "running shoe", "shoes running", "runing shoes"]
    groups = [group(query) for query in [*same, *(f"thing number {number}" for number in range(40))]]
    groups += [group("running shoes", source="clicks")]

    for seed in range(30):
        train, measured = split(groups, 0.3, seed=seed)
        sides = {side for side, held in ((0, train), (1, measured)) for one in held if "sho" in one.query.lower()}
        assert len(sides) == 1


def test_sizes_are_not_slips() -> None:
    groups = [group("iphone 12 case"), group("iphone 13 case")]
    train, measured = split(groups, 0.5, seed=1)
    assert len(train) == len(measured) == 1


@given(st.sets(st.text(min_size=1).filter(str.strip), min_size=2, max_size=30), st.floats(0.05, 0.9), st.integers())
def test_a_split_loses_nothing_and_shares_no_query(queries: set[str], held_out: float, seed: int) -> None:
    groups = [group(query) for query in sorted(queries)]
    try:
        train, measured = split(groups, held_out, seed=seed)
    except TrainingDataError:
        return  # all of them nearly the same
    assert train
    assert measured
    assert sorted([*train, *measured], key=lambda one: one.query) == groups


def test_a_split_is_the_same_for_a_seed_and_stays_when_queries_are_added() -> None:
    groups = [group(f"thing number {number}") for number in range(100)]
    _, before = split(groups, 0.2, seed=5)
    _, after = split([*groups, group("a new thing")], 0.2, seed=5)
    assert len(before) == 20
    assert len({one.query for one in before} & {one.query for one in after}) >= 19
    assert before != split(groups, 0.2, seed=6)[1]


def test_one_query_cannot_be_split() -> None:
    with pytest.raises(TrainingDataError, match="not two different queries"):
        split([group("mugs"), group("Mug")], seed=1)


def test_a_mix_holds_the_shares_and_repeats_nothing() -> None:
    sources = {
        "catalogue": [group(f"c{number}", source="catalogue") for number in range(100)],
        "clicks": [group(f"k{number}", source="clicks") for number in range(30)],
    }
    mixed = mix(sources, {"catalogue": 2, "clicks": 1}, seed=1)

    assert Counter(one.source for one in mixed) == {"catalogue": 60, "clicks": 30}
    assert len({one.query for one in mixed}) == 90
    assert (
        mixed
        == mix(sources, {"catalogue": 2, "clicks": 1}, seed=1)
        != mix(sources, {"catalogue": 2, "clicks": 1}, seed=2)
    )


def test_a_small_source_may_be_repeated() -> None:
    sources = {
        "catalogue": [group(f"c{number}", source="catalogue") for number in range(100)],
        "judgments": [group(f"j{number}") for number in range(10)],
    }
    mixed = mix(sources, {"catalogue": 0.5, "judgments": 0.5}, seed=1, repeats=4)
    assert Counter(one.source for one in mixed) == {"catalogue": 40, "judgments": 40}
    assert set(Counter(one.query for one in mixed if one.source == "judgments").values()) == {4}


@pytest.mark.parametrize(
    ("shares", "said"), [({"clicks": 1.0}, "clicks"), ({"judgments": -1.0}, "from 0 up"), ({}, "any source")]
)
def test_a_mix_of_nothing_is_an_error(shares: dict[str, float], said: str) -> None:
    with pytest.raises(TrainingDataError, match=said):
        mix({"judgments": [group()], "clicks": []}, shares, seed=1)


def test_groups_go_through_a_file_and_bad_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "groups.jsonl"
    groups = [group("杯子", (1.0, 0.25, 0.0), weights=(1.5, 1.0, 0.5), source="clicks"), group()]
    assert write_groups(path, groups) == 2
    assert read_groups(path).groups == tuple(groups)

    with path.open("a", encoding="utf-8") as file:
        file.write('\n{"query": "mugs"}\n[1]\n{"que')
    read = read_groups(path)
    assert read.groups == tuple(groups)
    assert [error.line for error in read.rejected] == [4, 5, 6]
    assert "'ids' is not a list" in read.rejected[0].reason


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="cannot be read"):
        read_groups(tmp_path / "none.jsonl")
