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


def waited_ns():
    """How long this thread has waited for a processor so far; 0 where nobody says."""
    try:
        with open("/proc/thread-self/schedstat") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError, ValueError):
        return 0


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
    for run in range(warm_up + timed):
        waited, start = waited_ns(), time.perf_counter_ns()
        interpreter.invoke()
        elapsed = time.perf_counter_ns() - start
        if run >= warm_up:
            yield max(elapsed - (waited_ns() - waited), 0)


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
