"""A profile made from what a person did, when it is asked for: nothing is stored, so nothing can be out of date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from ranker.encoder import Vectors
from retriever.database import Database
from retriever.errors import NotFoundError
from retriever.interactions.cleaning import cleaned
from retriever.interactions.log import PURCHASE, Log
from retriever.interactions.recorded import recorded_acts
from retriever.interactions.weighing import Weights, weigh
from retriever.product import Money, Product
from retriever.profiles.choices import Choices, Chosen
from retriever.profiles.clusters import interests
from retriever.profiles.profile import Liked, PriceBand, Profile, Repeat
from retriever.profiles.wording import in_words
from retriever.records import OrderLineRecord, OrderRecord, RecommendationRecord
from retriever.text import fold

DAY = 86_400.0
LONG, SHORT = 90.0, 3.0  # half-lives in days of the taste of a year, and of now
SHORT_FOR = 14.0  # days after which an act says nothing of now
SHOWN = 6  # brands and categories
LEAST_SHARE = 0.05
OFTEN = 3  # purchases of the same product before it has a rhythm

Floats = NDArray[np.float64]
Embeddings = Callable[[Sequence[str]], Mapping[str, Vectors]]


class Goods(Protocol):
    """Where products are read."""

    def get(self, ids: Sequence[str]) -> list[Product]:
        """These products; missing ones are left out."""
        ...


class Profiles:
    """The profiles of a shop's customers.

    Args:
        database: the shop's records. Every method raises UnavailableError when they cannot be used.
        goods: the products.
        vectors: gives the text vectors of products; without it interests are the goods' categories.
        clock: what time it is.
    """

    def __init__(
        self,
        database: Database,
        goods: Goods,
        vectors: Embeddings | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._goods = goods
        self._vectors = vectors
        self._clock = clock
        self.choices = Choices(database, clock)

    def of(self, customer_id: str) -> Profile:
        """A person's profile as it is now; that of a stranger is empty."""
        chosen = self.choices.of(customer_id)
        if not chosen.enabled:
            return Profile(customer_id=customer_id, enabled=False, muted=chosen.muted)
        now = self._clock().timestamp()
        log = cleaned(Log.of(recorded_acts(self._database, [customer_id])), now=now).log
        weights = weigh(log, Weights(half_lives={}), now=now)
        goods = {product.id: product for product in self._goods.get(log.items)}
        held = np.array([log.items[item] in goods for item in log.item.tolist()], dtype=np.bool_)
        log, weights = log.only(held), weights[held]
        age = (now - log.at) / DAY
        return self._profile(customer_id, chosen, log, goods, weights * 0.5 ** (age / LONG), weights * _recent(age))

    def export(self, customer_id: str) -> dict[str, Any]:
        """The profile, its words, what was decided, and every act and recommendation on record, as one JSON object."""
        profile = self.of(customer_id)
        acts = sorted(recorded_acts(self._database, [customer_id]), key=lambda act: (act.at, act.kind, act.item))
        return {
            "profile": profile.model_dump(mode="json"),
            "words": {language: in_words(profile, language) for language in ("en", "zh")},
            "choices": self.choices.of(customer_id).model_dump(mode="json"),
            "acts": [
                {"kind": act.kind, "product_id": act.item, "at": datetime.fromtimestamp(act.at, UTC).isoformat()}
                for act in acts
            ],
            "recommended": self._recommended(customer_id),
        }

    def _recommended(self, customer_id: str) -> list[dict[str, Any]]:
        listed = RecommendationRecord
        query = select(listed.at, listed.surface, listed.shown).where(listed.customer_id == customer_id)
        with self._database.session() as session:
            rows = list(session.execute(query.order_by(listed.at)))
        return [
            {"at": row.at.isoformat(), "surface": row.surface, "product_ids": [one["id"] for one in row.shown]}
            for row in rows
        ]

    def forget(self, customer_id: str, what: str) -> int:
        """Forget everything a person did with a product, category, brand, interest or anything called so.

        Returns:
            How many events were deleted.

        Raises:
            NotFoundError: if nothing that this person did is called so.
        """
        ids = list(dict.fromkeys(act.item for act in recorded_acts(self._database, [customer_id])))
        matching = self._called(customer_id, ids, fold(what))
        gone = self.choices.forget(customer_id, matching, what)
        if not gone and not matching:
            raise NotFoundError(
                f"Nothing that '{customer_id}' did is called '{what}'.",
                "Name a product, category, brand or interest as the profile shows it.",
            )
        return gone

    def _called(self, customer_id: str, ids: Sequence[str], name: str) -> set[str]:
        found = {id for id in ids if fold(id) == name}
        for interest in self.of(customer_id).interests:
            if fold(interest.name) == name:
                found.update(interest.product_ids)
        for product in self._goods.get(ids):
            names = [fold(one) for one in (*product.categories, product.brand)]
            if name and (name in names or name in fold(product.title)):
                found.add(product.id)
        return found

    def _profile(
        self,
        customer_id: str,
        chosen: Chosen,
        log: Log,
        goods: Mapping[str, Product],
        long: Floats,
        short: Floats,
    ) -> Profile:
        items = [log.items[item] for item in log.item.tolist()]
        weights = _summed(items, long)
        liked = [goods[id] for id in weights]
        muted = {(one.kind, fold(one.name)) for one in chosen.muted}
        vectors = self._vectors(list(weights)) if self._vectors is not None and weights else {}
        return Profile(
            customer_id=customer_id,
            enabled=True,
            acts=len(log),
            interests=tuple(
                one.model_copy(update={"muted": ("interest", fold(one.name)) in muted})
                for one in interests(liked, weights, vectors)
            ),
            brands=tuple(
                one.model_copy(update={"muted": ("brand", fold(one.name)) in muted})
                for one in _shares({product.id: [product.brand] for product in liked}, weights)
            ),
            price_band=_band(log, items, goods),
            sizes=self._sizes(customer_id, goods) | chosen.sizes,
            repeats=_repeats(log, items, goods),
            long_term=_shares(_kinds(liked), weights),
            short_term=_shares(_kinds(liked), _summed(items, short)),
            muted=chosen.muted,
        )

    def _sizes(self, customer_id: str, goods: Mapping[str, Product]) -> dict[str, str]:
        """The size most often ordered, by kind of goods."""
        line = OrderLineRecord
        query = (
            select(line.product_id, line.options)
            .join(OrderRecord, OrderRecord.id == line.order_id)
            .where(OrderRecord.customer_id == customer_id)
        )
        with self._database.session() as session:
            rows = [(row.product_id, dict(row.options)) for row in session.execute(query)]
        ordered: dict[str, Counter[str]] = {}
        for id, options in rows:
            size = next((str(value) for name, value in options.items() if fold(name) in ("size", "尺码")), "")
            if size and id in goods and goods[id].categories:
                ordered.setdefault(goods[id].categories[-1], Counter())[size] += 1
        return {kind: max(sizes, key=lambda size: (sizes[size], size)) for kind, sizes in ordered.items()}


