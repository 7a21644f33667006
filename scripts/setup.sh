#!/usr/bin/env bash
# Makes a fresh clone ready: checks the machine, then makes .venv and .libtorch. With "test" as
# the argument, also installs what the tests compare with. Run it again at any time: what is
# done is skipped, what was interrupted goes on.
set -eu
HERE="$(dirname "${BASH_SOURCE[0]}")"
. "$HERE/common.sh"

"$HERE/check.sh"
"$HERE/venv.sh" "${1:-}"
"$HERE/libtorch.sh"
say "set-up: ready ($(elapsed))"
