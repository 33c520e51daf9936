# Two commands on a fresh machine: `make demo` and `make test`. Both make .venv and install what they need into it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint check train benchmark-stance benchmark-speed clean

demo: $(VENV)/reading
	$(BIN)/weiji analyse tests/articles/demo_zh.txt tests/articles/demo_en.txt --format text

test: $(VENV)/testing lint
	$(BIN)/python -m pytest

lint: $(VENV)/testing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# What reading needs; then what training, feeds and tests need.
$(VENV)/reading: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/testing: $(VENV)/reading
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

# Heavy checks, run by hand: they take minutes to an hour.
# Public rows are not part of the repository: JSON Lines, see `nlp.corpus.read_rows`. Training does without them.
ROWS ?= ../shared/data/stance/train_open.jsonl
DEV_ROWS ?= ../shared/data/stance/dev.jsonl

check: $(VENV)/testing  ## the digests of every model
	$(BIN)/weiji models --verify

train: $(VENV)/testing
	$(BIN)/python train.py $(if $(wildcard $(ROWS)),--rows $(ROWS) --dev-rows $(DEV_ROWS)) --name weiji-stance

benchmark-stance: $(VENV)/testing
	$(BIN)/python -m benchmarks.stance --rows $(ROWS) --dev-rows $(DEV_ROWS)

benchmark-speed: $(VENV)/testing
	$(BIN)/python -m benchmarks.speed

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
