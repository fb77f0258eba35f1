# Every target makes its own environment first. PY may name another Python >= 3.11.
PY ?= $(shell command -v python3.11 || command -v python3)
V := .venv
RUN := $(V)/bin/python
ARGS ?=

.PHONY: demo test check fuzz torture bench shots reference lock clean
.DEFAULT_GOAL := help

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(V)/.run: requirements.txt tools/environment.sh
	@sh tools/environment.sh "$(PY)" "$(V)" requirements.txt
	@touch $@

$(V)/.dev: requirements-dev.txt $(V)/.run
	@sh tools/environment.sh "$(PY)" "$(V)" requirements-dev.txt
	@touch $@ $(V)/.run

demo: $(V)/.run ## Everything on this machine with demo practices; ARGS="--port 8123 --data DIR"
	@exec $(V)/bin/unknot demo $(ARGS)

test: $(V)/.dev ## All tests, browser included
	@sh tools/browser.sh "$(RUN)"
	@$(RUN) -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(V)/.dev ## Format, lint, types, import contracts, migrations, templates, docs
	@sh tools/check.sh "$(V)/bin"

.venv-fuzz/.done: requirements-fuzz.txt
	@sh tools/environment.sh "$(PY)" .venv-fuzz requirements-fuzz.txt
	@touch $@

fuzz: $(V)/.run .venv-fuzz/.done ## Tries the API with broken and valid requests; ARGS="--max-examples 200 --as client"
	@$(RUN) tools/fuzz.py $(ARGS)

torture: $(V)/.dev ## Booking rig: 64 writers while everything dies; ARGS="--seconds 30 --control drop-constraint"
	@$(RUN) -m rigs.torture $(ARGS)

bench: $(V)/.dev ## Ratios in one run, written to bench.json
	@$(RUN) -m bench $(ARGS)

shots: $(V)/.dev ## Screenshots of every page of the loop, phone and desktop, into docs/images
	@sh tools/browser.sh "$(RUN)"
	@$(RUN) tools/screenshots.py $(ARGS)

reference: $(V)/.run ## Writes the table of calls in docs/reference/api.md anew
	@$(RUN) tools/api_routes.py

lock: ## Writes both lock files anew from requirements*.in (needs uv)
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate -p 3.11 requirements-dev.in -o requirements-dev.txt
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate -p 3.11 requirements.in -c requirements-dev.txt -o requirements.txt
	uv pip compile -q --universal --generate-hashes --no-header --no-annotate -p 3.11 requirements-fuzz.in -o requirements-fuzz.txt

clean: ## Removes the environment and caches, never data
	rm -rf $(V) .venv-fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis
