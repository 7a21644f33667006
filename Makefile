# `make help` lists the targets.

.PHONY: help setup setup-test

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## check this machine, then make .venv and .libtorch (545 MB, 1 to 2 minutes)
	@scripts/setup.sh

setup-test: ## setup, and the Python packages that the tests compare with (150 MB)
	@scripts/setup.sh test
