# Every command sets up what it needs in a virtual environment of its own, with locked versions.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
JOBS ?= 2
ENOUGH := import sys; sys.exit("Python 3.11 or newer is needed; name one: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)

.DEFAULT_GOAL := help
.PHONY: help demo setup page check test deep coverage mutants bench docs pictures lock

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

$(BIN)/uv:
	@$(PYTHON) -c '$(ENOUGH)'
	@echo "Setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check uv

# uv is quick, but reads none of pip's settings (mirrors, certificates): where it fails, pip installs the same lock.
install = $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps $(1) \
	|| $(BIN)/pip install -qq --disable-pip-version-check --no-deps $(1)

$(VENV)/.demo: requirements-demo.lock pyproject.toml | $(BIN)/uv
	@$(call install,--require-hashes -r requirements-demo.lock)
	@$(call install,--editable .)
	@touch $@

$(VENV)/.locked: requirements.lock pyproject.toml | $(BIN)/uv
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--editable .)
	@touch $@ $(VENV)/.demo

# Older releases of dbt-core, and dbt for Apache Spark, that generated projects are held against: each in an environment
# of its own.
DBT_RELEASES := 1.10 1.11

.venv-dbt%/.locked: tests/dbt_releases/%.lock | $(BIN)/uv
	@echo "Setting up .venv-dbt$* (once)"
	@$(PYTHON) -m venv .venv-dbt$*
	@$(BIN)/uv pip install --quiet --python .venv-dbt$*/bin/python --no-deps --require-hashes -r $< \
		|| .venv-dbt$*/bin/pip install -qq --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

demo: $(VENV)/.demo ## make a shop database and turn it into a built dbt project, in demo/
	@$(BIN)/cartridge demo $(DEMO)

setup: $(VENV)/.locked ## make the virtual environment with everything in it

PAGE := src/cartridge/review/page/page.js

$(PAGE): frontend/package-lock.json frontend/build.mjs $(wildcard frontend/src/*) | $(VENV)/.locked
	@echo "Building the review page"
	@$(BIN)/python frontend/bundle.py

page: setup $(PAGE) ## build the page of `cartridge review`, which every wheel has, from frontend/

check: setup ## format, lint, strict types, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: page ## every kind of test, at a fixed sample
	$(BIN)/pytest -n $(JOBS) --dist loadfile -m "not deep"

deep: page $(DBT_RELEASES:%=.venv-dbt%/.locked) .venv-dbtspark/.locked ## every test in full, with Spark and older dbt
	CARTRIDGE_DEEP=1 $(BIN)/pytest -n $(JOBS) --dist loadfile

coverage: page ## lines and branches of plan/, render/ and apply/ that tests run through: 95 % of each; goes to bench/trust.md
	$(BIN)/pytest -q -n $(JOBS) --dist loadfile -m "not deep" --cov --cov-report= tests/unit tests/real/test_trust_round_trip.py
	$(BIN)/python bench/covered.py

mutants: setup ## mutation testing of the gate and the YAML merge; goes on where it stopped; the score goes to bench/trust.md
	$(BIN)/mutmut run --max-children $(JOBS)
	$(BIN)/python bench/mutants.py

bench: page ## quality beside the baselines, and growth; the tables go to bench/results.md and the README
	$(BIN)/python bench/run.py

docs: setup ## the reference written from the code, and the pages as a site in site/
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

pictures: page ## the pictures in docs/images, out of what the browser tests see
	rm -rf build/screenshots && mkdir -p build/screenshots
	CARTRIDGE_SCREENSHOTS=build/screenshots $(BIN)/pytest -q tests/real/test_review_views.py tests/real/test_mermaid.py \
		"tests/real/test_review_page.py::test_a_reviewers_whole_way[20-built]"
	$(BIN)/python docs/pictures.py build/screenshots

lock: setup ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra duckdb --extra dbt -c requirements.lock --generate-hashes \
		--no-emit-index-url --no-header --python-version 3.11 -q -o requirements-demo.lock
	@for release in $(DBT_RELEASES); do \
		printf 'dbt-core==%s.*\ndbt-duckdb\n' $$release | $(BIN)/uv pip compile - --generate-hashes --no-emit-index-url \
			--no-header --python-version 3.11 -q -o tests/dbt_releases/$$release.lock || exit 1; \
	done
	@printf 'dbt-core==1.12.*\ndbt-spark[session]\npyspark\n' | $(BIN)/uv pip compile - --generate-hashes \
		--no-emit-index-url --no-header --python-version 3.11 -q -o tests/dbt_releases/spark.lock
