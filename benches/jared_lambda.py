"""What lambda of JAReD does: mean and standard deviation over seeds, for each lambda.

    make build && python3 benches/jared_lambda.py --lambdas 0 0.03 0.1 0.3 1 --seeds 3 --out sweep

Trains one network per lambda and seed with `ednas train` and prints the metrics of its heads on the
validation split of `scenes`; 0 is L1. What is trained already is not trained again. Options behind
`--` go to `ednas train` as they are: `-- --steps 2000 --size 256 --tasks depth`.
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path


def trained(args, weight, seed):
    out = args.out / f"lambda{weight:g}-seed{seed}.safetensors"
    command = [args.ednas, "train", args.model, "--jared-lambda", f"{weight:g}"]
    command += ["--seed", str(seed), "-o", str(out), "--json", *args.options]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(result.stdout)["scores"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="mt-edge")
    parser.add_argument("--lambdas", type=float, nargs="+", default=[0, 0.03, 0.1, 0.3, 1])
    parser.add_argument("--seeds", type=int, default=3, help="seeds 0, 1, ..")
    parser.add_argument("--out", type=Path, default=Path("sweep"), help="folder of the checkpoints")
    parser.add_argument("--ednas", default="target/release/ednas")
    parser.add_argument("options", nargs="*", help="options of `ednas train`, behind --")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    rows = []
    for weight in args.lambdas:
        scores = [trained(args, weight, seed) for seed in range(args.seeds)]
        rows.append((weight, scores))
    metrics = list(rows[0][1][0])
    print("lambda", *metrics, sep="\t")
    for weight, scores in rows:
        cells = []
        for metric in metrics:
            values = [score[metric] for score in scores]
            sigma = statistics.stdev(values) if len(values) > 1 else 0.0
            cells.append(f"{statistics.mean(values):.4f} ± {sigma:.4f}")
        print(f"{weight:g}", *cells, sep="\t")


main()
