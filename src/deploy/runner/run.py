"""Runs model_int8.tflite with LiteRT on the golden inputs: every output must be the golden one."""
import json
from pathlib import Path
import numpy as np
from ai_edge_litert.interpreter import Interpreter

here = Path(__file__).parent
bundle = json.loads((here / "bundle.json").read_text())
run = Interpreter(str(here / "model_int8.tflite"), num_threads=1).get_signature_runner("serving_default")
results = run(**{tensor["name"]: np.load(here / tensor["golden"]) for tensor in bundle["inputs"]})
for tensor in bundle["outputs"]:
    stored = results[tensor["name"]]
    equal = (stored == np.load(here / tensor["golden"])).mean()
    print(f"{tensor['name']}: {100 * equal:.4g} % of the elements are the golden ones")
    assert equal == 1, f"{tensor['name']} is not the golden output"
    if tensor["scale"] is not None:  # the reals that the integers stand for
        reals = tensor["scale"] * (stored.astype(np.float32) - tensor["zero_point"])
        if tensor["task"] == "normals":  # raw vectors become unit normals
            reals /= np.maximum(np.linalg.norm(reals, axis=-1, keepdims=True), 1e-6)
