"""What our client costs beside a bare one: the same prompts on the same model server, turn by turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

import httpx

from assistant.model.client import Endpoint, chat_model

TOKENS = 64  # an answer's length, the same for both
ROUNDS = 10
WARM_UP = 2
PROMPTS = (
    "Write a short note about a water bottle that keeps drinks cold.",
    "Write a short note about a desk lamp with three brightness levels.",
    "Write a short note about wireless earbuds for running.",
    "Write a short note about a cast iron skillet.",
    "Write a short note about a backpack for day trips.",
)

Ask = Callable[[str], "Spoken"]


class Spoken:
    """One streamed answer as its reader saw it."""

    def __init__(self) -> None:
        self._started = perf_counter()
        self.first_ms = 0.0
        self.tokens = 0
        self.rate = 0.0

    def heard(self) -> None:
        """A piece of text came."""
        if not self.first_ms:
            self.first_ms = (perf_counter() - self._started) * 1000

    def end(self, tokens: int) -> Spoken:
        """The answer is over; the rate is that of the tokens after the first."""
        after_first = perf_counter() - self._started - self.first_ms / 1000
        self.tokens, self.rate = tokens, (tokens - 1) / after_first
        return self


def measure(endpoint: Endpoint, rounds: int = ROUNDS) -> dict[str, Any]:
    """Medians of both clients and our share of the bare one's; the two take turns and swap who comes first."""
    model = chat_model(endpoint, max_tokens=TOKENS, extra_body={"ignore_eos": True})

    def ours(prompt: str) -> Spoken:
        spoken, tokens = Spoken(), 0
        for chunk in model.stream(prompt):
            if chunk.text:
                spoken.heard()
            if chunk.usage_metadata:
                tokens = chunk.usage_metadata["output_tokens"]
        return spoken.end(tokens)

    with httpx.Client(timeout=60) as client:

        def bare(prompt: str) -> Spoken:
            return _bare(client, endpoint, prompt)

        heard: dict[str, list[Spoken]] = {"ours": [], "bare": []}
        for turn in range(-WARM_UP, rounds):
            pair: Sequence[tuple[str, Ask]] = [("ours", ours), ("bare", bare)]
            for name, ask in pair if turn % 2 else reversed(pair):
                # A number of its own in front: no prompt finds another one's words in the server's prefix cache.
                spoken = ask(f"{rounds}.{turn}.{name}: {PROMPTS[turn % len(PROMPTS)]}")
                if turn >= 0:
                    heard[name].append(spoken)
    result: dict[str, Any] = {name: _medians(spoken) for name, spoken in heard.items()}
    result["ratio"] = {key: result["ours"][key] / result["bare"][key] for key in ("first_text_ms", "tokens_per_s")}
    return {"model": endpoint.name, "rounds": rounds, "answer_tokens": TOKENS, **result}


def lines(result: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The result as a table."""
    rows = [
        [name, f"{row['first_text_ms']:.0f}", f"{row['tokens_per_s']:.1f}"]
        for name, row in (("our client", result["ours"]), ("bare httpx", result["bare"]))
    ]
    ratio = result["ratio"]
    return ["client", "first text ms", "tokens/s"], [
        *rows,
        ["ours / bare", f"{ratio['first_text_ms']:.3f}", f"{ratio['tokens_per_s']:.3f}"],
    ]


def _medians(spoken: Sequence[Spoken]) -> dict[str, float]:
    return {
        "first_text_ms": median(answer.first_ms for answer in spoken),
        "tokens_per_s": median(answer.rate for answer in spoken),
        "tokens": median(answer.tokens for answer in spoken),
    }


def _bare(client: httpx.Client, endpoint: Endpoint, prompt: str) -> Spoken:
    body = {
        "model": endpoint.name,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": TOKENS,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "ignore_eos": True,
    }
    headers = {"Authorization": f"Bearer {endpoint.key}"}
    spoken, tokens = Spoken(), 0
    with client.stream("POST", f"{endpoint.url}/chat/completions", json=body, headers=headers) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if not line.startswith("data: {"):
                continue
            piece = json.loads(line.removeprefix("data: "))
            if piece["choices"] and piece["choices"][0]["delta"].get("content"):
                spoken.heard()
            if piece.get("usage"):
                tokens = piece["usage"]["completion_tokens"]
    return spoken.end(tokens)
