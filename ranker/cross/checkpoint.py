"""Where a run is, on disk: weights, optimiser and dice, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol


class Trainable(Protocol):
    """Anything whose weights can be taken and put back."""

    def trained(self) -> dict[str, Any]:
        """The parameters that training changes."""
        ...

    def put(self, values: dict[str, Any]) -> None:
        """Sets parameters to given values."""
        ...


class Checkpoints:
    """The last state of a run and its best weights."""

    def __init__(self, folder: Path) -> None:
        self._last = folder / "checkpoint.pt"
        self._best = folder / "best.pt"

    def keep(self, network: Trainable, optimiser: Any, history: dict[str, Any], *, best: bool) -> None:
        """Writes the state down, and the weights once more if they are the best so far."""
        import torch

        weights = {name: weight.detach() for name, weight in network.trained().items()}
        if best:
            _save(weights, self._best)
        state = {
            "weights": weights,
            "optimiser": optimiser.state_dict(),
            "dice": torch.get_rng_state(),
            "history": history,
        }
        _save(state, self._last)

    def resume(self, network: Trainable, optimiser: Any) -> dict[str, Any]:
        """Takes up the last state; the history it holds, empty for a new run."""
        import torch

        if not self._last.exists():
            return {}
        state = torch.load(self._last, weights_only=True, map_location="cpu")
        network.put(state["weights"])
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["dice"])
        return dict(state["history"])

    def best(self) -> dict[str, Any]:
        """The best weights so far."""
        import torch

        return dict(torch.load(self._best, weights_only=True, map_location="cpu"))


def _save(value: Any, path: Path) -> None:
    import torch

    draft = path.with_suffix(".new")
    torch.save(value, draft)
    draft.replace(path)
