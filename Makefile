# Storekeeper. `make` alone says what there is. Needs Python 3.11, 3.12 or 3.13 and nothing else to begin with.

VENV   ?= .venv
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c "" 2>/dev/null && echo $$p && break; done)
BIN    := $(VENV)/bin
ARGS   ?=

# Kivy draws with these; a demo without them goes on without its touch screen.
KIOSK_PACKAGES := libgl1 libegl1 libxrender1 libmtdev1
# The kiosk reads aloud with the first, through the second; without them it is silent and works all the same.
VOICE_PACKAGES := espeak-ng alsa-utils
# pyzbar's library, the camera scanner's second opinion.
CAMERA_PACKAGES := libzbar0
TEST_PACKAGES  := apt-utils gpg mosquitto chromium prometheus fonts-noto-cjk fonts-freefont-ttf tesseract-ocr tesseract-ocr-chi-sim xvfb umockdev libfaketime faketime pebble restic \
                  $(shell command -v npm >/dev/null || echo npm)
# Draws the same pages for half the work; where there is none, Chromium does it.
SHELL_PACKAGES  = $(shell apt-cache show chromium-headless-shell >/dev/null 2>&1 && echo chromium-headless-shell)
# A bare Debian is made and booted.
INSTALL_PACKAGES := debootstrap systemd-container
# wrk makes the load; Node.js runs the peer, Node-RED.
# Where Node.js is not Debian's, it brings its own npm, which Debian's would conflict with.
BENCH_PACKAGES := mosquitto wrk $(shell command -v node >/dev/null || echo nodejs) $(shell command -v npm >/dev/null || echo npm)

# Some images forbid compiled modules: hundreds of processes that a test starts would compile the same ones.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check shape bench clean lock wheel deb repo release

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  More for one command: make demo ARGS="--shoppers 20", make test ARGS="-k cart"'

demo: $(VENV)/.demo ## Open a whole store on this machine; it prints one address
	@sh .ci/packages.sh demo $(KIOSK_PACKAGES) $(VOICE_PACKAGES) $(CAMERA_PACKAGES)
	@$(BIN)/storekeeper demo $(ARGS)

test: $(VENV)/.dev ## Run the tests on real parts, the quick ones first
	@sh .ci/packages.sh test $(KIOSK_PACKAGES) $(VOICE_PACKAGES) $(CAMERA_PACKAGES) $(TEST_PACKAGES) $(SHELL_PACKAGES)
	@$(BIN)/pytest -m "not bench" -n 4 --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(ARGS)

test-all: $(VENV)/.dev ## Run the tests with 1,000 rounds of killed processes: hours
	@sh .ci/packages.sh test $(KIOSK_PACKAGES) $(VOICE_PACKAGES) $(CAMERA_PACKAGES) $(TEST_PACKAGES) $(SHELL_PACKAGES)
	@sh .ci/packages.sh test $(INSTALL_PACKAGES)
	@STOREKEEPER_ROUNDS=1000 $(BIN)/pytest -m "not bench" --timeout 36000 $(ARGS)

check: $(VENV)/.dev ## Check format, rules, types and who imports whom: under a minute
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

shape: $(VENV)/.dev ## Count what the code is like, beside the code bases that it follows
	@$(BIN)/python -m tests.shape $(ARGS)

bench: $(VENV)/.dev ## Measure, each figure beside a floor of the same run, into docs/benchmarks.md
	@sh .ci/packages.sh bench $(BENCH_PACKAGES)
	@$(BIN)/python -m tests.bench $(ARGS)

wheel: $(VENV)/.dev ## Build the wheel: it carries the example store and runs its demo
	@$(BIN)/python -m release.wheel

deb: $(VENV)/.dev ## Build the Debian packages into dist/; SUITE=trixie and ARCH=arm64 choose others
	@umask 022 && SUITE="$(SUITE)" ARCH="$(ARCH)" $(BIN)/python -m release.deb

repo: $(VENV)/.dev ## Build and sign an apt repository of the packages in dist/; SIGNING_KEY names the key
	@sh .ci/packages.sh test apt-utils gpg
	@umask 022 && $(BIN)/python -m release.repo

release: $(VENV)/.dev ## Build wheel, packages, list of parts and checksums, and sign them with SIGNING_KEY
	@umask 022 && SUITE="$(SUITE)" ARCH="$(ARCH)" $(BIN)/python -m release.signing

lock: ## Choose the newest versions that fit and pin them (needs uv)
	uv pip compile -q -U $(LOCK) --extra all --extra build pyproject.toml -o requirements.lock
	uv pip compile -q -U $(LOCK) --extra all --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean: ## Remove what can be made again; the demo's data in data/ stays
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# What is installed is exactly what the lock names, each file proven by its hash. The stamp says which lock it was.
$(VENV)/.demo: requirements.lock pyproject.toml | $(BIN)/python
	@if [ ! -e $(VENV)/.dev ]; then sh .ci/install.sh $(VENV) requirements.lock; fi
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@sh .ci/install.sh $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.demo

$(BIN)/python:
	@sh .ci/venv.sh "$(PYTHON)" $(VENV)
