# make demo   set everything up and dub examples/scene.mp4 from English to Brazilian Portuguese (TO=es: to Spanish)
# make page   build the page of `rythmo serve`, after make demo; the other targets do it by themselves
# make test   set everything up and run the checks and tests
# make coverage   run the tests of core and bridge again, and measure how much of both they run
# make lock   pin what is installed now in requirements.lock
# make bench  measure against the other ways to do it, and write the tables of docs/benchmarks (an hour, a quiet machine)
.PHONY: demo page test coverage check setup lock bench clean

PY := .venv/bin/python
# The language that `make demo` dubs to.
TO ?= pt-br

demo:
	@sh tools/setup.sh demo $(TO)
	@$(PY) -m rythmo dub examples/scene.mp4 --from en --to $(TO) --out demo

page:
	@$(PY) tools/build_page.py

test:
	@sh tools/setup.sh test
	@$(MAKE) --no-print-directory check
	@# Each process takes a stretch of neighbouring tests, so that what they share is made once.
	@$(PY) -m pytest -q -n auto --dist worksteal

# Apart from the tests: to measure makes them half as slow again, and those of the service kill processes at exact
# moments.
coverage: setup
	@$(PY) -m pytest -q -n auto --dist worksteal --ignore=tests/plugin --cov=rythmo --cov=rythmo_bridge --cov-report=term:skip-covered

check:
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

setup:
	@sh tools/setup.sh test

lock: setup
	@echo "# What CI ran with (Python 3.11, Linux): made by \`make lock\`, and handed to uv as constraints by tools/setup.sh." >requirements.lock
	@.venv/bin/uv pip freeze --exclude-editable --python $(PY) | grep -viE '^(pip|setuptools|uv)==' >>requirements.lock

bench: setup
	@.venv/bin/uv pip install --quiet --python $(PY) --group benchmark
	@$(PY) -m benchmarks

clean:
	rm -rf .venv demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
