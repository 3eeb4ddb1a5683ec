# `make demo` and `make test` need Python 3.11 or newer with pip, and make. Everything else they bring along.

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
STAMPS := .venv/.installed
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check bench lock clean

help:
	@echo "make demo          start bankops with demo data; Ctrl-C stops it (PORT=8000)"
	@echo "make demo ONCE=1   play the product's story from end to end and say whether it held"
	@echo "make test          run all tests on real PostgreSQL and Redis, in a real browser (ARGS=...)"
	@echo "make check         format, lint, types, import contracts, migrations, deployment settings"
	@echo "make bench         measure, beside pgbench"
	@echo "make lock          lock the requirements anew"
	@echo "make clean         stop the embedded servers; delete their data and the virtual environment"

demo: $(STAMPS)/demo
	@$(BIN)/python manage.py demo --port $(or $(PORT),8000) $(if $(ONCE),--once)

test: $(STAMPS)/dev
	@sh tools/chromium.sh
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(STAMPS)/dev
	@$(BIN)/ruff format --check --quiet --output-format concise . || { echo "Run $(BIN)/ruff format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo 2>/dev/null >.venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }
	@$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run  # needs no database, but asks
	@$(BIN)/python manage.py api_errors --check docs/api-errors.md
	@$(BIN)/python tools/guide_page.py --check
	@set -a; . ./tools/production.env; $(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo "Everything checked."

bench: $(STAMPS)/dev
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(STAMPS)/dev
	@for set in requirements requirements-embedded requirements-dev; do \
		$(BIN)/uv pip compile $$set.in --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --output-file $$set.txt || exit 1; \
	done

clean:
	@if [ -x $(BIN)/python ] && [ -d "$${BANKOPS_DATA_DIR:-.data}" ]; then $(BIN)/python manage.py services stop >/dev/null; fi
	@if [ -L .data/services ]; then rm -rf "$$(readlink -f .data/services)"; fi  # root's, outside the project
	@rm -rf .venv .data .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage

$(STAMPS)/venv: tools/venv.sh
	@sh tools/venv.sh
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/demo: $(STAMPS)/venv requirements.txt requirements-embedded.txt
	@echo "Installing what bankops needs …"
	@$(PIP) install --no-deps --require-hashes -r requirements.txt -r requirements-embedded.txt
	@touch $@

$(STAMPS)/dev: $(STAMPS)/demo requirements-dev.txt
	@echo "Installing what the tests and checks need …"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.txt
	@touch $@
