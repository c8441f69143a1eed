# `make` alone lists what there is. Everything runs in .venv, which is made on first use from any Python
# 3.11 to 3.13 that is found; `make PYTHON=/where/it/is/python3.12 ...` chooses one.

VENV := .venv
BIN := $(VENV)/bin
PYTHONS := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --no-compile --quiet --constraint constraints.txt
PACKAGING := setup.py pyproject.toml constraints.txt keras_classic_cnns/version.py
# pip would compile all files of all packages, for more than a minute. Python compiles those that it imports, and is to
# keep them.
unexport PYTHONDONTWRITEBYTECODE

# Test processes side by side; 0 runs the tests in one process, which debuggers need.
JOBS ?= 2
PYTEST = $(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile
# All tests, or those that ARGS names. All come in two goes: of the nets that the conformance suite
# builds, a process keeps gigabytes until it ends.
define run_tests
$(if $(ARGS),$(PYTEST) $(1) $(ARGS),$(PYTEST) $(1) tests/conformance && $(PYTEST) $(1) --ignore=tests/conformance)
endef
SLOW_FOLDERS := cli conformance export training
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.PHONY: help quickstart test test-quick test-all lint format stubs models-page docs constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

quickstart: $(VENV)/demo.stamp ## train, evaluate, export and serve ResNet20 on real images, offline, in minutes
	@$(BIN)/python scripts/quickstart.py

test: lint ## what CI runs: lint, format, and every test but the exhaustive ones
	$(call run_tests,-m "not exhaustive")

test-quick: $(VENV)/test.stamp ## the inner loop, under three minutes: no cli, conformance, export, training
	$(PYTEST) -m "not exhaustive" $(SLOW_FOLDERS:%=--ignore=tests/%) $(ARGS)

test-all: lint ## every test, the exhaustive ones too
	$(call run_tests)

lint: $(VENV)/test.stamp ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/test.stamp ## ruff: mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

stubs: $(VENV)/test.stamp ## write the type stub of the constructors anew, after one was added
	$(BIN)/python scripts/write_stubs.py

models-page: $(VENV)/test.stamp ## write docs/models.md and docs/weights.md anew, after a change of architectures or of public weights
	$(BIN)/python scripts/write_models_page.py
	$(BIN)/python scripts/write_weights_page.py

docs: $(VENV)/docs.stamp ## build the documentation as web pages in site/
	$(BIN)/mkdocs build --strict

constraints: $(VENV)/created.stamp ## renew constraints.txt; use the oldest Python, whose versions suit the others
	$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --report build-report.json ".[test]"
	@grep '^#' constraints.txt > constraints.new
	@$(BIN)/python -c 'import json; found = [p["metadata"] for p in json.load(open("build-report.json"))["install"]]; \
	  print(*sorted(m["name"].lower().replace("_", "-") + "==" + m["version"] for m in found \
	  if m["name"] != "keras-classic-cnns"), sep="\n")' >> constraints.new
	@mv constraints.new constraints.txt && rm build-report.json

clean: ## remove the environment, caches and builds (not your runs)
	rm -rf $(VENV) build dist site *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/created.stamp:
	@for python in $(PYTHONS); do \
	  if $$python -c '$(SUPPORTED)' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "keras-classic-cnns needs Python 3.11, 3.12 or 3.13. Tried: $(PYTHONS)." >&2; \
	  echo "Install one of them, or say where it is: make PYTHON=/where/it/is/python3.12 $(MAKECMDGOALS)" >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$found --version)."; \
	$$found -m venv --clear $(VENV) || { \
	  echo "The module venv is missing. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	}
	@touch $@

$(VENV)/demo.stamp $(VENV)/test.stamp $(VENV)/docs.stamp: $(VENV)/%.stamp: $(VENV)/created.stamp $(PACKAGING)
	@echo "Installing the package with [$*] into $(VENV): 3 GB on disk, some minutes the first time."
	@$(INSTALL) --editable ".[$*]"
	@touch $@
