"""Where a shop keeps its rankers: a folder a run, and a pointer to the one in use."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from ranker.cross.scoring import RankerMissingError

CURRENT = "current.json"
SERVED = "model"
RUN = re.compile(r"run-[\w.-]+")
PLAN, DONE = "plan.json", "outcome.json"


SHIPPED = Path(__file__).parent / "shipped"


def shipped() -> Path | None:
    """The folder of the ranker that comes with the package, if one does."""
    return SHIPPED if SHIPPED.is_dir() else None


class Shelf:
    """The runs of a shop, and which of them serves.

    Args:
        folder: of all runs, for example ``HOME/ranker``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new_run(self, now: datetime | None = None) -> Path:
        """A folder for a new run, named by the time; it is not made yet."""
        name = f"run-{(now or datetime.now(UTC)):%Y%m%d-%H%M%S}"
        taken = {path.name for path in self.folder.glob("run-*")}
        names = (name if not again else f"{name}-{again}" for again in range(len(taken) + 1))
        return self.folder / next(each for each in names if each not in taken)

    def unfinished(self) -> Path | None:
        """The newest run that was interrupted after it had gathered what to learn from."""
        runs = sorted(self.folder.glob("run-*"), reverse=True)
        return next((run for run in runs if (run / PLAN).exists() and not (run / DONE).exists()), None)

    def in_use(self) -> Path | None:
        """The folder of the ranker in use; ``None`` if the shop has none of its own.

        Raises:
            RankerMissingError: if the pointer cannot be read or leads nowhere.
        """
        pointer = self.folder / CURRENT
        try:
            name = json.loads(pointer.read_text(encoding="utf-8"))["run"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RankerMissingError(f"{pointer} cannot be read: {error}.", "Delete it, or train again.") from error
        folder = self.folder / str(name) / SERVED
        if not RUN.fullmatch(str(name)) or not folder.is_dir():
            raise RankerMissingError(
                f"{pointer} names the run '{name}', which has no ranker.", "Delete it, or train again."
            )
        return folder

    def put_in_use(self, run: Path) -> None:
        """Let a run's ranker serve from now on; who reads the pointer sees the old one or the new one.

        Raises:
            ValueError: if the run is not of this shelf.
        """
        if run.parent.resolve() != self.folder.resolve():
            raise ValueError(f"{run} is no run of {self.folder}")
        draft = self.folder / f".{CURRENT}.new"
        draft.write_text(json.dumps({"run": run.name}) + "\n", encoding="utf-8")
        draft.replace(self.folder / CURRENT)

    def put_away(self) -> bool:
        """Let no run's ranker serve from now on; whether one did. The runs stay."""
        pointer = self.folder / CURRENT
        there = pointer.exists()
        pointer.unlink(missing_ok=True)
        return there
