# What a person does with this repository; `make help` lists it.

PYTHON ?= python3
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
# The environment is in step when its stamp is newer than what it was made from.
RUNTIME := $(VENV)/.runtime-in-step
DEVELOPMENT := $(VENV)/.development-in-step

.DEFAULT_GOAL := help
.PHONY: help run test test-long check lint format docs screenshots bench lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Start the server with a simulated fleet and watch a rollout
	@$(BIN)/linkops demo

test: $(DEVELOPMENT) ## Run every linter and the tests, as CI does; installs what they need where it may
	@scripts/debian-packages.sh initdb:postgresql mosquitto:mosquitto openssl:openssl node:nodejs npm:npm chromium:chromium ip:iproute2
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not long"

test-long: $(DEVELOPMENT) ## Run the long stories that `make test` leaves out: on terminals, over many processes
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m long

check: lint ## Run the linters and the fast tests, in under a minute
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow" tests/rules tests/store tests/features tests/test_*.py

lint: $(DEVELOPMENT)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy src tests scripts bench
	@$(BIN)/lint-imports

format: $(DEVELOPMENT) ## Rewrite the sources in the house's format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: $(DEVELOPMENT) ## Write docs/reference from the code
	@$(BIN)/python -m scripts.reference

screenshots: $(DEVELOPMENT) ## Write docs/images/console: a server of its own, looked at in Chromium
	@scripts/debian-packages.sh chromium:chromium
	@$(BIN)/python -m scripts.screenshots

bench: $(DEVELOPMENT) ## Measure the figures that we promise, beside Mosquitto and nginx
	@scripts/debian-packages.sh initdb:postgresql mosquitto:mosquitto openssl:openssl nginx:nginx-light
	@$(BIN)/python -m bench

lock: $(DEVELOPMENT) ## Choose the newest versions that pyproject.toml allows, for requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --group dev \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## Remove environments and caches (never linkops-data)
	rm -rf $(VENV) .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

$(RUNTIME): pyproject.toml requirements.lock scripts/prerequisites.sh
	@scripts/prerequisites.sh $(PYTHON)
	@echo "Bringing the environment in $(VENV) in step (the first time takes a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
	@touch $@

$(DEVELOPMENT): $(RUNTIME)
	@scripts/debian-packages.sh cc:gcc python3-config:python3-dev
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@touch $@
