"""What is learned from and what is asked: nothing that is asked for may have been learned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.recommendation.splits import COLD_FOLD, LATER, NEW, NEXT, UNSEEN_ITEMS, UNSEEN_PEOPLE, Options, folds
from eval.recommendation.trials import Fold, Log, Trial
from ranker.behaviour.model import Event
from retriever.errors import BadInputError


def log(people: dict[str, str], cut: float | None = None, checked_from: float | None = None) -> Log:
    """Items are letters, in the order they were taken at 0, 1, 2..."""
    histories = {name: tuple(Event(item, float(at)) for at, item in enumerate(held)) for name, held in people.items()}
    return Log("made up", histories, tuple("abcdefghij"), cut=cut, checked_from=checked_from)


def only(found: list[Fold], trial: str) -> Trial:
    return next(one for fold in found for one in fold.trials if one.name == trial)


def learned(fold: Fold) -> list[str]:
    return ["".join(event.item for event in history) for history in fold.training]


def told(trial: Trial) -> dict[str, tuple[str, str]]:
    """What is known of each person and what is asked for."""
    return {case.person: ("".join(event.item for event in case.history), "".join(case.wanted)) for case in trial.cases}


def test_leave_one_out_as_it_is_published() -> None:
    found = folds(log({"ann": "abcd", "bob": "ba", "eve": "edc"}), Options(cold=0))
    assert learned(found[0]) == ["ab", "ba", "e"]  # the item before the last is for validation
    assert told(only(found, NEXT)) == {"ann": ("abc", "d"), "eve": ("ed", "c")}
    assert not only(found, NEXT).repeats


def test_the_validation_part_does_not_look_at_the_test() -> None:
    found = folds(log({"ann": "abcd", "eve": "edcb"}), Options(part="validation", cold=0))
    assert learned(found[0]) == ["ab", "ed"]
    assert told(only(found, NEXT)) == {"ann": ("ab", "c"), "eve": ("ed", "c")}


def test_a_last_item_that_the_person_had_already_is_not_asked_for() -> None:
    found = folds(log({"ann": "abca", "eve": "edcb"}), Options(cold=0))
    assert set(told(only(found, NEXT))) == {"eve"}


def test_by_time_repeats_are_one_question_and_what_is_new_another() -> None:
    found = folds(log({"ann": "abcab", "bob": "bbbbb", "new": ""}, cut=3), Options(cold=0))
    assert learned(found[0]) == ["abc", "bbb"]
    assert told(only(found, LATER)) == {"ann": ("abc", "ab"), "bob": ("bbb", "b")}
    assert only(found, LATER).repeats
    assert NEW not in {trial.name for trial in found[0].trials}  # nobody took anything new
    found = folds(log({"ann": "abcad"}, cut=3), Options(cold=0))
    assert told(only(found, NEW)) == {"ann": ("abc", "d")}
    assert not only(found, NEW).repeats


def test_validation_by_time_ends_where_the_test_begins() -> None:
    found = folds(log({"ann": "abcdef"}, cut=4, checked_from=2), Options(part="validation", cold=0))
    assert told(only(found, LATER)) == {"ann": ("ab", "cd")}
    with pytest.raises(BadInputError, match="no time of validation"):
        folds(log({"ann": "abcdef"}, cut=4), Options(part="validation"))


def test_rare_items_leave_the_catalogue_if_that_is_wanted() -> None:
    found = folds(log({"ann": "abxa", "bob": "bada", "eve": "bagb", "kim": "abgc"}, cut=2), Options(cold=0, least=2))
    assert found[0].items == ("a", "b")
    assert all(set(case.wanted) <= {"a", "b"} for case in only(found, LATER).cases)


def test_nobody_to_ask_is_said() -> None:
    with pytest.raises(BadInputError, match="Nobody"):
        folds(log({"ann": "ab"}), Options())
    with pytest.raises(BadInputError, match="taken by 5 people"):
        folds(log({"ann": "abc"}), Options(least=5))


histories = st.dictionaries(
    st.integers(0, 99).map(str), st.lists(st.sampled_from("abcdefghij"), max_size=9, unique=True).map("".join)
)


@given(histories, st.sampled_from([None, 2.0, 4.0]), st.integers(0, 9), st.sampled_from([0, 3]))
def test_what_is_held_out_is_in_no_history(people: dict[str, str], cut: float | None, seed: int, limit: int) -> None:
    try:
        found = folds(log(people, cut), Options(cold=0.4, seed=seed, limit=limit))
    except BadInputError:
        return
    for fold in found:
        for trial in fold.trials:
            assert 0 < len(trial.cases) <= (limit or len(people))
            for case in trial.cases:
                assert case.history
                assert case.wanted
                assert trial.repeats or not {event.item for event in case.history} & set(case.wanted)
    for fold in found:
        if fold.name != COLD_FOLD:
            continue
        learned_items = set("".join(learned(fold)))
        for trial in fold.trials:
            if trial.name == UNSEEN_ITEMS:
                assert all(item not in learned_items for case in trial.cases for item in case.wanted)
                known = {event.item for case in trial.cases for event in case.history}
                assert not known & {item for case in trial.cases for item in case.wanted}
            if trial.name == UNSEEN_PEOPLE:
                others = {case.person for one in fold.trials if one is not trial for case in one.cases}
                assert not others & {case.person for case in trial.cases}
