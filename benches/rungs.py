"""What rungs are worth on `scenes`: the reward that a third of the training steps reaches.

    make build
    python3 benches/rungs.py --output /tmp/rungs

A single search with rungs shows a single order of its networks. Here a random search trains all of
them to the end and reads them at every rung; then searches are followed through random orders of
these networks. `whole` trains the first two thirds of an order to the end. The others may spend a
third of its steps on the same order: the rule of `--rungs`, which may see more networks than `whole`
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
        *["--trials", str(arguments.trials), "--average", str(arguments.average)],
    ]
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


def halved(order, rungs, keep, promotes, workers, budget):
    """Networks seen, steps and best reward of the rule of docs/cheaper-searching.md, where only the
    best at each rung go on. The leg that would exceed the budget of steps is not run."""
    trials, coming, continued = [], iter(order), set()
    networks, steps, best = 0, 0, 0.0
    while True:
        seen = [sorted_at(rung, trials[: max(0, len(trials) - workers + 1)]) for rung in range(len(keep))]
        due = [
            number
            for there, share in zip(reversed(seen), reversed(keep))
            for _, number, is_stopped in there[: len(there) // share]
            if promotes and is_stopped and number not in continued
        ]
        if due:
            continued.add(due[0])
            curve, first = trials[due[0]]["curve"], trials[due[0]]["last"] + 1
        else:
            curve, first = next(coming, None), 0
            if curve is None:
                return networks, steps, best
            networks += 1
        trial = {"curve": curve, "first": first, "last": first - 1, "is_stopped": False}
        trials.append(trial)
        for rung in range(first, len(rungs)):
            leg = rungs[rung] - (rungs[rung - 1] if rung else 0)
            if steps + leg > budget:
                return networks, steps, best
            steps += leg
            trial["last"] = rung
            if rung + 1 == len(rungs):
                best = max(best, curve[rung])
                break
            go_on = (len(seen[rung]) + 1) // keep[rung]
            passes = curve[rung] >= seen[rung][go_on - 1][0] if go_on else not promotes
            if not passes:
                trial["is_stopped"] = True
                break


def sorted_at(rung, trials):
    """Value, number, and whether it went no further, of the trials that reached a rung; best first."""
    there = [
        (trial["curve"][rung], number, trial["is_stopped"] and trial["last"] == rung)
        for number, trial in enumerate(trials)
        if trial["first"] <= rung <= trial["last"]
    ]
    return sorted(there, key=lambda entry: -entry[0])


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
    for promotes in [False, True]:
        for text in arguments.keep:
            keep = [int(share.removeprefix("1/")) for share in text.split(",")]
            keep = keep * (len(rungs) - 1) if len(keep) == 1 else keep
            outcomes[f"--keep {text}{' --promote' * promotes}"] = [
                halved(order, rungs, keep, promotes, arguments.workers, budget) for order in orders
            ]
    print(f"  {'':24} {'networks':>8} {'steps':>7} {'reward':>7} {'no less':>8}")
    for name, searches in outcomes.items():
        networks, steps, rewards = zip(*searches)
        steps = statistics.mean(steps) / (whole * rungs[-1])
        reward = statistics.mean(rewards) / statistics.mean(winners)
        no_less = statistics.mean(map(float.__ge__, rewards, winners))
        print(f"  {name:24} {statistics.mean(networks):8.1f} {steps:7.1%} {reward:7.1%} {no_less:8.1%}")


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
        nargs="+",
        default=["1/2", "1/3", "1/4", "1/2,1/4"],
        help="as `ednas search --keep`; each is followed with and without --promote",
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
