"""Unpacks what training needs of the libtorch wheels: `unpack_libtorch.py WHEELS DEST`.

`DEST/lib` holds the CPU library and the four libraries it loads, `DEST/include` the C++ headers.
"""

import shutil
import sys
from pathlib import Path
from zipfile import ZipFile

LIBRARIES = {
    "torch/lib/libtorch_cpu.so",
    "torch/lib/libc10.so",
    "torch/lib/libgomp.so.1",
    "nvidia/cu13/lib/libcudart.so.13",
    "nvidia/cu13/lib/libcupti.so.13",
}
HEADERS = "torch/include/"


def destination(member: str) -> str | None:
    """Where a member of a wheel goes below DEST; None if it is not needed."""
    if member in LIBRARIES:
        return "lib/" + member.rsplit("/", 1)[1]
    if member.startswith(HEADERS) and not member.endswith("/"):
        return "include/" + member.removeprefix(HEADERS)
    return None


def main(wheels: Path, dest: Path) -> None:
    missing = set(LIBRARIES)
    for wheel in sorted(wheels.glob("*.whl")):
        with ZipFile(wheel) as archive:
            for member in archive.namelist():
                to = destination(member)
                if to is None:
                    continue
                path = dest / to
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, path.open("wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
                missing.discard(member)
    if missing:
        sys.exit(f"set-up: the wheels in {wheels} lack {', '.join(sorted(missing))}")


main(Path(sys.argv[1]), Path(sys.argv[2]))
