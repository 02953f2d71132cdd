# 知客 Zhike. `make run` and `make test` are the two to know; `make` alone lists all.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# The user's own Python settings must not reach into the environment of the project.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP DJANGO_SETTINGS_MODULE VIRTUAL_ENV
export PYTHONNOUSERSITE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_USER := 0
unexport PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV

VENV := .venv
PY := $(VENV)/bin/python
STEPS := $(PY) tools/steps.py
CATALOGUES := $(wildcard src/zhike/*/locale/*/LC_MESSAGES/*.po src/zhike/*/*/locale/*/LC_MESSAGES/*.po)
ASSETS := src/zhike/web/static/vendor
UV ?= uv

# An environment knows its own path: in a checkout that was moved or copied it is built anew.
PLACE := $(VENV)/.stamp-place
ifneq ($(shell cat $(PLACE) 2>/dev/null),$(CURDIR))
$(shell rm -f $(VENV)/.stamp-*)
endif

.PHONY: help setup need run test check test-sqlite test-postgres test-browser proof format \
	messages openapi lock wheel screenshots bench bench-answers bench-methods mutants clean

help: ## list every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

setup: $(VENV)/.stamp-catalogues $(VENV)/.stamp-assets ## build the environment, nothing else; afterwards .venv/bin/zhike exists

run: setup ## start everything with the demo company on http://127.0.0.1:8000
	@exec $(VENV)/bin/zhike serve --demo $(ARGS)

test: setup ## every check and every test; installs what it lacks, or says what
	@exec $(STEPS) all

check: setup ## the fast part: format, lint, types, contracts, texts, docs
	@exec $(STEPS) check

test-sqlite: setup ## unit tests on SQLite
	@exec $(STEPS) sqlite $(ARGS)

test-postgres: setup ## unit tests on PostgreSQL, on a server of their own
	@exec $(STEPS) postgres $(ARGS)

test-browser: setup ## browser tests in Chromium
	@exec $(STEPS) browser $(ARGS)

proof: setup ## the proofs in their long form (hours), and a table of their figures
	@exec $(STEPS) proof $(ARGS)

format: setup ## format Python
	@$(VENV)/bin/ruff format -q . && $(VENV)/bin/ruff check -q --fix .

messages: setup ## draw new texts into the catalogues, list untranslated ones
	@$(PY) tools/messages.py update && $(PY) tools/messages.py compile

openapi: setup ## write docs/openapi.json as the program serves it
	@$(PY) tools/openapi.py

wheel: setup ## build dist/*.whl with page assets and compiled catalogues
	@$(PY) tools/wheel.py

screenshots: setup ## take the pictures of the README from the running program
	@$(PY) tools/screenshots.py

bench-answers: setup ## answers to a questionnaire taken per second, beside a bare page
	@$(PY) bench/answers.py $(ARGS)
	@$(PY) bench/results.py

bench: setup ## a million cases: time and statements per page (long; see bench/)
	@$(PY) bench/run.py $(ARGS)

bench-methods: setup ## published figures beside ours, and speed beside peers in an environment of their own
	@$(PY) bench/methods/run.py $(ARGS)

mutants: setup ## do the tests of the methods notice faults planted in them? (an hour; see docs/mutants.md)
	@exec nice $(PY) tools/mutants.py $(ARGS)

lock: ## pin all dependencies anew, by hash and without addresses (needs uv and npm)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=/path/to/uv"; exit 1; }
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.txt
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements/dev.txt
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header bench/methods/peers.in -o bench/methods/peers.txt
	npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## remove everything built, the environment included; data in var/ stays
	rm -rf $(VENV) .venv-bench node_modules $(ASSETS) dist build test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src -name '*.mo' -delete

# Below: what `setup` builds, each part again only when its inputs changed.

need:
	@sh tools/need.sh

$(VENV)/.stamp-python: requirements/dev.txt | need
	@echo "Building the Python environment (about a minute the first time) …"
	@. tools/need.sh; { [ -f $(PLACE) ] && $(PY) -c ''; } 2>/dev/null || "$$python" -m venv --clear $(VENV)
	@echo "$(CURDIR)" > $(PLACE)
	@$(PY) -m pip install -q -q --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.stamp-project: pyproject.toml $(VENV)/.stamp-python
	@$(PY) -m pip install -q -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.stamp-catalogues: $(CATALOGUES) $(VENV)/.stamp-project tools/messages.py
	@$(PY) tools/messages.py compile
	@touch $@

node_modules/.stamp-npm: package-lock.json | need
	@echo "Fetching the page assets …"
	@npm ci --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

$(VENV)/.stamp-assets: node_modules/.stamp-npm tools/assets.py tools/icons.txt $(VENV)/.stamp-python
	@$(PY) tools/assets.py
	@touch $@
