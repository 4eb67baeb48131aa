"""``shopwise train encoder``: from groups to an encoder for the dense leg, in steps that can be taken up again.

1. what to learn from   2. training   3. the comparison with the encoder in use   4. card and curves
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ranker.bi.card import card_text
from ranker.bi.judging import Encode, Recall, judge, matching_floor, recall, seconds_a_text
from ranker.bi.recipe import EncoderRecipe
from ranker.bi.training import TunedEncoder, train
from ranker.cross.card import CARD
from ranker.cross.curves import write_curves
from ranker.cross.judging import Say
from ranker.cross.run import CURVES, HELD_OUT, TRAIN
from ranker.cross.shelf import DONE, PLAN
from ranker.encoder import TRAITS, Encoder, ModelMissingError, SentenceEncoder, Vectors
from ranker.groups import Group, GroupReport, TrainingDataError, check_groups, read_groups, write_groups

REFUSED = "refused"
TIMED = 128  # texts on which the cost of a new index is measured
PAIRED = 500  # queries and texts, at most, on whose pairs the floor is measured


@dataclass(frozen=True)
class Lessons:
    """Groups to learn from and groups to judge by, of different queries."""

    taught: Sequence[Group]
    held_out: Sequence[Group]


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        recipe: of the training.
        among: products that recall is measured among; 0: it is not measured.
        force: keep the encoder even if it is worse.
        tensorboard: whether to log for TensorBoard too.
        command: how it was asked for, for its card.
        sources: what the groups are made of, for whoever gathers them.
    """

    recipe: EncoderRecipe
    among: int = 20_000
    force: bool = False
    tensorboard: bool = True
    command: str = "shopwise train encoder"
    sources: Mapping[str, str | float] = field(default_factory=dict[str, "str | float"])

    def write(self, run: Path) -> None:
        """Writes it into a run's folder."""
        (run / PLAN).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, run: Path) -> Plan:
        """The plan of a run that was interrupted."""
        said = json.loads((run / PLAN).read_text(encoding="utf-8"))
        return cls(**said | {"recipe": EncoderRecipe(**said["recipe"])})


@dataclass(frozen=True)
class Shop:
    """What the shop has that a run needs.

    Attributes:
        in_use: the encoder of the dense leg.
        products: what the dense leg embeds of each product, by id.
        vectors: encodes; what it has encoded once it may keep, so that a later index is made sooner.
    """

    in_use: Encoder
    products: Mapping[str, str]
    vectors: Callable[[Encoder, Sequence[str]], Vectors]

    def encode(self, encoder: Encoder) -> Encode:
        """An encoder's vectors."""
        return lambda texts: self.vectors(encoder, texts)


@dataclass(frozen=True)
class Found:
    """How well an encoder does on the held-out queries; no recall where it was not measured."""

    ndcg: float
    recall: Recall | None

    def json_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        run: its folder.
        encoder: folder of the encoder, which SHOPWISE_ENCODER takes if it was kept.
        found: how the new encoder does.
        before: how the one in use does; ``None`` if it does not work.
        fault: why the one in use could not be compared.
        worse: in what the new one is worse.
        kept: whether it may be used.
        products: how many the shop has.
        embed_seconds: what encoding all of them takes, reckoned from a few.
    """

    run: Path
    encoder: Path
    found: Found
    before: Found | None
    fault: str
    worse: tuple[str, ...]
    kept: bool
    products: int
    embed_seconds: float
    taught: GroupReport
    judged: GroupReport
    steps: int
    seconds: float

    def json_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"run": str(self.run), "encoder": str(self.encoder)}


def tune(run: Path, gather: Callable[[], Lessons], plan: Plan, shop: Shop, say: Say) -> Outcome:
    """Tune an encoder and keep it if it is no worse than the one in use.

    Args:
        run: folder of this run; one that was interrupted goes on.
        gather: gives what there is to learn from, with the texts that the dense leg embeds; asked once a run.
        plan: what to do with it.
        shop: what the encoder is compared with, and on.
        say: hears (what, done, total).

    Raises:
        TrainingDataError: if nothing can be learned.
        ModelMissingError: if the base cannot be loaded.
        OtherRunError: if the folder holds a run of another recipe.
    """
    run.mkdir(parents=True, exist_ok=True)
    lessons = _lessons(run, gather, say)
    plan.write(run)
    tuned = train(lessons.taught, lessons.held_out, plan.recipe, run, say=say, tensorboard=plan.tensorboard)
    products = among(shop.products, lessons.held_out, plan.among, plan.recipe.seed)
    _write_traits(tuned.folder, SentenceEncoder(plan.recipe.base), lessons.held_out, list(shop.products.values()))
    encoder = SentenceEncoder(str(tuned.folder))
    texts = list(shop.products.values())[:TIMED]
    each = seconds_a_text(encoder.encode, texts) if texts else 0.0
    found = _found(shop.encode(encoder), lessons.held_out, products, say)
    before, fault = _before(shop, lessons.held_out, products, say)
    worse = worse_in(found, before)
    kept = plan.force or not worse
    outcome = Outcome(
        run=run,
        encoder=tuned.folder if kept else run / REFUSED,
        found=found,
        before=before,
        fault=fault,
        worse=worse,
        kept=kept,
        products=len(shop.products),
        embed_seconds=round(each * len(shop.products), 1),
        taught=check_groups(lessons.taught),
        judged=check_groups(lessons.held_out),
        steps=tuned.history.step,
        seconds=round(tuned.history.seconds, 1),
    )
    _write_down(outcome, tuned, plan)
    return outcome


def among(products: Mapping[str, str], groups: Sequence[Group], count: int, seed: int) -> dict[str, str]:
    """At most ``count`` products to look through (more if the groups have more): the groups' own, and others by lot."""
    if not count or len(products) <= count:
        return dict(products) if count else {}
    own = {id for group in groups for id in group.ids if id in products}
    others = [id for id in products if id not in own]
    dice = random.Random(seed)  # noqa: S311 (a draw, not a secret)
    drawn = own | set(dice.sample(others, min(len(others), max(0, count - len(own)))))
    return {id: text for id, text in products.items() if id in drawn}


