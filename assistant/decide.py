"""What the model is asked at each step: the prompt, the tools it may call and the shape their arguments must have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Literal, Protocol, cast
from uuid import uuid4

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import AgentState
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, SystemMessage, ToolMessage
from langchain_core.outputs import ChatResult
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from assistant.bind import bound
from assistant.conversation import latest_products, this_turn, within
from assistant.errors import ModelDownError
from assistant.narrow import Shortlist, meant_goods, narrowed
from assistant.prompts import prompt
from assistant.shorthand import meant, told
from assistant.summary import recalled, summarised
from assistant.sure_calls import SETTLED, sure_call
from assistant.tools.context import TurnContext
from retriever.errors import UnavailableError

GOODS = 20  # that a call may name; more ids only fill the prompt


@dataclass(frozen=True)
class Profile:
    """How to speak to one kind of model; the path is the same for all.

    Attributes:
        name: for logs and figures.
        first_call: ``required`` for a model that never calls a tool by itself, ``auto`` for one that does.
        steps: tool calls a turn may take.
        decide_prompt: prompt file while tools may be called.
        answer_prompt: prompt file once no more tool may be called.
        arguments: the arguments of a tool that the model is offered; a tool not named is offered whole.
        narrow: offer only the likely tools, with texts and ids bound to the message (see ``narrow.py``).
        shorthand: the model was tuned to the tools; it is told the conversation as in ``shorthand.py``.
        history_tokens: how much of the conversation the model is told.
        answer_tokens: bound on one step; a small model rambles, and what it adds is seldom proved.
        repair: ask once more for sentences that were withheld; it costs a small model seconds and seldom helps.
        summary: turns that no longer fit are told in short (see ``summary.py``).
    """

    name: str
    first_call: Literal["required", "auto"]
    steps: int
    decide_prompt: str
    answer_prompt: str
    arguments: dict[str, tuple[str, ...]]
    history_tokens: int
    answer_tokens: int
    narrow: bool
    shorthand: bool = False
    repair: bool = False
    summary: bool = False


SMALL = Profile(
    name="small",
    first_call="required",
    steps=1,
    decide_prompt="decide_small.md",
    answer_prompt="answer_small.md",
    arguments={"search_catalog": ("query",), "get_product": ("product_id",), "transfer_to_human_agents": ("reason",)},
    history_tokens=900,
    answer_tokens=100,
    narrow=True,
)
TUNED = Profile(
    name="tuned",
    first_call="auto",
    steps=1,
    decide_prompt="clerk_tuned.md",
    answer_prompt="clerk_tuned.md",
    arguments={},
    history_tokens=0,  # the state that stands for it is short by itself
    answer_tokens=160,
    narrow=False,
    shorthand=True,
)
LARGE = Profile(
    name="large",
    first_call="auto",
    steps=6,
    decide_prompt="clerk.md",
    answer_prompt="clerk.md",
    arguments={},
    history_tokens=12_000,
    answer_tokens=600,
    narrow=False,
    repair=True,
    summary=True,
)


class Model(Protocol):
    """The model as the dialogue needs it: a client that is asked for anew each time, since servers come and go."""

    @property
    def name(self) -> str:
        """What it is called; empty while it is not served."""
        ...

    def chat(self) -> BaseChatModel:
        """The client. Raises UnavailableError while the model is not served."""
        ...


class NoModel(BaseChatModel):
    """Fills the agent's model slot: ``Decide`` puts the real one in at every call."""

    @property
    def _llm_type(self) -> str:
        return "none"

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        raise NotImplementedError("the agent runs without its Decide middleware")


