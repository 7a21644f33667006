"""Checks that Optuna loads a study journal and sees in it what the search recorded.

Usage: check_journal.py JOURNAL EXPECTED, where EXPECTED is a JSON file:

    {"user_attrs": {...}, "best_trial": 3,
     "trials": [{"state": "COMPLETE", "params": {...}, "choices": {"block01.kind": [...]},
                 "value": 1.5 or null, "user_attrs": {...}}, ...]}

Prints one line and exits 0, or names the first difference and exits 1.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import optuna


def check(what, found, expected):
    if found != expected or type(found) is not type(expected):
        sys.exit(f"{what}: Optuna reads {found!r}, the search recorded {expected!r}")


def main(journal, expected_path):
    expected = json.loads(pathlib.Path(expected_path).read_text())
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        # A copy: loading must not touch the journal of a running search.
        copy = shutil.copy(journal, folder)
        backend = optuna.storages.journal.JournalFileBackend(copy)
        study = optuna.load_study(study_name="ednas", storage=optuna.storages.JournalStorage(backend))
        check("direction", study.direction.name, "MAXIMIZE")
        check("study attributes", study.user_attrs, expected["user_attrs"])
        check("number of trials", len(study.trials), len(expected["trials"]))
        for trial, wanted in zip(study.trials, expected["trials"]):
            name = f"trial {trial.number}"
            check(f"{name}, state", trial.state.name, wanted["state"])
            check(f"{name}, value", trial.value, wanted["value"])
            check(f"{name}, parameters", trial.params, wanted["params"])
            choices = {k: list(d.choices) for k, d in trial.distributions.items()}
            check(f"{name}, distributions", choices, wanted["choices"])
            check(f"{name}, attributes", trial.user_attrs, wanted["user_attrs"])
            check(f"{name}, has a start", trial.datetime_start is not None, True)
            finished = trial.state.is_finished()
            check(f"{name}, has an end", trial.datetime_complete is not None, finished)
        if expected["best_trial"] is not None:
            check("best trial", study.best_trial.number, expected["best_trial"])
        # Optuna must also be able to go on from here: ask for a trial with the same parameters.
        distributions = dict(study.trials[0].distributions)
        check("parameters of a new trial", set(study.ask(distributions).params), set(distributions))
    print(f"optuna {optuna.__version__} reads {len(expected['trials'])} trials as recorded")


if __name__ == "__main__":
    main(*sys.argv[1:])
