# Geobuk's front door. `make demo` and `make test` set up everything they need from the lock file.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not ((3,11) <= sys.version_info[:2] <= (3,13)))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup demo test check judges bench soak clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP)  ## make .venv from the lock file

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Geobuk needs Python 3.11, 3.12 or 3.13 on the PATH: install one, or name it: make setup PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) comes without venv: install it (Debian: apt-get install python3-venv) and run make again"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $(STAMP)

demo: setup  ## a whole run on embedded synthetic markets: summary here, report in a file
	@$(BIN)/geobuk demo

test: setup  ## lint, format, types, layer contracts, then every test
	@scripts/check all

check: setup  ## the same, with the unit tests only: for the minutes between edits
	@scripts/check quick

judges: setup  ## the clients that other people wrote for the venue, in an environment of their own
	@$(BIN)/python benchmarks/rivals_env.py clients

bench: setup  ## measure against the rivals (in an environment of their own); writes benchmarks/latest.json
	@$(BIN)/python benchmarks/run.py

soak: setup  ## many thousand examples of each law, thousands of kills, and an hour of trading with flat memory
	@HYPOTHESIS_PROFILE=soak $(BIN)/pytest -q -n 2 --timeout 3600 tests/property tests/chaos
	@$(BIN)/python benchmarks/soak.py

clean:  ## remove what can be made again; leaves .venv
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache out
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
