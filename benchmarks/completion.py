"""How often a completed value is right: ``python -m benchmarks.completion --data DIR``.

Real products (ESCI) with a value that is known are completed as if it were not: in five
parts, each by what the other four say. One half of the products fits the confidences
(``--fit`` prints them for retriever/quality/confidence.toml), the other half is reported.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from assistant.settings import Settings
from ranker.encoder import SentenceEncoder, Vectors
from retriever.feeds.esci import EsciFeed
from retriever.feeds.feed import silent
from retriever.feeds.rows import ProductRow
from retriever.indexing import EmbeddingCache
from retriever.quality.completing import Completer, default_confidence
from retriever.quality.lexicon import lexicon
from retriever.quality.neighbours import Neighbourhood
from retriever.vectors import embedding_text
from retriever.writing import stamped_of

FOLDS = 5
BUCKETS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
VOTES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.01)


@dataclass(frozen=True)
class Guess:
    """One value that was hidden and guessed again."""

    field: str
    way: str
    share: float  # of the votes; 1 for what was found in words
    right: bool
    whole: bool  # down to the deepest category; always so for the other fields
    fits: bool  # of the half that fits the confidences


def guesses(rows: Sequence[ProductRow], vectors: Vectors, bare: Vectors) -> Iterator[Guess]:
    """Every known value, hidden and guessed.

    Args:
        rows: products.
        vectors: those of the products as they are: what their neighbours are told by.
        bare: those of the products without their category.
    """
    parts = np.array([_number(row.id) % FOLDS for row in rows])
    for part in range(FOLDS):
        with Neighbourhood(group=8) as neighbourhood:
            completer = Completer(neighbourhood)
            known = np.flatnonzero(parts != part)
            completer.learn([rows[at] for at in known], vectors[known])
            hidden = np.flatnonzero(parts == part)
            for at, votes in zip(hidden, neighbourhood.votes(bare[hidden]), strict=True):
                row = rows[at]
                fits = _number(row.id) // FOLDS % 2 == 0
                path = tuple(row.categories)
                if path and (chosen := completer.surest(votes)):
                    right = path[: len(chosen.path)] == chosen.path
                    yield Guess("category", "votes", chosen.share, right, len(chosen.path) == len(path), fits)
                if row.brand and (found := completer.brands.find(row.title)):
                    yield Guess("brand", found[1], 1.0, _key(found[0]) == _key(row.brand), True, fits)
                truth = lexicon().color.value_of(row.attributes.get("color", ""))
                if truth and (mention := lexicon().color.find(row.title, row.description)):
                    yield Guess("color", mention.place, 1.0, mention.value == truth, True, fits)


def confidence_of(guess: Guess) -> float:
    """What Shopwise would have stated."""
    stated = default_confidence()
    if guess.way == "votes":
        return stated.of_votes(guess.share)
    return (stated.brand if guess.field == "brand" else stated.color)[guess.way]


def rising(values: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """The mean share and the accuracy in each of VOTES, made to rise with the share."""
    points: list[tuple[float, float]] = []
    for low, high in pairwise(VOTES):
        inside = [(share, right) for share, right in values if low <= share < high]
        if inside:
            share, rate = (float(np.mean(column)) for column in zip(*inside, strict=True))
            points.append((round(share, 2), round(max([rate, *(known for _, known in points)]), 2)))
    return points


def main(words: Sequence[str] | None = None) -> int:
    """The exit code: 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.completion", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the ESCI products")
    parser.add_argument("--fit", action="store_true", help="print the confidences that the fitting half asks for")
    arguments = parser.parse_args(words)
    console = Console(width=120)
    rows = [
        item[1]
        for item in EsciFeed(arguments.data, arguments.data).read(silent)
        if isinstance(item, tuple) and isinstance(item[1], ProductRow)
    ]
    encoder, cache = SentenceEncoder(), EmbeddingCache(Settings().cache)
    vectors = cache.vectors(encoder, [embedding_text(stamped_of(row, "USD")) for row in rows])
    uncategorised = [row.model_copy(update={"categories": []}) for row in rows]
    bare = cache.vectors(encoder, [embedding_text(stamped_of(row, "USD")) for row in uncategorised])
    made = list(guesses(rows, vectors, bare))
    if arguments.fit:
        _show_fit(console, [guess for guess in made if guess.fits])
    _show(console, rows, [guess for guess in made if not guess.fits])
    return 0


def _show_fit(console: Console, made: Sequence[Guess]) -> None:
    ways: dict[tuple[str, str], list[Guess]] = defaultdict(list)
    for guess in made:
        ways[guess.field, guess.way].append(guess)
    for (field, way), held in sorted(ways.items()):
        console.print(f"{field} {way}: {_rate(held):.3f} of {len(held)}")
    votes = [(guess.share, guess.right) for guess in made if guess.way == "votes"]
    console.print("points =", [list(point) for point in rising(votes)])


def _show(console: Console, rows: Sequence[ProductRow], made: Sequence[Guess]) -> None:
    reported = [row for row in rows if _number(row.id) // FOLDS % 2]
    known = {
        "category": sum(bool(row.categories) for row in reported),
        "brand": sum(bool(row.brand) for row in reported),
        "color": sum(bool(lexicon().color.value_of(row.attributes.get("color", ""))) for row in reported),
    }
    least = default_confidence().least
    table = Table(
        "field", "stated confidence", "values", "mean stated", "right", "to the leaf", title="Hidden values, completed"
    )
    for field, all_known in known.items():
        held = [guess for guess in made if guess.field == field]
        for low, high in pairwise(BUCKETS):
            inside = [guess for guess in held if low <= confidence_of(guess) < high]
            if inside:
                table.add_row(field, f"{low:.1f} to {min(high, 1):.1f}", *_figures(inside))
        kept = [guess for guess in held if confidence_of(guess) >= least]
        label = f"kept ({least} and above)"
        table.add_row(f"{field}, {len(kept) / all_known:.0%} of {all_known}", label, *_figures(kept), end_section=True)
    console.print(table)


def _figures(held: Sequence[Guess]) -> tuple[str, str, str, str]:
    stated = float(np.mean([confidence_of(guess) for guess in held])) if held else 0.0
    whole = float(np.mean([guess.whole for guess in held])) if held else 0.0
    return str(len(held)), f"{stated:.2f}", f"{_rate(held):.2f}", f"{whole:.0%}"


def _rate(held: Sequence[Guess]) -> float:
    return float(np.mean([guess.right for guess in held])) if held else 0.0


def _key(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _number(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=4).digest(), "little")


if __name__ == "__main__":
    sys.exit(main())
