# Two commands are enough: `make serve` and `make test`. Each makes the environment first, in .venv.
PYTHON ?= python3
ADDR   ?= 127.0.0.1
PORT   ?= 8000
JOBS   ?= auto
RESOLUTION ?= lowest-direct
ARGS   ?=

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.made

export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env serve build test versions test-hostile mutations lint format changelog schema pictures bench engines measures clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "  with PYTHON=$(PYTHON) ADDR=$(ADDR) PORT=$(PORT) JOBS=$(JOBS), and ARGS= for pytest or the benchmarks"

env: $(STAMP) ## Make the environment in .venv

# A half-made environment never gets the stamp, and is made anew.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "roundbook needs Python 3.11 or newer; $(PYTHON) is older, or is not there." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "$(PYTHON) cannot make a virtual environment (on Debian: install python3-venv)." >&2; exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

serve: $(STAMP) ## Serve the site and reload it on every change
	$(BIN)/mkdocs serve --dev-addr $(ADDR):$(PORT)

build: $(STAMP) ## Build the site into site/; a warning is an error
	$(BIN)/mkdocs build --strict

test: lint ## Pass all checks and tests
	$(BIN)/pytest -n $(JOBS) $(ARGS)

versions: ## Pass the tests with the lowest versions of the dependencies; RESOLUTION=highest for the newest
	$(PYTHON) -m venv --clear .cache/versions
	.cache/versions/bin/python -m pip install -qq --disable-pip-version-check uv
	.cache/versions/bin/uv pip compile -q --resolution $(RESOLUTION) pyproject.toml -o .cache/versions/versions.txt
	.cache/versions/bin/uv pip install -q -p .cache/versions -c .cache/versions/versions.txt -e '.[test]'
	.cache/versions/bin/pytest -n $(JOBS) -m 'not browser' $(ARGS)

test-hostile: $(STAMP) ## Print for each case of hostile input and of stress whether it is held
	$(BIN)/python tests/hostile/run.py $(ARGS)

mutations: $(STAMP) ## Switch each defence off in turn, and name the test that then fails
	$(BIN)/python tests/hostile/mutations.py $(ARGS)

lint: $(STAMP) ## Check style, types, layers and the form of the rounds
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/roundbook fmt --check

format: $(STAMP) ## Rewrite the Python files and the rounds in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/roundbook fmt

changelog: $(STAMP) ## Write CHANGELOG.md anew from the rounds
	$(BIN)/roundbook changelog --write CHANGELOG.md

schema: $(STAMP) ## Write the JSON Schemas of round files and settings anew
	@mkdir -p build
	$(BIN)/roundbook schema > build/round.schema.json
	$(BIN)/roundbook schema --settings > build/settings.schema.json
	mv build/*.schema.json hooks/roundbook/schema/

pictures: $(STAMP) ## Take the pictures of the README and the documentation; needs Chromium
	$(BIN)/python docs/pictures.py $(ARGS)

bench: $(STAMP) ## Measure the speed
	$(BIN)/python -m benchmarks $(ARGS)

engines: $(STAMP) ## Build with other engines and beside other plugins, and follow every link; installs them in .cache
	$(BIN)/python -m benchmarks.engines $(ARGS)

measures: $(STAMP) ## Count modules, lines and names, beside what is aimed at
	$(BIN)/python benchmarks/measures.py

clean: ## Remove the environment and everything that was made
	rm -rf $(VENV) site build dist .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
