# The front door. `make demo` and `make test` set up everything they need in .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: help setup demo test coverage torture torture-access lint types format docs site image conform bench lock tools clean

help: ## Show this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## Make .venv with the locked dependencies and Keywright itself

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## The life of two keys, shown on the embedded AWS
	$(BIN)/keywright demo

test: $(STAMP) ## Every test
	$(BIN)/pytest -n 2 --dist worksteal

coverage: $(STAMP) ## Every test, with the coverage measured and held to the floor in pyproject.toml; slower than `make test`
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=term

torture: $(STAMP) ## Kill every command before and after each of its calls; more seeds of chance
	KEYWRIGHT_TORTURE=all $(BIN)/pytest -n 2 tests/faults/test_torture.py tests/faults/test_bad_weather.py \
		tests/proof/test_prover_fuzz.py tests/packaging/test_image.py

torture-access: $(STAMP) ## Hold who-can to brute force on 10,000 random organizations, to real requests on 100; an hour
	$(BIN)/python tools/torture_access.py
	KEYWRIGHT_ORGANISATIONS=100 $(BIN)/pytest tests/enforcement/test_who_can_is_true.py

conform: $(STAMP) ## Every gate on the module, and the verification card in build/card
	$(BIN)/python tools/stand_in_provider.py $(BIN)/keywright conform --out build/card $(CONFORM)

bench: $(STAMP) ## The benchmarks, each with its ratios; some minutes
	$(BIN)/python benchmarks/claims.py
	$(BIN)/python benchmarks/bulk.py
	$(BIN)/python benchmarks/policy_check.py
	$(BIN)/python benchmarks/fleet.py
	PYTHONPATH=tests $(BIN)/python benchmarks/rates.py
	$(BIN)/python benchmarks/access.py
	$(BIN)/python benchmarks/organisation.py --accounts 100 --keys 1000
	$(BIN)/python benchmarks/many_keys.py

docs: $(STAMP) ## Write the pages and the module's data that follow from the catalogue and the code
	$(BIN)/python -m keywright._internal.policy.module_data terraform/aws-kms
	$(BIN)/python -m keywright._internal.policy.pattern_pages docs/patterns.md
	$(BIN)/keywright policy findings --markdown > docs/findings.md
	$(BIN)/keywright errors --markdown > docs/errors.md
	$(BIN)/python -m keywright._internal.terraform.module_variables terraform/aws-kms
	$(BIN)/python -m keywright._internal.terraform.documentation terraform/aws-kms

site: $(STAMP) ## Build the documentation site into build/site
	$(BIN)/python tools/pictures.py docs/images
	$(BIN)/zensical build --strict --clean

image: $(STAMP) ## Build the container image into build/image and build/image.tar, without a container engine
	$(BIN)/python tools/image.py build/image

lint: $(STAMP) ## Formatting and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP) ## mypy --strict
	$(BIN)/mypy

format: $(STAMP) ## Format the code and fix what lint can fix by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(STAMP) ## Renew the hashed lock files
	$(COMPILE) requirements/dev.in -o requirements/dev.txt
	$(COMPILE) requirements/checkov.in -o requirements/checkov.txt
	$(COMPILE) --constraints requirements/dev.txt pyproject.toml -o requirements/run.txt
	$(COMPILE) --constraints requirements/dev.txt pyproject.toml --extra sandbox -o requirements/sandbox.txt

tools: ## Build OpenTofu and tflint where Go is, and install Checkov, all into .tools
	tools/build.sh

clean: ## Remove what the other targets made; .tools stays, it takes minutes to build
	rm -rf $(VENV) .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis build
