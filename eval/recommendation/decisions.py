"""Logged decisions from JSON lines, checked: a wrong propensity makes every estimate wrong without a sign of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from retriever.errors import BadInputError

ROUNDING = 1e-6
FORM = 'A line is like {"chosen": "a", "propensity": 0.2, "reward": 1, "target": {"a": 0.7, "b": 0.3}}.'


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of the policy that was in use.

    Attributes:
        propensity: with which it took what it took.
        reward: what that earned.
        target_of_chosen: with which probability the policy in question would have taken the same.
        chosen: what was taken; empty where it is not told.
        target: the probabilities of all that the policy in question might take; ``None`` where they are not told.
        predicted: a reward model's expectations of these and of what was chosen; ``None`` where there are none.
        person: for whom; empty where it is not told.
    """

    propensity: float
    reward: float
    target_of_chosen: float
    chosen: str = ""
    target: Mapping[str, float] | None = None
    predicted: Mapping[str, float] | None = None
    person: str = ""


class _FaultError(Exception):
    """What is wrong with a line."""


def read_decisions(path: Path) -> list[Decision]:
    """The decisions of a file.

    Raises:
        BadInputError: if it cannot be read or a line is no decision; the message names the line.
    """
    found: list[Decision] = []
    for number, line in _lines(path):
        try:
            found.append(_decision(line))
        except _FaultError as fault:
            raise BadInputError(f"{path.name}, line {number}: {fault}.", FORM) from fault
    if not found:
        raise BadInputError(f"{path.name} holds no decisions.", FORM)
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except (OSError, UnicodeError) as error:
        raise BadInputError(f"{path} cannot be read: {error}.", "Name a file of JSON lines.") from error


def _decision(line: str) -> Decision:
    try:
        read = json.loads(line)
    except ValueError as error:
        raise _FaultError("it is no JSON") from error
    if not isinstance(read, dict):
        raise _FaultError("it is no JSON object")
    held = cast("dict[str, Any]", read)
    propensity = _share(held, "propensity")
    if propensity == 0:
        raise _FaultError("the propensity is 0, yet it was chosen: what is never chosen cannot be in the log")
    chosen = str(held.get("chosen", ""))
    target = held.get("target")
    person = str(held.get("person", ""))
    reward = _number(held, "reward")
    if not isinstance(target, dict):
        return Decision(propensity, reward, _share(held, "target"), chosen, person=person)
    shares = cast("dict[str, Any]", target)
    told = {action: _share(shares, action) for action in shares}
    if not chosen:
        raise _FaultError("what was chosen is missing")
    if abs(sum(told.values()) - 1) > ROUNDING:
        raise _FaultError(f"the target's probabilities sum to {sum(told.values()):g}, not to 1")
    return Decision(propensity, reward, told.get(chosen, 0.0), chosen, told, _predicted(held, told, chosen), person)


def _predicted(held: Mapping[str, Any], target: Mapping[str, float], chosen: str) -> dict[str, float] | None:
    if "predicted" not in held:
        return None
    predicted = held["predicted"]
    if not isinstance(predicted, dict):
        raise _FaultError("predicted is no object of actions and rewards")
    values = cast("dict[str, Any]", predicted)
    needed = {action for action, share in target.items() if share} | {chosen}
    missing = sorted(needed - values.keys())
    if missing:
        raise _FaultError(f"predicted says nothing of {missing[0]}")
    return {action: _number(values, action) for action in values}


def _number(held: Mapping[str, Any], name: str) -> float:
    if name not in held:
        raise _FaultError(f"{name} is missing")
    value = held[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _FaultError(f"{name} is {value!r}, which is no number")
    return float(value)


def _share(held: Mapping[str, Any], name: str) -> float:
    value = _number(held, name)
    if not 0 <= value <= 1:
        raise _FaultError(f"{name} is {value:g}, which is no probability")
    return value
