# Unified Storage: every command a user or a developer needs. `make` alone lists them.

MVN  := mvn -q
NODE := node_modules/.bin/node
PORT ?=
DATA ?=
PIPELINE_URL ?= http://127.0.0.1:8787/pipelines/events
CORE ?= js
VARS ?=
VARS_FILE ?=
SIZE ?= 20k
SEEDS ?= 2000
SEED ?=
KEEP ?=
MINUTES ?= 10
TARGET ?= all
TRACES ?= 10000
RATE ?=
ARGS ?=

EMULATOR  := emulator/target/unified-storage-emulator.jar
DEMO      := demo/target/unified-storage-demo.jar
SIMULATION := simulation/target/unified-storage-simulation.jar
BENCHMARK := benchmark/target/unified-storage-benchmark.jar
# What is missing is said in one line, before anything is built.
needs = @MVN="$(MVN)" sh scripts/needs.sh

sources = $(shell find pom.xml $(1) -path '*/target' -prune -o \( -path '*/src/main/*' -o -name pom.xml \) -type f -print)

.DEFAULT_GOAL := help
.PHONY: needs-run needs-demo needs-worker needs-workerd help run test release-check packages docs api coverage format demo worker workerd deploy-check sim sim-soak fuzz attack chaos differential bench cost jmh core-cost load clean

help: ## list every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

needs-run:
	$(needs) jdk maven $(if $(findstring --port,$(ARGS)),,port=$(or $(PORT),8787))

run: needs-run $(EMULATOR) ## start the emulator on http://127.0.0.1:8787, data in .data/ (PORT=8787 DATA=.data ARGS="--set …")
	@exec java -jar $(EMULATOR) $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA)) $(ARGS)

test: node_modules demo/node_modules ## everything: style, unit tests, random worlds, both compiled cores, conformance on all targets
	npm run --silent lint
	rm -rf */target/maven-status # so that Error Prone sees what is compiled already
	$(filter-out -q,$(MVN)) -T 3 -Derrorprone verify
	@$(NODE) docs/dependencies.mjs
	CORE_BUILT=1 npm run --silent build
	CORE_BUILT=1 npm test --silent
	npm run --silent types
	@CORE_BUILT=1 $(MAKE) --no-print-directory release-check

release-check: $(EMULATOR) node_modules ## stage every package in target/ as for a release, and run projects that have nothing else
	rm -rf target/maven-repository
	$(MVN) -Prelease -DskipTests -DskipProgram -Dmaven.install.skip -pl bom,client,junit5 -am deploy -DaltDeploymentRepository=build::file:$(CURDIR)/target/maven-repository
	cd examples/junit && $(MVN) test
	npm run --silent release-check

packages: needs-worker node_modules ## the npm packages as tarballs in target/npm, for a project elsewhere
	@rm -rf target/npm && mkdir -p target/npm
	@npm pack --silent --pack-destination target/npm $(addprefix --workspace=,iceberg-reader-js js-glue client-js)

docs: $(EMULATOR) node_modules demo/node_modules ## check the documents: links, names, and what they show runs (release-check follows the packages' own)
	@npm run --silent build
	@$(NODE) docs/api.mjs
	@$(NODE) --test $(addprefix js-glue/test/,links.test.mjs packages.test.mjs snippets.test.mjs components-guide.test.mjs seed-table.test.mjs) \
	  examples/test/readme.test.mjs examples/test/moving.test.mjs
	@$(MVN) -pl core,client,junit5 -am -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dtest='ReferencePagesTest,RoutesPageTest,StatsTest,CommandLineTest,ReadmeTest,Guide*Test,ComponentsGuideTest,Api*Test' test
	@$(MVN) -Dbuilt -pl demo -am -Dtest=ArchiveQueryTest -Dsurefire.failIfNoSpecifiedTests=false test
	@$(MVN) -pl client,driver,conformance -Dtarget=emulator -Dtest=ReferenceTest -Dsurefire.failIfNoSpecifiedTests=false verify

api: node_modules ## write docs/api anew, what the packages export, and the table of metrics: make test holds the code against both
	@$(NODE) docs/api.mjs --write
	@$(MVN) -pl junit5 -am -Dtest=ApiReportTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.write=true test
	@$(MVN) -pl core -Dtest=StatsTest -Dmetrics.write=true test

sim: $(SIMULATION) ## random worlds that try to break the store (SEEDS=2000; SEED=n repeats one)
	@exec java -jar $(SIMULATION) seeds=$(SEEDS) seed=$(SEED) keep=$(KEEP)

sim-soak: $(SIMULATION) ## random worlds for some time, with figures (MINUTES=10)
	@exec java -jar $(SIMULATION) minutes=$(MINUTES)

fuzz: $(SIMULATION) ## hostile messages for some time (MINUTES=10)
	@exec java -jar $(SIMULATION) fuzz=$(MINUTES)

# A class of conformance that is no part of the suite, on each target: $(call soak,class,its properties' beginning)
define soak
	@npm run --silent build
	@for target in $(if $(filter all,$(TARGET)),emulator workerd_js workerd_wasm,$(TARGET)); do \
	  $(MVN) -pl client,driver,conformance -Dtarget=$$target -Dtest=$(1) -Dsurefire.failIfNoSpecifiedTests=false \
	    -D$(2).minutes=$(MINUTES) $(if $(SEED),-D$(2).seed=$(SEED)) $(if $(RATE),-D$(2).rate=$(RATE)) verify || exit 1; \
	done
