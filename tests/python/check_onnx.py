"""Checks ONNX files with onnx, runs them with onnxruntime, and compares with expected results.

    check_onnx.py FOLDER

Each folder in FOLDER is a case: model.onnx, case.json, and the raw little-endian elements of
inputs and expected outputs, channels last as the graph has them. Images go in and come out
channels first. Prints one JSON record per output: the largest difference and the share of equal
elements.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from cases import difference, elements, folders, load, report


def to_file(array):
    return array.transpose(0, 3, 1, 2) if array.ndim == 4 else array


def to_graph(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def session(path, level):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def main():
    levels = {
        "as written": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
        "optimized": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
    }
    for folder in folders(Path(sys.argv[1]), "model.onnx"):
        case = load(folder)
        path = folder / "model.onnx"
        onnx.checker.check_model(onnx.load(path), full_check=True)
        feed = {t["name"]: np.ascontiguousarray(to_file(elements(folder, t))) for t in case["inputs"]}
        names = [t["name"] for t in case["outputs"]]
        for level, value in levels.items():
            found = session(path, value).run(names, feed)
            for tensor, array in zip(case["outputs"], found):
                expected = elements(folder, tensor)
                report(folder.name, level, difference(to_graph(array), expected))


main()
