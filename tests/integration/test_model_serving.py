"""What the assistant relies on when it talks to the served built-in model."""

from __future__ import annotations

import re
from typing import Any, Literal

import httpx
import pytest
from jsonschema import validate
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field

from assistant.model.client import chat_model, reachable
from assistant.model.serve import ModelServer

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]

SEARCH: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "search_catalog",
        "description": "Search the shop's goods.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "minLength": 1, "maxLength": 40},
                "price_max": {"type": "integer", "minimum": 1, "maximum": 9999},
                "sort": {"type": "string", "enum": ["relevance", "price_asc", "newest"]},
            },
            "required": ["query", "price_max", "sort"],
            "additionalProperties": False,
        },
    },
}
CART: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_cart",
        "description": "Show the cart.",
        "strict": True,
        "parameters": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    },
}
ASK = [SystemMessage("You help people shop."), HumanMessage("Show me a bluetooth speaker under 50 dollars.")]


@pytest.fixture(scope="module")
def model(model_server: ModelServer) -> ChatOpenAI:
    return chat_model(model_server.endpoint, max_tokens=80)


def metric(server: ModelServer, name: str) -> float:
    text = httpx.get(f"{server.url.removesuffix('/v1')}/metrics").text
    return sum(float(value) for value in re.findall(rf"^{re.escape(name)}(?:{{.*?}})? (\S+)$", text, re.MULTILINE))


def test_it_is_up(model_server: ModelServer) -> None:
    assert model_server.healthy()
    assert reachable(model_server.url)


def test_text_comes_in_pieces_and_the_last_one_counts_the_tokens(model: ChatOpenAI) -> None:
    pieces = list(model.stream(ASK))
    assert sum(bool(piece.text) for piece in pieces) > 3
    usage = [piece.usage_metadata for piece in pieces if piece.usage_metadata]
    assert len(usage) == 1
    assert 0 < usage[0]["output_tokens"] <= 80


@pytest.mark.parametrize("choice", ["required", "search_catalog"])
def test_a_strict_tool_is_called_as_its_schema_says(model: ChatOpenAI, choice: str) -> None:
    tools = [SEARCH] if choice == "required" else [CART, SEARCH]
    called = AIMessageChunk("")
    for piece in model.bind_tools(tools, tool_choice=choice).stream(ASK):
        called += piece

    assert [call["name"] for call in called.tool_calls] == ["search_catalog"]
    assert not called.invalid_tool_calls
    validate(called.tool_calls[0]["args"], SEARCH["function"]["parameters"])
    assert called.usage_metadata is not None
    assert called.usage_metadata["output_tokens"] > 0


def test_a_choice_of_tools_is_one_of_them(model: ChatOpenAI) -> None:
    called = model.bind_tools([SEARCH, CART], tool_choice="required").invoke(ASK)
    assert isinstance(called, AIMessage)
    assert called.tool_calls
    assert {call["name"] for call in called.tool_calls} <= {"search_catalog", "get_cart"}


def test_a_result_is_read_and_answered(model: ChatOpenAI) -> None:
    call = {"name": "search_catalog", "args": {"query": "speaker", "price_max": 50, "sort": "relevance"}, "id": "1"}
    found = ToolMessage('[{"title": "Pebble Speaker", "price": "19.00 USD"}]', tool_call_id="1")
    answer = model.bind_tools([SEARCH, CART]).invoke([*ASK, AIMessage("", tool_calls=[call]), found])
    assert answer.text.strip()


def test_an_answer_keeps_to_a_shape_with_bounds(model: ChatOpenAI) -> None:
    class Wish(BaseModel):
        """What somebody wants to buy."""

        thing: str = Field(max_length=20)
        mood: Literal["browsing", "buying"]
        count: int = Field(ge=1, le=9)

    wish = model.with_structured_output(Wish, method="json_schema").invoke(ASK)
    assert isinstance(wish, Wish)


def test_the_beginning_two_prompts_share_is_read_once(model: ChatOpenAI, model_server: ModelServer) -> None:
    long = SystemMessage("You sell lamps. " + " ".join(f"Lamp {number} is bright." for number in range(60)))
    model.invoke([long, HumanMessage("Which lamp?")])
    before = metric(model_server, "vllm:prefix_cache_hits_total")
    answer = model.invoke([long, HumanMessage("What else?")])
    assert metric(model_server, "vllm:prefix_cache_hits_total") > before
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_token_details"]["cache_read"] > 100
