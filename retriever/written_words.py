"""The words that the goods of a shop are called by, counted: what spelling mends queries by."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from retriever.records import ProductRecord
from retriever.text import exact, fold, holds_han

SHORTEST = 4  # letters: a shorter word is near too many others
COMPOUND = range(3, 7)  # characters of a Chinese compound
FORMS = 200_000  # written forms whose words are remembered while titles are read

ALIEN = "0-9A-Za-z\u00c0-\u024f_"  # what makes letters beside it a part of something else: a model number, José
HAN = re.compile('(?<![\u3400-\u4dbf\u4e00-\u9fff"])[\u3400-\u4dbf\u4e00-\u9fff]+')
_LATIN = re.compile(rf"(?<![{ALIEN}])[a-z]{{{SHORTEST},32}}(?![{ALIEN}])")


class Written:
    """The words of texts with the number of texts that have each.

    Attributes:
        words: English words, folded.
        compounds: Chinese compounds of ``COMPOUND`` characters.
    """

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()
        self.compounds: Counter[str] = Counter()
        self._forms: dict[str, tuple[str, ...]] = {}

    def add(self, text: str, times: int = 1) -> None:
        """One text, or a number of equal ones."""
        if text.isascii() or not holds_han(text):
            self._count(self._latin(text), self.words, times)
            return
        folded = fold(text)
        self._count(set(_LATIN.findall(folded)), self.words, times)
        for run in set(HAN.findall(folded)):
            parts = exact(run)
            pairs = {first + second for first, second in pairwise(parts) if min(len(first), len(second)) > 1}
            found = {compound for compound in pairs.union(parts) if len(compound) in COMPOUND}
            self._count(found, self.compounds, times)

    def _latin(self, text: str) -> set[str]:
        """The different words of a text. Nothing beside a space changes a word, so that each form is read once."""
        found: set[str] = set()
        for form in text.split():
            words = self._forms.get(form)
            if words is None:
                words = tuple(_LATIN.findall(fold(form)))
                if len(self._forms) < FORMS:
                    self._forms[form] = words
            found.update(words)
        return found

    @staticmethod
    def _count(found: set[str], counts: Counter[str], times: int) -> None:
        if times == 1:
            counts.update(found)  # in C
            return
        for word in found:
            counts[word] += times


def named(session: Session) -> Iterator[str]:
    """All that each product is called: title, brand, categories, and its titles in other languages."""
    held = ProductRecord
    # As text: most goods have no other texts, and many have the same categories.
    columns = select(held.title, held.brand, cast(held.categories, Text), cast(held.texts, Text))
    lists: dict[str, str] = {}
    connection = session.connection().execution_options(yield_per=500)
    for title, brand, categories, texts in connection.execute(columns):
        kinds = lists.get(categories)
        if kinds is None:
            kinds = lists[categories] = " \n ".join(json.loads(categories))
        further = [str(words.get("title", "")) for words in json.loads(texts).values()] if texts != "{}" else ()
        yield " \n ".join((title, brand, kinds, *further))
