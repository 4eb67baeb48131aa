"""Training a sequence network: epochs that are judged, stopped early and taken up again where they were broken off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from ranker.behaviour.batches import Batch, Trail, batches, padded
from ranker.behaviour.columns import Places
from ranker.behaviour.losses import full_softmax, gbce
from ranker.behaviour.network import Network
from ranker.cross.checkpoint import Checkpoints
from ranker.cross.judging import Say
from ranker.cross.runlog import Mark, RunLog

if TYPE_CHECKING:
    from torch import Tensor

DEPTH = 10
LOGGED = 20  # steps between two lines of the log


@dataclass(frozen=True)
class Held:
    """A person's items, as rows of the network's table, and the one that came next."""

    rows: Places
    target: int


@dataclass(frozen=True)
class Fitted:
    """What came of a training.

    Attributes:
        ndcg: of the epoch whose weights were kept, at 10 and over all items; ``None`` if nobody was held out.
        epochs: until it ended.
    """

    ndcg: float | None
    epochs: int
    steps: int


@dataclass
class _Progress:
    """Where a run is."""

    epoch: int = 0
    step: int = 0
    best: float = -1.0
    stale: int = 0


class Run:
    """What is kept of a run: the best weights and, in a folder, the state to go on from and the log.

    Args:
        folder: ``None`` keeps nothing on disk.
        tensorboard: whether to write its events too.
    """

    def __init__(self, folder: Path | None, *, tensorboard: bool = False) -> None:
        self._folder = folder
        self._tensorboard = tensorboard
        self._checkpoints = None if folder is None else Checkpoints(folder)
        self._best: dict[str, Any] = {}

    def resume(self, network: Network, optimiser: Any) -> dict[str, Any]:
        """Takes up the last state; what is known of it, nothing for a new run."""
        if self._checkpoints is None or not (history := self._checkpoints.resume(network, optimiser)):
            return {}
        self._best = self._checkpoints.best()
        return history

    def log(self, step: int) -> AbstractContextManager[RunLog | None]:
        """The log from a step on."""
        if self._folder is None:
            return nullcontext()
        return RunLog(self._folder, step, tensorboard=self._tensorboard)

    def keep(self, network: Network, optimiser: Any, history: dict[str, Any], *, best: bool) -> None:
        """Keeps the state of the end of an epoch."""
        if best:
            self._best = {name: weight.detach().clone() for name, weight in network.trained().items()}
        if self._checkpoints is not None:
            self._checkpoints.keep(network, optimiser, history, best=best)

    def restore(self, network: Network) -> None:
        """Gives a network the best weights."""
        network.put(self._best)


def train(network: Network, trails: Sequence[Trail], held: Sequence[Held], run: Run, say: Say) -> Fitted:
    """Trains until there is nothing to gain; the network has the best weights afterwards."""
    import torch

    recipe = network.recipe
    parameters = list(network.weights.values())
    optimiser = torch.optim.AdamW(parameters, lr=recipe.rate, weight_decay=recipe.decay, betas=(0.9, 0.98))
    at = _Progress(**run.resume(network, optimiser))
    with run.log(at.step) as log:
        while at.epoch < recipe.epochs and at.stale < recipe.patience:
            began = monotonic()
            _epoch(network, optimiser, trails, at, log)
            ndcg = judge(network, held) if held else float(at.epoch)
            better = ndcg > at.best
            at.epoch, at.best = at.epoch + 1, max(at.best, ndcg)
            at.stale = 0 if better else at.stale + 1
            if log is not None and held:
                log.judgement(at.step, ndcg, monotonic() - began)
            run.keep(network, optimiser, vars(at).copy(), best=better)
            say(f"epoch: nDCG@10 {ndcg:.4f}" if held else "epoch", at.epoch, recipe.epochs)
    run.restore(network)
    return Fitted(at.best if held else None, at.epoch, at.step)


def _epoch(network: Network, optimiser: Any, trails: Sequence[Trail], at: _Progress, log: RunLog | None) -> None:
    import torch

    recipe = network.recipe
    network.training = True
    for batch in batches(trails, recipe.people, recipe.length, recipe.seed * 100_003 + at.epoch):
        rate = recipe.rate * min(1.0, (at.step + 1) / max(1, recipe.warmup))
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = _loss(network, batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(network.weights.values()), recipe.clip)
        optimiser.step()
        at.step += 1
        if log is not None and at.step % LOGGED == 0:
            log.loss(Mark(at.step, float(loss.detach()), rate))
    network.training = False


def _loss(network: Network, batch: Batch) -> Tensor:
    if network.recipe.negatives:
        return _sampled(network, batch)
    table = network.table()
    return full_softmax(_real(network, table[batch.rows], batch), table, batch.targets, batch.weights)


def _sampled(network: Network, batch: Batch) -> Tensor:
    import torch

    recipe, items = network.recipe, len(network.weights["ids"])
    wrong = torch.randint(items, (recipe.negatives,))
    needed = torch.unique(torch.cat([batch.rows.reshape(-1), batch.targets, wrong]))
    table = network.table(needed)
    rows, targets, drawn = (torch.searchsorted(needed, each) for each in (batch.rows, batch.targets, wrong))
    return gbce(
        _real(network, table[rows], batch),
        table[targets],
        table[drawn],
        batch.targets.unsqueeze(1) == wrong,
        batch.weights,
        items=items,
        calibration=recipe.calibration,
    )


def _real(network: Network, events: Tensor, batch: Batch) -> Tensor:
    """The states whose next event is known, without the padding: only these are compared with the items."""
    states = network.states(events)
    return states.reshape(-1, states.shape[2])[batch.real]


def judge(network: Network, held: Sequence[Held]) -> float:
    """nDCG@10 of what came next among all items that the person had not taken before."""
    import torch

    gains: list[float] = []
    with torch.inference_mode():
        table = network.table()
        for start in range(0, len(held), network.recipe.people):
            some = held[start : start + network.recipe.people]
            scores = last_states(network, table, [each.rows for each in some]) @ table.T
            for row, each in zip(scores, some, strict=True):
                right = float(row[each.target])
                row[torch.from_numpy(each.rows)] = -math.inf
                above = int((row > right).sum())
                gains.append(1.0 / math.log2(above + 2) if above < DEPTH else 0.0)
    return sum(gains) / len(gains)


def last_states(network: Network, table: Tensor, sequences: Sequence[Places]) -> Tensor:
    """What each person is after the last event; none of the sequences is empty."""
    import torch

    cut = [sequence[-network.recipe.length :] for sequence in sequences]
    states = network.states(table[padded(cut)])
    return states[torch.arange(len(cut)), torch.tensor([len(sequence) - 1 for sequence in cut])]
