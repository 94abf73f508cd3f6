# `make` alone prints this help. Every target works in a fresh clone: python3 (>= 3.11) with venv, make and git.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 8000
DEMO_DATA ?= data
DEMO_SERVE ?= 1
FUZZ_SECONDS ?= 600
export OMP_WAIT_POLICY ?= passive

.PHONY: help setup demo test unit fuzz check lint types fmt bench eval docs serve clean

help: ## print this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## create .venv and install everything, pinned by constraints.txt
$(STAMP): pyproject.toml constraints.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt hatchling editables
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	touch $@

demo: setup ## ingest demo/, answer three sample questions, serve http://127.0.0.1:8000 (DEMO_SERVE=0 stops before)
	$(BIN)/kg ingest demo --source demo --text full --data $(DEMO_DATA)
	@echo; echo '== Wer hilft beim Recycling von Kunststoffen?'
	$(BIN)/kg experts 'Wer hilft beim Recycling von Kunststoffen?' --limit 3 --data $(DEMO_DATA)
	@echo; echo '== who supports start-ups that look for investors?'
	$(BIN)/kg search 'who supports start-ups that look for investors?' --limit 3 --data $(DEMO_DATA)
	@echo; echo '== Which maps and actor databases do the clusters run? (SPARQL)'
	$(BIN)/kg sparql ontology/queries/q01-actor-maps.rq --format csv --data $(DEMO_DATA)
	@if [ '$(DEMO_SERVE)' != '0' ]; then $(BIN)/kg serve --port $(PORT) --data $(DEMO_DATA); fi

test: setup ## run every test
	$(BIN)/pytest -n 2 --dist worksteal -m 'not alone'
	$(BIN)/pytest -m alone

unit: setup ## the fast tests: no model, no browser, no real documents
	$(BIN)/pytest -q -n 2 -m 'not slow and not model and not shared and not browser'

fuzz: setup ## break files of every kind for ten minutes (FUZZ_SECONDS=…) and read them
	KG_FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/pytest tests/ingest/test_fuzz.py

check: setup lint types test ## lint, types, architecture and tests: what must be green

lint: setup ## style and architecture contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: setup ## mypy strict
	$(BIN)/mypy

fmt: setup ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## the budget table of docs/architecture.md; FULL=1 for the large sizes
	@failed=0; $(BIN)/python benchmarks/bench.py $(if $(FULL),--full) || failed=1; \
	$(if $(FULL),$(BIN)/python -m benchmarks.triples || failed=1;) exit $$failed

eval: setup ## how well names are linked, statements found, files read and questions answered (the first run takes in 13 154 records: half an hour)
	@failed=0; for part in linking statements parsing retrieval; do $(BIN)/python -m benchmarks.$$part eval || failed=1; done; exit $$failed

docs: setup ## write docs/reference/ anew from the code
	$(BIN)/python docs/reference.py

serve: setup ## serve ./data
	$(BIN)/kg serve --port $(PORT)

clean: ## remove what was built; data/ stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
