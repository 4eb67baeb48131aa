"""``shopwise eval retrieval``: every ranker over every judged query, in one run.

1. the judgments and the shop   2. the rankers   3. a list a query   4. cross-validated ones   5. the figures
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from eval.retrieval.classes import Brands, ClassReader
from eval.retrieval.folds import Trainable, cross_validate, folds, query_groups
from eval.retrieval.fusing import LearnedFusion
from eval.retrieval.rankers import Found, OwnSearch, Ranker, Rankings, SkippedError, ask
from eval.retrieval.references import Bm25s, PlainEncoder
from eval.retrieval.report import Evaluation, Folding, Report, report
from ranker.encoder import SentenceEncoder
from retriever.errors import BadInputError
from retriever.feeds.feed import Progress
from retriever.indexing import EmbeddingCache
from retriever.judgments import CheckedJudgments, Judgments, check_judgments
from retriever.lexical import lexical_for
from retriever.product import Product
from retriever.search import MODES
from retriever.spelling import RecordedWords, Speller
from retriever.store import Store

REFERENCES = (Bm25s.name, PlainEncoder.name)
RANKERS = (*MODES, *REFERENCES)
LEARNERS = (LearnedFusion.name,)
BASELINE = "hybrid"


@dataclass(frozen=True)
class Plan:
    """What to evaluate.

    Attributes:
        rankers: names of RANKERS.
        baseline: the one that all others are compared with.
        compare: the two that are shown side by side; by default the baseline and the last of our own rankers.
        limit: judged queries, drawn by lot; 0: all.
        train: whether rankers that learn take part, cross-validated.
        folds: of the cross-validation.
        seed: of every lot.
    """

    rankers: Sequence[str] = RANKERS
    baseline: str = BASELINE
    compare: tuple[str, str] | None = None
    limit: int = 0
    train: bool = False
    folds: int = 5
    seed: int = 0

    def wanted(self, ready: Iterable[str], learners: Iterable[str]) -> list[str]:
        """The rankers to make, in the order of those that are ready: what is asked for, and what that is compared with.

        Raises:
            BadInputError: one of them is neither ready nor learned in this run, or is compared with itself.
        """
        known, learned = list(ready), list(learners)
        asked = {*self.rankers, self.baseline, *(self.compare or ())}
        if unknown := sorted(asked.difference(known, learned)):
            raise BadInputError(
                f"There is no ranker '{unknown[0]}' in this run.",
                f"Rankers: {', '.join(known)}; and with --train: {', '.join(LEARNERS)}.",
            )
        if self.compare and self.compare[0] == self.compare[1]:
            raise BadInputError(f"{self.compare[0]} is compared with itself.", "Name two rankers.")
        return [name for name in known if name in asked]


@dataclass(frozen=True)
class Lineup:
    """The rankers of a run: those that are ready or can be made, and those that are trained."""

    makers: Mapping[str, Callable[[], Ranker]]
    trainables: Sequence[Trainable] = ()


@dataclass
class Played:
    """Every ranker's lists, why some took no part, and which queries were refused."""

    rankings: dict[str, Rankings] = field(default_factory=dict[str, Rankings])
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    refused: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


class Remembered:
    """A ranker that is asked each query once, however many others build on it."""

    def __init__(self, ranker: Ranker) -> None:
        self.name = ranker.name
        self._ranker = ranker
        self._lists: dict[str, Sequence[Found]] = {}

    def search(self, query: str) -> Sequence[Found]:
        """The ranker's list."""
        if query not in self._lists:
            self._lists[query] = self._ranker.search(query)
        return self._lists[query]


def evaluate(store: Store, judgments: Judgments, plan: Plan, cache: EmbeddingCache, say: Progress) -> Evaluation:
    """The rankers of a plan on a shop, against judgments of its goods.

    Args:
        store: the shop, which is only read.
        judgments: of its goods.
        plan: which rankers, which comparisons.
        cache: keeps the vectors of the plain encoder.
        say: hears (what, done, total).

    Raises:
        BadInputError: the judgments are of other goods, or the plan names a ranker that there is not.
        UnavailableError: a part of the shop does not answer.
    """
    checked = check_judgments(judgments, set(store.catalogue.all_ids()))
    products = store.catalogue.get(store.catalogue.all_ids())
    lineup = own_lineup(store, products, cache, plan, say)
    spelling = Speller(RecordedWords(store.database), lexical_for(store.database))
    return compare(lineup, checked, ClassReader(Brands(products), spelling), products, plan, say)


def own_lineup(store: Store, products: Sequence[Product], cache: EmbeddingCache, plan: Plan, say: Progress) -> Lineup:
    """Our own search in its modes, the references from outside, and what can be trained."""
    own = {mode: Remembered(OwnSearch(store.searcher, mode)) for mode in MODES}

    def maker(ranker: Ranker) -> Callable[[], Ranker]:
        return lambda: ranker

    makers = {name: maker(ranker) for name, ranker in own.items()} | {
        Bm25s.name: lambda: Bm25s(products),
        PlainEncoder.name: lambda: PlainEncoder(products, SentenceEncoder(max_tokens=None), cache, say),
    }
    trainables = [LearnedFusion(own["bm25"], own["dense"])] if plan.train else []
    return Lineup(makers, trainables)


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
    played = play(lineup, names, judgments, parts, say)
    for name in (plan.baseline, *(plan.compare or ())):
        if name in played.skipped:
            raise BadInputError(f"{name} cannot be compared: {played.skipped[name]}.", "Choose another ranker.")
    say("reading the queries", 0, 0)
    goods = list(products)
    folding = Folding(plan.folds, plan.seed, len(query_groups(judgments)), [len(part) for part in parts])
    say("testing the differences", 0, 0)
    made: Report = report(
        played.rankings,
        judgments,
        {query: reader.classes(query) for query in judgments},
        baseline=plan.baseline,
        pair=plan.compare or _pair(plan.baseline, played.rankings),
        skipped=played.skipped,
        refused=played.refused,
        checked=checked,
        products=len(goods),
        folding=folding if parts else None,
    )
    return Evaluation(made, judgments, played.rankings, {product.id: product.title for product in goods})


def play(
    lineup: Lineup, names: Sequence[str], judgments: Judgments, parts: Sequence[Sequence[str]], say: Progress
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
    for trainable in lineup.trainables:
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


def _pair(baseline: str, rankings: Mapping[str, Rankings]) -> tuple[str, str]:
    """The baseline and the last ranker that is none of the references."""
    others = [name for name in rankings if name != baseline]
    own = [name for name in others if name not in REFERENCES]
    return baseline, (own or others or [baseline])[-1]
