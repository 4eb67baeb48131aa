"""A shop's own log as decisions: places that chance gave away, what they earned, and what another policy would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from eval.recommendation.decisions import Decision
from retriever.database import Database
from retriever.errors import BadInputError
from retriever.recommending.listing.exploring import Slot
from retriever.recommending.shown.attribution import OUTCOMES, WINDOW, Attributed, Shown, attributed
from retriever.recommending.shown.outcomes import Counts, counted

LOG = "Or name a file of decisions with --log."


def _greedy(slot: Slot) -> dict[str, float]:
    return {max(slot.options, key=lambda option: option.mean).id: 1.0}


def _even(slot: Slot) -> dict[str, float]:
    return {option.id: 1 / len(slot.options) for option in slot.options}


def _plain(slot: Slot) -> dict[str, float]:
    return {slot.options[0].id: 1.0}


POLICIES: Mapping[str, Callable[[Slot], dict[str, float]]] = {"greedy": _greedy, "even": _even, "plain": _plain}
"""What would have had the place: whatever was expected to be clicked most, any option alike, or what stood there."""


@dataclass(frozen=True)
class OwnLog:
    """A shop's decisions, and what all its lists led to."""

    decisions: list[Decision]
    policy: str
    reward: str
    since: datetime
    lists: int
    private: int
    ignored: int
    total: Counts
    by_source: Mapping[str, Counts]
    warnings: list[str]

    def json_dict(self) -> dict[str, Any]:
        """All but the decisions."""
        held = {name: value for name, value in asdict(self).items() if name not in ("decisions", "warnings")}
        return held | {"since": self.since.isoformat()}


def own_log(
    database: Database, *, now: datetime, days: float = 90.0, policy: str = "greedy", reward: str = "click"
) -> OwnLog:
    """The decisions of the last days for a policy in question.

    Args:
        database: the shop's records.
        now: until when.
        days: before that.
        policy: one of POLICIES.
        reward: what counts: a click, ``add_to_cart`` or ``purchase``.

    Raises:
        BadInputError: if there is no such policy or reward, or the log has nothing to estimate from.
        UnavailableError: if the database cannot be used.
    """
    if policy not in POLICIES:
        raise BadInputError(f"There is no policy '{policy}'.", f"Give one of {', '.join(POLICIES)}.")
    if reward not in OUTCOMES:
        raise BadInputError(f"A '{reward}' cannot be a reward.", f"Give one of {', '.join(OUTCOMES)}.")
    since = now - timedelta(days=days)
    found = attributed(database, since=since, now=now)
    decided = [one for one in found.lists if one.slot is not None and one.slot.chosen in one.sources]
    _check(found, decided, reward, days)
    decisions = [_decision(one, one.slot, found, policy, reward) for one in decided if one.slot is not None]
    told = counted(found, since)
    return OwnLog(
        decisions, policy, reward, since, told.lists, told.private, told.ignored, told.total, told.by_source,
        _warnings(decided, now),
    )  # fmt: skip


def _decision(one: Shown, slot: Slot, found: Attributed, policy: str, reward: str) -> Decision:
    target = POLICIES[policy](slot)
    propensity = next(option.propensity for option in slot.options if option.id == slot.chosen)
    return Decision(
        propensity=propensity,
        reward=found.outcomes[reward].get((one.id, slot.chosen), 0.0),
        target_of_chosen=target.get(slot.chosen, 0.0),
        chosen=slot.chosen,
        target=target,
        person=one.customer_id or one.session_id,
    )


def _check(found: Attributed, decided: list[Shown], reward: str, days: float) -> None:
    """What is missing is said, in the order in which it comes to be."""
    if not found.lists:
        raise BadInputError(
            f"The shop's log holds no recommendations of the last {days:g} days.",
            f"They are logged when they are shown: on the page, by the assistant, the API or shopwise recommend. {LOG}",
        )
    if not decided:
        raise BadInputError(
            f"Of {len(found.lists):,} logged lists none has a place that was given by chance.",
            "Show lists of three or more with new or little-known goods in the shop, without a goal like similar or "
            f"again, and with exploration on. {LOG}",
        )
    if not any(found.outcomes[reward].get((one.id, one.slot.chosen)) for one in decided if one.slot is not None):
        raise BadInputError(
            f"{len(decided):,} places were given by chance, and none of them led to a {reward}: there is no reward.",
            "Send events to /api/events with the list's recommendation_id in their value, and the product's id. " + LOG,
        )


def _warnings(decided: list[Shown], now: datetime) -> list[str]:
    young = sum(one.at > now - WINDOW for one in decided)
    if not young:
        return []
    return [f"{young:,} of the decisions are younger than {WINDOW.days} days: what they earn may still come."]
