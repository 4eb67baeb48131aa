"""A network as an ONNX graph that takes batches of any size and length, and the same graph in int8."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OPSET = 17


def trace(module: Any, example: tuple[Any, ...], path: Path, *, rows: str, output: str) -> None:
    """Writes the graph of a module that takes ``INPUTS`` and gives one tensor.

    Args:
        module: in the state in which it is to be used; its attention must not look at the mask's values.
        example: one tensor an input, of two rows.
        path: of the graph.
        rows: what a row of a batch is called.
        output: what the tensor is called.
    """
    import torch

    axes = {name: {0: rows, 1: "tokens"} for name in INPUTS} | {output: {0: rows}}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is the older exporter, and of shapes that it traces
        torch.onnx.export(
            module,
            example,
            str(path),
            input_names=list(INPUTS),
            output_names=[output],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(graph: Path, to: Path, *, words: bool) -> None:
    """Weights to int8, activations as they come; ``words``: the word vectors too, half of a small model.

    Seven bits of eight are used: processors without VNNI overflow with the eighth.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    tidy = to.with_suffix(".tidy")
    quant_pre_process(graph, tidy, skip_symbolic_shape=True)
    quantize_dynamic(
        tidy,
        to,
        op_types_to_quantize=["MatMul", "Gather"] if words else ["MatMul"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )
    tidy.unlink()
