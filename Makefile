# make run | test | check | bench | train | data: each sets up what it needs, in .venv, and needs Python 3.11 to 3.13 and a network once.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test check lint bench train data clean

run: .venv/app
	$(BIN)/streamlit run app.py

test: .venv/dev
	$(BIN)/python -m pytest

check: lint test

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev
	$(BIN)/python -m tests.benchmarks

# Trains the shipped runs anew; a run is replaced when its successor is complete.
train: .venv/app
	$(BIN)/python -m mnist_core train mlp --replace
	$(BIN)/python -m mnist_core train cnn --seed 2 --replace
	$(BIN)/python -m mnist_core train cnn --recipe robust --replace
	$(BIN)/python -m mnist_core train mlp --recipe robust --replace

# MNIST, 11 MB, once; to where Keras keeps it.
data: .venv/app
	$(BIN)/python -m mnist_core download

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/app: requirements.txt | .venv/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt | .venv/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Found Python {v[0]}.{v[1]}; Digit Duel needs 3.11 to 3.13. Name one: make PYTHON=python3.12 run")'
	$(PYTHON) -m venv .venv
	@touch $@
