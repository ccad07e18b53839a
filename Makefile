# make run | test | test-fast | check | lint | bench | docs | train | data | lock | wheel
# Each sets up what it needs in .venv. That takes Python 3.11 to 3.13, and the network once.

PYTHON ?= python3
PORT ?= 8501
HOST ?= localhost
BIN = .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test test-fast check lint bench docs train data lock wheel clean

# Serves the app, for this machine alone. For others in the network: make run HOST=0.0.0.0, see docs/hosting.md
run: .venv/app
	@$(BIN)/digit-duel run --port $(PORT) --host $(HOST)

# All tests: the fast ones first, those in a browser last.
test: .venv/dev
	$(BIN)/python -m pytest

# The tests that take no minutes and no browser, on all cores.
test-fast: .venv/dev
	$(BIN)/python -m pytest -m "not slow and not browser" --numprocesses auto

check: lint test

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m tests.benchmarks
	$(if $(PEN_DIGITS),$(BIN)/python -m tests.benchmarks.photographs $(PEN_DIGITS))
	$(if $(PEN_DIGITS),$(BIN)/python -m tests.benchmarks.numbers $(PEN_DIGITS))

# The reference of mnist_core, from its docstrings, as build/docs/index.html.
docs: .venv/dev
	$(BIN)/pdoc --docformat markdown --output-directory build/docs mnist_core
	@echo "The reference is at build/docs/index.html."

# Trains the shipped runs again. Each replaces its predecessor when it is complete. Both robust runs begin with runs without pen
# strokes, and the robust MLP learns from the robust CNN; docs/robust.md says why.
train: .venv/app
	$(BIN)/digit-duel train mlp --replace
	$(BIN)/digit-duel train cnn --seed 2 --replace
	$(BIN)/digit-duel train cnn --recipe robust --pen-fraction 0 --name cnn-robust-start --replace
	$(BIN)/digit-duel train mlp --recipe robust --pen-fraction 0 --teacher cnn-robust-start --name mlp-robust-start --replace
	$(BIN)/digit-duel train --config trained_models/cnn-robust/run.json --name cnn-robust --replace
	$(BIN)/digit-duel train --config trained_models/mlp-robust/run.json --name mlp-robust --replace
	$(BIN)/digit-duel runs delete cnn-robust-start --yes
	$(BIN)/digit-duel runs delete mlp-robust-start --yes

# Fetches MNIST (11 MB) to where Keras keeps it, and the pen strokes of 30 writers (3 MB) beside it.
data: .venv/app
	$(BIN)/digit-duel download --pens

# Takes up newer versions of the packages, within the limits of pyproject.toml.
lock: .venv/dev
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --upgrade --extra dev --output-file requirements.lock pyproject.toml

wheel: .venv/dev
	$(BIN)/hatchling build --target wheel --directory build

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build

.venv/app: requirements.txt requirements.lock pyproject.toml | .venv/python
	$(INSTALL) --requirement requirements.txt --constraint requirements.lock
	$(INSTALL) --no-deps --editable .
	@touch $@

.venv/dev: requirements-dev.txt .venv/app
	$(INSTALL) --requirement requirements-dev.txt --constraint requirements.lock
	@touch $@

.venv/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Found Python {v[0]}.{v[1]}; Digit Duel needs 3.11 to 3.13. Name one: make PYTHON=python3.12 run")'
	$(PYTHON) -m venv .venv
	@touch $@
