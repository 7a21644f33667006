#!/usr/bin/env bash
# Makes .venv, the Python environment of the set-up and the tests. With "test" as the argument,
# also installs the foreign runtimes and readers that the tests compare with.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

make_venv() {
    # A venv's scripts hold its own path, so it is made in place; one that was interrupted has no
    # pip that runs.
    ! "$VENV/bin/pip" --version >/dev/null 2>&1 || return 0
    say "set-up: making .venv (10 s)"
    rm -rf "$VENV"
    python3 -m venv "$VENV"
}

install_test_packages() {
    local wanted="$ROOT/scripts/requirements-test.txt" done_mark="$VENV/requirements-test.txt"
    cmp -s "$wanted" "$done_mark" && return
    say "set-up: installing the packages of scripts/requirements-test.txt (about 390 MB, 2 min)"
    "$VENV/bin/pip" install --disable-pip-version-check --quiet --only-binary :all: \
        --requirement "$wanted"
    cp "$wanted" "$done_mark.part"
    mv "$done_mark.part" "$done_mark"
}

make_venv
[ "${1:-}" != test ] || install_test_packages
