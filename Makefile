# The tasks of the project. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
PORT ?= 4566
IDENTITY_PROVIDER ?= None
CONTAINERS ?= no
SECONDS ?= 60
PICTURES ?= 2000
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help run deploy portraits events reference test sam-local-test lint format bench fuzz load build lock clean python

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/local ## Run the whole stack on this machine until Ctrl-C
	@python -m local run --port $(PORT) --identity-provider $(IDENTITY_PROVIDER) --containers $(CONTAINERS)

deploy: $(VENV)/local ## Update the running stack after a change
	@python -m local deploy --port $(PORT)

build: $(VENV)/local ## Pack the functions as they go to AWS
	@sam build --cached --parallel

portraits: $(VENV)/local ## Draw 200 portraits to try an import with
	@python -m local.portrait .headshot/portraits

events: $(VENV)/local ## Write events/ anew
	@PYTHONPATH=functions python -m local.events

reference: $(VENV)/local ## Write docs/headshot.md, the command's reference
	@PYTHONPATH=. typer headshot_cli.__main__ utils docs --name headshot --output docs/headshot.md

test: lint ## Run all checks and tests
	@python -m pytest

sam-local-test: $(VENV)/tests ## Run the functions in containers, where there is Docker
	@if docker version > /dev/null 2>&1; then \
		python -m pytest --numprocesses=0 -m containers tests/containers; \
	else echo "sam-local-test is skipped: no Docker engine answers (docker version)."; fi

lint: $(VENV)/tests ## Check style, types and the template
	@ruff check
	@ruff format --check
	@mypy
	@sam validate --lint

format: $(VENV)/tests ## Bring the code into the project's style
	@ruff check --fix
	@ruff format

bench: $(VENV)/bench ## Measure speed, memory and output beside what others do
	@PYTHONPATH=functions python -m bench

fuzz: $(VENV)/bench ## Look for files that imaging does not stand, for SECONDS
	@PYTHONPATH=functions python -m bench.fuzz $(SECONDS)

load: $(VENV)/tests ## Bring in PICTURES pictures, with faults on the way; then without, and time it
	@PICTURES=$(PICTURES) python -m pytest --numprocesses=0 tests/cli/test_whole_organisation.py
	@python -m bench.load $(PICTURES)

lock: $(VENV)/tests ## Pin the newest versions that fit together
	@for part in local tests bench; do \
		uv pip compile --quiet --upgrade --universal --python-version 3.11 --custom-compile-command "make lock" \
			$$part/requirements.in --output-file $$part/requirements.txt; \
	done

clean: ## Remove all that the other tasks made, the local stack's photos included
	rm -rf $(VENV) .aws-sam .headshot

# One stamp an environment, older than its pins when they have changed. That of the tests holds the local one's.
$(VENV)/local: local/requirements.txt pyproject.toml | python
	@$(PYTHON) local/bootstrap.py $(VENV) $<
	@touch $@

$(VENV)/tests: tests/requirements.txt local/requirements.txt pyproject.toml | python
	@$(PYTHON) local/bootstrap.py $(VENV) $<
	@touch $@ $(VENV)/local

$(VENV)/bench: bench/requirements.txt tests/requirements.txt local/requirements.txt pyproject.toml | python
	@$(PYTHON) local/bootstrap.py $(VENV) $<
	@touch $@ $(VENV)/tests $(VENV)/local

python:
	@command -v $(PYTHON) > /dev/null || { echo "Headshot needs Python 3.11 or newer, and there is no $(PYTHON)." >&2; exit 1; }
