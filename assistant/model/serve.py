"""The model server as a process of its own: started, shared, watched, restarted, and taken down whole."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import filelock
import httpx
import psutil

from assistant.model import vllm, warden
from assistant.model.client import Endpoint, first_word, reachable, served_names
from assistant.model.registry import Record, Registry
from assistant.model.weights import ModelSpec, Progress, ensure_model, silent, timed
from assistant.settings import Settings
from retriever.errors import UnavailableError

State = Literal["stopped", "starting", "ready", "restarting", "failed"]

_START_SECONDS = 900.0  # a first compile on a slow machine takes minutes
_WATCH_SECONDS = 1.0
_PROBE_SECONDS = 15.0
_PROBES_MISSED = 5  # a machine that is merely busy must not lose its server
_PORT_SECONDS = 20.0  # a server that was just killed lets its port go within this
_RESTARTS, _WITHIN_SECONDS = 5, 600.0
_GRACE_SECONDS = 8.0  # for the server to end in order, before it is made to
_TAIL_LINES = 12
_LOG_BYTES = 20_000_000


class ModelServer:
    """The served model: somebody else's where ``MODEL_URL`` names one, a running one of ours, or a new vLLM.

    Whoever starts a server stops it. One that merely used it and finds it gone starts its own on the same port.

    Args:
        settings: which model, which port, where the log and the caches go.
        eager: start without compiling: up in half the time, a quarter slower afterwards; right for one question.
        port: instead of the settings' port; 0 takes a free one.
    """

    def __init__(self, settings: Settings, *, eager: bool = False, port: int | None = None) -> None:
        self._settings = settings
        self._eager = eager
        self._port = settings.model_port if port is None else port
        self._endpoint: Endpoint | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._registry: Registry | None = None
        self._spec: ModelSpec | None = None
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()
        self._reached = ""  # how far the last start came
        self._restarts: deque[float] = deque()
        self.state: State = "stopped"
        self.problem = ""  # why it failed, in words for a person

    @property
    def url(self) -> str:
        """Base URL of the API, ending in ``/v1``."""
        return self._answering().url

    @property
    def model_name(self) -> str:
        """What the model is called there."""
        return self._answering().name

    @property
    def endpoint(self) -> Endpoint:
        """URL, name and key together."""
        return self._answering()

    @property
    def owned(self) -> bool:
        """Whether this object started the server and will stop it."""
        return self._process is not None

    def start(self, progress: Progress = silent) -> Self:
        """Returns when the model has answered a first word.

        Raises:
            UnavailableError: it did not come up; says why and what to do.
        """
        self._stopping.clear()
        self.state, self.problem = "starting", ""
        try:
            if self._settings.model_url:
                self._endpoint = self._outside()
            else:
                self._spec = ensure_model(self._settings, progress)
                self._registry = Registry(self._settings.cache, self._spec.source)
                self._attach_or_launch(progress)
                self._watcher = threading.Thread(target=self._watch, name="model-server", daemon=True)
                self._watcher.start()
        except BaseException as error:
            self.stop()
            self.state, self.problem = "failed", str(error)
            raise
        self.state = "ready"
        return self

    def stop(self) -> None:
        """Takes the server down if it was started here, with every process of it; else just lets go of it."""
        self._stopping.set()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
        self._watcher = None
        self._take_down()
        self._endpoint = None
        self.state = "stopped"

    def healthy(self) -> bool:
        """Whether the model can be asked now."""
        if self._endpoint is None:
            return False
        if self._settings.model_url:
            return reachable(self._endpoint.url, self._endpoint.key)
        return _alive(self._endpoint.url)

    def __enter__(self) -> Self:
        return self if self.state == "ready" else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answering(self) -> Endpoint:
        if self._endpoint is None:
            raise UnavailableError("The model server is not running.", "Start it with `shopwise model serve`.")
        return self._endpoint

    def _outside(self) -> Endpoint:
        """The server that ``MODEL_URL`` names, with the model the settings name or the first it offers."""
        url, key = self._settings.model_url.rstrip("/"), self._settings.model_api_key
        names = served_names(url, key)
        if not names:
            raise UnavailableError(f"The model server at {url} offers no model.", "Load one there.")
        wanted = self._settings.model or names[0]
        if wanted not in names:
            raise UnavailableError(
                f"The model server at {url} does not offer {wanted}, only {', '.join(names)}.",
                "Set SHOPWISE_MODEL to one of these, or unset it.",
            )
        return Endpoint(url, wanted, key)

    def _attach_or_launch(self, progress: Progress) -> None:
        """Uses the running server of this model, or starts one; a start under way elsewhere is waited for."""
        spec, registry = self._known()
        say = timed(progress)
        lock = registry.lock()
        while True:
            try:
                with lock.acquire(timeout=1):
                    record = registry.read()
                    if record is not None and _alive(f"{record.url}"):
                        self._endpoint, self._port = Endpoint(record.url, record.name), record.port
                        say(f"using the model server at {record.url}")
                        return
                    self._launch(progress)
                    registry.write(self.url, spec.name, self._port)
                    return
            except filelock.Timeout:
                if self._stopping.is_set():
                    return
                say("another command is starting the model server")

    def _launch(self, progress: Progress) -> None:
        """Starts vLLM, compiled where that is wanted and possible."""
        eager = self._eager or (vllm.installed_build() == "cpu" and not vllm.can_compile())
        try:
            self._run(progress, eager=eager)
        except UnavailableError:
            if eager or self._reached != vllm.COMPILING:
                raise
            # A compiler that cannot build the kernels must not cost the shop its assistant.
            progress("the compiled start failed; starting without compiling", 0.0)
            self._take_down()
            self._run(progress, eager=True)

    def _run(self, progress: Progress, *, eager: bool) -> None:
        """Starts the process and waits until the model has spoken."""
        spec, _ = self._known()
        build = vllm.installed_build()
        self._reached = ""
        self._port = self._port or _free_port()
        _expect_free(self._port, 0.0 if self.state == "starting" else _PORT_SECONDS)
        log = self._log()
        begin = log.stat().st_size if log.exists() else 0
        environment = vllm.environment(os.environ, spec, build, _machine(), self._settings.cache.resolve())
        line = vllm.command(spec, build, self._port, eager=eager)
        guarded = [sys.executable, "-P", str(Path(warden.__file__)), str(os.getpid()), str(_GRACE_SECONDS), *line]
        with log.open("ab") as file:
            # In a session of its own: Ctrl-C in the terminal is for us, and we take the server down in order.
            self._process = subprocess.Popen(
                guarded, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment, start_new_session=True
            )
        endpoint = Endpoint(f"http://127.0.0.1:{self._port}/v1", spec.name)
        self._await(endpoint, log, begin, progress)
        self._endpoint = endpoint

    def _await(self, endpoint: Endpoint, log: Path, begin: int, progress: Progress) -> None:
        """Waits for the server to be up and to say a word, telling what its log says it is doing."""
        process = self._process
        assert process is not None  # noqa: S101 (started by the only caller)
        say = timed(progress)
        until = time.monotonic() + _START_SECONDS
        while not _alive(endpoint.url):
            self._reached = _phase(_read_from(log, begin))
            if process.poll() is not None:
                raise _failure("The model server ended while it was starting.", log, begin)
            if time.monotonic() > until:
                raise _failure(f"The model server was not up after {_START_SECONDS:.0f} s.", log, begin)
            if self._stopping.wait(_WATCH_SECONDS):
                raise UnavailableError("The model server was stopped while it was starting.")
            say(self._reached)
        try:
            first_word(endpoint)
        except httpx.HTTPError as error:
            raise _failure(f"The model server is up but did not answer ({error}).", log, begin) from error
        say("model ready")

    def _watch(self) -> None:
        """Runs in a thread: brings the server back when it dies or no longer answers."""
        missed, next_probe = 0, time.monotonic() + _PROBE_SECONDS
        while not self._stopping.wait(_WATCH_SECONDS):
            if self._kept_up():
                if time.monotonic() < next_probe:
                    continue
                next_probe = time.monotonic() + _PROBE_SECONDS
                missed = 0 if self.healthy() else missed + 1
                if missed < _PROBES_MISSED:
                    continue
            missed = 0
            if not self._bring_back():
                return

    def _kept_up(self) -> bool:
        """Whether the process that answers for the server is there: our child, or its owner."""
        if self._process is not None:
            return self._process.poll() is None
        _, registry = self._known()
        record = registry.read()
        return record is not None and self._endpoint == Endpoint(record.url, record.name)

    def _bring_back(self) -> bool:
        """One restart after another, each after a longer pause, until one holds or there were too many."""
        self.state = "restarting"
        while not self._stopping.is_set():
            now = time.monotonic()
            while self._restarts and now - self._restarts[0] > _WITHIN_SECONDS:
                self._restarts.popleft()
            if len(self._restarts) >= _RESTARTS:
                self.state = "failed"
                self.problem = f"The model server died {_RESTARTS} times in {_WITHIN_SECONDS / 60:.0f} minutes."
                self._take_down()
                return False
            self._restarts.append(now)
            pause = 2.0 ** (len(self._restarts) - 1)
            if self._stopping.wait(pause):
                return False
            try:
                self._again()
            except UnavailableError as error:
                self.problem = error.message
                continue
            self.state, self.problem = "ready", ""
            return True
        return False

    def _again(self) -> None:
        if self._process is None:
            self._attach_or_launch(silent)
            return
        # The record stays: it speaks of this process, which lives and answers for the server.
        self._end_process()
        self._launch(silent)

    def _take_down(self) -> None:
        if self._process is None:
            return
        self._end_process()
        self._process = None
        if self._registry is not None:
            self._registry.clear()

    def _end_process(self) -> None:
        """Ends the warden, which ends the server's process group; the group is ended directly if that fails."""
        process = self._process
        if process is None:
            return
        family = _family(process.pid)
        process.terminate()
        try:
            process.wait(timeout=_GRACE_SECONDS + 10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for member in family:
            if member.is_running():
                member.kill()
        psutil.wait_procs(family, timeout=5)

    def _known(self) -> tuple[ModelSpec, Registry]:
        assert self._spec is not None  # noqa: S101 (start() sets both before anything runs)
        assert self._registry is not None  # noqa: S101
        return self._spec, self._registry

    def _log(self) -> Path:
        """The log's path, its folder made; a log grown large is set aside first."""
        log = self._settings.home.resolve() / "logs" / "model.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        return log


def running(settings: Settings) -> Record | None:
    """The record of our own running server for the model the settings name, if there is one."""
    spec = ensure_model(settings)
    return Registry(settings.cache, spec.source).read()


def _alive(url: str) -> bool:
    """Whether vLLM's own health check passes: it fails when the engine behind the API is dead."""
    try:
        return httpx.get(f"{url.removesuffix('/v1')}/health", timeout=5.0).is_success
    except httpx.HTTPError:
        return False


def _machine() -> vllm.Machine:
    group = Path("/sys/fs/cgroup/cpu.max")
    quota = vllm.cpu_quota(group.read_text(encoding="ascii")) if group.is_file() else None
    return vllm.Machine(frozenset(os.sched_getaffinity(0)), quota)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _expect_free(port: int, seconds: float) -> None:
    """Waits at most so long for the port to be free.

    Raises:
        UnavailableError: it is still taken.
    """
    until = time.monotonic() + seconds
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() > until:
                    raise UnavailableError(
                        f"Port {port}, where the model server should listen, is taken ({error.strerror}).",
                        "Set SHOPWISE_MODEL_PORT to another one (0: any free one), or SHOPWISE_MODEL_URL to the server "
                        "that runs there.",
                    ) from error
            else:
                return
        time.sleep(0.2)


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _read_from(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read().decode("utf-8", errors="replace")


def _phase(text: str) -> str:
    """The furthest thing the log speaks of."""
    return next((name for mark, name in reversed(vllm.PHASES) if mark in text), "starting vLLM")


def _failure(message: str, log: Path, begin: int) -> UnavailableError:
    lines = [line for line in _read_from(log, begin).splitlines() if line.strip()]
    tail = "\n".join(lines[-_TAIL_LINES:])
    return UnavailableError(f"{message} The end of its log:\n{tail}" if tail else message, f"The whole log: {log}")
