"""Every kind of behaviour model that can be read from a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ranker.behaviour import stored
from ranker.behaviour.factors import Factors
from ranker.behaviour.model import BehaviourModel, Items
from ranker.behaviour.neighbours import ItemWeights
from ranker.behaviour.popularity import Popular
from ranker.behaviour.repeating import RepeatModel
from ranker.behaviour.sequence import SequenceModel
from ranker.behaviour.towers import Towers

KINDS: Mapping[str, stored.Making] = {
    Popular.kind: Popular.of,
    ItemWeights.kind: ItemWeights.of,
    Factors.kind: Factors.of,
    RepeatModel.kind: RepeatModel.of,
    SequenceModel.kind: SequenceModel.of,
    Towers.kind: Towers.of,
}


def read_model(folder: Path, items: Items | None = None) -> BehaviourModel:
    """The model of a folder, over a catalogue if one is given.

    Raises:
        UnfitError: if a file is missing or damaged, or the model was made for another catalogue.
    """
    return stored.read(folder, KINDS, items)
