"""A small text encoder as an ONNX model, and what NumPy makes of the same numbers.

    python make_text_encoder.py OUT      # writes OUT/text-encoder.onnx and OUT/text-encoder.json

Embeddings of the ids, averaged where the mask is 1. The JSON has `input_ids` and `attention_mask` rows
and the `text_embedding` of each. Needs the packages onnx and numpy.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

VOCABULARY = 2048
DIMENSIONS = 4


def model(table: np.ndarray) -> onnx.ModelProto:
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["weights"]),
        helper.make_node("Mul", ["embedded", "weights"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "tokens"], ["sums"], keepdims=0),
        helper.make_node("ReduceSum", ["weights", "tokens"], ["counts"], keepdims=0),
        helper.make_node("Div", ["sums", "counts"], ["text_embedding"]),
    ]
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["rows", "length"])
           for name in ("input_ids", "attention_mask")]
    embedding = helper.make_tensor_value_info("text_embedding", TensorProto.FLOAT, ["rows", DIMENSIONS])
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([-1]), "last"),
        numpy_helper.from_array(np.array([1]), "tokens"),
    ]
    graph = helper.make_graph(nodes, "text encoder", ids, [embedding], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main() -> None:
    out = Path(sys.argv[1])
    random = np.random.default_rng(5)
    # eighths, so that float32 sums are exact in any order
    table = random.integers(-64, 64, (VOCABULARY, DIMENSIONS)).astype(np.float32) / 8
    ids = random.integers(0, VOCABULARY, (6, 16))
    mask = (np.arange(16) < random.integers(1, 17, (6, 1))).astype(np.int64)
    weights = mask.astype(np.float32)[..., None]
    embedding = (table[ids] * weights).sum(axis=1) / weights.sum(axis=1)
    onnx.save(model(table), out / "text-encoder.onnx")
    expected = {
        "input_ids": ids.tolist(),
        "attention_mask": mask.tolist(),
        "text_embedding": embedding.astype(np.float64).tolist(),
        "table": (table * 8).astype(int).tolist(),
    }
    (out / "text-encoder.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
