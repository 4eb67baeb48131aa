"""Candidates for a query: the legs of the search and their plain fusion.

``bm25`` is full text, ``dense`` nearest vectors, ``hybrid`` both, fused by reciprocal
rank. Other words for those of the query make a second list of full text, which counts
less. What a leg thought of a candidate stays known, for the last order and for the
reasons that a result gives.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from ranker.blend import Scored, reciprocal_rank_fusion
from ranker.encoder import Encoder, Vectors
from retriever.errors import UnavailableError
from retriever.text import language_of
from retriever.understanding.synonyms import Expansion
from retriever.vectors import VectorIndex, embed

DEPTH = 100  # candidates a leg gives
WORD_FLOOR = 0.5  # of the best match's score in the whole shop (docs/experiments.md)


class Lexical(Protocol):
    """What search needs of the full-text index."""

    def search(self, query: str, limit: int, allowed: Collection[str] | None = None) -> list[Scored]:
        """Best matches first."""
        ...


@dataclass
class Run:
    """What one search finds out on its way."""

    mode: str
    lexical: dict[str, float] = field(default_factory=dict[str, float])
    dense: dict[str, float] = field(default_factory=dict[str, float])
    vector: Vectors | None = None  # of the query
    timing: dict[str, float] = field(default_factory=dict[str, float])
    limited: list[str] = field(default_factory=list[str])

    @contextmanager
    def clock(self, name: str) -> Generator[None]:
        """Adds the time that is spent inside to a part of the search, in milliseconds."""
        started = perf_counter()
        try:
            yield
        finally:
            spent = (perf_counter() - started) * 1000
            self.timing[name] = round(self.timing.get(name, 0.0) + spent, 3)


class Legs:
    """Finds candidates by words and by meaning."""

    def __init__(self, lexical: Lexical, vectors: VectorIndex, encoder: Encoder) -> None:
        self._lexical = lexical
        self._vectors = vectors
        self._encoder = encoder

    def candidates(
        self, text: str, limit: int, allowed: Collection[str] | None, run: Run, also: Sequence[Expansion] = ()
    ) -> list[Scored]:
        """The best candidates of the run's mode, best first; the run knows afterwards what each leg thought."""
        if run.mode == "dense":
            near = self._dense(text, limit, allowed, run)
            run.dense = {candidate.id: candidate.score for candidate in near}
            return near
        with run.clock("lexical_ms"):
            worded = self._worded(text, limit, allowed, run, also)
        if run.mode != "bm25" and self._speaks(language_of(text)):
            near = self._dense(text, limit, allowed, run)
            run.dense = {candidate.id: candidate.score for candidate in near}
            if allowed is not None and not run.limited:
                worded = self._meant(text, worded, run)
        run.lexical = {candidate.id: run.lexical[candidate.id] for candidate in worded}
        if run.mode == "bm25":
            return worded
        return reciprocal_rank_fusion([worded, _listed(run.dense)])[:limit]

    def _worded(
        self, text: str, limit: int, allowed: Collection[str] | None, run: Run, also: Sequence[Expansion]
    ) -> list[Scored]:
        """By the words as they are, and by other words as well; the run knows what each match is worth."""
        plain = self._lexical.search(text, limit, allowed)
        run.lexical = {candidate.id: candidate.score for candidate in plain}
        if not also:
            return plain
        wider = self._lexical.search(" ".join((text, *(one.also for one in also))), limit, allowed)
        run.lexical = {candidate.id: candidate.score for candidate in wider} | run.lexical
        weight = max(one.weight for one in also)
        return reciprocal_rank_fusion([plain, wider], weights=[1.0, weight])[:limit]

    def _meant(self, text: str, worded: list[Scored], run: Run) -> list[Scored]:
        """Without what shares a lesser word with the query and is not near it in meaning.

        Conditions may leave nothing but such: a program that runs is no running shoe.
        """
        with run.clock("lexical_ms"):
            best = self._lexical.search(text, 1)
        least = WORD_FLOOR * best[0].score if best else 0.0
        return [candidate for candidate in worded if candidate.id in run.dense or run.lexical[candidate.id] >= least]

    def _speaks(self, language: str) -> bool:
        """Whether the encoder's opinion on this language is worth hearing: beside words it never learned, no."""
        return self._encoder.languages is None or language in self._encoder.languages

    def _dense(self, text: str, limit: int, allowed: Collection[str] | None, run: Run) -> list[Scored]:
        try:
            with run.clock("encode_ms"):
                vector = embed(self._encoder, [text])[0]
            run.vector = vector
            with run.clock("dense_ms"):
                near = self._vectors.search(vector, limit, allowed)
        except UnavailableError as error:
            if run.mode == "dense":
                raise
            # Half a search beats none; the result says that it is one.
            run.limited.append(f"searched by words only: {error.message}")
            return []
        return [candidate for candidate in near if candidate.score >= self._encoder.floor]


def _listed(scores: dict[str, float]) -> Sequence[Scored]:
    return [Scored(id, score) for id, score in scores.items()]
