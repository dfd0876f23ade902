# Two commands do everything: make demo (HOMEWORKS=all for every homework), make test. Each makes .venv when it is missing.
PYTHON ?= python3
VENV := .venv/bin

.PHONY: demo test check bench format data

demo: .venv/installed data
	$(VENV)/python -m tests.end_to_end.demo

test: .venv/installed data
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/pytest --numprocesses 2 --dist loadfile

check: .venv/installed data
	$(VENV)/autograder build --check
	$(VENV)/autograder audit

data: .venv/installed
	$(VENV)/autograder data

bench: .venv/installed data
	$(VENV)/python -m tests.bench

format: .venv/installed
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name it: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(VENV)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[notebook,grading,test]'
	touch $@
