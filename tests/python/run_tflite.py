"""Runs TFLite files with LiteRT and its delegate XNNPACK, and compares with expected results.

    run_tflite.py FOLDER FILE...

For each FILE, FOLDER holds NAME.in and NAME.out: the raw elements of all inputs and of all
expected outputs, one after another, each of 8 bits. Prints one JSON record per file: the largest
difference in steps.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
from ai_edge_litert.interpreter import Interpreter


def parts(path, details):
    """The tensors of a raw file, in the order of `details`."""
    raw, start = numpy.fromfile(path, dtype=numpy.uint8), 0
    for detail in details:
        size = int(numpy.prod(detail["shape"]))
        part = raw[start : start + size].view(detail["dtype"])
        start += size
        yield detail["index"], part.reshape(detail["shape"])
    assert start == raw.size, f"{path}: {raw.size} bytes, expected {start}"


def main():
    folder = Path(sys.argv[1])
    for file in map(Path, sys.argv[2:]):
        interpreter = Interpreter(model_path=str(file), num_threads=1)
        interpreter.allocate_tensors()
        for index, value in parts(folder / f"{file.name}.in", interpreter.get_input_details()):
            interpreter.set_tensor(index, value)
        interpreter.invoke()
        steps = 0
        for index, expected in parts(folder / f"{file.name}.out", interpreter.get_output_details()):
            found = interpreter.get_tensor(index).astype(int)
            steps = max(steps, int(abs(found - expected.astype(int)).max()))
        print(json.dumps({"file": file.name, "steps": steps}), flush=True)


main()
