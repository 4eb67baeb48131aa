"""What may be said: sentences held against the facts of a conversation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evidence import Fact, Finding, Ledger
from assistant.grounding import check, split_sentences

TIDE = "Tidewater Bluetooth Speaker"
PEBBLE = "Pebble Mini Speaker"


def price(about: str, cents: int, key: str) -> Fact:
    return Fact("price", {"amount": cents, "currency": "USD"}, about, "product", key, "price_range.min")


@pytest.fixture
def ledger() -> Ledger:
    finding = Finding(
        f"1. {TIDE} | $49.00 | in stock | rated 4.5 by 1203\n2. {PEBBLE} | $19.00 | out of stock",
        (
            price(TIDE, 4900, "s1"),
            price(PEBBLE, 1900, "s2"),
            Fact("rating", {"value": 4.5, "count": 1203}, TIDE, "product", "s1", "rating"),
            Fact("attribute", "black", TIDE, "product", "s1", "attributes.color"),
            Fact("availability", True, TIDE, "product", "s1", "availability"),
            Fact("availability", False, PEBBLE, "product", "s2", "availability"),
        ),
    )
    return Ledger.of([(finding.text, finding.artifact())], ["a speaker under 60 dollars"])


@pytest.mark.parametrize(
    "sentence",
    [
        "The Tidewater Bluetooth Speaker is $49.00.",
        "The Pebble Mini Speaker costs 19 dollars.",
        "Here are some speakers under $60.",
        "Tidewater Bluetooth Speaker is rated 4.5 by 1,203.",
        "- Pebble Mini Speaker: out of stock",
        "What would you like to know?",
        "The Pebble Mini Speaker is cheaper.",
    ],
)
def test_what_the_records_or_the_shopper_said_may_be_said(ledger: Ledger, sentence: str) -> None:
    assert check(sentence, ledger).ok, check(sentence, ledger).why


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("The Tidewater Bluetooth Speaker is $39.00.", "39"),
        ("The Tidewater Bluetooth Speaker is $19.00.", "19"),  # the other one's price
        ("The Tidewater Bluetooth Speaker is waterproof.", "waterproof"),
        ("Tidewater Bluetooth Speaker is rated 4.9.", "4.9"),
        ("The Tidewater Bluetooth Speaker is cheaper.", "cheap"),
        ("The Tidewater Bluetooth Speaker is not in stock.", "in stock"),
        ("Pebble Mini Speaker is rated 4.5.", "no record rates"),  # the other one's rating
        ("Tidewater Bluetooth Speaker has 1203 stars.", "1203"),
        ("It is one of 7 speakers.", "7"),
        ("The Tidewater Bluetooth Speaker 有防水功能。", "防水"),
    ],
)
def test_what_nobody_can_prove_is_refused_with_the_reason(ledger: Ledger, sentence: str, why: str) -> None:
    verdict = check(sentence, ledger)
    assert not verdict.ok
    assert why in verdict.why


def test_a_price_that_is_said_cites_its_record(ledger: Ledger) -> None:
    (proof,) = [e for e in check(f"The {TIDE} is $49.00.", ledger).evidence if e.kind == "price"]
    assert (proof.source.type, proof.source.id, proof.source.field) == ("product", "s1", "price_range.min")


@given(st.integers(min_value=1, max_value=10**7).filter(lambda cents: cents not in (4900, 1900, 6000)))
def test_no_price_passes_that_no_record_holds(cents: int) -> None:
    known = Ledger.of([("", Finding("", (price(TIDE, 4900, "s1"), price(PEBBLE, 1900, "s2"))).artifact())], [])
    assert not check(f"The {TIDE} is ${cents / 100:.2f}.", known).ok


@given(st.text(alphabet="ab .!?\n。1", max_size=60), st.integers(1, 9))
def test_a_stream_splits_into_the_same_sentences_however_it_is_cut(text: str, width: int) -> None:
    whole, rest = split_sentences(text)
    pieces: list[str] = []
    held = ""
    for start in range(0, len(text), width):
        done, held = split_sentences(held + text[start : start + width])
        pieces += done
    assert "".join(pieces) + held == text
    assert "".join(whole) + rest == text


def test_a_decimal_point_ends_no_sentence() -> None:
    assert split_sentences("It is $49.00 and rated 4.5. Next") == (["It is $49.00 and rated 4.5. "], "Next")
