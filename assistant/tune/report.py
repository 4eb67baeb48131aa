"""A training run as a picture: loss and exactness over its steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.tune.train import Judgement, Report

SMOOTHED = 20  # steps that one point of the training loss is the mean of


def write_report(run: Path, report: Report, before: Judgement, after: Judgement) -> Path:
    """Write ``curves.svg`` into the run's folder; its path."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    losses, exact = figure.subplots(1, 2)
    steps, smooth = smoothed(report.losses)
    losses.plot(steps, smooth, label="training", color="#8aa39b")
    losses.plot([j.step for j in report.judgements], [j.loss for j in report.judgements], "o-", label="held out")
    losses.axhline(before.loss, ls="--", color="#b3543e", label="adapter in use, held out")
    losses.set(xlabel="steps", ylabel="loss a token", title="Loss", yscale="log")
    losses.legend()
    for kind in sorted(after.exact):
        points = [(j.step, j.exact[kind]) for j in report.judgements if kind in j.exact]
        exact.plot([step for step, _ in points], [share for _, share in points], "o-", label=kind)
    exact.set(xlabel="steps", ylim=(0, 1), title="Answered exactly (right words so far given)")
    exact.legend()
    path = run / "curves.svg"
    figure.savefig(path)
    return path


def smoothed(losses: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    """Means of stretches of the losses, with the last step of each."""
    stretches = [losses[start : start + SMOOTHED] for start in range(0, len(losses), SMOOTHED)]
    return [part[-1][0] for part in stretches], [sum(loss for _, loss in part) / len(part) for part in stretches]
