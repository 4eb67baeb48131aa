"""Jobs in processes of their own: their memory is theirs alone, and one that takes too much memory or time is ended."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import psutil

from retriever.feeds.feed import Progress

LOOK = 0.1  # seconds between two looks at a job's memory
TIDYING = 10.0  # seconds that a process has to end by itself after its result
MEGABYTE = 1e6

Job = Callable[[Progress], Any]
"""Has to be something that can be pickled: a function of a module, or a partial of one."""


class Told(Protocol):
    """The job's end of a pipe."""

    def send(self, obj: Any, /) -> None:
        """Tell something."""
        ...


class Heard(Protocol):
    """The other end."""

    def poll(self, timeout: float | None = 0.0, /) -> bool:
        """Whether something was told, or will not be any more."""
        ...

    def recv(self) -> Any:
        """What was told."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may take: seconds by the clock, and megabytes."""

    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended.

    Attributes:
        result: what it gave; ``None`` if it gave nothing.
        why: it gave nothing; empty if it did.
        seconds: by the clock, with the start of its process.
        megabytes: the most that its process held.
    """

    result: Any
    why: str
    seconds: float
    megabytes: float


def apart(job: Job, limits: Limits, progress: Progress) -> Ended:
    """Run a job and wait for it; an error in it is a reason why it gave nothing, not one of the caller."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(job, there), daemon=True)
    started = time.perf_counter()
    process.start()
    there.close()
    try:
        ended = _followed(psutil.Process(process.pid), here, started, limits, progress)
        process.join(0.0 if ended.why else TIDYING)
        return ended
    finally:
        process.kill()
        process.join()
        here.close()


def _followed(process: psutil.Process, heard: Heard, started: float, limits: Limits, progress: Progress) -> Ended:
    most, result, why = 0.0, None, ""
    while not why and result is None:
        most = max(most, _held(process))
        spent = time.perf_counter() - started
        if most > limits.megabytes:
            why = f"ended at {most:,.0f} MB"
        elif spent > limits.seconds:
            why = f"ended after {spent:,.0f} s"
        elif heard.poll(LOOK):
            result, why = _next(heard, progress)
    return Ended(result, why, time.perf_counter() - started, most)


def _next(heard: Heard, progress: Progress) -> tuple[Any, str]:
    """The result, and why there will be none; neither while the job goes on."""
    try:
        kind, *told = heard.recv()
    except EOFError:
        return None, "its process died"
    if kind == "progress":
        progress(*told)
        return None, ""
    return (told[0], "") if kind == "result" else (None, str(told[0]))


def _held(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / MEGABYTE
    except psutil.NoSuchProcess:
        return 0.0


def _run(job: Job, told: Told) -> None:
    try:
        told.send(("result", job(lambda stage, done, total: told.send(("progress", stage, done, total)))))
    except Exception as error:  # noqa: BLE001 (it is told, and the other jobs go on)
        told.send(("error", f"{type(error).__name__}: {error}"))
