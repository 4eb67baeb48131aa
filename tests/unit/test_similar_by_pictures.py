"""What looks alike, beside what is alike by its words: what moves, what does not, and what is said of it."""

from __future__ import annotations

import pytest
from held_pictures import HeldPictures
from held_vectors import HeldVectors
from hypothesis import given
from hypothesis import strategies as st
from small_shop import shop, situation

from ranker.behaviour.model import Event
from retriever.pictures.index import beyond
from retriever.recommending.candidate import Because
from retriever.recommending.sources.similar import Similar

GOODS = shop(red="mugs", blue="mugs", cherry="mugs", crimson="mugs", cushion="cushions")
# By words blue is the nearest to red, cherry the next; nobody wrote much about crimson, and the cushion is no mug.
WORDS = HeldVectors({"red": [1, 0.0], "blue": [1, 0.5], "cherry": [1, 0.6], "cushion": [0, 1]})
LOOK = {"red": [1, 0.0, 0], "blue": [0, 1, 0], "cherry": [1, 0.2, 0], "crimson": [1, 0, 0.1], "cushion": [1, 0, 0]}
ASKED = situation(GOODS, like=["red"])
LIKE, LOOKS_LIKE = Because("like", ("red",)), Because("looks_like", ("red",))


def test_what_looks_alike_comes_before_what_is_as_near_by_words() -> None:
    by_words = Similar(WORDS).candidates(ASKED, 5)
    both = {one.id: one.because for one in Similar(WORDS, HeldPictures(LOOK)).candidates(ASKED, 5)}

    assert [one.id for one in by_words] == ["blue", "cherry"]
    assert list(both) == ["cherry", "blue", "crimson"]
    assert both["cherry"] == (LOOKS_LIKE, LIKE), "its picture brought it before blue"
    assert both["blue"] == (LIKE,)


def test_a_good_is_found_by_its_picture_alone_within_the_category_only() -> None:
    found = {one.id: one.because for one in Similar(WORDS, HeldPictures(LOOK)).candidates(ASKED, 5)}

    assert found["crimson"] == (LOOKS_LIKE,)
    assert "cushion" not in found


def test_a_picture_that_moves_no_place_is_no_reason() -> None:
    look = {"red": [1, 0.0], "blue": [1, 0.1], "cherry": [0, 1]}
    first, second = Similar(WORDS, HeldPictures(look)).candidates(ASKED, 5)

    assert (first.id, first.because) == ("blue", (LIKE,)), "blue is the nearest without its picture, too"
    assert second.id == "cherry"


def test_what_is_near_by_words_gets_nothing_from_its_looks_in_another_category() -> None:
    words = HeldVectors({"red": [1, 0.0], "blue": [1, 0.5], "cushion": [1, 0.5]})
    by_words, both = (Similar(words, look).candidates(ASKED, 2) for look in (None, HeldPictures(LOOK)))

    assert [(one.id, one.score) for one in both] == [(one.id, one.score) for one in by_words]


def test_pictures_turn_no_far_good_before_a_near_one() -> None:
    words = HeldVectors({"red": [1, 0.0], "blue": [1, 0.1], "cherry": [0.4, 1]})
    found = Similar(words, HeldPictures(LOOK)).candidates(ASKED, 2)

    assert [one.id for one in found] == ["blue", "cherry"]


def test_where_any_two_pictures_are_near_nearness_says_nothing() -> None:
    found = Similar(WORDS, HeldPictures(LOOK, usual=0.99)).candidates(ASKED, 5)

    assert [one.because for one in found if one.id != "crimson"] == [(LIKE,), (LIKE,)]


def test_without_words_pictures_alone_find_what_looks_alike() -> None:
    for silent in (HeldVectors({}), HeldVectors({}, fails=True)):
        found = Similar(silent, HeldPictures(LOOK)).candidates(ASKED, 5)
        assert [one.id for one in found] == ["crimson", "cherry"]


def test_where_nothing_has_a_category_what_words_found_or_else_all_may_look_alike() -> None:
    plain = situation(shop(red="", blue="", cherry="", crimson=""), like=["red"])

    assert [one.id for one in Similar(WORDS, HeldPictures(LOOK)).candidates(plain, 5)] == ["cherry", "blue"]
    assert [one.id for one in Similar(HeldVectors({}), HeldPictures(LOOK)).candidates(plain, 5)] == [
        "crimson",
        "cherry",
    ]


@pytest.mark.parametrize("pictures", [HeldPictures(LOOK, fails=True), HeldPictures({}), HeldPictures({"blue": [1]})])
def test_pictures_that_cannot_be_asked_or_do_not_know_the_thing_change_nothing(pictures: HeldPictures) -> None:
    assert Similar(WORDS, pictures).candidates(ASKED, 5) == Similar(WORDS).candidates(ASKED, 5)
    assert pictures.searches == 0


def test_a_request_searches_pictures_once_whatever_it_is_about() -> None:
    pictures = HeldPictures(LOOK)
    Similar(WORDS, pictures).candidates(situation(GOODS, basket=["red", "blue", "cushion"]), 5)

    assert pictures.searches == 1


def test_what_looks_like_something_that_a_person_had_is_shown_because_of_what_they_did() -> None:
    looked = situation(GOODS, Event("red", 1.0, weight=1.0))
    found = {one.id: one.because for one in Similar(WORDS, HeldPictures(LOOK)).candidates(looked, 5)}

    assert found["crimson"] == found["cherry"] == (Because("viewed", ("red",)),)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_likeness_is_a_share_and_grows_with_the_cosine(one: float, other: float, usual: float) -> None:
    less, more = (beyond(cosine, usual) for cosine in sorted((one, other)))
    assert 0 <= less <= more <= 1
    assert beyond(usual, usual) == 0
    assert beyond(1.0, usual) == (1 if usual < 1 else 0)
