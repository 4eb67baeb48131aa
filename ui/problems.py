"""Errors over HTTP: RFC 9457 problem documents, never a stack trace."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from retriever.errors import BadInputError, NotFoundError, ShopwiseError, UnavailableError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNEXPECTED = "Something went wrong on our side. It has been written to the server's log."


def status_of(error: ShopwiseError) -> int:
    """The HTTP status that says who must act."""
    if isinstance(error, NotFoundError):
        return 404
    if isinstance(error, BadInputError):
        return 422
    return 503 if isinstance(error, UnavailableError) else 500


def problem(status: int, detail: str, **extra: Any) -> JSONResponse:
    """One problem document. ``type`` is left out: it would say ``about:blank``."""
    content = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    content |= {name: value for name, value in extra.items() if value}
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE)


def answer_with_problems(app: FastAPI) -> None:
    """Make every error of the app a problem document."""

    @app.exception_handler(ShopwiseError)
    async def shop_error(_request: Request, error: ShopwiseError) -> JSONResponse:
        return problem(status_of(error), error.message, hint=error.hint)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            {"field": ".".join(str(part) for part in fault["loc"]), "reason": fault["msg"]} for fault in error.errors()
        ]
        return problem(422, "; ".join(f"{fault['field']}: {fault['reason']}" for fault in faults), errors=faults)

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(500, UNEXPECTED)
