"""What an item that nobody has taken yet borrows from items that are described like it.

A vector learned from behaviour says more than one of words, and the two are not of one size: known by words alone, a
new item stands behind nearly all others. So its vector is moved towards those of the most alike, as far as they are
alike.
"""

from __future__ import annotations

import numpy as np

from ranker.behaviour.columns import Places
from ranker.behaviour.model import Vectors

LENDERS = 10  # of each new item
SHARPNESS = 0.1  # difference in cosine that makes one lender e times as important as another
AT_ONCE = 1024  # new items


def moved(
    own: Vectors, texts: Vectors, lenders: Vectors, lender_texts: Vectors, themselves: Places | None = None
) -> Vectors:
    """The vectors of new items.

    Args:
        own: of the new items by their words alone.
        texts: their words, as an encoder gives them.
        lenders: vectors of items that were learned.
        lender_texts: those items' words.
        themselves: which lender each of the new items is, -1 for none: nothing lends to itself.
    """
    if not len(own) or not len(lenders):
        return own
    found = np.array(own, dtype=np.float32)
    there = unit(lender_texts)
    count = min(LENDERS, len(lenders))
    for start in range(0, len(own), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        alike = unit(texts[some]) @ there.T
        if themselves is not None:
            same = np.flatnonzero(themselves[some] >= 0)
            alike[same, themselves[some][same]] = -1.0
        nearest = np.argpartition(-alike, count - 1, axis=1)[:, :count]
        cosines = np.take_along_axis(alike, nearest, axis=1)
        best = cosines.max(axis=1, keepdims=True)
        shares = np.exp((cosines - best) / SHARPNESS)
        shares /= shares.sum(axis=1, keepdims=True)
        share = np.clip(best, 0.0, 1.0)
        found[some] = (1 - share) * found[some] + share * np.einsum("nk,nkw->nw", shares, lenders[nearest])
    return found


def most_taken(known: Places, taken: Vectors, count: int) -> Places:
    """Which of the known items lend: all, or as many as are asked for, of those that most people took."""
    if len(known) <= count:
        return np.arange(len(known))
    return np.sort(np.argsort(-taken[known], kind="stable")[:count])


def unit(vectors: Vectors) -> Vectors:
    """Of length 1; what has no length stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
