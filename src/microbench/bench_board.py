#!/usr/bin/env python3
"""Times the models of a manifest on this machine and writes the CSV that `ednas compare` takes.

Copy this file, manifest.csv and the models beside it to the board, then:

    python3 bench_board.py -o measured.csv --device "USB Accelerator" --link USB3.0 \\
        --host "Raspberry Pi 4" --clock max --delegate libedgetpu.so.1 --suffix _edgetpu

It needs numpy and one of ai_edge_litert, tflite_runtime or tensorflow. Models that the CSV already
has are skipped, so an interrupted run goes on where it stopped. A model that fails is named, and
the others are run.
"""

import argparse
import csv
import os
import sys
import time

import numpy

COLUMNS = [
    "id", "model", "model_file", "input", "device", "link", "host", "clock", "statistic",
    "latency_ms", "p10_ms", "p90_ms", "warmup", "runs", "includes", "source", "note",
]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    folder = os.path.dirname(os.path.abspath(__file__))
    add("-o", "--out", default="measured.csv", help="the CSV, which is appended to")
    add("--manifest", default=os.path.join(folder, "manifest.csv"), help="what to run")
    add("--models", help="the folder of the models; that of the manifest if left out")
    add("--suffix", default="", help="of compiled models: _edgetpu for x_edgetpu.tflite")
    add("--delegate", help="a shared library that takes the models, such as libedgetpu.so.1")
    add("--option", action="append", default=[], metavar="KEY=VALUE", help="of the delegate")
    add("--runs", type=int, default=100, help="timed runs of a model [%(default)s]")
    add("--warmup", type=int, default=10, help="runs before them [%(default)s]")
    add("--max-seconds", type=float, default=10.0,
        help="fewer runs of models that take longer than this, at least 5 [%(default)s]")
    add("--threads", type=int, default=1, help="of the processor [%(default)s]")
    add("--device", required=True, help="the accelerator: USB Accelerator")
    add("--link", default="", help="what connects it: USB3.0, USB2.0, PCIe")
    add("--host", default="", help="the machine around it: Raspberry Pi 4")
    add("--clock", default="", help="clock or operating point: max, std")
    add("--source", default="", help="who measured, and when")
    args = parser.parse_args()
    if args.runs < 1 or args.warmup < 0 or args.threads < 1:
        parser.error("--runs and --threads are at least 1, --warmup at least 0")
    return args


def runtime():
    """The interpreter and the loader of delegates of whichever package is there."""
    try:
        from ai_edge_litert import interpreter
        return interpreter.Interpreter, interpreter.load_delegate
    except ImportError:
        pass
    try:
        from tflite_runtime import interpreter
        return interpreter.Interpreter, interpreter.load_delegate
    except ImportError:
        pass
    try:
        import tensorflow
        return tensorflow.lite.Interpreter, tensorflow.lite.experimental.load_delegate
    except ImportError:
        sys.exit("error: found none of ai_edge_litert, tflite_runtime, tensorflow; install one")


def load(args, path):
    interpreter, load_delegate = runtime()
    delegates = []
    if args.delegate:
        options = dict(option.split("=", 1) for option in args.option)
        delegates = [load_delegate(args.delegate, options)]
    model = interpreter(
        model_path=path, num_threads=args.threads, experimental_delegates=delegates
    )
    model.allocate_tensors()
    return model


def fill(model):
    """Random inputs: constant ones flatter runtimes whose time depends on the data."""
    random = numpy.random.default_rng(0)
    shapes = []
    for detail in model.get_input_details():
        kind = detail["dtype"]
        if numpy.issubdtype(kind, numpy.integer):
            limits = numpy.iinfo(kind)
            data = random.integers(limits.min, limits.max, detail["shape"], kind, endpoint=True)
        else:
            data = random.random(detail["shape"]).astype(kind)
        model.set_tensor(detail["index"], data)
        shapes.append("x".join(str(extent) for extent in detail["shape"][1:]))
    return " ".join(shapes)


def timed(model, args):
    """Milliseconds of the runs."""
    times = []
    start = time.perf_counter()
    for run in range(args.warmup + args.runs):
        late = time.perf_counter() - start > args.max_seconds
        if late and len(times) >= 5:
            break
        # A slow model is not warmed up for longer than it is timed.
        if run < args.warmup and late:
            continue
        before = time.perf_counter()
        model.invoke()
        after = time.perf_counter()
        if run >= args.warmup:
            times.append((after - before) * 1e3)
    return times


def measured(row, args, folder):
    stem, extension = os.path.splitext(row["model_file"])
    path = os.path.join(folder, stem + args.suffix + extension)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} is not there")
    model = load(args, path)
    shape = fill(model)
    times = timed(model, args)
    p10, median, p90 = numpy.percentile(times, [10, 50, 90])
    return {
        "id": row["id"], "model": row["family"], "model_file": row["model_file"],
        "input": shape, "device": args.device, "link": args.link, "host": args.host,
        "clock": args.clock, "statistic": "median", "latency_ms": f"{median:.6g}",
        "p10_ms": f"{p10:.6g}", "p90_ms": f"{p90:.6g}", "warmup": args.warmup,
        "runs": len(times), "includes": "network", "source": args.source,
        "note": f"{args.threads} threads",
    }


def done(path):
    """The models that the CSV has already; a line that was cut off is taken out."""
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return None
    with open(path, newline="", encoding="utf-8") as file:
        text = file.read()
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        with open(path + ".part", "w", newline="", encoding="utf-8") as file:
            file.write(whole)
        os.replace(path + ".part", path)
    rows = csv.DictReader(whole.splitlines())
    if rows.fieldnames is None:
        return None
    if rows.fieldnames != COLUMNS:
        sys.exit(f"error: {path} has other columns than this script writes; choose another -o")
    return {row["id"] for row in rows}


def main():
    args = arguments()
    folder = args.models or os.path.dirname(os.path.abspath(args.manifest))
    with open(args.manifest, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = done(args.out)
    failed = []
    with open(args.out, "a", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if known is None:
            table.writeheader()
        for number, row in enumerate(rows, 1):
            if known and row["id"] in known:
                continue
            try:
                record = measured(row, args, folder)
            except Exception as problem:  # whatever a runtime raises must not stop the rest
                failed.append(row["id"])
                print(f"[{number}/{len(rows)}] {row['id']} failed: {problem}", file=sys.stderr)
                continue
            table.writerow(record)
            file.flush()
            os.fsync(file.fileno())
            text = f"[{number}/{len(rows)}] {row['id']} {float(record['latency_ms']):.3f} ms"
            print(text, file=sys.stderr)
    print(f"{len(rows) - len(failed)} of {len(rows)} models are in {args.out}", file=sys.stderr)
    if failed:
        print("failed: " + ", ".join(failed), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
