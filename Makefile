# One word each. `make demo` and `make test` work on a fresh clone: they make .venv themselves.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml

.PHONY: help venv demo test check bench lock clean
help: ## show these words
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' Makefile

venv: $(VENV)/.demo ## make .venv with what the demo needs

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gatehouse needs Python 3.11 or newer: set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: install it (Debian, Ubuntu: apt-get install python3-venv) and run make again."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python requirements/demo.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/demo.txt
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo ## sandbox and bot together; prints one URL to open
	@$(BIN)/python bot.py demo

# Three workers for two cores: stories wait for real processes, and others can work meanwhile. They start dozens
# of those, so what Python compiled once is kept, whatever the environment says.
test: $(VENV)/.dev ## all tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )) --dist worksteal

check: $(VENV)/.dev ## format, lint, types, floors, dead code, requirement sets
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vulture
	@$(BIN)/python requirements/verify.py

bench: $(VENV)/.dev ## benchmarks, as ratios against a baseline in the same run; some minutes
	@for script in bench/*.py; do $(BIN)/python -m bench.$$(basename $$script .py) || exit 1; done

lock: $(VENV)/.dev ## compile requirements/*.txt anew from pyproject.toml
	@$(LOCK) --output-file requirements/base.txt
	@$(LOCK) --extra demo --output-file requirements/demo.txt
	@$(LOCK) --extra demo --extra dev --output-file requirements/dev.txt

clean: ## remove .venv and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache
