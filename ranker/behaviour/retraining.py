"""Training a shop's behaviour model anew: learned apart from what it is judged by, and used only if it is no worse.

The people who judge are always the same ones, drawn by their names: the last new item that each of them took, or where
people take the same again and again the last one, is learned by no model, so that neither the new one nor the one in
use has seen what they are compared on.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any

from ranker.behaviour import stored
from ranker.behaviour.columns import Columns
from ranker.behaviour.gate import Verdict, challenge
from ranker.behaviour.kinds import read_model
from ranker.behaviour.model import (
    BehaviourError,
    BehaviourModel,
    Event,
    HeldOut,
    History,
    Items,
    OtherShapeError,
    UnfitError,
)
from ranker.behaviour.repeating import PURCHASES
from ranker.behaviour.sequence import SequenceModel
from ranker.behaviour.trainers import CHECK_THEMSELVES, OF_REPEATS, Wish, trainer, usual
from ranker.cross.judging import Say
from ranker.cross.scoring import RankerMissingError
from ranker.cross.shelf import DONE, SERVED, Shelf

LEAST = 20  # people to judge by: with fewer, any model seems as good as any other
MOST = 2_000  # people to judge by: more make it slower and hardly surer
CHECKED = 0.1  # of the people, for a training to see when to end
CARD = "README.md"  # beside the model


@dataclass(frozen=True)
class Plan:
    """What to train, and when it is used.

    Attributes:
        model: its name in ``trainers``; empty: the one that suits the shop.
        epochs: of a model that is trained in rounds; 0: as many as usual.
        held_out: share of the people to judge by.
        again: judge by the last item that a person took even if it was not new to them, as where groceries are sold.
        anew: begin with nothing, though the model in use could learn on.
        force: use the result even if it is worse.
        command: how it was asked for, for the card.
    """

    model: str = ""
    epochs: int = 0
    seed: int = 7
    held_out: float = 0.2
    again: bool = False
    anew: bool = False
    force: bool = False
    command: str = "shopwise train behaviour"


@dataclass(frozen=True)
class Outcome:
    """What came of a training.

    Attributes:
        run: its folder.
        verdict: how it did beside the model in use.
        kept: whether it is in use now.
        fault: why the model in use could not be compared, if it could not.
        warm: whether it learned on from the model in use.
        again: whether the last item counted even if it was not new to the person.
        replaced: the run whose model was in use until then; empty if there was none, or it stays.
    """

    run: Path
    model: str
    verdict: Verdict
    kept: bool
    fault: str
    warm: bool
    people: int
    events: int
    items: int
    megabytes: float
    seconds: float
    again: bool
    replaced: str
    made: str

    def json_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"run": str(self.run)}


@dataclass(frozen=True)
class Parted:
    """Histories to learn from, what is held out to judge by, and what a training may look at while it goes on."""

    learned: Sequence[History]
    held: Sequence[HeldOut]
    checked: Sequence[HeldOut] = ()


def part(
    people: Mapping[str, History],
    items: Items,
    share: float,
    *,
    again: bool = False,
    bought: bool = False,
    checked: float = 0.0,
) -> Parted:
    """Holds out the last new item, or the last one, of a share of the people, always the same ones.

    Args:
        people: everybody's history by name.
        items: of the catalogue.
        share: of the people to judge by.
        again: hold out the last item even if it is not new to the person.
        bought: of these only what was bought, where events say what was done.
        checked: share of the people, others than these, by whom a training sees when to end.

    Raises:
        BehaviourError: if there are too few people to judge by.
    """
    columns = Columns(items.ids)
    learned: dict[str, History] = {name: columns.known(history) for name, history in people.items()}
    ends = {name: end for name, history in learned.items() if (end := _end(history, again, bought)) > 0}
    if len(ends) < LEAST:
        raise BehaviourError(
            f"Only {len(ends)} people took two different goods of the shop or more; a model needs {LEAST} of them.",
            "Send more events to POST /api/events, or import them; until then what is popular and alike is shown.",
        )
    by_lot = sorted(ends, key=_lot)
    drawn = by_lot[: min(MOST, max(LEAST, round(share * len(by_lot))))]
    others = by_lot[len(drawn) :][: min(MOST, round(checked * len(by_lot)))]
    held = {name: HeldOut(learned[name][:end], learned[name][end].item) for name, end in ends.items()}
    for name in (*drawn, *others):
        learned[name] = held[name].history
    return Parted(
        [history for history in learned.values() if history],
        [held[name] for name in drawn],
        [held[name] for name in others],
    )


def retrain(shelf: Shelf, people: Mapping[str, History], items: Items, plan: Plan, say: Say) -> Outcome:
    """Trains a model and puts it in use if it is not significantly worse than the one that is.

    Args:
        shelf: where the shop keeps its behaviour models.
        people: everybody's history by name.
        items: of the catalogue now.
        plan: what to train.
        say: hears (what, done, total).

    Raises:
        BehaviourError: if there is too little to learn from, or the model cannot be trained.
    """
    began = monotonic()
    again = plan.again or plan.model in OF_REPEATS
    # By its own last events a training would end early where people come back to what they had: those are no test.
    checked = CHECKED if plan.model in CHECK_THEMSELVES and not again else 0.0
    parted = part(people, items, plan.held_out, again=again, bought=plan.model in OF_REPEATS, checked=checked)
    name = plan.model or usual(len({event.item for history in parted.learned for event in history}))
    champion, fault = _in_use(shelf, items, again=again)
    run = shelf.new_run()
    try:
        model, warm = _trained(name, champion, parted, items, plan, run, say)
        say("comparing with the model in use", 0, 1)
        verdict = challenge(champion, model, parted.held, again=again, seed=plan.seed)
        say("comparing with the model in use", 1, 1)
        stored.write(model, run / SERVED)
    except BaseException:
        shutil.rmtree(run, ignore_errors=True)  # a model that was not finished is of no use to anybody
        raise
    kept = verdict.replaces or plan.force
    outcome = Outcome(
        run=run,
        model=name,
        verdict=verdict,
        kept=kept,
        fault=fault,
        warm=warm,
        people=len(parted.learned),
        events=sum(map(len, parted.learned)),
        items=len(items.ids),
        megabytes=round((run / SERVED / stored.ARRAYS).stat().st_size / 1e6, 2),
        seconds=round(monotonic() - began, 1),
        again=again,
        replaced=_serving(shelf) if kept else "",
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    _finish(shelf, outcome, plan)
    return outcome


def _in_use(shelf: Shelf, items: Items, *, again: bool) -> tuple[BehaviourModel | None, str]:
    """The model in use over today's goods, or why there is none to compare with."""
    try:
        folder = shelf.in_use()
        if folder is not None and _said(folder.parent).get("again") and not again:
            return None, "It was trained with --again, and has learned what the new one is judged by."
        return (None if folder is None else read_model(folder, items)), ""
    except (UnfitError, RankerMissingError) as error:
        return None, f"{error} {error.hint}".strip()


