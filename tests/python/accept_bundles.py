"""Runs the models of bundles with the runtimes of others, on their golden inputs.

    accept_bundles.py FOLDER...

Each FOLDER is a bundle. Both ONNX files go through onnx.checker at full check. Prints one JSON record per
FOLDER and output: the power of what LiteRT and onnxruntime differ by from the golden output over its own
(of classes, a quarter of the share that differs), for the float and the int8 models, and the largest difference of LiteRT's int8 output in steps.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import onnx
import onnxruntime
from ai_edge_litert.interpreter import Interpreter


def channels_first(array):
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2)) if array.ndim == 4 else array


def channels_last(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def by_litert(path, feed, names):
    run = Interpreter(model_path=str(path), num_threads=1).get_signature_runner("serving_default")
    found = run(**feed)
    return [found[name] for name in names]


def by_onnxruntime(path, feed, names, fused):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # Without it, a third of the int8 convolutions stay in float on x86-64.
    options.add_session_config_entry("session.qdqisint8allowed", "1")
    if not fused:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feed = {name: channels_first(array) for name, array in feed.items()}
    return [channels_last(array) for array in session.run(names, feed)]


def noise(found, expected):
    if expected.dtype == np.int32:
        return float((found != expected).mean()) / 4
    difference = found.astype(float) - expected.astype(float)
    return float((difference**2).mean() / max(expected.astype(float).var(), 1e-12))


def main():
    for folder in map(Path, sys.argv[1:]):
        bundle = json.loads((folder / "bundle.json").read_text())
        names = [tensor["name"] for tensor in bundle["outputs"]]
        records = {name: {"folder": folder.name, "output": name} for name in names}
        for kind, key in (("float", "golden_float"), ("int8", "golden")):
            stem = "model" if kind == "float" else "model_int8"
            feed = {tensor["name"]: np.load(folder / tensor[key]) for tensor in bundle["inputs"]}
            golden = [np.load(folder / tensor[key]) for tensor in bundle["outputs"]]
            litert = by_litert(folder / f"{stem}.tflite", feed, names)
            # Run as written: fused products of uint8 and int8 overflow on x86-64 without VNNI.
            unsigned = kind == "int8" and bundle["quantization"]["onnx_activations"] == "uint8"
            if unsigned:
                feed = {name: (array.astype(int) + 128).astype(np.uint8) for name, array in feed.items()}
            ort = by_onnxruntime(folder / f"{stem}.onnx", feed, names, fused=not unsigned)
            for name, expected, a, b in zip(names, golden, litert, ort):
                if unsigned and b.dtype == np.uint8:
                    b = b.astype(int) - 128
                records[name][f"litert_{kind}_noise"] = noise(a, expected)
                records[name][f"onnxruntime_{kind}_noise"] = noise(b, expected)
                if kind == "int8":
                    steps = abs(a.astype(int) - expected.astype(int))
                    records[name]["litert_int8_steps"] = int(steps.max())
                    steps = abs(b.astype(int) - expected.astype(int))
                    records[name]["onnxruntime_int8_steps"] = int(steps.max())
        for record in records.values():
            print(json.dumps(record), flush=True)


main()
