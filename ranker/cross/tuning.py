"""Looking for a better recipe with Optuna: short trials, hopeless ones ended early, best one used.

A study is kept in the run's folder and goes on where it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ranker.cross.judging import Say, silent
from ranker.cross.recipe import Recipe
from ranker.cross.training import train
from ranker.groups import Group

if TYPE_CHECKING:
    from optuna import Study, Trial

STUDY = "study.sqlite"
WARM_UP = 3  # trials that run to their end before others are compared with them


@dataclass(frozen=True)
class Found:
    """The best recipe of a search, its nDCG, and how many trials there were and were given up."""

    recipe: Recipe
    ndcg: float
    trials: int
    given_up: int


def search(
    groups: Sequence[Group],
    held_out: Sequence[Group],
    recipe: Recipe,
    folder: Path,
    trials: int,
    *,
    say: Say = silent,
) -> Found:
    """Try recipes near the given one; the best by held-out nDCG@10.

    Args:
        groups: to learn from.
        held_out: to judge by.
        recipe: what is not searched is taken from it; it is also the first that is tried.
        folder: for the study and for the trial that runs.
        trials: in all, those of an interrupted search included.
        say: hears (what, done, total).
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name="ranker",
        storage=f"sqlite:///{folder / STUDY}",
        load_if_exists=True,
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=WARM_UP),
    )
    if not study.trials:
        study.enqueue_trial(_point(recipe))
    ended = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    work = folder / "trial"

    def attempt(trial: Trial) -> float:
        shutil.rmtree(work, ignore_errors=True)
        step_of = iter(range(1_000_000))

        def give_up(_step: int, ndcg: float) -> bool:
            trial.report(ndcg, next(step_of))
            return trial.should_prune()

        trained = train(
            groups, held_out, _suggested(trial, recipe), work, say=silent, tensorboard=False, give_up=give_up
        )
        if trained.given_up:
            raise optuna.TrialPruned
        return trained.ndcg

    while (done := len(study.get_trials(deepcopy=False, states=ended))) < trials:
        say("searching recipes", done, trials)
        # Seeded by how far the study is: one that goes on does not try the same points again.
        study.sampler = optuna.samplers.TPESampler(seed=recipe.seed + len(study.trials), n_startup_trials=WARM_UP)
        study.optimize(attempt, n_trials=1)
    shutil.rmtree(work, ignore_errors=True)
    return _found(study, recipe)


def _point(recipe: Recipe) -> dict[str, object]:
    """The given recipe as a first trial."""
    return {
        "rate": recipe.rate,
        "loss": recipe.loss if recipe.loss in ("lambda", "bce") else "lambda",
        "dropout": recipe.dropout,
        **({"layers": recipe.layers} if recipe.method == "layers" else {}),
        **({"rank": recipe.rank} if recipe.method == "lora" else {}),
    }


def _suggested(trial: Trial, recipe: Recipe) -> Recipe:
    """The recipe of a trial: only what its method looks at is searched."""
    loss = trial.suggest_categorical("loss", ["lambda", "bce"])
    return replace(
        recipe,
        rate=trial.suggest_float("rate", 5e-6, 5e-3, log=True),
        loss="bce" if loss == "bce" else "lambda",
        dropout=trial.suggest_float("dropout", 0.0, 0.3),
        layers=trial.suggest_int("layers", 1, 6) if recipe.method == "layers" else recipe.layers,
        rank=trial.suggest_int("rank", 2, 64, log=True) if recipe.method == "lora" else recipe.rank,
    )


def _found(study: Study, recipe: Recipe) -> Found:
    import optuna

    given_up = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.PRUNED,))
    best = study.best_trial
    return Found(replace(recipe, **best.params), float(best.value or 0.0), len(study.trials), len(given_up))
