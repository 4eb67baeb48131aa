"""Interests: a person's items, grouped by what their texts mean, and named in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ranker.encoder import Vectors
from retriever.product import Product
from retriever.profiles.profile import Interest
from retriever.text import terms

FEW = 5  # items below which categories say as much as vectors
MOST_ITEMS = 200  # that are grouped, the weightiest; what weighs less would change no group
MOST = 8  # interests
SEPARATE = 0.1  # silhouette below which items are no groups
NAMING = 0.5  # share of an interest that a category must cover to name it


def interests(goods: Sequence[Product], weights: Mapping[str, float], vectors: Mapping[str, Vectors]) -> list[Interest]:
    """The interests in these goods, the strongest first; every product is in one of them.

    Products with a vector are grouped by average cosine; how many groups there are is what the
    silhouette says. Few products, and those without a vector, are grouped by their categories.
    """
    first = sorted(goods, key=lambda product: (-weights[product.id], product.id))[:MOST_ITEMS]
    known = [product for product in first if product.id in vectors]
    groups = _by_meaning(known, vectors) if len(known) >= FEW else []
    grouped = {product.id for group in groups for product in group}
    left: dict[str, list[Product]] = {}
    for product in first:
        if product.id not in grouped:
            left.setdefault(product.categories[-1] if product.categories else "", []).append(product)
    named: dict[str, list[Product]] = {}
    for group in [*groups, *left.values()]:
        named.setdefault(_name(group, weights), []).extend(group)
    total = sum(weights[product.id] for product in first) or 1.0
    found = [
        Interest(
            name=name,
            share=round(sum(weights[product.id] for product in group) / total, 4),
            product_ids=tuple(product.id for product in group),
        )
        for name, group in named.items()
    ]
    return sorted(found, key=lambda interest: (-interest.share, interest.name))


def _by_meaning(goods: Sequence[Product], vectors: Mapping[str, Vectors]) -> list[list[Product]]:
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import silhouette_score

    matrix = np.stack([vectors[product.id] for product in goods])
    distance = np.clip(1 - matrix @ matrix.T, 0, 2)
    np.fill_diagonal(distance, 0)
    best, labels = SEPARATE, np.zeros(len(goods), dtype=np.int64)
    for count in range(2, min(MOST, len(goods) - 1) + 1):
        model: Any = AgglomerativeClustering(count, metric="precomputed", linkage="average")
        found = model.fit_predict(distance)
        score = float(silhouette_score(distance, found, metric="precomputed"))
        if score > best:
            best, labels = score, found
    return [
        [product for product, label in zip(goods, labels.tolist(), strict=True) if label == group]
        for group in sorted(set(labels.tolist()))
    ]


def _name(group: Sequence[Product], weights: Mapping[str, float]) -> str:
    """The most particular category that covers most of a group; else the words that its titles share."""
    total = sum(weights[product.id] for product in group)
    covered: dict[str, float] = {}
    depth: dict[str, int] = {}
    for product in group:
        for place, category in enumerate(dict.fromkeys(product.categories)):
            covered[category] = covered.get(category, 0.0) + weights[product.id]
            depth[category] = max(depth.get(category, 0), place)
    naming = [category for category, weight in covered.items() if weight >= NAMING * total]
    if naming:
        return max(naming, key=lambda category: (depth[category], covered[category], category))
    words = Counter(word for product in group for word in set(terms(product.title)))
    most = sorted(words, key=lambda word: (-words[word], word))[:2]
    return " ".join(most) or group[0].title
