"""Sources that rest on what people did: popular, trending, taken together, and due again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import NOW, Good, acts, goods_of, ids, situation

from retriever.interactions.log import Act
from retriever.recommending.candidate import OTHERS, Because
from retriever.recommending.knowledge.crowd_counting import count_crowd
from retriever.recommending.situation import Situation
from retriever.recommending.sources.again import Again
from retriever.recommending.sources.popular import Popular
from retriever.recommending.sources.together import Together
from retriever.recommending.sources.trending import Trending

DAY = 86_400.0
SHOP = (
    Good("beans", "Coffee"), Good("grinder", "Coffee"), Good("lamp", "Lights"), Good("lantern", "Lights"),
    Good("peg", "Camping"), Good("stove", "Camping"), Good("tent", "Camping"),
)  # fmt: skip


def act(person: str, kind: str, item: str, days: float = 0.0) -> Act:
    return Act(person, kind, item, NOW - days * DAY)


def views(item: str, people: int, days: float = 0.0) -> list[Act]:
    """Looks of as many people. They have looked at something else, too: who only ever does one thing is not trusted."""
    return [act(f"{item}-{n}-{days}", "view", seen, days) for n in range(people) for seen in (item, "no-longer-sold")]


def baskets(people: int, *items: str) -> list[Act]:
    return [act(f"{'+'.join(items)}-{number}", "purchase", item) for number in range(people) for item in items]


def asked(done: Iterable[Act], goods: tuple[Good, ...] = SHOP, **more: Any) -> Situation:
    found = situation(goods, **more)
    return replace(found, crowd=count_crowd(done, goods_of(goods), now=NOW))


class TestPopular:
    def test_the_most_wanted_come_first_and_what_is_little_wanted_is_not_called_popular(self) -> None:
        wanted = [*views("tent", 40), *views("lamp", 30), *views("beans", 4)]
        found = Popular().candidates(asked(wanted), 10)

        assert ids(found) == ["tent", "lamp"]
        assert found[0].because == (Because("popular", number=40.0),)

    def test_what_is_wanted_in_the_kind_that_the_person_looks_at_is_preferred(self) -> None:
        wanted = [*views("tent", 40), *views("beans", 25)]
        found = Popular().candidates(asked(wanted, history=acts("grinder")), 10)

        assert ids(found) == ["beans", "tent"]
        assert found[0].because[0].name == "Coffee"
        assert found[1].because[0].name == ""

    @given(
        st.dictionaries(st.sampled_from([good.id for good in SHOP]), st.integers(0, 12)),
        st.sampled_from([good.id for good in SHOP]),
        st.integers(1, 6),
    )
    def test_whoever_asks_for_fewer_gets_the_first_ones(self, looks: dict[str, int], mine: str, limit: int) -> None:
        given = asked([look for item, people in looks.items() for look in views(item, people)], history=acts(mine))

        assert ids(Popular().candidates(given, limit)) == ids(Popular().candidates(given, 10))[:limit]

    def test_two_people_are_no_crowd(self) -> None:
        assert Popular().candidates(asked(views("tent", 2)), 10) == ()

    def test_what_is_sold_out_takes_no_place(self) -> None:
        goods = (Good("lamp"), Good("tent", available=False))

        assert ids(Popular().candidates(asked([*views("tent", 9), *views("lamp", 9)], goods), 1)) == ["lamp"]


class TestTrending:
    before = (*views("tent", 20, 30), *views("lamp", 20, 30), *views("beans", 20, 30))

    def test_what_rose_more_than_the_shop_is_trending(self) -> None:
        found = Trending().candidates(asked([*self.before, *views("lamp", 30, 1), *views("tent", 5, 1)]), 10)

        assert ids(found) == ["lamp"]
        (because,) = found[0].because
        assert because.kind == "trending"
        assert because.name == "Lights"
        assert because.number > 1.5

    def test_the_more_often_it_happened_the_surer_the_rise(self) -> None:
        now = [*views("lamp", 60, 1), *views("tent", 30, 1), *views("stove", 1, 1)]
        found = Trending().candidates(asked([*self.before, *now]), 10)

        assert ids(found)[0] == "lamp"
        assert "stove" not in ids(found), "one look where there was none is no trend"

    def test_in_a_shop_that_grows_as_a_whole_nothing_stands_out(self) -> None:
        now = [look for item in ("tent", "lamp", "beans") for look in views(item, 60, 1)]

        assert Trending().candidates(asked([*self.before, *now]), 10) == ()

    def test_a_shop_that_opened_a_week_ago_has_no_trends(self) -> None:
        assert Trending().candidates(asked(views("lamp", 50, 1)), 10) == ()


class TestTogether:
    taken = (*baskets(6, "tent", "stove"), *baskets(4, "tent", "lantern"), *baskets(2, "tent", "beans"))

    def test_what_the_same_people_took_with_what_is_asked_about(self) -> None:
        found = Together().candidates(asked(self.taken, like=["tent"]), 10)

        assert ids(found) == ["stove", "lantern"]
        assert found[0].because == (Because("together", ("tent",), number=6.0),)

    def test_pairs_of_fewer_than_three_people_are_not_told(self) -> None:
        assert ids(Together().candidates(asked(self.taken, like=["beans"]), 10)) == []

    def test_without_anything_asked_about_the_history_is_looked_at_the_latest_most(self) -> None:
        taken = [*baskets(5, "lamp", "lantern"), *baskets(5, "peg", "stove")]
        found = Together().candidates(asked(taken, history=acts("lamp", "peg")), 10)

        assert ids(found) == ["stove", "lantern"]
        assert found[0].because[0].about == ("peg",)

    def test_what_is_near_to_several_comes_first_and_names_them(self) -> None:
        taken = [*baskets(5, "lamp", "peg"), *baskets(5, "tent", "peg"), *baskets(5, "lamp", "beans")]
        found = Together().candidates(asked(taken, basket=["lamp", "tent"]), 10)

        assert ids(found)[0] == "peg"
        assert {because.about[0] for because in found[0].because} == {"lamp", "tent"}

    def test_a_stranger_who_asks_about_nothing_gets_nothing(self) -> None:
        assert Together().candidates(asked(self.taken), 10) == ()


class TestAgain:
    def found(self, purchases: Mapping[str, tuple[float, ...]], done: Iterable[Act] = ()) -> list[tuple[str, Because]]:
        times = {id: tuple(NOW - days * DAY for days in ago) for id, ago in purchases.items()}
        candidates = Again().candidates(replace(asked(done), purchases=times), 10)
        return [(one.id, one.because[0]) for one in candidates]

    def test_what_is_bought_every_month_is_due_after_a_month(self) -> None:
        assert self.found({"beans": (91, 60, 30)}) == [
            ("beans", Because("due", ("beans",), number=pytest.approx(30.5)))
        ]

    @pytest.mark.parametrize("last", [1, 20, 70])
    def test_it_is_not_shown_long_before_nor_long_after(self, last: float) -> None:
        assert self.found({"beans": (last + 60, last + 30, last)}) == []

    def test_what_is_nearest_to_its_time_comes_first(self) -> None:
        found = self.found({"beans": (105, 75, 45), "peg": (92, 62, 32), "stove": (85, 55, 25)})

        assert [id for id, _ in found] == ["peg", "stove", "beans"]

    def test_what_was_bought_once_is_due_when_others_buy_it_again(self) -> None:
        others = [act(f"p{n}", "purchase", "beans", days) for n in range(4) for days in (100, 80)]

        assert self.found({"beans": (20,)}, others) == [
            ("beans", Because("due", ("beans",), name=OTHERS, number=pytest.approx(20)))
        ]
        assert self.found({"beans": (5,)}, others) == [], "too early"
        assert self.found({"beans": (20,)}) == [], "nobody buys it again"

    def test_what_few_of_its_buyers_buy_again_is_no_habit(self) -> None:
        some = [act(f"p{n}", "purchase", "tent", days) for n in range(4) for days in (100, 80)]
        most = [act(f"q{n}", "purchase", "tent", 90) for n in range(40)]

        assert self.found({"tent": (20,)}, [*some, *most]) == []

    def test_after_two_purchases_the_person_s_gap_and_that_of_others_count_alike(self) -> None:
        others = [act(f"p{n}", "purchase", "beans", days) for n in range(4) for days in (100, 90)]

        assert self.found({"beans": (60, 20)}, others) != [], "40 and 10 days make 20"
        assert self.found({"beans": (50, 10)}, others) == []

    @given(st.lists(st.floats(0, 2_000), max_size=8), st.floats(0, 100))
    def test_whatever_was_bought_a_score_is_between_nothing_and_one(self, ago: list[float], ahead: float) -> None:
        times = {"beans": tuple(sorted(NOW - days * DAY for days in [*ago, -ahead])), "gone": (NOW,)}
        for candidate in Again().candidates(replace(asked(()), purchases=times), 10):
            assert candidate.id == "beans"
            assert 0 < candidate.score < 1
