# Everything that this project does on a machine. Needs Python >= 3.11, make and a package registry; `make` lists the targets.

# The first of these that is new enough makes the virtual environment; name another with `make PYTHON=...`.
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)

VENV := .venv
BIN := $(VENV)/bin

# Stamp files: what a lock file asks for is installed once, and again only after that file changed.
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev

# How many processes share the tests; each takes whole files and starts services of its own. 0 is one process, as `python -m pytest` is.
# Two for each core, as many tests wait for a time-out or a repeat.
PROCESSES ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

# The tests start many processes, each of which would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

##@ Use it
.PHONY: demo serve
demo: $(RUNTIME) ## take payments against the sandbox, show what became of them, and end
	@$(BIN)/sycee demo

serve: $(RUNTIME) ## the same service, left running: `sycee dev`
	@exec $(BIN)/sycee dev

##@ Work on it
.PHONY: setup test crash peers check simulate bench format
setup: $(DEV) ## install everything, pinned by hash, into .venv
	@echo "Ready: $$($(BIN)/python --version), $(BIN)"

test: $(DEV) ## all tests but those of `make crash` and `make peers`, the fast ones first
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

crash: $(DEV) ## the service killed before and behind each of its steps, again and again: minutes
	@$(BIN)/python -m pytest -m everywhere --numprocesses $(PROCESSES) --dist load tests/e2e/crash

peers: $(DEV) ## the sandbox before other makers' libraries of the gateways, which are downloaded
	@$(BIN)/python -m pytest -m downloads tests/integration

check: $(DEV) ## format, lint, types, import rules, contract, generated code: changes nothing
	@$(BIN)/python -m scripts.check

format: $(DEV) ## format the Python and the protos, and fix what ruff can fix
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .
	@$(BIN)/buf format --write protos

simulate: $(DEV) ## a thousand seeded runs with crashes and a bad line, in virtual time
	@$(BIN)/python -m tests.simulation

bench: $(DEV) ## measure speed, as ratios within one run
	@$(BIN)/python -m benchmarks

##@ The contract
.PHONY: generate export baseline
generate: $(DEV) ## Python from protos/ into generated/, and the tables of docs/errors.md
	@$(BIN)/python -m scripts.generate
	@$(BIN)/python -m scripts.errors_table

export: $(DEV) ## the protos with their imports as a zip and an image in dist/, for any language
	@$(BIN)/python -m scripts.export

baseline: $(DEV) ## on a release: the image that later protos must stay compatible with
	@$(BIN)/python -m scripts.export --baseline

##@ Release
.PHONY: lock wheel clean
lock: $(DEV) ## resolve the dependencies anew into requirements/*.txt
	@$(BIN)/python -m scripts.lock

wheel: $(DEV) ## build the wheel into dist/
	@$(BIN)/python -m hatchling build --target wheel

clean: ## remove everything that was made here but .sycee/
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo

$(VENV)/bin/python:
	@$(or $(PYTHON),false) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "No Python 3.11 or newer with venv$(if $(PYTHON), in $(PYTHON)). Install one (on Debian: python3 and python3-venv)"; \
		echo "or say where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the service needs (about a minute, once)"
	@$(BIN)/python scripts/install.py requirements/build.txt
	@$(BIN)/python scripts/install.py requirements/runtime.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	@echo "Installing what building and testing it needs (about a minute, once)"
	@$(BIN)/python scripts/install.py requirements/dev.txt
	@touch $@
