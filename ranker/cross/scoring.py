"""What a cross-encoder is, and how every implementation reads and batches its pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Scores = NDArray[np.float32]
Inputs = dict[str, NDArray[np.int64]]

TOKENIZER = "tokenizer.json"
MAX_TOKENS = 96
BATCH = 32


class CrossEncoder(Protocol):
    """Anything that says how well texts answer a query.

    ``name`` changes whenever the same pair would get another score. Scores are
    comparable between calls of one model only; higher is better.
    """

    @property
    def name(self) -> str:
        """What the scores are bound to."""
        ...

    @property
    def weight(self) -> float:
        """How much its score counts in the last order of a search, in which others count about 1; 0: not at all."""
        ...

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it has learned; ``None`` means unknown, and it is then asked in every language."""
        ...

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """One score a text, in the given order."""
        ...


class RankerMissingError(Exception):
    """A cross-encoder cannot be loaded; the message says which and why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and a text as token ids; ``types`` tells which of the two a token is of."""

    ids: tuple[int, ...]
    types: tuple[int, ...]


class Pairs:
    """Queries and texts to token ids, the same in training and in serving.

    Args:
        tokenizer: a fast tokenizer, which is set to cut here and used for nothing else.
        max_tokens: of query and text together; of what is longer, the longer of the two loses its end.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int = MAX_TOKENS) -> None:
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self._padding = _padding(tokenizer)
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_tokens, strategy="longest_first")

    @classmethod
    def read(cls, folder: Path, max_tokens: int = MAX_TOKENS) -> Pairs:
        """The tokenizer of a model's folder.

        Raises:
            RankerMissingError: if it is missing or broken.
        """
        from tokenizers import Tokenizer

        path = folder / TOKENIZER
        try:
            return cls(Tokenizer.from_str(path.read_text(encoding="utf-8")), max_tokens)
        except OSError as error:
            raise RankerMissingError(f"The tokenizer {path} cannot be read: {error.strerror}.") from error
        except Exception as error:
            raise RankerMissingError(f"The tokenizer {path} is broken: {error}.") from error

    def encode(self, query: str, texts: Sequence[str]) -> list[Pair]:
        """One pair a text."""
        encoded = self.tokenizer.encode_batch([(query, text) for text in texts])
        return [Pair(tuple(each.ids), tuple(each.type_ids)) for each in encoded]

    def inputs(self, pairs: Sequence[Pair]) -> Inputs:
        """The arrays a model takes, padded to the longest of these pairs."""
        width = max(len(pair.ids) for pair in pairs)
        ids = np.full((len(pairs), width), self._padding, dtype=np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for row, pair in enumerate(pairs):
            ids[row, : len(pair.ids)] = pair.ids
            mask[row, : len(pair.ids)] = 1
            types[row, : len(pair.ids)] = pair.types
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def by_length(pairs: Sequence[Pair], batch: int = BATCH) -> Iterator[list[int]]:
    """Positions in batches of like length, the longest first: little time goes into padding."""
    order = sorted(range(len(pairs)), key=lambda row: (-len(pairs[row].ids), row))
    for start in range(0, len(order), batch):
        yield order[start : start + batch]


def score_pairs(pairs: Pairs, query: str, texts: Sequence[str], run: Callable[[Inputs], Scores], batch: int) -> Scores:
    """The scores that ``run`` gives batch by batch, in the order of the texts."""
    encoded = pairs.encode(query, texts)
    scores = np.zeros(len(encoded), dtype=np.float32)
    for rows in by_length(encoded, batch):
        scores[rows] = run(pairs.inputs([encoded[row] for row in rows]))
    return scores


def _padding(tokenizer: Tokenizer) -> int:
    """The id that fills a batch up; any will do where the tokenizer has none, for it is masked."""
    return next((id for token in ("[PAD]", "<pad>") if (id := tokenizer.token_to_id(token)) is not None), 0)
