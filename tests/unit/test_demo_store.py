"""The demo store's goods as a whole: how many, how good, how dear, and what is odd about them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import date

import pytest

from retriever.demo import rows
from retriever.demo.day import TODAY
from retriever.demo.family import Season, families
from retriever.demo.generate import Made, slug
from retriever.demo.relations import by_id, products
from retriever.demo.stock import FROM, UNTIL, for_sale, in_season, season_days
from retriever.feeds.rows import CustomerRow, EventRow, OrderRow, PolicyRow, ProductRow, PromotionRow, ReviewRow
from retriever.product import Availability, PriceRange, Product
from retriever.recommending.knowledge.compatibility import agreement

PRODUCTS = products()


def is_sold_out(made: Made) -> bool:
    return not made.row.stock and not any(variant.stock for variant in made.row.variants)


def is_unpriced(made: Made) -> bool:
    return made.row.price is None and all(variant.price is None for variant in made.row.variants)


def test_the_shop_has_its_breadth():
    counts = Counter(type(row) for row in rows())
    variants = sum(len(made.row.variants) or 1 for made in PRODUCTS)
    assert len([family for family in families() if not family.oddity]) >= 60
    assert len({made.family.department for made in PRODUCTS}) >= 8
    assert len(PRODUCTS) == counts[ProductRow] >= 700
    assert variants >= 2_500
    assert counts[CustomerRow] >= 80
    assert counts[OrderRow] >= 500
    assert counts[ReviewRow] >= 5_000
    assert counts[EventRow] >= 30_000
    assert counts[PolicyRow] >= 30
    assert counts[PromotionRow] >= 12


def test_every_row_is_what_a_jsonl_feed_may_say():
    for row in rows():
        assert type(row).model_validate_json(row.model_dump_json()) == row


def test_ids_and_titles_are_unique():
    ids = [row.id for row in rows()] + [variant.id for made in PRODUCTS for variant in made.row.variants]
    assert len(set(ids)) == len(ids)
    for language in (lambda row: row.title, lambda row: row.texts["zh"].title):
        titles = [language(made.row) for made in PRODUCTS]
        assert len(set(titles)) == len(titles)


def test_some_goods_are_sold_out_and_some_have_no_known_price():
    assert 0.08 <= sum(map(is_sold_out, PRODUCTS)) / len(PRODUCTS) <= 0.12
    assert 0.04 <= sum(map(is_unpriced, PRODUCTS)) / len(PRODUCTS) <= 0.06


def test_ratings_follow_quality():
    def mean_rating(character: str) -> float:
        rated = [made.row.rating.value for made in PRODUCTS if made.row.rating and made.brand.character == character]
        return sum(rated) / len(rated)

    assert mean_rating("cheap") + 0.2 < mean_rating("solid") < mean_rating("premium") - 0.2


def test_prices_follow_quality_within_a_family():
    for family in (family for family in families() if not family.oddity):
        members = sorted((made for made in PRODUCTS if made.family is family), key=lambda made: made.grade)
        third = len(members) // 3
        cheap, fine = members[:third], members[-third:]
        assert sum(made.price for made in cheap) < sum(made.price for made in fine), family.id


def test_a_few_goods_are_oddities_of_the_long_tail():
    odd = [made for made in PRODUCTS if made.family.oddity]
    assert 0.02 <= len(odd) / len(PRODUCTS) <= 0.04
    assert len({made.family.department for made in odd}) >= 6


def test_a_twin_resembles_its_original_and_is_newer_and_replaces_it():
    goods = by_id()
    pairs = [
        tuple(goods[f"fs-{family.id}-{slug(name)}"] for name in pair)
        for family in families()
        for pair in family.twins.items()
    ]
    assert len(pairs) >= 20
    for twin, original in pairs:
        assert twin.brand == original.brand
        assert twin.colors == original.colors
        assert original.row.published_at < twin.row.published_at < TODAY
        assert original.row.id in twin.row.related["replaces"]


def test_some_goods_stand_in_the_shop_twice():
    goods = by_id()
    again = [made for id, made in goods.items() if id.endswith("-relisted")]
    assert len(again) >= 7
    for made in again:
        first = goods[made.row.id.removesuffix("-relisted")]
        assert made.row.description == first.row.description
        assert made.row.title != first.row.title
        assert sorted(re.findall(r"\w+", made.row.title.replace(" by ", " "))) == sorted(
            re.findall(r"\w+", first.row.title)
        )


def test_related_goods_exist_and_what_fits_fits():
    goods = by_id()
    relations: Counter[str] = Counter()
    for made in PRODUCTS:
        for relation, ids in made.row.related.items():
            relations[relation] += 1
            assert set(ids) <= set(goods)
            assert made.row.id not in ids
        for fit in made.family.fits:
            for id in made.row.related.get("fits", []):
                if goods[id].family.id == fit.family:
                    assert not fit.same or goods[id].values[fit.same].en == made.values[fit.same].en
    assert relations["goes_with"] >= 400
    assert relations["replaces"] >= 20
    assert relations["fits"] >= 8


def test_every_product_of_a_family_names_several_things_to_take_with_it_that_can_be_bought_and_used_together():
    goods = by_id()
    for made in (made for made in PRODUCTS if not made.family.oddity):
        companions = [goods[id] for id in made.row.related["goes_with"]]
        assert len([other for other in companions if for_sale(other)]) >= 2, made.row.id
        assert all(agreement(shown(made), shown(other)) >= 0 for other in companions), made.row.id


def shown(made: Made) -> Product:
    return Product(
        id=made.row.id,
        title=made.row.title,
        categories=tuple(made.row.categories),
        price_range=PriceRange(),
        attributes=made.row.attributes,
        availability=Availability(available=True, status="in_stock"),
    )


def test_seasonal_goods_carry_their_dates_and_are_sold_in_them_only():
    seasonal = [made for made in PRODUCTS if made.family.season]
    assert len({made.family.id for made in seasonal}) >= 4
    today = TODAY.date().isoformat()
    for made in seasonal:
        first, last = made.row.attributes[FROM[0]], made.row.attributes[UNTIL[0]]
        assert today <= last
        on_sale = first <= today
        assert on_sale == in_season(made.family, TODAY.date())
        forms = made.row.variants or [made.row]
        assert all(form.available is None for form in forms) if on_sale else not any(form.available for form in forms)
        assert set(made.row.texts["zh"].attributes) >= {FROM[1], UNTIL[1]}
    assert {in_season(made.family, TODAY.date()) for made in seasonal} == {True, False}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 1), (date(2026, 9, 15), date(2027, 3, 15))),
        (date(2026, 3, 15), (date(2025, 9, 15), date(2026, 3, 15))),
        (date(2026, 3, 16), (date(2026, 9, 15), date(2027, 3, 15))),
    ],
)
def test_a_season_may_cross_the_year(day: date, expected: tuple[date, date]):
    assert season_days(Season(en="winter", zh="冬季", start="09-15", end="03-15"), day) == expected


def test_a_product_is_bought_in_one_form_or_in_variants_of_its_options():
    for made in PRODUCTS:
        row = made.row
        assert len({frozenset(variant.options) for variant in row.variants}) <= 1
        assert len({tuple(v.options.values()) for v in row.variants}) == len(row.variants)


def test_every_option_has_a_chinese_word():
    for made in PRODUCTS:
        words = made.row.texts["zh"].options
        for variant in made.row.variants:
            assert set(words) >= {*variant.options, *variant.options.values()}


def test_a_dear_option_makes_a_dear_variant():
    for made in PRODUCTS:
        prices = {variant.price for variant in made.row.variants if variant.price is not None}
        if prices:
            assert min(prices) <= made.price * 2
            assert max(prices) >= made.price / 2


def test_two_processes_yield_the_same_bytes():
    """Whatever the order in which Python's sets give out their members that day."""
    code = (
        "import hashlib; from retriever.demo import rows; digest = hashlib.sha256();"
        "[digest.update(row.model_dump_json().encode()) for row in rows()]; print(digest.hexdigest())"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE)
        for seed in ("1", "2")
    ]
    first, second = (run.communicate()[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert len(first.strip()) == 64
    assert first == second
