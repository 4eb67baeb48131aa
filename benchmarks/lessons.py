"""What it takes to train the behaviour models: seconds, memory, and milliseconds to score a person.

Goods and people are made up (``benchmarks/shoppers.py``), and so are the goods' vectors: what is learned is worth
nothing, the work to learn it is that of a real shop of the size. Beside them is ``implicit``'s ALS as it comes.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import psutil

from benchmarks.shoppers import made_up
from ranker.behaviour.columns import learnable
from ranker.behaviour.factors import Als
from ranker.behaviour.model import Event, Items
from ranker.behaviour.trainers import READ_VECTORS, TRAINERS, Wish, trainer
from retriever.errors import UnavailableError
from retriever.feeds.feed import Progress, silent

REFERENCE = "implicit"
NAMES = (REFERENCE, *TRAINERS)
A_CATEGORY = 80  # goods
WIDTH = 384  # of a text's vector
ONE_ROUND = frozenset({"towers", "sequence"})  # their time is told for one round, of which people want tens
WARM_UP, EACH = 50, 20  # goods and people, and events of each, of a training that is not measured
SCORED = 100  # people, one at a time
MEGABYTE = 1e6
STATUS, FORGET_MOST = Path("/proc/self/status"), Path("/proc/self/clear_refs")  # Linux: proc_pid_clear_refs(5)

Histories = list[list[Event]]
Score = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One model to train, in a process of its own.

    Attributes:
        model: its name in ``trainers``, or ``implicit`` for the library alone.
        events: about so many.
    """

    model: str
    items: int
    people: int
    events: int

    def __call__(self, progress: Progress) -> dict[str, float]:
        """Seconds by the clock and of the processor, megabytes on top of the histories, and milliseconds a person."""
        progress(f"{self.model}: making up what {self.people:,} people did", 0, 0)
        self._trained(*_taught(self.model, WARM_UP, WARM_UP, EACH * WARM_UP), silent)  # imports what it needs
        items, histories = _taught(self.model, self.items, self.people, self.events)
        FORGET_MOST.write_text("5", encoding="ascii")
        held, started, spent = psutil.Process().memory_info().rss, perf_counter(), process_time()
        score = self._trained(items, histories, progress)
        seconds, processor = perf_counter() - started, process_time() - spent
        most = _most_held()
        clock, worked = _scoring(score, [at for at, history in enumerate(histories) if history])
        return {
            "seconds": seconds,
            "processor_seconds": processor,
            "megabytes": max(0.0, most - held) / MEGABYTE,
            "score_ms": clock,
            "score_processor_ms": worked,
        }

    def _trained(self, items: Items, histories: Histories, progress: Progress) -> Score:
        if self.model == REFERENCE:
            return _library(items, histories)
        wish = Wish(epochs=1 if self.model in ONE_ROUND else 0)

        def say(what: str, done: int, total: int) -> None:
            progress(f"{self.model}: {what}", done, total)

        made = trainer(self.model, wish).fit(histories, items, say)
        return lambda person: made.score([histories[person]])


def _taught(model: str, items: int, people: int, events: int) -> tuple[Items, Histories]:
    """Goods, with vectors if the model reads them, and what people did with them."""
    ids = tuple(f"product-{number:07}" for number in range(items))
    category = np.random.default_rng(1).integers(max(1, items // A_CATEGORY), size=items)
    vectors = None
    if model in READ_VECTORS:
        drawn = np.random.default_rng(2).standard_normal((items, WIDTH), dtype=np.float32)
        vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return Items(ids, vectors), made_up(category, people, events, now=time.time()).histories(ids, people)


def _library(items: Items, histories: Histories) -> Score:
    """ALS by ``implicit`` with the settings of ours, and its own way to recommend to a person whose history grew."""
    from threadpoolctl import threadpool_limits

    try:
        library: Any = importlib.import_module("implicit.als")
    except ImportError as error:
        raise UnavailableError("implicit is not installed.", "pip install implicit==0.7.3") from error
    threadpool_limits(1, "blas")  # from here on: it has threads of its own, and asks for this itself
    ours = Als()
    matrix = learnable(histories, items)
    matrix.data = 1.0 + ours.weight * matrix.data
    learner = library.AlternatingLeastSquares(
        factors=ours.factors, regularization=ours.ridge, iterations=ours.rounds, random_state=ours.seed
    )
    learner.fit(matrix, show_progress=False)
    return lambda person: learner.recommend(person, matrix[person], N=10, recalculate_user=True)


def _most_held() -> int:
    """Bytes that this process held at most since that was forgotten."""
    told = dict(line.split(":", 1) for line in STATUS.read_text(encoding="utf-8").splitlines())
    return int(told["VmHWM"].split()[0]) * 1024


def _scoring(score: Score, people: Sequence[int]) -> tuple[float, float]:
    """The median milliseconds to score one person, by the clock and of the processor; the first one does not count."""
    clock: list[float] = []
    processor: list[float] = []
    for person in (people[0], *people[:SCORED]):
        started, spent = perf_counter(), process_time()
        score(person)
        clock.append((perf_counter() - started) * 1000)
        processor.append((process_time() - spent) * 1000)
    return float(np.median(clock[1:])), float(np.median(processor[1:]))


HEADINGS = (
    "goods", "people", "model", "seconds", "processor s", "MB more", "ms a person", "cpu ms",
    "s / implicit", "ms / implicit", "",
)  # fmt: skip


def lines(found: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """A row a model and size; ratios are of processor time to that of the library for the same size."""
    plain = {(row["items"], row["people"]): row for row in found if row["model"] == REFERENCE and not row["why"]}
    return [_line(row, plain.get((row["items"], row["people"]))) for row in found]


def _line(row: Mapping[str, Any], plain: Mapping[str, Any] | None) -> list[str]:
    about = [f"{row['items']:,}", f"{row['people']:,}", row["model"]]
    if row["why"]:
        return [*about, *[""] * 7, row["why"]]
    figures = [
        f"{row['seconds']:.1f}", f"{row['processor_seconds']:.1f}", f"{row['megabytes']:,.0f}",
        f"{row['score_ms']:.2f}", f"{row['score_processor_ms']:.2f}",
    ]  # fmt: skip
    ratios = ["", ""]
    if plain is not None:
        ratios = [_ratio(row[name], plain[name]) for name in ("processor_seconds", "score_processor_ms")]
    return [*about, *figures, *ratios, "one round" if row["model"] in ONE_ROUND else ""]


def _ratio(value: float, reference: float) -> str:
    return f"{value / reference:.2f}" if reference > 0 else ""
