"""What to type next, what was meant, and what else to look for.

Type-ahead offers categories, brands, phrases of product titles, attributes of goods and
what other visitors searched. Nothing is offered that finds nothing: each phrase comes from
products there are, and a past query counts only while a product has all its words. The
phrases of a shop are read in the background at the first question and anew after an
import; until they are there, the answer is empty and says so (``ready``).
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from retriever.errors import BadInputError, ShopwiseError
from retriever.product import Product
from retriever.suggesting.index import SHORTEST, PhraseIndex, likely_slips, other_slips
from retriever.suggesting.phrases import Kind, Phrase
from retriever.suggesting.words import Token, key_of, tidy, tokens
from retriever.text import STOP_WORDS, language_of, stem

log = logging.getLogger(__name__)

MAX_PREFIX = 1_000  # characters
READ = 120  # of a prefix: what a shopper typed before that is no longer being typed
MAX_SUGGESTIONS = 50
CANDIDATES = 100
LITTLE = 3  # products with all the words: with fewer, something else may have been meant
SHARED = 2  # products that two searches have to show both to be related
OFTEN = 2  # of the products found have to be in a category or have a value for it to be worth a search

Span = tuple[int, int]


class ShopPhrases(Protocol):
    """Where a shop's phrases come from."""

    def state(self) -> object:
        """Something that is another one once the phrases may have changed; cheap to ask for."""
        ...

    def read(self) -> PhraseIndex:
        """The phrases as they are now."""
        ...


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to search for.

    Attributes:
        text: as it is shown.
        kind: where it comes from.
        count: how many products it names.
        highlight: the places in ``text``, from and up to, that what was typed stands for.
    """

    text: str
    kind: Kind
    count: int
    highlight: tuple[Span, ...] = ()

    def json_dict(self) -> dict[str, Any]:
        """As the endpoint tells it."""
        return {
            "text": self.text,
            "kind": self.kind,
            "count": self.count,
            "highlight": [list(span) for span in self.highlight],
        }


class Suggester:
    """Type-ahead, "did you mean" and related searches of one shop. Safe to share between threads.

    Args:
        source: the shop's phrases, for example ``RecordedPhrases``.
    """

    def __init__(self, source: ShopPhrases) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._known: tuple[object, PhraseIndex] | None = None

    @property
    def ready(self) -> bool:
        """Whether the phrases have been read."""
        return self._known is not None

    def prepare(self, *, wait: bool = False) -> None:
        """Read the phrases where they are not known, or not as they are now: beside what goes on, or ``wait``.

        Raises:
            UnavailableError: if the records cannot be read.
        """
        state = self._source.state()
        if self._known is not None and self._known[0] == state:
            return
        if wait:
            with self._lock:
                if self._known is None or self._known[0] != state:
                    self._known = (state, self._source.read())
        elif self._lock.acquire(blocking=False):
            threading.Thread(target=self._read, args=(state,), name="phrases", daemon=True).start()

    def _read(self, state: object) -> None:
        try:
            self._known = (state, self._source.read())
        except ShopwiseError as error:
            log.warning("There are no new suggestions: %s", error.message)
        finally:
            self._lock.release()

    def suggest(self, prefix: str, k: int = 8, language: str = "") -> tuple[Suggestion, ...]:
        """What may be meant by what was typed so far, best first; for an empty prefix what is popular.

        Args:
            prefix: what was typed.
            k: how many at most.
            language: ``en`` or ``zh``; phrases in it go first.

        Raises:
            BadInputError: for a prefix of more than ``MAX_PREFIX`` characters or a bad ``k``.
            UnavailableError: if the records cannot be read.
        """
        _check(prefix, k)
        self.prepare()
        if self._known is None:
            return ()
        index, typed = self._known[1], tokens(tidy(prefix)[-READ:])
        if not typed:
            return () if tidy(prefix) else _popular(index, k, language)
        found = index.matching(typed, CANDIDATES)
        if not found:
            found = index.matching(_characters(typed), CANDIDATES)
            typed = _characters(typed)
        ranked = sorted(found, key=lambda phrase: (-_quality(phrase, typed, language), phrase.text))
        return tuple(_suggestion(phrase, typed) for phrase in ranked[:k])

    def did_you_mean(self, query: str, found: Sequence[Product]) -> Suggestion | None:
        """Another query where few of the products ``found`` have all words of this one, and a word may be a slip.

        Unlike spelling, which mends what no shop says, this looks at words that the shop
        knows: "form mattress" where nothing is called so and there are foam mattresses.

        Raises:
            UnavailableError: if the records cannot be read.
        """
        self.prepare()
        words = [token for token in tokens(tidy(query)[:READ]) if token.key not in STOP_WORDS]
        if len(words) < 2 or self._known is None or _answering(words, found) >= LITTLE:
            return None
        index = self._known[1]
        if index.having([_forms(token.key) for token in words], 1):
            return None  # there are such goods, if few
        for slips in (likely_slips, other_slips):
            meant = [phrase for at in range(len(words)) if (phrase := _with_slip(index, words, at, slips))]
            if meant:
                return _suggestion(max(meant, key=lambda phrase: (phrase.popularity, phrase.text)), ())
        return None

    def related(self, query: str, found: Sequence[Product], k: int = 8) -> tuple[Suggestion, ...]:
        """Other searches for somebody who searched for this and was shown these products.

        What others searched who saw the same products, narrower forms of the query, and
        what the products have in common: their categories and their brands' or attributes' phrases.

        Raises:
            BadInputError: for a query of more than ``MAX_PREFIX`` characters or a bad ``k``.
            UnavailableError: if the records cannot be read.
        """
        _check(query, k)
        self.prepare()
        if self._known is None or not found:
            return ()
        index, shown = self._known[1], {product.id for product in found}
        words = [token for token in tokens(tidy(query)[:READ]) if token.key not in STOP_WORDS]
        scores: dict[Phrase, float] = {}
        for phrase in index.searched:
            shared = len(phrase.found & shown)
            if shared >= SHARED:
                scores[phrase] = 3.0 * shared / min(len(shown), len(phrase.found)) + 0.1 * phrase.popularity
        for phrase in index.having([_forms(token.key) for token in words], CANDIDATES):
            scores[phrase] = scores.get(phrase, 0.0) + 1.0 + 0.1 * phrase.popularity
        for name, share in _categories(found).items():
            for phrase in index.having([_forms(token.key) for token in tokens(name)], 1):
                scores[phrase] = scores.get(phrase, 0.0) + share + 0.1 * phrase.popularity
        said = set(key_of(query))
        ranked = sorted(scores, key=lambda phrase: (-scores[phrase], phrase.text))
        return tuple(_suggestion(phrase, ()) for phrase in ranked if set(key_of(phrase.text)) != said)[:k]


def _answering(words: Sequence[Token], found: Sequence[Product]) -> int:
    """How many products have all the words in their names."""
    count = 0
    for product in found:
        text = " ".join((product.title, product.brand, *product.categories, *product.attributes.values()))
        held = {stem(token.key) for token in tokens(text)}
        count += all(token.key in text if token.han else stem(token.key) in held for token in words)
    return count


def _with_slip(
    index: PhraseIndex, words: Sequence[Token], at: int, slips: Callable[[str], Iterable[str]]
) -> Phrase | None:
    """The most popular phrase that has another word in one place, and all the others as they are."""
    said = words[at]
    if said.han or len(said.key) < SHORTEST:
        return None
    meant = [word for word in slips(said.key) if index.knows(word) and stem(word) != stem(said.key)]
    others = [_forms(word.key) for place, word in enumerate(words) if place != at]
    return next(iter(index.having([*others, meant], 1)), None) if meant else None


def _check(text: str, k: int) -> None:
    if len(text) > MAX_PREFIX:
        raise BadInputError(
            f"The text has {len(text):,} characters; at most {MAX_PREFIX:,} are read.", "Send what is being typed."
        )
    if not 1 <= k <= MAX_SUGGESTIONS:
        raise BadInputError(f"{k} suggestions were asked for.", f"Ask for 1 to {MAX_SUGGESTIONS}.")


def _popular(index: PhraseIndex, k: int, language: str) -> tuple[Suggestion, ...]:
    """What is searched most; in a shop without searches its largest categories and the like."""
    best = index.phrases[: CANDIDATES * 10]
    in_language = [phrase for phrase in best if not language or language_of(phrase.text) == language]
    return tuple(_suggestion(phrase, ()) for phrase in (in_language or best)[:k])


def _characters(typed: Sequence[Token]) -> list[Token]:
    """Runs of Chinese taken apart: 黑色耳机 is also found in 黑色蓝牙耳机."""
    return [
        Token(character, token.start + at, token.start + at + 1, han=True) if token.han else token
        for token in typed
        for at, character in enumerate(token.key if token.han else [token.key])
    ]


def _forms(word: str) -> tuple[str, ...]:
    """A word and its plural or singular."""
    return (word, word.removesuffix("s"), f"{word}s")


def _categories(found: Sequence[Product]) -> dict[str, float]:
    """The share of the products that is in each category, where that is more than one."""
    counts = Counter(name for product in found for name in product.categories)
    return {name: count / len(found) for name, count in counts.items() if count >= OFTEN}


def _quality(phrase: Phrase, typed: Sequence[Token], language: str) -> float:
    """Popularity, and how well it goes on from what was typed."""
    held = tokens(phrase.text)
    score = phrase.popularity
    if held and typed and _begins(held[0], typed[0]):
        score += 1.5
    keys = [token.key for token in held]
    score += sum(1.0 for token in typed if token.key in keys)  # a whole word
    joined, said = " ".join(keys), " ".join(token.key for token in typed)
    if joined.startswith(said):
        score += 2.0
    elif not any(_begins(word, typed[-1]) for word in held):
        score -= 2.0  # only with a slip
    if language and language_of(phrase.text) != language:
        score -= 1.0
    return score - 0.15 * max(0, len(held) - len(typed) - 1)


def _begins(held: Token, typed: Token) -> bool:
    return typed.key in held.key if held.han else held.key.startswith(typed.key)


def _suggestion(phrase: Phrase, typed: Sequence[Token]) -> Suggestion:
    spans: list[Span] = []
    for word in tokens(phrase.text):
        for token in typed:
            at = word.key.find(token.key) if word.han else (0 if word.key.startswith(token.key) else -1)
            if at >= 0:
                whole = len(token.key) >= len(word.key)  # an apostrophe is in the text and not in the key
                spans.append((word.start + at, word.end if whole else min(word.start + at + len(token.key), word.end)))
    return Suggestion(phrase.text, phrase.kind, phrase.count, _merged(spans))


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(set(spans)):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
