"""Finding phrases by what was typed so far: sorted words and, for each, the phrases that have it.

A phrase matches if each typed word begins one of its words; Chinese matches anywhere in a
run of characters, so that for each run its suffixes are kept as words. The words stand in
one sorted list, so the words with a prefix are neighbours, and so are the phrases that
have one of them: one slice of one array. Phrases are numbered by popularity, and an
answer is the first few of a mask.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from retriever.suggesting.phrases import Phrase
from retriever.suggesting.words import Token, tokens

SHORTEST = 4  # letters of a prefix in which one slip is forgiven
MOST_WORDS = 8  # of what is typed; a longer text is no prefix of a phrase
_END = "\U0010ffff"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NEAR = {
    letter: {
        b
        for group in ("aeiouy", "cksz", "fv", "mn")
        for a, b in permutations(group, 2)
        if a == letter
    }
    | {
        b
        for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
        for pair in pairwise(row)
        for a, b in (pair, pair[::-1])
        if a == letter
    }
    for letter in _LETTERS
}  # fmt: skip

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int32]


class Words:
    """The words of phrases, sorted, with the numbers of the phrases that have each."""

    def __init__(self, pairs: Iterable[tuple[str, int]], size: int) -> None:
        held: dict[str, list[int]] = {}
        for word, number in pairs:
            held.setdefault(word, []).append(number)
        self._words = sorted(held)
        lengths = [len(held[word]) for word in self._words]
        self._starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).tolist()
        self._numbers: Numbers = np.fromiter(
            (number for word in self._words for number in held[word]), dtype=np.int32, count=sum(lengths)
        )
        self._size = size

    def mask(self, prefixes: Iterable[str], *, whole: bool = False) -> Mask:
        """The phrases with a word that begins with one of ``prefixes``, or that is one of them."""
        found = np.zeros(self._size, dtype=np.bool_)
        for prefix in prefixes:
            low, high = self._range(prefix, whole=whole)
            found[self._numbers[self._starts[low] : self._starts[high]]] = True
        return found

    def begins(self, prefix: str) -> bool:
        """Whether any word begins so."""
        at = bisect_left(self._words, prefix)
        return at < len(self._words) and self._words[at].startswith(prefix)

    def has(self, word: str) -> bool:
        """Whether this is one of the words."""
        at = bisect_left(self._words, word)
        return at < len(self._words) and self._words[at] == word

    def _range(self, prefix: str, *, whole: bool) -> tuple[int, int]:
        low = bisect_left(self._words, prefix)
        if whole:
            return low, low + (low < len(self._words) and self._words[low] == prefix)
        return low, bisect_left(self._words, prefix + _END, lo=low)

    @property
    def nbytes(self) -> int:
        """A fair estimate of its memory."""
        return self._numbers.nbytes + sum(57 + len(word) for word in self._words) + 44 * len(self._words)


class PhraseIndex:
    """Phrases in the order of popularity, found by prefixes of their words.

    Args:
        phrases: the most popular first.
    """

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.phrases = tuple(phrases)
        parsed = [tokens(phrase.text) for phrase in self.phrases]
        size = len(self.phrases)
        self.searched = tuple(phrase for phrase in self.phrases if phrase.found)
        self._any = Words(((key, n) for n, words in enumerate(parsed) for key in _keys(words)), size)
        self._first = Words(((words[0].key, n) for n, words in enumerate(parsed) if words), size)

    def matching(self, typed: Sequence[Token], most: int) -> list[Phrase]:
        """Phrases that match, at most ``2 * most``: the most popular of all, and of those that begin so.

        One slip in a word of ``SHORTEST`` letters and more is forgiven where nothing else matches.
        """
        if not typed or len(typed) > MOST_WORDS:
            return []
        options = [(token.key,) if self._any.begins(token.key) else self._instead(token) for token in typed]
        found, first = self._masks(options)
        if not found.any():
            for at, token in enumerate(typed):
                # Each word is one of the shop's, but no phrase has them together: one of them is a slip.
                found, first = self._masks([*options[:at], self._instead(token), *options[at + 1 :]])
                if found.any():
                    break
        numbers = [*np.flatnonzero(first)[:most].tolist(), *np.flatnonzero(found)[:most].tolist()]
        return [self.phrases[number] for number in dict.fromkeys(numbers)]

    def having(self, words: Sequence[Sequence[str]], most: int) -> list[Phrase]:
        """Phrases that have, for each of ``words``, one of its forms as a whole word; the most popular first."""
        if not words:
            return []
        found = np.ones(len(self.phrases), dtype=np.bool_)
        for forms in words:
            found &= self._any.mask(forms, whole=True)
        return [self.phrases[number] for number in np.flatnonzero(found)[:most].tolist()]

    def knows(self, word: str) -> bool:
        """Whether a phrase has the word."""
        return self._any.has(word)

    def _masks(self, options: Sequence[Sequence[str]]) -> tuple[Mask, Mask]:
        found = np.ones(len(self.phrases), dtype=np.bool_)
        for prefixes in options:
            found &= self._any.mask(prefixes)
        return found, found & self._first.mask(options[0])

    def _instead(self, token: Token) -> tuple[str, ...]:
        """What else may have been meant by a word: likely slips first, others only where those give nothing."""
        if token.han:
            return ()
        if len(token.key) < SHORTEST:
            return ()
        for candidates in (likely_slips(token.key), other_slips(token.key)):
            meant = tuple(dict.fromkeys(each for each in candidates if self._any.begins(each)))
            if meant:
                return meant
        return ()

    @property
    def nbytes(self) -> int:
        """A fair estimate of its memory."""
        texts = sum(60 + 2 * len(phrase.text) + 80 for phrase in self.phrases)
        return texts + self._any.nbytes + self._first.nbytes


def _keys(words: Sequence[Token]) -> Iterator[str]:
    for token in words:
        if token.han:
            yield from (token.key[at:] for at in range(len(token.key)))
        else:
            yield token.key


def likely_slips(word: str) -> Iterator[str]:
    """What fingers and ears make: neighbours swapped, a letter doubled or missing, a neighbouring key or vowel."""
    for at in range(len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for at in range(1, len(word)):
        if word[at] == word[at - 1] or at == len(word) - 1:
            yield word[:at] + word[at + 1 :]  # one letter twice, or one too many at the end
        for letter in _LETTERS:
            yield word[:at] + letter + word[at:]
        for letter in _NEAR.get(word[at], ()):
            yield word[:at] + letter + word[at + 1 :]


def other_slips(word: str) -> Iterator[str]:
    """Any letter in place of another or too many; the first one is seldom wrong."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        for letter in _LETTERS:
            yield word[:at] + letter + word[at + 1 :]
