"""A worker that trains nothing: it answers jobs in no time, and misbehaves when told to.

Usage: fake_worker.py, speaking `ednas.worker/1`. What a job's network is called decides what is
done with it: a word of MISBEHAVIOR, or `ok`, and after a colon how many seconds that takes. Every
job that is begun leaves a line in the file beside its checkpoint (`.begun`).
"""

import json
import os
import signal
import sys
import time

METRICS = {
    "seg": ["mIoU", "PAcc"],
    "depth": ["AbsE", "RelE"],
    "normals": ["MeanE", "t11", "t22", "t30"],
}


def tell(event):
    print(json.dumps(event), flush=True)


def done(job):
    training = job["training"]
    scores = [name for task in training["tasks"] for name in METRICS[task]]
    steps = training["recipe"]["steps"]
    return {
        "event": "done",
        "id": job["id"],
        "steps": min(job.get("stop_at", steps), steps),
        "losses": {},
        "scores": {name: 1.0 + training["seed"] for name in scores},
        "images_per_s": 100.0,
        "checkpoint": job["checkpoint"],
    }


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def half(job):
    """A line that death cuts off."""
    sys.stdout.write(json.dumps(done(job))[:30])
    sys.stdout.flush()
    die()


def die_once(job):
    if begun(job) == 1:
        print("Segmentation fault", file=sys.stderr, flush=True)
        die()
    tell(done(job))


def closed(job):
    os.close(1)
    time.sleep(60)


def hog(job):
    held = bytearray(400 << 20)
    time.sleep(60)
    return held


MISBEHAVIOR = {
    "garbage": lambda job: print("Epoch 1: loss 0.5", flush=True),
    "bytes": lambda job: (sys.stdout.buffer.write(b"\xff\xfe\n"), sys.stdout.flush()),
    "endless": lambda job: (sys.stdout.write("x" * (3 << 20)), sys.stdout.flush(), time.sleep(60)),
    "nan": lambda job: tell(done(job) | {"scores": {"AbsE": float("nan"), "RelE": 0.5}}),
    "null": lambda job: tell(done(job) | {"scores": {"AbsE": None, "RelE": 0.5}}),
    "huge": lambda job: print(json.dumps(done(job)).replace("100.0", "1e999"), flush=True),
    "unscored": lambda job: tell(done(job) | {"scores": {}}),
    "short": lambda job: tell(done(job) | {"steps": 1}),
    "unknown": lambda job: tell(done(job) | {"id": 77}),
    "again": lambda job: tell({"event": "ready", "protocol": "ednas.worker/1"}),
    "twice": lambda job: (tell(done(job)), tell(done(job) | {"images_per_s": 1.0})),
    "hang": lambda job: time.sleep(60),
    "close": closed,
    "die": lambda job: die(),
    "exit": lambda job: sys.exit("no space left on device"),
    "die-once": die_once,
    "half": half,
    "hog": hog,
    "fail": lambda job: tell({"event": "failed", "id": job["id"], "reason": "the loss is NaN"}),
    "refuse": lambda job: tell({"event": "failed", "id": None, "reason": "unknown field"}),
    "ok": lambda job: tell(done(job)),
}


def begun(job):
    """Counts the attempts at a job, this one included."""
    with open(job["checkpoint"] + ".begun", "a+") as file:
        file.write(f"{os.getpid()}\n")
        file.seek(0)
        return len(file.readlines())


def main():
    tell({"event": "ready", "protocol": "ednas.worker/1"})
    for line in sys.stdin:
        job = json.loads(line)
        word, _, seconds = job["training"]["network"].partition(":")
        if word != "die-once":
            begun(job)
        tell({"event": "started", "id": job["id"], "step": 0})
        time.sleep(float(seconds or 0))
        MISBEHAVIOR[word](job)


main()
