"""How long a recommendation takes in a shop of some size with made-up people, by what is asked for."""

from __future__ import annotations

import gc
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import psutil

from benchmarks.shoppers import customer, made_up, settle
from benchmarks.shops import enlarged_shop
from ranker.behaviour.model import Items
from ranker.behaviour.retraining import Plan, retrain
from ranker.cross.shelf import Shelf
from retriever.feeds.feed import Progress
from retriever.interactions.histories import recorded_histories
from retriever.recommending.asking import Asked, Context
from retriever.recommending.knowledge.behaviour import FOLDER
from retriever.recommending.knowledge.crowd_counting import read_crowd
from retriever.recommending.knowledge.goods import Goods
from retriever.recommending.knowledge.goods_reading import read_goods
from retriever.recommending.knowledge.relations import read_relations
from retriever.store import Store

PERCENTILES = (50, 95, 99)
WARM_UP = 5  # requests of each kind
SHORT, LONG, TOO_LONG = 5, 100, 500  # acts of people with a short and with a long history
TOLD, IN_CART, WORDS = 5, 3, 3
PEOPLED = "people.json"  # in the shop's folder: with whom it was filled
MEGABYTE = 1e6

Kinds = Mapping[str, Callable[[], Asked]]


@dataclass(frozen=True, slots=True)
class Asking:
    """One shop to ask, in a process of its own.

    Attributes:
        data: the ESCI products, of which the shop is made if ``home`` does not hold it yet.
        events: about so many.
        requests: of each kind.
        model: the behaviour model to train for it; empty: none.
    """

    data: Path
    home: Path
    items: int
    people: int
    events: int
    requests: int
    model: str

    def __call__(self, progress: Progress) -> dict[str, Any]:
        """See ``measure``."""
        with enlarged_shop(self.data, self.home, self.items, progress) as shop:
            goods = read_goods(shop.store.database, shop.store.currency)
            counts = self._peopled(shop.store, goods, progress)
            return measure(shop.store, Drawn(goods, counts), self.requests, progress)

    def _peopled(self, store: Store, goods: Goods, progress: Progress) -> list[int]:
        """How many acts each person has; people and model of the last run stay if they are those that are wanted."""
        wanted, kept = {"people": self.people, "events": self.events, "model": self.model}, self.home / PEOPLED
        before = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
        at = before.pop("at", time.time())
        same = before == wanted
        acts = made_up(goods.category, self.people, self.events, now=at)
        if not same:
            kept.unlink(missing_ok=True)
            settle(store.database, goods.ids, acts, now=at, progress=progress)
            self._train(store, goods, progress)
            kept.write_text(json.dumps({**wanted, "at": at}), encoding="utf-8")
        return np.bincount(acts.person[acts.person >= 0], minlength=self.people).tolist()

    def _train(self, store: Store, goods: Goods, progress: Progress) -> None:
        shelf = Shelf(self.home / FOLDER)
        shelf.put_away()
        if self.model:
            found = recorded_histories(store.database, now=time.time())
            retrain(shelf, found.people, Items(goods.ids), Plan(self.model, force=True), progress)


class Drawn:
    """Requests, the same in every run.

    Args:
        counts: how many acts each person has.
    """

    def __init__(self, goods: Goods, counts: Sequence[int]) -> None:
        self.goods = goods
        self._dice = random.Random(7)
        self._short = _between(counts, 1, SHORT)
        self._long = _between(counts, LONG, TOO_LONG)
        self._visit = 0

    def kinds(self, words: Sequence[str]) -> Kinds:
        """What makes a request of each kind; ``words`` are searched for."""
        item, dice = self._item, self._dice
        return {
            "stranger": self._stranger,
            "stranger, landing page": lambda: self._stranger(context=Context(product_id=item())),
            "stranger, search": lambda: self._stranger(context=Context(query=dice.choice(words))),
            "person, short history": lambda: self._person(self._short),
            "person, long history": lambda: self._person(self._long),
            "history told": lambda: Asked(history=tuple(item() for _ in range(TOLD))),
            "similar": lambda: Asked(goal="similar", like=(item(),)),
            "complement": lambda: Asked(goal="complement", like=(item(),)),
            "basket": lambda: self._person(self._long, basket=tuple(item() for _ in range(IN_CART))),
            "popular": lambda: self._person(self._long, goal="popular"),
            "new": lambda: self._person(self._long, goal="new"),
            "again": lambda: self._person(self._long, goal="again"),
        }

    def _item(self) -> str:
        return self._dice.choice(self.goods.ids)

    def _stranger(self, **asked: Any) -> Asked:
        self._visit += 1
        return Asked(session_id=f"a-new-visit-{self._visit}", **asked)

    def _person(self, people: Sequence[int], **asked: Any) -> Asked:
        return Asked(customer_id=customer(self._dice.choice(people)), **asked)


def _between(counts: Sequence[int], least: int, most: int) -> list[int]:
    """People with so many acts; the one who is nearest to it if nobody has."""
    found = [person for person, count in enumerate(counts) if least <= count <= most]
    return found or [min(range(len(counts)), key=lambda person: abs(counts[person] - least))]


