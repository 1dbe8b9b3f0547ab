# Nothing but Python 3.11 (or newer), make and pip is needed: every target sets up .venv first.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do command -v $$name && break; done)
BIN := .venv/bin

.PHONY: demo test check bench clean

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

demo: .venv/.installed ## the main job on two shipped examples: one needs no network, one does
	$(BIN)/lstmsize recommend examples/sunspots_monthly.csv
	$(BIN)/lstmsize recommend examples/threshold.csv

check: .venv/.installed ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check ## lint, types and the whole test suite
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: .venv/.installed ## the measuring sticks that need no extra package
	rm -f .bench.jsonl
	LSTMSIZE_DATA= $(BIN)/python benchmarks/speed.py --pairs 1 --most-rows 100000 \
		--series airline_passengers --results .bench.jsonl

clean:
	rm -rf .bench.jsonl .venv build *.egg-info src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
