"""The model card: what a ranker was made from, how, and how good it is, as a README beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ranker.cross.export import Tried
from ranker.cross.training import MODEL
from ranker.encoder import BUILT_IN
from ranker.groups import GroupReport

CARD = "README.md"
BUILT_IN_LICENCE = "Apache-2.0"


@dataclass(frozen=True)
class Card:
    """What a card says.

    Attributes:
        recipe: of the training, by name.
        taught: what there was to learn from.
        judged: what it was judged by.
        ndcg: of the graph that serves, on the held-out queries.
        before: of the ranker that was in use, on the same queries; ``None`` if there was none.
        tried: the graphs that were compared.
        mix: share of each source in what it was trained on; empty: whatever there was.
        licence: of the ranker; empty: that of the base and of the shop's own data.
        command: how it was made.
        made: when.
    """

    recipe: Mapping[str, Any]
    taught: GroupReport
    judged: GroupReport
    ndcg: float
    before: float | None
    tried: Sequence[Tried]
    chosen: str
    seconds: float
    steps: int
    mix: Mapping[str, float]
    licence: str
    command: str
    made: date

    def text(self) -> str:
        """The card as Markdown."""
        base = _named(self.recipe["base"])
        licence = self.licence or (
            f"That of its base, {base}{f' ({BUILT_IN_LICENCE})' if base == BUILT_IN else ''}, "
            "and of the data it was trained on."
        )
        used = "none" if self.before is None else f"{self.before:.4f}"
        return "\n".join(
            [
                f"# Ranker of {self.made.isoformat()}",
                "",
                (
                    f"A cross-encoder: reads a query and a product's text together and says how well they fit. "
                    f"Fine-tuned from {base}."
                ),
                "",
                "## Figures",
                "",
                f"Mean nDCG@10 on {self.judged.queries} held-out queries, of which none was trained on.",
                "",
                "| | nDCG@10 | MB |",
                "|---|---|---|",
                *(
                    f"| {each.precision}{', served' if each.precision == self.chosen else ''} "
                    f"| {each.ndcg:.4f} | {each.megabytes:.1f} |"
                    for each in self.tried
                ),
                f"| ranker in use before | {used} | |",
                "",
                "## Data",
                "",
                "| | groups | queries | pairs | mean gain | sources |",
                "|---|---|---|---|---|---|",
                _counts("trained on", self.taught),
                _counts("held out", self.judged),
                "",
                *_mixed(self.mix),
                "## Training",
                "",
                f"{self.steps} steps in {self.seconds:.0f} s, with this recipe:",
                "",
                *(f"- {name}: {value}" for name, value in self.recipe.items() if name != "base"),
                "",
                f"Made with `{self.command}`.",
                "",
                "## Licence",
                "",
                licence,
                "",
                "## Limits",
                "",
                (
                    "It has learned how products of this shop are described and asked for; on another catalogue its "
                    "scores are a guess until they are measured there."
                ),
                "",
            ]
        )

    def write(self, folder: Path) -> Path:
        """Writes the card into a folder; its path."""
        path = folder / CARD
        path.write_text(self.text(), encoding="utf-8")
        return path


def _named(base: str) -> str:
    """What a base is called, without the folders of this machine."""
    folder = Path(base)
    if not base or not folder.is_dir():
        return base or BUILT_IN
    return f"the ranker of {folder.parent.name}" if folder.name == MODEL else folder.name


def _mixed(shares: Mapping[str, float]) -> list[str]:
    """What a mix was asked for; a group of a small source may count more than once in it."""
    total = math.fsum(shares.values())
    told = ", ".join(f"{name} {share / total:.0%}" for name, share in sorted(shares.items()))
    return [f"Mixed in these shares, small sources several times over: {told}.", ""] if shares else []


def _counts(what: str, report: GroupReport) -> str:
    sources = ", ".join(f"{name} {count}" for name, count in sorted(asdict(report)["sources"].items()))
    return f"| {what} | {report.groups} | {report.queries} | {report.pairs} | {report.mean_gain:.3f} | {sources} |"
