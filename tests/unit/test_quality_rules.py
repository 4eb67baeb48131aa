"""Rules as data: what they find in rows, and what is said about a file of them that cannot be used."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retriever.errors import BadInputError
from retriever.feeds.rows import ProductRow
from retriever.quality import CHECKS, QualityReport
from retriever.quality.attributes import number_of
from retriever.quality.rules import Rules, default_rules, parse_rules, read_rules
from retriever.quality.schema import CHUNK

GOOD = {"id": "p1", "title": "Oak desk", "description": "A desk of oak.", "categories": ["Desks"], "price": "240"}


def found(rules: Rules | None, *changes: dict[str, object]) -> dict[str, tuple[str, ...]]:
    """The examples by check, without the checks for what is missing."""
    report = QualityReport("USD", rules)
    for number, change in enumerate(changes, start=1):
        report.see(ProductRow.model_validate(GOOD | {"title": f"Oak desk {number}", "id": f"p{number}"} | change))
    return {finding.check: finding.examples for finding in report.findings() if not finding.check.startswith("missing")}


@pytest.mark.parametrize(
    ("change", "check", "example"),
    [
        ({"title": "X"}, "field_length", "p1: title X"),
        ({"title": "desk " * 60}, "field_length", f"p1: title {('desk ' * 60)[:74]}..."),
        ({"images": ["https://example.org/a.jpg"] * 101}, "field_length", "p1: images 101"),
        ({"price": "250000"}, "field_range", "p1: price 250000"),
        ({"variants": [{"id": "a", "price": "123456"}]}, "field_range", "p1: price 123456"),
        ({"status": "who knows"}, "field_value", "p1: status who knows"),
        ({"attributes": {"weight": "0 kg"}}, "attribute_range", "p1: weight 0 kg"),
        (
            {"attributes": {"power": "3,000 W"}, "categories": ["Audio", "Wireless Earbuds"]},
            "attribute_range",
            "p1: power 3,000 W",
        ),
        ({"attributes": {"重量": "0.00001 克"}}, "attribute_range", "p1: 重量 0.00001 克"),
        ({"attributes": {"weight": "12 stone"}}, "attribute_unit", "p1: weight 12 stone"),
        ({"attributes": {"Weight": "light"}}, "attribute_type", "p1: Weight light"),
        ({"texts": {"zh": {"title": "Oak desk in English"}}}, "wrong_language", "p1: zh: Oak desk in English"),
        ({"texts": {"en": {"description": "橡木书桌"}}}, "wrong_language", "p1: en: 橡木书桌"),
        (
            {"variants": [{"id": "a", "options": {"size": "S"}}, {"id": "b", "options": {"size": "S"}}]},
            "variants_inconsistent",
            "p1: S twice: a and b",
        ),
        (
            {"variants": [{"id": "a", "options": {"size": "S"}}, {"id": "b", "options": {"colour": "red"}}]},
            "variants_inconsistent",
            "p1: options colour of b, size of a",
        ),
    ],
)
def test_each_rule_finds_its_case_and_nothing_else(change, check, example):
    assert found(None, change) == {check: (example,)}


@pytest.mark.parametrize(
    "change",
    [
        {"attributes": {"power": "3,000 W"}, "categories": ["Kettles"]},
        {
            "attributes": {
                "weight": "900 g",
                "battery life": "up to 8 h",
                "length": "1.5 m",
                "height": "ankle",
                "note": "3 parsecs",
            }
        },
        {"attributes": {"weight": "450"}},
        {"status": "Preorder"},
        {"texts": {"zh": {"title": "橡木书桌 Oak"}, "fr": {"title": "Bureau"}}},
        {"variants": [{"id": "a", "options": {"size": "S"}}, {"id": "b", "options": {"size": "M"}}]},
    ],
)
def test_what_is_plausible_is_not_found(change):
    assert found(None, change) == {}


def test_the_language_of_the_few_is_found():
    english = [{}] * 9
    assert found(None, *english, {"title": "橡木书桌十号"}) == {"wrong_language": ("p10: title in zh",)}
    chinese = [{"title": f"橡木书桌{number}", "description": "一张橡木书桌。"} for number in "一二三四五六七八九"]
    assert found(None, *chinese, {"description": "一张橡木书桌。"}) == {"wrong_language": ("p10: title in en",)}


def test_a_shop_of_two_languages_is_left_alone():
    mixed = [{"title": f"橡木书桌{number}"} if number % 2 else {} for number in range(10)]
    assert "wrong_language" not in found(None, *mixed)


def test_a_row_counts_once_in_a_check():
    report = QualityReport("USD")
    report.see(ProductRow.model_validate(GOOD | {"attributes": {"weight": "0 g", "power": "0 W", "length": "0 cm"}}))
    counts = {finding.check: finding.count for finding in report.findings()}
    assert counts["attribute_range"] == 1


def test_the_last_row_of_a_chunk_and_the_first_of_the_next_are_named():
    report = QualityReport("USD", parse_rules({"fields": {"price": {"type": "number", "range": [0, 500]}}}, "here"))
    for number in range(CHUNK + 2):
        price = 900 if number in (CHUNK - 1, CHUNK) else 100
        report.see(ProductRow.model_validate(GOOD | {"id": f"p{number}", "title": f"Desk {number}", "price": price}))
    (wrong,) = (finding for finding in report.findings() if finding.check == "field_range")
    assert wrong.examples == (f"p{CHUNK - 1}: price 900", f"p{CHUNK}: price 900")


def test_a_merchant_s_own_rules(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(
        '[fields.url]\ntype = "text"\nrequired = true\n'
        '[fields.title]\ntype = "text"\nlanguage = "zh"\n'
        '[fields.price]\ntype = "number"\nrange = [10, 50]\n'
        "[checks]\nfield_range = { severity = 'info', weight = 0.01 }\n",
        encoding="utf-8",
    )
    rules = read_rules(file)
    report = QualityReport("USD", rules)
    report.see(ProductRow.model_validate(GOOD))
    assert {finding.check: finding.examples for finding in report.findings()} == {
        "missing_field": ("p1: url",),
        "field_range": ("p1: price 240",),
        "wrong_language": ("p1: title in en",),
    }
    assert rules.check("field_range").weight == 0.01
    assert rules.check("duplicate") == default_rules().checks["duplicate"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[fields.titel]\ntype = 'text'", "fields.titel: there is no such field"),
        ("[fields.title]\ntype = 'number'", "fields.title.type: this field is a text"),
        ("[fields.title]\ntype = 'text'\nrange = [1, 2]", "fields.title.range: a text has none"),
        ("[fields.price]\ntype = 'number'\nrange = [5, 1]", "fields.price.range: the lower bound is above"),
        ("[fields.price]\ntype = 'number'\nrnage = [5, 1]", "fields.price.rnage: Extra inputs"),
        ("[checks]\nmising_price = { severity = 'info', weight = 0.1 }", "checks.mising_price: there is no such check"),
        ("[checks]\nduplicate = { severity = 'bad', weight = 0.1 }", "checks.duplicate.severity"),
        ("[checks]\nduplicate = { severity = 'info', weight = 1.0 }", "checks.duplicate.weight"),
        ("[attributes.weight]\nnames = ['w']\nunits = { g = 0 }\nrange = [0, 1]", "attributes.weight.units.g"),
        ("[fields", "are no TOML"),
    ],
)
def test_rules_that_cannot_be_used_name_the_key(tmp_path, text, told):
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        read_rules(tmp_path / "rules.toml")
    assert told in caught.value.message
    assert caught.value.hint


def test_rules_that_are_not_there(tmp_path):
    with pytest.raises(BadInputError, match="cannot be read"):
        read_rules(tmp_path / "nowhere.toml")


def test_every_check_has_its_severity_and_weight_in_the_package():
    assert set(default_rules().checks) == set(CHECKS)


@pytest.mark.parametrize(
    ("text", "number"),
    [("3,000", 3000.0), ("1.5", 1.5), ("1,5", 1.5), ("12,345,678.9", 12345678.9), ("8.", 8.0), ("1.2.3", None)],
)
def test_numbers(text, number):
    assert number_of(text) == number


@given(st.dictionaries(st.sampled_from(["weight", "Power", "续航", "note"]), st.text(max_size=30), max_size=4))
def test_no_attribute_breaks_a_report(attributes):
    assert isinstance(found(None, {"attributes": attributes}), dict)


def test_the_package_s_rules_are_the_file_that_is_documented(pytestconfig):
    text = (pytestconfig.rootpath / "retriever/quality/rules.toml").read_text(encoding="utf-8")
    assert parse_rules(tomllib.loads(text), "here") == default_rules()
