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
    # The health of nodes is looked at often enough for a test.
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}

from ray.cluster_utils import Cluster  # noqa: E402

NODE = {"num_cpus": 1, "object_store_memory": 80 << 20, "node_ip_address": "127.0.0.1"}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    head = NODE | {"include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    second = cluster.add_node(**NODE)
    cluster.wait_for_nodes()
    print(cluster.address, file=answers, flush=True)
    for _ in sys.stdin:
        for processes in second.all_processes.values():
            for process in processes:
                os.kill(process.process.pid, signal.SIGKILL)
        print("lost", file=answers, flush=True)
    cluster.shutdown()


main()
