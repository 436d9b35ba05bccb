# `make run` opens the app, `make test` checks everything. Both set up what they need on a fresh machine.
PYTHON ?= python3
PORT ?= 7860
BIN := .venv/bin
STAMP := .venv/.installed
HUB := .venv/hub

.PHONY: run test check env browser postgres proxy hub space metrics weights-page format clean

run: env
	GRADIO_SERVER_PORT=$(PORT) $(BIN)/python app.py

test: # one line for each phase; a phase that finds everything in place is over at once
	@echo "1/7 Environment: Python packages in .venv (a few minutes the first time)"
	@$(MAKE) --no-print-directory env
	@echo "2/7 Browser: Chromium for tests/ui"
	@$(MAKE) --no-print-directory browser
	@echo "3/7 PostgreSQL: its programs, for the tests of the vote store"
	@$(MAKE) --no-print-directory postgres
	@echo "4/7 Proxy: nginx, for tests/deploy"
	@$(MAKE) --no-print-directory proxy
	@echo "5/7 Hub server: Python packages in $(HUB), for tests/hub"
	@$(MAKE) --no-print-directory hub
	@echo "6/7 Checks: ruff and mypy"
	@$(MAKE) --no-print-directory check
	@echo "7/7 Tests: pytest shows the percentage done"
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 # the browser's tests wait a lot: three processes keep two cores busy

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

env: $(STAMP)

$(STAMP): requirements.txt requirements-cluster.txt requirements-dev.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh tools/debian.sh python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@touch $(STAMP)

browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || sh tools/debian.sh chromium

postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || sh tools/debian.sh postgresql

proxy:
	@command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || sh tools/debian.sh nginx-light

hub: $(HUB)/.installed # the tests' Hub-compatible server, apart because it needs another pydantic than Gradio

$(HUB)/.installed: $(STAMP) tests/hub/requirements.txt
	$(PYTHON) -m venv $(HUB)
	$(HUB)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/hub/requirements.txt
	@command -v git >/dev/null || sh tools/debian.sh git
	@touch $@

space: env # what a Hugging Face Space needs, in build/space; upload it with make space PUSH=org/name
	$(BIN)/python -m deploy.space build/space $(if $(PUSH),--push $(PUSH))

metrics: env # every score of the bundled models, computed from their files
	$(BIN)/python -m training.scoring
	$(MAKE) --no-print-directory weights-page

weights-page: env # docs/weights.md, from weights/manifest.toml and each metrics.json
	$(BIN)/python -m training.scoring.weights_page > .venv/weights.md
	cp .venv/weights.md docs/weights.md

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
