"""What quantising costs: the loss on held-out examples of the merged weights, in float and as they are served.

Run: ``python -m benchmarks.quantisation --examples FILE`` where FILE is the ``held_out.jsonl`` of a training run
(``shopwise train assistant``); ``--adapter DIR`` measures another adapter than the shipped one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from assistant.model.adapter import SHIPPED
from assistant.model.quantise import LINEAR_SUFFIX, quantise_rows
from assistant.model.weights import write_base
from assistant.tune.batches import encode
from assistant.tune.run import load_tokenizer, read_examples
from assistant.tune.train import Judgement, Recipe, judge

if TYPE_CHECKING:
    import torch

LEVELS = 127


def weights_as_served(model: Any) -> None:
    """Round every linear layer's weights as ``shopwise model build`` does, in place."""
    import torch

    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith(LINEAR_SUFFIX):
                levels, scale = quantise_rows(weight.numpy())
                weight.copy_(torch.from_numpy(levels * scale))


def activations_as_served(model: Any) -> None:
    """Round what goes into every linear layer as the server does: eight bits, one scale a token."""
    for name, layer in model.named_modules():
        if f"{name}.weight".endswith(LINEAR_SUFFIX):
            layer.register_forward_pre_hook(_rounded)


def _rounded(_layer: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    given, *rest = inputs
    scale = given.abs().amax(-1, keepdim=True).clamp_min(1e-9) / LEVELS
    return ((given / scale).round().clamp(-LEVELS, LEVELS) * scale, *rest)


def measure(base: Path, adapter: Path | None, examples: Path, say: Callable[[str], None]) -> dict[str, Judgement]:
    """Judgements of the float model, with quantised weights, and with quantised activations too."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    tokenizer = load_tokenizer(base)
    encoded = encode(read_examples(examples), tokenizer, Recipe().longest)
    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    found: dict[str, Judgement] = {}
    steps: list[tuple[str, Callable[[Any], None]]] = [
        ("float32", lambda _: None),
        ("int8 weights", weights_as_served),
        ("int8 weights and activations (as served)", activations_as_served),
    ]
    for name, change in steps:
        say(name)
        change(model)
        found[name] = judge(model, encoded, tokenizer, 0, 0)
    return found


def main() -> None:
    """Print the losses side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, required=True, help="held_out.jsonl of a training run")
    parser.add_argument("--adapter", type=Path, default=SHIPPED, help="default: the shipped one")
    arguments = parser.parse_args()
    with Progress(transient=True) as progress, tempfile.TemporaryDirectory() as folder:
        task = progress.add_task("the base model", total=None)
        write_base(Path(folder))
        found = measure(
            Path(folder), arguments.adapter, arguments.examples, lambda name: progress.update(task, description=name)
        )
    first = next(iter(found.values()))
    table = Table("weights", "loss a token", "ratio", *first.exact)
    for name, judgement in found.items():
        shares = [f"{share:.3f}" for share in judgement.exact.values()]
        table.add_row(name, f"{judgement.loss:.4f}", f"{judgement.loss / first.loss:.3f}", *shares)
    Console().print(table)


if __name__ == "__main__":
    main()
