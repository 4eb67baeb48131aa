"""Public corpora as training lines: what is taken, what is left out, and what a malformed file says."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from assistant.phrases import replies
from assistant.tools import TOOLS
from assistant.tune.corpora import corpora, rules
from assistant.tune.patterns import patterns
from assistant.tune.script import Line
from retriever.errors import BadInputError

COLUMNS = ("utterance", "intent", "entity_type", "entity_value", "start_offset", "end_offset", "category", "tags")


def bitext(folder: Path, *rows: tuple[str, ...], name: str = "train.csv", columns: tuple[str, ...] = COLUMNS) -> Path:
    """A made-up bitext file; rows are an utterance, its intent and perhaps a mark."""
    path = folder / "bitext" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([*row, *[""] * (len(columns) - len(row))] for row in rows)
    return folder


def clinc150(folder: Path, **parts: object) -> Path:
    """A made-up clinc150 file."""
    path = folder / "clinc150" / "data_full.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"train": [], "oos_train": [], **parts}), encoding="utf-8")
    return folder


def read(folder: Path, most: int = 100) -> dict[str, Line]:
    return {line.text: line for line in corpora(folder, random.Random(2), most=most)}


def test_utterances_get_the_call_that_our_own_patterns_have_for_them(tmp_path: Path) -> None:
    bitext(
        tmp_path,
        ("show me your reimbursement policy", "check_refund_policy"),
        ("check order status", "track_order"),
        ("let me chat with a live agent", "contact_human_agent"),
        ("do you ship to Finland?", "delivery_options", "delivery_country", "Finland"),
    )
    clinc150(tmp_path, train=[["what's my horoscope", "weather"], ["farewell ai", "goodbye"]])

    lines = read(tmp_path)

    query = {"query": "refund"}
    assert lines["show me your reimbursement policy"] == Line(
        "show me your reimbursement policy", "policy", "search_shop_policies_and_faqs", query
    )
    assert lines["check order status"].tool == "list_orders"
    assert lines["let me chat with a live agent"].arguments == {"reason": "asks for a person"}
    assert lines["do you ship to Finland?"].arguments == {"query": "shipping abroad"}
    assert lines["what's my horoscope"].reply == replies()["off_topic"]["en"][0]
    assert lines["farewell ai"].reply == replies()["bye"]["en"][0]


def test_an_order_number_is_said_and_looked_up_alike_and_is_not_always_the_same(tmp_path: Path) -> None:
    rows = [(f"{word} order 00123842 eta", "track_order", "order_id", "00123842") for word in ("see", "check", "show")]

    lines = corpora(bitext(tmp_path, *rows), random.Random(1))

    numbers = [line.arguments["order_id"] for line in lines]
    assert [line.tool for line in lines] == ["get_order"] * 3
    assert all(f" {number} " in line.text for line, number in zip(lines, numbers, strict=True))
    assert len(set(numbers)) == 3
    assert "00123842" not in numbers


def test_to_cancel_goes_to_a_person_and_a_question_with_a_number_is_left_out(tmp_path: Path) -> None:
    mark = ("cancel_order", "order_id", "00123842")
    bitext(tmp_path, ("please cancel order 00123842", *mark), ("how can I cancel order 00123842", *mark))

    (line,) = corpora(tmp_path, random.Random(1))

    assert line.text.startswith("please cancel")
    assert (line.tool, line.arguments) == ("transfer_to_human_agents", {"reason": "cancel or change an order"})


def test_an_intent_without_a_rule_is_left_out(tmp_path: Path) -> None:
    bitext(tmp_path, ("i forgot my PIN", "recover_password"), ("which cards are fine", "check_payment_methods"))
    clinc150(tmp_path, train=[["my card was declined", "card_declined"], ["a made-up wish", "made_up"]])

    assert list(read(tmp_path)) == ["which cards are fine"]


def test_only_the_training_parts_are_read(tmp_path: Path) -> None:
    for name in ("train", "dev", "test"):
        bitext(tmp_path, (f"pay by {name}", "check_payment_methods"), name=f"{name}.csv")
    parts = ("train", "val", "test", "oos_train", "oos_val", "oos_test")
    told = {part: [[f"sun in {part.replace('_', ' ')}", "oos" if "oos" in part else "weather"]] for part in parts}
    clinc150(tmp_path, **told)

    assert set(read(tmp_path)) == {"pay by train", "sun in train", "sun in oos train"}


def test_templates_repeats_disputes_and_what_our_patterns_say_are_left_out(tmp_path: Path) -> None:
    ours = next(pattern for pattern in patterns("en", "talk") if pattern.reply == "off_topic")
    bitext(
        tmp_path,
        ("see bill {{Invoice Number}}", "check_invoice"),
        ("track order 17", "track_order", "order_id", "99"),  # the mark is not in the text
        ("find bill #1", "check_invoice", "invoice_id", "#1"),
        ("Find  bill #2!", "check_invoice", "invoice_id", "#2"),
    )
    disputed = [["how is it", "weather"], ["How is it?", "greeting"]]
    clinc150(tmp_path, train=[*disputed, [ours.held_out[0], "weather"], [ours.texts[0].upper(), "weather"]])

    assert list(read(tmp_path)) == ["find bill #1"]


def test_no_intent_floods_and_many_intents_of_one_answer_share(tmp_path: Path) -> None:
    (foreign,) = [rule for rule in rules()["clinc150"] if rule.reply == "off_topic"]
    train = [[f"wish {n} of {intent.replace('_', '')}", intent] for intent in foreign.intents for n in range(9)]
    clinc150(tmp_path, train=[*train, *([f"{number} times goodbye", "goodbye"] for number in range(9))])

    lines = read(tmp_path, most=2).values()

    assert Counter(line.phenomenon for line in lines) == {"bye": 2, "off_topic": 2 * foreign.share}
    assert max(Counter(line.text.split()[-1] for line in lines).values()) <= 2


def test_the_same_dice_draw_the_same_lines(tmp_path: Path) -> None:
    bitext(tmp_path, *((f"see order 99 of {word}", "track_order", "order_id", "99") for word in "abcdefgh"))

    first, again, other = (corpora(tmp_path, random.Random(seed), most=4) for seed in (1, 1, 2))

    assert first == again != other


def test_a_folder_without_a_corpus_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no corpus") as error:
        corpora(tmp_path, random.Random(1))

    assert "bitext/train.csv" in error.value.hint
    assert "clinc150/data_full.json" in error.value.hint


def test_a_table_with_other_columns_is_told_what_it_lacks(tmp_path: Path) -> None:
    bitext(tmp_path, ("hello", "greet"), columns=("utterance", "intent"))

    with pytest.raises(BadInputError, match=r"train\.csv lacks the columns entity_type, entity_value"):
        corpora(tmp_path, random.Random(1))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"only one cell\n", "line 2: there is no utterance with its intent"),
        (b",check_invoice,,,,,,\n", "line 2: there is no utterance with its intent"),
        (b'"never closed,check_invoice\n', "is no CSV file in UTF-8"),
        (b"caf\xe9,check_invoice,,,,,,\n", "is no CSV file in UTF-8"),
    ],
)
def test_a_broken_table_says_where(tmp_path: Path, row: bytes, says: str) -> None:
    bitext(tmp_path)
    with (tmp_path / "bitext" / "train.csv").open("ab") as file:
        file.write(row)

    with pytest.raises(BadInputError, match=says) as error:
        corpora(tmp_path, random.Random(1))

    assert "train.csv" in error.value.hint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Invalid JSON"),
        ('{"train": [', "Invalid JSON"),
        ("[]", "should be an object"),
        ('{"train": []}', "oos_train: Field required"),
        ('{"train": [["hello"]], "oos_train": []}', r"train\.0\.1: Field required"),
        ('{"train": [[1, "greeting"]], "oos_train": []}', r"train\.0\.0: Input should be a valid string"),
    ],
)
def test_a_broken_json_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = clinc150(tmp_path) / "clinc150" / "data_full.json"
    path.write_text(text)

    with pytest.raises(BadInputError, match=says) as error:
        corpora(tmp_path, random.Random(1))

    assert "data_full.json" in error.value.hint


def test_every_rule_answers_as_one_of_our_patterns_does() -> None:
    ours = {
        (pattern.phenomenon, pattern.tool, str(pattern.arguments).replace("{order}", "{order_id}"), pattern.reply)
        for room in ("service", "talk")
        for pattern in patterns("en", room)
    }

    mapped = [rule for of_corpus in rules().values() for rule in of_corpus]

    assert {rule.tool for rule in mapped} - {""} <= {tool.name for tool in TOOLS}
    assert [rule for rule in mapped if (rule.phenomenon, *rule.answer) not in ours] == []
