.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
STAMP := .venv/.installed
PIXEL := processors/gateway/pixel
BROWSER := $(PIXEL)/node_modules/.installed

# Python processes start by the dozen; what is compiled once need not be compiled by each.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@bash deploy/local/install.sh

$(BROWSER): $(PIXEL)/package-lock.json
	@bash deploy/local/install_browser.sh || echo "the browser pixel's tests will fail for want of it" >&2

demo: $(STAMP) ## start everything, play a shop's day, print the summary, stay up (EXIT=1: tear down and judge; INPUT=file.jsonl)
	@$(PY) -m processors demo $(if $(EXIT),--exit) $(if $(INPUT),--input $(INPUT)) $(if $(REPLICAS),--replicas $(REPLICAS))

up: $(STAMP) ## start Kafka, Postgres, simulators and every processor
	@$(PY) -m processors up $(if $(REPLICAS),--replicas $(REPLICAS))

down: $(STAMP) ## stop exactly what `make up` started
	@$(PY) -m processors down

test: $(STAMP) $(BROWSER) ## every test but the heavy ones and those of `make sdks`, on real Kafka and Postgres, two processes with servers of their own
	@$(PY) -m pytest -m 'not heavy and not sdks' -q -n 2 --dist loadfile --no-loadscope-reorder --durations=15

check: $(STAMP) ## format, lint, types, imports, drift of what is generated, audit of dependencies
	@$(PY) -m ruff format --check . && $(PY) -m ruff check . && $(PY) -m mypy && .venv/bin/lint-imports && $(PY) -m schemas.generate --check && $(PY) -m deploy.generate --check && $(PY) -m deploy.audit

format: $(STAMP) ## rewrite what `make check` would refuse, where a tool can
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix . && $(PY) -m schemas.generate && $(PY) -m deploy.generate && $(PY) -m tests.sql.snapshot

bench: $(STAMP) ## each stage beside its floor, in one run, as a table and as JSON
	@$(PY) -m tests.bench

seed: $(STAMP) ## fill DATABASE_URL, or a Postgres of its own, as after SIZE touches (1000000; SEED, TENANTS, DAYS, UNTIL)
	@$(PY) -m tests.bench.seed --size $(or $(SIZE),1000000) $(if $(SEED),--seed $(SEED)) $(if $(TENANTS),--tenants $(TENANTS)) $(if $(DAYS),--days $(DAYS)) $(if $(UNTIL),--until $(UNTIL))

faults: $(STAMP) ## the full fault matrix: SIGKILL everywhere, replicas, replay, rebuild, soak
	@$(PY) -m pytest -m heavy -q --durations=10

drill: $(STAMP) ## a seeded schedule of faults over EVENTS (50000) events, and the verdict (SEED, PLANT, FAULTS)
	@$(PY) -m deploy.drills --seed $(or $(SEED),1) --events $(or $(EVENTS),50000) $(if $(PLANT),--plant $(PLANT)) $(if $(FAULTS),--faults $(FAULTS))

sdks: $(STAMP) ## what we send, read by vendors' own clients, which it installs first
	@.venv/bin/pip install -q --disable-pip-version-check --require-hashes -r tests/sdks/requirements.lock && $(PY) -m pytest -m sdks -q

PIN := .venv/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11
COMPILE := $(PIN) --extra local --extra dev pyproject.toml

lock: $(STAMP) ## pin every dependency again, with hashes
	@.venv/bin/pip install -q uv && $(COMPILE) --upgrade -o requirements.lock && $(COMPILE) --extra sdks -c requirements.lock -o tests/sdks/requirements.lock
	@$(PIN) pyproject.toml -c requirements.lock -o deploy/requirements.lock && echo hatchling | $(PIN) - -c requirements.lock -o deploy/build.lock

.PHONY: help demo up down test check format bench seed faults drill sdks lock
