#!/usr/bin/env bash
# Makes .libtorch, the library that `ednas-train` trains with: the CPU part of PyTorch 2.11.0,
# taken from its Python wheel, with the two CUDA libraries that its CPU library names. Needs
# .venv. Wheels that have arrived are kept until .libtorch is whole, so a second start goes on.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

TORCH_VERSION=2.11.0
DEST="$ROOT/.libtorch"
PART="$ROOT/.libtorch.part"

# The wheels are unpacked, never imported: one and the same build serves every Python.
download() {
    "$VENV/bin/pip" download --disable-pip-version-check --quiet --progress-bar off --no-deps \
        --only-binary :all: --implementation cp --python-version 3.11 --abi cp311 --abi none \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 \
        --platform manylinux2014_x86_64 --dest "$PART/wheels" "$1"
}

unpack() {
    "$VENV/bin/python" "$ROOT/scripts/unpack_libtorch.py" "$PART/wheels" "$PART/libtorch"
    ln -s libtorch_cpu.so "$PART/libtorch/lib/libtorch.so"
    printf '%s\n' "$TORCH_VERSION" >"$PART/libtorch/build-version"
}

if [ -n "${LIBTORCH:-}" ]; then
    [ -e "$LIBTORCH/lib" ] && [ -e "$LIBTORCH/include" ] ||
        die "LIBTORCH is set to $LIBTORCH, which has no lib/ and include/." \
            "Point it at an unpacked libtorch $TORCH_VERSION, or unset it."
    say "set-up: using libtorch at $LIBTORCH, as LIBTORCH says"
    exit 0
fi
if [ "$(cat "$DEST/build-version" 2>/dev/null)" = "$TORCH_VERSION" ]; then
    exit 0
fi

say "set-up: downloading libtorch $TORCH_VERSION (545 MB, 1 min at 10 MB/s) and unpacking it (20 s)"
mkdir -p "$PART/wheels"
download "torch==$TORCH_VERSION"
download "nvidia-cuda-runtime==13.0.*"
download "nvidia-cuda-cupti==13.0.*"
rm -rf "$PART/libtorch"
unpack
rm -rf "$DEST"
mv "$PART/libtorch" "$DEST"
rm -rf "$PART"