def measure(store: Store, drawn: Drawn, requests: int, progress: Progress) -> dict[str, Any]:
    """Milliseconds by kind of request, all kinds in turn after a warm-up; the first request and renewals by themselves.

    Returns:
        Clock and processor time, the latter of all threads of the process, and megabytes of it.
    """
    load, process = psutil.getloadavg()[0], psutil.Process()
    memory = {"before": process.memory_info().rss / MEGABYTE}
    first = _took(lambda: store.recommender.recommend(Asked()))
    memory["after the first request"] = process.memory_info().rss / MEGABYTE
    titles = [product.title for product in store.catalogue.get(drawn.goods.ids[:: max(1, len(drawn.goods) // 100)])]
    kinds = drawn.kinds([" ".join(title.split()[:WORDS]) for title in titles])
    for make in kinds.values():
        for _ in range(WARM_UP):
            store.recommender.recommend(make())
    gc.collect()
    gc.freeze()  # as the web app does once it is warm
    asked = _asked(store, kinds, requests, progress)
    memory["after all requests"] = process.memory_info().rss / MEGABYTE
    parts = _renewal(store, drawn.goods)
    progress("asking beside a renewal", 0, 0)
    beside = _beside(store, kinds, drawn.goods)
    memory["after a renewal"] = process.memory_info().rss / MEGABYTE
    return {
        "requests": requests,
        "load": [load, psutil.getloadavg()[0]],
        "memory_mb": memory,
        "first": first,
        "parts": parts,
        "kinds": asked,
        "beside_a_renewal": beside,
    }


class _Timed:
    """Times of one kind of request, and how many products were shown."""

    def __init__(self) -> None:
        self._clock: list[float] = []
        self._processor: list[float] = []
        self._shown: list[int] = []

    def ask(self, store: Store, asked: Asked) -> None:
        started, spent = perf_counter(), process_time()
        answer = store.recommender.recommend(asked)
        self._processor.append((process_time() - spent) * 1000)
        self._clock.append((perf_counter() - started) * 1000)
        self._shown.append(len(answer.results))

    def figures(self) -> dict[str, float]:
        return (
            {f"p{each}_ms": float(np.percentile(self._clock, each)) for each in PERCENTILES}
            | {f"cpu_p{each}_ms": float(np.percentile(self._processor, each)) for each in PERCENTILES}
            | {"shown": float(np.mean(self._shown)), "asked": len(self._shown)}
        )


def _asked(store: Store, kinds: Kinds, requests: int, progress: Progress) -> dict[str, dict[str, float]]:
    timed = {name: _Timed() for name in kinds}
    for number in range(1, requests + 1):
        for name, make in kinds.items():
            timed[name].ask(store, make())
        progress("asking", number, requests)
    return {name: each.figures() for name, each in timed.items()}


def _renewal(store: Store, goods: Goods) -> dict[str, dict[str, float]]:
    """What the parts of a renewal take, when nothing else is asked for."""
    database = store.database
    return {
        "goods": _took(lambda: read_goods(database, store.currency)),
        "relations": _took(lambda: read_relations(database)),
        "crowd": _took(lambda: read_crowd(database, goods, now=time.time())),
    }


def _beside(store: Store, kinds: Kinds, goods: Goods) -> dict[str, float]:
    """All kinds of request in turn for as long as a thread beside them reads goods and crowd, once."""
    renewing = threading.Thread(target=_renewal, args=(store, goods))
    timed = _Timed()
    renewing.start()
    while renewing.is_alive():
        for make in kinds.values():
            timed.ask(store, make())
    return timed.figures()


def _took(work: Callable[[], object]) -> dict[str, float]:
    started, spent = perf_counter(), process_time()
    work()
    return {"seconds": perf_counter() - started, "processor_seconds": process_time() - spent}


HEADINGS = (
    "goods", "people", "what", *(f"p{each} ms" for each in PERCENTILES), *(f"cpu p{each}" for each in PERCENTILES),
    "shown",
)  # fmt: skip
BUILT = ("goods", "people", "events", "what", "seconds", "processor s")


def lines(found: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """A row a kind of request and shop."""
    rows: list[list[str]] = []
    for shop in found:
        kinds = shop["kinds"] | {"all, beside a renewal": shop["beside_a_renewal"]}
        rows += [[*_about(shop), name, *_figures(figures)] for name, figures in kinds.items()]
    return rows


def built_lines(found: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """A row for each thing that is read before, and beside, the requests."""
    return [
        [*_about(shop), f"{shop['events']:,}", what, f"{took['seconds']:.1f}", f"{took['processor_seconds']:.1f}"]
        for shop in found
        for what, took in {"the first request, all of it": shop["first"], **_read(shop["parts"])}.items()
    ]


def _read(parts: Mapping[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
    return {f"reading the {name}": took for name, took in parts.items()}


def _about(shop: Mapping[str, Any]) -> list[str]:
    return [f"{shop['items']:,}", f"{shop['people']:,}"]


def _figures(row: Mapping[str, float]) -> list[str]:
    names = [f"{prefix}p{each}_ms" for prefix in ("", "cpu_") for each in PERCENTILES]
    return [*(f"{row[name]:.1f}" for name in names), f"{row['shown']:.1f}"]
