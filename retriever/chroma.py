"""The way to Chroma: embedded in a folder, or a Chroma server."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from retriever.errors import UnavailableError


@dataclass(frozen=True)
class Chroma:
    """Where a shop's vectors are.

    Attributes:
        folder: of the embedded store; used when ``url`` is empty. One process at a time.
        url: ``http(s)://host:port`` of a Chroma server.
    """

    folder: Path
    url: str = ""

    def connect(self) -> Any:
        """A new client. Several of one folder in one process share what they open.

        Raises:
            UnavailableError: if a server does not answer.
        """
        import chromadb  # a second of import: not for commands that never look at vectors
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if not self.url:
            self.folder.mkdir(parents=True, exist_ok=True)
            return chromadb.PersistentClient(str(self.folder), settings=settings)
        parts = urlsplit(self.url)
        secure = parts.scheme == "https"
        try:
            port = parts.port or (443 if secure else 8000)
            return chromadb.HttpClient(parts.hostname or "", port, ssl=secure, settings=settings)
        except ValueError as error:  # what Chroma raises for a server that does not answer
            raise self._unavailable(error) from error

    @contextmanager
    def answering(self) -> Generator[None]:
        """What Chroma or the way to it refuses becomes UnavailableError."""
        import httpx
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, httpx.HTTPError, OSError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> UnavailableError:
        if self.url:
            return UnavailableError(
                f"The Chroma server at {self.url} does not answer: {error}",
                "Start it with 'chroma run', or unset SHOPWISE_CHROMA_URL to use the embedded store.",
            )
        return UnavailableError(
            f"The vector store in {self.folder} cannot be used: {error}",
            "Check the folder's disk space and permissions; if it is damaged, delete it and import again.",
        )
