"""What the demo store is recommended on the day that it is imported: due again, wanted more than before, to go with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest

from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.demo.relations import by_id
from retriever.interactions.recorded import recorded_acts
from retriever.lexical import lexical_for
from retriever.profiles.choices import Choices
from retriever.recommending.asking import Asked
from retriever.recommending.knowledge.crowd_counting import read_crowd
from retriever.recommending.knowledge.current import Known
from retriever.recommending.knowledge.goods_reading import read_goods
from retriever.recommending.knowledge.purchases import DAY, gaps, purchases_of
from retriever.recommending.knowledge.relations import read_relations
from retriever.recommending.situation_reading import Situations
from retriever.recommending.sources.again import FROM, UNTIL, Again
from retriever.recommending.sources.complements import Complements
from retriever.recommending.sources.trending import Trending
from tests.support.shopfront import DAY as IMPORTED
from tests.support.shopfront import imported
from ui.trying import people_to_try

NOW = datetime(IMPORTED.year, IMPORTED.month, IMPORTED.day, 9, tzinfo=UTC)
GOODS = by_id()


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    opened = Database(f"sqlite:///{Path(imported()) / 'home' / 'shop.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def known(database: Database) -> Known:
    """The shop as its recommender knows it that morning, without a model."""
    goods = read_goods(database, "USD")
    return Known(goods, read_crowd(database, goods, now=NOW.timestamp()), read_relations(database), ())


@pytest.fixture(scope="module")
def situations(database: Database) -> Situations:
    return Situations(database, Choices(database), NOW.timestamp)


def test_some_customers_are_shown_what_they_buy_regularly_at_its_time(
    database: Database, known: Known, situations: Situations
) -> None:
    customers = sorted({act.person for act in recorded_acts(database) if act.kind == "purchase"})
    shown = 0
    for customer in customers:
        for candidate in Again().candidates(situations.of(Asked(customer_id=customer), known), 5):
            assert GOODS[candidate.id].family.lasts, "only what is used up"
            because = candidate.because[0]
            if not because.name:  # the person's own habit, not others'
                acts = recorded_acts(database, [customer])
                bought = purchases_of(acts, now=NOW.timestamp())[candidate.id]
                usual = median(gaps(bought))
                assert because.number == pytest.approx(usual / DAY)
                assert FROM * usual <= NOW.timestamp() - bought[-1] <= UNTIL * usual
                shown += 1
    assert shown >= 10


def test_the_one_who_is_proposed_for_it_is_shown_something_due_and_the_new_one_is_a_stranger(
    database: Database, known: Known, situations: Situations
) -> None:
    people = {person.why: person.id for person in people_to_try(database, NOW)}
    assert set(people) == {"new", "again", "much"}
    assert Again().candidates(situations.of(Asked(customer_id=people["again"]), known), 5)
    assert situations.of(Asked(customer_id=people["new"]), known).acts == ()
    assert len(situations.of(Asked(customer_id=people["much"]), known).acts) > 200


def test_something_is_wanted_more_than_before_and_it_is_what_the_store_says_everybody_wants(
    known: Known, situations: Situations
) -> None:
    found = Trending().candidates(situations.of(Asked(), known), 30)
    families = {GOODS[candidate.id].family.id for candidate in found}
    assert {"headlamp", "throw-blanket"} <= families
    rows = known.goods.rows
    for candidate in found:
        assert candidate.because[0].name == GOODS[candidate.id].row.categories[-1]
        assert known.crowd.recent[rows[candidate.id]] > known.crowd.before[rows[candidate.id]]


@pytest.mark.parametrize("family", ["frying-pan", "tent", "french-press", "dog-bed", "lumbar-cushion", "face-cream"])
def test_what_goes_with_a_product_is_shown_and_can_be_used_with_it(
    database: Database, known: Known, situations: Situations, family: str
) -> None:
    source = Complements(lambda: known.relations, Catalogue(database, lexical_for(database), "USD").get)
    meant = next(made for made in GOODS.values() if made.family.id == family)
    found = source.candidates(situations.of(Asked(goal="complement", like=(meant.row.id,)), known), 6)
    assert len(found) == 6
    for candidate in found:
        other = GOODS[candidate.id]
        assert other.family.id != family
        if other.family.id == "pan-lid":
            assert other.values["diameter"].en == meant.values["diameter"].en
