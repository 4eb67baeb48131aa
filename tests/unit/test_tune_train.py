"""Training on a tiny random model: every method learns, keeps its best, and goes on where it was interrupted."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest

from assistant.tune.batches import IGNORED, batches, encode, tensors
from assistant.tune.data import Example
from assistant.tune.report import write_report
from assistant.tune.train import Method, Recipe, assess, scheduled, train

TEMPLATE = files("assistant.model") / "templates" / "smollm2.jinja"


def example(text: str, answer: str) -> Example:
    messages = [{"role": "system", "content": "You are the clerk."}, {"role": "user", "content": text}]
    return Example(messages, {"role": "assistant", "content": answer}, "decide", "plain", "en")


EXAMPLES = [example(f"{word} {number}", word) for word in ("tea", "mug") for number in range(8)]
RECIPE = Recipe(rank=2, rate=2e-2, minutes=0.05, tokens=600, longest=200, every=4, patience=50)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """One token a byte, with the marks and the template of the built-in model."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({letter: place for place, letter in enumerate(letters)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.add_special_tokens([AddedToken("<|im_start|>"), AddedToken("<|im_end|>")])
    wrapped = PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<|im_end|>", eos_token="<|im_end|>")
    wrapped.chat_template = TEMPLATE.read_text(encoding="utf-8")
    return wrapped


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=258,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=True,
    )
    folder = tmp_path_factory.mktemp("base")
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def silent(_what: str, _done: int, _total: int) -> None:
    """Hears and says nothing."""


def test_only_the_answer_is_learned(tokenizer: Any):
    (encoded,) = encode([example("tea 1", "tea")], tokenizer, 200)
    _, mask, labels = tensors([encoded], 0)
    learned = [token for token in labels[0].tolist() if token != IGNORED]
    assert "".join(tokenizer.convert_ids_to_tokens(learned)) == "tea<|im_end|>"
    assert int(mask.sum()) == len(encoded.ids)


def test_a_batch_is_no_larger_than_asked_and_each_example_comes_once(tokenizer: Any):
    import random

    encoded = encode(EXAMPLES, tokenizer, 200)
    made = list(batches(encoded, 600, random.Random(2)))
    assert sorted(id(item) for batch in made for item in batch) == sorted(map(id, encoded))
    assert all(max(len(item.ids) for item in batch) * len(batch) <= 600 for batch in made)


def test_what_is_too_long_is_left_out(tokenizer: Any):
    assert encode([example("tea " * 100, "tea")], tokenizer, 200) == []


@pytest.mark.parametrize("method", get_args(Method))
def test_every_method_learns(method: Method, base: Path, tokenizer: Any, tmp_path: Path):
    recipe = Recipe(**{**RECIPE.__dict__, "method": method})
    report = train(base, tokenizer, tmp_path / "run", EXAMPLES, EXAMPLES[::4], recipe, silent)
    before = assess(base, None, tokenizer, EXAMPLES[::4], recipe)
    after = assess(base, tmp_path / "run" / "adapter", tokenizer, EXAMPLES[::4], recipe)
    assert report.steps > 0
    assert after.loss < before.loss
    assert after.loss == pytest.approx(min(each.loss for each in report.judgements), abs=1e-4)


def test_an_interrupted_run_goes_on(base: Path, tokenizer: Any, tmp_path: Path):
    first = train(base, tokenizer, tmp_path, EXAMPLES, EXAMPLES[::4], RECIPE, silent)
    longer = Recipe(**{**RECIPE.__dict__, "minutes": 2 * RECIPE.minutes})
    second = train(base, tokenizer, tmp_path, EXAMPLES, EXAMPLES[::4], longer, silent)
    assert second.losses[: first.steps // RECIPE.every * RECIPE.every] == first.losses[: first.steps // 4 * 4]
    assert second.seconds > first.seconds
    logged = [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert logged == sorted(logged)


def test_an_adapter_learns_on(base: Path, tokenizer: Any, tmp_path: Path):
    train(base, tokenizer, tmp_path / "first", EXAMPLES, EXAMPLES[::4], RECIPE, silent)
    learned = assess(base, tmp_path / "first" / "adapter", tokenizer, EXAMPLES[::4], RECIPE)
    still = Recipe(**{**RECIPE.__dict__, "further_rate": 0.0, "minutes": 0.01, "every": 1, "patience": 1})
    begun = train(
        base, tokenizer, tmp_path / "on", EXAMPLES, EXAMPLES[::4], still, silent, tmp_path / "first" / "adapter"
    )
    assert begun.judgements[0].loss == pytest.approx(learned.loss, abs=1e-4)


def test_a_run_without_progress_ends_early(base: Path, tokenizer: Any, tmp_path: Path):
    still = Recipe(**{**RECIPE.__dict__, "rate": 0.0, "minutes": 5, "every": 1, "patience": 3})
    report = train(base, tokenizer, tmp_path, EXAMPLES, EXAMPLES[::4], still, silent)
    assert report.steps <= 5
    assert report.seconds < 200


def test_a_run_is_drawn(base: Path, tokenizer: Any, tmp_path: Path):
    report = train(base, tokenizer, tmp_path, EXAMPLES, EXAMPLES[::4], RECIPE, silent)
    judged = report.judgements[-1]
    assert "<svg" in write_report(tmp_path, report, judged, judged).read_text(encoding="utf-8")


def test_the_rate_rises_and_falls():
    rates = [scheduled(done / 100, 0.1) for done in range(101)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(1, abs=0.01)
    assert rates[100] == pytest.approx(0, abs=1e-6)
    assert rates[:10] == sorted(rates[:10])
    assert rates[11:] == sorted(rates[11:], reverse=True)
