"""Fine-tuning the clerk: parameter-efficient by default, on a CPU within the hour.

1. base model and tokenizer   2. what is trained   3. examples   4. optimiser and schedule
5. resume   6. steps   7. judge by the held-out examples   8. keep the best   9. report

LoRA: Hu et al. 2021, arXiv 2106.09685; AdaLoRA: Zhang et al. 2023, arXiv 2303.10512; prefix tuning: Li and
Liang 2021, arXiv 2101.00190; all as in the library peft.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from assistant.model.adapter import CONFIG
from assistant.tune.batches import IGNORED, Encoded, batches, encode, tensors
from assistant.tune.data import Example

Method = Literal["lora", "adalora", "prefix", "full"]
ADALORA_STEPS = 2_000  # over which it spreads its ranks
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
Say = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        minutes: of training; the schedule ends with them.
        tokens: of one batch, padding included.
        longest: tokens of an example; longer ones are left out.
        patience: judgements without a better loss after which it ends early.
        every: steps between two judgements.
        rate: highest learning rate, from nothing; ``further_rate`` is that of an adapter that learns on.
    """

    method: Method = "lora"
    rank: int = 32
    rate: float = 1e-3
    further_rate: float = 6e-4
    warmup: float = 0.04
    minutes: float = 58
    tokens: int = 1_100
    longest: int = 420
    patience: int = 6
    every: int = 150
    seed: int = 11


@dataclass
class Judgement:
    """How well the held-out examples are answered, with the right words so far given (teacher forcing).

    ``exact`` is the share of examples all of whose tokens are the likeliest, by kind of example.
    """

    step: int
    seconds: float
    loss: float
    exact: dict[str, float]


@dataclass
class Report:
    """What a training run did."""

    recipe: dict[str, Any]
    examples: int
    held_out: int
    steps: int = 0
    epochs: float = 0
    seconds: float = 0
    losses: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    judgements: list[Judgement] = field(default_factory=list[Judgement])


def train(
    base: Path,
    tokenizer: Any,
    run: Path,
    examples: Sequence[Example],
    held_out: Sequence[Example],
    recipe: Recipe,
    say: Say,
    start: Path | None = None,
) -> Report:
    """Train and leave the best adapter (or model) in ``run/adapter``; a killed run goes on where it was.

    Args:
        base: folder of the unquantised base model.
        tokenizer: its tokenizer, with the chat template that the server uses.
        run: folder of this run: its log, its checkpoint, its adapter.
        examples: to train on.
        held_out: to judge by.
        recipe: how.
        say: hears (what, done, total).
        start: folder of a LoRA adapter of the recipe's rank that learns on; a new one otherwise.
    """
    import torch

    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    model = trainable(base, recipe, start)
    rate = recipe.rate if start is None else recipe.further_rate
    taught = encode(examples, tokenizer, recipe.longest)
    judged = encode(held_out, tokenizer, recipe.longest)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0)
    report = Report(asdict(recipe), len(taught), len(judged))
    spent = resume(run, model, optimiser, report)
    # A run that goes on draws another order: the same one would teach again what it taught before.
    dice = random.Random(recipe.seed + report.steps)  # noqa: S311 (order of examples, no secret)
    best = min((each.loss for each in report.judgements), default=math.inf)
    began = time.monotonic() - spent
    limit = 60 * recipe.minutes
    worse = 0
    model.train()
    while worse < recipe.patience and time.monotonic() - began < limit:
        for batch in batches(taught, recipe.tokens, dice):
            done = (time.monotonic() - began) / limit
            if done >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = rate * scheduled(done, recipe.warmup)
            loss = step_loss(model, batch, tokenizer.pad_token_id or 0)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            if recipe.method == "adalora":
                model.base_model.update_and_allocate(report.steps)
            optimiser.zero_grad(set_to_none=True)
            report.steps += 1
            report.epochs += len(batch) / len(taught)
            report.losses.append((report.steps, round(loss.item(), 4)))
            say(f"training, loss {loss.item():.3f}", int(time.monotonic() - began), int(limit))
            if report.steps % recipe.every == 0:
                found = judge(model, judged, tokenizer, report.steps, time.monotonic() - began)
                report.judgements.append(found)
                log(run, found)
                worse = 0 if found.loss < best else worse + 1
                if found.loss < best:
                    best = found.loss
                    model.save_pretrained(run / "adapter")
                checkpoint(run, model, optimiser, report, time.monotonic() - began)
                if worse >= recipe.patience:
                    break
    found = judge(model, judged, tokenizer, report.steps, time.monotonic() - began)
    report.judgements.append(found)
    log(run, found)
    if found.loss < best:
        model.save_pretrained(run / "adapter")
    report.seconds = round(time.monotonic() - began, 1)
    (run / "report.json").write_text(json.dumps(asdict(report), indent=1), encoding="utf-8")
    return report