def _trained(
    name: str, champion: BehaviourModel | None, parted: Parted, items: Items, plan: Plan, run: Path, say: Say
) -> tuple[stored.Storable, bool]:
    """The new model, and whether it learned on from the one in use."""
    start = None if plan.anew or not isinstance(champion, SequenceModel) or name != "sequence" else champion
    wish = Wish(plan.epochs, plan.seed, start, run / "training", parted.checked)
    try:
        model = trainer(name, wish).fit(parted.learned, items, say)
    except OtherShapeError:
        start = None
        model = trainer(name, replace(wish, start=None)).fit(parted.learned, items, say)
    if not isinstance(model, stored.Storable):
        raise BehaviourError(f"A model '{name}' cannot be kept on disk.", "Train another one.")
    return model, start is not None


def _finish(shelf: Shelf, outcome: Outcome, plan: Plan) -> None:
    """Writes down what came of a run, puts its model in use, and clears away models that are no longer needed."""
    card = outcome.run / SERVED / CARD
    card.write_text(card_of(outcome, plan), encoding="utf-8")
    done = json.dumps(outcome.json_dict(), indent=1) + "\n"
    (outcome.run / DONE).write_text(done, encoding="utf-8")
    if outcome.kept:
        shelf.put_in_use(outcome.run)
    _clear(shelf, outcome.run)


def _clear(shelf: Shelf, newest: Path) -> None:
    """Deletes the models of old runs, but not the one in use and the one that it replaced; what came of them stays."""
    serving = _serving(shelf)
    replaced = _said(shelf.folder / serving).get("replaced") if serving else ""
    for run in shelf.folder.glob("run-*"):
        if run.name not in (newest.name, serving, replaced):
            shutil.rmtree(run / SERVED, ignore_errors=True)


def _serving(shelf: Shelf) -> str:
    """The name of the run whose model is in use; empty if there is none that works."""
    try:
        folder = shelf.in_use()
    except RankerMissingError:
        return ""
    return folder.parent.name if folder is not None else ""


def _said(run: Path) -> dict[str, Any]:
    """What came of an earlier run; nothing where that cannot be read."""
    try:
        return dict(json.loads((run / DONE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _lot(name: str) -> bytes:
    return sha256(name.encode()).digest()


def _end(history: Sequence[Event], again: bool, bought: bool) -> int:
    """Where a person took the last item, or the last one that was new to them; 0 if there is nothing before it."""
    if again:
        places = [place for place, event in enumerate(history) if not bought or event.kind in PURCHASES]
        return max(places, default=0)
    firsts: dict[str, int] = {}
    for place, event in enumerate(history):
        firsts.setdefault(event.item, place)
    return max(firsts.values(), default=0)


def card_of(outcome: Outcome, plan: Plan) -> str:
    """The model card: what the model was made from, how, and how good it is."""
    verdict = outcome.verdict
    before = "none" if verdict.champion is None else f"{verdict.champion:.4f}"
    warm = ", from the model in use on" if outcome.warm else ""
    people, goods = f"{verdict.people} people", f"{outcome.items} goods"
    new = f"last new item of {people}, ranked among all {goods} that they had not taken before"
    asked = f"last item of {people}, new to them or not, ranked among all {goods}" if outcome.again else new
    return f"""# Behaviour model of {outcome.made[:10]}

`{outcome.model}`: says from what a person did in the shop what they are likely to want next.

## Figures

nDCG@10 of the {asked}.
Neither model has learned these items of them.

| | nDCG@10 |
|---|---|
| this model | {verdict.challenger:.4f} |
| model in use before | {before} |

{verdict.reason} {"It is in use." if outcome.kept else "It is not in use."}

## Data

The shop's own records: {outcome.events} events of {outcome.people} people, customers and visits. Left out are
people who have switched their profile off, what was to be forgotten, and visitors that are programs.

## Training

{outcome.seconds:.0f} s, seed {plan.seed}{warm}; {outcome.megabytes:.1f} MB.
Made with `{plan.command}`.

## Limits

It knows this shop's goods and this shop's visitors. It holds no names, but which goods are taken together may
tell of people where few took them: treat the files like the records that they come from.
"""
