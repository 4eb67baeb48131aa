"""The rules as pandera schemas, and rows as the frames that they validate, some thousands at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from retriever.feeds.rows import ProductRow
from retriever.quality.attributes import Measured, Measures
from retriever.quality.rules import FieldRule, Rules
from retriever.text import holds_han, language_of

CHUNK = 5_000  # rows of one frame

LETTERS = re.compile(r"[A-Za-z]{3}")

Failure = tuple[int, str, str]
"""(row in the chunk, check, what is there)."""


class RuleSchema:
    """Holds product rows to the rules, a chunk at a time.

    Args:
        rules: what to hold them to.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._measures = Measures(rules)
        self._names = [name for name, rule in rules.fields.items() if _is_checked(rule)]
        self._fields_schema: Any = None
        self._attribute_schemas: dict[str, Any] = {}
        self._start()

    @property
    def rows(self) -> int:
        """Rows taken since the last validation."""
        return self._rows

    def take(self, row: ProductRow) -> None:
        """Add a row to the chunk."""
        for name in self._names:
            self._fields[name].append(_value(row, name))
        for name in self._languages:
            self._languages[name].append(written_in(str(getattr(row, name))))
        if self._rules.texts.language:
            self._texts.append(_misfiled(row))
        if row.attributes:
            for measured in self._measures.read(row.attributes):
                self._attributes.setdefault(measured.rule, []).append(self._entry(measured, row.categories))
        self._rows += 1

    def failures(self) -> list[Failure]:
        """What is wrong in the rows of the chunk, each check at most once a row; the next row begins a new chunk."""
        import pandas as pd

        if self._fields_schema is None:
            self._fields_schema = fields_schema(self._rules)
        columns = self._fields | {f"{name} language": values for name, values in self._languages.items()}
        if self._texts:
            columns["texts"] = self._texts
        found: dict[tuple[int, str], str] = {}
        if columns and self._rows:
            for row, check, column, value in _failed(self._fields_schema, pd.DataFrame(columns)):
                found.setdefault((row, check), _told(column, value))
        for rule, entries in self._attributes.items():
            schema = self._attribute_schemas.setdefault(rule, attribute_schema(self._rules, rule))
            for place, check, _, _ in _failed(schema, pd.DataFrame(entries)):
                found.setdefault((entries[place]["row"], check), entries[place]["said"])
        self._start()
        return [(row, check, said) for (row, check), said in sorted(found.items())]

    def _start(self) -> None:
        self._rows = 0
        self._fields: dict[str, list[Any]] = {name: [] for name in self._names}
        self._languages: dict[str, list[str | None]] = {
            name: [] for name, rule in self._rules.fields.items() if rule.language not in (None, "majority")
        }
        self._texts: list[str | None] = []
        self._attributes: dict[str, list[dict[str, Any]]] = {}

    def _entry(self, measured: Measured, categories: list[str]) -> dict[str, Any]:
        rule = self._rules.attributes[measured.rule]
        within = dict.fromkeys(range(len(rule.within)))
        narrower = dict.fromkeys(self._measures.narrower(measured.rule, categories), measured.number)
        return {
            "row": self._rows,
            "said": measured.said,
            "number": measured.number,
            "counted": measured.number is not None or not measured.unit_known or rule.words,
            "unit": measured.unit or None,
            **{f"in {place}": number for place, number in (within | narrower).items()},
        }


def written_in(text: str) -> str | None:
    """The language of a text; None where it has too few letters to tell."""
    if text.isascii():
        return "en" if LETTERS.search(text) else None
    if holds_han(text):  # a Chinese title with a long Latin name in it is no English one
        return "zh" if language_of(text) == "zh" else None
    return "en" if any(map(str.isalpha, text)) else None


def fields_schema(rules: Rules) -> Any:
    """A pandera schema of the product fields."""
    import pandera.pandas as pa

    columns: dict[str, Any] = {}
    for name, rule in rules.fields.items():
        if rule.language not in (None, "majority"):
            columns[f"{name} language"] = _column(str, [pa.Check.isin([rule.language], error="wrong_language")])
        if not _is_checked(rule):
            continue
        checks: list[Any] = []
        if rule.length and rule.type == "text":
            checks.append(pa.Check.str_length(int(rule.length[0]), int(rule.length[1]), error="field_length"))
        elif rule.length:
            checks.append(pa.Check.in_range(*rule.length, error="field_length"))
        if rule.range:
            checks.append(pa.Check.in_range(*rule.range, error="field_range"))
        if rule.allowed:
            checks.append(pa.Check.isin(rule.allowed, error="field_value"))
        columns[name] = _column(str if rule.type == "text" else float, checks)
    if rules.texts.language:
        columns["texts"] = _column(str, [pa.Check.isin([], error="wrong_language")])
    return pa.DataFrameSchema(columns, coerce=True)


def attribute_schema(rules: Rules, name: str) -> Any:
    """A pandera schema of the values of one attribute."""
    import pandera.pandas as pa

    rule = rules.attributes[name]
    columns = {
        "counted": _column(bool, [pa.Check.eq(True, error="attribute_type")]),
        "unit": _column(str, [pa.Check.isin(list(rule.units), error="attribute_unit")]),
        "number": _column(float, [pa.Check.in_range(*rule.range, error="attribute_range")]),
    }
    for place, within in enumerate(rule.within):
        columns[f"in {place}"] = _column(float, [pa.Check.in_range(*within.range, error="attribute_range")])
    return pa.DataFrameSchema(columns, coerce=True)


def _column(kind: type, checks: list[Any]) -> Any:
    import pandera.pandas as pa

    return pa.Column(kind, checks, nullable=True)


def _failed(schema: Any, frame: Any) -> Iterator[tuple[int, str, str, Any]]:
    """(row, check, column, value) of everything that pandera finds wrong in a frame."""
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True, inplace=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        for row, check, column, value in zip(
            cases["index"], cases["check"], cases["column"], cases["failure_case"], strict=True
        ):
            yield int(row), str(check), str(column), value


def _is_checked(rule: FieldRule) -> bool:
    return bool(rule.length or rule.range or rule.allowed)


def _value(row: ProductRow, name: str) -> Any:
    match name:
        case "price":
            return _price(row)
        case "rating":
            return row.rating.value if row.rating else None
        case "stock":
            return row.stock if row.stock is not None else max((v.stock for v in row.variants if v.stock), default=None)
        case "categories" | "images":
            return len(getattr(row, name)) or None
        case "status":
            return row.status.lower() or None
        case _:
            return getattr(row, name) or None


def _price(row: ProductRow) -> float | None:
    """The highest price of a product: what is too dear is told by it, and none is below 0."""
    prices = [form.price for form in row.variants if form.price is not None]
    known = [*prices, row.price] if row.price is not None else prices
    return float(max(known)) if known else None


def _misfiled(row: ProductRow) -> str | None:
    """A text in another language than the one it is filed under."""
    for language, words in row.texts.items():
        if language[:2] in ("en", "zh"):
            for text in (words.title, words.description):
                written = written_in(text) if text else None
                if written not in (None, language[:2]):
                    return f"{language}: {text}"
    return None


def _told(column: str, value: Any) -> str:
    if column == "texts":
        return str(value)
    if column.endswith(" language"):
        return f"{column.removesuffix(' language')} in {value}"
    return f"{column} {value:g}" if isinstance(value, float) else f"{column} {value}"
