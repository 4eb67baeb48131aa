"""Hard conditions on products. They are enforced on the records, never by the model's good will."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from retriever.errors import BadInputError

FIELDS = ("price_min", "price_max", "category", "brand", "exclude", "in_stock", "attributes.NAME")


class Filters(BaseModel):
    """What a result must satisfy; ``None`` and empty mean no condition.

    Prices are in major units of the shop's currency. A product passes when one and
    the same variant satisfies price, stock and attributes together. A product
    without a known price never passes a price condition.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    price_min: Decimal | None = Field(default=None, ge=0)
    price_max: Decimal | None = Field(default=None, ge=0)
    category: str | None = None
    brand: str | None = None
    exclude: tuple[str, ...] = ()
    in_stock: bool | None = None
    attributes: dict[str, str] = {}

    @model_validator(mode="after")
    def _ordered(self) -> Filters:
        if self.price_min is not None and self.price_max is not None and self.price_min > self.price_max:
            raise ValueError(f"price_min {self.price_min} is above price_max {self.price_max}")
        return self

    @property
    def empty(self) -> bool:
        """True when there is no condition at all."""
        return self == Filters()

    def conditions(self) -> list[str]:
        """The names of the conditions set, in a fixed order (``attributes.color``, ``price_max``...)."""
        named = [f"attributes.{name}" for name in sorted(self.attributes)]
        for name in ("exclude", "brand", "category", "price_min", "price_max", "in_stock"):
            if getattr(self, name) not in (None, (), False):
                named.append(name)
        return named

    def without(self, condition: str) -> Filters:
        """The same filters with one named condition dropped."""
        if condition.startswith("attributes."):
            name = condition.removeprefix("attributes.")
            return self.model_copy(update={"attributes": {k: v for k, v in self.attributes.items() if k != name}})
        return self.model_copy(update={condition: () if condition == "exclude" else None})


def parse_filters(pairs: Iterable[str]) -> Filters:
    """Filters from ``field=value`` words, as the command line gives them.

    ``exclude`` may be given more than once. Raises BadInputError for an unknown field or a bad value.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        name, sep, value = pair.partition("=")
        name, value = name.strip(), value.strip()
        if not sep or not value:
            raise BadInputError(f"'{pair}' is not a filter.", "Write field=value, for example price_max=30.")
        if name.startswith("attributes.") and len(name) > len("attributes."):
            values.setdefault("attributes", {})[name.removeprefix("attributes.")] = value
        elif name == "exclude":
            values["exclude"] = (*values.get("exclude", ()), value)
        elif name in Filters.model_fields and name != "attributes":
            values[name] = _decimal(name, value) if name.startswith("price_") else value
        else:
            raise BadInputError(f"There is no filter '{name}'.", f"Filters are: {', '.join(FIELDS)}.")
    try:
        return Filters.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInputError(f"Filter {where}: {first['msg']}.".replace("Filter : ", "Filter: ")) from error


def _decimal(name: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise BadInputError(f"{name} is '{value}', which is not a number.", "Write it like price_max=19.99.") from error
    if not number.is_finite():
        raise BadInputError(f"{name} is '{value}', which is not a finite number.", "Write it like price_max=19.99.")
    return number