endef

chaos: $(EMULATOR) node_modules ## SIGKILL, evictions and Pipeline faults under load (MINUTES=10 a target, TARGET=all|emulator|workerd_js|workerd_wasm, SEED=)
	$(call soak,ChaosSoak,chaos)

attack: $(EMULATOR) node_modules ## hostile clients beside one that is not, and what a flood does to another's latency (MINUTES=10 a target, TARGET=all|…, SEED=, RATE=)
	$(call soak,AttackSoak,attack)

differential: node_modules ## random traces on the JVM and on both compiled cores (TRACES=10000 SEED=)
	@npm run --silent build
	@$(MVN) -pl core,jvm-ports -Dtest=DifferentialTest -Dsurefire.failIfNoSpecifiedTests=false -Ddifferential.traces=$(TRACES) \
	  "-Ddifferential.replayer=$(CURDIR)/$(NODE) --no-warnings $(CURDIR)/js-glue/test/replayer.mjs" \
	  $(if $(SEED),-Ddifferential.seed=$(SEED)) test

coverage: ## how much of core its own tests run; the report is core/target/site/jacoco/index.html
	$(MVN) -Pcoverage -pl core verify
	@awk -F , 'NR > 1 { bm += $$6; bc += $$7; lm += $$8; lc += $$9 } \
	  END { printf "core, by its own tests: %.1f%% of %d lines, %.1f%% of %d branches\n", \
	    100 * lc / (lm + lc), lm + lc, 100 * bc / (bm + bc), bm + bc }' core/target/site/jacoco/jacoco.csv

format: node_modules ## apply the code style
	$(MVN) spotless:apply
	npm run --silent format

needs-demo:
	$(needs) size=$(SIZE) jdk maven node

demo: needs-demo $(EMULATOR) $(DEMO) demo/node_modules ## replay real flights, kill -9, restart, verify (SIZE=2k, 20k or 200k)
	@exec java -jar $(DEMO) --size $(SIZE) $(ARGS)

needs-worker:
	$(needs) jdk maven node

worker: needs-worker node_modules ## wrangler dev for the Worker, its Pipeline and archive the emulator's (make run)
	@npm run --silent dev

needs-workerd:
	$(needs) core=$(CORE) jdk maven node port=$(or $(PORT),8788)

workerd: needs-workerd node_modules ## the Worker's bundle in real workerd (PORT= DATA= PIPELINE_URL= CORE=js|wasm VARS="NAME=value …" VARS_FILE=path)
	@npm run --silent build
	@exec $(NODE) worker/scripts/workerd.mjs --port $(or $(PORT),8788) --data $(or $(DATA),.data/workerd) --pipeline-url $(PIPELINE_URL) --core $(CORE) $(if $(VARS_FILE),--vars-file $(VARS_FILE)) $(VARS)

deploy-check: node_modules ## wrangler deploy --dry-run of both compiled forms; prints raw and gzip size
	@npm run --silent deploy-check

bench: $(EMULATOR) $(BENCHMARK) node_modules benchmark/node_modules ## the store beside hand-written objects and libraries, in one run; writes the documents' tables (ARGS=--quick)
	@npm run --silent build
	@$(NODE) benchmark/workers/bench.mjs $(ARGS)

cost: $(BENCHMARK) node_modules ## what a day costs, simulated; writes the documents' tables (ARGS="--minutes 60")
	@java -jar $(BENCHMARK) cost $(ARGS)
	@$(NODE) benchmark/workers/cost-report.mjs

jmh: ## the core's hot paths on the JVM (ARGS="create -f 3": JMH's own)
	$(MVN) -Pjmh -DskipTests -pl benchmark -am package
	@java -jar benchmark/target/jmh/unified-storage-jmh.jar $(ARGS)

core-cost: node_modules ## what a message costs in the compiled cores, beside hand-written JavaScript
	@npm run --silent build
	@$(NODE) benchmark/workers/core-cost.mjs $(ARGS)

load: $(EMULATOR) $(BENCHMARK) ## the load generator (ARGS="load --url …"; ARGS=--help)
	@exec java -jar $(BENCHMARK) $(ARGS)

clean: ## remove what was built; data stays
	$(MVN) clean

$(EMULATOR): $(call sources,core jvm-ports iceberg emulator)
	$(MVN) -DskipTests -pl emulator -am package
	@touch $@

$(DEMO): $(call sources,client driver demo)
	$(MVN) -DskipTests -Dbuilt -pl demo -am package
	@touch $@

$(SIMULATION): $(call sources,core jvm-ports simulation)
	$(MVN) -DskipTests -pl simulation -am package
	@touch $@

$(BENCHMARK): $(call sources,core jvm-ports driver benchmark)
	$(MVN) -DskipTests -pl benchmark -am package
	@touch $@

node_modules: package-lock.json
	npm ci --silent
	@touch $@

benchmark/node_modules: benchmark/package-lock.json
	npm ci --prefix benchmark --silent
	@touch $@

demo/node_modules: demo/package-lock.json
	npm ci --prefix demo --silent
	@touch $@
