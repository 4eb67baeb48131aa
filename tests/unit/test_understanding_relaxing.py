"""What is let go of where nothing is left, and in which order."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from retriever.filters import Filters
from retriever.understanding.relaxing import relax, softness

GOODS = (
    {"brand": "acme", "category": "lamps", "color": "red", "price": 40},
    {"brand": "acme", "category": "lamps", "color": "blue", "price": 90},
    {"brand": "bolt", "category": "lamps", "color": "red", "price": 20},
    {"brand": "bolt", "category": "desks", "color": "red", "price": 300},
)


def count(filters: Filters) -> int:
    """How many of the goods satisfy the conditions."""

    def fits(goods: dict[str, object]) -> bool:
        named = {"brand": filters.brand, "category": filters.category} | filters.attributes
        price = Decimal(str(goods["price"]))
        return (
            all(value is None or goods.get(name) == value for name, value in named.items())
            and (filters.price_max is None or price <= filters.price_max)
            and not any(word in goods.values() for word in filters.exclude)
        )

    return sum(fits(goods) for goods in GOODS)


def test_each_condition_to_blame_is_named_with_what_there_is_without_it_the_softest_first() -> None:
    wanted = Filters(brand="acme", category="lamps", price_max=Decimal(50), attributes={"color": "blue"})

    found = relax(wanted, count)

    assert [one.said for one in found] == ["attributes.color: 1 result without it", "price_max: 1 result without it"]
    assert found[0].filters == wanted.without("attributes.color")


def test_where_no_single_one_is_to_blame_the_fewest_are_given_up_together() -> None:
    wanted = Filters(brand="zest", category="desks", price_max=Decimal(500), attributes={"color": "green"})

    (found,) = relax(wanted, count)

    assert found.said == "attributes.color, brand: 1 result without all of them"
    assert found.filters == Filters(category="desks", price_max=Decimal(500)), "the price was given up in vain"


def test_what_somebody_asked_to_be_spared_is_offered_last_and_marked() -> None:
    wanted = Filters(category="lamps", brand="acme", exclude=("red", "blue"))

    found = relax(wanted, count)

    assert [(one.given_up, one.asks) for one in found] == [(("exclude",), True)]


def test_exclusions_stay_as_long_as_anything_else_can_be_given_up() -> None:
    wanted = Filters(category="chairs", brand="zest", exclude=("blue",))

    (found,) = relax(wanted, count)

    assert found.given_up == ("brand", "category")
    assert found.filters.exclude == ("blue",)
    assert not found.asks


def test_nothing_is_said_where_nothing_helps() -> None:
    assert relax(Filters(brand="zest"), lambda filters: 0) == ()
    assert relax(Filters(brand="zest", category="hats"), lambda filters: 0) == ()
    assert relax(Filters(), count) == ()


def test_many_results_are_not_counted_out() -> None:
    (found,) = relax(Filters(brand="zest"), lambda filters: 100)

    assert found.said == "brand: 100 or more results without it"


def test_the_order_is_attributes_colour_size_brand_category_price_stock_exclusions() -> None:
    names = [
        "exclude", "in_stock", "price_min", "price_max", "category", "brand", "attributes.Size", "attributes.颜色",
        "attributes.fabric",
    ]  # fmt: skip

    assert sorted(names, key=softness) == list(reversed(names))


values = st.none() | st.sampled_from(["acme", "bolt", "zest"])


@given(
    brand=values,
    category=st.none() | st.sampled_from(["lamps", "desks", "hats"]),
    color=st.none() | st.sampled_from(["red", "green"]),
    price=st.none() | st.integers(1, 400),
    exclude=st.lists(st.sampled_from(["red", "bolt"]), unique=True),
)
def test_what_is_offered_holds_what_it_says(
    brand: str | None, category: str | None, color: str | None, price: int | None, exclude: list[str]
) -> None:
    wanted = Filters(
        brand=brand,
        category=category,
        price_max=None if price is None else Decimal(price),
        attributes={} if color is None else {"color": color},
        exclude=tuple(exclude),
    )

    for one in relax(wanted, count):
        assert count(one.filters) == one.count > 0
        assert set(one.given_up) | set(one.filters.conditions()) == set(wanted.conditions())
        assert one.asks == (one.filters.exclude != wanted.exclude)
