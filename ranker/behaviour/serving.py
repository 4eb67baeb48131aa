"""The behaviour model in use: the newest that could be read, and the one before it for as long as none can be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ranker.behaviour.kinds import read_model
from ranker.behaviour.model import BehaviourModel, Items, UnfitError
from ranker.cross.scoring import RankerMissingError

Find = Callable[[], Path | None]


class ServedModel:
    """Serves the last good model over the catalogue as it is.

    Args:
        find: where the model to use is now, as a shelf's ``in_use`` says; ``None`` if there is none.
        items: of the catalogue now.
        read: makes a model of a folder, over items.
    """

    def __init__(
        self, find: Find, items: Callable[[], Items], read: Callable[[Path, Items], BehaviourModel] = read_model
    ) -> None:
        self._find, self._items, self._read = find, items, read
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._ids: tuple[str, ...] = ()
        self._model: BehaviourModel | None = None
        self._fault = ""

    @property
    def model(self) -> BehaviourModel | None:
        """The last one that could be read; ``None`` before that."""
        return self._model

    @property
    def fault(self) -> str:
        """Why the newest one is not in use; empty if it is."""
        return self._fault

    def reload(self) -> BehaviourModel | None:
        """Takes up what there is now: another model, other items; the model in use afterwards."""
        with self._lock:
            self._fault = ""
            items = self._items()
            try:
                folder = self._find()
                if folder is not None and (folder != self._folder or items.ids != self._ids):
                    self._model = self._read(folder, items)
                    self._folder, self._ids = folder, items.ids
            except (UnfitError, RankerMissingError) as error:
                self._fault = f"{error} {error.hint}".strip()
            return self._model
