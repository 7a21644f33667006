"""Runs TFLite files with LiteRT on one thread, as `benches/litert/main.rs` orders.

Reads `load FILE` and `run COUNT` from stdin, one order a line. Answers each with a line: the seconds
that the processor worked for every run.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
from ai_edge_litert.interpreter import Interpreter


def load(path):
    """The interpreter of a file, its inputs filled with noise."""
    interpreter = Interpreter(model_path=path, num_threads=1)
    interpreter.allocate_tensors()
    noise = numpy.random.default_rng(0)
    for detail in interpreter.get_input_details():
        value = noise.uniform(-1, 1, detail["shape"])
        if detail["dtype"] != numpy.float32:
            value *= 127
        interpreter.set_tensor(detail["index"], value.astype(detail["dtype"]))
    return interpreter


def run(interpreter, count):
    """Seconds that the processor worked for each of `count` runs."""
    for _ in range(count):
        start = time.process_time()
        interpreter.invoke()
        yield time.process_time() - start


def main():
    interpreter = None
    for line in sys.stdin:
        order, argument = line.strip().split(" ", 1)
        if order == "load":
            interpreter = load(argument)
            print("loaded", flush=True)
        else:
            print(*run(interpreter, int(argument)), flush=True)


main()
