"""The hand-over from nobody to somebody: ``python -m benchmarks.cold_start --data DIR``.

The same people are recommended to as if only their last 0, 1, 2, 3, 5, 10 or 20 acts were known, and what they took
next has to be among ten recommendations out of the whole catalogue; what is known to be theirs already is not
recommended. With ``--repeats`` everything that they took next is asked for, and what is due again may be recommended,
as far as the known acts say so. Three lists are compared: popularity alone, the personal source alone, and all sources
blended by their shares, before rules, diversity and exploration. There should be no number of acts at which the blend
falls off.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from eval.recommendation.contenders import CONTENDERS
from eval.recommendation.data import read_log
from eval.recommendation.splits import LATER, NEW, NEXT, Options, Part, folds
from eval.recommendation.trials import Case, Fold, Log
from ranker.behaviour.model import Event, Items
from ranker.cross.judging import Say
from retriever.errors import BadInputError
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Candidate, Source
from retriever.recommending.knowledge.co_occurrence import how_telling, taken_together
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.listing.blending import blended
from retriever.recommending.listing.shares import shares
from retriever.recommending.situation import Situation
from retriever.recommending.sources.again import Again
from retriever.recommending.sources.personal import Personal
from retriever.recommending.sources.popular import Popular
from retriever.recommending.sources.rated import Rated
from retriever.recommending.sources.together import Together
from retriever.recommending.sources.trending import Trending

KNOWN = (0, 1, 2, 3, 5, 10, 20)
SHOWN, DEPTH = 10, 100
RECENT, BEFORE = 14 * 86_400.0, 56 * 86_400.0
LISTS = ("popularity", "personal", "blended")

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Asking:
    """One case with so much of the history that is known."""

    case: Case
    known: tuple[Event, ...]


def goods_of(items: Sequence[str], categories: Mapping[str, str]) -> Goods:
    """A catalogue of which ids and categories are known and nothing else."""
    ids = tuple(sorted(items))
    names = tuple(sorted({categories.get(id, "") for id in ids}))
    places = {name: place for place, name in enumerate(names)}
    size = len(ids)
    return Goods(
        ids=ids,
        categories=names,
        category=np.array([places[categories.get(id, "")] for id in ids], dtype=np.int32),
        brands=("",),
        brand=np.zeros(size, dtype=np.int32),
        price=np.full(size, np.nan),
        available=np.ones(size, dtype=bool),
        published=np.full(size, np.nan),
        rating=np.zeros(size),
        rated=np.zeros(size, dtype=np.int64),
        position=np.arange(size),
    )


def crowd_of(fold: Fold, goods: Goods, model: str, say: Say, *, dated: bool) -> Crowd:
    """What the people did that are learned from; without dates nothing of it is recent."""
    told = [(person, event) for person, history in enumerate(fold.training) for event in history]
    told = [(person, event) for person, event in told if event.item in goods.rows]
    person = np.array([who for who, _ in told], dtype=np.int64)
    row = np.array([goods.rows[event.item] for _, event in told], dtype=np.int64)
    at = np.array([event.at for _, event in told])
    size = len(goods)
    counts = np.bincount(row, minlength=size).astype(np.float64)
    age = at.max(initial=0.0) - at
    late, earlier = age <= RECENT, (age > RECENT) & (age <= RECENT + BEFORE)
    recent, before = (
        (np.bincount(row[here], minlength=size) * float(dated)).astype(np.float64) for here in (late, earlier)
    )
    trained = CONTENDERS[model].make().fit(fold.training, Items(goods.ids), say) if model else None
    people = np.bincount(np.unique(person * size + row) % size, minlength=size)
    together = taken_together(person, row, at, size)
    telling = how_telling(person, row, at, size, together)
    before *= RECENT / BEFORE
    return Crowd(0.0, len(told), people, counts, recent, before, together, trained, telling=telling)


def cases_of(fold: Fold, least: int, *, repeats: bool = False) -> list[Asking]:
    """The people with at least so many acts; of them all are asked about with all numbers of known acts."""
    trial = next((trial for trial in fold.trials if trial.name in ({LATER} if repeats else {NEXT, NEW})), None)
    if trial is None:
        raise BadInputError("This data does not say what is taken again.", "Leave out --repeats.")
    return [Asking(case, tuple(case.history)) for case in trial.cases if len(case.history) >= least]


def measured(asked: Asking, known: int, goods: Goods, crowd: Crowd, sources: Sequence[Source]) -> dict[str, Values]:
    """HR@10 and nDCG@10 of each list."""
    history = asked.known[len(asked.known) - known :]
    now = asked.known[-1].at + 1
    bought: dict[str, tuple[float, ...]] = {}
    for event in history:
        bought[event.item] = (*bought.get(event.item, ()), event.at)
    situation = Situation(Asked(k=SHOWN), now, goods, crowd, history, bought=frozenset(bought), purchases=bought)
    lists = {source.name: source.candidates(situation, DEPTH) for source in sources}
    found = (lists["popular"], lists["personal"], blended(lists, shares(situation)))
    return {name: quality(_shown(each, situation), asked.case.wanted) for name, each in zip(LISTS, found, strict=True)}


def quality(shown: Sequence[str], wanted: Sequence[str]) -> Values:
    """HR@10 and nDCG@10 of one list."""
    gains = sum(1 / math.log2(place + 2) for place, id in enumerate(shown) if id in wanted)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(SHOWN, len(wanted))))
    return np.array([float(gains > 0), gains / ideal])


def _shown(candidates: Sequence[Candidate], situation: Situation) -> list[str]:
    return [one.id for one in candidates if one.id not in situation.bought or _due(one)][:SHOWN]


def _due(candidate: Candidate) -> bool:
    return any(because.kind == "due" for because in candidate.because)


def curves(
    log: Log,
    *,
    people: int,
    model: str,
    seed: int,
    say: Say,
    known: Sequence[int] = KNOWN,
    part: Part = "test",
    repeats: bool = False,
) -> dict[int, dict[str, Values]]:
    """Of each number of known acts and each list one row a person: HR@10 and nDCG@10."""
    fold = folds(log, Options(part=part, cold=0.0, seed=seed))[0]
    goods = goods_of(fold.items, log.categories)
    crowd = crowd_of(fold, goods, model, say, dated=log.dated)
    asked = cases_of(fold, max(known), repeats=repeats)
    drawn = np.random.default_rng(seed).permutation(len(asked))[:people]
    sources: tuple[Source, ...] = (Popular(), Trending(), Together(), Personal(), Rated())
    sources += (Again(),) if repeats else ()
    found: dict[int, dict[str, Values]] = {}
    for count in known:
        rows = [measured(asked[at], count, goods, crowd, sources) for at in drawn]
        found[count] = {name: np.array([row[name] for row in rows]) for name in LISTS}
        say("known acts", count, max(known))
    return found


def table(found: Mapping[int, Mapping[str, Values]], title: str) -> Table:
    """Means with standard errors."""
    shown = Table("known acts", *(f"{name} {metric}" for name in LISTS for metric in ("HR@10", "nDCG@10")), title=title)
    for count, lists in found.items():
        cells: list[str] = []
        for name in LISTS:
            values = lists[name]
            errors = values.std(axis=0) / math.sqrt(len(values))
            cells += [f"{mean:.4f} ± {error:.4f}" for mean, error in zip(values.mean(axis=0), errors, strict=True)]
        shown.add_row(str(count), *cells)
    return shown


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument("--data", required=True, help="a folder with behaviour, or completejourney")
    parser.add_argument("--people", type=int, default=1_000, help="at most so many are asked")
    parser.add_argument("--model", default="", choices=["", *CONTENDERS], help="default: what people took together")
    parser.add_argument(
        "--most", type=int, default=max(KNOWN), help="the most acts known, which all that are asked have"
    )
    parser.add_argument("--part", default="test", choices=["test", "validation"], help="whose next acts are asked for")
    parser.add_argument("--repeats", action="store_true", help="what is taken again counts, too; dated data only")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(words)
    log = read_log(arguments.data)
    errors = Console(stderr=True)

    def say(what: str, done: int, total: int) -> None:
        if done >= total:
            errors.print(what)

    known = [count for count in KNOWN if count <= arguments.most]
    found = curves(
        log,
        people=arguments.people,
        model=arguments.model,
        seed=arguments.seed,
        say=say,
        known=known,
        part=arguments.part,
        repeats=arguments.repeats,
    )
    asked = len(found[0]["blended"])
    Console(width=150).print(table(found, f"{log.name}: {asked} people, {arguments.model or 'no model'}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
