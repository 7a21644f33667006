"""What rungs are worth on `scenes`: the reward that a third of the training steps reaches.

    make build
    python3 benches/rungs.py --output /tmp/rungs

A single search with rungs shows a single order of its networks. Here a random search trains all of
them to the end and reads them at every rung; then searches are followed through random orders of
these networks. `whole` trains the first two thirds of an order to the end. The others may spend a
third of its steps on the same order: the rule of `--rungs`, which sees more networks than `whole`
does, and as the control `fewer`, which trains the first of them to the end. What is told is the
reward in percent of the winner of `whole`, and how often it is no less than that.
A search that is done is not done again: the same command goes on, with more `--trials` too.
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


def halved(order, rungs, keep, workers, budget):
    """Networks seen, steps and best reward of the rule of docs/cheaper-searching.md, where only the
    best at each rung go on. The leg that would exceed the budget of steps is not run."""
    reached = []
    steps, best = 0, 0.0
    for number, curve in enumerate(order):
        visible = reached[: max(0, number - workers + 1)]
        reached.append([])
        for rung, value in enumerate(curve):
            leg = rungs[rung] - (rungs[rung - 1] if rung else 0)
            if steps + leg > budget:
                return number, steps, best
            steps += leg
            reached[number].append(value)
            seen = sorted((other[rung] for other in visible if len(other) > rung), reverse=True)
            go_on = (len(seen) + 1) // keep
            if rung + 1 < len(rungs) and go_on and value < seen[go_on - 1]:
                break
        else:
            best = max(best, value)
    return len(order), steps, best


def kendall(a, b):
    pairs = [(i, j) for i in range(len(a)) for j in range(i)]
    signs = [(a[i] > a[j]) - (a[i] < a[j]) for i, j in pairs]
    others = [(b[i] > b[j]) - (b[i] < b[j]) for i, j in pairs]
    return sum(x * y for x, y in zip(signs, others)) / len(pairs)


def report(seed, networks, arguments):
    rungs, finals = arguments.rungs, [curve[-1] for curve in networks]
    print(f"seed {seed}: {len(networks)} networks, rewards {min(finals):.3f} to {max(finals):.3f}")
    for rung, steps in enumerate(rungs[:-1]):
        tau = kendall([curve[rung] for curve in networks], finals)
        print(f"  Kendall's tau between {steps} and {rungs[-1]} steps: {tau:.2f}")
    whole = len(networks) * 2 // 3
    budget = whole * rungs[-1] // 3
    draw = random.Random(seed)
    orders = [draw.sample(networks, len(networks)) for _ in range(arguments.orders)]
    winners = [max(curve[-1] for curve in order[:whole]) for order in orders]
    fewer = whole // 3
    outcomes = {"whole": [(whole, whole * rungs[-1], winner) for winner in winners]}
    outcomes["fewer"] = [
        (fewer, fewer * rungs[-1], max(curve[-1] for curve in order[:fewer])) for order in orders
    ]
    for keep in arguments.keep:
        outcomes[f"--keep 1/{keep}"] = [
            halved(order, rungs, keep, arguments.workers, budget) for order in orders
        ]
    print(f"  {'':10} {'networks':>8} {'steps':>7} {'reward':>7} {'no less':>8}")
    for name, searches in outcomes.items():
        networks, steps, rewards = zip(*searches)
        steps = statistics.mean(steps) / (whole * rungs[-1])
        reward = statistics.mean(rewards) / statistics.mean(winners)
        no_less = statistics.mean(map(float.__ge__, rewards, winners))
        print(f"  {name:10} {statistics.mean(networks):8.1f} {steps:7.1%} {reward:7.1%} {no_less:8.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ednas", default="target/release/ednas")
    parser.add_argument("--space", default="mobiledet")
    parser.add_argument("--trials", type=int, default=72)
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
        default=[2, 3, 4, 6],
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
