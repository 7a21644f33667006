"""Reads training jobs on standard input and has them done by a Ray cluster.

It speaks `ednas.worker/1`, several jobs at a time. `ednas` starts it, and it ends when its input
does; the actors and their workers end with it.
"""

import argparse
import json
import os
import socket
import sys
import threading

import ray
import ray.cloudpickle

from . import PROTOCOL, actor, child
from .fleet import Fleet, Needs

# How long the cluster may take to answer, in seconds.
CONNECT_S = 10


def arguments():
    parser = argparse.ArgumentParser(prog="ednas_ray", description=__doc__)
    parser.add_argument("--address", required=True, help="the cluster: HOST:PORT, or auto")
    parser.add_argument("--workers", type=int, help="jobs at a time [default: what there is room for]")
    parser.add_argument("--threads", type=int, default=1, help="CPUs of each worker")
    parser.add_argument("--gpus", type=float, default=0.0, help="GPUs of each worker, or a part of one")
    parser.add_argument("--retries", type=int, default=1, help="tries after a worker or node is lost")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="of one job")
    parser.add_argument("--memory-limit", type=int, metavar="MIB", help="of one worker")
    parser.add_argument("--binary", help="ednas-train on the nodes [default: EDNAS_TRAIN, or in PATH]")
    return parser.parse_args()


def main():
    args = arguments()
    # What libraries print must not get among the events.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if problem := unreachable(args.address):
        sys.exit(f"no Ray cluster at {args.address}: {problem}")
    try:
        ray.init(address=args.address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        sys.exit(f"no Ray cluster at {args.address}: {error}")
    # Nodes need no more than Ray and ednas-train.
    for module in (actor, child):
        ray.cloudpickle.register_pickle_by_value(module)
    limits = (args.time_limit, args.memory_limit)
    needs = Needs(args.threads, args.gpus, limits, args.binary, os.getcwd())
    # A cluster that grows has no room yet; how many there will be, only the user knows.
    seats = args.workers or needs.room(ray.nodes())
    if seats == 0:
        sys.exit(f"no node has {needs}")
    serve(needs, seats, args.retries, answers)


def unreachable(address):
    """Why nobody listens at HOST:PORT, if so. Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if not (host and port.isdigit()):
        return None
    try:
        socket.create_connection((host, int(port)), CONNECT_S).close()
    except OSError as error:
        return str(error)
    return None


def serve(needs, seats, retries, answers):
    """Serves the jobs of standard input until it ends."""
    lock = threading.Lock()

    def tell(event):
        with lock:
            print(json.dumps(event), file=answers, flush=True)

    fleet = Fleet(needs, seats, retries, tell)
    if problem := fleet.wait():
        sys.exit(problem)
    tell({"event": "ready", "protocol": PROTOCOL, "jobs": seats})
    for line in sys.stdin:
        if line.strip():
            put(fleet, line.strip(), tell)
    # Seats may be waiting for a cluster that is gone; nothing is left to be said.
    os._exit(0)


def put(fleet, line, tell):
    try:
        number = json.loads(line)["id"]
    except (ValueError, TypeError, KeyError) as error:
        tell({"event": "failed", "id": None, "reason": f"not a job of {PROTOCOL}: {error!r}"})
    else:
        fleet.put(number, line)


if __name__ == "__main__":
    main()
