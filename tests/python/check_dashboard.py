"""Asks optuna-dashboard over HTTP for a study that is being written, until it shows all trials.

Usage: check_dashboard.py JOURNAL COUNT

Prints one line and exits 0, or says what the dashboard does not show and exits 1.
"""

import json
import sys
import threading
import time
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

import optuna
import optuna_dashboard

PATIENCE_S = 240


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def main(journal, count):
    count = int(count)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(journal))
    # Any free port of this machine alone.
    server = make_server("127.0.0.1", 0, optuna_dashboard.wsgi(storage), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"

    def get(path):
        with urllib.request.urlopen(address + path, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    studies = get("/api/studies")["study_summaries"]
    if [s["study_name"] for s in studies] != ["ednas"]:
        sys.exit(f"the dashboard lists {studies}")
    shown, seen = [], set()
    end = time.monotonic() + PATIENCE_S
    while True:
        study = get(f"/api/studies/{studies[0]['study_id']}?after={len(shown)}")
        shown += [t for t in study["trials"] if t["state"] != "Running"] if not shown else study["trials"]
        seen.add(len(shown))
        if len(shown) >= count:
            break
        if time.monotonic() > end:
            sys.exit(f"after {PATIENCE_S} s the dashboard shows {len(shown)} trials of {count}")
        time.sleep(0.2)
    if [t["number"] for t in shown] != list(range(count)):
        sys.exit("the dashboard does not show every trial once")
    study = get(f"/api/studies/{studies[0]['study_id']}?after={count}")
    names = {p["name"] for p in study["union_search_space"]}
    if "clock.mhz" not in names or len(names) != 8:
        sys.exit(f"the dashboard shows the parameters {names}")
    if not study["best_trials"]:
        sys.exit("the dashboard shows no best trial")
    print(f"optuna-dashboard {optuna_dashboard.__version__} shows {count} trials, met at {len(seen)} different lengths")


if __name__ == "__main__":
    main(*sys.argv[1:])
