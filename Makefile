# Unified Storage: every command a user or a developer needs. `make` alone lists them.

MVN  := mvn -q
PORT ?= 8788
DATA ?= .data
SIZE ?= 20k
ARGS ?=
EMULATOR := emulator/target/unified-storage-emulator.jar
SOURCES  := $(shell find . -path ./node_modules -prune -o \( -path '*/src/main/*' -o -name pom.xml \) -type f -print | grep -v /target/)

.DEFAULT_GOAL := help
.PHONY: help run test format demo load clean

help: ## list every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(EMULATOR) ## start the emulator on http://127.0.0.1:8787, data in .data/ (ARGS="--port 9000 …")
	@exec java -jar $(EMULATOR) $(ARGS)

test: ## everything: format, unit, random worlds, TeaVM compile, conformance
	mvn verify

format: ## apply the code style
	$(MVN) spotless:apply

demo: $(EMULATOR) demo/node_modules ## replay real flights, kill, restart, verify (SIZE=20k or 200k)
	@exec java -jar demo/target/unified-storage-demo.jar --size $(SIZE) $(ARGS)

load: $(EMULATOR) ## the load generator (ARGS="load --help")
	@exec java -jar benchmark/target/unified-storage-benchmark.jar $(ARGS)

clean: ## remove what was built; data stays
	$(MVN) clean

$(EMULATOR): $(SOURCES)
	$(MVN) -DskipTests package
	@touch $(EMULATOR)

demo/node_modules: demo/package-lock.json
	npm ci --prefix demo --silent
	@touch demo/node_modules
