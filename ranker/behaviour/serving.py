"""The behaviour model in use: the newest that could be read, and the one before it for as long as none can be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ranker.behaviour.kinds import read_model
from ranker.behaviour.model import BehaviourModel, Items, UnfitError, Vectors
from ranker.behaviour.stored import Extending, over
from ranker.cross.scoring import RankerMissingError

Find = Callable[[], Path | None]


class ServedModel:
    """Serves the last good model over the catalogue as it is.

    Args:
        find: where the model to use is now, as a shelf's ``in_use`` says; ``None`` if there is none.
        vectors: of goods, one row an id; ``None`` if there are none. Asked only when the model or the goods are others,
            and the model reads vectors: those of 100,000 goods are 150 MB.
        read: makes a model of a folder, over the items that it learned of.
    """

    def __init__(
        self,
        find: Find,
        vectors: Callable[[Sequence[str]], Vectors | None],
        read: Callable[[Path], BehaviourModel] = read_model,
    ) -> None:
        self._find, self._vectors, self._read = find, vectors, read
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._ids: tuple[str, ...] = ()
        self._model: BehaviourModel | None = None
        self._fault = ""

    @property
    def fault(self) -> str:
        """Why the newest one is not in use; empty if it is."""
        return self._fault

    def over(self, ids: tuple[str, ...]) -> BehaviourModel | None:
        """The model to use for these goods, whose ``items`` they are; ``None`` if there is none that fits them."""
        with self._lock:
            folder, self._fault = self._found()
            if folder is None and not self._fault:
                self._folder, self._ids, self._model = None, (), None
            elif folder is not None and (folder != self._folder or ids != self._ids):
                self._take_up(folder, ids)
            model = self._model
            return model if model is not None and tuple(model.items) == ids else None

    def _found(self) -> tuple[Path | None, str]:
        try:
            return self._find(), ""
        except RankerMissingError as error:
            return None, f"{error} {error.hint}".strip()

    def _take_up(self, folder: Path, ids: tuple[str, ...]) -> None:
        try:
            self._model = self._fitted(self._read(folder), ids)
            self._folder, self._ids = folder, ids
        except UnfitError as error:
            self._fault = f"{error} {error.hint}".strip()
            self._keep(ids)

    def _keep(self, ids: tuple[str, ...]) -> None:
        """Lets the last good model score the goods as they are now, as far as it fits them."""
        if self._model is None or tuple(self._model.items) == ids:
            return
        try:
            self._model = self._fitted(self._model, ids)
        except UnfitError:
            self._model = None

    def _fitted(self, model: BehaviourModel, ids: tuple[str, ...]) -> BehaviourModel:
        return over(model, Items(ids, self._vectors(ids) if isinstance(model, Extending) else None))
