"""How likely a query is for a product, by a small generative model: a teacher that needs no labels.

A model that has read much text knows which words people would ask for a thing with. The
mean log-probability of the query's tokens after the product's text orders candidates
about as well as full text does, and differently (query likelihood, Ponte and Croft 1998;
with language models Sachan et al. 2022, "Improving Passage Retrieval with Zero-Shot
Question Generation"). It is far too slow for a search and quick enough to teach a small
ranker over night: all queries of one product are scored in one sequence, so that the
product is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

Progress = Callable[[int, int], None]

PREFIX, ASK = "Product: ", "\nSearch query:"
MAX_TEXT = 64  # tokens of a product
MAX_QUERY = 24  # tokens of a query
PACKED = 160  # tokens of all queries behind one product: more of them are a further sequence
TOKENS = 4_096  # of one batch, padding and all


class TeacherMissingError(Exception):
    """The teacher's model cannot be loaded; the message says which and why."""


class Teacher(Protocol):
    """Anything that scores products for queries, slowly and well; higher is better within one query."""

    def score(
        self, asked: Mapping[str, Sequence[str]], progress: Progress | None = None
    ) -> dict[tuple[str, str], float]:
        """Scores by (text, query) for every product text and the queries to score it for."""
        ...


class QueryLikelihood:
    """The teacher over any causal language model in a folder.

    Args:
        folder: weights and tokenizer as ``transformers`` reads them.
        threads: of the processor; ``None`` leaves it to torch.
    """

    def __init__(self, folder: Path, *, threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads
        self._loaded: tuple[Any, Any] | None = None

    def score(
        self, asked: Mapping[str, Sequence[str]], progress: Progress | None = None
    ) -> dict[tuple[str, str], float]:
        """Mean log-probability of each query's tokens after the product's text.

        Raises:
            TeacherMissingError: if the model cannot be loaded.
        """
        tokenizer, _ = self._load()
        ask = tokenizer(ASK).input_ids
        packs: list[_Pack] = []
        for text, queries in asked.items():
            head = tokenizer(PREFIX + text).input_ids[:MAX_TEXT] + ask
            packs.extend(_packs(text, head, [(q, tokenizer(" " + q).input_ids[:MAX_QUERY]) for q in queries]))
        packs.sort(key=lambda pack: pack.length)
        scores: dict[tuple[str, str], float] = {}
        total = sum(len(pack.queries) for pack in packs)
        for batch in _batches(packs):
            scores.update(self._score(batch))
            if progress is not None:
                progress(len(scores), total)
        return scores

    def _score(self, batch: Sequence[_Pack]) -> dict[tuple[str, str], float]:
        import torch

        _, model = self._load()
        longest = max(pack.length for pack in batch)
        tokens = torch.zeros((len(batch), longest), dtype=torch.long)
        places = torch.zeros_like(tokens)
        seen = torch.zeros((len(batch), 1, longest, longest), dtype=torch.bool)
        for row, pack in enumerate(batch):
            pack.write(tokens[row], places[row], seen[row, 0])
        # A row of padding sees itself, as a softmax over nothing is no number.
        seen |= torch.eye(longest, dtype=torch.bool)
        mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)
        scores: dict[tuple[str, str], float] = {}
        with torch.inference_mode():
            hidden = model.model(tokens, attention_mask=mask, position_ids=places).last_hidden_state
            for row, pack in enumerate(batch):
                at, wanted, owner = pack.predictions()
                logits = model.lm_head(hidden[row, torch.tensor(at)]).log_softmax(-1)
                found = logits.gather(1, torch.tensor(wanted)[:, None])[:, 0]
                sums = torch.zeros(len(pack.queries)).index_add_(0, torch.tensor(owner), found).tolist()
                for (query, ids), value in zip(pack.queries, sums, strict=True):
                    scores[pack.text, query] = value / len(ids)
        return scores

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer

            if self._threads is not None:
                torch.set_num_threads(self._threads)
            try:
                tokenizer = AutoTokenizer.from_pretrained(str(self._folder), local_files_only=True)
                model = AutoModelForCausalLM.from_pretrained(
                    str(self._folder), dtype=torch.float32, local_files_only=True
                )
            except (OSError, ValueError) as error:
                raise TeacherMissingError(f"The teacher in {self._folder} cannot be loaded: {error}") from error
            self._loaded = (tokenizer, model.eval())
        return self._loaded


class _Pack:
    """One product with some queries behind it; each query sees the product and itself."""

    def __init__(self, text: str, head: Sequence[int], queries: Sequence[tuple[str, list[int]]]) -> None:
        self.text = text
        self.queries = list(queries)
        self._head = list(head)
        self.length = len(self._head) + sum(len(ids) for _, ids in self.queries)

    def write(self, tokens: Any, places: Any, seen: Any) -> None:
        """Fill in one row: tokens, their positions, and which token sees which."""
        import torch

        size = len(self._head)
        tokens[: self.length] = torch.tensor([*self._head, *(token for _, ids in self.queries for token in ids)])
        places[:size] = torch.arange(size)
        seen[:size, :size] = torch.ones((size, size), dtype=torch.bool).tril()
        start = size
        for _, ids in self.queries:
            end = start + len(ids)
            places[start:end] = torch.arange(size, size + len(ids))
            seen[start:end, :size] = True
            seen[start:end, start:end] = torch.ones((len(ids), len(ids)), dtype=torch.bool).tril()
            start = end

    def predictions(self) -> tuple[list[int], list[int], list[int]]:
        """Where each query token is predicted, which one it is, and whose it is."""
        at: list[int] = []
        wanted: list[int] = []
        owner: list[int] = []
        start = len(self._head)
        for number, (_, ids) in enumerate(self.queries):
            at.extend([len(self._head) - 1, *range(start, start + len(ids) - 1)])
            wanted.extend(ids)
            owner.extend([number] * len(ids))
            start += len(ids)
        return at, wanted, owner


def _packs(text: str, head: Sequence[int], queries: Sequence[tuple[str, list[int]]]) -> list[_Pack]:
    packs: list[_Pack] = []
    part: list[tuple[str, list[int]]] = []
    for query in queries:
        if part and sum(len(ids) for _, ids in part) + len(query[1]) > PACKED:
            packs.append(_Pack(text, head, part))
            part = []
        if query[1]:
            part.append(query)
    return [*packs, _Pack(text, head, part)] if part else packs


def _batches(packs: Sequence[_Pack]) -> list[list[_Pack]]:
    """Packs of like length together, as many as fit into ``TOKENS``."""
    batches: list[list[_Pack]] = []
    for pack in packs:
        if batches and (len(batches[-1]) + 1) * pack.length <= TOKENS:
            batches[-1].append(pack)
        else:
            batches.append([pack])
    return batches
