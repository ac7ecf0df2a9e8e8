# `make` alone lists what there is. The first two are all a fresh machine needs: make demo, make test.

MGR5_ROOT ?= /usr/local/mgr5
TESTS ?= tests
JOBS ?= auto
# A file's tests stay together, because what they share is made once for a file. Each process has a MariaDB of its own.
# Files in their order, those with many tests not first: what takes long in one file comes early, so all cores end together.
SPREAD = -n $(JOBS) --dist loadfile --no-loadscope-reorder
# With PYTHON= the environment is one of that interpreter's own (.venv-python3.13), which leaves .venv as it is.
export ENVIRONMENT := .venv$(if $(PYTHON),-$(notdir $(PYTHON)))
PY := $(ENVIRONMENT)/bin/python
PYTHONS ?= python3.10 python3.11 python3.12 python3.13
export PYTHONPATH := $(CURDIR)/lib:$(CURDIR)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z_-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: ## make .venv and see to MariaDB's server programs (run by itself where needed; PYTHON=path)
	@scripts/setup

browser:
	@scripts/setup --browser

venv:
	@scripts/setup --no-mariadb

demo: setup ## play a ticket's story between a simulated BILLmanager and Omnidesk, and compare both sides
	@$(PY) -m sandbox.demo $(ARGS)

sandbox: setup ## start both simulated products, to try things in a browser (ARGS="--empty --lang en")
	@$(PY) -m sandbox $(ARGS)

screenshots: browser ## draw docs/images/*.png again: the pages of both products in a browser
	@$(PY) -m scripts.docs.screenshots $(ARGS)

test: browser ## run the tests on all cores (TESTS=tests/install ARGS="-k name -x"; JOBS=0 in one process)
	@$(PY) -m pytest $(SPREAD) $(TESTS) $(ARGS)

test-random: browser ## run them in random order; the first lines name the seed (ARGS="--randomly-seed=7" repeats a run)
	@$(PY) -m pytest $(SPREAD) -p randomly $(TESTS) $(ARGS)

coverage: browser ## run them likewise and list the lines that none of them runs
	@$(PY) -m coverage erase
	@code=0; $(PY) -m coverage run -m pytest $(SPREAD) $(TESTS) $(ARGS) || code=$$?; \
	$(PY) -m coverage combine --quiet; $(PY) -m coverage report; exit $$code

test-pythons: ## run them with each of PYTHONS, one after the other (PYTHONS="/opt/3.12/bin/python3.12 python3.13")
	@for python in $(PYTHONS); do $(MAKE) --no-print-directory test PYTHON="$$python" || exit 1; done

test-all: browser ## every point, page and schedule, the packages in clean roots, and make chaos (hours, as root)
	@TESTS_AMOUNT=all $(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory packages-test
	@$(MAKE) --no-print-directory chaos

lint: venv ## ruff check, ruff format --check, mypy --strict, import directions, unused code
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy --strict
	$(ENVIRONMENT)/bin/lint-imports --no-logo --no-cache
	$(PY) -m vulture --config vulture.toml

format: venv ## let ruff fix and format the sources
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

bench: setup ## print what a hook costs, the webhook under load, throughput, and idle passes in large panels (LOAD="--rounds 1")
	@$(PY) bench/hooks.py $(ARGS)
	@$(PY) -m bench.load $(LOAD)
	@$(PY) -m bench.throughput $(THROUGHPUT)
	@$(PY) -m bench.size $(SIZE)

soak: setup ## let 200 clients a minute write for half an hour, and compare both sides (ARGS="--minutes 5 --rate 60")
	@$(PY) -m bench.soak $(ARGS)

chaos: setup ## let runs die at every step and tell what is lost or doubled (ARGS="--help" for more)
	@$(PY) -m tests.chaos $(ARGS)

fuzz: venv ## look for inputs that break what reads others' (60 s; ARGS="--seconds 600 html"; environment of its own)
	@tests/fuzz/run $(ARGS)

mutants: setup ## change the code on purpose and list what no test notices (ARGS="plan --every 3"; environment of its own)
	@tests/mutation/run $(ARGS)

install: ## put the module into a panel (MGR5_ROOT=/usr/local/mgr5, VENV=, CRON_DIR=, LOGROTATE_DIR=, RELOAD=yes|no)
	@MGR5_ROOT="$(MGR5_ROOT)" VENV="$(VENV)" CRON_DIR="$(CRON_DIR)" LOGROTATE_DIR="$(LOGROTATE_DIR)" \
	RELOAD="$(RELOAD)" scripts/panel/install

uninstall: ## take it out again; settings, custom fields and tables stay (PURGE=yes removes them too)
	@MGR5_ROOT="$(MGR5_ROOT)" CRON_DIR="$(CRON_DIR)" LOGROTATE_DIR="$(LOGROTATE_DIR)" RELOAD="$(RELOAD)" \
	PURGE="$(PURGE)" scripts/panel/uninstall

deb: ## build dist/billmanager-plugin-omnidesk_*.deb (ARCH=x86_64|aarch64, VERSION=)
	@scripts/packages/package deb --arch "$(ARCH)" --version "$(VERSION)"

rpm: ## build dist/billmanager-plugin-omnidesk-*.rpm, likewise
	@scripts/packages/package rpm --arch "$(ARCH)" --version "$(VERSION)"

packages: deb rpm ## both

packages-test: setup ## install, upgrade, run and remove both packages in clean Debian roots (as root; minutes)
	@scripts/packages/package-roots
	@PACKAGE_ROOTS=yes $(PY) -m pytest tests/packages $(ARGS)

clean: ## remove .venv and everything that was generated
	rm -rf .venv .venv-* .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find lib sandbox tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup browser venv demo sandbox screenshots test test-random coverage test-pythons test-all lint format bench soak chaos fuzz mutants install uninstall deb rpm packages packages-test clean
