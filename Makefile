# `make run` opens the app, `make test` checks everything. Both set up what they need on a fresh machine.
PYTHON ?= python3
PORT ?= 7860
BIN := .venv/bin
STAMP := .venv/.installed
HUB := .venv/hub

.PHONY: run test check env browser postgres hub metrics format clean

run: env
	GRADIO_SERVER_PORT=$(PORT) $(BIN)/python app.py

test: env browser postgres hub check # the browser's tests wait much: three processes keep two cores busy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

env: $(STAMP)

$(STAMP): requirements.txt requirements-dev.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh tools/debian.sh python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $(STAMP)

browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || sh tools/debian.sh chromium

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || sh tools/debian.sh postgresql

hub: $(HUB)/.installed # the tests' Hub-compatible server, apart because it wants another pydantic than Gradio

$(HUB)/.installed: $(STAMP) tests/hub/requirements.txt
	$(PYTHON) -m venv $(HUB)
	$(HUB)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/hub/requirements.txt
	@command -v git >/dev/null || sh tools/debian.sh git
	@touch $@

metrics: env # every score of the bundled models, from their files
	$(BIN)/python -m training.scoring

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
