# make demo      the sample study and its report, from nothing
# make test      everything that is checked: style, types, tests
# Both set up what they need, once.  PYTHON=python3.12 names the Python that .venv is made with.

VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
PYTHON  ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
             $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)

# Named by the content of what decides the installation and by the place, so that a switch of branches installs nothing anew
# and a folder that was moved does.
INSTALLED      := $(VENV)/.installed-$(shell { pwd; cat pyproject.toml constraints.txt; } | cksum | cut -d' ' -f1)
TEST_INSTALLED := $(INSTALLED)-test
IS_ALIVE       := $(shell test -x $(BIN)/python && echo yes)

export PYTHONNOUSERSITE = 1

.PHONY: demo lab docs bench test test-tools soak lint pins clean always

demo: $(INSTALLED)
	@$(BIN)/workbench demo

lab: $(INSTALLED)
	@$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks

# The notebooks carry no outputs, so they are run on the way.
docs: $(INSTALLED)
	@ls notebooks/*.ipynb >/dev/null 2>&1 || { echo "There are no notebooks in notebooks/ to render."; exit 1; }
	@$(BIN)/jupyter nbconvert --log-level WARN --execute --to workbench --output-dir reports/docs notebooks/*.ipynb
	@echo "The pages are in reports/docs."

bench: $(TEST_INSTALLED) test-tools
	@$(BIN)/python -m tests.bench $(BENCH)

lint: $(TEST_INSTALLED)
	@$(BIN)/ruff check workbench tests datasets
	@$(BIN)/ruff format --check workbench tests datasets
	@$(BIN)/mypy

test: test-tools lint
	@$(BIN)/python -m pytest -q -n logical --maxprocesses 4 --dist loadfile -m "not soak"

soak: $(TEST_INSTALLED) test-tools
	@$(BIN)/python -m pytest -q -m soak || [ $$? -eq 5 ] # 5 is pytest's word for none

test-tools: $(TEST_INSTALLED)
	@$(BIN)/python tests/set_up_tools.py tools

# Every release that the index offers today and that fits together; run the tests before keeping it.
pins: $(TEST_INSTALLED)
	@$(BIN)/python tests/set_up_tools.py pins

$(INSTALLED): $(if $(IS_ALIVE),,always)
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON). Install Python 3.11 or newer, or name yours: make $(MAKECMDGOALS) PYTHON=…"; exit 1; }
	@"$(PYTHON)" tests/set_up_tools.py venv
	@echo "Installing workbench and what it stands on into $(VENV) (once, a minute or two) …"
	@$(PIP) install --upgrade pip --constraint constraints.txt
	@$(PIP) install --editable . --constraint constraints.txt --build-constraint constraints.txt
	@rm -f $(VENV)/.installed-* && touch $@

# The wheels let tests/test_wheel.py fill an empty environment without the network.
$(TEST_INSTALLED): $(INSTALLED)
	@echo "Installing what the tests need (once) …"
	@$(PIP) install --group dev --constraint constraints.txt
	@$(PIP) wheel . --wheel-dir $(VENV)/wheels --constraint constraints.txt --build-constraint constraints.txt
	@rm -f $(VENV)/wheels/ux_workbench-*.whl && touch $@

# demo-study stays: somebody may have worked in it.
clean:
	@rm -rf $(VENV) .bench .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist reports/docs tests/artefacts tests/node_modules
	@find workbench tests datasets -name __pycache__ -type d -prune -exec rm -rf {} +
