"""Gives ONNX files random weights and runs them with onnxruntime.

    run_onnx.py FOLDER FILE[:1,3,224,224]...

Each FILE becomes FOLDER/NAME.onnx, whose large constants are random and lie in NAME.bin beside it;
what goes in and comes out stands in NAME.in and NAME.out, floats in the order of the file. The shape of
the input stands behind a FILE that leaves it open. Prints one JSON record per file:
its name.
"""

import json
import sys
from pathlib import Path

import onnx
from onnx import TensorProto, numpy_helper

from onnx_runs import random, run


def with_weights(path):
    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    tensors = {t.name: t for t in graph.initializer}
    for tensor in graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            tensor.CopyFrom(random(tensor.name, list(tensor.dims)))
    nodes = []
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            dims = numpy_helper.to_array(tensors[node.input[0]]).tolist()
            graph.initializer.append(random(node.output[0], dims))
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def main():
    folder = Path(sys.argv[1])
    for argument in sys.argv[2:]:
        argument, _, shape = argument.partition(":")
        path = Path(argument)
        model = with_weights(path)
        onnx.save(
            model, folder / path.name, save_as_external_data=True, location=f"{path.stem}.bin", size_threshold=1024
        )
        run(folder, path.stem, model, [int(d) for d in shape.split(",")] if shape else None)
        print(json.dumps({"file": path.name}), flush=True)


main()
