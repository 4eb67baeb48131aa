"""Judged queries as training data of the learned order: the signals of what a search found, and their gains."""

from __future__ import annotations

import numpy as np

from ranker.order_training import JudgedSignals
from ranker.signals import Signals
from retriever.errors import BadInputError
from retriever.feeds.feed import Progress, silent
from retriever.judgments import Judgments
from retriever.search import Searcher


def judged_signals(judgments: Judgments, searcher: Searcher, say: Progress = silent) -> list[JudgedSignals]:
    """Asks the shop's own full search every query, and keeps what it knew of each candidate.

    Candidates without a judgment have gain 0, as nDCG counts them. Queries that search refuses, or for
    which it finds nothing, are left out.
    """
    heard: list[Signals] = []
    listening = searcher.with_ordering(searcher.ordering.with_reranker(None).with_trees(None).heard_by(heard.append))
    found: list[JudgedSignals] = []
    for done, (query, gains) in enumerate(judgments.items(), start=1):
        heard.clear()
        try:
            listening.search(query, mode="full")
        except BadInputError:  # a query without words teaches nothing
            continue
        if heard:
            signals = heard[-1]  # of the words as they were typed, where mended ones found nothing
            found.append(JudgedSignals(query, signals, np.array([gains.get(id, 0.0) for id in signals.ids])))
        say("searching", done, len(judgments))
    return found
