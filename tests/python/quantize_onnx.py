"""Quantizes a small network with onnxruntime's quantizer, in every form that it has.

    quantize_onnx.py FOLDER

Writes FOLDER/NAME.onnx for the network in floats and quantized, and what goes in and comes out to NAME.in
and NAME.out. Prints one JSON record per file: its name, and the scale of what comes out, null in floats.
"""

import json
import logging
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from onnx_runs import RANDOM, random, run


def small():
    """Convolutions of all kinds, pools, a sum, a flattened image and a product."""
    nodes, constants = [], []

    def add(kind, inputs, output, *dims, **attributes):
        names = list(inputs)
        for i, d in enumerate(dims):
            names.append(f"{output}.{i}")
            constants.append(random(names[-1], d))
        nodes.append(helper.make_node(kind, names, [output], **attributes))
        return output

    x = add("Conv", ["x"], "stem", [8, 3, 3, 3], [8], pads=[1, 1, 1, 1], strides=[2, 2])
    x = add("Relu", [x], "stem.relu")
    y = add("Conv", [x], "depthwise", [8, 1, 3, 3], [8], pads=[1, 1, 1, 1], group=8)
    y = add("Relu", [y], "depthwise.relu")
    y = add("Conv", [y], "pointwise", [8, 8, 1, 1], [8])
    x = add("Add", [x, y], "sum")
    x = add("MaxPool", [x], "pool", kernel_shape=[2, 2], strides=[2, 2])
    x = add("Concat", [x, x], "both", axis=1)
    x = add("Flatten", [x], "flat")
    add("Gemm", [x], "scores", [5, 256], [5], transB=1)
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 5])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class Noise(CalibrationDataReader):
    def __init__(self):
        self.left = 8

    def get_next(self):
        self.left -= 1
        return {"x": RANDOM.normal(0, 1, [1, 3, 16, 16]).astype(np.float32)} if self.left >= 0 else None


def main():
    logging.disable()
    folder = Path(sys.argv[1])
    for record in quantized(folder):
        print(json.dumps(record), flush=True)


def quantized(folder):
    onnx.save(small(), folder / "small.onnx")
    run(folder, "small", small())
    yield {"file": "small", "scale": None}
    for form in (QuantFormat.QDQ, QuantFormat.QOperator):
        for kind in (QuantType.QInt8, QuantType.QUInt8):
            name = f"small-{form.name.lower()}-{'s8' if kind == QuantType.QInt8 else 'u8'}"
            path = folder / f"{name}.onnx"
            quantize_static(
                folder / "small.onnx", path, Noise(), quant_format=form, activation_type=kind,
                weight_type=QuantType.QInt8, per_channel=form == QuantFormat.QDQ,
            )
            model = onnx.load(path)
            run(folder, name, model)
            scales = [numpy_helper.to_array(t).max() for t in model.graph.initializer if t.name == "scores_scale"]
            yield {"file": name, "scale": float(scales[0])}


main()
