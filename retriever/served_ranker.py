"""A cross-encoder on a server of its own: vLLM's pooling runner, for shops with a GPU.

``vllm serve FOLDER --runner pooling`` serves what ``shopwise train ranker --pooling cls`` leaves in
``RUN/torch``, or any published cross-encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import httpx
import numpy as np
from numpy.typing import NDArray

from retriever.errors import UnavailableError

SECONDS = 5.0


class ServedCrossEncoder:
    """Scores by ``POST {url}/score``; a ``ranker.cross.scoring.CrossEncoder``.

    Args:
        url: base of the server, with or without ``/v1``.
        model: its name there.
        max_tokens: of query and text together; the server cuts what is longer.
        key: that the server wants, if any.
        weight: how much its score counts in the last order of a search.
        seconds: to wait for an answer.
        transport: how to reach it; the network by default.
    """

    languages = None

    def __init__(
        self,
        url: str,
        model: str,
        *,
        max_tokens: int = 96,
        key: str = "none",
        weight: float = 1.0,
        seconds: float = SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._model = model
        self._max_tokens = max_tokens
        self.weight = weight
        self._client = httpx.Client(
            timeout=seconds, transport=transport, headers={"Authorization": f"Bearer {key}"}, trust_env=False
        )

    @property
    def name(self) -> str:
        """Model and server."""
        return f"{self._model}@{self._url}"

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """One score a text, in the given order.

        Raises:
            UnavailableError: if the server does not answer, or not as such a server does.
        """
        if not texts:
            return np.zeros(0, dtype=np.float32)
        asked = {
            "model": self._model,
            "text_1": query,
            "text_2": list(texts),
            "truncate_prompt_tokens": self._max_tokens,
            "use_activation": False,  # the plain number: a sigmoid presses the best ones together
        }
        try:
            answer = self._client.post(f"{self._url}/score", json=asked)
            answer.raise_for_status()
            return _scores(cast("dict[str, Any]", answer.json()), len(texts))
        except httpx.HTTPStatusError as error:
            code = error.response.status_code
            hint = "Start vLLM with --runner pooling and a cross-encoder." if code in {400, 404} else ""
            raise UnavailableError(f"The ranker at {self._url} answered with status {code}.", hint) from error
        except httpx.HTTPError as error:
            raise UnavailableError(f"No ranker answers at {self._url} ({error}).", "Start it.") from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise UnavailableError(
                f"What answers at {self._url} is no scoring server.", "Start vLLM with --runner pooling."
            ) from error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _scores(answer: dict[str, Any], count: int) -> NDArray[np.float32]:
    """The scores of an answer, which come with their places."""
    scores = np.full(count, np.nan, dtype=np.float32)
    for each in answer["data"]:
        scores[each["index"]] = each["score"]
    if not np.isfinite(scores).all():
        raise ValueError("a score is missing")
    return scores
