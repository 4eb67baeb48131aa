"""The shop's rules, applied to the candidates of one request.

First, before anything is filtered, they take out, bring forward, put back and add; last, when the order is done, pinned
and paid products go to their places. Each rule that moved a product up is among its reasons.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.listing.belonging import Belonging, Mask
from retriever.recommending.listing.blending import placed
from retriever.recommending.listing.filtering import Dropped, Filtered
from retriever.recommending.listing.promotions import Offer
from retriever.recommending.listing.rules_file import (
    Age,
    AnyRule,
    Boost,
    Bury,
    Exclude,
    Lists,
    Pin,
    Promote,
    RuleBook,
    Sponsor,
)
from retriever.recommending.situation import Situation
from retriever.recommending.sources.promoted import Offers

ASKED_FOR = frozenset({"similar", "complement", "new", "again"})
"""Goals to which a rule adds products only if it names them: who asks so is not shown what does not answer it."""
_log = logging.getLogger(__name__)

_Rows = NDArray[np.int64]
Placing = Pin | Sponsor
Moving = Boost | Bury | Promote


class Book(Protocol):
    """Where the rules are found."""

    def get(self) -> RuleBook:
        """The rules as they are now."""
        ...


@dataclass(frozen=True, slots=True)
class _Meant:
    """A rule, the goods that it is about, and the reason that it gives."""

    rule: AnyRule
    rows: Mask
    because: Because


class Rules:
    """The shop's rules. Safe to share.

    Args:
        book: the rules.
        promotions: of the shop.
        belonging: knows which goods a rule is about.
    """

    def __init__(self, book: Book, promotions: Offers, belonging: Belonging) -> None:
        self._book = book
        self._promotions = promotions
        self._belonging = belonging

    def in_force(self, situation: Situation) -> InForce:
        """The rules that hold for this request."""
        asked, book = situation.asked, self._book.get()
        held = [rule for rule in book.rules if rule.holds(asked.goal, asked.surface, situation.now)]
        if not asked.upsell:
            held = [rule for rule in held if not isinstance(rule, Sponsor)]
        return InForce(situation, book.lists, [meant for rule in held if (meant := self._meant(rule, situation))])

    def _meant(self, rule: AnyRule, situation: Situation) -> _Meant | None:
        goods = situation.goods
        if not isinstance(rule, Promote):
            return _Meant(rule, self._belonging.rows(rule.applies, goods), _because(rule))
        offer = self._promotions.get().get(rule.promotion)
        if offer is None or not offer.running(situation.now, situation.asked.customer_id):
            return None
        return _Meant(rule, self._promoted(rule, offer, situation), offer.because)

    def _promoted(self, rule: Promote, offer: Offer, situation: Situation) -> Mask:
        rows = self._belonging.rows(offer.applies, situation.goods)
        return rows & self._belonging.rows(rule.applies, situation.goods) if rule.applies else rows


class InForce:
    """The rules of one request.

    Attributes:
        lists: what holds for every list.
    """

    def __init__(self, situation: Situation, lists: Lists, meant: Sequence[_Meant]) -> None:
        self.lists = lists
        self._situation = situation
        self._meant = meant
        self._rows: Mapping[str, int] = situation.goods.rows

    def moved(self, candidates: Sequence[Candidate]) -> Filtered:
        """The candidates without those that a rule keeps out, with those that one adds, in their new order."""
        added = self._added({candidate.id for candidate in candidates})
        kept, dropped = self._without([*candidates, *added])
        return Filtered(tuple(self._weighed(kept)), dropped)

    def allowed(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates without those that a rule keeps out, in their order."""
        return self._without(candidates)[0]

    def placed(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The list with pinned and paid products at their places; the others keep their order.

        Of two rules for one place the first in the file has it, and the other the next one that is free.

        Args:
            candidates: all that may be shown, best first; more than are shown in the end.
        """
        found = self._targets(candidates)
        if not found and not any(_is_added(candidate) for candidate in candidates):
            return list(candidates)
        fixed: dict[int, Candidate] = {}
        for place, candidate in found:
            free = place
            while free in fixed:
                free += 1
            fixed[free] = candidate
        there = {candidate.id for candidate in fixed.values()}
        others = [one for one in candidates if one.id not in there and not _is_added(one)]
        for place in sorted(fixed):  # counted from 1; a place behind the last one is the last one
            others.insert(place - 1, fixed[place])
        return placed(others)

    def _added(self, ids: set[str]) -> list[Candidate]:
        """Products that rules put at places by name, where no source did."""
        found: dict[str, Candidate] = {}
        for meant in self._meant:
            rule = meant.rule
            if not isinstance(rule, Placing) or not self._may_add(rule):
                continue
            for id in rule.ids:
                row = self._rows.get(id)
                if row is not None and meant.rows[row] and id not in ids and id not in found:
                    found[id] = Candidate(id, 0.0, meant.because.kind, (meant.because,))
        return list(found.values())

    def _may_add(self, rule: Placing) -> bool:
        return bool(rule.goals) or self._situation.asked.goal not in ASKED_FOR

    def _without(self, candidates: Sequence[Candidate]) -> tuple[list[Candidate], Mapping[Dropped, int]]:
        kinds: dict[Dropped, type[Exclude | Age]] = {"rule": Exclude}
        if not self._situation.asked.context.adult:
            kinds["age"] = Age
        dropped: Counter[Dropped] = Counter()
        kept = list(candidates)
        for why, kind in kinds.items():
            masks = [meant.rows for meant in self._meant if isinstance(meant.rule, kind)]
            if not masks:
                continue
            rows = self._at(kept)
            out = np.logical_or.reduce([_held(mask, rows) for mask in masks]).tolist()
            left = [one for one, excluded in zip(kept, out, strict=True) if not excluded]
            if len(left) < len(kept):
                dropped[why] += len(kept) - len(left)
            kept = left
        return kept, dropped

    def _at(self, candidates: Sequence[Candidate]) -> _Rows:
        """The rows of the candidates; -1 for one that the shop does not have."""
        return np.array([self._rows.get(candidate.id, -1) for candidate in candidates], dtype=np.int64)

    def _weighed(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """In the order of the scores times the rules' factors."""
        moving = [(meant, meant.rule) for meant in self._meant if isinstance(meant.rule, Moving)]
        if not moving or not candidates:
            return list(candidates)
        rows, factors = self._at(candidates), np.ones(len(candidates))
        on: list[tuple[_Meant, Moving, Mask]] = []
        for meant, rule in moving:
            held = _held(meant.rows, rows)
            factors = np.where(held, factors * rule.factor, factors)
            on.append((meant, rule, held))
        scores = np.array([candidate.score for candidate in candidates]) * factors
        order = np.argsort(-scores, kind="stable")
        found: list[Candidate] = []
        up = [(meant.because, held) for meant, rule, held in on if rule.factor > 1]
        for place, at in enumerate(order.tolist()):
            one = replace(candidates[at], score=float(scores[at])) if factors[at] != 1 else candidates[at]
            reasons = [because for because, held in up if held[at]] if place < at and factors[at] != 1 else []
            new = [because for because in reasons if because not in one.because]
            found.append(one.also(*new) if new else one)
        for _, rule, held in on:
            if isinstance(rule, Bury) and held.any():
                _log.debug("The rule '%s' puts %d of %d candidates back.", rule.name, held.sum(), len(held))
        return found

    def _targets(self, candidates: Sequence[Candidate]) -> list[tuple[int, Candidate]]:
        """Places, and what goes there with its reason, in the file's order; paid ones as many as a list may have."""
        place_of = {candidate.id: place for place, candidate in enumerate(candidates, start=1)}
        rows = self._at(candidates)
        taken: dict[str, tuple[int, Candidate]] = {}
        paid = 0
        for meant in self._meant:
            rule = meant.rule
            if not isinstance(rule, Placing) or (isinstance(rule, Sponsor) and paid >= self.lists.sponsored):
                continue
            held = _held(meant.rows, rows)
            target = _target(rule, [candidates[at] for at in np.flatnonzero(held).tolist()], taken)
            if target is None:
                continue
            stands = len(candidates) + 1 if _is_added(target) else place_of[target.id]
            if isinstance(rule, Sponsor):
                if stands <= rule.place:  # it is there without being paid for
                    continue
                paid += 1
            taken[target.id] = (rule.place, _for(target, meant.because) if stands != rule.place else target)
        return list(taken.values())


def _held(mask: Mask, rows: _Rows) -> Mask:
    """Which of these rows are among these goods."""
    if not len(mask):
        return np.zeros(len(rows), np.bool_)
    return mask[rows] & (rows >= 0)


def _target(rule: Placing, meant: Sequence[Candidate], taken: Mapping[str, object]) -> Candidate | None:
    """The candidate that goes to a rule's place, of those that it is about."""
    free = {one.id: one for one in meant if one.id not in taken}
    if rule.ids:
        return next((free[id] for id in rule.ids if id in free), None)
    return next((one for one in free.values() if not _is_added(one)), None)


def _because(rule: AnyRule) -> Because:
    if isinstance(rule, Pin):
        return Because("pinned", name=rule.name)
    return Because("sponsored", name=rule.payer) if isinstance(rule, Sponsor) else Because("boosted", name=rule.name)


def _is_added(candidate: Candidate) -> bool:
    return candidate.source in ("pinned", "sponsored")


def _for(candidate: Candidate, because: Because) -> Candidate:
    """The candidate with the rule's reason; one that a rule added has this rule's alone."""
    if _is_added(candidate):
        return replace(candidate, source=because.kind, because=(because,))
    return candidate.also(because)
