"""What good product data is, read from a file: the rules that come with the package, or a merchant's own."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from retriever.errors import BadInputError
from retriever.text import fold

Severity = Literal["error", "warning", "info"]
FieldType = Literal["text", "number", "list"]
Language = Literal["en", "zh"]

FIELD_TYPES: dict[str, FieldType] = {
    "title": "text",
    "description": "text",
    "brand": "text",
    "url": "text",
    "status": "text",
    "categories": "list",
    "images": "list",
    "price": "number",
    "rating": "number",
    "stock": "number",
}
"""The fields that rules may speak of, as the rows have them."""

CHECKS = (
    "missing_price",
    "missing_description",
    "missing_image",
    "missing_brand",
    "missing_category",
    "missing_rating",
    "missing_field",
    "duplicate",
    "near_duplicate",
    "price_zero",
    "wrong_currency",
    "empty_category",
    "html_in_title",
    "html_in_description",
    "unsafe_address",
    "control_characters",
    "mojibake",
    "instructions_to_a_model",
    "field_length",
    "field_range",
    "field_value",
    "wrong_language",
    "attribute_type",
    "attribute_unit",
    "attribute_range",
    "variants_inconsistent",
    "price_outlier",
    "category_outlier",
)
"""Every check, in the order of the report."""


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError("the lower bound is above the upper one")
    return bounds


Bounds = Annotated[tuple[float, float], AfterValidator(_ordered)]
Folded = Annotated[str, AfterValidator(fold)]


class Data(BaseModel):
    """Frozen, closed base: a misspelt key is an error, not a rule that never holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FieldRule(Data):
    """What is asked of one field of every product."""

    type: FieldType
    required: bool = False
    length: Bounds | None = None
    range: Bounds | None = None
    allowed: tuple[Folded, ...] = ()
    language: Language | Literal["majority"] | None = None


class Within(Data):
    """A narrower range for products of a category that holds one of these words."""

    categories: tuple[Folded, ...] = Field(min_length=1)
    range: Bounds


class AttributeRule(Data):
    """What is asked of an attribute that is a number with a unit, or with ``words`` a word. Ranges are in the first."""

    names: tuple[Folded, ...] = Field(min_length=1)
    units: dict[Folded, Annotated[float, Field(gt=0)]] = Field(min_length=1)
    range: Bounds
    within: tuple[Within, ...] = ()
    words: bool = False


class TextRules(Data):
    """What is asked of the texts in further languages."""

    language: bool = True


class OutlierRules(Data):
    """When a price or a vector is far from those of its category."""

    group: int = Field(default=8, ge=3)
    price: float = Field(default=3.5, gt=0)
    vector: float = Field(default=3.5, gt=0)
    margin: float = Field(default=0.1, ge=0, le=2)


class DuplicateRules(Data):
    """When two titles are nearly the same."""

    similarity: float = Field(default=0.8, gt=0, le=1)
    words: int = Field(default=5, ge=1)


class CheckRule(Data):
    """How bad a finding is, and the share of the score that is lost when every row has it."""

    severity: Severity
    weight: float = Field(ge=0, lt=1)


class Rules(Data):
    """All of it."""

    fields: dict[str, FieldRule] = {}
    texts: TextRules = TextRules()
    attributes: dict[str, AttributeRule] = {}
    outliers: OutlierRules = OutlierRules()
    duplicates: DuplicateRules = DuplicateRules()
    checks: dict[str, CheckRule] = {}

    @model_validator(mode="after")
    def _known(self) -> Rules:
        for name, rule in self.fields.items():
            if name not in FIELD_TYPES:
                raise ValueError(f"fields.{name}: there is no such field; there are {', '.join(FIELD_TYPES)}")
            if rule.type != FIELD_TYPES[name]:
                raise ValueError(f"fields.{name}.type: this field is a {FIELD_TYPES[name]}")
            _fits(name, rule)
        for name in self.checks:
            if name not in CHECKS:
                raise ValueError(f"checks.{name}: there is no such check; there are {', '.join(CHECKS)}")
        return self

    def check(self, name: str) -> CheckRule:
        """Severity and weight of a check; one that a merchant's file does not name is as it is in the package's."""
        return self.checks.get(name) or default_rules().checks[name]

    def attribute_names(self) -> dict[str, str]:
        """The rule of each folded attribute name."""
        return {name: rule for rule, held in self.attributes.items() for name in held.names}


def _fits(name: str, rule: FieldRule) -> None:
    """That a rule says of its field only what such a field can have."""
    for key, value, types in (
        ("length", rule.length, ("text", "list")),
        ("range", rule.range, ("number",)),
        ("allowed", rule.allowed, ("text",)),
        ("language", rule.language, ("text",)),
    ):
        if value and rule.type not in types:
            raise ValueError(f"fields.{name}.{key}: a {rule.type} has none")


@cache
def default_rules() -> Rules:
    """The rules that come with the package."""
    text = resources.files("retriever.quality").joinpath("rules.toml").read_text(encoding="utf-8")
    return Rules.model_validate(tomllib.loads(text))


def read_rules(path: Path) -> Rules:
    """A merchant's own rules.

    Raises:
        BadInputError: if the file cannot be read or a key of it cannot be used; the message names the key.
    """
    hint = "The rules are described in docs/data-quality.md."
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"The rules {path} cannot be read: {error}.", "Name a UTF-8 file of TOML.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInputError(f"The rules {path} are no TOML: {error}.", hint) from error
    return parse_rules(values, str(path))


def parse_rules(values: dict[str, Any], origin: str) -> Rules:
    """Rules from what a file of them holds.

    Raises:
        BadInputError: if a key cannot be used; the message names it.
    """
    try:
        return Rules.model_validate(values)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"])
        said = fault["msg"].removeprefix("Value error, ")
        told = f"{key}: {said}" if key else said
        raise BadInputError(
            f"The rules {origin} cannot be used: {told}.", "The rules are described in docs/data-quality.md."
        ) from error
