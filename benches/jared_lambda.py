"""What lambda of JAReD does: Table 1 for each lambda, L1 trained once.

    make build && python3 benches/jared_lambda.py --lambdas 0.03 0.1 0.3 1 --seeds 3

Runs `ednas reproduce table1` per lambda, in one folder: what is trained already is not trained again.
Prints means and standard deviations of the metrics over the seeds, and the claims about the relative
error: the mean difference to L1 by which JAReD is better, with its interval of 95 %. Options behind
`--` go to `ednas reproduce`: `-- --steps 400 --data cityscapes:DIR`.
"""

import argparse
import json
import subprocess

CLAIM = "JAReD lowers the relative error"


def table(args, weight):
    command = [args.ednas, "reproduce", "table1", "--lambda", f"{weight:g}"]
    command += ["--seeds", str(args.seeds), "--output", args.out, "--json", *args.options]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(result.stdout)


def line(weight, row, claim=None):
    cells = [f"{value['mean']:.4f} ± {value['sigma']:.4f}" for value in row["metrics"].values()]
    support = claim and claim["support"]
    if support:
        cells.append(f"{support['mean']:.4f} ± {support['half_width'] or float('nan'):.4f}")
    print(f"{weight:g}", *cells, sep="\t")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lambdas", type=float, nargs="+", default=[0.03, 0.1, 0.3, 1])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", default="reproduce", help="folder of the trainings")
    parser.add_argument("--ednas", default="target/release/ednas")
    parser.add_argument("options", nargs="*", help="options of `ednas reproduce`, behind --")
    args = parser.parse_args()

    for index, weight in enumerate(args.lambdas):
        record = table(args, weight)
        l1, jared = (row["measured"] for row in record["rows"])
        if index == 0:
            print("lambda", *l1["metrics"], CLAIM + " by", sep="\t")
            line(0, l1)
        line(weight, jared, next(c for c in record["claims"] if c["claim"] == CLAIM))


if __name__ == "__main__":
    main()
