# make demo: install and optimise two bundled kernels. make test: lint, types, tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 4 ] && echo $$n || echo 4)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Python reads the path of an editable install in the locale's encoding; it may hold any letters.
export LC_ALL := C.UTF-8

.PHONY: demo test lint types bench wheel clean

demo: $(VENV)/.installed
	@$(BIN)/kernelgepa demo

test: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(JOBS) --dist worksteal

bench: $(VENV)/.installed
	@$(PIP) --requirement benchmarks/requirements.txt
	$(BIN)/python -m benchmarks

wheel: $(VENV)/.tested
	$(BIN)/python -m build --wheel --no-isolation

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kernelgepa needs Python 3.11 or newer, found " + sys.version.split()[0] + "; run make PYTHON=python3.12 or similar")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed tests/requirements.txt
	@$(PIP) --requirement tests/requirements.txt
	@touch $@

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache
