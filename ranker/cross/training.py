"""Fine-tuning a cross-encoder, on a CPU within the hour.

1. the network   2. what there is to learn   3. optimiser and schedule   4. resume   5. steps
6. judge by the held-out groups   7. keep the best   8. write it down
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranker.cross.batches import Draw, step_draws, steps_an_epoch, useful
from ranker.cross.checkpoint import Checkpoints
from ranker.cross.judging import Say, judge, silent
from ranker.cross.losses import loss_of
from ranker.cross.network import Network, TorchCrossEncoder, new_network
from ranker.cross.recipe import Recipe
from ranker.cross.runlog import Mark, RunLog
from ranker.cross.scoring import BATCH, by_length
from ranker.groups import Group, check_groups

if TYPE_CHECKING:
    from torch import Tensor

MODEL = "torch"
RECIPE = "recipe.json"
Stop = Callable[[int, float], bool]  # step and nDCG of a judgement: whether to give up


class OtherRunError(ValueError):
    """The folder holds a run of another recipe; the message says so."""


@dataclass
class History:
    """What a run has done so far."""

    step: int = 0
    seconds: float = 0.0
    losses: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    judgements: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])

    @property
    def best(self) -> float:
        """The best nDCG so far."""
        return max((ndcg for _, ndcg in self.judgements), default=-math.inf)

    @property
    def stale(self) -> int:
        """Judgements since the best one."""
        places = [place for place, (_, ndcg) in enumerate(self.judgements) if ndcg == self.best]
        return len(self.judgements) - 1 - places[0] if places else 0


@dataclass(frozen=True)
class Trained:
    """A finished training: the best network, in memory and in ``folder``, and what led to it."""

    ranker: TorchCrossEncoder
    folder: Path
    ndcg: float
    history: History
    given_up: bool = False


def train(
    groups: Sequence[Group],
    held_out: Sequence[Group],
    recipe: Recipe,
    folder: Path,
    *,
    say: Say = silent,
    tensorboard: bool = True,
    give_up: Stop = lambda _step, _ndcg: False,
) -> Trained:
    """Train, and leave the best network in ``folder/torch``; a run that was killed goes on where it was.

    A run that was killed and taken up again ends with the same weights as one that was not, on one
    kind of machine with the same number of threads.

    Args:
        groups: to learn from.
        held_out: to judge by; early stopping and the choice of the best look at their nDCG@10.
        recipe: how.
        folder: of this run: its log, its checkpoint, its network.
        say: hears (what, done, total).
        tensorboard: whether to log for TensorBoard too.
        give_up: asked after every judgement; a search ends a hopeless trial with it.

    Raises:
        TrainingDataError: if there is nothing to learn or to judge by.
        RankerMissingError: if the base cannot be loaded.
        OtherRunError: if the folder holds a run of another recipe.
    """
    import torch

    check_groups(groups)
    check_groups(held_out)
    taught = useful(groups, recipe)
    same_run(folder, {"recipe": asdict(recipe), "groups": len(taught)})
    network = new_network(recipe)
    optimiser = _optimiser(network, recipe)
    checkpoints = Checkpoints(folder)
    history = History(**checkpoints.resume(network, optimiser))
    an_epoch = steps_an_epoch(taught, recipe)
    total, every = an_epoch * recipe.epochs, recipe.every or an_epoch
    ranker = TorchCrossEncoder(network, f"{folder.name} in training")
    began = time.monotonic() - history.seconds
    given_up = False
    with RunLog(folder, history.step, tensorboard=tensorboard) as log:
        while history.step < total and history.stale < recipe.patience:
            rate = scheduled((history.step + 0.5) / total, recipe.warmup)
            loss = _step(network, optimiser, step_draws(taught, network.pairs, recipe, history.step), recipe, rate)
            history.step += 1
            history.losses.append((history.step, round(loss, 5)))
            log.loss(Mark(history.step, loss, rate * recipe.rate))
            say("training", history.step, total)
            if history.step % every and history.step < total:
                continue
            found = _judge(network, ranker, held_out, say)
            best = found > history.best
            history.judgements.append((history.step, found))
            history.seconds = time.monotonic() - began
            log.judgement(history.step, found, history.seconds)
            checkpoints.keep(network, optimiser, asdict(history), best=best)
            given_up = give_up(history.step, found)
            if given_up:
                break
    network.put(checkpoints.best())
    merged = network.merged()
    merged.save(folder / MODEL)
    torch.manual_seed(recipe.seed)  # what comes next does not depend on how far this run had to go
    return Trained(TorchCrossEncoder(merged, folder.name), folder / MODEL, history.best, history, given_up)


def scheduled(done: float, warmup: float) -> float:
    """Factor on the learning rate at a share of the steps: a straight rise, then a straight fall to nothing."""
    return done / warmup if done < warmup else max(0.0, (1 - done) / (1 - warmup))


def same_run(folder: Path, said: dict[str, Any]) -> None:
    """Marks the folder as the run that ``said`` describes, or finds that it is.

    Raises:
        OtherRunError: if it holds another one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RECIPE
    if not path.exists():
        path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != said:
        raise OtherRunError(f"The folder {folder} holds a run of another recipe or of other data.")


