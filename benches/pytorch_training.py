"""Training images/s of the network `mt-edge`: `ednas train` beside PyTorch, in alternating pairs.

    make build && pip install torch==2.11.0
    python benches/pytorch_training.py --pairs 9 [--threads 2] [--batch 8] [--size 128]

The same network, losses, optimizer, threads and libtorch. Ours draws as many `scenes` as a batch has,
once, mirrors them and makes its batches meanwhile; PyTorch reads one batch of noise over and over. Each
run of a pair is a process of its own, and the order within pairs alternates. Without `--pairs` only
PyTorch is run; `--nchw` is its default memory layout instead of channels last.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time

import torch
import torch.nn.functional as F
from torch import nn

BLOCKS = [  # repeats, kernel, stride, expansion, filters of EfficientNet-B0
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
]
TAPS = {5, 11, 16}  # the blocks whose results feed the pyramid
WIDTH = 96
CELLS = 4
TASKS = {"segmentation": 19, "depth": 1, "normals": 3}


def conv_bn(c_in, c_out, kernel=1, stride=1, groups=1, bias=False):
    conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=bias)
    return nn.Sequential(conv, nn.BatchNorm2d(c_out, eps=1e-3))


def separable(c_in, c_out):
    depthwise = nn.Conv2d(c_in, c_in, 3, 1, 1, groups=c_in, bias=False)
    return nn.Sequential(depthwise, conv_bn(c_in, c_out))


class Block(nn.Module):
    """Inverted bottleneck."""

    def __init__(self, c_in, c_out, kernel, stride, expansion):
        super().__init__()
        mid = c_in * expansion
        expand = [conv_bn(c_in, mid), nn.ReLU6()] if expansion > 1 else []
        depthwise = conv_bn(mid, mid, kernel, stride, groups=mid)
        self.body = nn.Sequential(*expand, depthwise, nn.ReLU6(), conv_bn(mid, c_out))
        self.skip = stride == 1 and c_in == c_out

    def forward(self, x):
        y = self.body(x)
        return x + y if self.skip else y


class Cell(nn.Module):
    """One BiFPN cell over five levels, fused by sums."""

    def __init__(self):
        super().__init__()
        self.nodes = nn.ModuleList(separable(WIDTH, WIDTH) for _ in range(8))

    def forward(self, p):
        up = lambda x: F.interpolate(x, scale_factor=2, mode="nearest")
        down = lambda x: F.max_pool2d(x, 3, 2, 1)
        node = lambda i, *xs: self.nodes[i](F.relu6(sum(xs)))
        p3, p4, p5, p6, p7 = p
        m6 = node(0, p6, up(p7))
        m5 = node(1, p5, up(m6))
        m4 = node(2, p4, up(m5))
        o3 = node(3, p3, up(m4))
        o4 = node(4, p4, m4, down(o3))
        o5 = node(5, p5, m5, down(o4))
        o6 = node(6, p6, m6, down(o5))
        o7 = node(7, p7, down(o6))
        return o3, o4, o5, o6, o7


class MtEdge(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv_bn(3, 32, 3, 2), nn.ReLU6())
        blocks, c_in, taps = [], 32, []
        for repeats, kernel, stride, expansion, filters in BLOCKS:
            for i in range(repeats):
                blocks.append(Block(c_in, filters, kernel, stride if i == 0 else 1, expansion))
                c_in = filters
                if len(blocks) in TAPS:
                    taps.append(c_in)
        self.blocks = nn.ModuleList(blocks)
        self.laterals = nn.ModuleList(conv_bn(c, WIDTH, bias=True) for c in [*taps, taps[-1]])
        self.cells = nn.ModuleList(Cell() for _ in range(CELLS))
        self.heads = nn.ModuleDict()
        for task, channels in TASKS.items():
            body = [separable(WIDTH, WIDTH), nn.ReLU6(), separable(WIDTH, WIDTH), nn.ReLU6()]
            self.heads[task] = nn.Sequential(*body, nn.Conv2d(WIDTH, channels, 1))

    def forward(self, x):
        x = self.stem(x)
        taps = []
        for i, block in enumerate(self.blocks, start=1):
            x = block(x)
            if i in TAPS:
                taps.append(x)
        p3, p4, p5 = (lateral(tap) for lateral, tap in zip(self.laterals, taps))
        p6 = F.max_pool2d(self.laterals[3](taps[-1]), 3, 2, 1)
        p = (p3, p4, p5, p6, F.max_pool2d(p6, 3, 2, 1))
        for cell in self.cells:
            p = cell(p)
        resize = lambda y: F.interpolate(y, scale_factor=8, mode="bilinear", align_corners=False)
        return {task: resize(head(p[0])) for task, head in self.heads.items()}


def loss_of(out, truth):
    labels, depth, normals = truth
    segmentation = F.cross_entropy(out["segmentation"], labels, ignore_index=255)
    mask = depth > 3e-5
    error = (out["depth"] - depth).abs()[mask]
    depth_loss = error.mean() + 0.1 * (error / depth[mask]).mean()
    cosine = F.cosine_similarity(out["normals"], normals, dim=1)
    return segmentation + 20 * depth_loss + 3 * (1 - cosine.mean())


def pytorch(args):
    """Images/s, and the number of parameters."""
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    layout = torch.contiguous_format if args.nchw else torch.channels_last
    model = MtEdge().to(memory_format=layout)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    image = torch.randn(args.batch, 3, args.size, args.size).to(memory_format=layout)
    labels = torch.randint(0, 19, (args.batch, args.size, args.size))
    depth = torch.rand(args.batch, 1, args.size, args.size) * 0.49
    normals = F.normalize(torch.randn(args.batch, 3, args.size, args.size), dim=1)

    def step():
        optimizer.zero_grad()
        loss = loss_of(model(image), (labels, depth, normals))
        loss.backward()
        optimizer.step()
        return loss.item()

    start = time.perf_counter()
    for _ in range(args.steps):
        step()
    seconds = time.perf_counter() - start
    if args.profile:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as prof:
            step()
        table = prof.key_averages().table(sort_by="self_cpu_time_total", row_limit=25)
        print(table, file=sys.stderr)
    return args.steps * args.batch / seconds, sum(p.numel() for p in model.parameters())


def options(args):
    """What both sides are told."""
    told = {"threads": args.threads, "batch": args.batch, "size": args.size, "steps": args.steps}
    return [word for name, value in told.items() for word in (f"--{name}", str(value))]


def ours(args):
    """Images/s of the steps of `ednas train`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [args.ednas, "train", "mt-edge", "-o", f"{folder}/a.safetensors", "--json"]
        command += options(args)
        command += ["--train-samples", str(args.batch), "--validation-samples", "1"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)["images_per_s"]


