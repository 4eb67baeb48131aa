"""The whole search with what was learned from the judgments of the other folds: an order, or a cross-encoder."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from eval.retrieval.rankers import OwnSearch
from ranker.cross.recipe import Recipe
from ranker.cross.scoring import RankerMissingError
from ranker.cross.training import train
from ranker.groups import TrainingDataError, split
from ranker.trees import TreesError, grow
from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.feed import Progress
from retriever.judgments import Judgments
from retriever.store import Store
from retriever.supervision.judged import judged_groups
from retriever.supervision.ordered import judged_signals

HELD_OUT = 0.15  # of the training queries, for early stopping
RECIPE = Recipe(embeddings=False, epochs=4, docs=16, groups=4, rate=3e-5)  # some hundred judged queries


class LearnedOrder:
    """Grows the trees of the last order on judgments and puts them into the shop's search.

    Args:
        store: the shop.
    """

    name = "full, learned order"

    def __init__(self, store: Store) -> None:
        self._store = store

    def train(self, judgments: Judgments, say: Progress) -> OwnSearch:
        """The search with an order that has seen these judgments and no others.

        Raises:
            BadInputError: if nothing can be learned from them.
        """
        searcher = self._store.searcher
        judged = judged_signals(judgments, searcher, say)
        try:
            trees = grow([(one.signals, one.gains) for one in judged], searcher.ordering.weights, say=say)
        except TreesError as error:
            raise BadInputError(str(error), error.hint) from error
        return OwnSearch(searcher.with_ordering(searcher.ordering.with_trees(trees)), "full", self.name)


class LearnedRanker:
    """Trains the cross-encoder on judgments and puts it into the shop's search.

    Args:
        store: the shop.
        recipe: of the training; its base is what the training starts from.
    """

    name = "full, trained"

    def __init__(self, store: Store, recipe: Recipe) -> None:
        self._store = store
        self._recipe = recipe

    def train(self, judgments: Judgments, say: Progress) -> OwnSearch:
        """The search with a cross-encoder that has seen these judgments and no others.

        Raises:
            BadInputError: if nothing can be learned from them.
            UnavailableError: if what the training starts from is missing.
        """
        with TemporaryDirectory(prefix="shopwise-fold-") as scratch:
            try:
                groups = judged_groups(judgments, self._store.catalogue).groups
                taught, held_out = split(groups, HELD_OUT, seed=self._recipe.seed)
                trained = train(taught, held_out, self._recipe, Path(scratch), say=say, tensorboard=False)
            except TrainingDataError as error:
                raise BadInputError(str(error), error.hint) from error
            except RankerMissingError as error:
                raise UnavailableError(str(error), error.hint) from error
        return OwnSearch(self._store.searcher.with_reranker(trained.ranker), "full", self.name)
