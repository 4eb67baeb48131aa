"""Many lists become one: nothing is lost or doubled, reasons are joined, and the less wanted have their share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommended_goods import Good, candidate, ids, lists, situation

from retriever.recommending.candidate import Because
from retriever.recommending.listing.blending import LongTail, blended, less_wanted

IDS = st.lists(st.sampled_from("abcdefghijkl"), unique=True)
LISTS = st.dictionaries(st.sampled_from(["personal", "similar", "popular", "moment"]), IDS)
SHARES = st.dictionaries(st.sampled_from(["personal", "similar", "popular", "moment"]), st.floats(0.01, 1))


@given(LISTS, SHARES)
def test_every_product_of_a_source_that_counts_comes_once(
    given_lists: dict[str, list[str]], shares: dict[str, float]
) -> None:
    found = blended(lists(**given_lists), shares)

    union = {id for source, named in given_lists.items() if source in shares for id in named}
    assert sorted(ids(found)) == sorted(union)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.source in shares and one.because for one in found)


def test_places_go_as_the_shares_say() -> None:
    found = blended(lists(personal=[f"p{n}" for n in range(20)], moment=[f"m{n}" for n in range(20)]),
                    {"personal": 0.75, "moment": 0.25})  # fmt: skip

    first = ids(found)[:12]
    assert sum(id.startswith("m") for id in first) in (2, 3)
    assert first[0] == "p0"


def test_what_several_sources_put_forward_comes_first_with_all_their_reasons() -> None:
    alike, together, popular = Because("like", ("x",)), Because("together", ("x",), number=3), Because("popular")
    found = blended(
        {
            "popular": [candidate("a", 9, "popular", popular), candidate("b", 8, "popular", popular)],
            "similar": [candidate("c", 0.9, "similar", alike), candidate("b", 0.8, "similar", alike)],
            "together": [candidate("b", 0.1, "together", together)],
        },
        {"popular": 0.28, "similar": 0.5, "together": 0.22},
    )

    assert found[0].id == "b"
    assert (found[0].source, found[0].because) == ("similar", (alike, together, popular))


def test_what_is_likely_is_one_list_by_what_all_want_and_what_the_person_does() -> None:
    popular = [candidate("milk", 100), candidate("bread", 90), candidate("eggs", 60), candidate("salt", 10)]
    personal = [candidate(id, score, "personal") for id, score in (("flour", 1.0), ("eggs", 0.9), ("salt", 0.2))]

    met, regular = (
        blended({"popular": popular, "personal": personal}, {"popular": 1 - known, "personal": known})
        for known in (0.3, 0.6)
    )

    assert ids(met) == ["milk", "eggs", "bread", "flour", "salt"], "eggs rise, and bread has lost no place to flour"
    assert ids(regular) == ["eggs", "flour", "milk", "bread", "salt"]
    assert met[1].source == "popular"
    assert regular[0].source == "personal"


@given(IDS, IDS, st.sampled_from([0.0137, 0.137, 0.371, 0.737]))
def test_what_is_likely_has_the_shares_of_both_its_sources(
    popular: list[str], personal: list[str], moment: float
) -> None:
    fitting = [f"m{n}" for n in range(20)]
    both = blended(
        lists(popular=popular, personal=personal, moment=fitting), {"popular": 0.2, "personal": 0.3, "moment": moment}
    )
    share = 0.2 * bool(popular) + 0.3 * bool(personal)

    expected = lists(other=[one.id for one in both if one.source != "moment"], moment=fitting)
    assert ids(both) == ids(blended(expected, {"other": share, "moment": moment}))


def test_the_same_reason_is_given_once() -> None:
    found = blended(lists(popular=["a"], moment=["a"]), {"popular": 0.5, "moment": 0.5})

    assert found[0].because == (Because("popular"),)


GOODS = [Good(f"h{n}", wanted=100 - n) for n in range(4)] + [Good(f"t{n}", wanted=1) for n in range(16)]


def test_the_less_wanted_have_their_share_of_a_list() -> None:
    shown = [candidate(f"h{n}", 1 - n / 10) for n in range(4)] + [candidate(f"t{n}", 0.5 - n / 100) for n in range(5)]

    found = LongTail().applied(shown, situation(GOODS, events=10), k=4, share=0.5)

    assert ids(found) == ["h0", "h1", "t0", "t1", "h2", "h3", "t2", "t3", "t4"]
    assert [one.score for one in found] == [one.score for one in shown], "a place's score is the place's"


def test_nothing_that_does_not_belong_is_drawn_up_for_it() -> None:
    shown = [candidate(f"h{n}", 1 - n / 10) for n in range(4)] + [candidate("t0", 0.1)]

    assert ids(LongTail().applied(shown, situation(GOODS, events=10), k=4, share=0.5)) == ids(shown)


@given(IDS, st.floats(0, 1), st.integers(1, 6))
def test_the_share_of_the_less_wanted_only_reorders(named: list[str], share: float, k: int) -> None:
    goods = [Good(id, wanted=float(place % 3 == 0) * 50) for place, id in enumerate("abcdefghijkl")]
    shown = [candidate(id, 1 - place / 100) for place, id in enumerate(named)]

    found = LongTail().applied(shown, situation(goods, events=10), k=k, share=share)

    assert sorted(ids(found)) == sorted(named)
    tail = {good.id for good in goods if not good.wanted}
    before, after = (sum(one.id in tail for one in listed[:k]) for listed in (shown, found))
    assert after >= min(before, int(share * k))
    assert after == before or after <= int(share * k)


@pytest.mark.parametrize(
    ("wanted", "tail"),
    [
        ([9, 1, 0, 0, 0], [1, 2, 3, 4]),
        ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], list(range(2, 10))),
        ([0, 0, 0], [0, 1, 2]),
        ([], []),
    ],
)
def test_the_head_is_a_fifth_of_the_goods_at_most(wanted: list[float], tail: list[int]) -> None:
    assert np.flatnonzero(less_wanted(np.array(wanted, np.float64))).tolist() == tail
