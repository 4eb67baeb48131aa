"""A tuned small model is told goods by number and name, and its calls are read back as ids."""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from assistant.shorthand import listed, meant, named, short_name, told

TITLES = {
    "fs-tent-larch": "Tinmoor Larch Tent, Sleeps 2, 2.1 kg",
    "fs-tent-heron": "Skarn Heron Tent, Sleeps 4, 4 kg",
    "fs-mug-snug": "Nettlebrook Snug Mug, 340 ml",
}


def facts(*ids: str) -> list[dict]:
    return [
        {
            "kind": "availability",
            "value": True,
            "about": TITLES[id],
            "type": "product",
            "id": id,
            "field": "availability",
        }
        for id in ids
    ]


def found(text: str, *ids: str) -> list:
    artifact = {"facts": facts(*ids), "products": list(ids), "note": {}}
    call = {"name": "search_catalog", "args": {"query": text, "brand": None}, "id": text}
    lines = "\n".join(f"{n}. {TITLES[id]}: $10.00, in stock" for n, id in enumerate(ids, 1))
    return [
        HumanMessage(text),
        AIMessage("", tool_calls=[call]),
        ToolMessage(lines, tool_call_id=text, name="search_catalog", artifact=artifact),
        AIMessage("Here they are."),
    ]


def asks(**arguments) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": "get_product", "args": arguments, "id": "x"}])


TENTS = [*found("tent", "fs-tent-larch", "fs-tent-heron"), HumanMessage("more about the second")]
DETAIL = [*TENTS[:-1], *found("heron", "fs-tent-heron"), HumanMessage("and the first?")]
MUG = [*TENTS[:-1], *found("mug", "fs-mug-snug"), HumanMessage("add it")]


def meaning(message: AIMessage, messages: list) -> dict:
    return meant(message, messages).tool_calls[0]["args"]


def test_a_number_counts_the_latest_list():
    assert meaning(asks(product_id="2"), TENTS) == {"product_id": "fs-tent-heron"}
    assert meaning(asks(product_ids=["1", "#2"]), TENTS) == {"product_ids": ["fs-tent-larch", "fs-tent-heron"]}


def test_numbers_go_on_counting_the_list_after_one_of_it_was_looked_at():
    assert listed(DETAIL) == ["fs-tent-larch", "fs-tent-heron"]
    assert meaning(asks(product_id="1"), DETAIL) == {"product_id": "fs-tent-larch"}


def test_it_is_what_was_shown_last():
    assert meaning(asks(lines=[{"product_id": "it", "quantity": 2}]), MUG) == {
        "lines": [{"product_id": "fs-mug-snug", "quantity": 2}]
    }


def test_a_name_finds_what_was_shown_earlier():
    assert meaning(asks(product_id="the Larch tent"), MUG) == {"product_id": "fs-tent-larch"}


def test_what_nobody_showed_stays_as_it_is_for_the_guard_to_refuse():
    assert meaning(asks(product_id="9"), TENTS) == {"product_id": "9"}
    assert meaning(asks(product_id="a yellow submarine"), TENTS) == {"product_id": "a yellow submarine"}
    assert meaning(asks(product_id="1"), [HumanMessage("hi")]) == {"product_id": "1"}


def test_what_is_named_is_what_was_meant():
    for messages in (TENTS, DETAIL, MUG):
        for id in ("fs-tent-larch", "fs-tent-heron"):
            name = named({"product_id": id}, messages)["product_id"]
            assert meaning(asks(product_id=name), messages) == {"product_id": id}


def test_earlier_results_are_told_in_one_line_and_the_present_one_in_full():
    past, present = told(MUG), told(MUG[:-2])
    assert past[2].content == "1. Tinmoor Larch Tent 2. Skarn Heron Tent"
    assert present[-1].content.startswith("1. Nettlebrook Snug Mug, 340 ml: $10.00")
    assert past[1].tool_calls[0]["args"] == {"query": "tent"}  # without what was left empty


def test_a_long_list_is_told_by_its_first_goods():
    many = found("tent", "fs-tent-larch", "fs-tent-heron", "fs-mug-snug")
    assert told(many[:3])[-1].content.splitlines()[-1] == "(3 in all)"
    assert "Snug" not in told(many[:3])[-1].content


def test_a_short_name_ends_at_the_first_comma_or_at_a_word():
    assert short_name("Tinmoor Larch Tent, Sleeps 2") == "Tinmoor Larch Tent"
    assert short_name("word " * 20).endswith("word")
    assert len(short_name("x" * 100 + " y")) <= 100
