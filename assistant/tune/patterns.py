"""What shoppers say: hand-written surface patterns with slots, and the call or reply each wants."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
SLOT = re.compile(r"\{(\w+)\}")


class Pattern(BaseModel):
    """One way to want something.

    Attributes:
        phenomenon: what it trains and what figures are reported by.
        tool: the tool to call; with ``arguments``, whose values may be slots.
        reply: instead of a tool, the kind of set reply.
        texts: for training. ``held_out``: for evaluation only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    phenomenon: str
    tool: str = ""
    arguments: dict[str, Any] = {}
    reply: str = ""
    texts: list[str]
    held_out: list[str]

    @model_validator(mode="after")
    def _calls_or_replies(self) -> Pattern:
        if bool(self.tool) == bool(self.reply):
            raise ValueError(f"{self.phenomenon}: a pattern has either a tool or a reply")
        return self

    def said(self, *, held_out: bool) -> list[str]:
        """The texts of one side of the split."""
        return self.held_out if held_out else self.texts


@cache
def patterns(language: Language, room: str) -> tuple[Pattern, ...]:
    """The patterns of a language in one of the rooms ``search``, ``context``, ``service``, ``talk``."""
    path = resources.files("assistant.tune") / "patterns" / language / f"{room}.toml"
    return tuple(Pattern.model_validate(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["pattern"])


def slots(text: str) -> set[str]:
    """Names of the slots in a text."""
    return set(SLOT.findall(text))
