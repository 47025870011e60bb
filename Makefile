# `make run` and `make test` each do all of their own set-up; neither needs the other.
# PYTHON=python3.12 names another interpreter, ARGS="..." goes to what is run.
# WORKERS=0 runs the tests one after another, in one process: what a debugger wants.

TEST := .venv-test
TEST_EXTRAS := test,plot,train,synth,backbone
# Twice as many as cores: many tests wait for a sound server's real time.
WORKERS ?= $(shell expr 2 '*' $$(nproc))
PACKAGES := daemon models synth training

# What hangs on a developer's shell must not decide what is imported.
unexport PYTHONPATH
unexport PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help run test lint format types bench bench-quick fuzz soak latency clean environment-test

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

run: ## set up what listening needs, and listen (ARGS="--model NAME ...")
	@bash .ci/stage "PortAudio, and its way to PulseAudio or PipeWire" \
		bash .ci/system-packages --optional libportaudio2 libasound2-plugins
	@bash .ci/stage "the environment .venv-run" bash .ci/environment .venv-run plot
	@.venv-run/bin/wakeful listen --or-demo $(ARGS)

test: environment-test lint types ## set up, build, lint, type-check, and test the installed wheel (ARGS="-k ring")
	@echo "-- the tests, on the installed wheel"
	@$(TEST)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

environment-test:
	@bash .ci/stage "the sound server that tests play into" \
		bash .ci/system-packages --optional libportaudio2 libasound2-plugins
	@bash .ci/system-packages --optional pulseaudio pulseaudio-utils espeak-ng flite libzmq3-dev systemd faketime
	@bash .ci/stage "the browser in which tests open reports" \
		bash .ci/system-packages --optional chromium
	@bash .ci/stage "the environment $(TEST) (the first time, TensorFlow comes with it)" \
		bash .ci/environment $(TEST) $(TEST_EXTRAS)

lint: environment-test ## ruff, over everything
	@bash .ci/stage "ruff check" $(TEST)/bin/ruff check --quiet .
	@bash .ci/stage "ruff format --check" $(TEST)/bin/ruff format --quiet --check .

types: environment-test ## mypy --strict, over the four packages and the tests
	@bash .ci/stage "mypy --strict" bash .ci/types $(TEST)

format: environment-test ## put the sources in the one form that lint accepts
	@$(TEST)/bin/ruff check --quiet --fix .
	@$(TEST)/bin/ruff format .

bench: ## measure against the peers, in an environment of its own
	@bash .ci/stage "the environment .venv-bench" bash .ci/environment .venv-bench bench,plot,synth
	@bash .ci/stage "one for the peer that needs numpy 1" \
		bash .ci/numpy-1 .venv-bench-numpy1 tests/bench/numpy-1.txt
	@.venv-bench/bin/python tests/bench/run.py --page docs/benchmarks.md $(ARGS)

bench-quick: environment-test ## in two minutes: is this tree slower than the last release?
	@$(TEST)/bin/python tests/bench/quick.py $(ARGS)

fuzz: environment-test ## throw broken input at whatever reads any, for some minutes (ARGS="--seconds 60")
	@bash .ci/stage "atheris, where it has a wheel" bash .ci/optional $(TEST) atheris
	@$(TEST)/bin/python tests/fuzz/hunt.py $(ARGS)

soak: environment-test ## a day of sound at full speed through the daemon, figures to docs/soak.md
	@$(TEST)/bin/python tests/bench/soak.py --page docs/soak.md $(ARGS)

latency: environment-test ## from the word to a subscriber's hands, figures to docs/latency.md
	@$(TEST)/bin/python tests/bench/latency.py --page docs/latency.md $(ARGS)

clean: ## remove the environments, the caches and what was built
	@rm -rf .venv-run .venv-test .venv-bench .venv-bench-numpy1 .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		build dist wakeful.egg-info
	@find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