def _optimiser(network: Network, recipe: Recipe) -> Any:
    """AdamW; a fresh head learns faster, biases and norms do not decay."""
    import torch

    kinds: dict[tuple[bool, bool], list[Any]] = {}
    for name, weight in network.trained().items():
        fresh = network.fresh and (name.startswith("head.") or "classifier" in name)
        kinds.setdefault((fresh, weight.ndim > 1), []).append(weight)
    parts = [
        {
            "params": weights,
            "peak": recipe.head_rate if fresh else recipe.rate,
            "weight_decay": recipe.decay if matrix else 0.0,
        }
        for (fresh, matrix), weights in kinds.items()
    ]
    return torch.optim.AdamW(parts, lr=recipe.rate)


def _step(network: Network, optimiser: Any, draws: Sequence[Draw], recipe: Recipe, rate: float) -> float:
    """One step of the optimiser; the loss before it."""
    import torch

    network.train()
    for part in optimiser.param_groups:
        part["lr"] = rate * part["peak"]
    scores, gains, weights, mask = _scored(network, draws)
    loss = loss_of(recipe.loss)(scores, gains, weights, mask)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(network.trained().values()), recipe.clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return float(loss.item())


def _scored(network: Network, draws: Sequence[Draw]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Scores, gains, weights and mask of groups in rows; pairs of like length go through the network together."""
    import torch

    pairs = [pair for draw in draws for pair in draw.pairs]
    places = [(row, column) for row, draw in enumerate(draws) for column in range(len(draw.pairs))]
    parts: list[Tensor] = []
    order: list[int] = []
    for rows in by_length(pairs, BATCH):
        parts.append(network.run(network.pairs.inputs([pairs[row] for row in rows])))
        order += rows
    at = torch.tensor([places[row] for row in order], device=network.device).T
    shape = (len(draws), max(len(draw.pairs) for draw in draws))
    scores = torch.zeros(shape, device=network.device).index_put((at[0], at[1]), torch.cat(parts))
    gains, weights = torch.zeros(shape), torch.zeros(shape)
    mask = torch.zeros(shape, dtype=torch.bool)
    for row, draw in enumerate(draws):
        gains[row, : len(draw.gains)] = torch.tensor(draw.gains)
        weights[row, : len(draw.weights)] = torch.tensor(draw.weights)
        mask[row, : len(draw.gains)] = True
    return scores, gains.to(network.device), weights.to(network.device), mask.to(network.device)


def _judge(network: Network, ranker: TorchCrossEncoder, held_out: Sequence[Group], say: Say) -> float:
    network.train(False)
    return judge(ranker, held_out, say).ndcg
