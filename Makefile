# The project's tasks. `make` without a target lists them.
PYTHON ?= python3
VENV := .venv
LINTERS := .venv-lint
PORT ?= 4566
IDENTITY_PROVIDER ?= None
CONTAINERS ?= no
SECONDS ?= 60
PICTURES ?= 2000
FAULTS_UPLOADS ?= 1000
FAULTS_CLIENTS ?= 50
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
# Without it, each start of the emulator, of a function and of a tool compiles all that it imports again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run deploy portraits events reference pictures test sam-local-test lint lint-style lint-types lint-template lint-functions lint-policies audit sbom format bench cost fuzz load faults build lock clean python

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/local ## Run the whole stack on this machine until Ctrl-C
	@python -m local run --port $(PORT) --identity-provider $(IDENTITY_PROVIDER) --containers $(CONTAINERS)

deploy: $(VENV)/local ## Update the running stack after a change
	@python -m local deploy --port $(PORT)

build: $(VENV)/local ## Build the functions and layers for AWS
	@sam build --cached --parallel

portraits: $(VENV)/local ## Draw 200 portraits for a trial import
	@python -m local.portrait .headshot/portraits

events: $(VENV)/local ## Regenerate events/
	@PYTHONPATH=functions python -m local.events

reference: $(VENV)/local ## Write docs/headshot.md, the command's reference
	@PYTHONPATH=. typer headshot_cli.__main__ utils docs --name headshot --output docs/headshot.md

pictures: $(VENV)/local ## Make the pictures of docs/ again; needs Chromium
	@python -m local.pictures --port $(PORT)

test: lint ## Run all checks and tests
	@python -m pytest

sam-local-test: $(VENV)/tests ## Test the functions in containers, if Docker is available
	@if docker version > /dev/null 2>&1; then \
		python -m pytest --numprocesses=0 -m containers tests/containers; \
	else echo "Skipped: no Docker engine answers (docker version)."; fi

lint: $(VENV)/tests $(LINTERS)/lint ## Check style, types and the template, offline
	@$(MAKE) --no-print-directory --jobs=2 lint-types lint-template lint-functions lint-policies lint-style

lint-style:
	@ruff check
	@ruff format --check
	@# From medium on: the others are ruff's S rules too, and each exception to those has its reason in its line.
	@$(LINTERS)/bin/bandit --quiet --recursive --severity-level medium functions headshot_cli local bench

lint-types:
	@mypy

lint-template:
	@sam validate --lint

lint-functions:
	@$(LINTERS)/bin/cfn-lint --config-file checks/cfn-lint.yaml

lint-policies:
	@mkdir -p build && sed -e 's/^    Condition: .*//' -e 's/!If \[HasKmsKey, \({.*}\), .*\]/\1/' -e 's/!If \[HasEdgeLogBucket, \({.*}\), .*\]/\1/' template.yaml > build/template.yaml
	@SKIP_PACKAGE_UPDATE_CHECK=1 $(LINTERS)/bin/checkov --config-file checks/checkov.yaml

audit: $(VENV)/tests ## Look up known vulnerabilities of all that is pinned, at pypi.org
	@python -m checks.audit requirements.txt headshot_cli/requirements.txt tests/requirements.txt

sbom: $(LINTERS)/lint ## List what ships, in CycloneDX, in build/sbom/
	@$(LINTERS)/bin/python -m checks.sbom build/sbom

format: $(VENV)/tests ## Fix style and formatting
	@ruff check --fix
	@ruff format

bench: $(VENV)/bench ## Compare cold starts with a bare handler, and imaging with alternatives
	@PYTHONPATH=functions python -m bench.cold_start
	@PYTHONPATH=functions python -m bench

cost: $(VENV)/tests ## Write docs/cost.md: what reads, pictures and a stack cost on AWS
	@page="$$(python -m bench.cost_page)" && echo "$$page" > docs/cost.md

fuzz: $(VENV)/bench ## Search for files that break imaging, for SECONDS
	@PYTHONPATH=functions python -m bench.fuzz $(SECONDS)

load: $(VENV)/tests ## Measure the commands with up to 100,000 people; import PICTURES pictures with faults, then without
	@PYTHONPATH=functions python -m bench.growth
	@PYTHONPATH=functions python -m bench.readers
	@PICTURES=$(PICTURES) python -m pytest --numprocesses=0 tests/cli/test_whole_organisation.py
	@python -m bench.load $(PICTURES)

faults: $(VENV)/tests ## Send FAULTS_UPLOADS uploads while everything fails in turn, and print what became of them
	@FAULTS_UPLOADS=$(FAULTS_UPLOADS) FAULTS_CLIENTS=$(FAULTS_CLIENTS) python -m pytest --numprocesses=0 tests/publish/test_under_faults.py

lock: $(VENV)/tests ## Pin the newest compatible versions, with hashes
	@set -e; pin() { uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--custom-compile-command "make lock" "$$@"; }; \
	for part in functions layers/imaging layers/identity local . tests bench checks; do \
		pin $$part/requirements.in --output-file $$part/requirements.txt; \
	done; \
	pin headshot_cli/requirements.in headshot_cli/build.in -c local/requirements.txt -o headshot_cli/requirements.txt; \
	pin local/uv.in -o local/uv.txt

clean: ## Delete everything that other tasks created, including the local stack's photos
	rm -rf $(VENV) $(LINTERS) .aws-sam .headshot build

# One stamp per environment, older than its pins if they changed. The tests' environment includes the local one.
$(VENV)/local: local/requirements.txt local/uv.txt pyproject.toml | python
	@$(PYTHON) local/bootstrap.py $(VENV) $< .
	@touch $@

$(VENV)/tests: tests/requirements.txt local/requirements.txt pyproject.toml | python
	@$(PYTHON) local/bootstrap.py $(VENV) $< .
	@touch $@ $(VENV)/local

$(VENV)/bench: bench/requirements.txt tests/requirements.txt local/requirements.txt pyproject.toml | python
	@$(PYTHON) local/bootstrap.py $(VENV) $< .
	@touch $@ $(VENV)/tests $(VENV)/local

$(LINTERS)/lint: checks/requirements.txt local/uv.txt | python
	@$(PYTHON) local/bootstrap.py $(LINTERS) $<
	@touch $@

python:
	@command -v $(PYTHON) > /dev/null || { echo "Headshot needs Python 3.11 or newer, but there is no $(PYTHON). Use another: make PYTHON=python3.12 ..." >&2; exit 1; }
