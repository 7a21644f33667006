"""Proposals per second of PyGlove and Optuna on the EDNAS space, beside those of ednas.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install pyglove optuna
    cargo bench --no-default-features --bench search
    /tmp/peers/bin/python benches/search_peers.py

Every library proposes 63 decisions (16 blocks x operator, kernel, multiplier, expansion; the first
block has no expansion), is told a value that costs nothing to compute, and keeps its trials in
memory. Rates are per second of processor time, so that a busy machine matters less.
"""

import time

import optuna
import pyglove as pg

OPTIONS = {"operator": 2, "kernel": 2, "multiplier": 4, "expansion": 2}
TRIALS = {"pyglove": 300, "optuna": 1500}


def decisions():
    """Name and number of choices of every decision."""
    for block in range(1, 17):
        for option, count in OPTIONS.items():
            if block > 1 or option != "expansion":
                yield f"block{block:02}_{option}", count


def report(name, trials, seconds, repeated):
    """One line of the table."""
    print(f"{name:42} {trials / seconds:10.1f} proposals/s, {repeated / trials:6.1%} proposed before")


def pyglove(name, algorithm):
    """Samples a space through `pg.sample`, as its users do."""
    space = pg.Dict({name: pg.oneof(list(range(count))) for name, count in decisions()})
    seen, repeated = set(), 0
    began = time.process_time()
    for found, feedback in pg.sample(space, algorithm, TRIALS["pyglove"]):
        genome = tuple(found.values())
        repeated += genome in seen
        seen.add(genome)
        feedback(float(sum(genome)))
    report(name, TRIALS["pyglove"], time.process_time() - began, repeated)


def run_optuna(name, sampler, directions):
    """Asks and tells a study in memory."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=sampler, directions=directions)
    seen, repeated = set(), 0
    began = time.process_time()
    for _ in range(TRIALS["optuna"]):
        trial = study.ask()
        genome = tuple(trial.suggest_int(name, 0, count - 1) for name, count in decisions())
        repeated += genome in seen
        seen.add(genome)
        study.tell(trial, [float(sum(genome)), float(-genome[0])][: len(directions)])
    report(name, TRIALS["optuna"], time.process_time() - began, repeated)


def main():
    print(f"PyGlove {pg.__version__}, Optuna {optuna.__version__}")
    pyglove(
        "PyGlove regularized_evolution (100, 25)",
        pg.evolution.regularized_evolution(population_size=100, tournament_size=25, seed=1),
    )
    pyglove("PyGlove Random", pg.geno.Random(seed=1))
    run_optuna("Optuna RandomSampler", optuna.samplers.RandomSampler(seed=1), ["maximize"])
    run_optuna(
        "Optuna NSGAIISampler (100)",
        optuna.samplers.NSGAIISampler(population_size=100, seed=1),
        ["maximize", "minimize"],
    )


if __name__ == "__main__":
    main()
