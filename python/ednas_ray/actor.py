"""The actor: one worker process on whatever node Ray places it."""

import os
import shutil

from .child import Child, Died, Refused

# Where the worker's binary is on a node, where nobody says it.
BINARY_VARIABLE = "EDNAS_TRAIN"


class Trainer:
    """Owns one `ednas-train`, and has it do one job at a time.

    What it says is events, as dictionaries. Beside those of the protocol there is `died`: the worker
    ended, and the job may be tried elsewhere.
    """

    def __init__(self, binary, threads, limits, folder):
        self.binary = binary
        self.threads = threads
        self.limits = limits
        self.folder = folder
        self.child = None

    def problem(self):
        """Why there is no worker here; None when one is ready."""
        try:
            self._worker()
        except Died as error:
            return str(error)
        return None

    def train(self, job, line):
        """The events of a job until its last."""
        try:
            yield from self._worker().events(job, line, *self.limits)
        except (Died, Refused) as error:
            self._close()
            event = "died" if isinstance(error, Died) else "failed"
            yield {"event": event, "id": job, "reason": str(error)}

    def _worker(self):
        if self.child is None or not self.child.is_alive():
            self._close()
            self.child = Child(self._find(), self.threads, self.folder)
        return self.child

    def _find(self):
        wanted = self.binary or os.environ.get(BINARY_VARIABLE) or "ednas-train"
        found = shutil.which(wanted)
        if found is None:
            raise Died(
                f"{wanted} is not on the node {os.uname().nodename}; put it into its PATH, or set "
                f"{BINARY_VARIABLE} there"
            )
        return found

    def _close(self):
        if self.child is not None:
            self.child.close()
            self.child = None
