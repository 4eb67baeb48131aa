"""The hand-over from nobody to somebody: ``python -m benchmarks.cold_start --data DIR``.

The same people are recommended to as if only their last 0, 1, 2, 3, 5, 8, 13, 20 or all acts were known, and what they
took next has to be among ten recommendations out of the whole catalogue; what is known to be theirs already is not
recommended. With ``--repeats`` everything that they took next is asked for, and what is due again may be recommended,
as far as the known acts say so. Three lists are compared: popularity alone, the personal source alone, and all sources
blended by their shares, before rules, diversity and exploration. The blend should nowhere be below popularity, and not
fall with more acts; the intervals (95 %, bootstrap over people) are of paired differences. ``--picture`` draws it.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from eval.recommendation.contenders import CONTENDERS
from eval.recommendation.data import read_log
from eval.recommendation.splits import LATER, NEW, NEXT, Options, Part, folds
from eval.recommendation.trials import Case, Fold, Log
from eval.significance import Interval, bootstrap
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

ALL = 1_000_000  # acts: more than anybody has
KNOWN = (0, 1, 2, 3, 5, 8, 13, 20, ALL)
SHOWN, DEPTH = 10, 100
RECENT, BEFORE = 14 * 86_400.0, 56 * 86_400.0
LISTS = ("popularity", "personal", "blended")
COLOURS = ("#8aa39b", "#c9a227", "#2f6f5e")
NDCG = 1  # column of the values

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


def to_last_new(log: Log, part: Part) -> Log:
    """The log of a shop, each history up to the last item that was new to the person, which is to be asked for.

    Few people come back in a shop's first year: too few to ask about what they take after a date. For validation it is
    the last new item but one.
    """
    back = 1 if part == "test" else 2
    people: dict[str, tuple[Event, ...]] = {}
    for person, history in log.people.items():
        seen: dict[str, int] = {}
        for place, event in enumerate(history):
            seen.setdefault(event.item, place)
        if len(seen) > back:
            people[person] = tuple(history[: list(seen.values())[-back] + 1])
    return replace(log, people=people, cut=None, checked_from=None)


def cases_of(fold: Fold, least: int, *, repeats: bool = False) -> list[Asking]:
    """The people with at least so many acts; of them all are asked about with all numbers of known acts."""
    trial = next((trial for trial in fold.trials if trial.name in ({LATER} if repeats else {NEXT, NEW})), None)
    if trial is None:
        raise BadInputError("This data does not say what is taken again.", "Leave out --repeats.")
    return [Asking(case, tuple(case.history)) for case in trial.cases if len(case.history) >= least]


def measured(asked: Asking, known: int, goods: Goods, crowd: Crowd, sources: Sequence[Source]) -> dict[str, Values]:
    """HR@10 and nDCG@10 of each list."""
    history = asked.known[max(0, len(asked.known) - known) :]
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
    asked = cases_of(fold, max(count for count in known if count < ALL), repeats=repeats)
    drawn = np.random.default_rng(seed).permutation(len(asked))[:people]
    sources: tuple[Source, ...] = (Popular(), Trending(), Together(), Personal(), Rated())
    sources += (Again(),) if repeats else ()
    found: dict[int, dict[str, Values]] = {}
    for count in known:
        rows = [measured(asked[at], count, goods, crowd, sources) for at in drawn]
        found[count] = {name: np.array([row[name] for row in rows]) for name in LISTS}
        say("known acts", count, max(known))
    return found


def differences(found: Mapping[int, Mapping[str, Values]]) -> dict[int, tuple[Interval, Interval]]:
    """The blend's nDCG@10 less popularity's with as many acts, and less its own with fewer acts."""
    compared: dict[int, tuple[Interval, Interval]] = {}
    for fewer, count in pairwise([min(found), *found]):
        blend = found[count]["blended"][:, NDCG]
        others = found[count]["popularity"][:, NDCG], found[fewer]["blended"][:, NDCG]
        above, step = (bootstrap((blend - other).tolist()) for other in others)
        compared[count] = above, step
    return compared


def table(found: Mapping[int, Mapping[str, Values]], title: str) -> Table:
    """nDCG@10 of each list, the blend's HR@10, and how the blend differs from popularity and from fewer acts."""
    head = (*(f"{name} nDCG@10" for name in LISTS), "blended HR@10", "blended - popularity", "- with fewer acts")
    shown = Table("known acts", *head, title=title)
    for count, compared in differences(found).items():
        means = {name: found[count][name].mean(axis=0) for name in LISTS}
        cells = [f"{means[name][NDCG]:.4f}" for name in LISTS] + [f"{means['blended'][0]:.4f}"]
        cells += [f"{each.mean:+.4f} [{each.low:+.4f}, {each.high:+.4f}]" for each in compared]
        shown.add_row(_named(count), *cells)
    return shown


def draw(found: Mapping[int, Mapping[str, Values]], title: str, path: Path) -> Path:
    """The curves as a picture, an SVG or a PNG by its name, with 95 % intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.subplots()
    places = range(len(found))
    for name, colour in zip(LISTS, COLOURS, strict=True):
        told = [bootstrap(lists[name][:, NDCG].tolist()) for lists in found.values()]
        axes.plot(places, [each.mean for each in told], "o-", color=colour, label=name)
        axes.fill_between(places, [each.low for each in told], [each.high for each in told], color=colour, alpha=0.15)
    axes.set_xticks(places, [_named(count) for count in found])
    axes.set(xlabel="known acts", ylabel="nDCG@10", title=title)
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(path)
    return path


def _named(count: int) -> str:
    return "all" if count >= ALL else str(count)


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", help="a folder with behaviour, or completejourney")
    where.add_argument("--home", type=Path, help="a shop's folder, such as the demo's: its own events")
    parser.add_argument("--people", type=int, default=1_000, help="at most so many are asked")
    parser.add_argument("--model", default="", choices=["", *CONTENDERS], help="default: what people took together")
    parser.add_argument(
        "--most", type=int, default=KNOWN[-2], help="the most acts known, but for all, which all that are asked have"
    )
    parser.add_argument("--part", default="test", choices=["test", "validation"], help="whose next acts are asked for")
    parser.add_argument("--repeats", action="store_true", help="what is taken again counts, too; dated data only")
    parser.add_argument("--picture", type=Path, help="where to draw the curves, an .svg or a .png")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(words)
    log = read_log(arguments.data) if arguments.data else to_last_new(_own_log(arguments.home), arguments.part)
    errors = Console(stderr=True)

    def say(what: str, done: int, total: int) -> None:
        if done >= total:
            errors.print(what)

    found = curves(
        log,
        people=arguments.people,
        model=arguments.model,
        seed=arguments.seed,
        say=say,
        known=[count for count in KNOWN if count <= arguments.most or count == ALL],
        part=arguments.part if arguments.data else "test",
        repeats=arguments.repeats,
    )
    title = f"{log.name}: {len(found[0]['blended'])} people, {arguments.model or 'no model'}"
    Console(width=150).print(table(found, title))
    if arguments.picture:
        draw(found, title, arguments.picture)
    return 0


def _own_log(home: Path) -> Log:
    from assistant.build import open_store
    from assistant.settings import Settings
    from eval.recommendation.own import shop_log

    store = open_store(Settings(home=home))
    try:
        return shop_log(store)
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
