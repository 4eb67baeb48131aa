"""A cross-encoder on a server of its own: vLLM's pooling runner, for shops with a GPU.

``vllm serve FOLDER --runner pooling`` serves what ``shopwise train ranker --pooling cls`` leaves in
``RUN/torch``, or any published cross-encoder with one label.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, cast

import httpx
import numpy as np
from numpy.typing import NDArray

from ranker.cross.scoring import MAX_TOKENS, RankerMissingError

SECONDS = 1.0  # a shopper does not wait longer for a better order
PAUSE = 10.0  # seconds in which a server that failed is not asked again: a search need not wait for it every time
START = "Start vLLM with --runner pooling and a cross-encoder of one label."


class ServedCrossEncoder:
    """Scores by ``POST {url}/score``; a ``ranker.cross.scoring.CrossEncoder``.

    Args:
        url: base of the server, with or without ``/v1``.
        model: its name there; empty: the one that the server has.
        max_tokens: of query and text together; the server cuts what is longer.
        key: that the server wants, if any.
        weight: how much its score counts in the last order of a search.
        seconds: to wait for an answer.
        transport: how to reach it; the network by default.
        clock: seconds.
    """

    languages = None

    def __init__(
        self,
        url: str,
        model: str = "",
        *,
        max_tokens: int = MAX_TOKENS,
        key: str = "none",
        weight: float = 1.0,
        seconds: float = SECONDS,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._url = url.rstrip("/")
        self._model = model
        self._max_tokens = max_tokens
        self.weight = weight
        self._clock = clock
        self._fault: RankerMissingError | None = None
        self._again = -math.inf
        self._client = httpx.Client(
            timeout=seconds, transport=transport, headers={"Authorization": f"Bearer {key}"}, trust_env=False
        )

    @property
    def name(self) -> str:
        """Model and server."""
        return f"{self._model}@{self._url}" if self._model else self._url

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """One score a text, in the given order.

        Raises:
            RankerMissingError: if the server does not answer, or not as such a server does; also
                for a while after that, without asking it.
        """
        if not texts:
            return np.zeros(0, dtype=np.float32)
        if self._fault is not None and self._clock() < self._again:
            raise RankerMissingError(str(self._fault), self._fault.hint)
        try:
            scores = self._asked(query, texts)
        except RankerMissingError as error:
            self._fault, self._again = error, self._clock() + PAUSE
            raise
        self._fault = None
        return scores

    def load(self) -> None:
        """Ask it something, to see whether it works.

        Raises:
            RankerMissingError: if it does not.
        """
        self.score("probe", ["probe"])

    def _asked(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        asked = {
            "text_1": query,
            "text_2": list(texts),
            "truncate_prompt_tokens": self._max_tokens,
            "use_activation": False,  # the plain number: a sigmoid presses the best ones together
        }
        if self._model:
            asked["model"] = self._model
        try:
            answer = self._client.post(f"{self._url}/score", json=asked)
            answer.raise_for_status()
            return _scores(cast("dict[str, Any]", answer.json()), len(texts))
        except httpx.HTTPStatusError as error:
            code = error.response.status_code
            hint = "Give its key in SHOPWISE_RANKER_API_KEY." if code in {401, 403} else START
            raise RankerMissingError(f"The ranker at {self._url} answered with status {code}.", hint) from error
        except httpx.TimeoutException as error:
            raise RankerMissingError(f"The ranker at {self._url} takes too long.", "Look at its load.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RankerMissingError(f"No ranker answers at {self._url} ({error}).", START) from error
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise RankerMissingError(f"What answers at {self._url} is no scoring server.", START) from error


def _scores(answer: dict[str, Any], count: int) -> NDArray[np.float32]:
    """The scores of an answer, which come with their places."""
    scores = np.full(count, np.nan, dtype=np.float32)
    for each in answer["data"]:
        scores[each["index"]] = each["score"]
    if not np.isfinite(scores).all():
        raise ValueError("a score is missing")
    return scores
