"""What another policy would have earned, from a log of decisions made by chance with known probabilities.

Each decision was taken with a propensity and earned a reward; the policy in question would have taken it with another
probability. Their ratio weighs the reward: IPS (Bottou et al., "Counterfactual reasoning and learning systems", JMLR
2013). SNIPS divides by the weights themselves (Swaminathan and Joachims, NeurIPS 2015). The doubly robust estimate adds
what a model of the rewards expects, and weighs only what the model got wrong (Dudik, Langford and Li, ICML 2011): it
holds if either the propensities or the model are right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from eval.recommendation.decisions import Decision
from eval.recommendation.placing import Floats, Ints
from eval.significance import Interval
from retriever.errors import BadInputError

FOLDS = 5  # of the reward model: what a decision earned has no part in what is expected of it
PRIOR = 5.0  # decisions of mean reward that every action has beside its own
AT_ONCE = 4_000_000  # numbers drawn at a time
FEW = 100  # decisions, effectively: below, the estimates say little
LOGGED, DIRECT, IPS, SNIPS, DR, WEIGHTS = "logged", "direct", "ips", "snips", "dr", "weights"
TOLD = {
    LOGGED: "what was logged",
    DIRECT: "direct (reward model alone)",
    IPS: "IPS",
    SNIPS: "SNIPS",
    DR: "doubly robust",
}


@dataclass(frozen=True)
class Estimate:
    """A policy's reward a decision, and how much more that is than what was logged (paired, by bootstrap)."""

    value: Interval
    gain: Interval | None


@dataclass(frozen=True)
class Report:
    """All estimates of one log.

    Attributes:
        effective: (sum of weights)^2 / sum of their squares: so many decisions of the policy itself would be as good.
        mean_weight: 1, but for chance, if the propensities are right; without clipping.
        clipped: how many weights were cut to ``clip``.
    """

    decisions: int
    people: int
    estimates: dict[str, Estimate]
    effective: float
    mean_weight: Interval
    greatest_weight: float
    clip: float
    clipped: int
    model: str
    warnings: list[str]
    suite: str = "ope"

    def json_dict(self) -> dict[str, Any]:
        """The report as one JSON document."""
        return asdict(self)

    def summary(self) -> str:
        """What the estimates rest on, in a line."""
        weight = self.mean_weight
        told = (
            f"{self.decisions:,} decisions, {self.people:,} people, worth {self.effective:,.0f} of the policy's own; "
            f"mean weight {weight.mean:.3f} [{weight.low:.3f}, {weight.high:.3f}], greatest {self.greatest_weight:.1f}"
        )
        return f"{told}; {self.clipped:,} cut to {self.clip:g}" if self.clip else told


@dataclass(frozen=True)
class _Terms:
    """What each decision adds to the estimates."""

    rewards: Floats
    weights: Floats
    expected: Floats  # of the policy, by the reward model
    surprise: Floats  # reward less what the model expected of the action taken


def estimate(decisions: Sequence[Decision], *, clip: float = 0.0, resamples: int = 2_000, seed: int = 0) -> Report:
    """The estimates with 95 % intervals; decisions for one person are drawn together.

    Args:
        decisions: of the log.
        clip: greatest weight, which costs a little truth and takes away much chance; 0: none is cut.
        resamples: of the bootstrap.
        seed: of the bootstrap and of the reward model's folds.

    Raises:
        BadInputError: if there is nothing to estimate from.
    """
    if not decisions:
        raise BadInputError("The log holds no decisions.", "Give a line a decision.")
    raw = np.array([one.target_of_chosen / one.propensity for one in decisions])
    if not raw.any():
        raise BadInputError(
            "The policy would never have taken what was logged.", "Nothing can be told of it from this log."
        )
    weights = np.minimum(raw, clip) if clip else raw
    expected, surprise, model = _modelled(decisions, seed)
    terms = _Terms(np.array([one.reward for one in decisions]), weights, expected, surprise)
    people = _people(decisions)
    estimates, mean_weight = _estimates(terms, raw, people, resamples, seed)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return Report(
        decisions=len(decisions),
        people=int(people.max()) + 1,
        estimates=estimates,
        effective=effective,
        mean_weight=mean_weight,
        greatest_weight=float(raw.max()),
        clip=clip,
        clipped=int((raw > clip).sum()) if clip else 0,
        model=model,
        warnings=_warnings(effective, mean_weight),
    )


def rows(report: Report) -> list[list[str]]:
    """Rows of a table: estimate, value with its interval, and the gain on what was logged."""
    return [[TOLD[name], _text(found.value, ""), _text(found.gain, "+")] for name, found in report.estimates.items()]


def _text(interval: Interval | None, sign: str) -> str:
    if interval is None:
        return ""
    return f"{interval.mean:{sign}.4f} [{interval.low:{sign}.4f}, {interval.high:{sign}.4f}]"


