"""One `ednas-train` process, and the limits that it is held to."""

import collections
import json
import math
import os
import queue
import subprocess
import threading
import time

from . import PROTOCOL

# How often a wait looks at the limits, in seconds.
LOOK_S = 0.1
# How long a process may take to end, and its complaints to arrive, in seconds.
GRACE_S = 0.5
# The longest line, the lines that wait to be read, the last complaints that are kept.
LINE_BYTES = 1 << 20
LINES = 1024
COMPLAINTS = 4
# The longest part of its words that a message repeats.
QUOTED = 200
# As `ednas` starts its own workers: no spinning, and memory is kept between steps (bytes).
DEFAULTS = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_THRESHOLD_": "1073741824",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
}


class Died(Exception):
    """The worker is no more; another one may have more luck."""


class Refused(Exception):
    """The job has failed for good, and so will it elsewhere. Its worker has been killed."""


class Child:
    """A running worker; it is killed by `close`, and ends by itself when this process does."""

    def __init__(self, binary, threads, folder):
        settings = DEFAULTS | os.environ | {"OMP_NUM_THREADS": str(threads)}
        pipe = subprocess.PIPE
        try:
            self.process = subprocess.Popen(
                [binary], stdin=pipe, stdout=pipe, stderr=pipe, env=settings, cwd=folder
            )
        except OSError as error:
            raise Died(f"{binary} does not start in {folder}: {error}") from None
        self.answered = set()
        self.lines = queue.Queue(LINES)
        self.complaints = collections.deque(maxlen=COMPLAINTS)
        threading.Thread(target=self._read, daemon=True).start()
        self.complaining = threading.Thread(target=self._complain, daemon=True)
        self.complaining.start()
        self._expect_ready()

    def events(self, job, line, limit_s, limit_mib):
        """The events of job number `job`, which is `line`, in order, until the one that ends it."""
        end = None if limit_s is None else time.monotonic() + limit_s
        self._tell(line)
        while True:
            self._check(end, limit_s, limit_mib)
            try:
                said = self.lines.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if said is None:
                raise Died(self._last_words())
            event = understood(said)
            if event.get("id", job) in self.answered:
                # A second answer counts for nothing.
                continue
            if event.get("id") not in (job, None):
                raise nonsense(said, f"it never got a job {event['id']}")
            # A job that it could not read it refuses without its number.
            yield event | {"id": job}
            if event["event"] not in ("started", "progress"):
                self.answered.add(job)
                return

    def is_alive(self):
        """Whether the process has not ended."""
        return self.process.poll() is None

    def close(self):
        """Ends the process at once."""
        self.process.kill()
        self.process.wait()

    def _expect_ready(self):
        said = self.lines.get()
        if said is None:
            raise Died(self._last_words())
        try:
            protocol = json.loads(said).get("protocol")
        except (ValueError, AttributeError):
            protocol = None
        if protocol != PROTOCOL:
            self.close()
            raise Died(f"it said {said[:200]!r} at first, expected that it speaks {PROTOCOL}")

    def _tell(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise Died(self._last_words()) from None

    def _check(self, end, limit_s, limit_mib):
        if end is not None and time.monotonic() > end:
            raise Refused(f"not done within its {limit_s:g} s")
        if limit_mib is not None:
            used_mib = memory_peak_mib(self.process.pid)
            if used_mib is not None and used_mib > limit_mib:
                raise Refused(f"took {used_mib} MiB of memory, it may take {limit_mib} MiB")

    def _read(self):
        while True:
            line = self.process.stdout.readline(LINE_BYTES)
            if not line.endswith(b"\n") and len(line) < LINE_BYTES:
                # A line that was cut off says nothing.
                self.lines.put(None)
                return
            self.lines.put(line.decode(errors="replace").rstrip())

    def _complain(self):
        for line in self.process.stderr:
            if text := line.decode(errors="replace").strip():
                self.complaints.append(text[:300])

    def _last_words(self):
        try:
            code = self.process.wait(GRACE_S)
            ended = f"signal: {-code}" if code < 0 else f"exit status: {code}"
        except subprocess.TimeoutExpired:
            self.close()
            ended = "it closed its output and went on running"
        self.complaining.join(GRACE_S)
        return ": ".join(filter(None, [ended, " | ".join(self.complaints)]))


def understood(said):
    """The event that a line is; the coordinator judges what is in it."""
    try:
        event = json.loads(said, parse_constant=number, parse_float=number)
    except ValueError as error:
        raise nonsense(said, error) from None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        raise nonsense(said, "no event")
    return event


def number(text):
    """A finite number, which is all that JSON has."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a finite number")
    return value


def nonsense(said, problem):
    """The failure of a job whose worker said what the protocol does not know."""
    said = json.dumps(said[:QUOTED])
    return Refused(f"the worker does not keep to the protocol: it said {said} ({problem})")


def memory_peak_mib(pid):
    """The most memory that the process has held so far; None where the system does not say."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return -(-int(line.split()[1]) // 1024)
    except OSError:
        pass
    return None
