"""Jobs and the seats that have them done.

A seat is a thread that keeps one actor. It takes a job only when its actor is there and has a
worker, so that jobs go where there is room, and a lost node costs its seats nothing but the wait for
another place. Whoever holds a job answers it, or puts it back: no job is answered twice.
"""

import dataclasses
import queue
import threading
import time

import ray

from .actor import Trainer

# How long a seat waits before it looks for another place, in seconds.
PAUSE_S = 1.0
# How long the first worker may wait for a node, in seconds: clusters grow.
PLACE_S = 600


@dataclasses.dataclass(frozen=True)
class Needs:
    """What one worker takes of a node, and what one job may take."""

    threads: int
    gpus: float
    # Seconds and MiB of one job; None for any.
    limits: tuple[float | None, int | None]
    binary: str | None
    # Where paths of jobs begin; the nodes share it.
    folder: str

    def actor(self):
        """A new actor with these resources; Ray places it when there is room."""
        remote = ray.remote(Trainer).options(
            num_cpus=self.threads,
            num_gpus=self.gpus,
            max_restarts=0,
            scheduling_strategy="SPREAD",
        )
        return remote.remote(self.binary, self.threads, self.limits, self.folder)

    def __str__(self):
        return f"{self.threads} CPUs and {self.gpus:g} GPUs"

    def room(self, nodes):
        """How many workers the living ones of `nodes` have room for."""
        return sum(self._room(node["Resources"]) for node in nodes if node["Alive"])

    def _room(self, resources):
        room = resources.get("CPU", 0) // self.threads
        if self.gpus > 0:
            room = min(room, resources.get("GPU", 0) // self.gpus)
        return int(room)


@dataclasses.dataclass(order=True)
class Job:
    """A job on its way; the oldest goes first, wherever it has been."""

    number: int
    line: str
    attempt: int = 1


class Fleet:
    """So many seats, and the jobs that wait for one."""

    def __init__(self, needs, seats, retries, tell):
        self.needs = needs
        self.retries = retries
        self.tell = tell
        self.waiting = queue.PriorityQueue()
        self.ready = threading.Event()
        self.problem = None
        for _ in range(seats):
            threading.Thread(target=self._seat, daemon=True).start()

    def put(self, number, line):
        """Has a job done; its events are told."""
        self.waiting.put(Job(number, line))

    def wait(self):
        """Waits for the first seat; why there will be none, if so."""
        if not self.ready.wait(PLACE_S):
            return f"no node had {self.needs} within {PLACE_S} s"
        return self.problem

    def _seat(self):
        while True:
            try:
                self._serve(self.needs.actor())
            except ray.exceptions.RayError as error:
                self._lament(error)
            time.sleep(PAUSE_S)

    def _serve(self, actor):
        """Has jobs done by `actor` until it is lost."""
        if not self._is_fit(actor):
            return
        while True:
            job = self.waiting.get()
            if not self._is_fit(actor):
                self.waiting.put(job)
                return
            if not self._do(actor, job):
                return

    def _is_fit(self, actor):
        """Whether the actor is there and has a worker."""
        try:
            problem = ray.get(actor.problem.remote())
        except ray.exceptions.RayError as error:
            self._lament(error)
            return False
        if problem is not None:
            self._lament(problem)
            ray.kill(actor)
            return False
        self.ready.set()
        return True

    def _do(self, actor, job):
        """Has one job done; whether the actor is still there."""
        try:
            for event in actor.train.options(num_returns="streaming").remote(job.number, job.line):
                event = ray.get(event)
                if event["event"] == "died":
                    self._again(job, event["reason"])
                else:
                    self._tell(job, event)
            return True
        except ray.exceptions.RayError as error:
            self._again(job, f"its node was lost: {first_line(error)}")
            return False

    def _tell(self, job, event):
        if event["event"] == "started" and job.attempt > 1:
            event["attempt"] = job.attempt
        self.tell(event)

    def _again(self, job, reason):
        if job.attempt <= self.retries:
            self.waiting.put(dataclasses.replace(job, attempt=job.attempt + 1))
        else:
            reason = f"ednas-train ended in the middle of the job, {job.attempt} times ({reason})"
            self.tell({"event": "failed", "id": job.number, "reason": reason})

    def _lament(self, problem):
        """Keeps why a seat has no worker: fatal before the first one has."""
        if not self.ready.is_set():
            self.problem = first_line(problem)
            self.ready.set()


def first_line(error):
    """What an error says, without its call stack."""
    return str(error).strip().split("\n", 1)[0]