def _warnings(effective: float, mean_weight: Interval) -> list[str]:
    found: list[str] = []
    if not mean_weight.low <= 1 <= mean_weight.high:
        found.append(
            f"The weights' mean is {mean_weight.mean:.3f} and should be 1: the propensities are not the log's, or "
            "the log never does what the policy would do."
        )
    if effective < FEW:
        found.append(f"The log is worth only {effective:.0f} decisions of the policy: log more.")
    return found


def _estimates(
    terms: _Terms, raw: Floats, people: Ints, resamples: int, seed: int
) -> tuple[dict[str, Estimate], Interval]:
    """All values on all decisions and on each draw of people, and the mean of the weights as they are."""
    ones = np.ones_like(terms.rewards)
    parts: dict[str, tuple[Floats, Floats]] = {
        LOGGED: (terms.rewards, ones),
        DIRECT: (terms.expected, ones),
        IPS: (terms.weights * terms.rewards, ones),
        SNIPS: (terms.weights * terms.rewards, terms.weights),
        DR: (terms.expected + terms.weights * terms.surprise, ones),
        WEIGHTS: (raw, ones),
    }
    told = {name: pair for name, pair in parts.items() if not np.isnan(pair[0]).any()}
    sums = np.stack([_summed(values, people) for pair in told.values() for values in pair], axis=1)
    totals = _drawn(sums, resamples, seed)
    drawn = {name: _ratio(totals[:, 2 * place], totals[:, 2 * place + 1]) for place, name in enumerate(told)}
    whole = {name: float(top.sum() / under.sum()) for name, (top, under) in told.items()}
    found = {
        name: Estimate(
            _interval(whole[name], drawn[name]),
            None if name == LOGGED else _interval(whole[name] - whole[LOGGED], drawn[name] - drawn[LOGGED]),
        )
        for name in told
        if name != WEIGHTS
    }
    return found, _interval(whole[WEIGHTS], drawn[WEIGHTS])


def _ratio(top: Floats, under: Floats) -> Floats:
    """A draw without any weight says nothing: it is left out of the interval."""
    return np.divide(top, under, out=np.full_like(top, np.nan), where=under > 0)


def _interval(mean: float, drawn: Floats) -> Interval:
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Interval(mean, float(low), float(high))


def _people(decisions: Sequence[Decision]) -> Ints:
    """A number for each person; who is not named is somebody else every time."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(one.person or place, len(numbers)) for place, one in enumerate(decisions)])


def _summed(values: Floats, people: Ints) -> Floats:
    return np.bincount(people, weights=values).astype(np.float64)


def _drawn(sums: Floats, resamples: int, seed: int) -> Floats:
    """The sums over people who are drawn with replacement, as often as is asked for."""
    count = len(sums)
    rng = np.random.default_rng(seed)
    share = np.full(count, 1 / count)
    size = max(1, AT_ONCE // count)
    blocks = [min(size, resamples - start) for start in range(0, resamples, size)]
    return np.concatenate([rng.multinomial(count, share, block) @ sums for block in blocks])


def _modelled(decisions: Sequence[Decision], seed: int) -> tuple[Floats, Floats, str]:
    """What a reward model expects of the policy, and by how much it was wrong about what was taken."""
    none = np.full(len(decisions), np.nan)
    if any(one.target is None for one in decisions):
        return none, none, "none: the log does not say what else the policy would have taken"
    if all(one.predicted is not None for one in decisions):
        found = [_expected(one, (one.predicted or {}).__getitem__) for one in decisions]
        return *_columns(found), "the log's own predictions"
    return *_columns(_fitted(decisions, seed)), f"mean reward of each action, by {FOLDS} folds of people"


def _columns(found: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    held = np.array(found)
    return held[:, 0], held[:, 1]


def _fitted(decisions: Sequence[Decision], seed: int) -> list[tuple[float, float]]:
    """Expectations from the mean reward of each action in the other folds, drawn to the mean of all."""
    people = _people(decisions)
    folds = np.random.default_rng(seed).permutation(np.arange(int(people.max()) + 1) % FOLDS)[people]
    rewards = np.array([one.reward for one in decisions])
    expectations = [_means(decisions, rewards, folds != fold) for fold in range(FOLDS)]
    return [_expected(one, expectations[fold]) for one, fold in zip(decisions, folds.tolist(), strict=True)]


def _means(decisions: Sequence[Decision], rewards: Floats, kept: Sequence[bool]) -> Callable[[str], float]:
    overall = float(rewards[kept].mean()) if np.any(kept) else 0.0
    sums: dict[str, tuple[float, float]] = {}
    for one, reward, counts in zip(decisions, rewards.tolist(), kept, strict=True):
        if counts:
            total, number = sums.get(one.chosen, (overall * PRIOR, PRIOR))
            sums[one.chosen] = total + reward, number + 1
    means = {action: total / number for action, (total, number) in sums.items()}
    return lambda action: means.get(action, overall)


def _expected(one: Decision, reward_of: Callable[[str], float]) -> tuple[float, float]:
    value = sum(share * reward_of(action) for action, share in (one.target or {}).items() if share)
    return value, one.reward - reward_of(one.chosen)
