# The road from a fresh clone: `make build`, `make test`. Everything made here is git-ignored.
#
# Settings, by environment or on the command line:
#   SIZE=small|default|…       how large the demo world is
#   RAW_DIR=folder             build from (or check) your own raw files instead of the demo world
#   BASE=main                  the branch, tag or commit that make pr-check compares the working tree with
#   SEEDS=20                   worlds of each kind that make evaluate measures the detectors in (a minute each)
#   BENCH_SIZES=modest         how large make bench goes: modest (half an hour) or full (hours)
#   OUT=data/exports           where make export writes
#   CREDIT_SEEDS=2             demo worlds, beside the planted one, that it measures credit in (ten minutes each)
#   FEATURE_STORE_DB=file      the DuckDB file to build
#   PORT=8050                  where make open shows the dashboards
#   VERBOSE=1                  show each of dbt's lines instead of one line of progress
#   DBT_UTILS=auto|hub|compat  where dbt_utils comes from (tools/setup_packages.py)

SIZE ?= default
RAW_DIR ?=
BASE ?= main
SEEDS ?= 20
CREDIT_SEEDS ?= 2
OUT ?= data/exports
BENCH_SIZES ?= modest
PORT ?= 8050
DBT_UTILS ?= auto
PYTHON ?= $(or $(shell command -v python3.11 || command -v python3),python3.11)
DEFAULT_DB := data/feature_store.duckdb
export FEATURE_STORE_DB ?= $(DEFAULT_DB)
export DBT_UTILS
export VERBOSE
export DBT_SEND_ANONYMOUS_USAGE_STATS = False
export FEATURE_STORE_REVISION ?= $(shell git describe --always --dirty 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help build open summary status doctor hold release rollback override test soak lint query pr-check raw-check example evaluate bench drill expectations mutations export docs dashboards screenshots lock clean FORCE

DBT := .venv/bin/dbt
VENV := .venv/.lock-$(firstword $(shell cksum requirements.lock))
PACKAGES := $(or $(DBT_PACKAGES_INSTALL_PATH),dbt_packages)/.source
WORLD := data/demo/world.json
BUILT := target/.built

PACKAGE_FILES := packages.yml package-lock.yml tools/setup_packages.py $(shell find compat -type f)
DEMO_FILES := $(shell find tools/demo -name '*.py' 2>/dev/null)
DBT_FILES := dbt_project.yml $(shell find models macros seeds tests analyses python_models profiles \
	-type f -not -path 'tests/python/*' -not -name '*.pyc' 2>/dev/null)

help:  ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@awk '/^#   [A-Z_]+=/ { sub(/^#   /, "  "); print }' $(MAKEFILE_LIST)

build: $(BUILT)  ## Set up, make the demo data, build every table and print the summary
	@.venv/bin/python -m tools.summary

summary: $(VENV)  ## Print the summary of what was built in full
	@.venv/bin/python -m tools.summary --all

status: $(VENV)  ## Say what consumers read, whether the circuit breaker is open, and how the last builds went
	@.venv/bin/python -m tools.status

query: $(VENV)  ## Ask for metrics: METRICS="roas cpa" BY=channel ONLY=name=value FROM=day UNTIL=day, or SAVED=question; nothing: list them
	@.venv/bin/python -m tools.metrics $(METRICS) $(if $(BY),--by $(BY)) $(if $(ONLY),--only $(ONLY)) \
		$(if $(FROM),--from $(FROM)) $(if $(UNTIL),--until $(UNTIL)) $(if $(SAVED),--saved $(SAVED))

doctor:  ## Check the machine, versions, data, settings and the store, a line each with what to do
	@$(or $(wildcard .venv/bin/python),$(PYTHON)) -m tools.doctor $(if $(RAW_DIR),--raw-dir '$(RAW_DIR)')

# What dbt is told, as YAML: through the environment, so that a reason may hold any sign.
comma := ,
act = $(DBT) --quiet run-operation $@ --profiles-dir profiles --args "$$ACT"
quoted = '$(subst ','',$(1))'
hold release rollback override: export ACT = {reason: $(call quoted,$(REASON))$(if $(VERSION),$(comma) \
	version_id: $(call quoted,$(VERSION)))$(if $(CHECK),$(comma) check_name: $(call quoted,$(CHECK)))$(if \
	$(UNTIL),$(comma) valid_until: $(call quoted,$(UNTIL)))}
