# Everything goes through `python3 -m deploy`, which needs nothing but Python; this file only gives it names.

PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done),python3)
DEPLOY = @command -v "$(PYTHON)" >/dev/null || { echo "Kintsugi needs Python 3.11 or newer, and there is no $(PYTHON) here."; exit 1; }; \
	exec "$(PYTHON)" -B -m deploy

.DEFAULT_GOAL := help
.PHONY: help run setup media-servers test lint e2e prove prove-calls prove-agents prove-translation translation-corpus bench bench-bundle types record peers peers-agents catalogue worker beat clean

help:  ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run:  ## install, build, migrate, seed and serve on http://localhost:$PORT (8080)
	$(DEPLOY) run

setup:  ## only create .venv with everything for development
	$(DEPLOY) setup

media-servers:  ## install Janus and coturn, which the tests of calls speak to (Debian, as root)
	$(DEPLOY) media-servers

test:  ## the whole suite; on PostgreSQL and Redis with DATABASE_URL and REDIS_URL set (ARGS="-k name" for pytest)
	$(DEPLOY) test $(ARGS)

lint:  ## every static check, the API schema and the generated types included (ARGS="mypy ruff" for some)
	$(DEPLOY) lint $(ARGS)

e2e:  ## journeys in Chromium
	$(DEPLOY) e2e $(ARGS)

prove:  ## no message lost, doubled or out of order, under every fault (EXAMPLES=500 SEED=7 for more)
	$(DEPLOY) prove $(ARGS)

prove-calls:  ## every call ends as it should, and is charged once, whoever does what (EXAMPLES=100 STEPS=30 SEED=7)
	$(DEPLOY) prove-calls $(ARGS)

prove-agents:  ## runs of agents under SIGKILL: nothing happens twice, all is paid once (RUNS=500 SEED=7)
	$(DEPLOY) prove-agents $(ARGS)

prove-translation:  ## documents whose workers are killed fifty times a run end, are uploaded and paid once (RUNS=5 SEED=7)
	$(DEPLOY) prove-translation $(ARGS)

translation-corpus:  ## translate real files in place by the rule of the demo, and read them back by other programs
	.venv/bin/python -m bench.corpus --fetch

bench:  ## benchmarks, each with its baseline (ONLY="name other")
	$(DEPLOY) bench

bench-bundle:  ## kB of JavaScript of the first screen after login
	$(DEPLOY) bench-bundle

types:  ## regenerate the schemas of API and socket, the TypeScript types and docs/websocket.md
	$(DEPLOY) types

catalogue:  ## fetch anew what others know of models: core/llm/facts.json, a diff to review
	$(DEPLOY) catalogue

peers:  ## ask every model server there is by every protocol, and write docs/models-peers.md
	$(DEPLOY) peers

peers-agents:  ## n8n, a tool server, a signer and a scripted model, as others built them (1.5 GB; PEERS_FOLDER keeps it)
	$(DEPLOY) peers-agents

record:  ## record anew what the socket sends; the client's tests replay it
	$(DEPLOY) record

worker:  ## a Celery worker (with REDIS_URL)
	.venv/bin/celery -A kintsugi worker --loglevel INFO

beat:  ## the Celery scheduler (with REDIS_URL); one of them
	.venv/bin/celery -A kintsugi beat --loglevel INFO --scheduler celery.beat:Scheduler

clean:  ## remove everything that was made, except var/ (your data)
	rm -rf .venv frontend/dist frontend/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
