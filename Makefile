# Two commands do everything: make demo (HOMEWORKS=all for every homework), make test. Each makes .venv when it is missing.
PYTHON ?= python3
VENV := .venv/bin

TESTS := $(VENV)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: demo test quick check mutants bench format data site

demo: .venv/installed data
	$(VENV)/python -m tests.end_to_end.demo

test: .venv/installed data
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(TESTS)

# What needs no sandbox, browser, database or training: run it after every change.
quick: .venv/installed data
	$(TESTS) -m "not (sandbox or browser or database or training or slow or gpu)"

# The homeworks: built files against a fresh build, checks against their variants. What is known and unchanged isn't run again.
check: .venv/installed data
	$(VENV)/autograder audit --check
	$(VENV)/autograder build --check

# Do the tests of the heart fail when the heart is wrong?
mutants: .venv/installed
	$(VENV)/python -m tests.mutants $(ONLY)

data: .venv/installed
	$(VENV)/autograder data

# The course as pages to read, in site/: open site/index.html.
site: .venv/installed
	$(VENV)/autograder site

bench: .venv/installed data
	$(VENV)/python -m tests.bench

format: .venv/installed
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name it: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(VENV)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[notebook,grading,marking,site,test]'
	touch $@
