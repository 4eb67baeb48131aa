"""How well an encoder does: the order it gives to groups of known gains, and what it finds among all products."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ranker.cross.judging import Judgement, Say, ndcg, silent
from ranker.encoder import Vectors
from ranker.groups import Group

Encode = Callable[[Sequence[str]], Vectors]

DEPTH = 50
GOOD = 0.5  # gain from which a product is one to be found
BATCH = 256


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of the good products that are among the nearest ``DEPTH`` of ``products``, mean over ``queries``."""

    mean: float
    queries: int
    products: int


def judge(encode: Encode, groups: Sequence[Group], say: Say = silent) -> Judgement:
    """The nDCG@10 of the order by cosine within each group; those without any gain say nothing and are left out."""
    telling = [group for group in groups if max(group.gains) > 0]
    if not telling:
        return Judgement(0.0, ())
    wanted = [text for group in telling for text in (group.query, *group.texts)]
    rows = {text: row for row, text in enumerate(dict.fromkeys(wanted))}
    vectors = _encoded(encode, list(rows), "judging by the held-out queries", say)
    each: list[float] = []
    for group in telling:
        cosines = vectors[[rows[text] for text in group.texts]] @ vectors[rows[group.query]]
        each.append(ndcg([float(cosine) for cosine in cosines], group.gains))
    return Judgement(math.fsum(each) / len(each), tuple(each))


def recall(
    encode: Encode, groups: Sequence[Group], products: Mapping[str, str], say: Say = silent, depth: int = DEPTH
) -> Recall:
    """What the encoder finds of the good products when it looks through all of them.

    Args:
        encode: gives unit vectors.
        groups: of the queries; what is good is known of their own products only.
        products: texts by id, of all that is looked through.
        say: hears progress.
        depth: how many of the nearest are looked at.
    """
    good = {
        group.query: {id for id, gain in zip(group.ids, group.gains, strict=True) if gain >= GOOD and id in products}
        for group in groups
    }
    queries = [query for query, ids in good.items() if ids]
    if not queries:
        return Recall(0.0, 0, len(products))
    names = list(products)
    held = _encoded(encode, list(products.values()), "looking through the products", say)
    shares: list[float] = []
    for query, vector in zip(queries, _encoded(encode, queries, "looking through the products", silent), strict=True):
        cosines = held @ vector
        nearest = np.argpartition(-cosines, min(depth, len(names)) - 1)[:depth]
        shares.append(len(good[query] & {names[row] for row in nearest}) / len(good[query]))
    return Recall(math.fsum(shares) / len(shares), len(queries), len(names))


def matching_floor(old: Encode, new: Encode, floor: float, queries: Sequence[str], texts: Sequence[str]) -> float:
    """The cosine of a new encoder that leaves out as large a share of all pairs as ``floor`` does of an old one.

    Tuning moves the scale of the cosines, so the old figure says nothing of the new ones.
    """
    before = (old(queries) @ old(texts).T).ravel()
    after = (new(queries) @ new(texts).T).ravel()
    return float(np.quantile(after, np.mean(before < floor)))


def seconds_a_text(encode: Encode, texts: Sequence[str]) -> float:
    """How long it takes to encode a text, on the mean of these, after one that loads the model."""
    encode(texts[:1])
    began = time.monotonic()
    encode(texts)
    return (time.monotonic() - began) / len(texts)


def _encoded(encode: Encode, texts: Sequence[str], what: str, say: Say) -> Vectors:
    parts: list[Vectors] = []
    for start in range(0, len(texts), BATCH):
        parts.append(encode(texts[start : start + BATCH]))
        say(what, min(start + BATCH, len(texts)), len(texts))
    return np.concatenate(parts)
