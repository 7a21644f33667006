"""What cheaper evaluations save and cost on `scenes`: reward reached, per step of training.

    make build
    python3 benches/cheaper.py --seeds 3 --output /tmp/cheaper

Every search has the same space, controller, goal and data. `full` trains every network for all of
`--steps`; `rungs` and `predictor` spend about a third of its steps. `short` is the control: the first
third of `full`. Networks are trained to the end in all of them, so that rewards are of one kind; only those of
`inherit` are not, whose children are trained for a quarter of the steps from their parent's weights.
Searches that are done are not done again: the same command goes on.
"""

import argparse
import json
import pathlib
import subprocess


def variants(trials, steps):
    """Options of `ednas search` by name."""
    third, more = trials // 3, trials * 7 // 6
    rungs = ["--rungs", f"{steps // 9},{steps // 3},{steps}", "--keep", "1/3"]
    whole = ["--steps", str(steps)]
    predictor = ["--predictor"]
    return {
        "full": [*whole, "--trials", str(trials)],
        "short": [*whole, "--trials", str(third)],
        "rungs": [*rungs, "--trials", str(more)],
        "predictor": [*whole, *predictor, "--trials", str(third)],
        "rungs + predictor": [*rungs, *predictor, "--trials", str(more)],
        "inherit": [*whole, "--inherit", "--trials", str(trials)],
    }


def search(arguments, options, name, seed):
    """The `ednas.search/1` record."""
    journal = arguments.output / f"{name.replace(' ', '')}-{seed}.journal"
    command = [
        *[arguments.ednas, "search", "--json", "--evaluator", "train"],
        *["--size", "128", "--space", arguments.space, "--controller", arguments.controller],
        *["--seed", str(seed), "--journal", str(journal), "--workers", str(arguments.workers)],
        *["--average", str(arguments.average)],
    ]
    if arguments.controller == "evolution":
        command += ["--population", "9", "--tournament", "3"]
    done = subprocess.run([*command, *options], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def mean(values):
    return sum(values) / len(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ednas", default="target/release/ednas")
    parser.add_argument("--trials", type=int, default=36, help="of the full search")
    parser.add_argument("--steps", type=int, default=90, help="of a whole training")
    parser.add_argument("--average", type=float, default=0.95, help="of the weights that are judged")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--controller",
        default="evolution",
        help="random proposes the same networks to all but the predictor",
    )
    parser.add_argument("--space", default="ednas")
    parser.add_argument("--workers", type=int, default=1, help="networks trained at a time")
    parser.add_argument("--only", help="the variants, separated by commas")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="folder of the journals")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    chosen = variants(arguments.trials, arguments.steps)
    if arguments.only:
        chosen = {name: chosen[name] for name in arguments.only.split(",")}

    full = {}
    print(f"{'search':18} {'seed':>4} {'trials':>6} {'steps':>6} {'of full':>7} {'reward':>8} {'of full':>7}")
    shares = {name: [] for name in chosen}
    for seed in range(arguments.seeds):
        for name, options in chosen.items():
            found = search(arguments, options, name, seed)
            steps, reward = found["training"]["steps"], found["best"]["values"][0]
            if name == "full":
                full[seed] = (steps, reward)
            share = (steps / full[seed][0], reward / full[seed][1])
            shares[name].append(share)
            predictor = found["training"]["predictor"]
            tau = predictor and predictor["rank_correlation"]
            note = f"  tau {tau:.2f}" if tau is not None else ""
            print(
                f"{name:18} {seed:4} {found['trials']:6} {steps:6} {share[0]:7.1%} "
                f"{reward:8.4f} {share[1]:7.1%}{note}",
                flush=True,
            )
    for name, pairs in shares.items():
        steps, rewards = zip(*pairs)
        print(f"{name:18} mean {'':13} {mean(steps):7.1%} {'':8} {mean(rewards):7.1%}")


if __name__ == "__main__":
    main()
