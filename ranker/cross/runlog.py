"""A run's log: JSON lines for reading and, where wanted, TensorBoard's events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

LOG = "log.jsonl"


@dataclass(frozen=True, slots=True)
class Mark:
    """One step."""

    step: int
    loss: float
    rate: float


class RunLog:
    """Writes a run's log; a run that is taken up again drops what came after its checkpoint.

    Args:
        folder: of the run.
        step: from which it goes on.
        tensorboard: whether to write TensorBoard's events too, to ``folder/tensorboard``.
    """

    def __init__(self, folder: Path, step: int, *, tensorboard: bool) -> None:
        self._folder = folder
        self._step = step
        self._tensorboard = tensorboard
        self._board: Any = None

    def __enter__(self) -> RunLog:
        path = self._folder / LOG
        kept = [line for line in _whole(path) if json.loads(line)["step"] <= self._step]
        self._file = path.open("w", encoding="utf-8")
        self._file.writelines(kept)
        if self._tensorboard:
            from torch.utils.tensorboard.writer import SummaryWriter

            self._board = SummaryWriter(str(self._folder / "tensorboard"), purge_step=self._step + 1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._board is not None:
            self._board.close()

    def loss(self, mark: Mark) -> None:
        """A step's loss and learning rate."""
        self._write({"step": mark.step, "loss": round(mark.loss, 5), "rate": mark.rate})
        if self._board is not None:
            self._board.add_scalar("loss/train", mark.loss, mark.step)
            self._board.add_scalar("rate", mark.rate, mark.step)

    def judgement(self, step: int, ndcg: float, seconds: float) -> None:
        """What the held-out groups say."""
        self._write({"step": step, "ndcg": round(ndcg, 5), "seconds": round(seconds, 1)})
        if self._board is not None:
            self._board.add_scalar("ndcg@10/held out", ndcg, step)

    def _write(self, line: dict[str, float]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def _whole(path: Path) -> list[str]:
    """The lines that were written to their end: a killed run may leave half of one."""
    if not path.exists():
        return []
    return [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
