"""The learned order of a shop: kept in its folder, taken up without a restart, never lost to a damaged file."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from ranker.trees import Trees, TreesError, read_trees

FILE = "order.npz"
FRESH = 5.0  # seconds for which nobody looks whether there is another one


class LearnedOrder:
    """The trees in use. Others take their place once they have loaded; a damaged file changes nothing.

    Args:
        home: the shop's folder.
        clock: seconds.
    """

    def __init__(self, home: Path, clock: Callable[[], float] = monotonic) -> None:
        self._path = home / FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._looked = -math.inf
        self._stamp: tuple[int, int] | None = None
        self._trees: Trees | None = None
        self._fault = ""

    @property
    def fault(self) -> str:
        """Why the file is not in use; empty if it is, or if there is none."""
        return self._fault

    def current(self) -> Trees | None:
        """The trees in use; ``None`` if there have been none."""
        with self._lock:
            if self._clock() - self._looked < FRESH:
                return self._trees
            self._looked = self._clock()
            try:
                found = self._path.stat()
            except OSError:
                self._trees, self._stamp, self._fault = None, None, ""
                return None
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                self._stamp = stamp
                self._load()
            return self._trees

    def keep(self, trees: Trees) -> Path:
        """Puts trees into use, for this process and for others; returns their file."""
        trees.write(self._path)
        with self._lock:
            self._looked = -math.inf
        return self._path

    def _load(self) -> None:
        try:
            self._trees, self._fault = read_trees(self._path), ""
        except TreesError as error:
            self._fault = f"{error} {error.hint}"
