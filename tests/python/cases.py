"""The folders of test cases that the checks read."""

import json

import numpy as np

TYPES = {"f32": "<f4", "i8": "i1", "u8": "u1", "i32": "<i4", "i64": "<i8"}


def folders(root, model):
    """The cases that have a file called `model`, by name."""
    return [folder for folder in sorted(root.iterdir()) if (folder / model).exists()]


def load(folder):
    return json.loads((folder / "case.json").read_text())


def elements(folder, tensor):
    data = np.fromfile(folder / tensor["file"], dtype=TYPES[tensor["dtype"]])
    return data.reshape(tensor["shape"])


def difference(found, expected):
    """Shape and type must agree; the largest difference and the share of equal elements."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        raise SystemExit(
            f"found {found.dtype} {found.shape}, expected {expected.dtype} {expected.shape}"
        )
    gap = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    return {"max": float(gap.max()), "equal": float((gap == 0).mean())}


def report(case, how, measured):
    print(json.dumps({"case": case, "how": how, **measured}), flush=True)
