# `make help` lists the targets.

.PHONY: help setup setup-test build demo test lint acceptance check-data bench

CARGO_FLAGS := --locked
# What `make demo` passes on: make demo ARGS="--trials 100 --budget 8h"
ARGS ?=
# How many random networks `make acceptance` asks for.
COUNT ?= 200
# A folder of reference tables and models, for `make check-data`.
DATA ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## check this machine, then make .venv and .libtorch (545 MB, 1 to 2 minutes)
	@scripts/setup.sh

setup-test: ## setup, and the Python packages that the tests compare with (390 MB)
	@scripts/setup.sh test

build: setup ## build both commands, ednas and ednas-train, optimized
	cargo build $(CARGO_FLAGS) --release --features train

demo: build ## search, train, quantize, export, validate and report, in 15 minutes
	target/release/ednas run $(ARGS)

test: setup-test ## run every test
	cargo test $(CARGO_FLAGS) --workspace --features train

lint: setup ## formatting and clippy, as CI asks for
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets --features train -- -D warnings

acceptance: setup-test ## export random networks, and have every runtime and compiler take them; goes on where it was stopped
	COUNT=$(COUNT) cargo test $(CARGO_FLAGS) --test acceptance -- --nocapture

check-data: ## compare with reference tables: make check-data DATA=DIR
	@test -n "$(DATA)" || { echo "say where the tables are: make check-data DATA=DIR" >&2; exit 2; }
	EDNAS_DATA="$(abspath $(DATA))" cargo test $(CARGO_FLAGS) --workspace --features train --test check-data

bench: ## measure rates and ratios
	cargo bench $(CARGO_FLAGS) --workspace