def peer(args):
    """Images/s of PyTorch in a process of its own."""
    command = [sys.executable, __file__, *options(args), *(["--nchw"] if args.nchw else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)["images_per_s"]


def compare(args):
    ratios = []
    for pair in range(args.pairs):
        runs = [ours, peer] if pair % 2 == 0 else [peer, ours]
        speeds = {run: run(args) for run in runs}
        ratios.append(speeds[ours] / speeds[peer])
        print(f"{pair}: {speeds[ours]:.1f} to {speeds[peer]:.1f} images/s, {ratios[-1]:.3f}", flush=True)
    ratios.sort()
    print(f"median {statistics.median(ratios):.3f}")
    if len(ratios) >= 4:
        # The second from both ends hold the median of 9 with 96 % (the binomial distribution).
        print(f"{ratios[1]:.3f} to {ratios[-2]:.3f} without the ends")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=40, help="of each run, the first included")
    parser.add_argument("--nchw", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--pairs", type=int, default=0)
    parser.add_argument("--ednas", default="target/release/ednas")
    args = parser.parse_args()
    if args.pairs:
        return compare(args)
    speed, parameters = pytorch(args)
    print(json.dumps({"torch": torch.__version__, "images_per_s": speed, "parameters": parameters}))


if __name__ == "__main__":
    main()
