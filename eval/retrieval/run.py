"""``shopwise eval retrieval``: a shop's own search beside references from outside, against judgments of its goods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from eval.retrieval.classes import Brands, ClassReader
from eval.retrieval.contest import Lineup, Plan, compare
from eval.retrieval.fusing import LearnedFusion
from eval.retrieval.learned import RECIPE, LearnedOrder, LearnedRanker
from eval.retrieval.rankers import OwnSearch, Ranker, Remembered
from eval.retrieval.references import Bm25s, PlainEncoder
from eval.retrieval.report import Evaluation
from ranker.encoder import BUILT_IN, SentenceEncoder
from retriever.feeds.feed import Progress
from retriever.indexing import EmbeddingCache
from retriever.judgments import Judgments, check_judgments
from retriever.lexical import lexical_for
from retriever.product import Product
from retriever.search import MODES
from retriever.spelling import RecordedWords, Speller
from retriever.store import Store

REFERENCES = (Bm25s.name, PlainEncoder.name)
RANKERS = (*MODES, *REFERENCES)
LEARNERS = (LearnedFusion.name, LearnedOrder.name, LearnedRanker.name)


def evaluate(store: Store, judgments: Judgments, plan: Plan, cache: EmbeddingCache, say: Progress) -> Evaluation:
    """The rankers of a plan on a shop, against judgments of its goods.

    Args:
        store: the shop, which is only read.
        judgments: of its goods.
        plan: which rankers, which comparisons.
        cache: keeps the vectors of the plain encoder.
        say: hears (what, done, total).

    Raises:
        BadInputError: the judgments are of other goods, or the plan names a ranker that is not there.
        UnavailableError: a part of the shop does not answer.
    """
    ids = store.catalogue.all_ids()
    checked = check_judgments(judgments, ids, positives_alone=True)
    products = store.catalogue.get(ids)
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
        PlainEncoder.name: lambda: PlainEncoder(products, SentenceEncoder(BUILT_IN, max_tokens=None), cache, say),
    }
    learners = [
        LearnedFusion(own["bm25"], own["dense"]),
        LearnedOrder(store),
        LearnedRanker(store, replace(RECIPE, base=plan.base)),
    ]
    return Lineup(makers, learners if plan.train else [], REFERENCES)
