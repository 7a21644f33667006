"""Writes ONNX's own test cases of single operators as folders of raw tensors.

    onnx_cases.py FOLDER

Each case becomes two folders in FOLDER: one where every operand is an input, and one where all but
the first are constants. A folder holds model.onnx and case.json, which lists inputs and outputs by
name, type and shape with the file of their little-endian elements. Cases with other values than
tensors of floats and integers, or with inputs that are left out, are skipped.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

TYPES = {"float32": "f32", "int8": "i8", "uint8": "u8", "int32": "i32", "int64": "i64"}


def plain(values):
    return all(isinstance(v, np.ndarray) and v.dtype.name in TYPES and v.size > 0 for v in values)


def tensors(folder, infos, values, kind):
    records = []
    for info, value in zip(infos, values):
        file = f"{kind}{len(records)}.raw"
        value.tofile(folder / file)
        record = {"name": info.name, "dtype": TYPES[value.dtype.name], "shape": list(value.shape), "file": file}
        records.append(record)
    return records


def main():
    warnings.simplefilter("ignore")
    root = Path(sys.argv[1])
    for case in collect_testcases(None):
        graph = case.model.graph
        inputs, outputs = case.data_sets[0]
        if len(inputs) != len(graph.input) or not plain(list(inputs) + list(outputs)):
            continue
        write(root / case.name, case.model, inputs, outputs)
        constants = [numpy_helper.from_array(v, i.name) for v, i in zip(inputs[1:], graph.input[1:])]
        if constants:
            graph.initializer.extend(constants)
            del graph.input[1:]
            write(root / f"{case.name}_constant", case.model, inputs[:1], outputs)


def write(folder, model, inputs, outputs):
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    record = {
        "inputs": tensors(folder, model.graph.input, inputs, "in"),
        "outputs": tensors(folder, model.graph.output, outputs, "out"),
    }
    (folder / "case.json").write_text(json.dumps(record))


main()