hold: $(VENV) $(PACKAGES)  ## Stop publishing; consumers keep what they have: REASON="…"
	@$(act)

release: $(VENV) $(PACKAGES)  ## Publish again, from the next good build on: REASON="…"
	@$(act)

rollback: $(VENV) $(PACKAGES)  ## Let consumers read an earlier version, and stop publishing: VERSION=id REASON="…"
	@$(act)

override: $(VENV) $(PACKAGES)  ## Let a tripped check pass: CHECK=name REASON="…" [UNTIL=time in the data]
	@$(act)

test: $(VENV) $(PACKAGES)  ## Run every test: dbt's on a small demo world, then Python's
	.venv/bin/python -m pytest tests/python -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

soak: $(VENV) $(PACKAGES)  ## Run the slow tests: increments in any split with kills, time travel, a drill and a pull request from end to end
	.venv/bin/python -m pytest tests/python -m slow

lint: $(VENV) $(PACKAGES)  ## Check the style of the SQL
	FEATURE_STORE_DB=:memory: .venv/bin/sqlfluff lint $(wildcard models tests analyses)

pr-check: $(VENV) $(PACKAGES)  ## Say what the working tree would change against BASE, as a Markdown comment
	.venv/bin/python -m tools.pr_check --base '$(BASE)'

raw-check: $(VENV) $(if $(RAW_DIR),,$(WORLD))  ## Check raw files against their contract before a load, and write the page
	.venv/bin/python expectations/run.py --raw $(or $(RAW_DIR),data/demo/raw)

example: $(VENV) $(PACKAGES)  ## Build from real public data: NAME=complete_journey or NAME=cookie_touches
	@test -n "$(NAME)" || { echo "Say which: make example NAME=complete_journey (or cookie_touches)"; exit 2; }
	.venv/bin/python examples/map_raw.py $(NAME)
	FEATURE_STORE_DB=data/examples/$(NAME)/feature_store.duckdb .venv/bin/python -m tools.progress --profiles-dir profiles \
		--vars '{"raw_dir": "data/examples/$(NAME)/raw"}'
	@FEATURE_STORE_DB=data/examples/$(NAME)/feature_store.duckdb .venv/bin/python -m tools.summary

evaluate: $(VENV) $(PACKAGES)  ## Measure credit and detectors against planted truth in worlds with fresh seeds, and write a report
	.venv/bin/python -m tools.evaluation.credit --seeds $(CREDIT_SEEDS) --first-seed 101
	.venv/bin/python -m tools.evaluation --seeds $(SEEDS)

bench: BENCH_EVENTS = $(if $(filter full,$(BENCH_SIZES)),1m$(comma)10m$(comma)100m,1m)
bench: $(VENV) $(PACKAGES)  ## Measure credit and identity against other packages, and whole builds, and write docs/benchmarks.md
	.venv/bin/python -m tools.bench credit --size $(BENCH_SIZES)
	.venv/bin/python -m tools.bench identity --size $(BENCH_SIZES)
	.venv/bin/python -m tools.bench build --what scale --sizes $(BENCH_EVENTS)
	.venv/bin/python -m tools.bench build --what day --sizes 1m
	.venv/bin/python -m tools.bench build --what project
	.venv/bin/python -m tools.bench floor --sizes $(BENCH_EVENTS)
	.venv/bin/python -m tools.bench report

drill: $(VENV) $(PACKAGES)  ## Feed poisoned batches to a good store, one by one: none may reach consumers
	.venv/bin/python -m tools.drill

