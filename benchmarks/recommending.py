"""How fast recommendations are, and what it takes to train what they learn from, by the size of the shop.

Requests: a shop is made of copies of the ESCI products (or used again from --homes), made-up people look at its goods
and buy some, a behaviour model is trained for it, and requests of twelve kinds are timed, all kinds in turn. The first
request, which reads goods and people, and requests while these are read anew are told by themselves.

Training: every behaviour model learns from made-up people, each in a process of its own that is ended where it takes
too much time or memory, beside plain implicit (ALS) in the same run; without that package its row says so.

Other work on the machine makes figures by the clock worse. Those in processor time suffer less; they are of all
threads of the process together. The load is told with them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import asking, lessons
from benchmarks.apart import Job, Limits, apart
from ranker.behaviour.trainers import TRAINERS
from retriever.feeds.feed import Progress
from ui.cli.terminal import counted

PARTS = ("requests", "training")
SHOPS, LESSONS = "100000x20000", "1000x5000,10000x20000,100000x20000"
EACH = 50  # events of a person
GOAL = 50.0  # milliseconds at the 95th percentile
EXAMPLES = """examples:
  python -m benchmarks.recommending --data DIR --homes shops
      a shop of 100,000 goods, filled at the first run (minutes) and used again later; then all models
  python -m benchmarks.recommending --only training --lessons 1000x5000 --models implicit,als,ease
      three models in a small shop: seconds
  python -m benchmarks.recommending --data DIR --homes shops --only requests --shops 10000x5000,100000x5000,100000x20000
      how requests grow with goods and people
"""

Size = tuple[int, int]


class Bench:
    """The two parts of one call."""

    def __init__(self, arguments: argparse.Namespace, console: Console, progress: Progress) -> None:
        self._of = arguments
        self._console = console
        self._progress = progress
        self._limits = Limits(arguments.seconds, arguments.megabytes)

    def run(self) -> dict[str, Any]:
        """All that was wanted, shown as tables and returned as figures."""
        found: dict[str, Any] = {}
        if "requests" in self._of.only:
            found["requests"] = self._requests()
        if "training" in self._of.only:
            found["training"] = self._training()
        return found

    def _requests(self) -> list[dict[str, Any]]:
        with ExitStack() as held:
            homes = self._of.homes or Path(held.enter_context(tempfile.TemporaryDirectory(prefix="shopwise-bench-")))
            found = [self._asked(homes / f"recommending-{size[0]}", size) for size in self._of.shops]
        done = [shop for shop in found if not shop["why"]]
        for shop in found:
            self._tell(shop)
        self._show("Requests, milliseconds", asking.HEADINGS, asking.lines(done))
        self._show("What is read before and beside them", asking.BUILT, asking.built_lines(done))
        if len(done) > 1:
            headings, rows = asking.scaling(done)
            self._show("p95 by goods and people: milliseconds by the clock (of processor time)", headings, rows)
        return found

    def _asked(self, home: Path, size: Size) -> dict[str, Any]:
        events = size[1] * EACH
        job = asking.Asking(self._of.data, home, *size, events, self._of.requests, self._of.model)
        return self._apart(job, {"items": size[0], "people": size[1], "events": events})

    def _training(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for items, people in self._of.lessons:
            for model in self._of.models:
                about = {"model": model, "items": items, "people": people, "events": people * EACH}
                found.append(self._apart(lessons.Lesson(**about), about))
        load = ", ".join(f"{row['load']:.1f}" for row in found[:: max(1, len(found) // 5)])
        self._show(f"Training; load meanwhile {load}", lessons.HEADINGS, lessons.lines(found))
        return found

    def _apart(self, job: Job, about: Mapping[str, Any]) -> dict[str, Any]:
        before = psutil.getloadavg()[0]
        ended = apart(job, self._limits, self._progress)
        told = {"load": before, "why": ended.why, "whole_seconds": ended.seconds, "most_mb": ended.megabytes}
        return {**about, **told, **(ended.result or {})}

    def _tell(self, shop: Mapping[str, Any]) -> None:
        about = f"{shop['items']:,} goods, {shop['people']:,} people, {shop['events']:,} events"
        if shop["why"]:
            self._console.print(f"[yellow]{about}: {shop['why']}[/yellow]")
            return
        memory = ", ".join(f"{value:,.0f} MB {when}" for when, value in shop["memory_mb"].items())
        load = " to ".join(f"{value:.1f}" for value in shop["load"])
        slow = [name for name, row in shop["kinds"].items() if row["cpu_p95_ms"] > GOAL]
        verdict = f"over {GOAL:.0f} ms of processor time at p95: {', '.join(slow) or 'none'}"
        self._console.print(f"{about}; {shop['requests']} requests of each kind; load {load}; {memory}; {verdict}")

    def _show(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        table = Table(title=title, title_justify="left")
        for heading in headings:
            worded = heading in ("what", "model", "")
            table.add_column(heading, justify="left" if worded else "right", no_wrap=bool(heading))
        for row in rows:
            table.add_row(*row)
        if rows:
            self._console.print(table)


def sizes(listed: str) -> list[Size]:
    """``10000x5000,100000x20000`` as pairs of goods and people.

    Raises:
        ValueError: if it is not that.
    """
    found = [(int(goods), int(people)) for goods, people in (pair.split("x") for pair in listed.split(","))]
    if min(min(size) for size in found) < 1:
        raise ValueError("a shop has at least one product, and one person")
    return found


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks.recommending",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    option = found.add_argument
    option("--data", type=Path, help="folder with the ESCI products; requests need it")
    option("--only", type=_names, default=list(PARTS), help="requests or training; default: both")
    option("--homes", type=Path, help="keep the shops in this folder, and use what is there")
    option("--shops", type=sizes, default=sizes(SHOPS), help=f"goods x people to ask; default: {SHOPS}")
    option("--requests", type=int, default=200, help="of each kind; default: 200")
    option("--model", default="item-item", help="behaviour model of the shops that are asked; '' for none")
    option("--lessons", type=sizes, default=sizes(LESSONS), help=f"goods x people to train on; default: {LESSONS}")
    option("--models", type=_names, default=list(lessons.NAMES), help=f"to train; default: {','.join(lessons.NAMES)}")
    option("--seconds", type=float, default=1800, help="a shop or a model that takes longer is given up")
    option("--megabytes", type=float, default=8000, help="a shop or a model that takes more is given up")
    option("--json", type=Path, help="write all figures to this file")
    return found


def _names(listed: str) -> list[str]:
    return listed.split(",")


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0 done (what was given up is named), 2 bad arguments."""
    reader = parser()
    arguments = reader.parse_args(words)
    known = {"only": PARTS, "models": lessons.NAMES, "model": (*TRAINERS, "")}
    for name, allowed in known.items():
        given: Any = getattr(arguments, name)
        unknown = set([given] if isinstance(given, str) else given) - set(allowed)
        if unknown:
            reader.error(
                f"--{name}: there is no {', '.join(sorted(unknown))}; there are {', '.join(filter(None, allowed))}"
            )
    if "requests" in arguments.only and (arguments.data is None or not arguments.data.is_dir()):
        reader.error("--data DIR has to be the folder with the ESCI products; without it: --only training")
    with counted() as progress:
        found = Bench(arguments, Console(width=160), progress).run()
    if arguments.json is not None:
        document = {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "cores": psutil.cpu_count(),
            **found,
        }
        arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
