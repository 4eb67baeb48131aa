"""How the command line speaks: answers on stdout, everything else on stderr."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

out = Console()
err = Console(stderr=True, highlight=False)

CountedProgress = Callable[[str, int, int], None]
PhaseProgress = Callable[[str, float], None]


def write_json(value: Any) -> None:
    """One JSON document on a line of its own; nothing but such lines goes to stdout with ``--json``."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def tell(message: str) -> None:
    """A line of progress or advice."""
    err.print(escape(message))


def quiet_logs() -> None:
    """Warnings to stderr; the libraries' chatter to nobody."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx", "httpcore", "chromadb", "sentence_transformers", "transformers", "jieba", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


@contextmanager
def counted() -> Iterator[CountedProgress]:
    """A bar a stage, on stderr; without a terminal there, a line a stage."""
    if not err.is_terminal:
        told: set[str] = set()

        def line(stage: str, _done: int, total: int) -> None:
            if stage not in told:
                told.add(stage)
                tell(f"{stage} ..." if not total else f"{stage} ({total}) ...")

        yield line
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total or None)

        yield advance


@contextmanager
def phases() -> Iterator[PhaseProgress]:
    """What a long start is doing: a spinner on a terminal, a line a phase elsewhere."""
    if not err.is_terminal:
        told: set[str] = set()

        def line(phase: str, _seconds: float) -> None:
            if phase not in told:
                told.add(phase)
                tell(phase)

        yield line
        return
    with err.status("starting") as status:
        yield lambda phase, seconds: status.update(f"{escape(phase)} [dim]({seconds:.0f} s)[/dim]")
