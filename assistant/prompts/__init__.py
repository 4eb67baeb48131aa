"""Prompts are files beside this one."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def prompt(name: str) -> str:
    """The text of the prompt file ``name``."""
    return (files("assistant.prompts") / name).read_text(encoding="utf-8").strip()
