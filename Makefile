# Two commands are enough: `make run` and `make test`. Each sets up what it needs and is quick the second time.
.PHONY: help run test check bench schema conformance setup
.DEFAULT_GOAL := help

BIN := .venv/bin

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

run: setup ## Run everything here, marked as a demonstration; the data lies in .data
	@COACHWATTS_DATA_DIR=$${COACHWATTS_DATA_DIR:-$(CURDIR)/.data} exec $(BIN)/coachwatts up --demo

test: setup ## Run all tests on all cores; ARGS="-k word" narrows them
	@$(BIN)/pytest -n auto $(ARGS)

check: setup ## Format, lint, types, layers, house rules, schema drift
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_layout.py
	$(BIN)/coachwatts schema --check

bench: setup ## Measure; prints a table and writes tests/benchmarks/results/latest.json
	@$(BIN)/python -m tests.benchmarks $(ARGS)

schema: setup ## Write schema.graphql from the code
	@$(BIN)/coachwatts schema --write

conformance: setup ## Audit the GraphQL edge with public suites and clients (needs Node)
	@tests/conformance/run

setup:
	@sh scripts/setup
