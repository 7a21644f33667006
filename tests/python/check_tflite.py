"""Runs TFLite files with LiteRT and compares with expected results.

    check_tflite.py FOLDER

Each folder in FOLDER is a case: model.tflite, case.json, and the raw little-endian elements of
inputs and expected outputs. Inputs and outputs are found by the names of the signature. Prints
one JSON record per output: the largest difference and the share of equal elements.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ai_edge_litert.interpreter import Interpreter

from cases import difference, elements, folders, load, report


def main():
    for folder in folders(Path(sys.argv[1]), "model.tflite"):
        case = load(folder)
        interpreter = Interpreter(model_path=str(folder / "model.tflite"), num_threads=1)
        run = interpreter.get_signature_runner("serving_default")
        found = run(**{t["name"]: elements(folder, t) for t in case["inputs"]})
        for tensor in case["outputs"]:
            expected = elements(folder, tensor)
            report(folder.name, "XNNPACK", difference(found[tensor["name"]], expected))


main()
