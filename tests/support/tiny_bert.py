"""A BERT that is made on the spot, small enough to train within a test, and something to teach it."""

from __future__ import annotations

import random
from pathlib import Path

from ranker.groups import Group

COLOURS = ("red", "blue", "green", "black")
GOODS = ("mug", "lamp", "chair", "hose", "cable", "shirt", "pan", "tent")
WORDS = (*COLOURS, *GOODS, "a", "for", "the", "garden", "kitchen", "steel", "cotton", "large", "small", "8", "mm")


def tiny_bert(folder: Path) -> Path:
    """A folder with a random BERT of two layers and a WordPiece tokenizer of some twenty words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    special = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    letters = [piece for letter in "abcdefghijklmnopqrstuvwxyz" for piece in (letter, f"##{letter}")]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys([*special, *WORDS, *letters]))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    folder.mkdir(parents=True, exist_ok=True)
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def colour_groups(count: int, seed: int = 0) -> list[Group]:
    """Queries for a thing of a colour; the right thing has gain 1, in another colour .1, anything else 0."""
    dice = random.Random(seed)
    groups: list[Group] = []
    for number in range(count):
        colour, thing = dice.choice(COLOURS), dice.choice(GOODS)
        other = dice.choice([each for each in COLOURS if each != colour])
        wrong = dice.sample([each for each in GOODS if each != thing], 4)
        texts = [
            f"{colour} {thing} for the kitchen",
            f"{other} {thing}",
            *(f"{colour} {each} large steel" for each in wrong),
        ]
        groups.append(
            Group(
                query=f"{colour} {thing}",
                ids=tuple(f"{number}-{place}" for place in range(len(texts))),
                texts=tuple(texts),
                gains=(1.0, 0.1, 0.0, 0.0, 0.0, 0.0),
            )
        )
    return groups
