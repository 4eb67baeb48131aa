"""The rows every feed yields: the documented JSON Lines schema of ``shopwise import jsonl``.

One JSON object a line; ``type`` says which of the shapes below it is (``product`` when left
out). Prices are major units as a number or a decimal string, ``null`` when unknown, which is
not the same as free. Times are ISO 8601 with a zone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from retriever.product import LocaleText, Rating, Relation

Id = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Price = Annotated[Decimal, Field(ge=0, le=Decimal("1e9"), allow_inf_nan=False)]
MOST = 1_000_000_000  # what an integer column holds on every database
Count = Annotated[int, Field(ge=0, le=MOST)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]  # an id, or empty
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
Language = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Currency = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$")]


def _countable(rating: Rating) -> Rating:
    if rating.count > MOST:
        raise ValueError(f"count should be at most {MOST:,}")
    return rating


class Row(BaseModel):
    """Closed base: an unknown field is an error, so that a typo is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VariantRow(Row):
    """One buyable form. Without ``available`` it is buyable unless ``stock`` is 0."""

    id: Id
    title: Text = ""
    price: Price | None = None
    options: dict[str, str] = {}
    available: bool | None = None
    status: Word = ""
    stock: Count | None = None


class ProductRow(Row):
    """A product. One without ``variants`` is sold in one form, which takes the product's id, price and stock."""

    type: Literal["product"] = "product"
    id: Id
    title: Name
    description: Text = ""
    url: str = ""
    images: list[str] = []
    brand: Text = ""
    categories: list[str] = []
    attributes: dict[str, str] = {}
    rating: Annotated[Rating, AfterValidator(_countable)] | None = None
    price: Price | None = None
    currency: Currency | None = None  # the shop's own when left out
    available: bool | None = None
    status: Word = ""
    stock: Count | None = None
    texts: dict[str, LocaleText] = {}
    published_at: AwareDatetime | None = None
    related: dict[Relation, list[Id]] = {}  # ids of products it goes with, fits, or replaces
    variants: list[VariantRow] = []


class PolicyRow(Row):
    """A policy or FAQ entry. ``texts`` maps a language to ``{"title", "body"}``."""

    type: Literal["policy"]
    id: Id
    title: Name
    body: Text
    topic: Topic = ""
    texts: dict[str, dict[Literal["title", "body"], str]] = {}


class PromotionRow(Row):
    """A promotion, with its rules as data."""

    type: Literal["promotion"]
    id: Id
    title: Name
    description: Text = ""
    rules: dict[str, Any] = {}
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    texts: dict[str, dict[Literal["title", "description"], str]] = {}


class AddressRow(Row):
    """A postal address."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


class PaymentMethodRow(Row):
    """A label of a payment method; nothing that could pay."""

    id: Id
    kind: str  # credit_card, gift_card, paypal, ...
    brand: str = ""
    last_four: str = Field(default="", max_length=4)
    balance: Price | None = None  # of a gift card


class CustomerRow(Row):
    """A customer; the first address is the default one."""

    type: Literal["customer"]
    id: Id
    name: str = ""
    email: str = ""
    locale: Language = ""
    addresses: list[AddressRow] = []
    payment_methods: list[PaymentMethodRow] = []


class OrderLineRow(Row):
    """One line of an order: title, options and price of the day."""

    product_id: Id
    variant_id: Id
    title: str
    options: dict[str, str] = {}
    quantity: int = Field(default=1, ge=1, le=1_000_000)
    price: Price | None = None


class FulfillmentRow(Row):
    """A shipment."""

    tracking_ids: list[str] = []
    variant_ids: list[str] = []
    shipped_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None


class PaymentRow(Row):
    """A payment or refund on an order."""

    kind: Literal["payment", "refund"]
    amount: Price
    method_id: str = ""
    at: AwareDatetime | None = None


class ReturnRow(Row):
    """Variants of an order that the customer sends back; ``fee`` is kept from the refund."""

    variant_ids: list[str] = Field(min_length=1)
    reason: str = ""
    requested_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None
    fee: Price = Decimal(0)


class OrderRow(Row):
    """An order. Status: pending, processed, shipped, delivered, cancelled, return requested, returned, ...

    The price of a line is what a piece cost that day, after promotions that lower prices.
    """

    type: Literal["order"]
    id: Id
    customer_id: Id
    status: Word
    currency: Currency | None = None
    placed_at: AwareDatetime | None = None
    address: AddressRow = AddressRow()
    lines: list[OrderLineRow] = Field(min_length=1)
    fulfillments: list[FulfillmentRow] = []
    payments: list[PaymentRow] = []
    returns: list[ReturnRow] = []
    promotion_ids: list[str] = []  # what made the prices of its lines, or its total, lower
    total: Price | None = None  # the sum of the lines when left out and all prices are known


class ReviewRow(Row):
    """A review."""

    type: Literal["review"]
    id: Id
    product_id: Id
    customer_id: Reference = ""
    rating: float | None = Field(default=None, ge=0, le=5)
    title: Text = ""
    body: Text = ""
    language: Language = ""
    written_at: AwareDatetime | None = None


class EventRow(Row):
    """One interaction; ``id`` makes it idempotent."""

    type: Literal["event"]
    id: Id
    kind: Literal["view", "search", "click", "add_to_cart", "purchase", "rate"]
    at: AwareDatetime
    customer_id: Reference = ""
    session_id: Reference = ""
    product_id: Reference = ""
    value: dict[str, Any] = {}


AnyRow = ProductRow | PolicyRow | PromotionRow | CustomerRow | OrderRow | ReviewRow | EventRow


class Rejected(BaseModel):
    """A row that could not be read: its line (1-based; 0 where the source has none), its id if known, and why."""

    model_config = ConfigDict(frozen=True)

    line: int
    id: str
    reason: str


class LeftOut(BaseModel):
    """A product that the source itself marks as not for sale, such as a draft: no error, and not imported."""

    model_config = ConfigDict(frozen=True)

    line: int
    id: str
    reason: str
