"""Recommendations, from a request to an answer: every step of it in ``Recommender.recommend``."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from retriever.errors import ShopwiseError
from retriever.product import Product, Stamped
from retriever.recommending.asking import Asked
from retriever.recommending.candidate import Candidate, Source
from retriever.recommending.explaining.reasons import Reason, Reasons
from retriever.recommending.knowledge.current import Current
from retriever.recommending.listing.blending import LongTail, blended
from retriever.recommending.listing.exploring import Explored, Explorer
from retriever.recommending.listing.filtering import Filter
from retriever.recommending.listing.on_sale import OnSale, Records
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

    current: Current
    situations: Situations
    sources: Sequence[Source]
    untried: Sequence[Source]
    rules: Rules
    filter: Filter
    on_sale: OnSale
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
        shown, goods = self._of.on_sale.first(self._candidates(situation, rules), asked)
        explored, goods = self._explored(situation, rules, shown, goods)
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

    def _explored(
        self, situation: Situation, rules: InForce, shown: Sequence[Candidate], goods: Records
    ) -> tuple[Explored, Records]:
        """The list with a place given away by chance, and the records of all that is in it."""
        of, asked = self._of, situation.asked
        plain = Explored(tuple(shown))
        if not of.explorer.may(situation):
            return plain, goods
        untried = self._untried(situation, rules, {one.id for one in shown})
        on_sale = of.on_sale.among([one.id for one in untried], asked)
        pool = [one for one in untried if one.id in on_sale]
        explored = of.explorer.explore(situation, shown, pool, of.clicks(), of.draw)
        new = [one for one in explored.listed if one.id not in goods]
        # Whole records are read of what was drawn alone, which most of the time is nothing.
        goods = goods | of.on_sale.records(new, goods) if new else goods
        return (explored if of.on_sale.buyable(new, goods, asked) == new else plain), goods

    def _untried(self, situation: Situation, rules: InForce, listed: Collection[str]) -> list[Candidate]:
        """What exploration may try: allowed like everything else, and not listed anyhow."""
        settings = self._of.explorer.settings
        lists = [_from(source, situation, settings.pool) for source in self._of.untried]
        in_turn = zip_longest(*lists)  # lest one crowd the other out
        found = [one for row in in_turn for one in row if one is not None]
        kept = self._of.filter.applied(rules.allowed(found), situation).kept
        return [one for one in kept if one.id not in listed][: settings.pool]

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
