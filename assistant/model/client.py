"""Talking to a served model: the LangChain client, and whether anyone answers.

Tried on vLLM 0.32 with langchain-openai 1.7.3: streamed text, streamed tool calls (``tool_choice`` ``"required"``,
named or ``"auto"``), ``strict`` tools and usage at the end of a stream work together. Arguments keep to the schema only
with ``strict``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import httpx
import openai
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.errors import ModelDownError
from retriever.errors import UnavailableError

# Any refusal or failure of the model server, a stream that breaks off included: the shopper is answered all the same.
MODEL_DOWN = (ModelDownError, openai.APIError)
_LOOK_SECONDS = 3.0


@dataclass(frozen=True)
class Endpoint:
    """A served model: base URL (``.../v1``), its name there, and the key it wants."""

    url: str
    name: str
    key: str = "none"


def chat_model(
    endpoint: Endpoint,
    *,
    temperature: float = 0.0,
    max_tokens: int = 400,
    timeout: float = 60.0,
    retries: int = 0,
    extra_body: Mapping[str, Any] | None = None,
) -> ChatOpenAI:
    """The LangChain client of a served model.

    Args:
        endpoint: where it is.
        temperature: 0 says the same thing twice.
        max_tokens: bound on one answer; a small model may otherwise run to the end of its context.
        timeout: seconds for connecting and between two pieces of a stream.
        retries: 0, because whoever asks knows better what to do when the server is down.
        extra_body: what the server understands beyond OpenAI's fields.
    """
    return ChatOpenAI(
        base_url=endpoint.url,
        api_key=SecretStr(endpoint.key),
        model=endpoint.name,
        temperature=temperature,
        max_completion_tokens=max_tokens,
        timeout=httpx.Timeout(timeout, connect=_LOOK_SECONDS),
        max_retries=retries,
        streaming=True,
        stream_usage=True,
        extra_body=extra_body,
    )


def served_names(url: str, key: str = "none", seconds: float = _LOOK_SECONDS) -> list[str]:
    """The models an OpenAI-compatible server offers.

    Raises:
        UnavailableError: nobody answers there, or not as such a server does.
    """
    try:
        answer = httpx.get(f"{url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"}, timeout=seconds)
        answer.raise_for_status()
        listed = cast("list[dict[str, Any]]", answer.json()["data"])
        return [str(model["id"]) for model in listed]
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        hint = "Set SHOPWISE_MODEL_API_KEY." if code in {401, 403} else "The URL should end in /v1."
        raise UnavailableError(f"The model server at {url} answered with status {code}.", hint) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        hint = "Start it, or unset SHOPWISE_MODEL_URL to run the built-in model."
        raise UnavailableError(f"No model server answers at {url} ({error}).", hint) from error
    except (ValueError, KeyError, TypeError) as error:
        hint = "Point SHOPWISE_MODEL_URL at the base of an OpenAI-compatible API; it usually ends in /v1."
        raise UnavailableError(f"What answers at {url} is not an OpenAI-compatible server.", hint) from error


def reachable(url: str, key: str = "none", seconds: float = _LOOK_SECONDS) -> bool:
    """Whether a model server answers at this base URL."""
    try:
        return bool(served_names(url, key, seconds))
    except UnavailableError:
        return False


def first_word(endpoint: Endpoint, seconds: float = 120.0) -> None:
    """Asks for one token: only a server that has spoken is ready.

    Raises:
        httpx.HTTPError: it did not answer, or not with success.
    """
    body = {"model": endpoint.name, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    headers = {"Authorization": f"Bearer {endpoint.key}"}
    httpx.post(f"{endpoint.url}/chat/completions", json=body, headers=headers, timeout=seconds).raise_for_status()


class Serving(Protocol):
    """Whatever knows where the model is served now; ``endpoint`` raises UnavailableError while it is nowhere."""

    @property
    def endpoint(self) -> Endpoint:
        """Where the model is."""
        ...


class ServedModel:
    """The client of a server that may come up later, go away or move."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        self._known: tuple[Endpoint, ChatOpenAI] | None = None

    @property
    def name(self) -> str:
        """The model's name there; empty while nothing is served."""
        try:
            return self._server.endpoint.name
        except UnavailableError:
            return ""

    def chat(self) -> ChatOpenAI:
        """The client for where the model is served now.

        Raises:
            UnavailableError: it is served nowhere.
        """
        endpoint = self._server.endpoint
        if self._known is None or self._known[0] != endpoint:
            self._known = (endpoint, chat_model(endpoint))
        return self._known[1]
