"""Starts a Ray cluster of two nodes on this machine, one worker's room each, and kills one when told.

Usage: ray_cluster.py FOLDER. Prints `ADDRESS` of the head once both nodes are there. A line on
standard input ends the second node without warning, as a power cut does, and prints `lost`; the
end of standard input ends the cluster.
"""

import os
import signal
import sys

os.makedirs(os.path.join(sys.argv[1], "ray"))
os.environ |= {
    # Sockets and logs; a name too long for a socket is refused.
    "RAY_TMPDIR": sys.argv[1],
    "RAY_USAGE_STATS_ENABLED": "0",
    # Keeps 127.0.0.1 as it is, on every system.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # The health of nodes is looked at often enough for a test; a busy machine answers late.
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "10000",
    "RAY_health_check_failure_threshold": "4",
}

from ray.cluster_utils import Cluster  # noqa: E402

import psutil  # noqa: E402  Ray's own, which is there once Ray is.

NODE = {"num_cpus": 1, "object_store_memory": 80 << 20, "node_ip_address": "127.0.0.1"}

# How long a node may take to start on a machine that has much else to do, in seconds.
START_S = 120


def kill(node):
    """Ends all processes of a node, the workers of its trials too."""
    roots = [psutil.Process(p.process.pid) for ps in node.all_processes.values() for p in ps]
    tree = [process for root in roots for process in [root, *root.children(recursive=True)]]
    for process in tree:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            pass


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    cluster = Cluster()
    cluster.add_node(wait=False, include_dashboard=False, **NODE)
    second = cluster.add_node(wait=False, **NODE)
    cluster.wait_for_nodes(timeout=START_S)
    print(cluster.address, file=answers, flush=True)
    for _ in sys.stdin:
        kill(second)
        print("lost", file=answers, flush=True)
    cluster.shutdown()


main()
