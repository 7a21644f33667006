"""Counts TFLite files as LiteRT sees them.

    count_tflite.py FILE...

Prints one JSON record per file: its operators by name, multiply-accumulates of convolutions, matrix
products and recurrent layers, and the bytes of all constants that operators read, each once. Where the
interpreter has no kernel for a custom operator, the schema's own reader tells the tensors.
"""

import collections
import json
import os
import sys
from math import prod
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

# What an operator reads as attributes, by position; the graph keeps them apart from constants.
ATTRIBUTES = {
    "RESHAPE": [1], "SQUEEZE": [], "EXPAND_DIMS": [1], "TRANSPOSE": [1], "PAD": [1], "MEAN": [1],
    "SLICE": [1, 2], "STRIDED_SLICE": [1, 2, 3], "ARG_MAX": [1], "RESIZE_BILINEAR": [1],
    "RESIZE_NEAREST_NEIGHBOR": [1],
}
LSTMS = ("LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM")
COUNTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV", "BATCH_MATMUL", *LSTMS)
NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
CUSTOM = schema.BuiltinOperator.CUSTOM


def shapes(path, subgraph):
    """The shape of every tensor, from LiteRT's tensor details where it can say."""
    stored = {i: list(map(int, t.shape)) if t.shape is not None else [] for i, t in enumerate(subgraph.tensors)}
    try:
        details = Interpreter(model_path=str(path)).get_tensor_details()
    except (RuntimeError, ValueError):
        return stored, "schema"
    known = {t["index"]: list(map(int, t["shape"])) for t in details if t["index"] in stored}
    return {**stored, **known}, "litert"


def macs(name, inputs, outputs, shape, options):
    weights = shape[inputs[1]]
    if name in ("CONV_2D", "FULLY_CONNECTED"):
        return prod(shape[outputs[0]]) * prod(weights[1:])
    if name == "TRANSPOSE_CONV":
        return prod(shape[inputs[2]]) * prod(weights[:3])
    if name == "BATCH_MATMUL":
        x = shape[inputs[0]]
        return prod(shape[outputs[0]]) * (x[-2] if options.adjX else x[-1])
    if name in LSTMS:
        matrices = [shape[t] for t in inputs[1:9] + inputs[16:17] if t >= 0]
        return prod(shape[inputs[0]][:-1]) * sum(prod(m) for m in matrices if len(m) == 2)
    return prod(shape[outputs[0]]) * weights[1] * weights[2]


def count(path):
    data = path.read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    subgraph = model.subgraphs[0]
    shape, source = shapes(path, subgraph)
    operators = collections.Counter()
    constants = set()
    total = 0
    for operator in subgraph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        name = code.customCode.decode() if number == CUSTOM else NAMES[number]
        operators[name] += 1
        inputs = list(map(int, operator.inputs))
        if name in COUNTED:
            total += macs(name, inputs, list(map(int, operator.outputs)), shape, operator.builtinOptions)
        attributes = ATTRIBUTES.get(name, [])
        constants.update(t for i, t in enumerate(inputs) if t >= 0 and i not in attributes)
    size = 0
    for tensor in constants:
        buffer = model.buffers[subgraph.tensors[tensor].buffer] if model.buffers else None
        if buffer is not None and buffer.data is not None:
            size += len(buffer.data)
    return {
        "file": path.name,
        "source": source,
        "operators": dict(operators),
        "macs": total,
        "constant_bytes": size,
    }


def main():
    for name in sys.argv[1:]:
        print(json.dumps(count(Path(name))), flush=True)


main()
