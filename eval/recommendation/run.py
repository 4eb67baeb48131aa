"""``shopwise eval recommendation``: every model learns from the same histories and answers the same questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from eval.recommendation.contenders import CONTENDERS, Contender, chosen, unsuited
from eval.recommendation.measuring import Measured, Measuring, ScoreError, shelf
from eval.recommendation.report import Asked, Report, asked
from eval.recommendation.splits import Options, folds
from eval.recommendation.trials import Fold, Log
from ranker.behaviour.model import BehaviourError, BehaviourModel, Items, Vectors
from ranker.cross.judging import Say
from retriever.errors import BadInputError

Encode = Callable[[Sequence[str]], Vectors]
OWN, OTHERS = "frequency", "popularity"  # whom all are compared with where people may take things again, and elsewhere


@dataclass(frozen=True)
class Plan:
    """What is compared.

    Attributes:
        models: their names; none: all.
        options: how the data is split.
        baseline: whom the others are compared with; empty: what takes no learning.
    """

    models: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    baseline: str = ""


def evaluate(
    log: Log, plan: Plan, encode: Encode | None, say: Say, contenders: Mapping[str, Contender] = CONTENDERS
) -> Report:
    """All models of a plan on a log.

    Args:
        log: what people did.
        plan: which models, which questions.
        encode: makes vectors of the items' words; ``None``: the models go without.
        say: hears (what, done, total).
        contenders: the models there are.

    Raises:
        BadInputError: if a model is not known, or there is nobody to ask.
    """
    wanted = chosen(plan.models, contenders)
    if plan.baseline and plan.baseline not in wanted:
        raise BadInputError(f"The baseline {plan.baseline} takes no part.", "Name it with --models too.")
    found = folds(log, plan.options)
    vectors = _vectors(log, found[0].items, encode)
    trials = [trial for fold in found for trial in _tried(log, fold, vectors, wanted, plan, say)]
    return Report(
        log.name,
        len(log.people),
        len(found[0].items),
        log.events,
        plan.options.part,
        plan.options.seed,
        vectors is not None,
        _notes(log, plan),
        trials,
    )


def _tried(
    log: Log, fold: Fold, vectors: Vectors | None, wanted: Mapping[str, Contender], plan: Plan, say: Say
) -> list[Asked]:
    """One fold: each model is made, asked everything, and forgotten before the next one is made."""
    items = Items(fold.items, vectors)
    measuring = Measuring(fold.items, shelf(fold.items, fold.training, vectors, log.categories), plan.options.seed)
    measured: dict[str, dict[str, Measured]] = {trial.name: {} for trial in fold.trials}
    fits: dict[str, float] = {}
    skipped: dict[str, str] = {}
    for name, contender in wanted.items():
        why = unsuited(contender, log, vectors=vectors is not None)
        if why:
            skipped[name] = why
            continue
        try:
            began = time.process_time()
            model = _fitted(name, contender, fold, items, say)
            fits[name] = time.process_time() - began
            answers = {trial.name: measuring.measure(model, trial, say) for trial in fold.trials}
        except (BehaviourError, ScoreError) as error:
            skipped[name] = str(error)
            continue
        for trial, found in answers.items():
            measured[trial][name] = found
    return [
        asked(
            trial,
            fold.name,
            measured[trial.name],
            fits,
            skipped,
            plan.baseline or (OWN if trial.repeats else OTHERS),
        )
        for trial in fold.trials
    ]


def _fitted(name: str, contender: Contender, fold: Fold, items: Items, say: Say) -> BehaviourModel:
    return contender.make().fit(
        fold.training, items, lambda what, done, total: say(f"{name}, {fold.name}: {what}", done, total)
    )


def _vectors(log: Log, items: Sequence[str], encode: Encode | None) -> Vectors | None:
    """One row an item; what has no words gets the vector of none, a row of zeros."""
    if encode is None or not log.texts:
        return None
    texts = list(dict.fromkeys(text for item in items if (text := log.texts.get(item, ""))))
    if not texts:
        return None
    import numpy as np

    found = np.asarray(encode(texts), dtype=np.float32)
    rows = {text: row for row, text in enumerate(texts)}
    vectors = np.zeros((len(items), found.shape[1]), dtype=np.float32)
    for row, item in enumerate(items):
        text = log.texts.get(item, "")
        if text:
            vectors[row] = found[rows[text]]
    return vectors


def _notes(log: Log, plan: Plan) -> list[str]:
    told = ["Every figure is of a ranking of the whole catalogue; equal scores stand in an order drawn by lot."]
    if not log.dated:
        told.append(
            "The data holds the order of events and no dates: events of one day stand as the file has them, and "
            "cannot be shuffled."
        )
    if plan.options.least:
        told.append(f"Items that fewer than {plan.options.least} people took before are not in the catalogue.")
    if plan.options.limit:
        told.append(f"At most {plan.options.limit} people a question, drawn by lot.")
    return told