def _recent(age: Floats) -> Floats:
    return np.where(age <= SHORT_FOR, 0.5 ** (age / SHORT), 0.0)


def _summed(items: Sequence[str], weights: Floats) -> dict[str, float]:
    found: dict[str, float] = {}
    for item, weight in zip(items, weights.tolist(), strict=True):
        if weight > 0:
            found[item] = found.get(item, 0.0) + weight
    return found


def _kinds(goods: Iterable[Product]) -> dict[str, list[str]]:
    return {product.id: list(product.categories[-1:]) for product in goods}


def _shares(names: Mapping[str, Collection[str]], weights: Mapping[str, float]) -> tuple[Liked, ...]:
    counted: dict[str, float] = {}
    for id, weight in weights.items():
        for name in names.get(id, ()):
            if name:
                counted[name] = counted.get(name, 0.0) + weight
    total = sum(counted.values())
    found = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    return tuple(Liked(name=name, share=round(w / total, 4)) for name, w in found if w >= LEAST_SHARE * total)


def _band(log: Log, items: Sequence[str], goods: Mapping[str, Product]) -> PriceBand | None:
    bought = (log.kind == PURCHASE).tolist()
    prices = {id: price for id, product in goods.items() if (price := product.price_range.min) is not None}
    taken = [prices[id] for id, paid in zip(items, bought, strict=True) if paid and id in prices]
    seen = taken or [prices[id] for id in items if id in prices]
    if not seen:
        return None
    currency = Counter(price.currency for price in seen).most_common(1)[0][0]
    low, high = np.quantile([price.amount for price in seen if price.currency == currency], (0.25, 0.75))
    return PriceBand(
        low=Money(amount=round(low), currency=currency),
        high=Money(amount=round(high), currency=currency),
        of="purchases" if taken else "looks",
    )


def _repeats(log: Log, items: Sequence[str], goods: Mapping[str, Product]) -> tuple[Repeat, ...]:
    """What is bought again and again, what is due first coming first. Two purchases on one day are one."""
    days: dict[str, dict[int, float]] = {}
    for item, kind, at in zip(items, log.kind.tolist(), log.at.tolist(), strict=True):
        if kind == PURCHASE:
            days.setdefault(item, {})[int(at // DAY)] = at
    found: list[Repeat] = []
    for item, bought in days.items():
        if len(bought) < OFTEN:
            continue
        times = sorted(bought.values())
        gap = median(later - earlier for earlier, later in pairwise(times))
        due = datetime.fromtimestamp(times[-1] + gap, UTC)
        found.append(
            Repeat(product_id=item, title=goods[item].title, days=round(gap / DAY, 1), times=len(times), due=due)
        )
    return tuple(sorted(found, key=lambda repeat: (repeat.due, repeat.product_id)))
