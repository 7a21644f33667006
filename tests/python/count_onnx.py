"""Counts ONNX files as the onnx package sees them.

    count_onnx.py FILE [NAME=1,3,224,224...] [FILE...]

Prints one JSON record per file: its operators by name, multiply-accumulates of convolutions, matrix
products and recurrent layers, and the bytes of all constants that operators read, each once. Shapes
are those of onnx.shape_inference; extents that may change are given behind the file.
"""

import collections
import json
import sys
from math import prod
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

# What an operator reads as attributes, by position; the graph keeps them apart from constants.
ATTRIBUTES = {
    "ArgMax": [], "Clip": [1, 2], "ConstantOfShape": [0], "DequantizeLinear": [1, 2], "Dropout": [1, 2],
    "Gather": [1], "Pad": [1, 2, 3], "QLinearConv": [1, 2, 4, 5, 6, 7], "QuantizeLinear": [1, 2],
    "QLinearMatMul": [1, 2, 4, 5, 6, 7], "ReduceMean": [1], "Reshape": [1], "Resize": [1, 2, 3],
    "Slice": [1, 2, 3, 4], "Split": [1], "Squeeze": [1], "Unsqueeze": [1], "Upsample": [1],
}
# What passes a constant on.
VIEWS = ["Cast", "DequantizeLinear", "Flatten", "Identity", "QuantizeLinear", "Reshape", "Squeeze", "Transpose", "Unsqueeze"]


def given(model, shapes):
    """The model with the extents of inputs that may change."""
    for value in model.graph.input:
        for dim, extent in zip(value.type.tensor_type.shape.dim, shapes.get(value.name, [])):
            dim.dim_value = extent
    return model


def dense(model):
    """The model with small zeros in the place of constants that are filled, whose shapes it then knows."""
    known = {t.name: t for t in model.graph.initializer}
    shapes = {}
    for node in model.graph.node:
        if node.op_type == "ConstantOfShape":
            shapes[node.output[0]] = numpy_helper.to_array(known[node.input[0]]).tolist()
    return shapes


def shapes_of(model):
    inferred = shape_inference.infer_shapes(model, data_prop=True)
    graph = inferred.graph
    shapes = {}
    for value in list(graph.value_info) + list(graph.input) + list(graph.output):
        shapes[value.name] = [d.dim_value for d in value.type.tensor_type.shape.dim]
    for tensor in graph.initializer:
        shapes[tensor.name] = list(tensor.dims)
    return shapes


def attribute(node, name, default):
    found = [helper.get_attribute_value(a) for a in node.attribute if a.name == name]
    return found[0] if found else default


def macs(node, shapes):
    kind, inputs = node.op_type, node.input
    if kind in ("Conv", "ConvInteger", "QLinearConv"):
        weights = shapes[inputs[3 if kind == "QLinearConv" else 1]]
        return prod(shapes[node.output[0]]) * prod(weights[1:])
    if kind == "ConvTranspose":
        return prod(shapes[inputs[0]]) * prod(shapes[inputs[1]][1:])
    if kind in ("MatMul", "MatMulInteger"):
        return prod(shapes[node.output[0]]) * shapes[inputs[0]][-1]
    if kind == "Gemm":
        a = shapes[inputs[0]]
        return prod(shapes[node.output[0]]) * a[0 if attribute(node, "transA", 0) else 1]
    if kind in ("LSTM", "GRU", "RNN"):
        steps, batch, _ = shapes[inputs[0]]
        return steps * batch * (prod(shapes[inputs[1]]) + prod(shapes[inputs[2]]))
    return 0


def width(kind):
    return np.dtype(helper.tensor_dtype_to_np_dtype(kind)).itemsize


def constants_of(model, filled):
    """Bytes of each constant, by name."""
    sizes = {t.name: prod(t.dims) * width(t.data_type) for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            tensor = attribute(node, "value", None)
            sizes[node.output[0]] = prod(tensor.dims) * width(tensor.data_type) if tensor else 0
        elif node.op_type == "ConstantOfShape":
            value = attribute(node, "value", None)
            kind = value.data_type if value else TensorProto.FLOAT
            sizes[node.output[0]] = prod(filled[node.output[0]]) * width(kind)
    return sizes


def count(path, shapes):
    model = given(onnx.load(path, load_external_data=False), shapes)
    filled = dense(model)
    shape = {**shapes_of(model), **filled}
    sizes = constants_of(model, filled)
    operators = collections.Counter()
    origin = {name: name for name in sizes}
    read = set()
    total = 0
    for node in model.graph.node:
        operators[node.op_type] += 1
        if node.op_type in VIEWS and node.input[0] in origin:
            origin[node.output[0]] = origin[node.input[0]]
            continue
        total += macs(node, shape)
        attributes = ATTRIBUTES.get(node.op_type, [])
        read.update(origin[n] for i, n in enumerate(node.input) if n in origin and i not in attributes)
    return {
        "file": path.name,
        "operators": dict(operators),
        "macs": total,
        "constant_bytes": sum(sizes[name] for name in read),
    }


def main():
    files = []
    for argument in sys.argv[1:]:
        name, _, extents = argument.rpartition("=")
        if name:
            files[-1][1][name] = [int(extent) for extent in extents.split(",")]
        else:
            files.append((Path(argument), {}))
    for path, shapes in files:
        print(json.dumps(count(path, shapes)), flush=True)


main()
