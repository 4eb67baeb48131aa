"""``shopwise train ranker``: from groups to the ranker in use, in steps that can be taken up again.

1. what to learn from   2. the recipe, searched if wanted   3. training   4. export   5. the comparison
6. card and curves   7. into use
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ranker.cross.card import Card
from ranker.cross.curves import write_curves
from ranker.cross.export import Exported, export
from ranker.cross.judging import Judgement, Say, judge
from ranker.cross.recipe import Recipe
from ranker.cross.scoring import CrossEncoder, RankerMissingError
from ranker.cross.serving import Described, OnnxCrossEncoder
from ranker.cross.shelf import DONE, PLAN, SERVED, Shelf
from ranker.cross.training import Trained, train
from ranker.cross.tuning import search
from ranker.encoder import BUILT_IN, BUILT_IN_LANGUAGES
from ranker.groups import Group, GroupReport, by_source, check_groups, mix, read_groups, split, write_groups

LABELLED, UNLABELLED = 1.0, 0.5  # how much a ranker counts in the last order (docs/experiments.md)
BETTER = 0.0  # nDCG by which a new ranker may be worse and still take the old one's place
TRAIN, HELD_OUT = "train.jsonl", "held_out.jsonl"
SEARCHED = "searched.json"
CURVES = "curves.svg"
REPEATS = 4  # times that a mix may bring a group of a small source, in every epoch

Gather = Callable[[], Sequence[Group]]


@dataclass(frozen=True)
class Plan:
    """What to do with the groups.

    Attributes:
        recipe: of the training; a search begins with it.
        held_out: share of the queries to judge by.
        trials: of the search; 0: none.
        force: put the ranker in use even if it is worse.
        tensorboard: whether to log for TensorBoard too.
        licence: of the ranker, for its card; empty: that of the base and of the shop's data.
        command: how it was asked for, for its card.
        sources: what the groups are made of, for whoever gathers them.
        mix: share of each source in what is learned from; empty: every group once. All are judged by, once each.
    """

    recipe: Recipe
    held_out: float = 0.1
    trials: int = 0
    force: bool = False
    tensorboard: bool = True
    licence: str = ""
    command: str = "shopwise train ranker"
    sources: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])
    mix: Mapping[str, float] = field(default_factory=dict[str, float])

    def write(self, run: Path) -> None:
        """Writes it into a run's folder."""
        (run / PLAN).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, run: Path) -> Plan:
        """The plan of a run that was interrupted."""
        said = json.loads((run / PLAN).read_text(encoding="utf-8"))
        return cls(**said | {"recipe": Recipe(**said["recipe"])})


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        run: its folder.
        ndcg: of the new ranker on the held-out queries, as it would serve.
        before: of the ranker in use, on the same queries; ``None`` if there was none that works.
        fault: why the ranker in use could not be compared, if it could not.
        kept: whether the new one is in use now.
    """

    run: Path
    ndcg: float
    before: float | None
    fault: str
    kept: bool
    precision: str
    megabytes: float
    taught: GroupReport
    judged: GroupReport
    steps: int
    seconds: float

    def json_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"run": str(self.run)}


def tune(shelf: Shelf, run: Path, gather: Gather, plan: Plan, say: Say, default: CrossEncoder | None = None) -> Outcome:
    """Train a ranker and put it in use if it is no worse than the one that is.

    Args:
        shelf: where the shop keeps its rankers.
        run: folder of this run; one that was interrupted goes on.
        gather: gives what there is to learn from; it is asked once a run.
        plan: what to do with it.
        say: hears (what, done, total).
        default: the ranker that serves while the shop has none of its own.

    Raises:
        TrainingDataError: if nothing can be learned.
        RankerMissingError: if the base cannot be loaded.
        OtherRunError: if the folder holds a run of another recipe.
    """
    run.mkdir(parents=True, exist_ok=True)
    taught, held_out = _groups(run, gather, plan, say)
    plan.write(run)
    recipe = _recipe(run, taught, plan, say)
    trained = train(taught, held_out, recipe, run, say=say, tensorboard=plan.tensorboard)
    exported = export(trained.folder, run / SERVED, held_out, say=say)
    labelled = any(group.source != "catalogue" for group in taught)
    described = replace(Described.read(run / SERVED), languages=_languages(recipe.base))
    replace(described, weight=LABELLED if labelled else UNLABELLED).write(run / SERVED)
    say("comparing with the ranker in use", 0, 0)
    before, fault = _before(shelf, default, held_out)
    kept = plan.force or before is None or exported.judgement.ndcg >= before.ndcg - BETTER
    outcome = _outcome(run, trained, exported, before, fault, (taught, held_out), kept=kept)
    _describe(outcome, trained, exported, recipe, plan)
    if kept:
        shelf.put_in_use(run)
    (run / DONE).write_text(json.dumps(outcome.json_dict(), indent=1) + "\n", encoding="utf-8")
    return outcome


def _languages(base: str) -> Sequence[str]:
    """What a base has learned: the built-in one English, one of our runs what it says of itself."""
    if base in ("", BUILT_IN):
        return BUILT_IN_LANGUAGES
    served = Path(base).parent / SERVED
    return Described.read(served).languages if served.is_dir() else ()


def _groups(run: Path, gather: Gather, plan: Plan, say: Say) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """The groups to learn from and those to judge by; gathered once a run, so that it can go on with the same."""
    if not (run / HELD_OUT).exists():
        say("gathering what to learn from", 0, 0)
        groups = list(gather())
        check_groups(groups)
        taught, held_out = split(groups, plan.held_out, seed=plan.recipe.seed)
        if plan.mix:
            taught = mix(by_source(taught), plan.mix, seed=plan.recipe.seed, repeats=REPEATS)
        write_groups(run / TRAIN, taught)
        write_groups(run / HELD_OUT, held_out)
    return read_groups(run / TRAIN).groups, read_groups(run / HELD_OUT).groups


def _recipe(run: Path, taught: Sequence[Group], plan: Plan, say: Say) -> Recipe:
    """The plan's recipe, or the one that a search found, which is searched once a run.

    A search is judged by a part of what is taught, so that the held-out queries stay unseen.
    """
    if not plan.trials:
        return plan.recipe
    path = run / SEARCHED
    if not path.exists():
        inner, judged = split(taught, plan.held_out, seed=plan.recipe.seed + 1)
        found = search(inner, judged, plan.recipe, run / "search", plan.trials, say=say)
        path.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    return replace(plan.recipe, **json.loads(path.read_text(encoding="utf-8"))["recipe"])


def _before(shelf: Shelf, default: CrossEncoder | None, held_out: Sequence[Group]) -> tuple[Judgement | None, str]:
    """How the ranker in use does; one that is broken is said and need not be beaten."""
    try:
        folder = shelf.in_use()
        ranker = default if folder is None else OnnxCrossEncoder(folder)
        return (None if ranker is None else judge(ranker, held_out)), ""
    except RankerMissingError as error:
        return None, str(error)


def _outcome(
    run: Path,
    trained: Trained,
    exported: Exported,
    before: Judgement | None,
    fault: str,
    groups: tuple[Sequence[Group], Sequence[Group]],
    *,
    kept: bool,
) -> Outcome:
    return Outcome(
        run=run,
        ndcg=exported.judgement.ndcg,
        before=None if before is None else before.ndcg,
        fault=fault,
        kept=kept,
        precision=exported.chosen.precision,
        megabytes=exported.chosen.megabytes,
        taught=check_groups(groups[0]),
        judged=check_groups(groups[1]),
        steps=trained.history.step,
        seconds=round(trained.history.seconds, 1),
    )


def _describe(outcome: Outcome, trained: Trained, exported: Exported, recipe: Recipe, plan: Plan) -> None:
    """Card and curves."""
    card = Card(
        recipe=asdict(recipe),
        taught=outcome.taught,
        judged=outcome.judged,
        ndcg=outcome.ndcg,
        before=outcome.before,
        tried=exported.tried,
        chosen=exported.chosen.precision,
        seconds=outcome.seconds,
        steps=outcome.steps,
        mix=plan.mix,
        licence=plan.licence,
        command=plan.command,
        made=datetime.now(UTC).date(),
    )
    card.write(exported.folder)
    write_curves(trained.history, outcome.run / CURVES, outcome.before)
