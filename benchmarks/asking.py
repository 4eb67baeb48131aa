"""How long a recommendation takes in a shop of some size with made-up people, by what is asked for."""

from __future__ import annotations

import gc
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import numpy as np
import psutil
from sqlalchemy import update

from benchmarks.shoppers import FEED, customer, made_up, settle
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
from retriever.records import EventRecord, ProductRecord
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
    beside: dict[str, dict[str, float]] = {}
    for name, change in CHANGES.items():
        progress(f"asking {name}", 0, 0)
        beside[name] = _beside(store, kinds, drawn.goods, change)
    memory["after a renewal"] = process.memory_info().rss / MEGABYTE
    return {
        "requests": requests,
        "load": [load, psutil.getloadavg()[0]],
        "memory_mb": memory,
        "first": first,
        "parts": parts,
        "kinds": asked,
        "beside": beside,
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


def _beside(store: Store, kinds: Kinds, goods: Goods, change: Callable[[Store, Goods], None]) -> dict[str, float]:
    """All kinds of request in turn, after a change, for as long as it is taken up in a thread beside them."""
    change(store, goods)
    renewing = threading.Thread(target=store.recommender.renew)
    timed, started = _Timed(), perf_counter()
    renewing.start()
    while renewing.is_alive():
        for make in kinds.values():
            timed.ask(store, make())
    return timed.figures() | {"seconds": perf_counter() - started}


def _act(store: Store, goods: Goods) -> None:
    """Somebody looks at something: the crowd is counted again."""
    at = datetime.now(UTC)
    record = EventRecord(
        id=uuid4().hex, feed=FEED, content_hash="", kind="view", customer_id=customer(0), session_id="",
        product_id=goods.ids[0], at=at, value={},
    )  # fmt: skip
    with store.database.transaction() as session:
        session.add(record)


def _dearer(store: Store, goods: Goods) -> None:
    """Something costs a cent more, and somebody looks at it: goods and crowd are read again."""
    priced = goods.ids[int(np.flatnonzero(np.isfinite(goods.price))[0])]
    record = ProductRecord
    with store.database.transaction() as session:
        session.execute(update(record).where(record.id == priced).values(price_min=record.price_min + 1))
    _act(store, goods)


CHANGES: Mapping[str, Callable[[Store, Goods], None]] = {
    "beside a count of the crowd": _act,
    "beside a reading of goods and crowd": _dearer,
}


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
        kinds = shop["kinds"] | {f"all, {name}": figures for name, figures in shop["beside"].items()}
        rows += [[*_about(shop), name, *_figures(figures)] for name, figures in kinds.items()]
    return rows


def scaling(found: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Headings, and of each kind of request the 95th percentile by the clock (of processor time), a column a shop."""
    headings = ["what", *(f"{shop['items']:,} x {shop['people']:,}" for shop in found)]
    kinds = list(found[0]["kinds"]) if found else []
    cells = (
        (kind, [f"{row['p95_ms']:.1f} ({row['cpu_p95_ms']:.1f})" for row in (shop["kinds"][kind] for shop in found)])
        for kind in kinds
    )
    return headings, [[kind, *each] for kind, each in cells]


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
