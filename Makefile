# The verbs of this project. Only python3 and make need to be there; see README.md.
.DEFAULT_GOAL := help
.PHONY: help install browser demo test faults lint types format bench messages migrations-check
SHELL := /bin/sh
PYTHON := .venv/bin/python
INSTALLED := .venv/installed

help: ## Show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' Makefile

install: $(INSTALLED) ## Install everything the product needs
$(INSTALLED): uv.lock pyproject.toml .python-version scripts/install
	@scripts/install
	@touch $(INSTALLED)

browser: $(INSTALLED) ## Install the browser, PDF tools, git and LibreOffice, which the tests use
	@scripts/system-parts tests

demo: $(INSTALLED) ## Run the whole product here (DEMO_PORT, DEMO_DIR, DEMO_SIGNATURES; DEMO_REHEARSAL=1 for an empty one)
	@scripts/system-parts demo
	@exec $(PYTHON) manage.py demo

# Three processes for two cores: each has its own servers, and most tests wait for mail, a worker or the browser.
test: $(INSTALLED) browser ## Run all tests (ARGS=… is passed on)
	@$(PYTHON) -m pytest --numprocesses=3 --dist=worksteal $(ARGS)

# The short forms run with the other tests; FAULTS_SEED repeats a run. Some tests elsewhere have a long form, too.
faults: $(INSTALLED) browser ## Ten minutes of visitors while parts are killed (FAULTS_SECONDS, FAULTS_SEED)
	@FAULTS_SECONDS=$${FAULTS_SECONDS:-600} $(PYTHON) -m pytest -s tests/faults \
		$$(grep -rl 'tests.faults.length' tests --include='test_*.py' | grep -v '^tests/faults/')

lint: $(INSTALLED) ## Check the style of code and templates
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@git ls-files 'templates/*.html' | xargs .venv/bin/djade --check --target-version 6.1

types: $(INSTALLED) ## Check the types
	@.venv/bin/mypy

format: $(INSTALLED) ## Format code and templates
	@.venv/bin/ruff check --fix --quiet . || true
	@.venv/bin/ruff format --quiet .
	@git ls-files 'templates/*.html' | xargs .venv/bin/djade --target-version 6.1 || true

bench: $(INSTALLED) ## Measure, by ratio, and write bench/results.json (ARGS=--quick tries it out, ARGS=load: ten minutes of load)
	@scripts/install --group bench
	@scripts/system-parts bench
	@$(PYTHON) -m bench $(ARGS)

messages: $(INSTALLED) ## Bring the catalogues of the languages up to date (needs GNU gettext)
	@scripts/messages

migrations-check: $(INSTALLED) ## Fail if a model changed without a migration
	@$(PYTHON) -W "ignore:Got an error checking" manage.py makemigrations --check --dry-run
