"""Recommendations, from a request to an answer: every step of it in ``Recommender.recommend``."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from retriever.catalogue import Catalogue
from retriever.errors import ShopwiseError
from retriever.product import Money, Product, Stamped
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Candidate, Source
from retriever.recommending.explaining.reasons import Reason, Reasons
from retriever.recommending.knowledge.current import Current
from retriever.recommending.listing.blending import LongTail, blended
from retriever.recommending.listing.exploring import Explored, Explorer
from retriever.recommending.listing.filtering import Filter
from retriever.recommending.listing.rules import InForce, Rules
from retriever.recommending.listing.shares import fallbacks, shares
from retriever.recommending.listing.spreading import Spreading
from retriever.recommending.recommendation import Recommendation, Recommended
from retriever.recommending.shown.clicks import RecentClicks
from retriever.recommending.shown.served import Served
from retriever.recommending.situation import Situation
from retriever.recommending.situation_reading import Situations
from retriever.recommending.visit.questions import Questions

DEEP = 60  # candidates that a source gives at least: filters, rules and diversity need some to choose from
POOLED = 500  # blended candidates that are looked at; few lists are longer
SPARE = 8  # products read beyond those that are shown, for those that have just been sold out
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What a recommender is made of.

    Attributes:
        sources: of candidates; each counts as ``shares`` says of its name.
        untried: sources of which exploration takes what it tries.
        clicks: how often things were shown and clicked of late.
        draw: chance.
    """

    catalogue: Catalogue
    current: Current
    situations: Situations
    sources: Sequence[Source]
    untried: Sequence[Source]
    rules: Rules
    filter: Filter
    tail: LongTail
    spread: Spreading
    explorer: Explorer
    clicks: RecentClicks
    reasons: Reasons
    questions: Questions
    served: Served
    draw: random.Random


class Recommender:
    """Recommends the goods of one shop. Safe to share between threads."""

    def __init__(self, parts: Parts) -> None:
        self._of = parts

    def recommend(self, asked: Asked) -> Recommendation:
        """What suits the person, the moment and the goal, each with its reasons.

        Raises:
            UnavailableError: if the records cannot be used.
        """
        situation = self._of.situations.of(asked, self._of.current.known())
        rules = self._of.rules.in_force(situation)
        candidates = self._candidates(situation, rules)
        untried = self._untried(situation, rules, [one.id for one in candidates])
        goods = self._on_sale([*candidates[: asked.k + SPARE], *untried], asked)
        shown = [one for one in candidates if one.id in goods][: asked.k]
        explored = self._explored(situation, shown, [one for one in untried if one.id in goods])
        results = self._told(situation, explored.listed, goods)
        return Recommendation(
            results=results,
            recommendation_id=self._of.served.keep(
                asked,
                results,
                policy=self._of.explorer.policy,
                slot=explored.slot,
                private=not situation.chosen.enabled,
            ),
            questions=self._of.questions.next(situation) if asked.goal in (None, "personal") else (),
        )

    def prepare(self) -> None:
        """Read what the first request would wait for.

        Raises:
            UnavailableError: if the records cannot be used.
        """
        self._of.current.known()

    def renew(self) -> None:
        """Take up now what has changed since it was read last: goods, what people did, the model.

        Raises:
            UnavailableError: if the records cannot be used; what was known before stays.
        """
        self._of.current.renew()

    def close(self) -> None:
        """Write what waits to be logged, and read no more."""
        self._of.current.close()
        self._of.clicks.close()
        self._of.served.close()

    def _candidates(self, situation: Situation, rules: InForce) -> list[Candidate]:
        """One list of all sources that count, best first; of others, in turn, where that would be empty."""
        found = self._listed(situation, rules, shares(situation))
        for name in fallbacks(situation.asked.goal):
            found = found or self._listed(situation, rules, {name: 1.0})
        return found

    def _listed(self, situation: Situation, rules: InForce, counted: Mapping[str, float]) -> list[Candidate]:
        k, of = situation.asked.k, self._of
        lists = {
            source.name: _from(source, situation, max(DEEP, 4 * k))
            for source in of.sources
            if counted.get(source.name, 0.0) > 0
        }
        moved = rules.moved(blended(lists, counted)[:POOLED])
        allowed = of.filter.applied(moved.kept, situation)
        if dropped := Counter(moved.dropped) + Counter(allowed.dropped):
            logger.debug("not recommended: %s", dict(dropped))
        spread = of.spread.applied(allowed.kept, situation, rules.lists, k)
        return rules.placed(of.tail.applied(spread, situation, k=k, share=rules.lists.long_tail))

    def _untried(self, situation: Situation, rules: InForce, listed: Sequence[str]) -> list[Candidate]:
        """What exploration may try: allowed like everything else, and not listed anyhow."""
        settings = self._of.explorer.settings
        lists = [_from(source, situation, settings.pool) for source in self._of.untried]
        in_turn = zip_longest(*lists)  # lest one crowd the other out
        found = [one for row in in_turn for one in row if one is not None]
        kept = self._of.filter.applied(rules.allowed(found), situation).kept
        held = set(listed[: situation.asked.k])
        return [one for one in kept if one.id not in held][: settings.pool]

    def _on_sale(self, candidates: Sequence[Candidate], asked: Asked) -> dict[str, Stamped]:
        """The records of those that can be bought now, at a price that was asked for."""
        read = self._of.catalogue.stamped(list(dict.fromkeys(one.id for one in candidates)))
        currency = self._of.catalogue.currency
        most = None if asked.price_max is None else Money.from_major(asked.price_max, currency).amount
        return {stamped.product.id: stamped for stamped in read if _buyable(stamped.product, most)}

    def _explored(self, situation: Situation, shown: Sequence[Candidate], pool: Sequence[Candidate]) -> Explored:
        return self._of.explorer.explore(situation, shown, pool, self._of.clicks(), self._of.draw)

    def _told(
        self, situation: Situation, listed: Sequence[Candidate], goods: Mapping[str, Stamped]
    ) -> tuple[Recommended, ...]:
        """The products in the language asked for, with the reasons that could be proved."""
        language = situation.asked.language
        products = {one.id: goods[one.id].localised(language) for one in listed}
        reasons = self._of.reasons.of(situation, listed, goods)
        return tuple(_recommended(one, products[one.id], reasons.get(one.id, ())) for one in listed)


def _from(source: Source, situation: Situation, limit: int) -> Sequence[Candidate]:
    """A source's candidates; one that fails costs the others nothing."""
    try:
        return source.candidates(situation, limit)
    except ShopwiseError as error:
        logger.warning("recommendations do without %s: %s", source.name, error)
        return ()


def _buyable(product: Product, most: int | None) -> bool:
    price = product.price_range.min
    return product.availability.available and (most is None or (price is not None and price.amount <= most))


def _recommended(candidate: Candidate, product: Product, reasons: Sequence[Reason]) -> Recommended:
    return Recommended(
        id=candidate.id,
        score=round(candidate.score, 6),
        reasons=tuple(reason.text for reason in reasons),
        source=candidate.source,
        product=product,
        sponsored=any(because.kind == "sponsored" for because in candidate.because),
        because=tuple(reason.because for reason in reasons),
        grounds=tuple(reason.grounds for reason in reasons),
        propensity=candidate.propensity,
    )
