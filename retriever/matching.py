"""Which words of a query a product has, and whether they stand together.

Full text ranks by rare words; a shopper who names four things wants all four. So beside
the full-text score the last order looks at the share of the words that are there at all,
and at the share of neighbouring words that are neighbours in the title: "long bottle
brush" is not a brush for long hair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

from retriever.product import Product, Stamped
from retriever.remembered import Remembered
from retriever.text import fold, holds_han, segment, stem, terms
from retriever.titles import stems

MAX_TEXT = 4_000  # characters of a product that are looked at
REMEMBERED = 20_000  # titles, whose words are not stemmed again for the next query
ENDING = 4  # letters that may follow a stem


@dataclass(frozen=True, slots=True)
class Match:
    """Shares from 0 to 1."""

    coverage: float
    phrase: float


class Matcher:
    """The words of one query, to be looked for in many products."""

    def __init__(self, query: str) -> None:
        self._stems = tuple(dict.fromkeys(stem(word) for word in terms(query)))
        in_order = [stem(word) for word in segment(query).split()]
        wanted = set(self._stems)
        self._pairs = frozenset((a, b) for a, b in pairwise(in_order) if a in wanted and b in wanted)

    def match(self, stamped: Stamped) -> Match:
        """How much of the query a product has."""
        head = _head(stamped.product)
        missing = [word for word in self._stems if not holds_word(head, word)]
        if missing:  # the long text is read only for what the title does not say
            text = _texts_of.of(stamped.product.id, stamped)
            missing = [word for word in missing if not holds_word(text, word)]
        coverage = (len(self._stems) - len(missing)) / len(self._stems) if self._stems else 0.0
        if not self._pairs:
            return Match(coverage, 0.0)
        titles = (stamped.product.title, *(words.title for words in stamped.texts.values()))
        found = {pair for title in titles if title for pair in self._pairs & neighbours(title)}
        return Match(coverage, len(found) / len(self._pairs))


@lru_cache(maxsize=REMEMBERED)
def neighbours(title: str) -> frozenset[tuple[str, str]]:
    """The stems that stand side by side in a title."""
    return frozenset(pairwise(stems(title)))


def fold_all(stamped: Stamped) -> str:
    """All words of a product, folded, what says most first."""
    product = stamped.product
    texts = chain(_texts(product), *(_locale(words.title, words.description) for words in stamped.texts.values()))
    return fold(" ".join(texts)[:MAX_TEXT])


_texts_of = Remembered(fold_all)


def _head(product: Product) -> str:
    """What the folded text starts with."""
    return fold(" ".join((product.title, product.brand, *product.categories))[:MAX_TEXT])


def holds_word(text: str, stemmed: str) -> bool:
    """Whether a folded text has a word with this stem: ``pant`` is in ``pants``, not in ``occupant``."""
    if not stemmed.isascii() and holds_han(stemmed):
        return stemmed in text
    at = text.find(stemmed)
    while at >= 0:
        end = at + len(stemmed)
        if (at == 0 or not text[at - 1].isalnum()) and _ends(text, end):
            return True
        at = text.find(stemmed, end)
    return False


def _ends(text: str, end: int) -> bool:
    """Whether the word that has its stem before ``end`` is over after a few letters."""
    last = end
    while last < len(text) and text[last].isalpha() and last - end <= ENDING:
        last += 1
    return last - end <= ENDING and (last == len(text) or not text[last].isdigit())


def _texts(product: Product) -> Sequence[str]:
    options = (value for variant in product.variants for value in variant.options.values())
    attributes = chain.from_iterable(product.attributes.items())
    named = [product.title, product.brand, *product.categories]
    return [*named, *dict.fromkeys(options), *attributes, product.description]


def _locale(title: str, description: str) -> Sequence[str]:
    return [title, description]
