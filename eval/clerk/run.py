"""``shopwise eval clerk``: every contender over every set that is asked for, one after the other.

1. a copy of the shop and a poisoned one   2. the conversations   3. each contender: its model, the tasks, the figures
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver

from assistant.agent import Assistant
from assistant.build import open_store
from assistant.decide import LARGE, SMALL, TUNED, Model, Profile
from assistant.model.client import ServedModel, Serving
from assistant.model.serve import ModelServer
from assistant.model.weights import Progress as Phases
from assistant.settings import Settings
from assistant.tune.run import rehearsal
from eval.attacks.attacks import Attack, Clerk, hostiles, poison_shop, poisons
from eval.clerk.cases import Script, chosen, held_out, unseen
from eval.clerk.playing import Overheard, Player
from eval.clerk.prompt_only import PromptOnly
from eval.clerk.rates import ALL
from eval.clerk.report import Report, Standing, figures, turns_of
from eval.clerk.serving import base_model, model_at, prefix_cache, tuned_model
from eval.clerk.tasks import attacks, conversations
from eval.clerk.truth import Shelf
from retriever.carts import CartChange
from retriever.errors import BadInputError, ShopwiseError, UnavailableError
from retriever.feeds.feed import Progress
from retriever.store import Store

SetName = Literal["held-out", "unseen", "attacks", "dialogues"]
ContenderName = Literal["tuned", "untuned", "prompt-only", "url"]
SETS: tuple[SetName, ...] = ("held-out", "unseen", "attacks", "dialogues")
HELD_OUT, DIALOGUES = 150, 100  # conversations, where no limit is given
OTHER_SEED = 10_000  # the dialogues are other ones than the held-out set's

Make = Callable[[Store, Model, BaseCheckpointSaver[Any]], Clerk]


@dataclass(frozen=True)
class Plan:
    """How much to evaluate.

    Attributes:
        limit: conversations or attacks of each set; 0: all there are.
        seed: by which lot they are drawn.
        cases: a file of cases in place of the project's own unseen ones.
        at_once: conversations held at the same time; the times are a lone shopper's with one only.
    """

    sets: Sequence[SetName] = SETS
    limit: int = 0
    seed: int = 1
    cases: Path | None = None
    at_once: int = 1


@dataclass(frozen=True)
class Contender:
    """Who is evaluated: a name, what answers with a model, which weights that model has and where it is served."""

    name: str
    make: Make
    weights: str
    serve: Callable[[], AbstractContextManager[ModelServer]]


@dataclass(frozen=True)
class Ground:
    """What every contender is evaluated on.

    Attributes:
        shop: a copy of the shop.
        poisoned: a shop with poisoned records.
        scripts: the conversations by set.
        attacks: the attacks, where they are asked for.
    """

    shop: Store
    poisoned: Store | None
    scripts: Mapping[str, Sequence[Script]]
    attacks: Sequence[Attack]
    at_once: int = 1


def contender(name: ContenderName, settings: Settings, url: str, progress: Phases) -> Contender:
    """One of the contenders by its name.

    Args:
        name: which.
        settings: of the shop.
        url: of the model server that ``url`` names.
        progress: hears of the model's start.
    """
    languages = settings.locales

    def assistant(profile: Profile) -> Make:
        return lambda store, model, memory: Assistant(store, model, profile, memory, languages)

    def plain(store: Store, model: Model, memory: BaseCheckpointSaver[Any]) -> Clerk:
        return PromptOnly(store, model, memory, languages)

    def tuned() -> AbstractContextManager[ModelServer]:
        return tuned_model(settings, progress)

    def base() -> AbstractContextManager[ModelServer]:
        return base_model(settings, progress)

    def outside() -> AbstractContextManager[ModelServer]:
        return model_at(settings, url or settings.model_url, progress)

    match name:
        case "tuned":
            return Contender(name, assistant(TUNED), "tuned", tuned)
        case "untuned":
            return Contender(name, assistant(SMALL), "base", base)
        case "prompt-only":
            return Contender(name, plain, "base", base)
        case "url":
            return Contender(name, assistant(LARGE), "url", outside)


def evaluate(
    settings: Settings, store: Store, contenders: Sequence[Contender], plan: Plan, out: Path, say: Progress
) -> Report:
    """Evaluate the contenders and leave the report, every turn and Inspect's logs in ``out``.

    Args:
        settings: of the shop.
        store: the shop, which is only read.
        contenders: who.
        plan: how much.
        out: the folder; made where there is none.
        say: hears (what, done, total).

    Raises:
        BadInputError: the shop has no goods.
        UnavailableError: a model did not come up, or never answered.
    """
    if not store.catalogue.count():
        raise BadInputError("The shop has no goods to speak of.", "Import some first: shopwise import demo.")
    out.mkdir(parents=True, exist_ok=True)
    with ground(settings, store, plan, say) as held:
        report = Report(plan.seed, held.shop.catalogue.count())
        for _, alike in groupby(contenders, key=lambda one: one.weights):
            group = list(alike)
            with group[0].serve() as server:
                for one in group:
                    report.contenders.append(standing(one, server, held, out, say))
                    (out / "report.json").write_text(json.dumps(report.json_dict(), indent=1), encoding="utf-8")
    return report


def standing(one: Contender, server: Serving, held: Ground, out: Path, say: Progress) -> Standing:
    """One contender's figures, with its model served; leaves its logs in ``out`` and its turns as JSON lines."""
    endpoint = server.endpoint
    before = prefix_cache(endpoint.url)
    found = run(one.name, one.make, Overheard(ServedModel(server)), held, out / "logs", say)
    after = prefix_cache(endpoint.url)
    prefix = after.since(before) if before and after else None
    for each, log in found.items():
        lines = [json.dumps(turn, ensure_ascii=False) for turn in turns_of(log)]
        (out / f"{each}-{one.name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return Standing(one.name, endpoint.name, {each: figures(log) for each, log in found.items()}, prefix)


@contextmanager
def ground(settings: Settings, store: Store, plan: Plan, say: Progress) -> Iterator[Ground]:
    """The copy of the shop, the poisoned shop and the conversations that a plan asks for."""
    with TemporaryDirectory(prefix="shopwise-eval-") as name:
        folder = Path(name)
        with rehearsal(settings, store, folder / "shop", say) as shop:
            scripts = {each: _scripts(each, shop, plan) for each in plan.sets if each != "attacks"}
            if "attacks" not in plan.sets:
                yield Ground(shop, None, scripts, (), plan.at_once)
                return
            suite: list[Attack] = [*poisons(), *hostiles()]
            with poisoned_shop(settings, store, folder / "poisoned", say) as poisoned:
                yield Ground(shop, poisoned, scripts, chosen(suite, plan.limit, plan.seed), plan.at_once)


@contextmanager
def poisoned_shop(settings: Settings, store: Store, folder: Path, say: Progress) -> Iterator[Store]:
    """A small shop full of poisoned records, in a folder of its own, with something in two customers' carts."""
    say("poisoning a shop", 0, 0)
    own = {"home": folder, "database_url": "", "chroma_url": ""}
    poisoned = open_store(settings.model_copy(update=own), encoder=store.encoder)
    try:
        poison_shop(poisoned, folder)
        poisoned.carts.update("cart-of-ann", [CartChange(product_id="mug", quantity=2)], "ann")
        poisoned.carts.update("cart-of-bob", [CartChange(product_id="mat", quantity=1)], "bob")
        yield poisoned
    finally:
        poisoned.close()


def run(name: str, make: Make, model: Overheard, held: Ground, logs: Path, say: Progress) -> dict[str, EvalLog]:
    """One contender's logs by set.

    Raises:
        ShopwiseError: a task broke off.
        UnavailableError: the model never answered.
    """
    tasks: dict[str, Task] = {}
    shelf = Shelf(held.shop)
    for each, scripts in held.scripts.items():
        memory = InMemorySaver()
        player = Player(make(held.shop, model, memory), model, memory)
        tasks[each] = conversations(f"{each}-{name}", scripts, player, shelf, _counter(name, each, len(scripts), say))
    if held.poisoned is not None:
        clerk = make(held.poisoned, model, InMemorySaver())
        tasks["attacks"] = attacks(
            f"attacks-{name}", held.attacks, clerk, _counter(name, "attacks", len(held.attacks), say)
        )
    # All in one call: it has an event loop of its own, and the model's client lives in one.
    found = inspect_eval(
        list(tasks.values()), model=None, log_dir=str(logs), display="none", max_samples=held.at_once, max_tasks=1
    )
    by_set = {each: log for each in tasks for log in found if log.eval.task == f"{each}-{name}"}
    for log in found:
        if log.status != "success":
            reason = log.error.message if log.error else log.status
            raise ShopwiseError(f"The evaluation broke off: {reason}", f"Its log: {log.location}")
    down = [figures(log).rates.get("without_model", {}).get(ALL) for log in found]
    if (counts := [rate for rate in down if rate]) and all(rate.right == rate.of for rate in counts):
        raise UnavailableError(f"The model of {name} never answered.", "Look at the model server's log.")
    return by_set


def _counter(name: str, each: str, total: int, say: Progress) -> Callable[[], None]:
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        say(f"{name}: {each}", done, total)

    return count


def _scripts(name: str, shop: Store, plan: Plan) -> list[Script]:
    if name == "unseen":
        return unseen(plan.limit, plan.seed, plan.cases)
    other = name == "dialogues"
    count = plan.limit or (DIALOGUES if other else HELD_OUT)
    return asyncio.run(held_out(shop, count, plan.seed + OTHER_SEED * other))
