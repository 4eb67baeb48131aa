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


def test_earlier_turns_are_told_as_the_state_they_left_and_the_present_one_in_full():
    state, wish = told(MUG)
    assert state.content.splitlines() == ['search {"query": "mug"}', "shown 2", "it Nettlebrook Snug Mug"]
    assert wish.content == "add it"
    present = told(MUG[:-2])  # in the midst of the turn that asks for a mug
    assert [message.type for message in present] == ["system", "human", "ai", "tool"]
    assert present[1].content == "mug"
    assert present[-1].content.startswith("1. Nettlebrook Snug Mug, 340 ml: $10.00")
    assert present[2].tool_calls[0]["args"] == {"query": "mug"}  # without what was left empty


def test_a_conversation_begins_without_a_state():
    assert [message.type for message in told(TENTS[:1])] == ["human"]


def test_what_the_clerk_said_by_itself_is_remembered_for_one_turn():
    asked = [HumanMessage("a present"), AIMessage("What does the person like?"), HumanMessage("tea")]
    assert told(asked)[0].content == "said What does the person like?"
    assert "said" not in told([*asked[:-1], *found("tea", "fs-mug-snug"), HumanMessage("cheaper")])[0].content


def test_the_state_is_as_short_after_many_turns():
    long = [message for turn in range(30) for message in found(f"tent {turn}", "fs-tent-larch", "fs-tent-heron")]
    assert len(told([*long, HumanMessage("cheaper")])) == 2
    assert len(str(told([*long, HumanMessage("cheaper")])[0].content)) < 60


def test_the_order_in_question_is_told_if_it_is_one():
    def looked_up(*ids: str) -> list:
        orders = [
            {"kind": "order", "value": "shipped", "about": "", "type": "order", "id": id, "field": "status"}
            for id in ids
        ]
        call = {"name": "list_orders", "args": {}, "id": "o"}
        artifact = {"facts": orders, "products": [], "note": {}}
        return [
            HumanMessage("my orders"),
            AIMessage("", tool_calls=[call]),
            ToolMessage("...", tool_call_id="o", name="list_orders", artifact=artifact),
            AIMessage("Here."),
            HumanMessage("where is it"),
        ]

    assert told(looked_up("FS-1"))[0].content == "order FS-1"
    assert [message.type for message in told(looked_up("FS-1", "FS-2"))] == ["human"]


def test_one_price_means_prices_around_it():
    near = meaning(asks(query="tent", price_min=50, price_max=50), TENTS)
    assert near == {"query": "tent", "price_min": 40, "price_max": 60}
    assert meaning(asks(price_min=20, price_max=50), TENTS) == {"price_min": 20, "price_max": 50}


def test_a_long_rule_is_told_in_its_beginning_and_never_in_half_a_character():
    rule = [
        HumanMessage("退货"),
        AIMessage("", tool_calls=[{"name": "search_shop_policies_and_faqs", "args": {"query": "退货"}, "id": "p"}]),
        ToolMessage("退货规定" * 200, tool_call_id="p", name="search_shop_policies_and_faqs", artifact={"facts": []}),
    ]
    content = str(told(rule)[-1].content)
    assert content != "退货规定" * 200
    assert ("退货规定" * 200).startswith(content)
    assert len(content.encode()) <= 640


def test_a_long_list_is_told_by_its_first_goods():
    many = found("tent", "fs-tent-larch", "fs-tent-heron", "fs-mug-snug")
    assert told(many[:3])[-1].content.splitlines()[-1] == "(3 in all)"
    assert "Snug" not in told(many[:3])[-1].content


def test_a_short_name_ends_at_the_first_comma_or_at_a_word():
    assert short_name("Tinmoor Larch Tent, Sleeps 2") == "Tinmoor Larch Tent"
    assert short_name("word " * 20).endswith("word")
    assert len(short_name("x" * 100 + " y")) <= 100
