"""Random weights, and runs with onnxruntime, for the scripts that make ONNX files."""

from math import prod

import numpy as np
import onnxruntime
from onnx import numpy_helper

RANDOM = np.random.default_rng(7)


def random(name, dims):
    """Weights that keep the size of what they are applied to; small biases; norms around 1."""
    fan_in = prod(dims[1:])
    if len(dims) > 1:
        values = RANDOM.normal(0, (2 / fan_in) ** 0.5, dims)
    else:
        values = RANDOM.uniform(0.5, 1.5, dims)
    return numpy_helper.from_array(values.astype(np.float32), name)


def run(folder, name, model, shape=None):
    """Runs a model that lies in the folder on noise."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    path = folder / f"{name}.onnx"
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    constants = {t.name for t in model.graph.initializer}
    [value] = [v for v in session.get_inputs() if v.name not in constants]
    x = RANDOM.normal(0, 1, shape or value.shape).astype(np.float32)
    [y] = session.run(None, {value.name: x})
    x.tofile(folder / f"{name}.in")
    y.tofile(folder / f"{name}.out")
