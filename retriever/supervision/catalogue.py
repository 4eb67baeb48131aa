"""Training data from the catalogue alone: invented queries, mined candidates, a teacher's opinion.

For each invented query both legs of the search find candidates: the best of them, which
are the hard ones, and some from further down. A teacher (``ranker.likelihood``) and the
legs themselves say how well each answers; the product the query was made from answers it
by construction. No person has judged anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ranker.blend import Scored, reciprocal_rank_fusion
from ranker.encoder import Encoder, Vectors
from ranker.groups import Group
from ranker.likelihood import Teacher
from retriever.lexical import LexicalIndex
from retriever.product import Stamped
from retriever.ranking_text import ranking_text
from retriever.supervision.inventing import Invented, Inventor
from retriever.vectors import embed

Progress = Callable[[str, int, int], None]

MOST_PRODUCTS = 20_000  # of a larger catalogue, a sample is learned from
DEPTH = 60  # candidates a leg gives
HARD, MIDDLE, FAR = 5, 4, 2  # candidates from ranks 1 to 5, 6 to 25 and further down
QUERIES = 4_000
SOURCE_BONUS = 1.0  # what being the product that the query was made from adds, in standard deviations
LEGS = 0.5  # how much the legs' own opinions count beside the teacher's, each
ENCODED = 256  # queries at a time


@dataclass(frozen=True, slots=True)
class Mined:
    """A query, the product it was made from, and candidates with what the legs say of them."""

    query: str
    source: str
    ids: tuple[str, ...]
    lexical: Mapping[str, float]
    dense: Mapping[str, float]


class Miner:
    """Finds candidates for many queries at once.

    Args:
        lexical: the full-text index.
        encoder: of queries.
        ids: the products that are candidates.
        vectors: theirs, in the same order.
        seed: of the sample among the candidates that are further down.
    """

    def __init__(
        self, lexical: LexicalIndex, encoder: Encoder, ids: Sequence[str], vectors: Vectors, seed: int = 0
    ) -> None:
        self._lexical = lexical
        self._encoder = encoder
        self._ids = list(ids)
        self._row = {id: row for row, id in enumerate(self._ids)}
        self._vectors = vectors
        self._rng = random.Random(seed)  # noqa: S311 (samples, no secrets)

    def mine(self, invented: Sequence[Invented], progress: Progress) -> list[Mined]:
        """Candidates of each query; one that finds nothing but its own product teaches nothing and is left out."""
        found: list[Mined] = []
        for start in range(0, len(invented), ENCODED):
            part = invented[start : start + ENCODED]
            cosines = embed(self._encoder, [item.query for item in part]) @ self._vectors.T
            found.extend(self._mined(item, row) for item, row in zip(part, cosines, strict=True))
            progress("mining candidates", start + len(part), len(invented))
        return [mined for mined in found if len(mined.ids) > 1]

    def _mined(self, item: Invented, cosines: Vectors) -> Mined:
        near = np.argpartition(-cosines, min(DEPTH, len(cosines) - 1))[:DEPTH]
        dense = sorted((Scored(self._ids[at], float(cosines[at])) for at in near), key=lambda one: -one.score)
        worded = [one for one in self._lexical.search(item.query, DEPTH) if one.id in self._row]
        ranking = [one.id for one in reciprocal_rank_fusion([worded, dense])]
        middle, far = ranking[HARD : HARD + 20], ranking[HARD + 20 :]
        picked = [
            *ranking[:HARD],
            *self._rng.sample(middle, min(MIDDLE, len(middle))),
            *self._rng.sample(far, min(FAR, len(far))),
            item.product_id,
        ]
        ids = tuple(dict.fromkeys(picked))
        words = {one.id: one.score for one in worded}
        return Mined(
            item.query,
            item.product_id,
            ids,
            {id: words.get(id, 0.0) for id in ids},
            {id: float(cosines[self._row[id]]) for id in ids},
        )


def catalogue_groups(
    products: Sequence[Stamped],
    lexical: LexicalIndex,
    encoder: Encoder,
    vectors: Callable[[Sequence[Stamped]], Vectors],
    teacher: Teacher,
    *,
    queries: int = QUERIES,
    seed: int = 0,
    progress: Progress,
) -> list[Group]:
    """Groups to train on, from the products alone.

    Args:
        products: the catalogue; of more than ``MOST_PRODUCTS`` a sample is taken.
        lexical: its full-text index.
        encoder: of queries.
        vectors: gives the products' vectors, as the search has them.
        teacher: its opinion is what the ranker learns.
        queries: how many are invented.
        seed: another one gives other queries and candidates.
        progress: hears the stage, what is done and how much there is.
    """
    rng = random.Random(seed)  # noqa: S311 (samples, no secrets)
    taken = list(products) if len(products) <= MOST_PRODUCTS else rng.sample(list(products), MOST_PRODUCTS)
    texts = {stamped.product.id: ranking_text(stamped) for stamped in taken}
    invented = list(islice(Inventor([stamped.product for stamped in taken], seed).queries(queries), queries))
    mined = Miner(lexical, encoder, list(texts), vectors(taken), seed).mine(invented, progress)
    opinions = teacher.score(_asked(mined, texts), lambda done, total: progress("asking the teacher", done, total))
    return [group for one in mined if (group := _group(one, texts, opinions)) is not None]


def _asked(mined: Iterable[Mined], texts: Mapping[str, str]) -> dict[str, list[str]]:
    asked: dict[str, list[str]] = {}
    for one in mined:
        for id in one.ids:
            asked.setdefault(texts[id], []).append(one.query)
    return asked


def _group(one: Mined, texts: Mapping[str, str], opinions: Mapping[tuple[str, str], float]) -> Group | None:
    """A query with the candidates that the teacher judged; ``None`` where they teach no order."""
    ids = tuple(id for id in one.ids if (texts[id], one.query) in opinions)
    if len(ids) < 2:
        return None
    together = (
        _standardised(np.array([opinions[texts[id], one.query] for id in ids]))
        + LEGS * _standardised(np.array([one.lexical[id] for id in ids]))
        + LEGS * _standardised(np.array([one.dense[id] for id in ids]))
        + SOURCE_BONUS * np.array([id == one.source for id in ids])
    )
    low, high = float(together.min()), float(together.max())
    if high <= low:
        return None
    gains = tuple(round(float(value), 4) for value in (together - low) / (high - low))
    return Group(one.query, ids, tuple(texts[id] for id in ids), gains, source="catalogue")


def _standardised(values: Vectors) -> Vectors:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else values - values.mean()
