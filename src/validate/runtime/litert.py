"""Runs a TFLite model with LiteRT on one thread: job.json in, outputs.raw and one JSON record out.

    script.py             runs the job of this folder
    script.py --version   prints the release of LiteRT
"""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy
from ai_edge_litert.interpreter import Interpreter


def samples(interpreter, count):
    """The inputs of every sample, in the order of the model."""
    details = interpreter.get_input_details()
    raw, start = numpy.fromfile("inputs.raw", dtype=numpy.uint8), 0
    for _ in range(count):
        inputs = []
        for detail in details:
            size = int(numpy.prod(detail["shape"])) * numpy.dtype(detail["dtype"]).itemsize
            part = raw[start : start + size]
            if part.size != size:
                sys.exit(f"the model takes {size} bytes as `{detail['name']}`, {part.size} are left")
            inputs.append((detail["index"], part.view(detail["dtype"]).reshape(detail["shape"])))
            start += size
        yield inputs
    if start != raw.size:
        sys.exit(f"the model takes {start} bytes, there are {raw.size}")


def times(interpreter, warm_up, timed):
    """What each run takes of the processor; waiting for other processes does not count."""
    for run in range(warm_up + timed):
        start = time.thread_time_ns()
        interpreter.invoke()
        if run >= warm_up:
            yield time.thread_time_ns() - start


def main():
    if sys.argv[1:] == ["--version"]:
        from importlib.metadata import version

        print(version("ai-edge-litert"))
        return
    with open("job.json") as file:
        job = json.load(file)
    interpreter = Interpreter(model_path=job["model"], num_threads=1)
    interpreter.allocate_tensors()
    with open("outputs.raw", "wb") as file:
        for inputs in samples(interpreter, job["samples"]):
            for index, value in inputs:
                interpreter.set_tensor(index, value)
            interpreter.invoke()
            for detail in interpreter.get_output_details():
                file.write(interpreter.get_tensor(detail["index"]).tobytes())
            file.flush()
    print(json.dumps({"times_ns": list(times(interpreter, job["warm_up"], job["timed"]))}))


main()
