"""What a shop's names are called in the other language."""

from __future__ import annotations

import pytest

from retriever.text import holds_han
from retriever.understanding.bridging import lexicon
from retriever.understanding.called import called


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("Tents", "zh", "帐篷"),
        ("tent", "zh", "帐篷"),
        ("Sleeping Bags", "zh", "睡袋"),
        ("Coffee & Tea", "zh", "咖啡和茶叶"),
        ("Toys and Puzzles", "zh", "玩具和拼图"),
        ("T-Shirts", "zh", "T恤"),
        ("Mats", "zh", "“垫”"),
        ("Lip Balms", "zh", "唇膏"),
        ("帐篷", "zh", "帐篷"),
        ("Tents", "en", "Tents"),
        ("帐篷", "en", "Tent"),
        ("4", "zh", "4"),
        ("", "zh", ""),
    ],
)
def test_a_name_that_is_known_is_said_in_the_readers_language(name: str, language: str, expected: str) -> None:
    assert called(name, language) == expected


@pytest.mark.parametrize(
    ("name", "language"),
    [("Tortoise Things", "zh"), ("Hot Tents", "zh"), ("Tents & Gizmos", "zh"), ("Clothing", "zh"), ("推车", "en")],
)
def test_a_name_that_leaves_a_doubt_is_seen_to_be_a_name(name: str, language: str) -> None:
    assert called(name, language) == f"“{name}”"
    assert called(name, language, quoted=False) == name  # a button is no sentence


def test_every_wording_of_the_lexicon_can_be_asked_for() -> None:
    for chinese, english in lexicon().english.items():
        assert called(chinese, "en")
        assert all(called(each, "zh") for each in english)
        if not called(chinese, "en").startswith("“"):
            assert not holds_han(called(chinese, "en"))
