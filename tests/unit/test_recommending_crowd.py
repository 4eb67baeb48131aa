"""The crowd counted from acts: who counts, how often, for how long; and which goods are taken together or again."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import NOW, Good, goods_of

from retriever.interactions.log import KINDS, Act
from retriever.recommending.knowledge.co_occurrence import Caps
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.crowd_counting import Counting, count_crowd
from retriever.recommending.knowledge.purchases import purchases_of

DAY = 86_400.0
GOODS = goods_of([Good("lamp"), Good("mug"), Good("tent")])


def act(person: str, kind: str, item: str, days: float = 0.0) -> Act:
    return Act(person, kind, item, NOW - days * DAY)


def counted(acts: Sequence[Act], counting: Counting | None = None) -> Crowd:
    return count_crowd(acts, GOODS, now=NOW, counting=counting)


def near(crowd: Crowd, id: str) -> dict[str, int]:
    """The neighbours of a product, and how many people took both."""
    together, row = crowd.together, GOODS.rows[id]
    kept = slice(together.start[row], together.start[row + 1])
    return {GOODS.ids[other]: int(count) for other, count in zip(together.row[kept], together.count[kept], strict=True)}


acts_of_some = st.lists(
    st.builds(
        act,
        person=st.sampled_from(["ann", "bob", "cyd", "session:1"]),
        kind=st.sampled_from(KINDS),
        item=st.sampled_from([*GOODS.ids, "gone"]),
        days=st.integers(-2, 100).map(float),
    ),
    max_size=80,
)


@given(acts_of_some)
def test_a_crowd_is_as_long_as_the_goods_and_holds_sane_numbers(acts: list[Act]) -> None:
    crowd = counted(acts)

    for column in (crowd.people, crowd.wanted, crowd.recent, crowd.before):
        assert len(column) == len(GOODS)
        assert np.isfinite(column).all()
        assert (column >= 0).all()
    assert crowd.events <= len(acts)
    together, repeats = crowd.together, crowd.repeats
    assert len(together.start) == len(GOODS) + 1
    assert together.start[-1] == len(together.row) == len(together.count) == len(together.score)
    assert (together.count >= 2).all()
    assert ((together.score > 0) & (together.score < 1)).all()
    assert repeats is not None
    assert (repeats.again <= repeats.buyers).all()
    assert (repeats.buyers <= crowd.people).all()
    assert (np.isnan(repeats.gap) == (repeats.again == 0)).all()


@given(acts_of_some, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(acts: list[Act], dice: random.Random) -> None:
    shuffled = list(acts)
    dice.shuffle(shuffled)
    one, other = counted(acts), counted(shuffled)

    assert np.array_equal(one.wanted, other.wanted)
    assert np.array_equal(one.together.row, other.together.row)


def test_a_shop_without_goods_or_events_has_a_crowd_of_zeros() -> None:
    nobody = counted([])
    nothing = count_crowd([act("ann", "view", "mug")], goods_of([]), now=NOW)

    assert nobody.events == 0
    assert nobody.wanted.tolist() == [0, 0, 0]
    assert nobody.together.start.tolist() == [0, 0, 0, 0]
    assert nothing.events == len(nothing.people) == 0


def test_a_person_counts_for_a_product_once_a_day_by_the_weightiest_act() -> None:
    once = counted([act("ann", "purchase", "mug")])
    often = counted([act("ann", "purchase", "mug"), *(act("ann", "view", "mug", hour / 24) for hour in range(6))])

    assert often.wanted[GOODS.rows["mug"]] == pytest.approx(once.wanted[GOODS.rows["mug"]])
    assert often.people[GOODS.rows["mug"]] == 1


def test_what_was_wanted_long_ago_counts_less_than_what_is_wanted_now() -> None:
    crowd = counted([act("ann", "view", "tent", 60), act("bob", "view", "mug", 0)])
    mug, tent = crowd.wanted[GOODS.rows["mug"]], crowd.wanted[GOODS.rows["tent"]]

    assert tent == pytest.approx(mug / 4), "60 days are two half-lives of a look"


def test_a_shop_whose_last_event_is_years_old_still_has_wanted_goods_but_no_recent_ones() -> None:
    crowd = counted([act("ann", "purchase", "mug", 3_000), act("bob", "view", "tent", 3_001)])

    assert crowd.wanted[GOODS.rows["mug"]] > crowd.wanted[GOODS.rows["tent"]] > 0.5
    assert not crowd.recent.any()
    assert not crowd.before.any()


def test_the_days_before_are_scaled_to_as_many_as_the_recent_ones() -> None:
    steady = [act(f"p{day}", "view", "mug", day + 0.5) for day in range(70)]
    crowd = counted(steady, Counting(recent=14, before=56))
    row = GOODS.rows["mug"]

    assert crowd.recent[row] == pytest.approx(crowd.before[row])
    assert crowd.recent[row] == pytest.approx(14, abs=1)


def test_taken_together_means_bought_or_carted_or_rated_by_the_same_people() -> None:
    takers = [act(p, kind, item) for p in ("ann", "bob") for kind, item in (("purchase", "tent"), ("rate", "lamp"))]
    lookers = [act(p, "view", item) for p in ("cyd", "dan", "eve") for item in ("tent", "mug")]
    crowd = counted(takers + lookers)

    assert near(crowd, "tent") == {"lamp": 2}
    assert near(crowd, "lamp") == {"tent": 2}
    assert near(crowd, "mug") == {}, "to look at two things is not to take them"


def test_one_person_makes_no_pair() -> None:
    assert near(counted([act("ann", "purchase", item) for item in GOODS.ids]), "mug") == {}


def test_only_a_person_s_last_products_make_pairs() -> None:
    baskets = [act(p, "purchase", item, days) for p in ("ann", "bob") for days, item in enumerate(GOODS.ids)]
    crowd = counted(baskets, Counting(caps=Caps(last=2)))

    assert near(crowd, "lamp") == {"mug": 2}
    assert near(crowd, "tent") == {}, "it was taken before the last two"


def test_more_people_are_nearer_than_fewer_and_only_so_many_neighbours_are_kept() -> None:
    baskets = [act(f"p{n}", "purchase", item) for n in range(10) for item in ("mug", "tent")]
    baskets += [act(f"q{n}", "purchase", item) for n in range(2) for item in ("mug", "lamp")]

    assert list(near(counted(baskets), "mug")) == ["tent", "lamp"]
    assert near(counted(baskets, Counting(caps=Caps(neighbours=1))), "mug") == {"tent": 10}


def test_repeats_are_the_median_gap_and_those_who_bought_again() -> None:
    monthly = [act("ann", "purchase", "mug", days) for days in (0, 30, 60)]
    weekly = [act("bob", "purchase", "mug", days) for days in (3, 10)]
    crowd = counted([*monthly, *weekly, act("cyd", "purchase", "mug"), act("cyd", "purchase", "tent")])
    row = GOODS.rows["mug"]

    assert crowd.repeats is not None
    assert crowd.repeats.gap[row] / DAY == pytest.approx(30), "the median of 30, 30 and 7"
    assert (crowd.repeats.buyers[row], crowd.repeats.again[row]) == (3, 2)
    assert np.isnan(crowd.repeats.gap[GOODS.rows["tent"]])


def test_purchases_of_one_day_are_one_and_those_to_come_are_none() -> None:
    noon = NOW // DAY * DAY + DAY / 2
    acts = [Act("ann", "purchase", "mug", noon - hours * 3_600) for hours in (0, 1, 48)]
    acts += [Act("ann", "view", "tent", noon), Act("ann", "purchase", "lamp", noon + DAY)]

    assert purchases_of(acts, now=noon) == {"mug": (noon - 48 * 3_600, noon)}
