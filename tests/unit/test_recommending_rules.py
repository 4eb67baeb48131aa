"""The shop's rules move products, say so, and keep out what they keep out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import NOW, Good, candidate, ids, situation

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.listing.belonging import Applies, Mask
from retriever.recommending.listing.promotions import Offer
from retriever.recommending.listing.rules import InForce, Rules
from retriever.recommending.listing.rules_file import RuleBook

GOODS = [
    Good("a", "Tents", "Ash"), Good("b", "Tents", "Birch"), Good("c", "Lamps", "Ash"),
    Good("d", "Lamps", "Birch"), Good("e", "Mugs", "Elm"), Good("f", "Mugs", "Elm"),
]  # fmt: skip
SHOWN = [candidate(id, 1 / place) for place, id in enumerate("abcd", start=1)]


class Shelf:
    """Goods belong to what their columns say."""

    def rows(self, applies: Applies, goods: Goods) -> Mask:
        named = (
            (goods.ids, np.arange(len(goods)), applies.ids),
            (goods.categories, goods.category, applies.categories),
        )
        found = np.ones(len(goods), np.bool_)
        for values, column, wanted in (*named, (goods.brands, goods.brand, applies.brands)):
            if wanted:
                found &= np.isin(np.array(values)[column], wanted)
        return found

    def restricted(self, goods: Goods) -> Mask:
        return np.zeros(len(goods), np.bool_)

    def of_interest(self, ids: Collection[str], names: Collection[str]) -> set[str]:
        return set()


class Written:
    """Rules and promotions as they are given."""

    def __init__(self, rules: Sequence[Mapping[str, Any]], lists: Mapping[str, Any]) -> None:
        named = [{"name": f"rule {place}", **rule} for place, rule in enumerate(rules)]
        self._book = RuleBook.model_validate({"rules": named, "lists": lists})

    def get(self) -> RuleBook:
        return self._book


class Spring:
    def get(self) -> Mapping[str, Offer]:
        return {
            "spring": Offer("spring", "Spring sale", Applies(categories=("Lamps",)), ends_at=NOW + 9),
            "over": Offer("over", "Over", Applies(categories=("Tents",)), ends_at=NOW - 9),
        }


def in_force(*rules: Mapping[str, Any], lists: Mapping[str, Any] | None = None, **asked: Any) -> InForce:
    return Rules(Written(rules, lists or {}), Spring(), Shelf()).in_force(situation(GOODS, **asked))


def kinds(one: Candidate) -> list[str]:
    return [because.kind for because in one.because]


def test_a_boost_brings_forward_and_says_so_where_it_did() -> None:
    found = in_force({"kind": "boost", "brand": "Birch", "factor": 3}).moved(SHOWN).kept

    assert ids(found) == ["b", "a", "d", "c"]
    assert found[0].because == (Because("popular"), Because("boosted", name="rule 0"))
    assert kinds(found[1]) == ["popular"]


def test_a_boost_that_moved_nothing_is_no_reason() -> None:
    found = in_force({"kind": "boost", "ids": ["a"]}).moved(SHOWN).kept

    assert ids(found) == ["a", "b", "c", "d"]
    assert kinds(found[0]) == ["popular"]


def test_what_is_buried_goes_back_silently() -> None:
    found = in_force({"kind": "bury", "ids": ["a"], "factor": 0.3}).moved(SHOWN).kept

    assert ids(found) == ["b", "c", "a", "d"]
    assert {kind for one in found for kind in kinds(one)} == {"popular"}


def test_goods_of_a_promotion_come_forward_while_it_runs() -> None:
    rules = [{"kind": "promotion", "promotion": id, "factor": 9} for id in ("spring", "over", "gone")]
    found = in_force(*rules).moved(SHOWN).kept

    assert ids(found) == ["c", "d", "a", "b"]
    assert found[0].because[-1] == Because("promoted", ("spring",), "Spring sale", until=NOW + 9)
    part = in_force({"kind": "promotion", "promotion": "spring", "factor": 9, "brand": "Birch"})
    assert ids(part.moved(SHOWN).kept) == ["d", "a", "b", "c"]


def test_what_a_rule_keeps_out_is_counted() -> None:
    rules = {"kind": "exclude", "category": "Tents"}, {"kind": "age", "ids": ["c"]}

    found = in_force(*rules).moved(SHOWN)
    assert ids(found.kept) == ["d"]
    assert found.dropped == {"rule": 2, "age": 1}
    assert ids(in_force(*rules, context={"adult": True}).moved(SHOWN).kept) == ["c", "d"]
    assert ids(in_force(*rules, {"kind": "pin", "ids": ["e"]}).allowed(SHOWN)) == ["d"], "and nothing is added"


def shown_by(rules: InForce, candidates: Sequence[Candidate] = SHOWN) -> list[Candidate]:
    return rules.placed(rules.moved(candidates).kept)


def test_pins_are_at_their_places() -> None:
    found = shown_by(in_force({"kind": "pin", "ids": ["e"], "place": 2}, {"kind": "pin", "brand": "Birch", "place": 1}))

    assert ids(found) == ["b", "e", "a", "c", "d"]
    assert (found[1].source, found[1].because) == ("pinned", (Because("pinned", name="rule 0"),))
    assert kinds(found[0]) == ["popular", "pinned"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_of_two_pins_for_one_place_the_second_has_the_next() -> None:
    found = shown_by(in_force({"kind": "pin", "ids": ["c"]}, {"kind": "pin", "ids": ["d"]}))

    assert ids(found) == ["c", "d", "a", "b"]


def test_the_first_product_of_a_pin_that_may_be_shown_has_the_place() -> None:
    rules = in_force({"kind": "pin", "ids": ["e", "d", "f"]})
    allowed = [one for one in rules.moved(SHOWN).kept if one.id != "e"]

    assert ids(rules.placed(allowed)) == ["d", "a", "b", "c"], "and what was added in vain is not shown"


def test_what_is_paid_for_is_labelled_and_rare() -> None:
    paid = [{"kind": "sponsor", "ids": [id], "place": 2, "payer": "Elm Ltd"} for id in "ef"]

    one = shown_by(in_force(*paid))
    assert ids(one) == ["a", "e", "b", "c", "d"]
    assert one[1].because == (Because("sponsored", name="Elm Ltd"),)
    assert ids(shown_by(in_force(*paid, lists={"sponsored": 2}))) == ["a", "e", "f", "b", "c", "d"]
    assert ids(shown_by(in_force(*paid, lists={"sponsored": 0}))) == ["a", "b", "c", "d"]
    assert shown_by(in_force(*paid, upsell=False)) == SHOWN


def test_what_stands_there_unpaid_is_not_labelled() -> None:
    assert shown_by(in_force({"kind": "sponsor", "ids": ["a"], "place": 2, "payer": "Ash Ltd"})) == SHOWN


@pytest.mark.parametrize("goal", ["similar", "complement", "new", "again"])
def test_who_asks_for_something_in_particular_is_shown_nothing_else(goal: str) -> None:
    pin = {"kind": "pin", "ids": ["e"]}

    assert ids(shown_by(in_force(pin, goal=goal))) == ["a", "b", "c", "d"]
    assert ids(shown_by(in_force({**pin, "goals": [goal]}, goal=goal)))[0] == "e"


def test_what_the_shop_does_not_have_disturbs_no_rule() -> None:
    rules = {"kind": "boost", "brand": "Ash"}, {"kind": "pin", "brand": "Ash"}, {"kind": "exclude", "ids": ["b"]}

    assert ids(shown_by(in_force(*rules), [candidate("gone"), candidate("c", 0.9)])) == ["c", "gone"]


RULES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"kind": st.just("boost"), "category": st.sampled_from(["Tents", "Lamps", "Mugs"])}),
        st.fixed_dictionaries({"kind": st.just("bury"), "brand": st.sampled_from(["Ash", "Birch", "Elm"])}),
        st.fixed_dictionaries(
            {"kind": st.just("pin"), "ids": st.lists(st.sampled_from("abcdefx"), min_size=1, max_size=3),
             "place": st.integers(1, 9)}
        ),
        st.fixed_dictionaries(
            {"kind": st.just("sponsor"), "ids": st.lists(st.sampled_from("abcdefx"), min_size=1, max_size=3),
             "place": st.integers(1, 9), "payer": st.just("P")}
        ),
        st.fixed_dictionaries({"kind": st.just("exclude"), "ids": st.just(["c"])}),
    ),
    max_size=6,
)  # fmt: skip


@given(RULES, st.lists(st.sampled_from("abcdef"), unique=True), st.booleans(), st.integers(0, 3))
def test_rules_lose_and_double_nothing(rules: list[dict[str, Any]], shown: list[str], upsell: bool, most: int) -> None:
    held = in_force(*rules, lists={"sponsored": most}, upsell=upsell)
    excluded = {"c"} if any(rule["kind"] == "exclude" for rule in rules) else set[str]()

    found = shown_by(held, [candidate(id, 1 / place) for place, id in enumerate(shown, start=1)])

    assert len(set(ids(found))) == len(found)
    assert set(shown) - excluded <= set(ids(found)) <= set("abcdef") - excluded
    paid = sum("sponsored" in kinds(one) for one in found)
    assert paid <= (most if upsell else 0)
    added = set(ids(found)) - set(shown)
    assert all({"pinned", "sponsored"} & set(kinds(one)) for one in found if one.id in added)


@given(st.permutations("abcdef"), st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 6), max_size=4))
def test_every_pin_with_a_place_of_its_own_is_there(shown: list[str], pins: dict[str, int]) -> None:
    places = {place: id for id, place in pins.items()}
    rules = [{"kind": "pin", "ids": [id], "place": place} for place, id in places.items()]

    found = shown_by(in_force(*rules), [candidate(id, 1 / place) for place, id in enumerate(shown, start=1)])

    assert all(found[place - 1].id == id for place, id in places.items())
