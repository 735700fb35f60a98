# Portico on one machine: `make demo` and `make test` need Python and make, nothing else.
# `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo sign-ins test test-all soak check messages bench lighthouse clean-demo lock install

export PORTICO_STARTED := $(shell date +%s)
# Byte code makes each start three times as fast; a shell that forbids it is not asked.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV DJANGO_SETTINGS_MODULE

# Whatever Python the machine has makes the environment; the portal itself runs on .venv's.
ANY_PYTHON := $(shell for p in python3 python3.13 python3.12 python /usr/bin/python3 /usr/local/bin/python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 && echo "$$p" && break; done)
# As a package of its own: config itself needs Django, which is not there yet.
BOOTSTRAP = $(if $(ANY_PYTHON),,$(error No Python 3.8 or newer was found. Install Python 3.13 and start again))PYTHONPATH=platform/config $(ANY_PYTHON) -B -m runner
PYTHON := .venv/bin/python
RUNNER := $(PYTHON) -m config.runner
TEST_WORKERS ?= 2
SHIPPED := platform tenants themes cms manage.py
PYTEST := $(PYTHON) -m pytest -n $(TEST_WORKERS) --dist loadgroup

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: install ## Start everything on this machine (PORT=8000, DATABASE_URL and REDIS_URL are honoured)
	@$(RUNNER) demo

sign-ins: install ## The demo's addresses and sign-ins, with the codes of this moment
	@$(RUNNER) sign-ins

test: install ## All tests but the slow ones, the browser's too
	@$(RUNNER) messages
	@$(RUNNER) chromium || true
	@$(RUNNER) pgbouncer || true
	@$(RUNNER) with-servers -- $(PYTEST) --requirements -m "not slow and not soak" $(ARGS)

test-all: install ## The slow tests: the full product of the browser's checks
	@$(RUNNER) messages
	@$(RUNNER) chromium || true
	@$(RUNNER) pgbouncer || true
	@$(RUNNER) with-servers -- $(PYTEST) -m "slow and not soak" $(ARGS)

soak: install ## What takes long: 100,000 mixed requests, a replica (SOAK_REQUESTS=1000000 for more)
	@$(RUNNER) messages
	@$(RUNNER) with-servers --name soak -- $(PYTHON) -m pytest -m soak $(ARGS)

check: install ## Format, lint, types, layers, unsafe calls, licences, secrets, SBOM, migrations, deployment settings
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy .
	.venv/bin/lint-imports
	$(PYTHON) -m bandit --quiet --recursive --configfile pyproject.toml $(SHIPPED)
	$(PYTHON) -m tests.architecture.supply
	$(RUNNER) messages
	$(RUNNER) with-servers --name check -- $(PYTHON) manage.py makemigrations --check --dry-run
	$(RUNNER) check-deployment

messages: install ## Bring the translations up to date with the sources, and compile them
	@$(PYTHON) -m tests.architecture.words
	@$(RUNNER) messages

bench: install ## Measure (BENCH="onboarding pages" for parts of it)
	@$(RUNNER) with-servers --name bench --durable -- $(PYTHON) -m config.bench $(BENCH)

lighthouse: install ## Google's Lighthouse on the demo (needs Node and a Chromium)
	@command -v npx >/dev/null || { echo "make lighthouse needs Node, and this machine has none. Install Node 20 or newer."; exit 1; }
	@$(PYTHON) -m config.bench lighthouse

clean-demo: ## Remove the demo's data, database and logs
	@$(BOOTSTRAP) clean-demo

lock: install ## Choose the newest versions that fit requirements/*.in, and write them down with their hashes
	@for name in base dev; do \
		var/bootstrap/bin/uv pip compile --quiet --upgrade --python-version 3.13 --universal --generate-hashes \
			--no-emit-index-url --no-emit-find-links requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	@var/bootstrap/bin/uv pip compile --quiet --upgrade --python-version 3.8 --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links requirements/bootstrap.in -o requirements/bootstrap.txt

install:
	@$(BOOTSTRAP) install
