"""Who takes part: every model that a shop can train, by the same name, and baselines; made when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.recommendation.trials import Log
from ranker.behaviour.model import Trainer
from ranker.behaviour.trainers import DATED, NEED_VECTORS, OF_REPEATS, TRAINERS, Wish, trainer
from retriever.errors import BadInputError


@dataclass(frozen=True)
class Contender:
    """A model that takes part.

    Attributes:
        make: its trainer.
        dated: it needs the times of events, not their order alone.
        repeats: it has nothing to say where nobody takes a thing twice.
        vectors: it is of no use without vectors of the items.
    """

    make: Callable[[], Trainer]
    dated: bool = False
    repeats: bool = False
    vectors: bool = False


def _frequency() -> Trainer:
    from eval.recommendation.baselines import PersonalFrequency

    return PersonalFrequency()


def _recent_frequency() -> Trainer:
    from eval.recommendation.baselines import PersonalFrequency

    return PersonalFrequency(half_life=HALF_LIFE)


def _text() -> Trainer:
    from eval.recommendation.baselines import TextLikeness

    return TextLikeness()


def _trained(name: str) -> Contender:
    """A model that a shop can train, as it is trained there."""
    return Contender(
        lambda: trainer(name, Wish()), dated=name in DATED, repeats=name in OF_REPEATS, vectors=name in NEED_VECTORS
    )


HALF_LIFE = 60.0  # days, of the personal frequency that weighs recency
BASELINES: Mapping[str, Contender] = {
    "frequency": Contender(_frequency, repeats=True),
    "recent-frequency": Contender(_recent_frequency, dated=True, repeats=True),
    "text": Contender(_text, vectors=True),
}
CONTENDERS: Mapping[str, Contender] = {**BASELINES, **{name: _trained(name) for name in TRAINERS}}


def chosen(names: Sequence[str], contenders: Mapping[str, Contender] = CONTENDERS) -> dict[str, Contender]:
    """The contenders of these names, all if none is named.

    Raises:
        BadInputError: if one is not known.
    """
    unknown = [name for name in names if name not in contenders]
    if unknown:
        raise BadInputError(f"There is no model {unknown[0]}.", f"The models are {', '.join(contenders)}.")
    return {name: contenders[name] for name in names or contenders}


def unsuited(contender: Contender, log: Log, *, vectors: bool) -> str:
    """Why a contender has nothing to say on this data; empty if it has."""
    if contender.dated and not log.dated:
        return "the data holds the order of events only, not their times"
    if contender.repeats and log.cut is None:
        return "what a person has already is not asked for in this data"
    if contender.vectors and not vectors:
        return "the items have no vectors"
    return ""
