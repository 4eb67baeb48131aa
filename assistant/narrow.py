"""Narrows what a small model can get wrong, before it decides.

A model that has not learned the tools is offered few of them (those that messages like the
shopper's want), a search query made of the shopper's own words (it may only leave out
words that carry nothing), and the goods that "the second one" can mean. A model that needs none of
this gets a profile without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from assistant.grounding import clerk_words, stems
from assistant.prompts import prompt
from retriever.text import language_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    from ranker.encoder import Encoder

CLOSE = 0.8  # a tool at least this likely, relative to the likeliest, leaves the choice to the model
GRAMS = 0.3  # weight of character n-grams beside the encoder's vectors
ORDINALS = {
    1: r"\b(?:1st|first)\b|第一|第1",
    2: r"\b(?:2nd|second)\b|第二|第2",
    3: r"\b(?:3rd|third)\b|第三|第3",
    4: r"\b(?:4th|fourth)\b|第四|第4",
    5: r"\b(?:5th|fifth)\b|第五|第5",
}
ORDER_ID = re.compile(r"#?[A-Za-z]{0,3}[-#]?\d{3,}")
WORDS = re.compile(r"[^\s\"\\?!？！。，,;；]+")


@dataclass(frozen=True)
class Example:
    """A message and the tool it wants; no tool for small talk."""

    tool: str
    text: str


class Shortlist:
    """Picks the tools worth offering for a message, learned from example messages when first asked.

    A logistic regression a language, over character n-grams and, where the encoder knows the
    language, its vectors. Cross-validated figures are in docs/experiments.md.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._fitted: dict[str, tuple[TfidfVectorizer, LogisticRegression]] = {}

    def tools(self, text: str, available: Sequence[str]) -> list[str]:
        """Names among ``available``, the likeliest first; empty for small talk."""
        language = language_of(text)
        if language not in self._fitted:
            self._fitted[language] = self.fit(examples(language))
        vectorizer, model = self._fitted[language]
        chances = dict(zip(model.classes_, model.predict_proba(self.features([text], vectorizer))[0], strict=True))
        open_to = {str(name): float(p) for name, p in chances.items() if not name or name in available}
        top = max(open_to, key=lambda name: open_to[name])
        if not top:
            return []
        near = [name for name, p in open_to.items() if name and p >= CLOSE * open_to[top]]
        return sorted(near, key=lambda name: -open_to[name])

    def fit(self, rows: Sequence[Example]) -> tuple[TfidfVectorizer, LogisticRegression]:
        """Learn from examples of one language (a tenth of a second)."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        texts = [row.text for row in rows]
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit(texts)
        model = LogisticRegression(C=10, max_iter=2000, class_weight="balanced")
        return vectorizer, model.fit(self.features(texts, vectorizer), [row.tool for row in rows])

    def features(self, texts: Sequence[str], vectorizer: TfidfVectorizer) -> NDArray[np.float32]:
        """One row a text; the texts are of one language."""
        grams = np.asarray(vectorizer.transform(texts).todense(), dtype=np.float32)
        language = language_of(texts[0])
        if self.encoder.languages is not None and language not in self.encoder.languages:
            return grams
        return np.hstack([GRAMS * grams, (1 - GRAMS) * self.encoder.encode(list(texts))])


def examples(language: str) -> list[Example]:
    """The example messages of one language."""
    rows = [json.loads(line) for line in prompt("tool_examples.jsonl").splitlines()]
    return [Example(row["tool"], text) for row in rows for text in row[language]]


def own_words(text: str) -> str:
    """A regular expression for the queries that ``text`` allows: its words in order, only empty ones optional.

    Returns an empty string where the text has no word to search for.
    """
    words = WORDS.findall(text)
    needed = [bool(set(stems(word)) - clerk_words()) for word in words]
    if not any(needed):
        return ""
    for place, word in enumerate(words):
        if any(c.isdigit() for c in word):  # a figure keeps its neighbours: "under 20 dollars" is one wish
            needed[max(0, place - 1) : place + 2] = [True] * len(needed[max(0, place - 1) : place + 2])
    last = max(place for place, need in enumerate(needed) if need)
    parts = [
        (f"{re.escape(word)}{'' if place == last else ' '}" if need else f"({re.escape(word)} )?")
        for place, (word, need) in enumerate(zip(words[: last + 1], needed, strict=False))
    ]
    return "".join(parts)


def meant_goods(text: str, shown: Sequence[str], latest: Sequence[str]) -> list[str]:
    """The products a message can mean: the ones it counts out of the latest list, else all that were shown."""
    numbers = [number for number, pattern in ORDINALS.items() if re.search(pattern, text, re.IGNORECASE)]
    counted = [latest[number - 1] for number in numbers if number <= len(latest)]
    if counted:
        return counted
    return list(latest) if len(latest) == 1 else list(shown)


def narrowed(schema: dict[str, Any], text: str) -> dict[str, Any] | None:
    """The tool's schema with its free texts bound to the message; ``None`` where the message gives none."""
    properties = cast("dict[str, Any]", schema["function"]["parameters"]["properties"])
    if "query" in properties:
        pattern = own_words(text)
        if not pattern:
            return None
        properties["query"] = {"type": "string", "pattern": f"^{pattern}$"}
    if "order_id" in properties:
        ids = ORDER_ID.findall(text)
        if not ids:
            return None
        properties["order_id"] = {"type": "string", "enum": ids}
    if "lines" in properties:
        line = cast("dict[str, Any]", properties["lines"]["items"])
        line["properties"].pop("variant_id")
        line["required"] = ["product_id", "quantity"]
        properties["lines"] |= {"minItems": 1, "maxItems": 1}
    if "reason" in properties:
        properties["reason"] = {"type": "string", "enum": ["the shopper asks for a person"]}
    return schema
