"""What a cart promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from retriever.carts import CartChange, Carts
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import BadInputError, NotFoundError
from retriever.lexical import lexical_for
from retriever.product import Availability, Money, PriceRange, Product, Stamped, Variant
from retriever.product_records import ProductRows
from retriever.records import ProductRecord, VariantRecord


def goods(id: str, *variants: Variant) -> Stamped:
    here = Availability(available=True, status="in_stock")
    return Stamped(
        product=Product(id=id, title=id.title(), price_range=PriceRange(), availability=here, variants=variants)
    )


def variant(id: str, cents: int | None, status: str = "in_stock", currency: str = "USD", **options: str) -> Variant:
    return Variant(
        id=id,
        title=id,
        price=None if cents is None else Money(amount=cents, currency=currency),
        options=options,
        availability=Availability(available=status == "in_stock", status=status),
    )


GOODS = [
    goods("mug", variant("mug", 1250)),
    goods("shirt", variant("shirt-m", 2000, size="M"), variant("shirt-l", 2100, size="L")),
    goods("antique", variant("antique", None)),
    goods("lamp", variant("lamp", 999, "discontinued")),
    goods("import", variant("import", 500, currency="EUR")),
    *(goods(f"thing-{n}", variant(f"thing-{n}", 100)) for n in range(101)),
]


@pytest.fixture
def carts(database: Database) -> Carts:
    with database.transaction() as session:
        rows = ProductRows("test")
        for number, stamped in enumerate(GOODS):
            rows.add(stamped, "", number, {"mug": 3})
        rows.insert(session)
    return Carts(database, Catalogue(database, lexical_for(database), "USD"))


def usd(cents: int) -> Money:
    return Money(amount=cents, currency="USD")


def contents(carts: Carts, cart_id: str = "c") -> dict[str, int]:
    return {line.variant_id: line.quantity for line in carts.get(cart_id).lines}


def test_a_cart_that_was_never_used_is_empty(carts: Carts) -> None:
    cart = carts.get("new")

    assert (cart.lines, cart.total, cart.complete) == ((), usd(0), True)


def test_quantities_are_set_and_prices_summed(carts: Carts) -> None:
    carts.update("c", [CartChange(product_id="mug", quantity=3), CartChange(variant_id="shirt-l")])
    cart = carts.update("c", [CartChange(product_id="mug", quantity=2)])

    assert [(line.variant_id, line.quantity, line.line_total) for line in cart.lines] == [
        ("mug", 2, usd(2500)),
        ("shirt-l", 1, usd(2100)),
    ]
    assert cart.lines[1].options == {"size": "L"}
    assert (cart.total, cart.complete) == (usd(4600), True)
    assert carts.get("c") == cart
    assert carts.get("another").lines == ()


def test_quantity_zero_takes_out(carts: Carts) -> None:
    carts.update("c", [CartChange(product_id="mug"), CartChange(variant_id="shirt-m")])
    carts.update("c", [CartChange(product_id="mug", quantity=0)])
    assert contents(carts) == {"shirt-m": 1}

    assert carts.update("c", [CartChange(product_id="shirt", quantity=0)]).lines == ()
    with pytest.raises(NotFoundError, match="'mug' is not in the cart"):
        carts.update("c", [CartChange(product_id="mug", quantity=0)])


def test_the_variant_in_the_cart_is_the_one_that_is_meant(carts: Carts) -> None:
    carts.update("c", [CartChange(variant_id="shirt-m")])
    carts.update("c", [CartChange(product_id="shirt", quantity=4)])
    assert contents(carts) == {"shirt-m": 4}

    carts.update("c", [CartChange(variant_id="shirt-l")])
    with pytest.raises(BadInputError, match="holds 2 variants") as refused:
        carts.update("c", [CartChange(product_id="shirt", quantity=0)])
    assert "shirt-m, shirt-l" in refused.value.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (CartChange(product_id="gone"), "no product 'gone'"),
        (CartChange(variant_id="gone"), "no product variant 'gone'"),
        (CartChange(), "neither product nor variant"),
        (CartChange(product_id="mug", quantity=-1), "-1 is negative"),
        (CartChange(product_id="mug", quantity=4), "There are 3 of Mug, not 4"),
        (CartChange(product_id="antique", quantity=1_000), "too large"),
        (CartChange(product_id="shirt"), "comes in 2 variants"),
        (CartChange(product_id="mug", variant_id="shirt-m"), "a variant of 'shirt', not of 'mug'"),
        (CartChange(product_id="lamp"), "cannot be bought now: discontinued"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused_with_all_beside_it(
    carts: Carts, change: CartChange, message: str
) -> None:
    carts.update("c", [CartChange(product_id="mug")])

    with pytest.raises(BadInputError, match=message):
        carts.update("c", [CartChange(product_id="mug", quantity=2), change])

    assert contents(carts) == {"mug": 1}


def test_a_missing_choice_lists_the_variants(carts: Carts) -> None:
    with pytest.raises(BadInputError) as refused:
        carts.update("c", [CartChange(product_id="shirt")])

    assert "shirt-m (M), shirt-l (L)" in refused.value.hint


def test_an_unknown_price_is_said_and_not_summed(carts: Carts) -> None:
    cart = carts.update("c", [CartChange(product_id="antique", quantity=2)])
    assert (cart.lines[0].price, cart.lines[0].line_total, cart.total, cart.complete) == (None, None, None, False)

    cart = carts.update("c", [CartChange(product_id="mug")])
    assert (cart.total, cart.complete) == (usd(1250), False)


def test_another_currency_is_not_summed(carts: Carts) -> None:
    cart = carts.update("c", [CartChange(product_id="import"), CartChange(product_id="mug")])

    assert (cart.total, cart.complete) == (usd(1250), False)


def test_a_cart_shows_the_price_of_now(carts: Carts, database: Database) -> None:
    carts.update("c", [CartChange(product_id="mug", quantity=2)])
    with database.transaction() as session:
        session.get_one(VariantRecord, "mug").price = 1000

    assert carts.get("c").total == usd(2000)


def test_what_the_shop_no_longer_has_stays_visible_and_can_be_taken_out(carts: Carts, database: Database) -> None:
    carts.update("c", [CartChange(product_id="mug"), CartChange(variant_id="shirt-m")])
    with database.transaction() as session:
        session.execute(delete(ProductRecord).where(ProductRecord.id == "mug"))

    cart = carts.get("c")
    assert [(line.variant_id, line.available, line.price) for line in cart.lines] == [
        ("mug", False, None),
        ("shirt-m", True, usd(2000)),
    ]
    assert not cart.complete
    carts.update("c", [CartChange(variant_id="mug", quantity=0)])
    assert contents(carts) == {"shirt-m": 1}


def test_a_cart_has_a_bound(carts: Carts) -> None:
    with pytest.raises(BadInputError, match="at most 100 different things"):
        carts.update("c", [CartChange(product_id=f"thing-{n}") for n in range(101)])
    with pytest.raises(BadInputError, match="1 to 200 characters"):
        carts.update("x" * 201, [CartChange(product_id="mug")])


def test_updates_at_once_lose_nothing(carts: Carts) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: carts.update("c", [CartChange(product_id=f"thing-{n}")]), range(40)))

    cart = carts.get("c")
    assert {line.product_id for line in cart.lines} == {f"thing-{n}" for n in range(40)}
    assert cart.total == usd(4000)
