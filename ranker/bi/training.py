"""Tuning a sentence encoder, on a CPU within the hour.

1. the network   2. what there is to learn   3. optimiser and schedule   4. resume   5. steps
6. judge by the held-out groups   7. keep the best   8. write it down
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ranker.bi.batches import Known, Step, known_gains, step_at, steps_an_epoch, useful
from ranker.bi.judging import judge
from ranker.bi.losses import tuning_loss
from ranker.bi.network import BiNetwork, new_network
from ranker.bi.recipe import EncoderRecipe
from ranker.cross.checkpoint import Checkpoints
from ranker.cross.judging import Say, silent
from ranker.cross.runlog import Mark, RunLog
from ranker.cross.shelf import SERVED
from ranker.cross.training import History, same_run, scheduled
from ranker.groups import Group, TrainingDataError, check_groups


@dataclass(frozen=True)
class TunedEncoder:
    """A finished training: the best encoder's folder, and what led to it."""

    folder: Path
    ndcg: float
    history: History


def train(
    groups: Sequence[Group],
    held_out: Sequence[Group],
    recipe: EncoderRecipe,
    folder: Path,
    *,
    say: Say = silent,
    tensorboard: bool = True,
) -> TunedEncoder:
    """Train, and leave the best encoder in ``folder/model``; a run that was killed goes on where it was.

    A run that was killed and taken up again ends with the same weights as one that was not, on one
    kind of machine with the same number of threads.

    Args:
        groups: to learn from, with the texts that the dense leg embeds.
        held_out: to judge by; early stopping and the choice of the best look at their nDCG@10.
        recipe: how.
        folder: of this run: its log, its checkpoint, its encoder.
        say: hears (what, done, total).
        tensorboard: whether to log for TensorBoard too.

    Raises:
        TrainingDataError: if there is nothing to learn or to judge by.
        ModelMissingError: if the base cannot be loaded.
        OtherRunError: if the folder holds a run of another recipe.
    """
    check_groups(groups)
    check_groups(held_out)
    taught = useful(groups, recipe)
    if len(taught) < 2:
        raise TrainingDataError(
            "Fewer than two queries have products to learn from.", "Give more queries, with products that answer them."
        )
    same_run(folder, {"encoder": asdict(recipe), "groups": len(taught)})
    known = known_gains(groups)
    network = new_network(recipe)
    optimiser = _optimiser(network, recipe)
    checkpoints = Checkpoints(folder)
    history = History(**checkpoints.resume(network, optimiser))
    an_epoch = steps_an_epoch(taught, recipe)
    total, every = an_epoch * recipe.epochs, recipe.every or an_epoch
    began = time.monotonic() - history.seconds
    with RunLog(folder, history.step, tensorboard=tensorboard) as log:
        while history.step < total and history.stale < recipe.patience:
            rate = scheduled((history.step + 0.5) / total, recipe.warmup) * recipe.rate
            loss = _learn(network, optimiser, step_at(taught, recipe, history.step), known, recipe, rate)
            history.step += 1
            history.losses.append((history.step, round(loss, 5)))
            log.loss(Mark(history.step, loss, rate))
            say("training", history.step, total)
            if history.step % every and history.step < total:
                continue
            network.train(False)
            found = judge(network.encode, held_out, say).ndcg
            best = found > history.best
            history.judgements.append((history.step, found))
            history.seconds = time.monotonic() - began
            log.judgement(history.step, found, history.seconds)
            checkpoints.keep(network, optimiser, asdict(history), best=best)
    network.put(checkpoints.best())
    network.save(folder / SERVED)
    return TunedEncoder(folder / SERVED, history.best, history)


def _optimiser(network: BiNetwork, recipe: EncoderRecipe) -> Any:
    """AdamW; biases and norms do not decay."""
    import torch

    weights = list(network.trained().values())
    parts = [
        {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": recipe.decay},
        {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(parts, lr=recipe.rate)


def _learn(network: BiNetwork, optimiser: Any, step: Step, known: Known, recipe: EncoderRecipe, rate: float) -> float:
    """One step of the optimiser; the loss before it."""
    import torch

    network.train()
    for part in optimiser.param_groups:
        part["lr"] = rate
    vectors = network.embed([*step.queries, *step.texts])
    queries, texts = vectors[: len(step.queries)], vectors[len(step.queries) :]
    said = [[known[query].get(text) for text in step.texts] for query in step.queries]
    gains = torch.tensor([[0.0 if pair is None else pair[0] for pair in row] for row in said])
    weights = torch.tensor([[1.0 if pair is None else pair[1] for pair in row] for row in said])
    there = torch.tensor([[pair is not None for pair in row] for row in said])
    device = vectors.device
    loss = tuning_loss(queries @ texts.T, gains.to(device), weights.to(device), there.to(device), recipe)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(network.trained().values()), recipe.clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return float(loss.item())
