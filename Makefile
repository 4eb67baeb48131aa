# `make` lists the targets. SHOPWISE_HOME (default .shopwise) is the folder of the shop's data; PYTHON the interpreter.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PACKAGES := assistant retriever ranker eval ui
SOURCES := $(shell find $(PACKAGES) tests -name '*.py' 2>/dev/null) pyproject.toml
# Options of the command behind a target: make test ARGS="-k cart", make serve ARGS="--port 8080".
ARGS ?=
# Processes the tests run in, each with one thread for its arithmetic; 0: none beside pytest's own, as for --pdb.
WORKERS ?= 2
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --cov --cov-report=

.PHONY: help setup setup-dev demo chat serve test check bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what Shopwise runs with into .venv (resumes where it was interrupted)
	@sh scripts/setup.sh

setup-dev: ## the same, with the test and check tools
	@sh scripts/setup.sh dev

demo: setup ## the demo store: records, indexes, model and web app; prints the address
	@$(BIN)/shopwise demo $(ARGS)

chat: setup ## talk to the assistant in the terminal
	@$(BIN)/shopwise chat $(ARGS)

serve: setup ## web app and API over the shop in SHOPWISE_HOME
	@$(BIN)/shopwise serve $(ARGS)

test: setup-dev ## all tests, with coverage
	$(PYTEST) $(ARGS)

check: setup-dev .coverage ## format, lint, types, import contracts, coverage floor
	$(BIN)/ruff format --check .
	@# --no-cache: how imports sort depends on which files exist, which the cache does not notice
	$(BIN)/ruff check --no-cache .
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/coverage report

# The coverage of the last `make test`; where the sources are newer, of the tests that need no model and no browser.
.coverage: $(SOURCES)
	$(PYTEST) -m "not model and not browser"

bench: setup-dev ## the benchmarks
	$(BIN)/python -m benchmarks $(ARGS)

lock: setup-dev ## write requirements/*.txt again after a change of dependencies
	$(BIN)/python scripts/lock.py

clean: ## remove the environment, caches and the demo store's data (SHOPWISE_HOME elsewhere is left alone)
	rm -rf .venv .shopwise .setup.lock .coverage .coverage.* .pytest_cache .ruff_cache .import_linter_cache htmlcov build dist *.egg-info
	find $(PACKAGES) tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +
