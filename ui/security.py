"""What every response promises, and how much a request may carry."""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.problems import problem

MAX_BODY = 1_000_000

# The page may ask its own origin and nobody else, fonts and pictures included. Gradio's
# templates compile in the browser, hence 'unsafe-eval'; its styles and boot script are inline.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'"
)
PROMISES = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Owner:
    """Knows the owner of the shop's folder by the token that only the owner can read.

    Args:
        token: empty: nobody is the owner.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def sent(self, authorization: str) -> bool:
        """Whether a request with this ``Authorization`` header is the owner's."""
        given = authorization.removeprefix("Bearer ").encode()
        return bool(self._token) and secrets.compare_digest(given, self._token)


class Guarded:
    """ASGI middleware: adds the promises to each response and refuses oversized requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def promise(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PROMISES.items():
                    headers.setdefault(name, value)
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            refusal = problem(413, f"The request is larger than {MAX_BODY} bytes.")
            await refusal(scope, receive, promise)
            return
        await self._app(scope, receive, promise)
