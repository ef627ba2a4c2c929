# The cabin's commands for people who build and run it. Every target makes its own virtual environment from requirements.lock.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEOPLE ?= 20000
DEMO ?= demo

.PHONY: help setup demo test lint types imports check bench nightly soak lock clean

help: ## Show what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: $(VENV)/.installed ## Make the virtual environment from the lock file

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked packages into $(VENV) (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## Run the main job on an invented district (PEOPLE=20000 DEMO=demo)
	@$(BIN)/cabin demo --people $(PEOPLE) --folder $(DEMO)

test: setup ## Pass every test
	@$(BIN)/python -m pytest

lint: setup ## Look for faults of style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## Check all types, strictly
	@$(BIN)/mypy

imports: setup ## Check that imports point down
	@$(BIN)/lint-imports

check: lint types imports ## All checks that need no running

bench: setup ## Measure speed and memory at full district size; writes .bench/report.md (takes some minutes)
	@$(BIN)/python -m tests.bench

nightly: setup ## The laws on at least 10,000 cases each, every failure of every write, and 100 kills of a publisher
	@CABIN_TEST_PROFILE=nightly $(BIN)/python -m pytest tests/laws tests/faults

soak: setup ## Let a million rows flow under 500 faults; writes .soak/report.md (takes hours)
	@$(BIN)/python -m tests.faults.soak

lock: ## Resolve the dependencies anew (needs uv)
	@uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" --quiet --output-file requirements.lock

clean: ## Remove the virtual environment, caches and the demo's data
	@rm -rf $(VENV) $(DEMO) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
