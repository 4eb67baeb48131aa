"""Work that is done beside the requests, in a thread that ends with the process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

Job = Callable[[], None]
Start = Callable[[Job], None]

logger = logging.getLogger(__name__)


def beside(name: str) -> Start:
    """What starts a job in a thread of this name, and returns at once; a RuntimeError says that there is none left."""

    def start(job: Job) -> None:
        threading.Thread(target=job, name=name, daemon=True).start()

    return start


def started(start: Start, job: Job, what: str) -> bool:
    """Whether the job could be started; where it could not be, the log says what is not done now."""
    try:
        start(job)
    except RuntimeError:  # no more threads
        logger.warning("%s could not be started", what, exc_info=True)
        return False
    return True
