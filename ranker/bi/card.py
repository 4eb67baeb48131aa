"""The model card of a tuned encoder: what it was made from, how, and how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ranker.encoder import BUILT_IN

BUILT_IN_LICENCE = "Apache-2.0"


def card_text(outcome: Mapping[str, Any], recipe: Mapping[str, Any], command: str, made: date) -> str:
    """The card as Markdown.

    Args:
        outcome: of the run, as JSON has it.
        recipe: of the training, by name.
        command: how it was asked for.
        made: when.
    """
    base = _named(recipe["base"])
    taught, judged = outcome["taught"], outcome["judged"]
    licence = f"{base}{f' ({BUILT_IN_LICENCE})' if base == BUILT_IN else ''}"
    return "\n".join(
        [
            f"# Sentence encoder of {made.isoformat()}",
            "",
            f"Gives queries and products vectors that lie near each other where they fit. Tuned from {base}.",
            "",
            "## Figures",
            "",
            f"On {judged['queries']} held-out queries, of which none was trained on.",
            "",
            "| | nDCG@10 of a query's known products | Recall@50 | among products |",
            "|---|---|---|---|",
            _figures("this encoder", outcome["found"]),
            _figures("the encoder in use before", outcome["before"]),
            "",
            "## Data",
            "",
            "| | groups | queries | pairs | mean gain | sources |",
            "|---|---|---|---|---|---|",
            _counts("trained on", taught),
            _counts("held out", judged),
            "",
            "## Training",
            "",
            f"{outcome['steps']} steps in {outcome['seconds']:.0f} s, with this recipe:",
            "",
            *(f"- {name}: {value}" for name, value in recipe.items() if name != "base"),
            "",
            f"Made with `{command}`.",
            "",
            "## Licence",
            "",
            f"That of its base, {licence}, and of the data it was trained on.",
            "",
            "## Limits",
            "",
            (
                "It has learned how products of this shop are described and asked for, in the languages that were "
                "taught; on another catalogue its figures are a guess until they are measured there."
            ),
            "",
        ]
    )


def _figures(what: str, found: Mapping[str, Any] | None) -> str:
    if found is None:
        return f"| {what} | does not work | | |"
    recall = found["recall"]
    looked = f"{recall['mean']:.4f} | {recall['products']}" if recall and recall["queries"] else "not measured | "
    return f"| {what} | {found['ndcg']:.4f} | {looked} |"


def _counts(what: str, report: Mapping[str, Any]) -> str:
    sources = ", ".join(f"{name} {count}" for name, count in sorted(report["sources"].items()))
    return (
        f"| {what} | {report['groups']} | {report['queries']} | {report['pairs']} "
        f"| {report['mean_gain']:.3f} | {sources} |"
    )


def _named(base: str) -> str:
    """What a base is called, without the folders of this machine."""
    folder = Path(base)
    if not base or not folder.is_dir():
        return base or BUILT_IN
    return f"the encoder of {folder.parent.name}" if folder.parent.name.startswith("run-") else folder.name
