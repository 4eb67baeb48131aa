"""A training run as a picture: the loss and the held-out nDCG over its steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ranker.cross.training import History

STRETCHES = 200  # points of the loss curve at most; one is the mean of a stretch of steps


def write_curves(history: History, path: Path, before: float | None = None) -> Path:
    """Draw a run.

    Args:
        history: of the run.
        path: of the picture, an SVG or a PNG by its name.
        before: nDCG of the ranker in use, drawn as a line to be passed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    losses, found = figure.subplots(1, 2)
    losses.plot(*smoothed(history.losses), color="#8aa39b")
    losses.set(xlabel="steps", ylabel="loss", title="Training loss")
    found.plot(*zip(*history.judgements, strict=True), "o-", color="#2f6f5e", label="in training")
    if before is not None:
        found.axhline(before, ls="--", color="#b3543e", label="ranker in use")
        found.legend()
    found.set(xlabel="steps", ylabel="nDCG@10", title="Held-out queries")
    figure.savefig(path)
    return path


def smoothed(losses: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    """Means of stretches of the losses, with the last step of each."""
    size = -(-len(losses) // STRETCHES)
    stretches = [losses[start : start + size] for start in range(0, len(losses), size or 1)]
    return [part[-1][0] for part in stretches], [sum(loss for _, loss in part) / len(part) for part in stretches]
