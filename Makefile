# Every target sets up what it needs first; see scripts/env.
.DEFAULT_GOAL := help
.PHONY: help up test lint nightly bench fuzz types clean check-format check-lint check-types check-floors check-spelling check-tests

BIN := .venv/bin
KEEP_GOING := $(MAKE) --no-print-directory --keep-going

# folders count once they hold something, programs in scripts/ by their first line
WITH_PYTHON = $(foreach folder,$(1),$(if $(shell find $(folder) -name '*.py' -print -quit 2>/dev/null),$(folder)))
PROGRAMS := $(shell grep -lsE '^\#!.*python' scripts/*)
CHECKED := $(call WITH_PYTHON,src tests scripts benchmarks examples) $(PROGRAMS)
# as a module scripts/types would hide the standard library's `types` from the checker
TYPED := $(call WITH_PYTHON,src scripts benchmarks examples) $(filter-out scripts/types,$(PROGRAMS))
PROSE := $(wildcard *.md docs examples benchmarks scripts src tests requirements/*.in Makefile)

FUZZ_SECONDS ?= 10

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

up: ## start masugata; flags go into ARGS: make up ARGS="--ephemeral --port 4567"
	@scripts/env run
	@exec $(BIN)/masugata up $(ARGS)

test: ## format, lint, types, floors, spelling and tests; PYTEST_ARGS for pytest
	@scripts/env dev
	@$(KEEP_GOING) check-format check-lint check-types check-floors check-spelling check-tests

lint: ## the same without the tests
	@scripts/env dev
	@$(KEEP_GOING) check-format check-lint check-types check-floors check-spelling

nightly: ## everything that takes long: nightly tests, many Hypothesis examples, long fuzzing, auditors
	@scripts/env dev
	@for auditor in cloudsplaining prowler; do scripts/env peer $$auditor || echo "!! without $$auditor"; done
	ROUND_TRIP_SEED=$${ROUND_TRIP_SEED:-$$(date +%Y%m%d)} \
		$(BIN)/python -m pytest -n 2 --dist loadgroup -q --hypothesis-profile=nightly $(PYTEST_ARGS)
	scripts/fuzz --total 3600

bench: ## run the benchmarks, side by side with their peers; BENCH=name for one
	@scripts/env dev
	@for benchmark in $(wildcard benchmarks/$(or $(BENCH),[!_]*).py); do \
		echo "== $$benchmark" && $(BIN)/python "$$benchmark" || exit 1; done

fuzz: ## run every fuzz target for FUZZ_SECONDS (10); FUZZ_ARGS for scripts/fuzz
	@scripts/env dev
	@scripts/fuzz --each $(FUZZ_SECONDS) $(FUZZ_ARGS)

types: ## generate typings/ again
	@scripts/env dev
	scripts/types

clean: ## remove what was made: environments, typings, caches, builds
	rm -rf .venv .venv-* .fuzz typings dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	find src tests scripts benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

check-format:
	$(BIN)/ruff format --check $(CHECKED)

check-lint:
	$(BIN)/ruff check $(CHECKED)

check-types:
	$(BIN)/mypy --scripts-are-modules $(TYPED)

check-floors:
	$(BIN)/lint-imports --no-logo

check-spelling:
	$(BIN)/codespell $(PROSE)

check-tests:
	$(BIN)/python -m pytest -n 2 -q -m "not nightly" $(PYTEST_ARGS)