class Decide(AgentMiddleware[AgentState[Any], TurnContext]):
    """Shapes each model call by the profile and by what the conversation has shown."""

    def __init__(self, model: Model, profile: Profile, tools: Sequence[BaseTool], shortlist: Shortlist | None) -> None:
        super().__init__()
        self.model = model
        self.profile = profile
        self.schemas = {tool.name: offered_schema(tool, profile) for tool in tools}
        self.shortlist = shortlist

    async def awrap_model_call(
        self,
        request: ModelRequest[TurnContext],
        handler: Callable[[ModelRequest[TurnContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any] | AIMessage:
        """One call of the model, with its time counted."""
        log = request.runtime.context.log
        results = [message for message in this_turn(request.messages) if isinstance(message, ToolMessage)]
        done = len(results)
        if not done and (sure := self._sure(request)):
            return ModelResponse([sure])
        if self._small and done and results[-1].name in SETTLED:
            return ModelResponse([AIMessage("")])
        offered = self._offered(request.messages) if done < self.profile.steps else []
        try:
            chat = self.model.chat()
        except UnavailableError as error:
            raise ModelDownError(error.message, error.hint) from error
        short = self.profile.shorthand
        asked = request.override(
            model=chat,
            messages=self._told(request.messages),
            system_message=SystemMessage(prompt(self.profile.decide_prompt if offered else self.profile.answer_prompt)),
            tools=cast("list[BaseTool | dict[str, Any]]", offered),
            tool_choice=self.profile.first_call if offered and not done else None,
            model_settings={
                "max_completion_tokens": self.profile.answer_tokens,
                **({"parallel_tool_calls": False} if offered and not short else {}),
                **({"extra_body": {"chat_template_kwargs": {"tools_known": True}}} if short else {}),
            },
        )
        started = perf_counter()
        try:
            answered = await handler(asked)
            if short:
                answered.result = [
                    bound(meant(message, request.messages), request.messages, request.runtime.context.store.currency)
                    if isinstance(message, AIMessage)
                    else message
                    for message in answered.result
                ]
            return answered
        finally:
            log.model_ms += round((perf_counter() - started) * 1000)
            log.model_calls += 1

    def _sure(self, request: ModelRequest[TurnContext]) -> AIMessage | None:
        """The call that a message surely asks for, where the model was not taught it: about recommendations."""
        sure = sure_call(request.messages, request.runtime.context.store.currency) if self._small else None
        if sure is None:
            return None
        call: dict[str, Any] = {"name": sure[0], "args": sure[1], "id": uuid4().hex}
        return AIMessage("", tool_calls=[cast("Any", call)])

    @property
    def _small(self) -> bool:
        """Whether the model was not taught the tools about recommendations."""
        return self.shortlist is not None or self.profile.shorthand

    def _told(self, messages: list[AnyMessage]) -> list[AnyMessage]:
        """As much of the conversation as the model is told, in the form that the profile wants."""
        if self.profile.shorthand:
            return told(messages)
        return (summarised if self.profile.summary else within)(messages, self.profile.history_tokens)

    def _offered(self, messages: list[AnyMessage]) -> list[dict[str, Any]]:
        """The tools that can be called validly now, ids limited to goods the conversation has shown."""
        text = str(this_turn(messages)[0].content)
        shown = recalled(messages, GOODS)
        if self.shortlist is not None:
            shown = meant_goods(text, shown, latest_products(messages))
        offered = {name: made for name, schema in self.schemas.items() if (made := limited_to(schema, shown))}
        if self.shortlist is None:
            return list(offered.values())
        near = self.shortlist.tools(text, list(offered))
        bound = [narrowed(deepcopy(offered[name]), text) for name in near]
        return [schema for schema in bound if schema]


def offered_schema(tool: BaseTool, profile: Profile) -> dict[str, Any]:
    """The tool's OpenAI schema, strict, with the arguments that the profile offers."""
    # Strict, a server's grammar wants every argument said, and ids as ids: a tuned model leaves out and uses shorthand.
    schema = convert_to_openai_tool(tool, strict=not profile.shorthand)
    wanted = profile.arguments.get(tool.name)
    if wanted is not None:
        parameters = schema["function"]["parameters"]
        parameters["properties"] = {n: v for n, v in parameters["properties"].items() if n in wanted}
        parameters["required"] = [name for name in parameters.get("required", []) if name in wanted]
    return schema


def limited_to(schema: dict[str, Any], shown: Sequence[str]) -> dict[str, Any] | None:
    """The schema with every ``product_id`` limited to ``shown``; ``None`` where it needs one and there is none."""
    parameters = schema["function"]["parameters"]
    if "like" in parameters["properties"] and not shown:
        return without(schema, "like")
    names = (str(parameters["properties"]), *parameters["properties"])
    if not any("product_id" in text for text in names) and "like" not in names:
        return schema
    if not shown or ("product_ids" in parameters["properties"] and len(shown) < 2):
        return None
    limited = deepcopy(schema)
    _limit_ids(limited["function"]["parameters"], list(shown))
    return limited


def without(schema: dict[str, Any], argument: str) -> dict[str, Any]:
    """The schema without an argument that nothing can be given for."""
    left = deepcopy(schema)
    parameters = left["function"]["parameters"]
    del parameters["properties"][argument]
    parameters["required"] = [name for name in parameters.get("required", []) if name != argument]
    return left


def _limit_list(argument: dict[str, Any], shown: list[str]) -> None:
    """Limit a list of ids, which may be left out: the list is then one of several forms of the argument."""
    for form in [argument, *argument.get("anyOf", [])]:
        if "items" in form:
            form["items"] = {"type": "string", "enum": shown}


def _limit_ids(node: Any, shown: list[str]) -> None:
    """Put the ids shown in place of every free product id below ``node``."""
    if isinstance(node, list):
        for item in cast("list[Any]", node):
            _limit_ids(item, shown)
    elif isinstance(node, dict):
        fields = cast("dict[str, Any]", node)
        properties = cast("dict[str, Any]", fields.get("properties", {}))
        if "product_id" in properties:
            properties["product_id"] = {"type": "string", "enum": shown}
        if "product_ids" in properties:
            properties["product_ids"]["items"] = {"type": "string", "enum": shown}
        if "like" in properties:
            _limit_list(properties["like"], shown)
        for item in fields.values():
            _limit_ids(item, shown)
