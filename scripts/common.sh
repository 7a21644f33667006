# Shared by the set-up scripts: how they speak, and where the repository is.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"

say() { printf '%s\n' "$*" >&2; }

# Ends the set-up: what is wrong, then what to do about it.
die() {
    say "set-up: $1"
    shift
    for hint in "$@"; do say "  $hint"; done
    exit 2
}

# Seconds since this shell started, as people read them.
elapsed() { printf '%d min %02d s' $((SECONDS / 60)) $((SECONDS % 60)); }

on_linux_x86_64() { [ "$(uname -s)" = Linux ] && [ "$(uname -m)" = x86_64 ]; }
