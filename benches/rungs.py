"""What rungs are worth on `scenes`: one search's networks, compared in every order.

    make build
    python3 benches/rungs.py --output /tmp/rungs

A single search with rungs shows a single order of its networks. Here a random search trains all of
them to the end and reads them at every rung; then the rule of `--rungs` is followed through random
orders of these networks: the steps that it takes and the best reward that it finds, in percent of
training them all. `a third of them` is the control: so many networks as that, trained to the end.
A search that is done is not done again: the same command goes on.
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess

from cheaper import search

NO_ONE_STOPS = "1/1000"


def curves(arguments, seed):
    """The rewards of every network of a random search, in its order, one per rung."""
    options = [
        *["--rungs", ",".join(map(str, arguments.rungs)), "--keep", NO_ONE_STOPS],
        *["--trials", str(arguments.trials)],
    ]
    if arguments.average:
        options += ["--average", str(arguments.average)]
    judged = f"average {arguments.average}" if arguments.average else "last"
    found = search(arguments, options, f"{arguments.space}-{judged}", seed)
    trials = arguments.output / "trials.json"
    export = [arguments.ednas, "study", "export", found["journal"], "--output", str(trials)]
    subprocess.run(export, check=True, stdout=subprocess.PIPE)
    whole = [
        trial for trial in json.loads(trials.read_text())["trials"] if trial["state"] == "complete"
    ]
    return [
        [*(reward for _, reward in trial["rungs"]), trial["values"]["reward"]] for trial in whole
    ]


def halved(order, rungs, keep, workers):
    """Steps and best reward when only the best at each rung go on: the rule of docs/cheaper-searching.md."""
    reached = [[] for _ in order]
    steps, best = 0, None
    for number, curve in enumerate(order):
        visible = reached[: max(0, number - workers + 1)]
        for rung, value in enumerate(curve):
            steps += rungs[rung] - (rungs[rung - 1] if rung else 0)
            reached[number].append(value)
            seen = sorted((other[rung] for other in visible if len(other) > rung), reverse=True)
            go_on = (len(seen) + 1) // keep
            if rung + 1 < len(rungs) and go_on and value < seen[go_on - 1]:
                break
        else:
            best = value if best is None else max(best, value)
    return steps, best


def kendall(a, b):
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    signs = [(a[i] > a[j]) - (a[i] < a[j]) for i, j in pairs]
    others = [(b[i] > b[j]) - (b[i] < b[j]) for i, j in pairs]
    return sum(x * y for x, y in zip(signs, others)) / len(pairs)


def report(seed, networks, arguments):
    rungs, finals = arguments.rungs, [curve[-1] for curve in networks]
    whole, winner = rungs[-1] * len(networks), max(finals)
    taus = [kendall([curve[rung] for curve in networks], finals) for rung in range(len(rungs) - 1)]
    print(f"seed {seed}: {len(networks)} networks, rewards {min(finals):.3f} to {winner:.3f}")
    for rung, tau in zip(rungs, taus):
        print(f"  Kendall's tau between {rung} and {rungs[-1]} steps: {tau:.2f}")
    draw = random.Random(seed)
    orders = [draw.sample(networks, len(networks)) for _ in range(arguments.orders)]
    third = len(networks) // 3
    outcomes = {
        "a third of them": [(third * rungs[-1], max(c[-1] for c in order[:third])) for order in orders]
    }
    for keep in arguments.keep:
        outcomes[f"--keep 1/{keep}"] = [
            halved(order, rungs, keep, arguments.workers) for order in orders
        ]
    print(f"  {'':16} {'steps':>7} {'reward':>7} {'winner found':>12}")
    for name, pairs in outcomes.items():
        steps = statistics.mean(steps for steps, _ in pairs) / whole
        reward = statistics.mean(best for _, best in pairs) / winner
        found = statistics.mean(best == winner for _, best in pairs)
        print(f"  {name:16} {steps:7.1%} {reward:7.1%} {found:12.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ednas", default="target/release/ednas")
    parser.add_argument("--space", default="mobiledet")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument(
        "--rungs",
        type=lambda text: [int(steps) for steps in text.split(",")],
        default=[24, 72, 216],
        help="steps, the whole training last",
    )
    parser.add_argument(
        "--average",
        type=float,
        default=0.95,
        help="of the weights that are judged, as `ednas search --average`; 0: the last weights",
    )
    parser.add_argument(
        "--keep",
        type=lambda text: [int(share) for share in text.split(",")],
        default=[2, 3, 4],
        help="one in so many goes on",
    )
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=1, help="networks trained at a time")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder of the journals")
    parser.set_defaults(controller="random")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for seed in range(arguments.seeds):
        report(seed, curves(arguments, seed), arguments)


if __name__ == "__main__":
    main()
