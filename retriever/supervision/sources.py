"""Where training data of the ranker comes from, and all of it together.

Each source gives groups of the same form, so that they can be used alone and mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from ranker.encoder import Vectors
from ranker.groups import Group
from ranker.likelihood import Teacher
from retriever.judgments import read_judgments
from retriever.lexical import lexical_for
from retriever.product import Stamped
from retriever.store import Store
from retriever.supervision.catalogue import QUERIES, catalogue_groups
from retriever.supervision.clicked import clicked_groups
from retriever.supervision.judged import judged_groups
from retriever.vectors import embed, embedding_text

Progress = Callable[[str, int, int], None]


class Source(Protocol):
    """Anything that makes groups of what a shop knows."""

    def groups(self, store: Store, progress: Progress) -> Sequence[Group]:
        """Groups to learn from."""
        ...


class JudgmentsFile:
    """Human judgments.

    Args:
        path: of the file.
        hear: hears what was left out.
    """

    def __init__(self, path: Path, hear: Callable[[str], None]) -> None:
        self._path = path
        self._hear = hear

    def groups(self, store: Store, progress: Progress) -> Sequence[Group]:
        """One group a judged query.

        Raises:
            BadInputError: if the file cannot be used.
        """
        progress("reading the judgments", 0, 0)
        judged = judged_groups(read_judgments(self._path, hear=self._hear), store.catalogue)
        if judged.unknown_ids:
            self._hear(
                f"{len(judged.unknown_ids):,} judged products are not in the shop and were left out, "
                f"with {len(judged.unknown_queries):,} queries of which nothing was left."
            )
        return judged.groups


class OwnClicks:
    """What the shop's visitors clicked and bought, corrected for the places things stood at.

    Args:
        hear: hears what was found.
    """

    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear

    def groups(self, store: Store, progress: Progress) -> Sequence[Group]:
        """One group a query that was made often enough.

        Raises:
            BadInputError: if nothing can be learned from the events.
        """
        progress("reading searches and clicks", 0, 0)
        clicked = clicked_groups(store.database, store.catalogue)
        self._hear(
            f"{clicked.log.searches:,} searches with {clicked.log.acts:,} clicks and purchases; "
            f"{clicked.report.queries:,} queries to learn from."
        )
        return clicked.groups


class CatalogueAlone:
    """Queries invented from the products, judged by a teacher: no labels needed.

    Args:
        teacher: makes what is asked how well a product answers a query; only called when it is needed.
        queries: how many are invented.
        seed: another one gives others.
    """

    def __init__(self, teacher: Callable[[Progress], Teacher], *, queries: int = QUERIES, seed: int = 0) -> None:
        self._teacher = teacher
        self._queries = queries
        self._seed = seed

    def groups(self, store: Store, progress: Progress) -> Sequence[Group]:
        """One group an invented query."""

        def vectors(products: Sequence[Stamped]) -> Vectors:
            held = store.vectors.vectors([each.product.id for each in products])
            missing = [each for each in products if each.product.id not in held]
            made = embed(store.encoder, [embedding_text(each) for each in missing]) if missing else ()
            held |= {each.product.id: vector for each, vector in zip(missing, made, strict=True)}
            return np.stack([held[each.product.id] for each in products])

        return catalogue_groups(
            store.catalogue.stamped(store.catalogue.all_ids()),
            lexical_for(store.database),
            store.encoder,
            vectors,
            self._teacher(progress),
            queries=self._queries,
            seed=self._seed,
            progress=progress,
        )


def gathered(sources: Sequence[Source], store: Store, progress: Progress) -> list[Group]:
    """The groups of all sources, one source after the other."""
    return [group for source in sources for group in source.groups(store, progress)]
