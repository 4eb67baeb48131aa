"""Rankers against each other on judged queries: who takes part, their lists, and the figures.

1. the rankers   2. a list a query   3. those that learn, cross-validated   4. classes, differences, tests
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from eval.retrieval.classes import ClassReader
from eval.retrieval.folds import Trainable, cross_validate, folds, query_groups
from eval.retrieval.rankers import Ranker, Rankings, SkippedError, ask
from eval.retrieval.report import Evaluation, Folding, report
from retriever.errors import BadInputError
from retriever.feeds.feed import Progress
from retriever.judgments import CheckedJudgments, Judgments
from retriever.product import Product

BASELINE = "hybrid"


@dataclass(frozen=True)
class Plan:
    """What to evaluate.

    Attributes:
        rankers: names of those that take part; none: all.
        baseline: the one that all others are compared with.
        compare: the two that are shown side by side; by default the baseline and
            the last other one that is no mere reference.
        limit: judged queries, drawn by lot; 0: all.
        train: whether rankers that learn take part, cross-validated.
        folds: of the cross-validation.
        seed: of every lot.
        base: encoder or cross-encoder that training a ranker starts from; empty: the built-in encoder.
    """

    rankers: Sequence[str] = ()
    baseline: str = BASELINE
    compare: tuple[str, str] | None = None
    limit: int = 0
    train: bool = False
    folds: int = 5
    seed: int = 0
    base: str = ""

    def wanted(self, ready: Iterable[str], learners: Iterable[str]) -> list[str]:
        """The rankers to make, in the order of those that are ready: what is asked for, and what that is compared with.

        Raises:
            BadInputError: one of them is neither ready nor learned in this run, or is compared with itself.
        """
        known, learned = list(ready), list(learners)
        asked = {*(self.rankers or known), self.baseline, *(self.compare or ())}
        if unknown := sorted(asked.difference(known, learned)):
            raise BadInputError(
                f"There is no ranker '{unknown[0]}' in this run.",
                f"Rankers: {', '.join([*known, *learned])}. Those that learn are there with --train only.",
            )
        if self.compare and self.compare[0] == self.compare[1]:
            raise BadInputError(f"{self.compare[0]} is compared with itself.", "Name two rankers.")
        return [name for name in known if name in asked]

    def learning(self, trainables: Sequence[Trainable]) -> list[Trainable]:
        """Those that learn: the ones that are named, or all where none is."""
        named = {*self.rankers, self.baseline, *(self.compare or ())}
        return [each for each in trainables if each.name in named] or list(trainables)


@dataclass(frozen=True)
class Lineup:
    """The rankers of a run.

    Attributes:
        makers: those that are ready or can be made, by name.
        trainables: those that are trained first.
        outside: names of those that are references only.
    """

    makers: Mapping[str, Callable[[], Ranker]]
    trainables: Sequence[Trainable] = ()
    outside: Sequence[str] = ()


@dataclass
class Played:
    """Every ranker's lists, why some took no part, and which queries were refused."""

    rankings: dict[str, Rankings] = field(default_factory=dict[str, Rankings])
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    refused: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def compare(
    lineup: Lineup,
    checked: CheckedJudgments,
    reader: ClassReader,
    products: Iterable[Product],
    plan: Plan,
    say: Progress,
) -> Evaluation:
    """The rankers of a line-up on judged queries, with all figures."""
    names = plan.wanted(lineup.makers, [trainable.name for trainable in lineup.trainables])
    judgments = drawn(checked.judgments, plan.limit, plan.seed)
    parts = folds(judgments, plan.folds, plan.seed) if lineup.trainables else []
    played = play(lineup, names, plan.learning(lineup.trainables), judgments, parts, say)
    for name in (plan.baseline, *(plan.compare or ())):
        if name in played.skipped:
            raise BadInputError(f"{name} cannot be compared: {played.skipped[name]}.", "Choose another ranker.")
    say("reading the queries", 0, 0)
    goods = list(products)
    sizes = [len(part) for part in parts]
    folding = Folding(plan.folds, plan.seed, len(query_groups(judgments)), sizes) if parts else None
    say("testing the differences", 0, 0)
    made = report(
        played.rankings,
        judgments,
        {query: reader.classes(query) for query in judgments},
        baseline=plan.baseline,
        pair=plan.compare or _pair(plan.baseline, played.rankings, lineup.outside),
        skipped=played.skipped,
        refused=played.refused,
        checked=checked,
        products=len(goods),
        folding=folding,
    )
    return Evaluation(made, judgments, played.rankings, {product.id: product.title for product in goods})


def play(
    lineup: Lineup,
    names: Sequence[str],
    learners: Sequence[Trainable],
    judgments: Judgments,
    parts: Sequence[Sequence[str]],
    say: Progress,
) -> Played:
    """Every ranker asked every query; what learns is trained fold by fold."""
    played = Played()
    for name in names:
        try:
            ranker = lineup.makers[name]()
        except SkippedError as error:
            played.skipped[name] = str(error)
            continue
        played.rankings[name], played.refused[name] = ask(ranker, list(judgments), say)
    for trainable in learners:
        played.rankings[trainable.name], played.refused[trainable.name] = cross_validate(
            trainable, judgments, parts, say
        )
    return played


def drawn(judgments: Judgments, limit: int, seed: int) -> Judgments:
    """So many of the queries, drawn by lot and left in their order; 0: all."""
    if not 0 < limit < len(judgments):
        return judgments
    chosen = set(random.Random(seed).sample(list(judgments), limit))  # noqa: S311 (a sample is no secret)
    return {query: gains for query, gains in judgments.items() if query in chosen}


def _pair(baseline: str, rankings: Mapping[str, Rankings], outside: Sequence[str]) -> tuple[str, str]:
    """What is shown side by side where nobody says what."""
    others = [name for name in rankings if name != baseline]
    own = [name for name in others if name not in outside]
    return baseline, (own or others or [baseline])[-1]
