"""A place given away by chance: the probabilities are exact, nobody is out of reach, and some want none of it."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.profiles.choices import Chosen
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd, Together
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.listing.exploring import EXPLORED, Evidence, Exploration, Explorer
from retriever.recommending.situation import Situation

EMPTY = np.zeros(0)
GOODS = Goods(
    (), ("",), EMPTY.astype(np.int32), ("",), EMPTY.astype(np.int32), EMPTY, EMPTY.astype(np.bool_), EMPTY, EMPTY,
    EMPTY.astype(np.int64), EMPTY.astype(np.int64),
)  # fmt: skip
NONE = EMPTY.astype(np.int32)
CROWD = Crowd(
    0, 0, EMPTY.astype(np.int64), EMPTY, EMPTY, EMPTY, Together(np.zeros(1, np.int64), NONE, NONE, EMPTY.astype("f4"))
)


def situation(**asked: object) -> Situation:
    return Situation(Asked.model_validate(asked), 0.0, GOODS, CROWD)


def listed(count: int, *reasons: Because) -> list[Candidate]:
    return [Candidate(f"l{number}", 1.0, "popular", reasons or (Because("popular"),)) for number in range(count)]


POOL = [Candidate(f"p{number}", 1.0, "new", (Because("new", name="Mugs"),)) for number in range(6)]
EVIDENCE = Evidence({"p0": 100, "p1": 100, "p2": 4}, {"p0": 30, "p1": 1}, rate=0.1)
ALWAYS_RUN = 40  # of a share of 0.9: that nothing is ever drawn has a chance of 1e-40

counts = st.integers(0, 10_000)


@given(
    share=st.floats(0.01, 0.99),
    even=st.floats(0.01, 1),
    heat=st.floats(0.01, 10),
    rate=st.floats(0, 1),
    held=st.lists(st.tuples(counts, counts), min_size=2, max_size=30),
)
def test_probabilities_sum_to_one_and_none_is_out_of_reach(
    share: float, even: float, heat: float, rate: float, held: list[tuple[int, int]]
) -> None:
    ids = [str(number) for number in range(len(held))]
    evidence = Evidence(
        {id: shown for id, (shown, _) in zip(ids, held, strict=True)},
        {id: clicked for id, (_, clicked) in zip(ids, held, strict=True)},
        rate,
    )
    options = Explorer(Exploration(share=share, even=even, heat=heat)).options(ids, evidence)

    assert sum(option.propensity for option in options) == pytest.approx(1, abs=1e-12)
    assert options[0].propensity == pytest.approx(1 - share)
    assert all(option.propensity >= share * even / (len(ids) - 1) * (1 - 1e-12) for option in options[1:])
    assert all(0 <= option.mean <= 1 for option in options)


def test_what_is_drawn_is_as_frequent_as_its_probability_says() -> None:
    explorer, rng, draws = Explorer(Exploration(share=0.5)), random.Random(3), 20_000
    found = [explorer.explore(situation(), listed(10), POOL, EVIDENCE, rng) for _ in range(draws)]
    slot = found[0].slot
    assert slot is not None
    drawn = Counter(one.slot.chosen for one in found if one.slot)
    for option in slot.options:
        spread = (option.propensity * (1 - option.propensity) / draws) ** 0.5
        assert drawn[option.id] / draws == pytest.approx(option.propensity, abs=4.5 * spread)


def test_what_is_clicked_more_or_little_known_is_likelier() -> None:
    shares = {one.id: one.propensity for one in Explorer().options(["l", "p0", "p1", "p2", "p3"], EVIDENCE)}
    assert shares["p0"] > shares["p3"] > shares["p1"], "clicked often, never shown, shown in vain"
    assert shares["p3"] > shares["p2"], "shown in vain a few times"


def test_one_place_is_filled_and_says_so() -> None:
    explorer = Explorer(Exploration(share=0.9))
    found = [explorer.explore(situation(), listed(8), POOL, EVIDENCE, random.Random(n)) for n in range(ALWAYS_RUN)]
    explored = next(one for one in found if one.slot and one.slot.chosen.startswith("p"))
    assert explored.slot is not None
    new = explored.listed[4]
    chosen = next(option for option in explored.slot.options if option.id == new.id)
    assert (explored.slot.place, explored.slot.chosen, new.propensity) == (4, new.id, chosen.propensity)
    assert new.because == (Because("new", name="Mugs"), EXPLORED)
    assert [one.id for one in explored.listed] == ["l0", "l1", "l2", "l3", new.id, "l5", "l6", "l7"]
    stayed = next(one for one in found if one.slot and one.slot.chosen == "l4")
    assert stayed.listed[4].propensity == pytest.approx(0.1)
    assert EXPLORED not in stayed.listed[4].because


def test_the_same_seed_draws_the_same() -> None:
    first, second = (
        [Explorer().explore(situation(), listed(5), POOL, EVIDENCE, rng).slot for _ in range(50)]
        for rng in (random.Random(7), random.Random(7))
    )
    assert first == second


@pytest.mark.parametrize(
    "asked",
    [{"upsell": False}, {"goal": "similar"}, {"goal": "complement"}, {"goal": "again"}],
    ids=lambda asked: "-".join(map(str, asked.values())),
)
def test_who_asked_for_something_in_particular_gets_that(asked: dict[str, object]) -> None:
    found = Explorer(Exploration(share=0.9)).explore(situation(**asked), listed(5), POOL, EVIDENCE, random.Random(1))
    assert (found.listed, found.slot) == (tuple(listed(5)), None)


def test_nothing_is_explored_where_it_cannot_be_learned_from_or_would_take_much() -> None:
    explorer, rng = Explorer(), random.Random(1)
    off = Situation(Asked(), 0.0, GOODS, CROWD, chosen=Chosen(enabled=False))
    assert explorer.explore(off, listed(5), POOL, EVIDENCE, rng).slot is None
    assert explorer.explore(situation(), listed(2), POOL, EVIDENCE, rng).slot is None, "too short"
    assert explorer.explore(situation(), listed(5), [], EVIDENCE, rng).slot is None
    assert explorer.explore(situation(), listed(5), listed(5), EVIDENCE, rng).slot is None, "all of it is shown already"
    assert Explorer(Exploration(share=0)).explore(situation(), listed(5), POOL, EVIDENCE, rng).slot is None


def test_what_a_rule_has_fixed_stays_where_it_is() -> None:
    explorer, rng = Explorer(), random.Random(1)
    fixed = listed(6, Because("pinned", name="winter"))
    assert explorer.explore(situation(), fixed, POOL, EVIDENCE, rng).slot is None
    fixed[2] = listed(3)[2]
    slot = explorer.explore(situation(), fixed, POOL, EVIDENCE, rng).slot
    assert slot is not None
    assert slot.place == 2


@pytest.mark.parametrize("wrong", [{"share": 1.0}, {"share": -0.1}, {"even": 0.0}, {"heat": 0.0}, {"pool": 0}])
def test_settings_that_would_put_something_out_of_reach_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Exploration(**wrong)  # pyright: ignore[reportArgumentType]
