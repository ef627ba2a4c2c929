# The cabin's commands for people who build and run it. Every target makes its own virtual environment from requirements.lock.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SPARK := .venv-spark
PEOPLE ?= 20000
DEMO ?= demo

.PHONY: help setup demo test test-spark lint types imports evolution check bench nightly soak lock clean

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

$(SPARK)/.installed: requirements-spark.lock pyproject.toml
	@test -x $(SPARK)/bin/python || $(PYTHON) -m venv $(SPARK)
	@echo "installing Apache Spark and the locked packages into $(SPARK) (some minutes, 900 MB)"
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@$(SPARK)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

test-spark: $(SPARK)/.installed ## Run every mart and golden statement on Apache Spark and compare all rows with DuckDB's (needs Java 17; takes minutes)
	@$(SPARK)/bin/python -m pytest --override-ini addopts="--strict-markers --import-mode=importlib" -rA tests/spark

lint: setup ## Look for faults of style, for SQL that would mean something else on Spark, and for suites that are not what the contracts give
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/python -m warehouse.spark && $(BIN)/cabin quality suites --check

types: setup ## Check all types, strictly
	@$(BIN)/mypy

imports: setup ## Check that imports point down
	@$(BIN)/lint-imports

evolution: setup ## Check that versions of contracts tell of every change since the merge base
	@BIN=$(BIN) .ci/evolution

check: lint types imports evolution ## All checks that need no running

bench: setup ## Measure speed and memory at full district size; writes .bench/report.md (takes some minutes)
	@$(BIN)/python -m tests.bench

nightly: setup ## The laws on at least 10,000 cases each, every failure of every write, and 100 kills of a publisher
	@CABIN_TEST_PROFILE=nightly $(BIN)/python -m pytest tests/laws tests/faults

soak: setup ## Let a million rows flow under 500 faults; writes .soak/report.md (takes hours)
	@$(BIN)/python -m tests.faults.soak

EXTRAS := $(addprefix --extra ,kafka gateway quality export report dev)
LOCKING := --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --custom-compile-command "make lock" --quiet
lock: ## Resolve the dependencies anew (needs uv); Spark's lie in a file of their own, in the versions of the others
	@uv pip compile pyproject.toml $(EXTRAS) $(LOCKING) --output-file requirements.lock
	@uv pip compile pyproject.toml tests/spark/requirements.in --extra spark --constraints requirements.lock $(LOCKING) --output-file requirements-spark.lock

clean: ## Remove the virtual environment, caches and the demo's data
	@rm -rf $(VENV) $(SPARK) $(DEMO) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
