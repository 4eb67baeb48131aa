"""The teacher: a query's probability after a product's text, many queries in one sequence."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from ranker.likelihood import ASK, MAX_TEXT, PREFIX, QueryLikelihood, TeacherMissingError

WORDS = "Product : Search query red blue mug cup tea pot large small with for . a b c d e f g h".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A causal model of two layers that knows some thirty words."""
    path = tmp_path_factory.mktemp("teacher")
    words = Tokenizer(models.WordLevel({word: n for n, word in enumerate(["[UNK]", *WORDS])}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]").save_pretrained(path)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(WORDS) + 1, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4
    )
    LlamaForCausalLM(config).save_pretrained(path)
    return path


def alone(folder: Path, text: str, query: str) -> float:
    """The same score the plain way: one sequence, one query."""
    model = LlamaForCausalLM.from_pretrained(folder).eval()
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    head = tokenizer(PREFIX + text).input_ids[:MAX_TEXT] + tokenizer(ASK).input_ids
    asked = tokenizer(" " + query).input_ids
    with torch.inference_mode():
        logits = model(torch.tensor([head + asked])).logits[0].log_softmax(-1)
    return sum(logits[len(head) - 1 + n, token].item() for n, token in enumerate(asked)) / len(asked)


def test_queries_packed_behind_one_product_score_as_each_would_alone(folder: Path) -> None:
    asked = {"red mug": ["mug", "red mug", "blue tea pot"], "large tea pot with a cup": ["tea pot", "mug"]}
    found = QueryLikelihood(folder).score(asked)
    assert set(found) == {(text, query) for text, queries in asked.items() for query in queries}
    for (text, query), score in found.items():
        assert score == pytest.approx(alone(folder, text, query), abs=1e-4)


def test_more_queries_than_fit_behind_one_product_and_progress(folder: Path) -> None:
    queries = [f"{a} {b} mug cup tea pot large small" for a in "abcdefgh" for b in "abcdefgh"]
    heard: list[tuple[int, int]] = []
    found = QueryLikelihood(folder).score({"red mug": queries}, lambda done, total: heard.append((done, total)))
    assert len(found) == len(queries) == 64
    assert heard[-1] == (64, 64)
    assert found["red mug", queries[-1]] == pytest.approx(alone(folder, "red mug", queries[-1]), abs=1e-4)


def test_a_model_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TeacherMissingError, match="nowhere"):
        QueryLikelihood(tmp_path / "nowhere").score({"mug": ["mug"]})
