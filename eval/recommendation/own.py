"""A shop's own events as a log to evaluate on: learned from the first four fifths, asked about the rest."""

from __future__ import annotations

import time

from eval.recommendation.data import temporal
from eval.recommendation.trials import Log
from retriever.interactions.histories import recorded_histories
from retriever.store import Store

TAKEN = 2.5  # weight of an act that takes an item: put into the cart, bought, rated well; looks count less


def shop_log(store: Store) -> Log:
    """The recorded events of everybody who may be learned from, about the goods that the shop has.

    What is asked for is what people put into the cart, bought or rated well; where nobody did, what they looked at.

    Raises:
        BadInputError: if the shop has no events.
        UnavailableError: if its database cannot be used.
    """
    found = recorded_histories(store.database, now=time.time())
    ids = store.catalogue.all_ids()
    products = store.catalogue.get(ids)
    known = set(ids)
    people = {person: [event for event in history if event.item in known] for person, history in found.people.items()}
    taken = any(event.weight >= TAKEN for history in people.values() for event in history)
    return temporal(
        "the shop's own events",
        people,
        tuple(ids),
        texts={product.id: product.title for product in products},
        categories={product.id: product.categories[-1] for product in products if product.categories},
        least=TAKEN if taken else 0.0,
    )
