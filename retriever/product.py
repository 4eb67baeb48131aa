"""A product as every layer sees it: the JSON shape of the Universal Commerce Protocol.

Money is an integer of minor units (cents) with an ISO 4217 code. A price may be
unknown (``None``): it is then said to be unknown, never guessed.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from babel.numbers import format_currency, get_currency_precision
from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """Frozen, closed base of the contract shapes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Money(Shape):
    """An amount in minor units of an ISO 4217 currency."""

    amount: int
    currency: str = Field(pattern=r"^[A-Z]{3}$")

    @classmethod
    def from_major(cls, value: Decimal | str | int, currency: str) -> Money:
        """Money from major units, rounded half up to the currency's precision.

        Raises:
            decimal.InvalidOperation: if ``value`` is not a number.
        """
        minor = Decimal(str(value)).scaleb(get_currency_precision(currency))
        return cls(amount=int(minor.to_integral_value(ROUND_HALF_UP)), currency=currency)

    @classmethod
    def known(cls, amount: int | None, currency: str) -> Money | None:
        """The amount as the records keep it: ``None`` is an unknown price."""
        return None if amount is None else cls(amount=amount, currency=currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units: 1999 USD cents are ``Decimal("19.99")``."""
        return Decimal(self.amount).scaleb(-get_currency_precision(self.currency))

    def text(self, locale: str = "en") -> str:
        """The amount as a shopper of that locale reads it: ``$19.99``."""
        return str(format_currency(self.major, self.currency, locale=babel_locale(locale)))


def babel_locale(language: str) -> str:
    """Babel's name for one of our language codes."""
    return {"zh": "zh_CN", "en": "en_US"}.get(language, language.replace("-", "_"))


class PriceRange(Shape):
    """Lowest and highest known variant price; both ``None`` when no price is known."""

    min: Money | None = None
    max: Money | None = None


class Availability(Shape):
    """Whether it can be bought now. Status: in_stock, out_of_stock, preorder, discontinued."""

    available: bool
    status: str


class Rating(Shape):
    """Mean of ``count`` ratings, 0 to 5."""

    value: float = Field(ge=0, le=5)
    count: int = Field(ge=0)


class Variant(Shape):
    """One buyable form of a product."""

    id: str
    title: str
    price: Money | None
    options: dict[str, str] = {}
    availability: Availability


class Product(Shape):
    """What the shop sells, with all its variants."""

    id: str
    title: str
    description: str = ""
    url: str = ""
    images: tuple[str, ...] = ()
    brand: str = ""
    categories: tuple[str, ...] = ()
    price_range: PriceRange
    rating: Rating | None = None
    attributes: dict[str, str] = {}
    availability: Availability
    variants: tuple[Variant, ...] = ()

    def json_dict(self) -> dict[str, Any]:
        """The contract's JSON object."""
        return self.model_dump(mode="json")


Relation = Literal["goes_with", "fits", "replaces"]


class LocaleText(Shape):
    """A product's words in one further language; what is empty falls back to the default text.

    ``options`` maps the names and values of its variants' options: ``{"color": "颜色", "Black": "黑色"}``.
    """

    title: str = ""
    description: str = ""
    attributes: dict[str, str] = {}
    options: dict[str, str] = {}

    def variant(self, variant: Variant) -> Variant:
        """A variant with its options in this language; its title too, where it is made of them."""
        options = {
            self.options.get(name, name): self.options.get(value, value) for name, value in variant.options.items()
        }
        title = variant.title
        for between in (" / ", ", "):
            if title == between.join(variant.options.values()):
                title = between.join(options.values())
        return variant.model_copy(update={"options": options, "title": title})


class Stamped(Shape):
    """A product beside what the contract does not show: its texts by language, its date, what it is related to."""

    product: Product
    texts: dict[str, LocaleText] = {}
    published_at: datetime | None = None
    related: dict[Relation, tuple[str, ...]] = {}

    def localised(self, language: str) -> Product:
        """The product with its words in a language, where the shop has them."""
        words = self.texts.get(language)
        if words is None:
            return self.product
        changed = {"title": words.title, "description": words.description, "attributes": words.attributes}
        update: dict[str, Any] = {name: value for name, value in changed.items() if value}
        if words.options:
            update["variants"] = tuple(words.variant(variant) for variant in self.product.variants)
        return self.product.model_copy(update=update)
