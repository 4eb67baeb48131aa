"""One list from the sources' lists, and a share of it for what is less wanted.

Sources score on scales of their own, so that ranks are what is added up (weighted reciprocal rank fusion: Cormack,
Clarke and Büttcher 2009). Their constant is 0 here: with the usual 60 the first fifty of the weightiest source would
all come before the first of any other, while with 0 the places go as the shares say, as the seats of a parliament do
by the method of d'Hondt.

Two sources answer the same question, what is likely to be taken next: ``popular`` of anybody and ``personal`` of this
person. They do not part the places between them but make one list, by the sum of their scores (Fox and Shaw 1994): as
soon as a little is known of a person, what they are a little likelier to want moves up a little in what is popular,
and no place is lost to it. That list has the shares of both among the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retriever.recommending.candidate import Because, Candidate
from retriever.recommending.knowledge.crowd import Crowd
from retriever.recommending.situation import Situation

LIKELY = ("personal", "popular")  # sources whose scores say how likely a product is to be taken next
HEAD_ITEMS, HEAD_WEIGHT = (
    0.2,
    0.8,
)  # the head: so many of the goods at most, or what makes so much of all that is wanted
REACH = 3  # lists' lengths that are looked through for less wanted goods
RELEVANT = 0.25  # of the score at the end of the list: what has less would not belong there


Parts = list[tuple[float, Candidate]]  # one product, as each source put it forward, with what that counts


def blended(lists: Mapping[str, Sequence[Candidate]], shares: Mapping[str, float]) -> list[Candidate]:
    """One list, best first, with each product of the sources that count once.

    The place ``r`` in a list with the share ``s`` adds ``s / r``. A product that several sources put forward has the
    reasons of all; the source that did most for it comes first and gives it its name.

    Args:
        lists: candidates by source, best first; scores of the sources in ``LIKELY`` are above 0.
        shares: what each source counts; one without a share does not count.
    """
    counted = {name: candidates for name, candidates in lists.items() if shares.get(name, 0.0) > 0 and candidates}
    parts: dict[str, Parts] = {}
    share = sum(shares[name] for name in LIKELY if name in counted)
    for place, found in enumerate(_likeliest(counted, shares), start=1):
        total = sum(part for part, _ in found)
        parts[found[0][1].id] = [(share / place * (part / total), candidate) for part, candidate in found]
    for name in [name for name in counted if name not in LIKELY]:
        for place, candidate in enumerate(counted[name], start=1):
            parts.setdefault(candidate.id, []).append((shares[name] / place, candidate))
    joined = [_joined(found) for found in parts.values()]
    return sorted(joined, key=lambda candidate: (-candidate.score, candidate.id))


def _likeliest(counted: Mapping[str, Sequence[Candidate]], shares: Mapping[str, float]) -> list[Parts]:
    """What is likely, likeliest first. The best of a source counts as the source does."""
    found: dict[str, Parts] = {}
    for name in LIKELY:
        for candidate in counted.get(name, ()):
            part = shares[name] * (candidate.score / counted[name][0].score)
            if part > 0:
                found.setdefault(candidate.id, []).append((part, candidate))
    return sorted(found.values(), key=lambda parts: -sum(part for part, _ in parts))


def _joined(parts: Parts) -> Candidate:
    if len(parts) == 1:
        score, only = parts[0]
        return Candidate(only.id, score, only.source, only.because, only.propensity)
    first, *others = sorted(parts, key=lambda part: (-part[0], part[1].source))
    reasons: dict[Because, None] = dict.fromkeys(first[1].because)
    for _, candidate in others:
        reasons |= dict.fromkeys(candidate.because)
    return replace(
        first[1],
        score=sum(score for score, _ in parts),
        because=tuple(reasons),
        propensity=max(candidate.propensity for _, candidate in parts),
    )


def placed(candidates: Sequence[Candidate]) -> list[Candidate]:
    """These candidates in this order, with the same scores falling from the first to the last."""
    scores = sorted((candidate.score for candidate in candidates), reverse=True)
    return [
        one if one.score == score else replace(one, score=score) for one, score in zip(candidates, scores, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class _Seen:
    crowd: Crowd
    tail: NDArray[np.bool_]


class LongTail:
    """Gives the less wanted goods their share of a list. Safe to share."""

    def __init__(self) -> None:
        self._seen: _Seen | None = None

    def applied(
        self, candidates: Sequence[Candidate], situation: Situation, *, k: int, share: float
    ) -> list[Candidate]:
        """The same candidates; the last of the first ``k`` give way to less wanted ones that come soon after them.

        Args:
            candidates: best first.
            situation: whose crowd says what is wanted.
            k: how many are shown.
            share: of these; 0 changes nothing.
        """
        wanted = math.floor(share * k)
        if not wanted or len(candidates) <= k:
            return list(candidates)
        tail = self._tail(situation.crowd)
        rows = situation.goods.rows
        of_tail = [(row := rows.get(one.id)) is not None and bool(tail[row]) for one in candidates[: REACH * k]]
        missing = wanted - sum(of_tail[:k])
        least = RELEVANT * candidates[k - 1].score
        found = [at for at in range(k, len(of_tail)) if of_tail[at] and candidates[at].score >= least][
            : max(missing, 0)
        ]
        give_way = [at for at in range(k - 1, -1, -1) if not of_tail[at]][: len(found)]
        moved = {*found, *give_way}
        first = [at for at in range(k) if at not in moved] + found
        rest = sorted(give_way) + [at for at in range(k, len(candidates)) if at not in moved]
        return placed([candidates[at] for at in first + rest])

    def _tail(self, crowd: Crowd) -> NDArray[np.bool_]:
        seen = self._seen
        if seen is None or seen.crowd is not crowd:
            self._seen = seen = _Seen(crowd, less_wanted(crowd.wanted))
        return seen.tail


def less_wanted(wanted: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The goods outside the head: all where nothing is known to be wanted."""
    order = np.argsort(-wanted, kind="stable")
    before = np.concatenate(([0.0], np.cumsum(wanted[order])[:-1]))  # what those that are wanted more make up
    of_head = (before < HEAD_WEIGHT * wanted.sum()) & (np.arange(len(wanted)) < HEAD_ITEMS * len(wanted))
    tail = np.ones(len(wanted), np.bool_)
    tail[order[of_head]] = False
    return tail
