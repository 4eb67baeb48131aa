"""Fetching one public file: streamed, checked, and only then in its place."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import httpx

from retriever.errors import UnavailableError
from retriever.feeds.feed import Progress

TIMEOUT = httpx.Timeout(30.0, connect=10.0)


def download(
    url: str, target: Path, sha256: str, progress: Progress, transport: httpx.BaseTransport | None = None
) -> Path:
    """``target``, fetched from ``url`` unless it is already there.

    An interrupted download leaves no half file behind.

    Args:
        url: the public address.
        target: where the file goes.
        sha256: what it has to hash to; another content is refused.
        progress: hears the bytes.
        transport: another way to the net.

    Raises:
        UnavailableError: if the address cannot be reached or what came is not the file.
    """
    if target.is_file() and _hash(target) == sha256:
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            part = Path(file.name)
        try:
            _stream(url, part, progress, transport)
            if _hash(part) != sha256:
                raise UnavailableError(
                    f"What {url} sent is not the expected file.",
                    "A proxy may have answered in its place; fetch the file yourself and give its path.",
                )
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except httpx.HTTPError as error:
        raise UnavailableError(
            f"{url} cannot be fetched: {error or type(error).__name__}",
            "Check the internet connection and proxy, or fetch the file elsewhere and give its path instead.",
        ) from error
    except OSError as error:
        raise UnavailableError(
            f"The download cannot be stored in {target.parent}: {error.strerror or error}",
            "Make room there, try again.",
        ) from error
    return target


def _stream(url: str, part: Path, progress: Progress, transport: httpx.BaseTransport | None) -> None:
    with (
        httpx.Client(transport=transport, timeout=TIMEOUT, follow_redirects=True) as client,
        client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response,
        part.open("wb") as file,
    ):
        response.raise_for_status()
        total = int(response.headers.get("content-length") or 0)
        for chunk in response.iter_raw():  # raw: a .gz file stays one, whatever the server calls it
            file.write(chunk)
            progress("downloading", response.num_bytes_downloaded, total)
        file.flush()
        os.fsync(file.fileno())


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
