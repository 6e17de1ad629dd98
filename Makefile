# Everything that a person or a machine does with this repository. `make` alone lists the targets.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
DATA_DIR ?= $(CURDIR)/data
WORKERS ?= 2
VENV := .venv
RUN := $(VENV)/bin/python
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
T ?= tests
PIP_FLAGS := --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help serve test test-sqlite test-postgresql lint hooks conformance soak bench lock clean browser

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 18

$(VENV)/base.stamp: requirements/base.txt
	$(RUN) -c 'import pip; $(FITS)' 2>/dev/null || { \
	  $(PYTHON) -c '$(FITS)' || { echo "Python 3.11 to 3.13 is needed; set PYTHON=..."; exit 1; }; \
	  $(PYTHON) -m venv --clear $(VENV); }
	$(VENV)/bin/pip install $(PIP_FLAGS) -r requirements/base.txt
	touch $@

$(VENV)/dev.stamp: $(VENV)/base.stamp requirements/dev.txt
	$(VENV)/bin/pip install $(PIP_FLAGS) -r requirements/dev.txt
	touch $@

serve: $(VENV)/base.stamp ## set up, publish the demo model on the first start, and serve (HOST, PORT, DATA_DIR)
	DATA_DIR="$(DATA_DIR)" $(RUN) manage.py serve --host $(HOST) --port $(PORT)

test: lint test-sqlite test-postgresql ## set up, lint and run all tests but the conformance ones (T=tests/negotiation for a part)

browser: ## install Debian's Chromium for the browser tests, where there is none and it can be had
	@command -v chromium >/dev/null || scripts/install-chromium.sh

test-sqlite: $(VENV)/dev.stamp browser
	$(RUN) -m pytest $(T) -q -n $(WORKERS) --dist loadfile -m "not conformance and not torch"

test-postgresql: $(VENV)/dev.stamp
	scripts/test-postgresql.sh

lint: $(VENV)/dev.stamp ## ruff, mypy, the direction of imports, missing migrations, system checks
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check --quiet . || { echo "Run $(VENV)/bin/ruff format ."; exit 1; }
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	mkdir -p $(VENV)/lint-data
	DATA_DIR=$(VENV)/lint-data $(RUN) manage.py makemigrations --check --dry-run
	DATA_DIR=$(VENV)/lint-data $(RUN) manage.py check

hooks: $(VENV)/dev.stamp ## have git run the linters before each commit and push
	$(VENV)/bin/pre-commit install

conformance: $(VENV)/dev.stamp ## install the real clients in environments of their own and run them against a live server
	scripts/client-environments.sh
	scripts/conformance.sh

soak: $(VENV)/dev.stamp ## kill uploads, inspections, publications and garbage collections 100 times, and look for what stays (about seven minutes)
	SOAK_KILLS=100 $(RUN) -m pytest tests/packages_app/test_kills.py -q

bench: $(VENV)/dev.stamp ## measure, each figure as a ratio to a named reference in the same run
	scripts/bench.sh

lock: $(VENV)/dev.stamp ## write requirements/*.txt anew from requirements/*.in
	scripts/lock.sh

clean: ## remove the environments and caches; DATA_DIR stays
	rm -rf $(VENV) .venvs .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
