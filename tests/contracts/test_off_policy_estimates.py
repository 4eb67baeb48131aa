"""What every off-policy estimate promises, held against a simulated logger whose true values are known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.recommendation.decisions import Decision, read_decisions
from eval.recommendation.ope import DIRECT, DR, IPS, LOGGED, SNIPS, estimate, rows
from retriever.errors import BadInputError

REWARDS = {"a": 0.1, "b": 0.3, "c": 0.6}
LOGGING = {"a": 0.6, "b": 0.3, "c": 0.1}
TARGET = {"a": 0.1, "b": 0.2, "c": 0.7}
TRUE = sum(share * REWARDS[action] for action, share in TARGET.items())


def logged(count: int, seed: int = 0) -> list[Decision]:
    """Decisions of a logger that takes actions with known probabilities and earns 1 or 0."""
    rng = np.random.default_rng(seed)
    actions = rng.choice(list(LOGGING), size=count, p=list(LOGGING.values())).tolist()
    return [
        Decision(LOGGING[one], float(rng.random() < REWARDS[one]), TARGET[one], one, TARGET, person=f"p{number % 997}")
        for number, one in enumerate(actions)
    ]


@pytest.mark.parametrize("name", [IPS, SNIPS, DR])
def test_an_estimate_is_near_the_true_value_with_an_interval_around_it(name: str) -> None:
    found = estimate(logged(8_000), resamples=500).estimates[name].value
    assert found.mean == pytest.approx(TRUE, abs=0.06)
    assert found.low < TRUE < found.high


@pytest.mark.parametrize("name", [IPS, SNIPS, DR])
def test_an_interval_holds_the_truth_about_as_often_as_it_says(name: str) -> None:
    held = 0
    for seed in range(60):
        found = estimate(logged(600, seed), resamples=200, seed=seed).estimates[name].value
        held += found.low <= TRUE <= found.high
    assert held >= 50  # 57 are expected


@pytest.mark.parametrize("name", [IPS, SNIPS, DR])
def test_the_policy_that_logged_is_worth_what_was_logged(name: str) -> None:
    same = [replace(one, target_of_chosen=one.propensity, target=LOGGING) for one in logged(400)]
    found = estimate(same, resamples=200)
    assert found.estimates[name].value.mean == pytest.approx(found.estimates[LOGGED].value.mean, abs=0.02)
    assert found.effective == pytest.approx(400)
    assert found.mean_weight.mean == pytest.approx(1)
    assert not found.warnings


def test_the_estimates_by_hand() -> None:
    two = [
        Decision(0.5, 1.0, 0.25, "a", {"a": 0.25, "b": 0.75}),
        Decision(0.25, 0.0, 0.75, "b", {"a": 0.25, "b": 0.75}),
    ]
    predicted = [replace(one, predicted={"a": 0.8, "b": 0.2}) for one in two]
    found = estimate(predicted, resamples=100)
    assert found.estimates[IPS].value.mean == pytest.approx(0.5 / 2)
    assert found.estimates[SNIPS].value.mean == pytest.approx(0.5 / 3.5)
    expected = 0.25 * 0.8 + 0.75 * 0.2
    assert found.estimates[DIRECT].value.mean == pytest.approx(expected)
    assert found.estimates[DR].value.mean == pytest.approx(expected + (0.5 * 0.2 + 3 * -0.2) / 2)
    assert found.effective == pytest.approx(3.5**2 / (0.25 + 9))


def test_doubly_robust_holds_though_the_predictions_are_wrong() -> None:
    wrong = [replace(one, predicted={"a": 0.9, "b": 0.9, "c": 0.0}) for one in logged(8_000)]
    found = estimate(wrong, resamples=300).estimates
    assert abs(found[DIRECT].value.mean - TRUE) > 0.15
    assert found[DR].value.low < TRUE < found[DR].value.high


def test_doubly_robust_holds_though_the_propensities_are_wrong() -> None:
    wrong = [replace(one, propensity=min(1.0, one.propensity * 2), predicted=REWARDS) for one in logged(8_000)]
    found = estimate(wrong, resamples=300)
    assert abs(found.estimates[IPS].value.mean - TRUE) > 0.15
    assert found.estimates[DR].value.mean == pytest.approx(TRUE, abs=0.04)
    assert "should be 1" in found.warnings[0]


def test_a_good_reward_model_narrows_the_interval() -> None:
    found = estimate(logged(4_000), resamples=300).estimates
    assert found[DR].value.high - found[DR].value.low < found[IPS].value.high - found[IPS].value.low


def test_clipping_takes_away_weight_and_says_of_how_many() -> None:
    plain, cut = (estimate(logged(2_000), clip=clip, resamples=200) for clip in (0.0, 3.0))
    assert cut.clipped == sum(one.chosen == "c" for one in logged(2_000))  # weight 7
    assert cut.effective > plain.effective
    assert cut.estimates[IPS].value.mean < plain.estimates[IPS].value.mean
    assert cut.mean_weight == plain.mean_weight


def test_many_decisions_for_one_person_count_as_one_draw() -> None:
    apart = logged(400)
    together = [
        replace(one, person=f"p{number // 40}") for number, one in enumerate(sorted(apart, key=lambda d: d.chosen))
    ]
    alone = [replace(one, person="") for one in apart]
    widths = [
        (found := estimate(held, resamples=300)).estimates[IPS].value.high - found.estimates[IPS].value.low
        for held in (alone, together)
    ]
    assert widths[1] > widths[0] * 1.5
    assert estimate(together, resamples=100).people == 10


def test_without_the_other_actions_there_is_no_doubly_robust_estimate() -> None:
    bare = [replace(one, target=None) for one in logged(500)]
    found = estimate(bare, resamples=100)
    assert set(found.estimates) == {LOGGED, IPS, SNIPS}
    assert "none" in found.model
    assert [row[0] for row in rows(found)] == ["what was logged", "IPS", "SNIPS"]


def test_a_policy_that_never_does_what_was_done_cannot_be_told_of() -> None:
    with pytest.raises(BadInputError, match="never"):
        estimate([Decision(0.5, 1.0, 0.0)])
    with pytest.raises(BadInputError, match="no decisions"):
        estimate([])


def test_few_decisions_are_warned_of() -> None:
    assert "worth only" in estimate(logged(30), resamples=100).warnings[-1]


GOOD = {"chosen": "a", "propensity": 0.5, "reward": 1, "target": {"a": 0.25, "b": 0.75}, "person": "ann"}


def test_decisions_are_read(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    bare = {"propensity": 0.5, "reward": 0, "target": 0.1}
    log.write_text("\n".join(map(json.dumps, [GOOD, bare])) + "\n\n", encoding="utf-8")
    first, second = read_decisions(log)
    assert (first.target_of_chosen, first.person, first.target) == (0.25, "ann", GOOD["target"])
    assert (second.target_of_chosen, second.target) == (0.1, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"propensity": 0}, "propensity is 0"),
        ({"propensity": 1.5}, "propensity is 1.5, which is no probability"),
        ({"propensity": -0.1}, "no probability"),
        ({"propensity": None}, "no number"),
        ({"propensity": float("nan")}, "no number"),
        ({"propensity": "0.5"}, "no number"),
        ({"reward": True}, "no number"),
        ({"target": {"a": 0.3}}, "sum to 0.3"),
        ({"target": {"a": 2, "b": -1}}, "no probability"),
        ({"target": "a"}, "no number"),
        ({"chosen": ""}, "chosen is missing"),
        ({"predicted": {"a": 1}}, "says nothing of b"),
        ({"predicted": 1}, "no object"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(tmp_path: Path, change: dict[str, object], said: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(GOOD) + "\n" + json.dumps(GOOD | change), encoding="utf-8")
    with pytest.raises(BadInputError, match="line 2") as raised:
        read_decisions(log)
    assert said in raised.value.message


@pytest.mark.parametrize("name", ["propensity", "reward", "target"])
def test_what_is_missing_is_named(tmp_path: Path, name: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({key: value for key, value in GOOD.items() if key != name}), encoding="utf-8")
    with pytest.raises(BadInputError, match=f"{name} is missing"):
        read_decisions(log)


@pytest.mark.parametrize(("text", "said"), [("", "no decisions"), ("nonsense", "no JSON"), ("[1]", "no JSON object")])
def test_what_is_no_log_is_refused(tmp_path: Path, text: str, said: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=said):
        read_decisions(log)
