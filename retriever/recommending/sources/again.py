"""What the person buys again and again, when it is time to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from retriever.recommending.candidate import OTHERS, Because, Candidate
from retriever.recommending.knowledge.purchases import DAY, gaps
from retriever.recommending.situation import Situation

OFTEN = 3  # purchases after which only the person's own habit counts
FROM, UNTIL = 0.8, 2.0  # of the usual time since the last purchase: before it is too early, after it the habit is over
SPREAD = 0.35  # of the logarithm of the waiting time around the usual one
PEOPLE = 3  # who bought it again, before others' habit says anything of this person
SHARE = 0.2  # of the buyers who bought it again, too: a tent is bought twice by some
LONGEST = 730 * DAY  # between two purchases that are a habit


@dataclass(frozen=True, slots=True)
class _Habit:
    """Seconds between purchases, how sure that is (0 to 1), and how it is told of: with whose gap, and whose it is."""

    gap: float
    sure: float
    told: float
    whose: str = ""


class Again:
    """Goods that the person has bought and is likely to need again about now."""

    name = "again"

    def candidates(self, situation: Situation, limit: int) -> Sequence[Candidate]:
        """The surest and nearest to their time first; what is not due is left out."""
        found = [
            candidate
            for id, times in situation.purchases.items()
            if id in situation.goods.rows and (candidate := self._due(situation, id, times))
        ]
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.id))[: max(limit, 0)]

    def _due(self, situation: Situation, id: str, times: Sequence[float]) -> Candidate | None:
        past = sorted(at for at in times if at <= situation.now)
        habit = _habit(situation, id, past)
        if habit is None:
            return None
        waited = (situation.now - past[-1]) / habit.gap
        if not FROM <= waited <= UNTIL:
            return None
        score = habit.sure * math.exp(-0.5 * (math.log(waited) / SPREAD) ** 2)
        because = Because("due", (id,), name=habit.whose, number=habit.told / DAY)
        return Candidate(id, score, self.name, (because,))


def _habit(situation: Situation, id: str, past: Sequence[float]) -> _Habit | None:
    """How often this person buys this; ``None`` where neither they nor others do."""
    if not past:
        return None
    between = [gap for gap in gaps(past) if gap >= DAY]
    if len(between) >= OFTEN - 1:
        own = median(between)
        return _Habit(own, len(between) / (len(between) + 1), own) if own <= LONGEST else None
    usual = _usual(situation, id)
    if usual is None:
        return None
    gap, share = usual
    if not between:
        return _Habit(gap, share / 2, gap, OTHERS)
    # One gap of one's own counts as much as what others do: the mean of logarithms, for gaps differ by factors.
    return _Habit(math.sqrt(gap * between[0]), 1 / 2, gap, OTHERS)


def _usual(situation: Situation, id: str) -> tuple[float, float] | None:
    """The usual gap of those who buy a product again, and their share of its buyers."""
    repeats = situation.crowd.repeats
    if repeats is None:
        return None
    row = situation.goods.rows[id]
    again, buyers = int(repeats.again[row]), int(repeats.buyers[row])
    if again < PEOPLE or again < SHARE * buyers:
        return None
    gap = float(repeats.gap[row])
    return (gap, again / buyers) if DAY <= gap <= LONGEST else None
