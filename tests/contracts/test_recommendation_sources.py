"""What every source of recommendations promises, whatever it is asked and whatever the shop holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from held_vectors import HeldVectors
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from recommended_goods import NOW, Good, goods_of

from ranker.behaviour.model import Event
from ranker.behaviour.popularity import Popular as PopularModel
from retriever.interactions.log import Act
from retriever.product import Availability, PriceRange, Product
from retriever.recommending.asking import GOALS, Asked, Context, Goal
from retriever.recommending.candidate import Source
from retriever.recommending.knowledge.crowd_counting import count_crowd
from retriever.recommending.knowledge.purchases import purchases_of
from retriever.recommending.knowledge.relations import Relations
from retriever.recommending.listing.shares import fallbacks, shares
from retriever.recommending.situation import Situation
from retriever.recommending.sources.again import Again
from retriever.recommending.sources.arrivals import Arrivals
from retriever.recommending.sources.complements import Complements
from retriever.recommending.sources.moment import Moment
from retriever.recommending.sources.personal import Personal
from retriever.recommending.sources.popular import Popular
from retriever.recommending.sources.rated import Rated
from retriever.recommending.sources.similar import Similar
from retriever.recommending.sources.tail import LongTail
from retriever.recommending.sources.together import Together
from retriever.recommending.sources.trending import Trending

DAY = 86_400.0
KINDS = ("Camping", "Coffee", "Lights", "")
GOODS = tuple(Good(f"g{number:02}", KINDS[number % 4], available=number % 7 != 6) for number in range(24))
IDS = tuple(good.id for good in GOODS)


@dataclass(frozen=True)
class Shop:
    """What sources are built from. Relations, vectors and searches also name what the shop no longer has."""

    goods: Sequence[Good]
    acts: Sequence[Act]

    def relations(self) -> Relations:
        held = [good.id for good in self.goods]
        return Relations.between(
            (id, {"goes_with": [*held[place + 1 : place + 3], "gone"]}) for place, id in enumerate(held)
        )

    def products(self, ids: Sequence[str]) -> list[Product]:
        availability = Availability(available=True, status="in_stock")
        held = {good.id for good in self.goods}
        return [
            Product(id=id, title=id, price_range=PriceRange(), availability=availability) for id in ids if id in held
        ]

    def vectors(self) -> HeldVectors:
        dice = random.Random(5)
        return HeldVectors({id: [dice.random(), dice.random()] for id in [*(good.id for good in self.goods), "gone"]})

    def search(self, words: str, limit: int) -> list[str]:
        return ["gone", *(good.id for good in self.goods)][:limit]

    def situation(self, asked: Asked, acts: Sequence[Act] = ()) -> Situation:
        goods = goods_of(self.goods)
        dates = replace(goods, published=NOW - DAY * np.arange(len(goods), dtype=np.float64))
        crowd = count_crowd(self.acts, dates, now=NOW)
        model = PopularModel("popular", goods.ids, crowd.wanted.astype(np.float32))
        purchases = purchases_of(acts, now=NOW)
        return Situation(
            asked,
            NOW,
            dates,
            replace(crowd, model=model),
            history=tuple(Event(act.item, act.at) for act in sorted(acts, key=lambda act: act.at)),
            bought=frozenset(purchases),
            purchases=purchases,
        )


SOURCES: Mapping[str, Callable[[Shop], Source]] = {
    "again": lambda shop: Again(),
    "arrivals": lambda shop: Arrivals(),
    "complements": lambda shop: Complements(shop.relations, shop.products),
    "moment": lambda shop: Moment(shop.search),
    "personal": lambda shop: Personal(shop.vectors()),
    "popular": lambda shop: Popular(),
    "rated": lambda shop: Rated(),
    "similar": lambda shop: Similar(shop.vectors()),
    "tail": lambda shop: LongTail(np.random.default_rng(3)),
    "together": lambda shop: Together(),
    "trending": lambda shop: Trending(),
}


def busy() -> list[Act]:
    """What a hundred people did in a year: baskets of neighbouring goods, the first ones more than ever of late."""
    dice = random.Random(7)
    acts: list[Act] = []
    for person in range(100):
        first = dice.randrange(len(IDS))
        for number in range(12):
            item = IDS[(first + dice.randrange(4)) % len(IDS)]
            acts.append(Act(f"p{person}", dice.choice(["view", "purchase"]), item, NOW - DAY * 30 * number - 3_600))
    late = [Act(f"q{n}", "add_to_cart", IDS[item], NOW - 3_600 * (n + 1)) for n in range(30) for item in (0, 1)]
    return acts + late


FULL, NEW, EMPTY = Shop(GOODS, busy()), Shop(GOODS, ()), Shop((), busy())
SHOPS = {"a shop": FULL, "a new shop": NEW, "an empty shop": EMPTY}
MINE = tuple(
    Act("me", kind, item, NOW - days * DAY)
    for item, days in (("g00", 91), ("g00", 61), ("g00", 31), ("g01", 30), ("gone", 1))
    for kind in ("view", "purchase")
)
AT_HOME = Asked(
    customer_id="me",
    like=("g00", "g01", "gone"),
    context=Context(product_id="g02", category="Camping", query="a lamp", referrer="https://x.test/?q=lamp"),
)

named = st.lists(st.sampled_from([*IDS, "gone", ""]), max_size=4).map(tuple)
requests = st.builds(
    Asked,
    goal=st.none() | st.sampled_from(GOALS),
    customer_id=st.sampled_from(["", "me"]),
    like=named,
    basket=named,
    upsell=st.booleans(),
    context=st.builds(
        Context,
        product_id=st.sampled_from(["", "g03", "gone"]),
        category=st.sampled_from([*KINDS, "Nothing"]),
        query=st.sampled_from(["", "lamp", "灯"]),
    ),
)
histories = st.lists(
    st.builds(
        Act,
        person=st.just("me"),
        kind=st.sampled_from(["view", "purchase"]),
        item=st.sampled_from([*IDS, "gone", ""]),
        at=st.integers(0, 400).map(lambda days: NOW - days * DAY),
    ),
    max_size=12,
).map(tuple)


@pytest.fixture(params=SOURCES)
def build(request: pytest.FixtureRequest) -> Callable[[Shop], Source]:
    """How one of the sources is built; a test with it holds for all of them."""
    return SOURCES[request.param]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("a shop", AT_HOME, MINE, 10)
@example("an empty shop", AT_HOME, MINE, 10)
@example("a shop", Asked(), (), 0)
@given(shop=st.sampled_from(sorted(SHOPS)), asked=requests, acts=histories, limit=st.integers(0, 30))
def test_few_enough_best_first_each_once_of_the_shop_and_with_a_reason(
    build: Callable[[Shop], Source], shop: str, asked: Asked, acts: tuple[Act, ...], limit: int
) -> None:
    source = build(SHOPS[shop])
    given_to = SHOPS[shop].situation(asked, acts)
    found = source.candidates(given_to, limit)

    ids, scores = [one.id for one in found], [one.score for one in found]
    assert len(found) <= limit
    assert len(set(ids)) == len(ids)
    assert set(ids) <= set(given_to.goods.ids)
    assert scores == sorted(scores, reverse=True)
    assert np.isfinite(scores).all()
    for one in found:
        assert one.because
        assert one.source == source.name
        assert 0 < one.propensity <= 1
        assert all(type(value) is float for because in one.because for value in (because.number, because.until))


def test_names_are_their_own(build: Callable[[Shop], Source]) -> None:
    names = [make(FULL).name for make in SOURCES.values()]

    assert names.count(build(FULL).name) == 1


@pytest.mark.parametrize("goal", [None, *GOALS])
def test_shares_are_given_to_sources_that_there_are(goal: Goal | None) -> None:
    situation = FULL.situation(AT_HOME.model_copy(update={"goal": goal}), MINE)
    named = {*shares(situation), *fallbacks(goal)} - {"promoted"}  # which asks the records

    assert named <= {make(FULL).name for make in SOURCES.values()}


def test_in_a_busy_shop_everything_known_of_a_person_makes_it_say_something(build: Callable[[Shop], Source]) -> None:
    assert build(FULL).candidates(FULL.situation(AT_HOME, MINE), 10)


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "tail"])  # which draws by lot
def test_the_same_question_gets_the_same_answer_also_from_a_source_that_has_answered_others(name: str) -> None:
    source, situation = SOURCES[name](FULL), FULL.situation(AT_HOME, MINE)
    first = source.candidates(situation, 10)
    source.candidates(NEW.situation(Asked()), 10)

    assert source.candidates(situation, 10) == first


@pytest.mark.parametrize("shop", SHOPS)
def test_a_stranger_of_whom_nothing_is_known_harms_nothing(build: Callable[[Shop], Source], shop: str) -> None:
    found = build(SHOPS[shop]).candidates(SHOPS[shop].situation(Asked()), 10)

    assert not {"bought", "viewed", "taken", "due", "favourite"} & {b.kind for one in found for b in one.because}
