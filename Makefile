# Everything runs from .venv, which is made from the hashed lock files. Nothing but Python 3.11+ with pip is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=

.PHONY: setup demo test check lint types contracts bench storm letters golden pictures lock clean
.DELETE_ON_ERROR:

setup: $(VENV)/.runtime

demo: $(VENV)/.runtime
	$(BIN)/convenor demo $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

check: lint types contracts test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ARGS)

# Registrations while everything around them fails: docs/storm.md.
storm: $(VENV)/.dev
	$(BIN)/python -m bench.storm $(ARGS)

# The letters' layout: MJML for those who change it, HTML for those who send it. Both are committed.
letters: $(VENV)/.dev
	$(BIN)/python -m tests.mjml

# The letters' words as files, after a change that is meant. Read what has changed before it is committed.
golden: $(VENV)/.dev
	$(BIN)/python -m tests.golden

# The papers' pictures of letters and pages. They need a Chromium.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.gallery.pictures

# Three locks, one truth: the others hold what only the tests need, and OpenTelemetry, at versions that agree with the
# first.
lock: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header -o requirements.lock
	$(BIN)/uv pip compile --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header -o requirements-dev.lock
	$(BIN)/uv pip compile --group otel -c requirements.lock --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header -o requirements-otel.lock

# A stamp tells whether what is installed is what the lock says; an interrupted installation leaves none.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Convenor needs Python 3.11 or later; set PYTHON="'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) var
