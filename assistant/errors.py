"""Errors of the dialogue; they hang under ``retriever.errors.ShopwiseError``.

ShopwiseError
├── BadInputError
│   └── ToolInputError     the model called a tool wrongly: fed back to the model, never to the shopper
│       └── UnaskedError   ... that would change what the shopper did not ask to have changed
└── UnavailableError
    └── ModelDownError     the model server does not answer: the shopper gets search instead
"""

from __future__ import annotations

from retriever.errors import BadInputError, UnavailableError

SIGN_IN = "The shopper is not signed in, so their orders cannot be read. Ask them to sign in."


class ToolInputError(BadInputError):
    """A tool call that must not run as given; the message tells the model what to do instead."""


class ModelDownError(UnavailableError):
    """The model server cannot be reached or fails."""


class UnaskedError(ToolInputError):
    """A change that the shopper did not ask for in this message."""
