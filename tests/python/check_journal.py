"""Checks that Optuna loads a study journal and sees in it what the search recorded.

Usage: check_journal.py JOURNAL EXPECTED, where EXPECTED is a JSON file:

    {"directions": ["MAXIMIZE"], "metric_names": ["reward"], "user_attrs": {...}, "best_trials": [3],
     "trials": [{"state": "COMPLETE", "params": {...}, "distributions": {"block01.kind": {...}},
                 "values": [1.5] or null, "intermediate_values": {"10": 0.5}, "user_attrs": {...}}, ...]}

Prints one line and exits 0, or names the first difference and exits 1.
"""

import json
import pathlib
import shutil
import sys
import tempfile
import warnings

import optuna
from optuna.distributions import distribution_to_json


def check(what, found, expected):
    if found != expected or type(found) is not type(expected):
        sys.exit(f"{what}: Optuna reads {found!r}, the search recorded {expected!r}")


def check_trial(trial, wanted):
    name = f"trial {trial.number}"
    check(f"{name}, state", trial.state.name, wanted["state"])
    check(f"{name}, values", trial.values, wanted["values"])
    check(f"{name}, parameters", trial.params, wanted["params"])
    distributions = {k: json.loads(distribution_to_json(d)) for k, d in trial.distributions.items()}
    check(f"{name}, distributions", distributions, wanted["distributions"])
    for parameter, distribution in trial.distributions.items():
        inside = distribution._contains(distribution.to_internal_repr(trial.params[parameter]))
        check(f"{name}, {parameter} is of its distribution", inside, True)
    on_the_way = {str(step): value for step, value in trial.intermediate_values.items()}
    check(f"{name}, intermediate values", on_the_way, wanted["intermediate_values"])
    check(f"{name}, attributes", trial.user_attrs, wanted["user_attrs"])
    finished = trial.state.is_finished()
    check(f"{name}, has an end", trial.datetime_complete is not None, finished)
    if finished:
        check(f"{name}, ends after its start", trial.datetime_start <= trial.datetime_complete, True)


def main(journal, expected_path):
    expected = json.loads(pathlib.Path(expected_path).read_text())
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # Whatever Optuna warns of in a journal would be a defect of the journal.
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        # A copy: loading must not touch the journal of a running search.
        copy = shutil.copy(journal, folder)
        backend = optuna.storages.journal.JournalFileBackend(copy)
        study = optuna.load_study(study_name="ednas", storage=optuna.storages.JournalStorage(backend))
        check("directions", [d.name for d in study.directions], expected["directions"])
        check("metric names", study.metric_names, expected["metric_names"])
        check("study attributes", study.user_attrs, expected["user_attrs"])
        check("number of trials", len(study.trials), len(expected["trials"]))
        for trial, wanted in zip(study.trials, expected["trials"]):
            check_trial(trial, wanted)
        best = [study.best_trial.number] if len(study.directions) == 1 else [t.number for t in study.best_trials]
        check("best trials", sorted(best), sorted(expected["best_trials"]))
        # Optuna must also be able to go on from here: ask for a trial with the same parameters.
        distributions = dict(study.trials[0].distributions)
        check("parameters of a new trial", set(study.ask(distributions).params), set(distributions))
    print(f"optuna {optuna.__version__} reads {len(expected['trials'])} trials as recorded")


if __name__ == "__main__":
    main(*sys.argv[1:])
