#!/usr/bin/env bash
# Checks that this machine can build and train, before anything is downloaded.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Wheels 0.55 GB, unpacked 0.55 GB, test packages 0.8 GB, cargo's target folder about 3 GB.
DISK_GB_MIN=6

check_platform() {
    on_linux_x86_64 && return
    [ -n "${LIBTORCH:-}" ] && return
    die "$(uname -s) on $(uname -m) is not a platform this set-up knows (it knows Linux on x86_64)." \
        "Everything but training builds here with: cargo build" \
        "To train, install libtorch 2.11.0 yourself and set LIBTORCH to its folder."
}

check_tools() {
    command -v cargo >/dev/null ||
        die "cargo is missing." "Install Rust with rustup, then open a new shell."
    command -v make >/dev/null || die "make is missing." "On Debian or Ubuntu: apt install make"
    command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null ||
        die "a C++ compiler is missing." "On Debian or Ubuntu: apt install g++"
}

check_python() {
    command -v python3 >/dev/null ||
        die "python3 is missing." "On Debian or Ubuntu: apt install python3 python3-venv"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        die "Python 3.10 or newer is needed, this is $(python3 --version 2>&1)."
    python3 -c 'import venv, ensurepip' 2>/dev/null ||
        die "Python's venv module is missing." "On Debian or Ubuntu: apt install python3-venv"
}

check_disk() {
    local free_kb
    free_kb="$(df -Pk "$ROOT" | awk 'NR == 2 { print $4 }')"
    [ "$free_kb" -ge $((DISK_GB_MIN * 1000 * 1000)) ] ||
        die "$DISK_GB_MIN GB of free disk are needed, $ROOT has $((free_kb / 1000 / 1000)) GB."
}

check_platform
check_tools
check_python
[ -e "$ROOT/.libtorch" ] || check_disk
