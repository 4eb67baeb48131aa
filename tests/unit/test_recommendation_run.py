"""Who takes part, what the baselines say, and what becomes of a model that cannot be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from eval.recommendation.baselines import PersonalFrequency, TextLikeness
from eval.recommendation.contenders import CONTENDERS, Contender
from eval.recommendation.measuring import Measuring, ScoreError, shelf
from eval.recommendation.report import bands
from eval.recommendation.run import Plan, evaluate
from eval.recommendation.splits import Options
from eval.recommendation.trials import Case, Log, Trial
from ranker.behaviour.model import BehaviourError, BehaviourModel, Event, History, Items, Scores
from ranker.cross.judging import Say
from retriever.errors import BadInputError

DAY = 86_400.0
ITEMS = tuple("abcd")


def say(what: str, done: int, total: int) -> None:
    """Nobody listens."""


def history(*events: tuple[str, float]) -> tuple[Event, ...]:
    return tuple(Event(item, day * DAY) for item, day in events)


@dataclass(frozen=True)
class Fixed:
    """A model, and its trainer, that gives everybody the same scores."""

    scores: tuple[float, ...]
    items: tuple[str, ...] = ITEMS
    name: str = "fixed"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        return np.tile(np.array(self.scores, dtype=np.float32), (len(histories), 1))


class TooBig:
    """A trainer that refuses."""

    name = "too big"

    def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
        raise BehaviourError("There is no memory for it.")


PEOPLE = {f"p{number}": history(("a", 0), ("b", 1), ("c", 2)) for number in range(6)}
LOG = Log("made up", PEOPLE, ITEMS)
CONTEST = {
    "good": Contender(lambda: Fixed((0, 0, 1, 0))),
    "bad": Contender(lambda: Fixed((1, 1, 0, 1))),
    "turned": Contender(lambda: Fixed((0, 1, 0, 0), items=tuple("dcba"))),
    "nan": Contender(lambda: Fixed((0, float("nan"), 0, 0))),
    "short": Contender(lambda: Fixed((0, 1), items=("a", "b"))),
    "big": Contender(TooBig),
}


def test_all_models_answer_the_same_questions_and_who_cannot_is_left_out_with_the_reason() -> None:
    found = evaluate(LOG, Plan(options=Options(cold=0), baseline="bad"), None, say, CONTEST)
    standings = {one.name: one for one in found.trials[0].models}
    assert standings["good"].groups["all"]["hr@10"].mean == 1
    assert standings["good"].groups["all"]["ndcg@10"].mean == 1
    assert standings["bad"].groups["all"]["mrr"].mean == 0.5  # a and b are known and excluded: d, then c
    assert standings["turned"].groups["all"]["mrr"].mean == 1  # its columns stand in another order
    assert "finite" in standings["nan"].skipped
    assert "2 items" in standings["short"].skipped
    assert standings["big"].skipped == "There is no memory for it."
    difference = found.trials[0].differences["good"]["ndcg@10"]
    assert difference.mean == pytest.approx(1 - 1 / np.log2(3))
    assert difference.p == pytest.approx(2 / 2**6)
    assert difference.p_holm == pytest.approx(2 * 2 / 2**6)


def test_a_baseline_must_take_part() -> None:
    with pytest.raises(BadInputError, match="baseline"):
        evaluate(LOG, Plan(("good",), baseline="bad"), None, say, CONTEST)


def test_vectors_come_of_the_words_and_what_has_none_gets_zeros() -> None:
    given: list[Items] = []

    class Looking(TooBig):
        def fit(self, histories: Sequence[History], items: Items, say: Say) -> BehaviourModel:
            given.append(items)
            return super().fit(histories, items, say)

    log = Log("made up", PEOPLE, ITEMS, texts={"a": "lamp", "b": "mug", "d": "lamp"})
    encoded: list[Sequence[str]] = []

    def encode(texts: Sequence[str]) -> Scores:
        encoded.append(texts)
        return np.eye(2, dtype=np.float32)

    evaluate(log, Plan(options=Options(cold=0)), encode, say, {"looking": Contender(Looking)})
    assert encoded == [["lamp", "mug"]]
    assert given[0].vectors is not None
    assert given[0].vectors.tolist() == [[1, 0], [0, 1], [0, 0], [1, 0]]


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_contender_can_be_made(name: str) -> None:
    assert CONTENDERS[name].make().name


def test_personal_frequency_counts_and_fills_up_with_what_others_take() -> None:
    others = [history(("d", 0)), history(("d", 0)), history(("c", 0))]
    model = PersonalFrequency().fit(others, Items(ITEMS), say)
    scores = model.score([history(("a", 0), ("b", 1), ("a", 2)), ()])
    assert [ITEMS[column] for column in np.argsort(-scores[0])] == ["a", "b", "d", "c"]
    assert [ITEMS[column] for column in np.argsort(-scores[1])][:2] == ["d", "c"]


def test_recency_can_outweigh_frequency() -> None:
    own = history(("a", 0), ("a", 1), ("b", 100))
    for half_life, first in ((None, "a"), (10.0, "b"), (1000.0, "a")):
        model = PersonalFrequency(half_life).fit([own], Items(ITEMS), say)
        assert ITEMS[int(np.argmax(model.score([own])[0]))] == first


def test_scores_that_cannot_be_ranked_are_refused() -> None:
    measuring = Measuring(ITEMS, shelf(ITEMS, [], None, {}))
    trial = Trial("next", "", [Case("ann", history(("a", 0)), ("b",))], repeats=False)
    with pytest.raises(ScoreError):
        measuring.measure(Fixed((float("inf"), 0, 0, 0)), trial, say)
    found = measuring.measure(Fixed((9, 1, 0, 0)), trial, say)
    assert found.values["mrr"].tolist() == [1]  # the known item takes no place


def test_bands_are_thirds_of_the_people_by_what_is_known_of_them() -> None:
    cases = [Case(str(size), history(*[("a", day) for day in range(size)]), ("b",)) for size in (1, 1, 2, 3, 5, 8)]
    found = bands(Trial("next", "", cases, repeats=True))
    assert {name: list(places) for name, places in found.items()} == {
        "all": [0, 1, 2, 3, 4, 5],
        "1 event": [0, 1],
        "2 to 3 events": [2, 3],
        "4 to 8 events": [4, 5],
    }
    alike = [replace_history(case, 2) for case in cases]
    assert list(bands(Trial("next", "", alike, repeats=True))) == ["all", "2 events"]


def replace_history(case: Case, size: int) -> Case:
    """The same person with so many events."""
    return Case(case.person, history(*[("a", day) for day in range(size)]), case.wanted)


def test_what_is_described_like_the_last_thing_taken_comes_first() -> None:
    vectors = np.array([[2, 0], [3, 1], [0, 1], [1, 9]], dtype=np.float32)
    model = TextLikeness().fit([], Items(ITEMS, vectors), say)

    scores = model.score([history(("a", 0)), history(("a", 0), ("c", 1)), ()])

    assert [ITEMS[place] for place in np.argsort(-scores[0])] == ["a", "b", "d", "c"]
    assert scores[1, ITEMS.index("c")] > scores[1, ITEMS.index("a")]
    assert not scores[2].any()


def test_without_vectors_nothing_is_alike() -> None:
    with pytest.raises(BehaviourError, match="no vectors"):
        TextLikeness().fit([], Items(ITEMS), say)
