"""SCALE-Sim beside `ednas` on the same layers and machine: cycles, and cycles per second.

    pip install scalesim==3.0.0 numpy==1.26.4
    cargo build --release --no-default-features
    python benches/scalesim.py [--ednas target/release/ednas] [--side 32] [--dataflow ws]

Both are timed as whole processes. SCALE-Sim writes its traces, which it cannot be told not to do.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOPOLOGY = """Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
first, 34, 34, 3, 3, 3, 32, 2,
wide, 18, 18, 3, 3, 32, 64, 1,
point, 16, 16, 1, 1, 64, 96, 1,
deep, 9, 9, 3, 3, 96, 48, 2,
"""

CONFIG = """[general]
run_name = beside

[architecture_presets]
ArrayHeight: {side}
ArrayWidth: {side}
IfmapSramSzkB: 1024
FilterSramSzkB: 1024
OfmapSramSzkB: 1024
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Bandwidth: 10
Dataflow: {dataflow}
MemoryBanks: 1
ReadRequestBuffer: 32
WriteRequestBuffer: 32

[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2

[sparsity]
SparsitySupport: false
SparseRep: ellpack_block
OptimizedMapping: false
BlockSize: 8
RandomNumberGeneratorSeed: 40

[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""


def run(command):
    """Runs a command; its seconds and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds, done.stdout


def scalesim(folder, config, topology):
    """Cycles of every layer by SCALE-Sim, and its seconds."""
    layout = folder / "layout.csv"
    layout.write_text("".join(line + "\n" for line in ["Layer name,"] + ["x,"] * 4))
    code = (
        "import sys; from scalesim.scale_sim import scalesim as Sim\n"
        "sim = Sim(save_disk_space=True, verbose=False, config=sys.argv[1], topology=sys.argv[2],\n"
        "          layout=sys.argv[3], input_type_gemm=False)\n"
        "sim.run_scale(top_path=sys.argv[4])\n"
    )
    out = folder / "out"
    seconds, _ = run([sys.executable, "-c", code, str(config), str(topology), str(layout), str(out)])
    with open(next(out.rglob("COMPUTE_REPORT.csv"))) as file:
        rows = csv.DictReader(file, skipinitialspace=True)
        # SCALE-Sim prints the number of the last cycle, counted from 0.
        return [int(float(row["Total Cycles"])) + 1 for row in rows], seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ednas", default="target/release/ednas")
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--dataflow", choices=["os", "ws", "is"], default="ws")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config, topology, profile = folder / "beside.cfg", folder / "beside.csv", folder / "p.toml"
        config.write_text(CONFIG.format(side=args.side, dataflow=args.dataflow))
        topology.write_text(TOPOLOGY)
        theirs, their_seconds = scalesim(folder, config, topology)
        run([args.ednas, "profile", "import", str(config), "-o", str(profile)])
        base = [args.ednas, "estimate", str(topology), "--profile", str(profile), "--json"]
        print(f"{args.side} x {args.side} {args.dataflow}, {len(theirs)} layers")
        print(f"SCALE-Sim        {sum(theirs):>9} cycles {their_seconds:8.3f} s {sum(theirs) / their_seconds:12.0f} cycles/s")
        for speed in ["stepped", "fast"]:
            seconds, text = run(base + ["--speed", speed])
            layers = json.loads(text)["layers"]
            ours = [layer["cycles"] for layer in layers if layer["macs"]]
            if ours != theirs:
                sys.exit(f"cycles differ: {ours} and {theirs}")
            print(
                f"ednas {speed:<10} {sum(ours):>9} cycles {seconds:8.3f} s {sum(ours) / seconds:12.0f} cycles/s, "
                f"{their_seconds / seconds:.0f} times SCALE-Sim"
            )


if __name__ == "__main__":
    main()
