# make demo   set everything up and dub examples/scene.mp4 from English to Brazilian Portuguese (TO=es: to Spanish)
# make page   build the page of `rythmo serve`, after make demo; the other targets do it by themselves
# make test   set everything up and run the checks and tests
# make lock   pin what is installed now in requirements.lock
# make bench  measure against the other ways to do it, and write the tables of docs/benchmarks (an hour, a quiet machine)
.PHONY: demo page test check setup lock bench clean

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
	@$(PY) -m pytest -q -n auto --ignore=tests/plugin --cov=rythmo --cov=rythmo_bridge --cov-report=
	@# The service's tests end and kill processes at exact moments: they are not slowed down by measuring.
	@$(PY) -m pytest -q -n auto tests/plugin

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