expectations: $(BUILT)  ## Check what enters bronze and what leaves gold with great-expectations, and write its page
	.venv/bin/python expectations/run.py

mutations: $(VENV) $(PACKAGES)  ## Break chosen lines one at a time: the suite must notice each
	.venv/bin/python tools/mutation_check.py

export: $(VENV)  ## Write what consumers read as Parquet with a manifest, below OUT
	@.venv/bin/python -m tools.exports --out '$(OUT)'

docs: $(BUILT)  ## Write the documentation of every table, column and metric as one page, target/docs/index.html
	@echo "Reading the project and the store, about a minute …"
	@$(DBT) --quiet docs generate --profiles-dir profiles $(DBT_VARS)
	@.venv/bin/python tools/docs_site.py

# Pages show the store as it is; only one that is not there at all is built first.
dashboards open screenshots: $(VENV) $(if $(wildcard $(FEATURE_STORE_DB)),,$(BUILT))

dashboards:  ## Write the dashboards as static pages, target/dashboards/index.html
	@.venv/bin/python -m tools.dashboards

open:  ## Write the dashboards and show them on this machine: PORT=8050
	@.venv/bin/python -m tools.dashboards --serve --port '$(PORT)'

screenshots:  ## Photograph the dashboards for docs/dashboards.md, in Chromium
	@SCREENSHOTS=docs/dashboards .venv/bin/python -m pytest tests/python/test_dashboards.py -q -k screenshots

lock: $(VENV)  ## Pin requirements.in, and what it needs, with hashes into requirements.lock
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	.venv/bin/python -m venv "$$tools" && "$$tools/bin/pip" install --quiet uv && \
	"$$tools/bin/uv" pip compile --quiet requirements.in --output-file requirements.lock --python .venv/bin/python \
		--generate-hashes --no-strip-extras --no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock"

clean:  ## Remove what was built; .venv, and files of your own in data/, stay
	rm -rf target logs dbt_packages data/demo data/drill data/bench data/small data/.settings data/.small.lock $(DEFAULT_DB)*
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# The name of the stamp holds the checksum of the lock: another lock, another environment.
$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "This project needs Python 3.11: install it, or name it with make build PYTHON=…")'
	@echo "Setting up .venv with what requirements.lock names: a minute, the first time"
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@

$(PACKAGES): $(PACKAGE_FILES) $(if $(filter-out auto,$(DBT_UTILS)),FORCE) | $(VENV)
	@.venv/bin/python tools/setup_packages.py

# Settings that files depend on are kept in a file, rewritten only when they change.
define keep_settings
	@mkdir -p $(@D)
	@echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
endef

data/.settings: FORCE
	$(call keep_settings,SIZE=$(SIZE))

target/.settings: FORCE
	$(call keep_settings,FEATURE_STORE_DB=$(FEATURE_STORE_DB) RAW_DIR=$(RAW_DIR))

$(WORLD): $(DEMO_FILES) data/.settings | $(VENV)
	@.venv/bin/python -m tools.demo --size $(SIZE) --out data/demo

# Your own files may have changed without our knowing, so they are always read again.
ifdef RAW_DIR
DBT_VARS := --vars '{"raw_dir": "$(RAW_DIR)"}'
RAW_FILES := FORCE
else
RAW_FILES := $(WORLD)
endif

$(BUILT): $(VENV) $(PACKAGES) $(RAW_FILES) $(DBT_FILES) target/.settings $(if $(wildcard $(FEATURE_STORE_DB)),,FORCE)
	@mkdir -p $(dir $(FEATURE_STORE_DB))
	@.venv/bin/python -m tools.progress --profiles-dir profiles $(DBT_VARS); built=$$?; \
	.venv/bin/python -m tools.alerts --exit-code $$built; alerted=$$?; \
	exit $$(( built ? built : alerted ))
	@touch $@
