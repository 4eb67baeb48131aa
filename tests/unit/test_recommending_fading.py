"""A model that forgets nothing is helped to, and only such a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from recommended_goods import NOW, Good, acts, situation

from ranker.behaviour.model import BehaviourModel, Event, History, Items, Scores
from ranker.behaviour.neighbours import ItemCosine
from ranker.behaviour.popularity import Popularity
from retriever.recommending.knowledge.past import Past
from retriever.recommending.sources.fading import Fading, adds_up

GOODS = "abcdefgh"


class Latest:
    """A model that reads a history in its order: it says what follows the last act, and nothing else."""

    name = "latest"
    items = tuple(GOODS)

    def score(self, histories: Sequence[History]) -> Scores:
        scores = np.zeros((len(histories), len(self.items)), dtype=np.float32)
        for row, history in enumerate(histories):
            if history:
                scores[row, (self.items.index(history[-1].item) + 1) % len(self.items)] = 1.0
        return scores


def item_item() -> BehaviourModel:
    """Neighbours are taken together: a with b, c with d, e with f, g with h."""
    people = [[Event(item, 0.0) for item in pair] for pair in ("ab", "cd", "ef", "gh") for _ in range(20)]
    return ItemCosine().fit(people, Items(tuple(GOODS)), lambda what, done, total: None)


def scored(model: BehaviourModel, history: tuple[Event, ...], tried: int) -> tuple[Scores, Scores, Past]:
    """The scores as they are and faded, of the whole history and of it without each of the latest goods."""
    known = situation([Good(id) for id in GOODS], history=history)
    past = Past.of(known)
    latest = [GOODS[row] for row in past.rows[:tried]]
    without = [[event for event in history if event.item != id] for id in latest]
    scores = model.score([history, *without])
    return scores, Fading().faded(model, known, past, scores), past


def test_what_was_done_last_says_most() -> None:
    plain, faded, past = scored(item_item(), acts("a", "c", "e"), tried=3)

    b, d, f = (GOODS.index(id) for id in "bdf")
    assert plain[0, b] == plain[0, d] == plain[0, f]
    assert faded[0, [f, d, b]] == pytest.approx(plain[0, f] * past.weights, rel=1e-4)
    assert (past.weights[0], past.weights[-1] < 1) == (1, True)


def test_a_glance_at_the_end_says_no_less_than_a_purchase_before_it() -> None:
    _, faded, _ = scored(item_item(), (*acts("c", weight=5.0)[:1], Event("e", NOW + 1.0, weight=1.0)), tried=2)

    assert faded[0, GOODS.index("f")] > faded[0, GOODS.index("d")] > 0


def test_without_an_act_its_part_is_gone() -> None:
    _, faded, _ = scored(item_item(), acts("a", "c", "e"), tried=3)

    f = GOODS.index("f")
    assert faded[1, f] == pytest.approx(0, abs=1e-6), "the first of the latest is e"
    assert faded[2, f] == pytest.approx(faded[0, f])


def test_what_is_older_than_the_latest_says_as_much_as_it_does_on_average() -> None:
    plain, faded, past = scored(item_item(), acts("a", "c", "e", "g"), tried=2)

    b, d = GOODS.index("b"), GOODS.index("d")
    assert faded[0, b] == pytest.approx(faded[0, d])
    assert faded[0, b] == pytest.approx(plain[0, b] * past.weights[2:].mean(), rel=1e-4)


def test_a_model_that_reads_the_order_is_left_as_it_is() -> None:
    plain, faded, _ = scored(Latest(), acts("a", "c", "e"), tried=3)

    assert faded is plain


def test_one_act_tells_nothing_of_a_model_and_needs_no_weighing() -> None:
    plain, faded, _ = scored(item_item(), acts("a"), tried=1)

    assert faded is plain
    assert adds_up(item_item(), acts("a", "a")) is None


def test_a_model_to_which_the_acts_say_nothing_is_asked_again() -> None:
    nothing = Popularity().fit([[Event("a", 0.0)]], Items(tuple(GOODS)), lambda what, done, total: None)

    assert adds_up(nothing, acts("a", "c")) is None
    assert adds_up(item_item(), acts("a", "c")) is True
    assert adds_up(Latest(), acts("a", "c")) is False