def worse_in(found: Found, before: Found | None) -> tuple[str, ...]:
    """In what a new encoder is worse than the one in use."""
    if before is None:
        return ()
    faults: list[str] = []
    if found.ndcg < before.ndcg:
        faults.append(f"nDCG@10 falls from {before.ndcg:.4f} to {found.ndcg:.4f}")
    if found.recall and before.recall and found.recall.mean < before.recall.mean:
        faults.append(f"Recall@50 falls from {before.recall.mean:.4f} to {found.recall.mean:.4f}")
    return tuple(faults)


def _lessons(run: Path, gather: Callable[[], Lessons], say: Say) -> Lessons:
    """What to learn from; gathered once a run, so that it can go on with the same."""
    if not (run / HELD_OUT).exists():
        say("gathering what to learn from", 0, 0)
        lessons = gather()
        for groups in (lessons.taught, lessons.held_out):
            check_groups(groups)
        if {group.query for group in lessons.taught} & {group.query for group in lessons.held_out}:
            raise TrainingDataError("A held-out query is among those to learn from.", "Train the ranker anew.")
        write_groups(run / TRAIN, lessons.taught)
        write_groups(run / HELD_OUT, lessons.held_out)
    return Lessons(read_groups(run / TRAIN).groups, read_groups(run / HELD_OUT).groups)


def _write_traits(folder: Path, base: SentenceEncoder, groups: Sequence[Group], texts: Sequence[str]) -> None:
    """What an encoder inherits from its base and its weights do not say: languages, and where nonsense begins.

    It is of the folder's content, so of the encoder's name.
    """
    traits: dict[str, Any] = {"languages": sorted(base.languages) if base.languages else None, "floor": base.floor}
    if base.floor > -1 and texts:
        queries = list(dict.fromkeys(group.query for group in groups))[:PAIRED]
        spread = texts[:: -(-len(texts) // PAIRED)]
        new = SentenceEncoder(str(folder)).encode
        traits["floor"] = round(matching_floor(base.encode, new, base.floor, queries, spread), 4)
    (folder / TRAITS).write_text(json.dumps(traits) + "\n", encoding="utf-8")


def _found(encode: Encode, groups: Sequence[Group], products: Mapping[str, str], say: Say) -> Found:
    return Found(judge(encode, groups, say).ndcg, recall(encode, groups, products, say) if products else None)


def _before(shop: Shop, groups: Sequence[Group], products: Mapping[str, str], say: Say) -> tuple[Found | None, str]:
    """How the encoder in use does; one that is broken is said and need not be beaten."""
    try:
        shop.in_use.encode([groups[0].query])
        return _found(shop.encode(shop.in_use), groups, products, say), ""
    except ModelMissingError as error:
        return None, str(error)


def _write_down(outcome: Outcome, tuned: TunedEncoder, plan: Plan) -> None:
    """Card, curves and figures; a refused encoder goes where nobody takes it for one to use."""
    today = datetime.now(UTC).date()
    (tuned.folder / CARD).write_text(card_text(outcome.json_dict(), asdict(plan.recipe), plan.command, today))
    write_curves(tuned.history, outcome.run / CURVES)
    if not outcome.kept:
        shutil.rmtree(outcome.encoder, ignore_errors=True)
        tuned.folder.replace(outcome.encoder)
    (outcome.run / DONE).write_text(json.dumps(outcome.json_dict(), indent=1) + "\n", encoding="utf-8")
