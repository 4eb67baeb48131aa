"""``shopwise train assistant``: from a shop to an adapter of its own, in steps that can be taken up again.

1. a rehearsal shop   2. dialogues   3. the base model   4. training   5. the comparison   6. keeping it
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.build import open_store
from assistant.conversation import open_checkpointer
from assistant.model.adapter import CONFIG, WEIGHTS, Adapter, adapter_of, own_folder
from assistant.model.weights import write_base
from assistant.settings import Settings
from assistant.tune.corpora import corpora
from assistant.tune.data import Director, Example, split
from assistant.tune.report import write_report
from assistant.tune.train import Judgement, Recipe, Report, Say, assess, train
from assistant.tune.transcripts import transcripts
from retriever.errors import BadInputError
from retriever.export.reading import snapshot
from retriever.feeds.feed import Item, Progress, silent
from retriever.store import Store
from retriever.writing import TABLES

BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
BETTER = 0.002  # nats a token by which a new adapter may be worse and still count as equal


@dataclass(frozen=True)
class Plan:
    """How much to rehearse, and how to train.

    Attributes:
        corpora: folder of public corpora to mix in (see ``corpora.py``).
        conversations: whether to learn from the shop's own conversations too (see ``transcripts.py``).
        anew: begin with the bare base model, not with the adapter in use.
    """

    recipe: Recipe
    dialogues: int = 7_000
    held_out: int = 120
    seed: int = 1
    corpora: Path | None = None
    conversations: bool = False
    anew: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a training: the run's report, the comparison on held-out dialogues, and whether it is kept."""

    report: Report
    before: Judgement
    after: Judgement
    kept: bool
    folder: Path


def tune(settings: Settings, store: Store, run: Path, plan: Plan, *, force: bool, say: Say) -> Outcome:
    """Train on the shop and keep the adapter if it is no worse than the one in use.

    Args:
        settings: of the shop.
        store: its open store, which is only read.
        run: folder of this run; one that was interrupted goes on.
        plan: how much.
        force: keep the adapter even if it is worse.
        say: hears (what, done, total).

    Raises:
        BadInputError: if the shop has nothing to speak of.
        UnavailableError: if the built-in model's package is missing.
    """
    if not store.catalogue.count():
        raise BadInputError(
            "The shop has no goods to train on.", "Import some first, for example: shopwise import demo."
        )
    run.mkdir(parents=True, exist_ok=True)
    examples, held_out = dialogues(settings, store, run, plan, say)
    base = run / "base"
    if not (base / "tokenizer.json").exists():
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir()
        write_base(base, lambda phase, _: say(phase, 0, 0))
    tokenizer = load_tokenizer(base)
    in_use = adapter_of(settings)
    start = None if in_use is None or plan.anew or not _fits(in_use, plan.recipe) else in_use.folder
    report = train(base, tokenizer, run, examples, held_out, plan.recipe, say, start)
    say("comparing with the adapter in use", 0, 0)
    before = assess(base, in_use.folder if in_use else None, tokenizer, held_out, plan.recipe)
    after = assess(base, run / "adapter", tokenizer, held_out, plan.recipe)
    kept = plan.recipe.method == "lora" and (force or after.loss <= before.loss + BETTER)
    if kept:
        keep(Adapter(run / "adapter"), own_folder(settings))
    outcome = Outcome(report, before, after, kept, own_folder(settings))
    (run / "outcome.json").write_text(json.dumps(asdict(outcome), default=str, indent=1), encoding="utf-8")
    write_report(run, report, before, after)
    return outcome


def _fits(adapter: Adapter, recipe: Recipe) -> bool:
    """Whether an adapter can learn on by a recipe."""
    described = json.loads((adapter.folder / CONFIG).read_text(encoding="utf-8"))
    return recipe.method == "lora" and described.get("peft_type") == "LORA" and described.get("r") == recipe.rank


def dialogues(settings: Settings, store: Store, run: Path, plan: Plan, say: Say) -> tuple[list[Example], list[Example]]:
    """The examples to train on and those to judge by; written once a run."""
    train_file, held_file = run / "train.jsonl", run / "held_out.jsonl"
    if not (train_file.exists() and held_file.exists()):
        with rehearsal(settings, store, run / "rehearsal", say) as shop:
            train_part, held_part = split(shop)
            borrowed = corpora(plan.corpora, random.Random(plan.seed)) if plan.corpora else []  # noqa: S311 (no secret)
            own = asyncio.run(_own(settings)) if plan.conversations else []
            judges, teaches = Director(shop, held_part, plan.seed), Director(shop, train_part, plan.seed, borrowed)
            asyncio.run(_hold(judges, plan.held_out, held_file, "rehearsing (held out)", say))
            asyncio.run(_hold(teaches, plan.dialogues, train_file, "rehearsing", say, own))
    return read_examples(train_file), read_examples(held_file)


async def _hold(
    director: Director, count: int, file: Path, what: str, say: Say, further: Sequence[Example] = ()
) -> None:
    draft = file.with_suffix(".new")
    done = 0
    with draft.open("w", encoding="utf-8") as out:
        out.writelines(f"{example.line()}\n" for example in further)
        async for examples in director.examples(count):
            done += 1
            out.writelines(f"{example.line()}\n" for example in examples)
            say(what, done, count)
    draft.rename(file)


async def _own(settings: Settings) -> list[Example]:
    async with open_checkpointer(settings) as saver:
        return await transcripts(saver)


def read_examples(path: Path) -> list[Example]:
    """The examples of a file, each once."""
    lines = dict.fromkeys(path.read_text(encoding="utf-8").splitlines())
    return [Example(**json.loads(line)) for line in lines]


@contextmanager
def rehearsal(settings: Settings, store: Store, folder: Path, progress: Progress) -> Generator[Store]:
    """A copy of the shop in a folder of its own, so that no rehearsed order or cart reaches the real one."""
    shutil.rmtree(folder, ignore_errors=True)
    own = settings.model_copy(
        update={"home": folder, "database_url": "", "chroma_url": "", "model": "", "model_url": ""}
    )
    copy = open_store(own, encoder=store.encoder)
    try:
        copy.importer.run(Copied(store), progress=progress)
        yield copy
    finally:
        copy.close()
        shutil.rmtree(folder, ignore_errors=True)


class Copied:
    """Another shop's rows as a feed."""

    name = "rehearsal"
    source = "rehearsal"

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, progress: Progress = silent) -> Iterator[Item]:
        """Every row of the shop."""
        line = 0
        with snapshot(self._store.database, self._store.currency) as shop:
            for kind in TABLES:
                for batch in shop.batches(kind):
                    for row in batch:
                        line += 1
                        yield line, row


def load_tokenizer(base: Path) -> Any:
    """The tokenizer with the chat template that the server uses."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(base)


def keep(adapter: Adapter, folder: Path) -> None:
    """Put an adapter where the shop looks for its own, as half floats, whole or not at all."""
    import numpy as np
    from safetensors.numpy import load_file, save_file

    draft = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    halves = {name: value.astype(np.float16) for name, value in load_file(adapter.folder / WEIGHTS).items()}
    save_file(halves, draft / WEIGHTS)
    described = json.loads((adapter.folder / CONFIG).read_text(encoding="utf-8"))
    described["base_model_name_or_path"] = BASE  # peft wrote down a folder of this machine
    (draft / CONFIG).write_text(json.dumps(described, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def shown(judgement: Judgement) -> Sequence[tuple[str, float]]:
    """A judgement's figures, named for a table."""
    return [("loss a token", judgement.loss), *sorted(judgement.exact.items())]