def trainable(base: Path, recipe: Recipe, start: Path | None = None) -> Any:
    """The base model with what is trained on it."""
    import torch
    from peft import AdaLoraConfig, LoraConfig, PeftModel, PrefixTuningConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = model.to(processor())
    if recipe.method == "full":
        return model
    if start is not None:
        return PeftModel.from_pretrained(model, start, is_trainable=True)
    rank, alpha = recipe.rank, 2 * recipe.rank
    configs: dict[str, Callable[[], Any]] = {
        "lora": lambda: LoraConfig(task_type="CAUSAL_LM", r=rank, lora_alpha=alpha, target_modules=LINEARS),
        "adalora": lambda: AdaLoraConfig(
            task_type="CAUSAL_LM",
            init_r=rank,
            target_r=max(1, rank // 2),
            lora_alpha=alpha,
            target_modules=LINEARS,
            total_step=ADALORA_STEPS,
        ),
        "prefix": lambda: PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=rank),
    }
    return get_peft_model(model, configs[recipe.method]())


def processor() -> str:
    """Where to compute: a GPU if there is one."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def step_loss(model: Any, batch: Sequence[Encoded], padding: int) -> Any:
    """Mean cross entropy of the answers' tokens."""
    import torch

    ids, mask, labels = (part.to(model.device) for part in tensors(batch, padding))
    logits, wanted = answer_logits(model, ids, mask, labels)
    return torch.nn.functional.cross_entropy(logits.float(), wanted)


def answer_logits(model: Any, ids: Any, mask: Any, labels: Any) -> tuple[Any, Any]:
    """Logits where an answer's token comes next, with those tokens: the output layer is a fifth of the work."""
    following = labels[:, 1:]
    places = following != IGNORED
    if getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False):
        # What such a method puts before the prompt exists only in the whole model's own call.
        return model(input_ids=ids, attention_mask=mask).logits[:, -ids.shape[1] :][:, :-1][places], following[places]
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = inner.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    return inner.lm_head(hidden[:, :-1][places]), following[places]


def assess(base: Path, trained: Path | None, tokenizer: Any, examples: Sequence[Example], recipe: Recipe) -> Judgement:
    """How well examples are answered by the base model, or by what was trained from it: an adapter or a whole model."""
    import torch
    from transformers import AutoModelForCausalLM

    adapter = trained if trained is not None and (trained / CONFIG).is_file() else None
    source = base if trained is None or adapter is not None else trained
    model: Any = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
    model = model.to(processor())
    if adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, adapter)
    return judge(model, encode(examples, tokenizer, recipe.longest), tokenizer, 0, 0)


def judge(model: Any, encoded: Sequence[Encoded], tokenizer: Any, step: int, seconds: float) -> Judgement:
    """Loss and exactness on examples."""
    import torch

    model.eval()
    total, count = 0.0, 0
    right: dict[str, list[bool]] = {}
    with torch.no_grad():
        for batch in batches(encoded, 3_000, random.Random(0)):  # noqa: S311 (any order)
            ids, mask, labels = (part.to(model.device) for part in tensors(batch, tokenizer.pad_token_id or 0))
            logits, wanted = answer_logits(model, ids, mask, labels)
            total += float(torch.nn.functional.cross_entropy(logits.float(), wanted, reduction="sum"))
            count += len(wanted)
            hits = logits.argmax(-1) == wanted
            at = 0
            for item in batch:
                size = len(item.ids) - item.start
                key = f"{item.example.kind} {item.example.language}"
                right.setdefault(key, []).append(bool(hits[at : at + size].all()))
                at += size
    model.train()
    exact = {key: round(sum(hits) / len(hits), 4) for key, hits in sorted(right.items())}
    return Judgement(step, round(seconds, 1), round(total / max(1, count), 5), exact)


def scheduled(done: float, warmup: float) -> float:
    """Factor on the learning rate at a share of the time: a short rise, then half a cosine down."""
    if done < warmup:
        return done / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warmup) / (1 - warmup))))


def log(run: Path, found: Judgement) -> None:
    """Add a judgement to the run's log."""
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(found)) + "\n")


def checkpoint(run: Path, model: Any, optimiser: Any, report: Report, seconds: float) -> None:
    """Write down where the run is, whole or not at all."""
    import torch

    weights = {name: value for name, value in model.named_parameters() if value.requires_grad}
    state = {"weights": weights, "optimiser": optimiser.state_dict(), "report": asdict(report), "seconds": seconds}
    torch.save(state, run / "checkpoint.new")
    (run / "checkpoint.new").rename(run / "checkpoint.pt")


def resume(run: Path, model: Any, optimiser: Any, report: Report) -> float:
    """Take up a run that was interrupted; the seconds it has had."""
    import torch

    path = run / "checkpoint.pt"
    if not path.exists():
        return 0.0
    state = torch.load(path, weights_only=True, map_location=processor())
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in state["weights"].items():
            own[name].copy_(value)
    optimiser.load_state_dict(state["optimiser"])
    old = state["report"]
    report.steps, report.epochs = old["steps"], old["epochs"]
    report.losses = [(step, loss) for step, loss in old["losses"]]
    report.judgements = [Judgement(**each) for each in old["judgements"]]
    return float(state["seconds"])
