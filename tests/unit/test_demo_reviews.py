"""Reviews of the demo store say what is possible for their product, and which are not honest is known."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

from retriever.demo.day import TODAY
from retriever.demo.family import shop
from retriever.demo.generate import fill, holds
from retriever.demo.orders import delivered
from retriever.demo.relations import by_id, products
from retriever.demo.reviews import rate_events, ratings, reviews

GOODS = by_id()
REVIEWS = reviews()
HAN = re.compile(r"[\u4e00-\u9fff]")
MEASURE = re.compile(
    rf"(?<![\w.])(-?\d+(?:\.\d+)?) ({'|'.join(sorted(map(re.escape, shop().units), key=len)[::-1])})\b"
)


def test_there_are_many_and_hardly_two_alike():
    assert len(REVIEWS) >= 5_000
    assert len({row.body for row, _ in REVIEWS}) > 0.8 * len(REVIEWS)


def test_they_are_written_in_two_languages():
    languages = Counter(row.language for row, _ in REVIEWS)
    assert set(languages) == {"en", "zh"}
    assert languages["zh"] >= 1_000
    for row, truth in REVIEWS:
        if row.language == "zh":
            assert HAN.search(row.body)
        else:
            assert not HAN.search(row.body), truth


def test_each_aspect_is_possible_for_its_product_and_is_in_the_words():
    praised = blamed = 0
    for row, truth in REVIEWS:
        made = GOODS[row.product_id]
        aspects = {aspect.id: aspect for aspect in made.family.aspects}
        for name, sign in truth.aspects.items():
            aspect = aspects[name]
            assert holds(aspect.good if sign > 0 else aspect.bad, made.facts), row.id
            lines = [pair[row.language == "zh"] for pair in (aspect.love if sign > 0 else aspect.complain)]
            said = [fill(line, row.language, made.brand, made.name, made.values).lower() for line in lines]
            assert truth.slipped or any(line.rstrip(".。") in row.body.lower() for line in said), row.id
            praised, blamed = praised + (sign > 0), blamed + (sign < 0)
    assert praised > 2 * blamed > 1_000


def test_every_measure_in_the_words_is_the_products_own_or_in_a_title_it_names():
    for row, truth in REVIEWS:
        made = GOODS[row.product_id]
        titles = " ".join(GOODS[id].row.title for id in truth.mentions).lower()
        known = {value.en.lower() for value in made.values.values()}
        for number, unit in MEASURE.findall(row.body):
            assert f"{number} {unit}".lower() in known or f"{number} {unit}".lower() in titles, row.id


def test_stars_follow_the_rating_and_the_rating_the_quality():
    means = []
    for made in products():
        stars = [row.rating for row, truth in REVIEWS if row.product_id == made.row.id and truth.kind == "honest"]
        if len(stars) >= 8 and made.row.rating:
            means.append((made.row.rating.value, sum(stars) / len(stars)))
    means.sort()
    third = len(means) // 3
    low, high = means[:third], means[-third:]
    assert sum(mean for _, mean in low) / third + 0.4 < sum(mean for _, mean in high) / third


def test_there_are_not_more_reviews_than_ratings():
    written = Counter(row.product_id for row, truth in REVIEWS if truth.kind != "fake" and not row.customer_id)
    for product_id, count in written.items():
        assert count <= GOODS[product_id].row.rating.count


def test_a_buyers_review_comes_after_the_parcel():
    arrived: dict[tuple[str, str], list] = {}
    for piece in delivered():
        arrived.setdefault((piece.customer_id, piece.sold.made.row.id), []).append(piece.at)
    by_buyers = [row for row, _ in REVIEWS if row.customer_id]
    assert len(by_buyers) >= 100
    for row in by_buyers:
        assert min(arrived[row.customer_id, row.product_id]) < row.written_at < TODAY


def test_who_rates_has_the_goods():
    pieces = {(piece.order_id, piece.sold.made.row.id): piece.at for piece in delivered()}
    events = list(rate_events())
    assert len(events) == len(ratings()) >= 150
    for event in events:
        assert pieces[event.value["order_id"], event.product_id] < event.at < TODAY
        assert 1 <= event.value["rating"] <= 5


def test_some_are_wrong_and_some_look_bought():
    kinds = Counter(truth.kind for _, truth in REVIEWS)
    assert 0.015 <= kinds["wrong"] / len(REVIEWS) <= 0.05
    assert kinds["fake"] >= 30
    bursts: dict[str, list] = {}
    for row, truth in REVIEWS:
        if truth.kind == "fake":
            assert row.rating == 5
            bursts.setdefault(row.product_id, []).append(row.written_at)
    assert all(max(days) - min(days) <= timedelta(days=2) for days in bursts.values())
    assert all(len(days) >= 3 for days in bursts.values())


def test_some_name_another_product_and_say_something_true_of_the_two():
    named = [(row, truth) for row, truth in REVIEWS if truth.mentions]
    assert len(named) >= 150
    for row, truth in named:
        made, other = GOODS[row.product_id], GOODS[truth.mentions[0]]
        assert other.family is made.family
        title = other.row.title if row.language == "en" else other.row.texts["zh"].title
        assert truth.slipped or title.lower() in row.body.lower()
        if re.search(r"costs less|costs more|更贵", row.body):
            assert made.price < other.price
        if re.search(r"would have been cheaper|I paid more|更便宜|价格比", row.body):
            assert made.price > other.price
