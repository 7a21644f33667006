"""Runs an ONNX model with onnxruntime on one thread: job.json in, outputs.raw and one JSON record out.

    script.py             runs the job of this folder
    script.py --version   prints the release of onnxruntime

Elements pass channels last; images of the model are channels first.
"""

import json
import sys
import time

import numpy
import onnxruntime

TYPES = {
    "tensor(float)": numpy.float32,
    "tensor(int8)": numpy.int8,
    "tensor(uint8)": numpy.uint8,
    "tensor(int32)": numpy.int32,
    "tensor(int64)": numpy.int64,
}


def feeds(session, count):
    """What each sample gives to every input."""
    raw, start = numpy.fromfile("inputs.raw", dtype=numpy.uint8), 0
    for _ in range(count):
        feed = {}
        for tensor in session.get_inputs():
            shape, dtype = tensor.shape, numpy.dtype(TYPES[tensor.type])
            if len(shape) == 4:
                shape = [shape[0], shape[2], shape[3], shape[1]]
            size = int(numpy.prod(shape)) * dtype.itemsize
            part = raw[start : start + size]
            if part.size != size:
                sys.exit(f"the model takes {size} bytes as `{tensor.name}`, {part.size} are left")
            value = part.view(dtype).reshape(shape)
            if len(shape) == 4:
                value = value.transpose(0, 3, 1, 2)
            feed[tensor.name] = numpy.ascontiguousarray(value)
            start += size
        yield feed
    if start != raw.size:
        sys.exit(f"the model takes {start} bytes, there are {raw.size}")


def times(session, feed, warm_up, timed):
    """What each run takes of the processor; waiting for other processes does not count."""
    for run in range(warm_up + timed):
        start = time.thread_time_ns()
        session.run(None, feed)
        if run >= warm_up:
            yield time.thread_time_ns() - start


def main():
    if sys.argv[1:] == ["--version"]:
        print(onnxruntime.__version__)
        return
    with open("job.json") as file:
        job = json.load(file)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Otherwise onnxruntime fuses some int8 convolutions on x86-64 and computes the others in float.
    options.add_session_config_entry("session.qdqisint8allowed", "1")
    session = onnxruntime.InferenceSession(job["model"], options, providers=["CPUExecutionProvider"])
    feed = {}
    with open("outputs.raw", "wb") as file:
        for feed in feeds(session, job["samples"]):
            for value in session.run(None, feed):
                if value.ndim == 4:
                    value = value.transpose(0, 2, 3, 1)
                file.write(numpy.ascontiguousarray(value).tobytes())
            file.flush()
    print(json.dumps({"times_ns": list(times(session, feed, job["warm_up"], job["timed"]))}))


main()
