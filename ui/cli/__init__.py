"""The command ``shopwise``."""

from __future__ import annotations


def main() -> None:
    """Run the command line; its exit code says who must act (see ``retriever/errors.py``)."""
    from ui.cli.app import run

    run()
