"""What can go wrong, named by who must act.

ShopwiseError
├── BadInputError          the caller must change what was given (exit code 2, HTTP 422)
│   └── NotFoundError      ... because the named thing does not exist (HTTP 404)
└── UnavailableError       a part is down or missing; the operator must start it (exit code 3, HTTP 503)

Anything else that is raised is a bug and is left to propagate.
"""

from __future__ import annotations


class ShopwiseError(Exception):
    """Base of every error meant for a person.

    Args:
        message: what is wrong, in one sentence.
        hint: what to do next, in one sentence; empty where the message says it.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadInputError(ShopwiseError):
    """The caller gave something that cannot be used."""

    exit_code = 2


class NotFoundError(BadInputError):
    """The caller named something that the shop does not have."""


class UnavailableError(ShopwiseError):
    """A part the work needs is not running, not reachable or not installed."""

    exit_code = 3
