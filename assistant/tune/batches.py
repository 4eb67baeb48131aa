"""Examples as token ids with the answer's places marked, in batches of like length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.tune.data import Example

if TYPE_CHECKING:
    import torch

IGNORED = -100  # the label that PyTorch's cross entropy leaves out


@dataclass(frozen=True)
class Encoded:
    """One example: ids of prompt and answer, and where the answer begins."""

    ids: tuple[int, ...]
    start: int
    example: Example


def encode(examples: Sequence[Example], tokenizer: Any, most: int) -> list[Encoded]:
    """Token ids by the chat template that the server uses. Examples of more than ``most`` tokens are left out."""
    found: list[Encoded] = []
    for example in examples:
        prompt = _rendered(tokenizer, example.messages, add_generation_prompt=True)
        whole = _rendered(tokenizer, [*example.messages, example.answer], add_generation_prompt=False)
        before = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        answer = tokenizer(whole[len(prompt) :].rstrip("\n"), add_special_tokens=False)["input_ids"]
        if len(before) + len(answer) <= most:
            found.append(Encoded((*before, *answer), len(before), example))
    return found


def batches(encoded: Sequence[Encoded], tokens: int, dice: random.Random) -> Iterator[list[Encoded]]:
    """All examples once, in random batches of at most ``tokens`` with their padding."""
    order = list(encoded)
    dice.shuffle(order)
    # Like lengths together waste little on padding; within a stretch of the shuffled order, so that batches stay mixed.
    stretch = 512
    made: list[list[Encoded]] = []
    for start in range(0, len(order), stretch):
        batch: list[Encoded] = []
        for item in sorted(order[start : start + stretch], key=lambda item: len(item.ids)):
            if batch and len(item.ids) * (len(batch) + 1) > tokens:
                made.append(batch)
                batch = []
            batch.append(item)
        made.append(batch)
    dice.shuffle(made)
    yield from made


def tensors(batch: Sequence[Encoded], padding: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, attention mask and labels, each of shape ``(len(batch), longest)``; labels are ids of the answer only."""
    import torch

    longest = max(len(item.ids) for item in batch)
    ids = torch.full((len(batch), longest), padding)
    mask = torch.zeros((len(batch), longest), dtype=torch.long)
    labels = torch.full((len(batch), longest), IGNORED)
    for row, item in enumerate(batch):
        size = len(item.ids)
        ids[row, :size] = torch.tensor(item.ids)
        mask[row, :size] = 1
        labels[row, item.start : size] = torch.tensor(item.ids[item.start :])
    return ids, mask, labels


def _rendered(tokenizer: Any, messages: list[dict[str, Any]], *, add_generation_prompt: bool) -> str:
    return tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=add_generation_prompt, tools_known=True
    )
