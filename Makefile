# make demo   set everything up and dub examples/scene.mp4 from English to Brazilian Portuguese (TO=es: to Spanish)
# make page   build the page of `rythmo serve`, after make demo; the other targets do it by themselves
# make test   set everything up and run the checks and tests
# make bench  measure against the other ways to do it, and write the tables of docs/benchmarks (an hour, a quiet machine)
.PHONY: demo page test check setup bench clean

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
	@$(PY) -m pytest -q -n auto

check:
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

setup:
	@sh tools/setup.sh test

bench: setup
	@.venv/bin/uv pip install --quiet --python $(PY) --group benchmark
	@$(PY) -m benchmarks

clean:
	rm -rf .venv demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
